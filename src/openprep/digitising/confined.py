"""What a child gives up before it looks at a stranger's file. It cannot take it back.

The kernel holds it to a few calls (seccomp). None of them takes a path, an address or another
process: whoever takes a decoder over reads and writes what is open, which is a pipe for its answer,
and ends. It needs no right and no library.
"""

import ctypes
import errno
import platform
import resource
import struct
from collections.abc import Mapping, Sequence
from typing import Final

from openprep.digitising.frames import Bounds

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, _PR_SET_NO_NEW_PRIVS = 22, 2, 38
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.EPERM
_LOAD, _IS, _RETURN = 0x20, 0x15, 0x06
"""Load a word, go on by whether it is equal, return: of classic BPF."""

_NUMBER_AT, _ARCH_AT = 0, 4
"""Where a call's number and the processor's kind stand (struct seccomp_data)."""


ARCHITECTURES: Final[Mapping[str, int]] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""Processors by :func:`platform.machine`, as the kernel tells them apart. On others nobody is shut
in."""

_CALLS: Final[Mapping[str, tuple[int, int]]] = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "futex": (202, 98),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getrusage": (98, 165),
    "times": (100, 153),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "getrandom": (318, 278),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
"""The calls that are allowed, with their numbers on those processors."""

_libc: Final = ctypes.CDLL(None, use_errno=True)
_MACHINE: Final = platform.machine()


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def confine(bounds: Bounds) -> bool:
    """Bound this process for good: memory, processor, and nothing more is opened or begun.

    No file, socket or pipe can be opened, since there is no number left for one; nothing can be
    written to a file; no process can be begun, but by root. Where the kernel shuts it in too, which
    is what this says, there is no call left that names a file, a process or an address.

    Raises:
        OSError: the system does not let it.
    """
    for limit, most in (
        (resource.RLIMIT_AS, bounds.memory),
        (resource.RLIMIT_DATA, bounds.memory),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.processor, bounds.processor + 1))
    return _shut_in()


def _shut_in() -> bool:
    """Let this process make no other call for good; whether the kernel does that here."""
    if _MACHINE not in ARCHITECTURES:
        return False
    column = list(ARCHITECTURES).index(_MACHINE)
    rules = _rules(ARCHITECTURES[_MACHINE], [numbers[column] for numbers in _CALLS.values()])
    program = _Program(len(rules) // 8, rules)
    one, none = ctypes.c_ulong(1), ctypes.c_ulong(0)
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, one, none, none, none) != 0:
        return False
    mode = ctypes.c_ulong(_SECCOMP_MODE_FILTER)
    return bool(_libc.prctl(_PR_SET_SECCOMP, mode, ctypes.byref(program), none, none) == 0)


def _rules(arch: int, allowed: Sequence[int]) -> bytes:
    """The filter: of another kind of processor all is refused, else what is not allowed."""
    count = len(allowed)
    rules = [
        (_LOAD, 0, 0, _ARCH_AT),
        (_IS, 0, count + 1, arch),
        (_LOAD, 0, 0, _NUMBER_AT),
        *((_IS, count - at, 0, number) for at, number in enumerate(allowed)),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *rule) for rule in rules)
