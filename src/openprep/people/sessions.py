"""Who is signed in, on the server: a browser holds a random token, and this its hash.

What a request asks is answered from memory. What changes is on disk before it is answered: a
session that began is there after a restart, and one that was revoked is not. Whoever is revoked is
out at once, and stays out after a power cut once that was answered.

Two clocks end a session: the wall's at its hour, and the machine's own counter, which nobody sets,
after so long without a request or in all. So a clock that jumps by an hour neither ends the others
nor lets any go on for ever.
"""

import asyncio
import secrets
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from openprep.capture.steps import Pseudonym, SessionId
from openprep.clock import Clock, count_seconds, system_clock
from openprep.people.roster import Person, Seen
from openprep.people.session_file import (
    Beginning,
    Kept,
    Session,
    SessionFile,
    Shut,
    kept_of,
)

Answer = TypeVar("Answer")
_TOKEN_BYTES = 32


@dataclass(frozen=True)
class Limits:
    """When a session ends by itself, and how many there may be."""

    idle: timedelta = timedelta(minutes=30)
    whole: timedelta = timedelta(hours=12)
    of_one: int = 4
    """Sessions of one person: with another the oldest ends."""
    machines: int = 2_000
    """Machines that are known at a time: with another the one used longest ago is forgotten."""


@dataclass(frozen=True)
class Begun:
    """A session that began, and what the browser is to keep. Tokens are shown nowhere else."""

    session: Session
    token: str
    machine: str | None
    """The secret of a machine that was not known before; ``None`` where it was."""

    def __repr__(self) -> str:
        return f"Begun({self.session.id})"


@dataclass(slots=True)
class _Live:
    """A session with the counter's values at which it was last used and at which it ends."""

    session: Session
    used: float
    ends: float


