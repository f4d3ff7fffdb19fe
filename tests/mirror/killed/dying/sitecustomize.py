"""Loaded by Python before anything else: a process that dies like in a power cut at a write step.

``DIE_AT`` is the number of the step and ``DIE_AFTER`` whether it is still done. Nothing of the
product knows of it.
"""

import os
import signal

AT = int(os.environ.get("DIE_AT", "0"))
AFTER = os.environ.get("DIE_AFTER") == "1"
STEPS = ("fsync", "replace", "rename", "symlink", "unlink", "mkdir", "rmdir")
done = []


def dying(real):
    """``real``, or death."""

    def step(*arguments, **options):
        done.append(real)
        if len(done) == AT and not AFTER:
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(*arguments, **options)
        if len(done) == AT:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    return step


if AT:
    for name in STEPS:
        setattr(os, name, dying(getattr(os, name)))
