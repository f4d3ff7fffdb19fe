"""Passwords: drawn, hashed by argon2id, and checked beside the loop, by so many at a time.

The parameters are OWASP's for argon2id (password storage cheat sheet: 19 MiB, two passes, one
lane). A list in which a hash has others is refused, so that every check costs the same.
"""

import asyncio
import os
import secrets
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Annotated, TypeAlias

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError
from msgspec import Meta

from openprep.people.codes import SignInCode, SignInRefused

PasswordHash: TypeAlias = Annotated[
    str,
    Meta(pattern=r"^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}\Z"),
]
"""What argon2id made of a password, with exactly these parameters."""

_HASHER = PasswordHasher(
    time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for another on paper: i, l, o, 0, 1."""

_GROUPS, _IN_A_GROUP = 3, 4
"""Twelve of 31: 59 bits, beyond guessing even for who has the hash."""

_LONGEST = 100


def draw_password() -> str:
    """A new password, in groups to be read from paper."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_IN_A_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def hash_of(password: str) -> PasswordHash:
    """What is kept of a drawn password."""
    return _HASHER.hash(_as_drawn(password))


def _as_drawn(typed: str) -> str:
    """What was typed, whatever became of capitals, blanks and dashes on the way from the paper."""
    return "".join(letter for letter in typed[:_LONGEST].casefold() if letter.isalnum())


def is_right(kept: PasswordHash, typed: str) -> bool:
    """Whether ``typed`` is the password; it takes as long if not."""
    try:
        return _HASHER.verify(kept, _as_drawn(typed)) and len(typed) <= _LONGEST
    except VerificationError:
        return False


class _Lane:
    """Some threads of their own, and a bounded queue before them."""

    def __init__(self, name: str, workers: int, waiting: int, niceness: int) -> None:
        self._pool = ThreadPoolExecutor(
            workers, f"passwords of {name}", initializer=_be_nice, initargs=(niceness,)
        )
        self._places = threading.BoundedSemaphore(workers + waiting)

    def submit(self, kept: PasswordHash, typed: str) -> "Future[bool]":
        if not self._places.acquire(blocking=False):
            raise SignInRefused(SignInCode.BUSY, "the queue is full")
        future = self._pool.submit(is_right, kept, typed)
        future.add_done_callback(lambda _: self._places.release())
        return future

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def _be_nice(niceness: int) -> None:
    """Let the threads that serve those signed in go first, where a thread has its own niceness."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


class PasswordChecks:
    """Checks passwords in two lanes: machines where somebody signed in before, and all others.

    A storm of wrong passwords from elsewhere fills the other lane, which then says "try again"; it
    takes no thread that anybody else waits for.
    """

    def __init__(self, workers: int = 1, waiting: int = 32) -> None:
        self._known = _Lane("known machines", workers, waiting, 0)
        self._strangers = _Lane("strangers", workers, waiting, 10)
        self._nobodys = hash_of(draw_password())

    async def is_right(
        self, kept: PasswordHash | None, typed: str, *, known_machine: bool = False
    ) -> bool:
        """Whether ``typed`` is the password; ``None`` is nobody's, and costs the same.

        Raises:
            SignInRefused: BUSY: too many wait in this lane; nothing was checked.
        """
        lane = self._known if known_machine else self._strangers
        right = await asyncio.wrap_future(lane.submit(kept or self._nobodys, typed))
        return right and kept is not None

    def close(self) -> None:
        """Give the threads up; who still waits is cancelled."""
        self._known.close()
        self._strangers.close()