class Sessions:
    """The sessions of one house; one process has the file at a time.

    What happened since the last request of a session is not known after a restart: it may be idle
    once more, for as long as it may be in all.
    """

    def __init__(
        self,
        path: Path,
        election: str,
        *,
        limits: Limits | None = None,
        clock: Clock = system_clock,
        counter: Callable[[], float] = count_seconds,
    ) -> None:
        """Take up the sessions kept at ``path``; it is made if there is none.

        Raises:
            RecordTrouble: it is another election's, another process has it, or what the disk
                refuses.
        """
        self.election = election
        self.limits = limits or Limits()
        self._clock = clock
        self._counter = counter
        self._gate = threading.Lock()
        self._file = SessionFile(path, election)
        try:
            found = self._file.found()
        except BaseException:
            self._file.close()
            raise
        self._shut, self._codes = found.shut, found.codes
        self._machines, self._seen = found.machines, found.seen
        self._live = {kept: self._resumed(one) for kept, one in found.sessions.items()}
        self._writer = ThreadPoolExecutor(1, "sessions")

    def _resumed(self, session: Session) -> _Live:
        counted, whole = self._counter(), self.limits.whole
        left = min(session.begun + whole - self._clock(), whole)
        return _Live(session, counted, counted + left.total_seconds())

    # --- asked at every request -------------------------------------------------------------------

    def find(self, token: str) -> Session | None:
        """The session of a token, which is thereby used; ``None`` where it ended or never was."""
        kept = kept_of(token)
        with self._gate:
            live = self._live.get(kept)
            if live is None:
                return None
            if not self._is_over(live):
                live.used = self._counter()
                return live.session
            del self._live[kept]
        self._writer.submit(self._file.end, [kept])
        return None

    def _is_over(self, live: _Live) -> bool:
        counted = self._counter()
        return (
            counted - live.used >= self.limits.idle.total_seconds()
            or counted >= live.ends
            or self._clock() >= live.session.begun + self.limits.whole
        )

    def everybody(self) -> tuple[Session, ...]:
        """Who is signed in now."""
        with self._gate:
            return tuple(live.session for live in self._live.values() if not self._is_over(live))

    def known_machine(self, token: str, place: str) -> str:
        """What a machine is called on which somebody of ``place`` signed in before; else ``""``."""
        kept = kept_of(token)
        with self._gate:
            return kept.hex() if self._machines.get(kept) == place else ""

    def is_shut_out(self, person: Pseudonym, place: str) -> bool:
        """Whether a person or a place was revoked and not let in again."""
        with self._gate:
            return self._is_out(person, place)

    def _is_out(self, person: Pseudonym, place: str) -> bool:
        return not self._shut.isdisjoint({("person", person), ("place", place)})

    def shut_out(self) -> frozenset[tuple[str, str]]:
        """Who is revoked and was not let in again: a person or a place, and which."""
        with self._gate:
            return frozenset(self._shut)

    @property
    def seen(self) -> Seen | None:
        """The newest list of people that was used here."""
        return self._seen

    # --- on disk before it is answered ------------------------------------------------------------

    async def begin(self, who: Person, place: str, step: int, machine: str) -> Begun | None:
        """Begin a session of a person who proved to be it, by the one-time code of ``step``.

        ``None`` where that code, or one after it, was used, or person or place is shut out.

        Raises:
            RecordTrouble: what the disk refuses; nobody was signed in.
        """
        return await self._written(lambda: self._begin(who, place, step, machine))

    def _begin(self, who: Person, place: str, step: int, machine: str) -> Begun | None:
        new = None
        if not self.known_machine(machine, place):
            machine = new = secrets.token_urlsafe(_TOKEN_BYTES)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        at = self._clock().replace(microsecond=0)
        drawn = secrets.token_hex(16)
        session = Session(drawn, who.sign_in, who.person, place, who.role, who.proof, at)
        with self._gate:
            if step <= self._codes.get(who.sign_in, -1) or self._is_out(who.person, place):
                return None
            one = self._beginning(kept_of(token), session, step, kept_of(machine))
        self._file.begin(one)
        return Begun(session, token, new) if self._admit(one) else None

    def _beginning(self, kept: Kept, session: Session, step: int, machine: Kept) -> Beginning:
        """What is to be written, with what makes room for it."""
        own = [one for one, live in self._live.items() if live.session.person == session.person]
        others = [one for one in self._machines if one != machine]
        ended = own[: max(0, len(own) - self.limits.of_one + 1)]
        forgotten = others[: max(0, len(others) - self.limits.machines + 1)]
        return Beginning(kept, session, step, machine, tuple(ended), tuple(forgotten))

    def _admit(self, one: Beginning) -> bool:
        """Let the session be found, unless it was revoked while it was written."""
        session = one.session
        with self._gate:
            self._codes[session.sign_in] = one.step
            for kept in one.ended:
                self._live.pop(kept, None)
            for kept in (*one.forgotten, one.machine):
                self._machines.pop(kept, None)
            self._machines[one.machine] = session.place  # what was used last stands last
            if self._is_out(session.person, session.place):
                return False
            self._live[one.kept] = self._resumed(session)
        return True

    async def end(self, token: str) -> None:
        """Sign out: the session of this token is gone."""
        kept = kept_of(token)
        await self._written_without(self._taken_out([kept]))

    async def revoke_session(self, session: SessionId) -> bool:
        """End a session; whether it was there. The person may sign in again.

        Raises:
            RecordTrouble: the disk refused: it is over only until this process ends.
        """
        return bool(
            await self._written_without(self._taken_out_where(lambda one: one.id == session))
        )

    async def revoke(self, kind: Shut, which: str) -> int:
        """Shut a person or a place out, and end its sessions: how many.

        They are out from the call on, and stay out once it returns.

        Raises:
            RecordTrouble: the disk refused: they are out only until this process ends.
        """
        with self._gate:
            self._shut.add((kind, which))
        ended = self._taken_out_where(lambda one: getattr(one, kind) == which)
        await self._written(lambda: self._file.shut(kind, which))
        return len(ended)

    async def readmit(self, kind: Shut, which: str) -> None:
        """Let a person or a place sign in again.

        Raises:
            RecordTrouble: the disk refused: nothing changed.
        """
        await self._written(lambda: self._file.let_in(kind, which))
        with self._gate:
            self._shut.discard((kind, which))

    async def keep_only(self, seen: Seen, listed: Iterable[Person]) -> int:
        """Remember the newest list, and end the sessions that it does not provide for: how many.

        Raises:
            RecordTrouble: the disk refused: the list is remembered until this process ends.
        """
        entries = {one.sign_in: one for one in listed}

        def is_gone(session: Session) -> bool:
            entry = entries.get(session.sign_in)
            return entry is None or not is_of(session, entry)

        self._seen = seen
        ended = self._taken_out_where(is_gone)
        await self._written(lambda: self._file.see(seen, ended))
        return len(ended)

    async def sweep(self) -> int:
        """Let go of sessions that ended by themselves; how many. For whoever keeps the house."""
        with self._gate:
            over = [kept for kept, live in self._live.items() if self._is_over(live)]
        return await self._written_without(self._taken_out(over))

    def _taken_out_where(self, is_meant: Callable[[Session], bool]) -> list[Kept]:
        with self._gate:
            meant = [kept for kept, live in self._live.items() if is_meant(live.session)]
        return self._taken_out(meant)

    def _taken_out(self, meant: list[Kept]) -> list[Kept]:
        """Those of ``meant`` that were live: from now on they are not."""
        with self._gate:
            return [kept for kept in meant if self._live.pop(kept, None) is not None]

    async def _written_without(self, ended: list[Kept]) -> int:
        await self._written(lambda: self._file.end(ended))
        return len(ended)

    async def _written(self, write: Callable[[], Answer]) -> Answer:
        """What ``write`` gives once it is on disk; who goes away meanwhile does not stop it."""
        return await asyncio.shield(asyncio.wrap_future(self._writer.submit(write)))

    def close(self) -> None:
        """Write what is waiting, and give the file up."""
        self._writer.shutdown()
        self._file.close()


def is_of(session: Session, entry: Person) -> bool:
    """Whether the list still provides for a session."""
    same = (session.person, session.role, session.proof) == (entry.person, entry.role, entry.proof)
    return same and session.place in entry.places
