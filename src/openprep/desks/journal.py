"""What the places of a house sealed, in the order in which it was taken.

One file for all places, because a capture of one place is of an image that another digitised: the
centre must meet the steps in the order in which the house took them. Starting is reading it: the
house folds what is in it, and delivers what the centre has not acknowledged.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.clock import Clock
from openprep.record.codes import reporting
from openprep.record.database import Kind, open_to_read, open_to_write, transaction
from openprep.record.facts import Envelope, Fact, decode_envelope
from openprep.transmission.envelope import seal, unwrap
from openprep.transmission.station.outbox import Pending

_SEALED = """CREATE TABLE sealed (
    number INTEGER PRIMARY KEY,
    place TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    body BLOB NOT NULL,
    delivered INTEGER NOT NULL DEFAULT 0,
    UNIQUE (place, sequence)
) STRICT"""
_PENDING = "CREATE INDEX pending ON sealed (number) WHERE delivered = 0"
JOURNAL = Kind(mark=0x5052484A, format=1, schema=(_SEALED, _PENDING))  # "PRHJ"


class Sealed(NamedTuple):
    """A fact of the journal, the place that sealed it, and whether the centre has it."""

    place: str
    fact: Fact
    delivered: bool


class Leaving(NamedTuple):
    """An envelope on its way to the centre, the place that sealed it, and its number in all."""

    place: str
    pending: Pending
    number: int


class Journal:
    """The journal of one house for one election, in one file; ``keys`` are those of its places.

    Raises:
        RecordTrouble: the file is another election's, or cannot be written.
    """

    def __init__(
        self, path: Path, election: str, keys: Mapping[str, Ed25519PrivateKey], clock: Clock
    ) -> None:
        self._connection = open_to_write(path, JOURNAL, {"election": election})
        self._reading = open_to_read(path, JOURNAL)
        """Whoever counts waits for no flush, and counts nothing that may still be undone."""
        self._reading_gate = threading.Lock()
        self._path = path
        self._election = election
        self._keys = keys
        self.clock = clock
        """The clock that seals."""

    def seal(self, *facts: tuple[str, Fact]) -> None:
        """Seal facts in this order, each with the key of its place, durable when it returns.

        Raises:
            RecordTrouble: the disk refused; none was saved.
        """
        query = "SELECT coalesce(max(sequence), 0) + 1 FROM sealed WHERE place = ?"
        with reporting(self._path), transaction(self._connection):
            for place, fact in facts:
                (sequence,) = self._connection.execute(query, (place,)).fetchone()
                envelope = Envelope(self._election, place, sequence, self.clock(), (fact,))
                self._connection.execute(
                    "INSERT INTO sealed (place, sequence, body) VALUES (?, ?, ?)",
                    (place, sequence, seal(envelope, self._keys[place])),
                )

    def __iter__(self) -> Iterator[Sealed]:
        """Everything that was sealed, in its order."""
        return _sealed_in(self._connection, self._path)

    def pending(self) -> int:
        """How many envelopes the centre has not acknowledged."""
        query = "SELECT count(*) FROM sealed WHERE delivered = 0"
        with self._reading_gate, reporting(self._path):
            return int(self._reading.execute(query).fetchone()[0])

    def next_to_leave(self, after: int = 0) -> Leaving | None:
        """The first envelope after number ``after`` that the centre has not; ``None`` if none."""
        query = (
            "SELECT place, sequence, body, number FROM sealed "
            "WHERE delivered = 0 AND number > ? ORDER BY number LIMIT 1"
        )
        with reporting(self._path):
            row = self._connection.execute(query, (after,)).fetchone()
        return Leaving(row[0], Pending(row[1], row[2]), row[3]) if row else None

    def mark(self, place: str, sequence: int) -> None:
        """The centre acknowledged an envelope."""
        with reporting(self._path):
            self._connection.execute(
                "UPDATE sealed SET delivered = 1 WHERE place = ? AND sequence = ?",
                (place, sequence),
            )

    def rewind(self, place: str, sequence: int) -> None:
        """The centre asks for all of a place from ``sequence`` on, so all since then leave again.

        Those of other places are found recorded: what matters is the order.
        """
        with reporting(self._path):
            self._connection.execute(
                "UPDATE sealed SET delivered = 0 WHERE number >= "
                "(SELECT number FROM sealed WHERE place = ? AND sequence = ?)",
                (place, sequence),
            )

    def close(self) -> None:
        """Give the file up."""
        self._reading.close()
        self._connection.close()


def read_journal(path: Path) -> Iterator[Sealed]:
    """Everything that was sealed in the journal at ``path``, without its keys; nothing changes.

    Raises:
        RecordTrouble: it is no journal, or cannot be read.
    """
    with closing(open_to_read(path, JOURNAL)) as connection:
        yield from _sealed_in(connection, path)


def _sealed_in(connection: Connection, path: Path) -> Iterator[Sealed]:
    query = "SELECT place, body, delivered FROM sealed ORDER BY number"
    with reporting(path):
        for place, body, delivered in connection.execute(query):
            for fact in decode_envelope(unwrap(body).payload).facts:
                yield Sealed(place, fact, bool(delivered))
