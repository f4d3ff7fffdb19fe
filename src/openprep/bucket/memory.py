"""What a bucket has acknowledged, kept on the mirror's disk: one SQLite file for each target."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from openprep.bucket.codes import BucketCode, BucketTrouble

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sent (
    name TEXT PRIMARY KEY, size INTEGER, version INTEGER, packed INTEGER, etag TEXT
) WITHOUT ROWID
"""


class Sent(NamedTuple):
    """A file as it was sent: its size here, what tells its versions apart, the bucket's tag."""

    size: int
    version: int
    packed: bool
    etag: str | None = None


class Uploaded:
    """Files that the bucket at ``target`` has acknowledged.

    Raises:
        BucketTrouble: STATE, from any method that writes and from opening.
    """

    def __init__(self, folder: Path, target: str) -> None:
        self.path = folder / f"{sha256(target.encode()).hexdigest()[:16]}.sqlite"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self.path, isolation_level=None)
            self._database.execute("PRAGMA synchronous=FULL")
            self._database.execute(_SCHEMA)
            rows = self._database.execute("SELECT name, size, version, packed, etag FROM sent")
            self._sent = {row[0]: Sent(row[1], row[2], bool(row[3]), row[4]) for row in rows}
        except (sqlite3.Error, OSError) as error:
            raise self._trouble(error) from error

    def has(self, name: str, sent: Sent) -> bool:
        """Whether this version of a file was acknowledged."""
        known = self._sent.get(name)
        return known is not None and known[:3] == sent[:3]

    def all(self) -> Iterator[tuple[str, Sent]]:
        """All that was acknowledged."""
        return iter(self._sent.items())

    def remember(self, files: Mapping[str, Sent]) -> None:
        """Files were acknowledged: durable when this returns."""
        rows = [(name, *sent) for name, sent in files.items()]
        self._write("REPLACE INTO sent VALUES (?, ?, ?, ?, ?)", rows)
        self._sent.update(files)

    def forget(self, names: Iterable[str]) -> None:
        """Files are not in the bucket after all."""
        names = list(names)
        self._write("DELETE FROM sent WHERE name = ?", [(name,) for name in names])
        for name in names:
            del self._sent[name]

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        try:
            self._database.execute("BEGIN")
            try:
                self._database.executemany(statement, rows)
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def _trouble(self, error: Exception) -> BucketTrouble:
        return BucketTrouble(BucketCode.STATE, "{path}: {error}", path=self.path, error=error)
