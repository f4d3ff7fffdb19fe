"""What an operator may see when a store is in trouble: the record, or a station's outbox."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from openprep.coded import Coded, CodedError


class RecordCode(Coded):
    """Kinds of trouble with a store. Nothing that was acknowledged is lost by any of them."""

    IN_USE = (
        "R001",
        "Another process writes this record: stop it first, there is one writer only.",
    )
    OTHER_ELECTION = ("R002", "The store was made for another election, rules or station.")
    UNREADABLE = ("R003", "The file is not such a store, or is damaged: restore it from a copy.")
    DISK_FULL = ("R004", "The disk is full: nothing of this was kept; free space, and it goes on.")
    CHAIN_BROKEN = (
        "R005",
        "An event was changed or removed after it was recorded: call the auditor.",
    )
    CLOSED = ("R006", "The store was closed by this process: nothing more can be appended.")
    NOT_WRITABLE = ("R007", "The file cannot be written: give this user the right, start again.")
    DISK_FAILED = (
        "R008",
        "The disk failed, and writing stopped: copy the file to a sound disk, start again.",
    )
    BUSY = ("R009", "Another program held the file for too long: close that program, and retry.")
    TOO_MANY_FILES = (
        "R010",
        "The process has all the files open that it may: raise its limit (ulimit -n), start again.",
    )


class RecordTrouble(CodedError[RecordCode]):
    """Trouble with a store, in words for its operator."""


BY_RESULT_CODE: Final = {
    sqlite3.SQLITE_FULL: RecordCode.DISK_FULL,
    sqlite3.SQLITE_READONLY: RecordCode.NOT_WRITABLE,
    sqlite3.SQLITE_CANTOPEN: RecordCode.NOT_WRITABLE,
    sqlite3.SQLITE_PERM: RecordCode.NOT_WRITABLE,
    sqlite3.SQLITE_BUSY: RecordCode.BUSY,
    sqlite3.SQLITE_LOCKED: RecordCode.BUSY,
    sqlite3.SQLITE_PROTOCOL: RecordCode.BUSY,
    sqlite3.SQLITE_IOERR: RecordCode.DISK_FAILED,
}
"""By primary result code (https://sqlite.org/rescode.html); any other is UNREADABLE."""

BY_ERRNO: Final = {
    errno.ENOSPC: RecordCode.DISK_FULL,
    errno.EDQUOT: RecordCode.DISK_FULL,
    errno.EIO: RecordCode.DISK_FAILED,
    errno.ENXIO: RecordCode.DISK_FAILED,
    errno.EMFILE: RecordCode.TOO_MANY_FILES,
    errno.ENFILE: RecordCode.TOO_MANY_FILES,
}
"""By what the system says; any other refusal (EACCES, EPERM, EROFS, ENOTDIR...) is NOT_WRITABLE."""


def code_of(error: OSError) -> RecordCode:
    """What the system's refusal of a file means for the operator."""
    return BY_ERRNO.get(error.errno or 0, RecordCode.NOT_WRITABLE)


@contextmanager
def reporting(path: Path) -> Iterator[None]:
    """Raise what SQLite or the system refuses inside as :class:`RecordTrouble` about ``path``."""
    try:
        yield
    except sqlite3.Error as error:
        primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
        code = BY_RESULT_CODE.get(primary, RecordCode.UNREADABLE)
        raise RecordTrouble(code, "{path}: {error}", path=path, error=error) from error
    except OSError as error:
        raise RecordTrouble(code_of(error), "{path}: {error}", path=path, error=error) from error
