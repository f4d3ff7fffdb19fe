"""A process without the rights of root, or with those that mounting a file system takes.

`make test` is run by root in one place and by anybody in another: each test does the same in both.
"""

import ctypes
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from functools import cache

CAPABILITIES_OF_LINUX = 0x20080522
"""The third version of capset(2), which has two words of each set."""


def without_rights(action: Callable[[], str]) -> str:
    """What ``action`` returns in a child that may do only what its user and the files allow."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _give_up_rights()
            os.write(writing, action().encode())
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, "the child failed"
    return said


def _give_up_rights() -> None:
    """Whatever user this is, even root: the owner of a file, and nothing more."""
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_OF_LINUX, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, nothing) != 0:
        raise OSError(ctypes.get_errno(), "capset")


@cache
def may_mount() -> bool:
    """Whether this process may mount a file system."""
    command = ("unshare", "--mount", "true")
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def run_where_it_may_mount(test: str) -> None:
    """Run one test in a namespace whose root this user is."""
    command = ("unshare", "--user", "--map-root-user", "--mount", sys.executable, "-m", "pytest")
    options = ("-n", "0", "-p", "no:cacheprovider", test)
    done = subprocess.run((*command, *options), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
