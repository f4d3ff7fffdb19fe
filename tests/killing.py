"""A process that is killed at a call to the system, played in one that goes on."""

import os


class Stop(BaseException):
    """The process is killed here; nothing that lives on may take it for trouble of its own."""


def count_calls(action, names, monkeypatch):
    """How many times ``action`` calls one of the functions ``names`` of :mod:`os`."""
    calls = []
    for name in names:
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *a, _real=real, **k: (calls.append(1), _real(*a, **k))[1]
        )
    action()
    monkeypatch.undo()
    return len(calls)


def kill_at(step, after, names, monkeypatch):
    """Let ``step`` calls pass, then die before or after the next one, and do nothing more."""
    count = [0]
    for name in names:
        real = getattr(os, name)

        def call(*args, _real=real, **kwargs):
            count[0] += 1
            if count[0] > step:
                if after and count[0] == step + 1:
                    _real(*args, **kwargs)
                raise Stop
            return _real(*args, **kwargs)

        monkeypatch.setattr(os, name, call)
