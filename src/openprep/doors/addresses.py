"""Where a process listens, told in its folder to whoever looks beside it.

The file is locked by the process, and the system takes the lock back when it ends, however it
ends: so what the file says is believed while it is locked, and never of a process that is gone.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

FILE = "listening.json"
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not listened on


@contextmanager
def telling(folder: Path, host: str, ports: list[int]) -> Iterator[None]:
    """Tell that this process listens there, while the block runs; it alone works in ``folder``.

    Where the disk refuses, nobody is told, and all else goes on.
    """
    told = _told(folder / FILE, json.dumps({"host": host, "ports": ports}))
    try:
        yield
    finally:
        if told is not None:
            told.close()


def _told(path: Path, words: str) -> IO[str] | None:
    try:
        stream = path.open("a+", encoding="ascii")
    except OSError:
        return None
    try:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.truncate(0)
        stream.write(words)
        stream.flush()
    except OSError:
        stream.close()
        return None
    return stream


def is_listened_on(folder: Path, host: str, port: int) -> bool:
    """Whether the process that works in ``folder`` now says that it listens there."""
    try:
        with (folder / FILE).open(encoding="ascii") as stream:
            if _is_free(stream):
                return False
            words = json.loads(stream.read(1000))
            own, ports = words["host"], words["ports"]
    except (OSError, ValueError, TypeError, KeyError):
        return False
    return port in ports and (own == host or own in EVERYWHERE or host in EVERYWHERE)


def _is_free(stream: IO[str]) -> bool:
    """Whether nobody has it locked; nobody is kept from it."""
    try:
        fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(stream, fcntl.LOCK_UN)
    return True
