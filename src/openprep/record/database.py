"""A SQLite file that keeps what it acknowledged: how the record and the outboxes are opened.

WAL with ``synchronous=FULL`` flushes once per commit, before the commit returns
(https://sqlite.org/pragma.html#pragma_synchronous). Each kind of file carries its own application
id, so that no other program's database is ever taken for one of ours, or added to.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from openprep.durable import sync_folder
from openprep.record.codes import RecordCode, RecordTrouble, reporting

BUSY_SECONDS = 5.0
"""How long to wait for another program that holds the file."""


@dataclass(frozen=True)
class Kind:
    """A kind of file: its mark (``application_id``), its format, and its tables."""

    mark: int
    format: int
    schema: tuple[str, ...]


def open_to_write(path: Path, kind: Kind, owner: Mapping[str, str]) -> sqlite3.Connection:
    """The store at ``path``, made now if there is none, and bound to ``owner`` for ever.

    Raises:
        RecordTrouble: UNREADABLE, OTHER_ELECTION, NOT_WRITABLE, DISK_FULL, DISK_FAILED or BUSY.
    """
    with reporting(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = _connect(path)
        try:
            empty = _is_empty(connection, path, kind)
            _check_writable(path)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            if empty:
                with transaction(connection):
                    _make(connection, kind, owner)
                sync_folder(path.parent)  # SQLite does it for its log only
            _check_owner(connection, path, owner)
        except BaseException:
            connection.close()
            raise
    return connection


def _check_writable(path: Path) -> None:
    if not os.access(path, os.W_OK):  # SQLite opens it to read, and is silent
        raise RecordTrouble(RecordCode.NOT_WRITABLE, "{path}: it is read-only", path=path)


def open_to_read(path: Path, kind: Kind) -> sqlite3.Connection:
    """The store at ``path`` to read only; its writer may go on meanwhile.

    Raises:
        RecordTrouble: UNREADABLE where there is no such store.
    """
    with reporting(path):
        if not path.is_file():
            raise RecordTrouble(RecordCode.UNREADABLE, "{path}: there is no such file", path=path)
        connection = _connect(path)
        try:
            connection.execute("PRAGMA query_only=ON")
            _check_not_empty(connection, path, kind)
        except BaseException:
            connection.close()
            raise
    return connection


def _check_not_empty(connection: sqlite3.Connection, path: Path, kind: Kind) -> None:
    if _is_empty(connection, path, kind):
        raise RecordTrouble(RecordCode.UNREADABLE, "{path}: the file is empty", path=path)


def owner_of(path: Path, kind: Kind) -> dict[str, str]:
    """What the store at ``path`` is bound to; nothing where it has not been made, or not wholly.

    Raises:
        RecordTrouble: UNREADABLE, it is a file of another kind.
    """
    if not path.exists():
        return {}
    with reporting(path), closing(_connect(path)) as connection:
        connection.execute("PRAGMA query_only=ON")
        if _is_empty(connection, path, kind):
            return {}
        return dict(connection.execute("SELECT name, value FROM meta").fetchall())


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """What is done inside is durable when this returns; on any exception nothing of it is."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )


def _is_empty(connection: sqlite3.Connection, path: Path, kind: Kind) -> bool:
    """Whether the file has nothing yet; refuses one of another kind or format."""
    if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        return True
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    if mark != kind.mark:
        raise RecordTrouble(
            RecordCode.UNREADABLE, "{path}: a database of another kind, left as it was", path=path
        )
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found != kind.format:
        raise RecordTrouble(
            RecordCode.UNREADABLE,
            "{path}: its format is {found}, this version knows {format}",
            path=path,
            found=found,
            format=kind.format,
        )
    return False


def _make(connection: sqlite3.Connection, kind: Kind, owner: Mapping[str, str]) -> None:
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        return  # another process was first
    connection.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
    for statement in kind.schema:
        connection.execute(statement)
    connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", owner.items())
    connection.execute(f"PRAGMA application_id={kind.mark}")
    connection.execute(f"PRAGMA user_version={kind.format}")


def _check_owner(connection: sqlite3.Connection, path: Path, owner: Mapping[str, str]) -> None:
    kept = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    wrong = [
        f"{name} is {kept.get(name)}, not {value}"
        for name, value in owner.items()
        if kept.get(name) != value
    ]
    if wrong:
        raise RecordTrouble(
            RecordCode.OTHER_ELECTION, "{path}: {wrong}", path=path, wrong=", ".join(wrong)
        )
