"""The embedded engine of the record: SQLite, durable before it answers, one writer.

Everything waiting to be appended is written in one transaction (group commit), so that many
stations share one flush of the disk. ``synchronous=FULL`` flushes the write-ahead log at every
commit; an event is acknowledged only after that. Each row carries SHA-256 over the row before it
and its own bytes, so that no event can be changed or dropped in silence.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from typing import IO, NamedTuple

import msgspec

from openprep.record.codes import RecordCode, RecordTrouble
from openprep.record.events import FORMAT, Event, decode_event, digest_of, encode_event, kind_of

MOST_IN_A_COMMIT = 2000
"""Events that one transaction may hold: bounds the time until the first of them is answered."""

ORIGIN = b"openprep/record/v1"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    chain BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
"""
_INSERT = "INSERT INTO events (position, kind, digest, chain, body) VALUES (?, ?, ?, ?, ?)"


class Appended(NamedTuple):
    """Where an event stands. ``duplicate``: it stood there before, and nothing was added."""

    position: int
    duplicate: bool


@dataclass(frozen=True)
class _Request:
    events: Sequence[Event]
    answer: "Future[list[Appended]]"


class Record:
    """The record of one election, made with :meth:`open`; any thread may call any method."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: IO[str]) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock
        self._requests: SimpleQueue[_Request | None] = SimpleQueue()
        self._position, self._chain = _last(connection)
        self._accepting = True
        self._gate = threading.Lock()
        self._writer = threading.Thread(target=self._write_all, name="record", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, path: Path, election: str, election_digest: str) -> "Record":
        """Open the record at ``path``, made now if there is none, for one election's rules.

        Raises:
            RecordTrouble: IN_USE, OTHER_ELECTION or UNREADABLE.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _take_lock(path)
        try:
            connection = _connect(path)
            _bind(connection, path, election, election_digest)
            return cls(path, connection, lock)
        except BaseException:
            lock.close()
            raise

    def append(self, events: Sequence[Event]) -> list[Appended]:
        """Append ``events`` in order; durable when it returns.

        Raises:
            RecordTrouble: NOT_WRITTEN or CLOSED; none of them was appended.
        """
        return self.submit(events).result()

    def submit(self, events: Sequence[Event]) -> "Future[list[Appended]]":
        """As :meth:`append`, answered through a future when the events are durable."""
        answer: Future[list[Appended]] = Future()
        with self._gate:
            if not self._accepting:
                raise RecordTrouble(RecordCode.CLOSED, str(self.path))
            self._requests.put(_Request(events, answer))
        return answer

    def read(self, after: int = 0) -> Iterator[tuple[int, Event]]:
        """Events after position ``after``, in order, as they stand when it begins.

        Raises:
            RecordTrouble: UNREADABLE.
        """
        connection = _connect(self.path)
        try:
            query = "SELECT position, body FROM events WHERE position > ? ORDER BY position"
            for position, body in connection.execute(query, (after,)):
                yield position, decode_event(body)
        except (sqlite3.DatabaseError, msgspec.DecodeError) as error:
            raise RecordTrouble(RecordCode.UNREADABLE, f"{self.path}: {error}") from error
        finally:
            connection.close()

    def has(self, digest: bytes) -> bool:
        """Whether an event with this idempotency key is in the record."""
        connection = _connect(self.path)
        try:
            query = "SELECT 1 FROM events WHERE digest = ?"
            return connection.execute(query, (digest,)).fetchone() is not None
        finally:
            connection.close()

    def verify(self) -> int:
        """Walk the whole chain; the number of events in it.

        Raises:
            RecordTrouble: CHAIN_BROKEN, naming the first position that does not follow.
        """
        connection = _connect(self.path)
        chain, count = sha256(ORIGIN).digest(), 0
        try:
            for position, kept, body in connection.execute(
                "SELECT position, chain, body FROM events ORDER BY position"
            ):
                count += 1
                chain = _link(chain, body)
                if position != count or kept != chain:
                    detail = f"{self.path} at position {count}"
                    raise RecordTrouble(RecordCode.CHAIN_BROKEN, detail)
        finally:
            connection.close()
        return count

    def close(self) -> None:
        """Write what is waiting, and give the record up."""
        with self._gate:
            if not self._accepting:
                return
            self._accepting = False
            self._requests.put(None)
        self._writer.join()
        self._connection.close()
        self._lock.close()

    def _write_all(self) -> None:
        closing = False
        while not closing:
            batch, closing = self._next_batch()
            if batch:
                self._commit(batch)

    def _next_batch(self) -> tuple[list[_Request], bool]:
        """What is waiting now, at least one request; and whether the record is to be closed."""
        batch: list[_Request] = []
        size = 0
        while size < MOST_IN_A_COMMIT and (not batch or not self._requests.empty()):
            request = self._requests.get()
            if request is None:
                return batch, True
            batch.append(request)
            size += len(request.events)
        return batch, False

    def _commit(self, batch: list[_Request]) -> None:
        position, chain = self._position, self._chain
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            answers = [self._insert(request.events) for request in batch]
            self._connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            self._position, self._chain = position, chain
            self._roll_back()
            trouble = RecordTrouble(RecordCode.NOT_WRITTEN, f"{self.path}: {error}")
            for request in batch:
                request.answer.set_exception(trouble)
            return
        for request, answer in zip(batch, answers, strict=True):
            request.answer.set_result(answer)

    def _insert(self, events: Sequence[Event]) -> list[Appended]:
        answer = []
        for event in events:
            digest, body = digest_of(event), encode_event(event)
            earlier = self._connection.execute(
                "SELECT position FROM events WHERE digest = ?", (digest,)
            ).fetchone()
            if earlier is not None:
                answer.append(Appended(earlier[0], duplicate=True))
                continue
            chain = _link(self._chain, body)
            row = (self._position + 1, kind_of(event), digest, chain, body)
            self._connection.execute(_INSERT, row)
            self._position, self._chain = self._position + 1, chain
            answer.append(Appended(self._position, duplicate=False))
        return answer

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._connection.close()
            self._connection = _connect(self.path)


def _link(chain: bytes, body: bytes) -> bytes:
    return sha256(chain + body).digest()


def _connect(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.executescript(_SCHEMA)
    except sqlite3.Error as error:
        raise RecordTrouble(RecordCode.UNREADABLE, f"{path}: {error}") from error
    return connection


def _last(connection: sqlite3.Connection) -> tuple[int, bytes]:
    query = "SELECT position, chain FROM events ORDER BY position DESC LIMIT 1"
    last = connection.execute(query).fetchone()
    return (last[0], last[1]) if last else (0, sha256(ORIGIN).digest())


def _bind(connection: sqlite3.Connection, path: Path, election: str, digest: str) -> None:
    """Write whose record this is, the first time; insist on it, every other time."""
    ours = {"format": str(FORMAT), "election": election, "election_digest": digest}
    connection.executemany("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)", ours.items())
    kept = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    if kept != ours:
        wrong = ", ".join(
            f"{name} is {kept.get(name)}" for name in ours if kept.get(name) != ours[name]
        )
        raise RecordTrouble(RecordCode.OTHER_ELECTION, f"{path}: {wrong}")


def _take_lock(path: Path) -> IO[str]:
    lock = path.with_name(path.name + ".lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        owner = lock.read(20).strip()
        lock.close()
        detail = f"{path} is written by process {owner or 'unknown'}"
        raise RecordTrouble(RecordCode.IN_USE, detail) from error
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock
