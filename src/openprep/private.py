"""Files for their owner only: private keys, and copies of what holds them."""

import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import IO

from openprep.durable import sync_folder

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS})
"""What file systems say that give a file one name only, as those of sticks."""


class Exposed(OSError):
    """Others than its owner may read or write a file that must be private."""


def open_private(path: Path) -> IO[bytes]:
    """A new file to write, which is its owner's only from its first byte on.

    Raises:
        FileExistsError: the name is taken.
        OSError: it cannot be made.
    """
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def create_private(path: Path, data: bytes) -> None:
    """Keep ``data`` in a new file of its owner's only, which is durable when this returns.

    It is whole once it has its name, whatever is killed meanwhile (on a file system without links
    it may be empty); where making it fails nothing is left. The folder must be there.

    Raises:
        FileExistsError: the name is taken. What has it is never replaced.
        OSError: it cannot be kept.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        _name(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def _name(draft: Path, path: Path) -> None:
    """Give ``draft`` its name unless that is taken, where a rename would replace what has it."""
    try:
        os.link(draft, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        open_private(path).close()  # who makes it has the name
        draft.replace(path)


def read_private(path: Path, most: int) -> bytes:
    """The first ``most`` bytes of a file, if nobody but its owner may read or write it.

    Raises:
        Exposed: others may; nothing of it was read.
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        if os.fstat(stream.fileno()).st_mode & _OTHERS:
            raise Exposed(errno.EPERM, "others may read or write it", str(path))
        return stream.read(most)
