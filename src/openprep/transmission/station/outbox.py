"""A station's outbox: what was saved leaves the station sooner or later, once.

Facts are sealed when they are put in, in the same transaction, so that every delivery of an
envelope sends the same bytes. ``put`` returns when the envelope is on disk: only then may a screen
say "saved". Delivered envelopes stay, as the station's own evidence.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.clock import Clock
from openprep.coded import CodedError
from openprep.record.codes import reporting
from openprep.record.database import Kind, open_to_read, open_to_write, transaction
from openprep.record.facts import MAX_FACTS, Envelope, Fact, decode_envelope, encode_fact
from openprep.transmission.codes import StationCode
from openprep.transmission.envelope import MAX_ENVELOPE_BYTES, seal, unwrap

MAX_FACTS_BYTES = MAX_ENVELOPE_BYTES - 4096
"""Most bytes of facts in one envelope: what surrounds them takes a few hundred."""

_ENVELOPES = """CREATE TABLE envelopes (
    sequence INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    facts INTEGER NOT NULL,
    delivered INTEGER NOT NULL DEFAULT 0
) STRICT"""
_PENDING = "CREATE INDEX pending ON envelopes (sequence) WHERE delivered = 0"
OUTBOX = Kind(mark=0x50524F42, format=1, schema=(_ENVELOPES, _PENDING))  # "PROB"


class FactTooLarge(CodedError[StationCode]):
    """A fact does not fit in an envelope; nothing was saved."""

    def __init__(self, number: int, size: int) -> None:
        super().__init__(
            StationCode.FACT_TOO_LARGE,
            "fact {number} has {size} bytes",
            number=number,
            size=size,
        )


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
    """The outbox of one station for one election, in one file.

    Raises:
        RecordTrouble: the file belongs to another station or election, or cannot be written.
    """

    def __init__(
        self, path: Path, election: str, station: str, key: Ed25519PrivateKey, clock: Clock
    ) -> None:
        self._connection = open_to_write(path, OUTBOX, {"election": election, "station": station})
        self._path = path
        self._election = election
        self._station = station
        self._key = key
        self._clock = clock

    def put(self, facts: Sequence[Fact], cursor: int | None = None) -> None:
        """Save ``facts``, durable when it returns, and with them the reader's ``cursor``.

        Raises:
            FactTooLarge: one of them does not fit in an envelope.
            RecordTrouble: the disk refused; none of them was saved.
        """
        with reporting(self._path), transaction(self._connection):
            self._seal_all(facts)
            if cursor is not None:
                self._connection.execute(
                    "INSERT OR REPLACE INTO meta (name, value) VALUES ('cursor', ?)",
                    (str(cursor),),
                )

    def _seal_all(self, facts: Sequence[Fact]) -> None:
        query = "SELECT coalesce(max(sequence), 0) + 1 FROM envelopes"
        (first,) = self._connection.execute(query).fetchone()
        for sequence, part in enumerate(_parts(facts), first):
            envelope = Envelope(self._election, self._station, sequence, self._clock(), part)
            self._connection.execute(
                "INSERT INTO envelopes (sequence, body, facts) VALUES (?, ?, ?)",
                (sequence, seal(envelope, self._key), len(part)),
            )

    @property
    def now(self) -> datetime:
        """The time by the clock that seals."""
        return self._clock()

    @property
    def cursor(self) -> int:
        """What the last ``put`` with a cursor saved; 0 before any."""
        query = "SELECT value FROM meta WHERE name = 'cursor'"
        row = self._connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def next_pending(self) -> Pending | None:
        """The first envelope that was not delivered, or ``None``."""
        query = "SELECT sequence, body FROM envelopes WHERE delivered = 0 ORDER BY sequence LIMIT 1"
        with reporting(self._path):
            row = self._connection.execute(query).fetchone()
        return Pending(*row) if row else None

    def mark_delivered(self, sequence: int) -> None:
        """The centre acknowledged the envelope."""
        with reporting(self._path):
            self._connection.execute(
                "UPDATE envelopes SET delivered = 1 WHERE sequence = ?", (sequence,)
            )

    def rewind(self, sequence: int) -> None:
        """The centre asks for everything from ``sequence`` on once more."""
        with reporting(self._path):
            self._connection.execute(
                "UPDATE envelopes SET delivered = 0 WHERE sequence >= ?", (sequence,)
            )

    def withdraw_first(self) -> None:
        """Take out the first envelope that was not delivered, so that the later ones can leave.

        For one that the centre refused for good; keep its :func:`facts_of` first. The later ones
        are sealed anew, now, under the numbers that are free: the centre, which takes envelopes in
        order only, has recorded none of them.

        Raises:
            RecordTrouble: the disk refused; the outbox is as before.
        """
        with reporting(self._path), transaction(self._connection):
            query = "SELECT sequence, body FROM envelopes WHERE delivered = 0 ORDER BY sequence"
            pending = [Pending(*row) for row in self._connection.execute(query)]
            self._connection.execute("DELETE FROM envelopes WHERE delivered = 0")
            for later in pending[1:]:
                self._seal_all(facts_of(later))

    def close(self) -> None:
        """Give the file up."""
        self._connection.close()


def facts_of(pending: Pending) -> tuple[Fact, ...]:
    """The facts in an envelope of this station's own."""
    return decode_envelope(unwrap(pending.body).payload).facts


def contents(path: Path) -> Contents:
    """How much is in the outbox at ``path``, without its key.

    Raises:
        RecordTrouble: it is not an outbox.
    """
    connection = open_to_read(path, OUTBOX)
    query = (
        "SELECT coalesce(sum(facts), 0), coalesce(sum(facts) FILTER (WHERE delivered = 0), 0), "
        "count(*) FILTER (WHERE delivered = 0) FROM envelopes"
    )
    try:
        with reporting(path):
            return Contents(*connection.execute(query).fetchone())
    finally:
        connection.close()


def _parts(facts: Sequence[Fact]) -> Iterator[tuple[Fact, ...]]:
    """``facts`` in order, in as few envelopes as their number and their bytes allow."""
    part: list[Fact] = []
    size = 0
    for number, fact in enumerate(facts, 1):
        own = len(encode_fact(fact)) + 1
        if own > MAX_FACTS_BYTES:
            raise FactTooLarge(number, own)
        if len(part) == MAX_FACTS or size + own > MAX_FACTS_BYTES:
            yield tuple(part)
            part, size = [], 0
        part.append(fact)
        size += own
    if part:
        yield tuple(part)
