"""What must be there after a restart of who is signed in, in a file of its owner's only.

No token is in it: of each only the hash is kept, and by that nobody signs in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Literal, TypeAlias

from openprep.capture.steps import Pseudonym, SessionId
from openprep.durable import make_folder
from openprep.people.roles import Role
from openprep.people.roster import Seen
from openprep.private import open_private
from openprep.record.codes import reporting
from openprep.record.database import Kind, open_to_write, transaction

Kept: TypeAlias = bytes
"""The hash of a token, by which it is known."""

Shut: TypeAlias = Literal["person", "place"]
"""What may be shut out until it is let in again; also a column of the sessions."""

KIND = Kind(
    mark=0x50505345,  # "PPSE"
    format=1,
    schema=(
        """CREATE TABLE sessions (
            kept BLOB PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            sign_in TEXT NOT NULL,
            person TEXT NOT NULL,
            place TEXT NOT NULL,
            role TEXT NOT NULL,
            proof TEXT NOT NULL,
            begun INTEGER NOT NULL
        ) STRICT""",
        """CREATE TABLE shut (
            kind TEXT NOT NULL,
            which TEXT NOT NULL,
            PRIMARY KEY (kind, which)
        ) STRICT""",
        "CREATE TABLE codes (sign_in TEXT PRIMARY KEY, step INTEGER NOT NULL) STRICT",
        """CREATE TABLE machines (
            kept BLOB PRIMARY KEY,
            place TEXT NOT NULL,
            used INTEGER NOT NULL
        ) STRICT""",
        """CREATE TABLE roster (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            number INTEGER NOT NULL,
            digest TEXT NOT NULL
        ) STRICT""",
    ),
)


@dataclass(frozen=True)
class Session:
    """Who works where, and as what; ``id`` stands in the facts of this session."""

    id: SessionId
    sign_in: str
    person: Pseudonym
    place: str
    role: Role
    proof: str
    """Digest of what the person signed in by: with another password or secret it is over."""
    begun: datetime


@dataclass(frozen=True)
class Beginning:
    """All that is written when a session begins, and what makes room for it."""

    kept: Kept
    session: Session
    step: int
    """Of the one-time code that was used."""
    machine: Kept
    ended: tuple[Kept, ...]
    forgotten: tuple[Kept, ...]
    """Machines that are known no more."""


@dataclass
class Found:
    """What a file had when it was opened; the sessions and machines with the oldest first."""

    sessions: dict[Kept, Session] = field(default_factory=dict)
    shut: set[tuple[str, str]] = field(default_factory=set)
    codes: dict[str, int] = field(default_factory=dict)
    machines: dict[Kept, str] = field(default_factory=dict)
    seen: Seen | None = None


def kept_of(token: str) -> Kept:
    """What is kept of a token: it is random, so that a plain hash leads nobody back."""
    return sha256(token.encode(errors="replace")).digest()


class SessionFile:
    """The file of one house. What a method did is on disk when it returns; one thread at a time."""

    def __init__(self, path: Path, election: str) -> None:
        """Open the file, made now if there is none; no other process can until it is closed.

        Raises:
            RecordTrouble: it is another election's, another process has it (BUSY), or what the
                disk refuses.
        """
        self.path = path
        with reporting(path):
            make_folder(path.parent)
            if not path.exists():
                open_private(path).close()
        self._connection = open_to_write(path, KIND, {"election": election})
        try:
            with reporting(path):
                _keep_others_out(self._connection)
        except BaseException:
            self.close()
            raise

    def found(self) -> Found:
        """All that is in it."""
        with reporting(self.path):
            rows = self._all("SELECT * FROM sessions ORDER BY begun, rowid")
            newest = self._all("SELECT number, digest FROM roster")
            return Found(
                sessions={kept: _session(rest) for kept, *rest in rows},
                shut=set(self._all("SELECT kind, which FROM shut")),
                codes=dict(self._all("SELECT sign_in, step FROM codes")),
                machines=dict(self._all("SELECT kept, place FROM machines ORDER BY used, rowid")),
                seen=Seen(*newest[0]) if newest else None,
            )

    def _all(self, select: str) -> list[Any]:
        return self._connection.execute(select).fetchall()

    def begin(self, one: Beginning) -> None:
        """A session begins, its code is used, its machine is known."""
        session, at = one.session, int(one.session.begun.timestamp())
        row = (one.kept, session.id, session.sign_in, session.person, session.place)
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, session.role.value, session.proof, at),
            )
            connection.execute("REPLACE INTO codes VALUES (?, ?)", (session.sign_in, one.step))
            machine = (one.machine, session.place, at)
            connection.execute("REPLACE INTO machines VALUES (?, ?, ?)", machine)
            gone, forgotten = _each(one.ended), _each(one.forgotten)
            connection.executemany("DELETE FROM sessions WHERE kept = ?", gone)
            connection.executemany("DELETE FROM machines WHERE kept = ?", forgotten)

    def end(self, ended: list[Kept]) -> None:
        """These sessions are over."""
        if ended:
            with self._transaction() as connection:
                connection.executemany("DELETE FROM sessions WHERE kept = ?", _each(ended))

    def shut(self, kind: Shut, which: str) -> None:
        """A person or a place is shut out, and its sessions are over."""
        with self._transaction() as connection:
            connection.execute("REPLACE INTO shut VALUES (?, ?)", (kind, which))
            column = "person" if kind == "person" else "place"
            connection.execute(f"DELETE FROM sessions WHERE {column} = ?", (which,))  # noqa: S608 - one of two names

    def let_in(self, kind: Shut, which: str) -> None:
        """It is shut out no more."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM shut WHERE kind = ? AND which = ?", (kind, which))

    def see(self, seen: Seen, ended: list[Kept]) -> None:
        """This is the newest list of people; it does not provide for these sessions."""
        with self._transaction() as connection:
            connection.execute("REPLACE INTO roster VALUES (1, ?, ?)", seen)
            connection.executemany("DELETE FROM sessions WHERE kept = ?", _each(ended))

    def close(self) -> None:
        """Give the file up."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with reporting(self.path), transaction(self._connection):
            yield self._connection


def _keep_others_out(connection: Connection) -> None:
    """Another process would not see what this one revokes."""
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    with transaction(connection):
        connection.execute("UPDATE meta SET value = value")


def _each(kept: "list[Kept] | tuple[Kept, ...]") -> list[tuple[Kept]]:
    return [(one,) for one in kept]


def _session(row: list[Any]) -> Session:
    named, sign_in, person, place, role, proof, begun = row
    at = datetime.fromtimestamp(begun, UTC)
    return Session(named, sign_in, person, place, Role(role), proof, at)
