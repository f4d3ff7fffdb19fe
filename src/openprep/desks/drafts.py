"""What people typed and did not save yet, and which tickets are spent: private, durable.

A draft is a person's under one ticket, so that it comes back to nobody else and with no other
image. A step that somebody confirmed stands in its draft before it is sealed: a house that is
killed between the two seals it when it starts. A spent ticket is remembered, so that what arrives
a second time, by a double Enter, a reload or a second tab, counts once.
"""

import threading
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct, field

from openprep.capture.reading import FieldName, Reading
from openprep.capture.steps import AnyStep, HintCode
from openprep.private import open_private
from openprep.record.codes import reporting
from openprep.record.database import Kind, open_to_read, open_to_write, transaction

_DRAFTS = """CREATE TABLE drafts (
    number INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    ticket TEXT NOT NULL,
    body BLOB NOT NULL,
    confirmed INTEGER NOT NULL,
    UNIQUE (person, ticket)
) STRICT"""
_SPENT = "CREATE TABLE spent (ticket BLOB PRIMARY KEY) STRICT, WITHOUT ROWID"
DRAFTS = Kind(mark=0x50524844, format=1, schema=(_DRAFTS, _SPENT))  # "PRHD"


class Draft(Struct, frozen=True, omit_defaults=True):
    """What one person typed under one ticket, as it was typed.

    ``choices`` and ``words`` are what was chosen and written beside the fields. ``first`` are the
    figures as they were first saved, and ``shown`` the hints that came of it, or of later ones.
    ``step`` is what was confirmed, of which nobody knows yet whether it is sealed, at ``place``.
    """

    fields: dict[FieldName, str] = field(default_factory=dict)
    noted: tuple[str, ...] = ()
    choices: dict[str, str] = field(default_factory=dict)
    words: str = ""
    first: Reading | None = None
    shown: tuple[HintCode, ...] = ()
    step: AnyStep | None = None
    place: str = ""

    @property
    def version(self) -> str:
        """A digest of it, by which a page says which draft it showed."""
        return sha256(_encoder.encode(self)).hexdigest()[:32]


class Kept(NamedTuple):
    """A draft, whose it is, and under which ticket."""

    person: str
    ticket: str
    draft: Draft


class Spent(NamedTuple):
    """A ticket under which something was sealed, and whose it is."""

    person: str
    ticket: str


class Drafts:
    """The drafts of one house, in a file of its owner's only.

    Raises:
        RecordTrouble: the file is another election's, or cannot be written.
    """

    def __init__(self, path: Path, election: str) -> None:
        self._path = path
        with reporting(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                open_private(path).close()
        self._connection = open_to_write(path, DRAFTS, {"election": election})
        self._gate = threading.Lock()
        self._reading = open_to_read(path, DRAFTS)
        """Whoever reads waits for no flush: it takes less than handing it to a thread."""
        self._reading_gate = threading.Lock()

    def of(self, person: str) -> list[Kept]:
        """A person's drafts, the oldest first."""
        query = "SELECT person, ticket, body FROM drafts WHERE person = ? ORDER BY number"
        return self._read(query, person)

    def confirmed(self) -> list[Kept]:
        """Those whose step was confirmed, and may not be sealed yet."""
        return self._read("SELECT person, ticket, body FROM drafts WHERE confirmed ORDER BY number")

    def find(self, person: str, ticket: str) -> Draft | None:
        """What a person typed under a ticket."""
        query = "SELECT person, ticket, body FROM drafts WHERE person = ? AND ticket = ?"
        return next((kept.draft for kept in self._read(query, person, ticket)), None)

    def keep(self, person: str, ticket: str, draft: Draft) -> None:
        """Keep a draft instead of the one before it, durable when this returns.

        Raises:
            RecordTrouble: the disk refused; the one before is kept.
        """
        self.write([Kept(person, ticket, draft)])

    def spend(self, person: str, ticket: str) -> None:
        """What was confirmed under a ticket is sealed: the draft goes, and nothing more counts.

        Raises:
            RecordTrouble: the disk refused; the draft stays as confirmed.
        """
        self.write([Spent(person, ticket)])

    def write(self, changes: Sequence[Kept | Spent]) -> None:
        """Keep and spend, in this order, durable when this returns.

        Raises:
            RecordTrouble: the disk refused; everything is as before.
        """
        with self._gate, reporting(self._path), transaction(self._connection):
            for change in changes:
                if isinstance(change, Spent):
                    self._spend(change)
                else:
                    self._keep(change)

    def _keep(self, kept: Kept) -> None:
        draft = kept.draft
        self._connection.execute(
            "INSERT INTO drafts (person, ticket, body, confirmed) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (person, ticket) "
            "DO UPDATE SET body = excluded.body, confirmed = excluded.confirmed",
            (kept.person, kept.ticket, _encoder.encode(draft), draft.step is not None),
        )

    def _spend(self, spent: Spent) -> None:
        self._connection.execute("REPLACE INTO spent VALUES (?)", (_digest(spent.ticket),))
        self._connection.execute(
            "DELETE FROM drafts WHERE person = ? AND ticket = ?", (spent.person, spent.ticket)
        )

    def is_spent(self, ticket: str) -> bool:
        """Whether something was sealed under a ticket."""
        query = "SELECT 1 FROM spent WHERE ticket = ?"
        with self._reading_gate, reporting(self._path):
            return self._reading.execute(query, (_digest(ticket),)).fetchone() is not None

    def _read(self, query: str, *values: str) -> list[Kept]:
        with self._reading_gate, reporting(self._path):
            rows = self._reading.execute(query, values).fetchall()
        return [Kept(person, ticket, _decoder.decode(body)) for person, ticket, body in rows]

    def close(self) -> None:
        """Give the file up."""
        self._reading.close()
        self._connection.close()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Draft)


def _digest(ticket: str) -> bytes:
    return sha256(ticket.encode()).digest()
