"""A process that is killed at a call to the system, played in one that goes on."""

import io
import os
from contextlib import contextmanager

EVERY_CALL = (
    "open",
    "write",
    "ftruncate",
    "replace",
    "rename",
    "link",
    "symlink",
    "unlink",
    "mkdir",
    "rmdir",
    "utime",
)
"""Functions of :mod:`os` after which a disk may be otherwise than it was; whatever opens a file is
one. A flush is none: what is not flushed when the power goes is for tests that watch the order."""


class Stop(BaseException):
    """The process is killed here: nothing may take it for a failure, and go on."""


def count_calls(action, names, monkeypatch):
    """How many times ``action`` calls one of the functions ``names`` of :mod:`os`."""
    with _meeting_calls(names, monkeypatch, lambda real: real()) as calls:
        action()
    return len(calls)


def kill_at(step, after, names, monkeypatch):
    """Let ``step`` calls pass, then die before or after the next one, and do nothing more."""
    _meet_calls(names, monkeypatch, _dying_at(step, after))


def deaths(begin, act, monkeypatch, names=EVERY_CALL):
    """Each state that ``act`` leaves behind when it dies before one of its calls.

    What is there after a call is there before the next. ``begin`` makes the state anew each time;
    the last that is given is the one of an ``act`` that came to its end.
    """
    step, dead = 0, True
    while dead:
        state, dead = begin(), False
        with _meeting_calls(names, monkeypatch, _dying_at(step, after=False)):
            try:
                act(state)
            except Stop:
                dead = True
            except BaseExceptionGroup as group:
                if not group.subgroup(Stop):
                    raise
                dead = True
        yield state
        step += 1


def _dying_at(step, after):
    passed = [0]

    def meet(real):
        passed[0] += 1
        if passed[0] > step:
            if after and passed[0] == step + 1:
                real()
            raise Stop  # a dead process does not clean up either
        return real()

    return meet


@contextmanager
def _meeting_calls(names, monkeypatch, meet):
    with monkeypatch.context() as patch:
        yield _meet_calls(names, patch, meet)


def _meet_calls(names, monkeypatch, meet):
    calls = []

    def met(real):
        def call(*args, **kwargs):
            calls.append(real)
            return meet(lambda: real(*args, **kwargs))

        return call

    for name in names:
        monkeypatch.setattr(os, name, met(getattr(os, name)))
    if "open" in names:
        monkeypatch.setattr(io, "open", met(io.open))  # what pathlib opens files with
    return calls
