"""One process at a time in a mirror's folder: two that turn one tree would undo each other."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openprep.durable import sweep_drafts
from openprep.mirror.codes import MirrorCode, Refused


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold ``folder`` while the block runs, swept of what an earlier process left half written.

    The system lets go when the process ends, however.

    Raises:
        Refused: IN_USE, or DISK.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Refused(MirrorCode.DISK, "{folder}: {error}", folder=folder, error=error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        sweep_drafts(folder)
        yield
    except BlockingIOError as error:
        raise Refused(MirrorCode.IN_USE, "{folder}", folder=folder) from error
    finally:
        os.close(descriptor)
