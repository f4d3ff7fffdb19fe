"""A station's outbox: what was saved leaves the station sooner or later, once.

Facts are sealed when they are put in, in the same transaction, so that every delivery of an
envelope sends the same bytes. ``put`` returns when the envelope is on disk: only then may a screen
say "saved".
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.clock import Clock
from openprep.record.facts import MAX_FACTS, Envelope, Fact
from openprep.transmission.envelope import seal

_SCHEMA = """
CREATE TABLE IF NOT EXISTS envelopes (
    sequence INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    facts INTEGER NOT NULL,
    delivered INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""


class OutboxTrouble(Exception):
    """The outbox cannot be used, and why; what was saved in it is still there."""


class Pending(NamedTuple):
    """An envelope that the centre has not acknowledged."""

    sequence: int
    body: bytes


class Contents(NamedTuple):
    """How much is in an outbox, in facts and envelopes."""

    saved: int
    pending: int
    pending_envelopes: int


class Outbox:
    """The outbox of one station for one election, in one file."""

    def __init__(
        self, path: Path, election: str, station: str, key: Ed25519PrivateKey, clock: Clock
    ) -> None:
        self._connection = _open(path)
        _bind(self._connection, path, {"election": election, "station": station})
        self._election = election
        self._station = station
        self._key = key
        self._clock = clock

    def put(self, facts: Sequence[Fact], cursor: int | None = None) -> None:
        """Save ``facts``, durable when it returns, and with them the reader's ``cursor``.

        Raises:
            OutboxTrouble: the disk refused; none of them was saved.
        """
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._seal_all(facts)
                if cursor is not None:
                    self._connection.execute(
                        "INSERT OR REPLACE INTO meta (name, value) VALUES ('cursor', ?)",
                        (str(cursor),),
                    )
        except sqlite3.Error as error:
            raise OutboxTrouble(f"not saved: {error}; free space and save again") from error

    def _seal_all(self, facts: Sequence[Fact]) -> None:
        query = "SELECT coalesce(max(sequence), 0) FROM envelopes"
        (sequence,) = self._connection.execute(query).fetchone()
        for start in range(0, len(facts), MAX_FACTS):
            sequence += 1
            part = tuple(facts[start : start + MAX_FACTS])
            envelope = Envelope(self._election, self._station, sequence, self._clock(), part)
            self._connection.execute(
                "INSERT INTO envelopes (sequence, body, facts) VALUES (?, ?, ?)",
                (sequence, seal(envelope, self._key), len(part)),
            )

    @property
    def cursor(self) -> int:
        """What the last ``put`` with a cursor saved; 0 before any."""
        query = "SELECT value FROM meta WHERE name = 'cursor'"
        row = self._connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def next_pending(self) -> Pending | None:
        """The first envelope that was not delivered, or ``None``."""
        query = "SELECT sequence, body FROM envelopes WHERE delivered = 0 ORDER BY sequence LIMIT 1"
        row = self._connection.execute(query).fetchone()
        return Pending(*row) if row else None

    def mark_delivered(self, sequence: int) -> None:
        """The centre acknowledged the envelope; it is kept, as the station's own evidence."""
        with self._connection:
            self._connection.execute(
                "UPDATE envelopes SET delivered = 1 WHERE sequence = ?", (sequence,)
            )

    def close(self) -> None:
        """Give the file up."""
        self._connection.close()


def contents(path: Path) -> Contents:
    """How much is in the outbox at ``path``, without its key.

    Raises:
        OutboxTrouble: it is not an outbox.
    """
    if not path.is_file():
        raise OutboxTrouble(f"{path}: there is no outbox here")
    connection = _open(path)
    query = (
        "SELECT coalesce(sum(facts), 0), coalesce(sum(facts) FILTER (WHERE delivered = 0), 0), "
        "count(*) FILTER (WHERE delivered = 0) FROM envelopes"
    )
    try:
        return Contents(*connection.execute(query).fetchone())
    finally:
        connection.close()


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(_SCHEMA)
    except sqlite3.Error as error:
        raise OutboxTrouble(f"{path}: {error}") from error
    return connection


def _bind(connection: sqlite3.Connection, path: Path, ours: dict[str, str]) -> None:
    """Write whose outbox this is, the first time; insist on it, every other time."""
    connection.executemany("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)", ours.items())
    kept = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    for name, value in ours.items():
        if kept[name] != value:
            raise OutboxTrouble(f"{path} is the outbox of {name} {kept[name]}, not {value}")
