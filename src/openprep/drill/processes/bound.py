"""An `openprep` that lives no longer than who started it, even where that one is killed.

``python -m openprep.drill.processes.bound PID ARGUMENTS``, where PID is who starts it. Linux ends
it (``PR_SET_PDEATHSIG``); where there is no such thing, it only ends if PID is gone at the start.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def bind(parent: int) -> None:
    """Have the system send SIGTERM when ``parent`` is gone; leave if it is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)


if __name__ == "__main__":
    bind(int(sys.argv.pop(1)))
    from openprep.cli import main

    main(prog_name="openprep")
