"""A process that is killed at a call to the system: at every one that a work makes, in turn.

Most works die in this process, by an exception that nothing may catch. What a thread or a database
engine would go on with after it dies in a child that is killed in earnest.
"""

import io
import os
import signal
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, TypeAlias, TypeVar
from unittest.mock import patch

State = TypeVar("State")
Meet: TypeAlias = Callable[[Callable[[], Any]], Any]
"""What becomes of a call: given the real one, it makes it, or dies."""

Calls: TypeAlias = Callable[[Meet], AbstractContextManager[None]]
"""While it is entered, certain calls are met."""

EVERY_CALL = (
    "open",
    "write",
    "ftruncate",
    "truncate",
    "sendfile",
    "copy_file_range",
    "replace",
    "rename",
    "link",
    "symlink",
    "unlink",
    "mkdir",
    "rmdir",
    "chmod",
    "utime",
)
"""Functions of :mod:`os` after which a disk may be otherwise than it was; whatever opens a file is
one. A flush is none: what is not flushed when the power goes is for tests that watch the order."""

WRITING = ("BEGIN", "INSERT", "UPDATE", "DELETE", "CREATE", "COMMIT")
"""What a statement begins with that SQLite writes for."""


class Stop(BaseException):
    """The process is killed here: nothing may take it for a failure, and go on."""


def new_folders(place: Path) -> Callable[[], Path]:
    """Gives another name in ``place`` whenever it is called, for each death its own."""
    numbers = count()
    return lambda: place / f"killed-{next(numbers)}"


def deaths(
    begin: Callable[[], State], act: Callable[[State], object], calls: Calls | None = None
) -> Iterator[State]:
    """Each state that ``act`` leaves behind when it dies before one of its ``calls``.

    What is there after a call is there before the next. ``begin`` makes the state anew each time;
    the last that is given is the one of an ``act`` that came to its end.
    """
    return _each_death(begin, act, partial(_dies_here, calls or system_calls()))


def deaths_of_a_child(
    begin: Callable[[], State], act: Callable[[State], object]
) -> Iterator[State]:
    """As :func:`deaths`, each in a process that is killed in earnest, at SQL statements too."""
    return _each_death(begin, act, _dies_in_a_child)


def _each_death(
    begin: Callable[[], State],
    act: Callable[[State], object],
    dies: Callable[[Callable[[], object], int], bool],
) -> Iterator[State]:
    step, dead = 0, True
    while dead:
        state = begin()
        dead = dies(partial(act, state), step)
        yield state
        step += 1


def _dies_here(calls: Calls, act: Callable[[], object], step: int) -> bool:
    """Whether ``act`` made more than ``step`` calls, and died at the next."""
    dead = False

    def die() -> NoReturn:
        nonlocal dead
        dead = True
        raise Stop

    with calls(_after(step, die)):
        try:
            act()
        except KeyboardInterrupt:
            raise
        except BaseException:  # a dead process says nothing either
            if not dead:
                raise
    return dead


def _dies_in_a_child(act: Callable[[], object], step: int) -> bool:
    child = os.fork()
    if child == 0:
        try:
            meet = _after(step, _kill_this_process)
            with system_calls()(meet), statements()(meet):
                act()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert status == 0, "the child failed"
    return False


def system_calls(names: tuple[str, ...] = EVERY_CALL, *, reading: bool = False) -> Calls:
    """Functions of :mod:`os` by these names; "open" is for writing, or also for ``reading``."""
    places: list[tuple[ModuleType, str]] = [(os, name) for name in names]
    if "open" in names:
        places.append((io, "open"))  # what pathlib opens files with
    return functions(*places, counts=_counts_all if reading else _may_write)


def _counts_all(*_: Any, **__: Any) -> bool:
    return True


def _may_write(name: str, *given: Any, mode: str | int | None = None, **_: Any) -> bool:
    """Whether a call may leave the disk otherwise than it was: a file is opened to read, too."""
    if name != "open":
        return True
    how = given[1] if len(given) > 1 else mode or "r"
    if isinstance(how, int):
        return bool(how & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))
    return not set(how).isdisjoint("wax+")


def functions(*places: tuple[ModuleType, str], counts: Callable[..., bool] = _counts_all) -> Calls:
    """Functions of modules by their names, asynchronous ones too; not all of their calls count."""

    @contextmanager
    def calls(meet: Meet) -> Iterator[None]:
        def met(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*given: Any, **options: Any) -> Any:
                made = partial(real, *given, **options)
                return meet(made) if counts(name, *given, **options) else made()

            return call

        patches = [
            patch.object(module, name, met(name, getattr(module, name))) for module, name in places
        ]
        for change in patches:
            change.start()
        try:
            yield
        finally:
            for change in patches:
                change.stop()

    return calls


def statements(beginning: tuple[str, ...] = WRITING) -> Calls:
    """Statements that begin so, of connections to SQLite that are opened meanwhile."""

    @contextmanager
    def calls(meet: Meet) -> Iterator[None]:
        class Met(sqlite3.Connection):
            def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
                real = partial(super().execute, sql, *given)
                return meet(real) if sql.startswith(beginning) else real()

            def executemany(self, sql: str, *given: Any) -> sqlite3.Cursor:
                real = partial(super().executemany, sql, *given)
                return meet(real) if sql.startswith(beginning) else real()

        with patch.object(sqlite3, "connect", partial(sqlite3.connect, factory=Met)):
            yield

    return calls


def killed_at(step: int, names: tuple[str, ...]) -> AbstractContextManager[None]:
    """This process is killed at its ``step``-th call: for one that was started to be killed."""
    return system_calls(names)(_after(step - 1, _kill_this_process))


def _after(step: int, die: Callable[[], NoReturn]) -> Meet:
    """Let ``step`` calls pass, and die before any later one."""
    calls = count()

    def meet(real: Callable[[], Any]) -> Any:
        if next(calls) >= step:
            die()
        return real()

    return meet


def _kill_this_process() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody outlives that")
