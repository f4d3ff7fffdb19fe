"""The embedded engine of the record: SQLite, durable before it answers, one writer.

Everything waiting to be appended is written in one transaction (group commit), so that many
stations share one flush of the disk; an event is acknowledged only after that. Each row carries
SHA-256 over the chain of the row before it and its own bytes, so that no event can be changed,
moved or dropped in silence; every reading checks it.
"""

import fcntl
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import IO, NamedTuple, TypeAlias

import msgspec

from openprep.record.codes import RecordCode, RecordTrouble, reporting
from openprep.record.database import Kind, open_to_read, open_to_write, owner_of, transaction
from openprep.record.events import FORMAT, Event, decode_event, digest_of, encode_event, kind_of

MOST_IN_A_COMMIT = 2000
"""Events that one transaction may gather: bounds the time until the first of them is answered."""

ORIGIN = b"openprep/record/v1"
"""What the chain begins from, with the election and its rules."""

_EVENTS = """CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    chain BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT"""
RECORD = Kind(mark=0x50524550, format=FORMAT, schema=(_EVENTS,))  # "PREP"
_INSERT = "INSERT INTO events (position, kind, digest, chain, body) VALUES (?, ?, ?, ?, ?)"
_WHERE = "SELECT position FROM events WHERE digest = ?"


class Appended(NamedTuple):
    """Where an event stands. ``duplicate``: it stood there before, and nothing was added."""

    position: int
    duplicate: bool


_Line: TypeAlias = tuple[str, bytes, bytes]
"""Kind, digest and body of an event, encoded by whoever appends it: the writer only writes."""


@dataclass(frozen=True)
class _Request:
    lines: Sequence[_Line]
    answer: "Future[list[Appended]]"


class Record:
    """The record of one election, made with :meth:`open`; any thread may call any method."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, lock: IO[str], origin: bytes
    ) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock
        self.origin = origin
        self._position, self._chain = _last(connection, origin)
        self._lookup = open_to_read(path, RECORD)
        self._looking = threading.Lock()
        self._requests: SimpleQueue[_Request | None] = SimpleQueue()
        self._accepting = True
        self._failure: RecordTrouble | None = None
        self._gate = threading.Lock()
        self._writer = threading.Thread(target=self._write_all, name="record", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, path: Path, election: str, election_digest: str) -> "Record":
        """Open the record at ``path``, made now if there is none, for one election's rules.

        Raises:
            RecordTrouble: IN_USE, OTHER_ELECTION, UNREADABLE, or what the disk refuses.
        """
        lock = _take_lock(path)
        try:
            owner = {"election": election, "election_digest": election_digest}
            connection = open_to_write(path, RECORD, owner)
            with reporting(path):
                return cls(path, connection, lock, origin_of(election, election_digest))
        except BaseException:
            lock.close()
            raise

    def append(self, events: Sequence[Event]) -> list[Appended]:
        """Append ``events`` in order, all or none; durable when it returns.

        Raises:
            RecordTrouble: CLOSED, or what the disk refuses; none of them was acknowledged.
        """
        return self.submit(events).result()

    def submit(self, events: Sequence[Event]) -> "Future[list[Appended]]":
        """As :meth:`append`, answered through a future when the events are durable.

        Futures are answered in the order of the record.
        """
        encoded = (map(kind_of, events), map(digest_of, events), map(encode_event, events))
        lines = list(zip(*encoded, strict=True))
        answer: Future[list[Appended]] = Future()
        answer.set_running_or_notify_cancel()  # an append cannot be taken back
        with self._gate:
            if not self._accepting:
                raise RecordTrouble(RecordCode.CLOSED, "{path}", path=self.path)
            self._requests.put(_Request(lines, answer))
        return answer

    def read(self, after: int = 0) -> Iterator[tuple[int, Event]]:
        """Events after position ``after``, in order, as they stand when it begins.

        Raises:
            RecordTrouble: CHAIN_BROKEN at the first event that does not follow, or UNREADABLE.
        """
        yield from read_after(self.path, self.origin, after)

    def position_of(self, digest: bytes) -> int | None:
        """Where the event with this idempotency key stands; ``None`` if it was not recorded."""
        with self._looking, reporting(self.path):
            found = self._lookup.execute(_WHERE, (digest,)).fetchone()
        return found[0] if found else None

    def verify(self) -> int:
        """Walk the whole chain, every event and its key; the number of events in it.

        Raises:
            RecordTrouble: CHAIN_BROKEN, naming the first position that does not follow.
        """
        expected = self._position
        count = 0
        for count, event in self.read():
            if self.position_of(digest_of(event)) != count:
                raise _broken(self.path, count)
        if count < expected:
            raise _broken(self.path, count + 1)
        return count

    def close(self) -> None:
        """Write what is waiting, and give the record up."""
        with self._gate:
            if not self._accepting:
                return
            self._accepting = False
            self._requests.put(None)
        self._writer.join()
        self._lookup.close()
        self._connection.close()
        self._lock.close()

    def _write_all(self) -> None:
        closing = False
        while not closing:
            batch, closing = self._next_batch()
            if batch:
                self._answer(batch)

    def _next_batch(self) -> tuple[list[_Request], bool]:
        """What is waiting now, at least one request; and whether the record is to be closed."""
        batch: list[_Request] = []
        size = 0
        while size < MOST_IN_A_COMMIT and (not batch or not self._requests.empty()):
            request = self._requests.get()
            if request is None:
                return batch, True
            batch.append(request)
            size += len(request.lines)
        return batch, False

    def _answer(self, batch: list[_Request]) -> None:
        try:
            answers = self._commit(batch)
        except Exception as trouble:  # noqa: BLE001 - whoever waits is told, whatever it is
            for request in batch:
                request.answer.set_exception(trouble)
            return
        for request, answer in zip(batch, answers, strict=True):
            request.answer.set_result(answer)

    def _commit(self, batch: list[_Request]) -> list[list[Appended]]:
        if self._failure is not None:
            raise self._failure
        position, chain = self._position, self._chain
        try:
            with reporting(self.path):
                self._connection.execute("BEGIN IMMEDIATE")
                answers = self._insert_all(batch)
                self._connection.execute("COMMIT")
        except BaseException as trouble:
            self._position, self._chain = position, chain
            self._recover(trouble)
            raise
        return answers

    def _insert_all(self, batch: list[_Request]) -> list[list[Appended]]:
        """Insert as if nothing were a duplicate, as is nearly always so; else look at each event.

        Looking first would cost every event a third of its time.
        """
        position, chain = self._position, self._chain
        try:
            return [self._insert(request.lines) for request in batch]
        except sqlite3.IntegrityError:
            self._position, self._chain = position, chain
            self._connection.execute("ROLLBACK")
            self._connection.execute("BEGIN IMMEDIATE")
            return [[self._insert_unless_known(line) for line in entry.lines] for entry in batch]

    def _insert(self, lines: Sequence[_Line]) -> list[Appended]:
        chain, rows = self._chain, []
        for position, (kind, digest, body) in enumerate(lines, self._position + 1):
            chain = _link(chain, body)
            rows.append((position, kind, digest, chain, body))
        self._connection.executemany(_INSERT, rows)
        self._position, self._chain = self._position + len(rows), chain
        return [Appended(row[0], duplicate=False) for row in rows]

    def _insert_unless_known(self, line: _Line) -> Appended:
        earlier = self._connection.execute(_WHERE, (line[1],)).fetchone()
        if earlier is not None:
            return Appended(earlier[0], duplicate=True)
        return self._insert([line])[0]

    def _recover(self, trouble: BaseException) -> None:
        """Go on after a full or busy disk; stop for good where what is stored is in doubt.

        After a failed flush the system may call the next one a success although the pages are
        gone (Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020).
        """
        curable = {RecordCode.DISK_FULL, RecordCode.BUSY, RecordCode.NOT_WRITABLE}
        if not (isinstance(trouble, RecordTrouble) and trouble.code in curable):
            self._failure = RecordTrouble(
                RecordCode.DISK_FAILED, "{path}: {trouble}", path=self.path, trouble=trouble
            )
            return
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            self._failure = RecordTrouble(
                RecordCode.DISK_FAILED, "{path}: {error}", path=self.path, error=error
            )

    def last_event(self) -> Event | None:
        """The newest event; ``None`` before any."""
        newest = [event for _, event in self.read(after=max(self._position - 1, 0))]
        return newest[-1] if newest else None


def read_file(path: Path, election: str, election_digest: str) -> Iterator[tuple[int, Event]]:
    """Every event of the record at ``path``, in order, without taking the record.

    Raises:
        RecordTrouble: CHAIN_BROKEN at the first event that does not follow, or UNREADABLE.
    """
    return read_after(path, origin_of(election, election_digest), 0)


def chain_at(path: Path, origin: bytes, position: int) -> bytes | None:
    """The chain of the event at ``position``; ``None`` if there is no such event.

    Raises:
        RecordTrouble: CHAIN_BROKEN at the first event up to there that does not follow, or
            UNREADABLE.
    """
    rows = islice(_walk(path, origin, 0), position)
    last = deque(rows, maxlen=1)
    return last[0].chain if last and last[0].position == position else None


class _Row(NamedTuple):
    """An event as it is stored, found to follow the one before."""

    position: int
    chain: bytes
    body: bytes


def read_after(path: Path, origin: bytes, after: int) -> Iterator[tuple[int, Event]]:
    """As :func:`read_file`, of the record of ``origin``, from the event after ``after`` on."""
    for position, _, body in _walk(path, origin, after):
        try:
            yield position, decode_event(body)
        except msgspec.DecodeError as error:
            raise RecordTrouble(
                RecordCode.UNREADABLE,
                "{path} at position {position}: {error}",
                path=path,
                position=position,
                error=error,
            ) from error


def _walk(path: Path, origin: bytes, after: int) -> Iterator[_Row]:
    """The events after ``after``, each found to follow the one before."""
    with reporting(path):
        connection = open_to_read(path, RECORD)
        try:
            query = "SELECT chain FROM events WHERE position = ?"
            before = connection.execute(query, (after,)).fetchone()
            chain = before[0] if before else origin
            query = "SELECT position, chain, body FROM events WHERE position > ? ORDER BY 1"
            rows = connection.execute(query, (after,))
            for number, (position, kept, body) in enumerate(rows, after + 1):
                chain = _link(chain, body)
                if position != number or kept != chain:
                    raise _broken(path, number)
                yield _Row(position, chain, body)
        finally:
            connection.close()


def _broken(path: Path, position: int) -> RecordTrouble:
    return RecordTrouble(
        RecordCode.CHAIN_BROKEN, "{path} at position {position}", path=path, position=position
    )


def digest_of_election(path: Path) -> str | None:
    """The digest of the election that the record at ``path`` is of; ``None`` if there is none yet.

    Raises:
        RecordTrouble: UNREADABLE, it is no record.
    """
    return owner_of(path, RECORD).get("election_digest")


def restamp(path: Path, election: str, before: str, digest: str) -> None:
    """Make the record of one election's digest that of another digest, its events as they are.

    Only the caller can know that nothing was published under the digest ``before``.

    Raises:
        RecordTrouble: IN_USE, OTHER_ELECTION, CHAIN_BROKEN, or what the disk refuses.
    """
    lock = _take_lock(path)
    try:
        connection = open_to_write(path, RECORD, {"election": election, "election_digest": before})
        try:
            with reporting(path), transaction(connection):
                _chain_anew(connection, origin_of(election, digest))
                query = "UPDATE meta SET value = ? WHERE name = 'election_digest'"
                connection.execute(query, (digest,))
        finally:
            connection.close()
    finally:
        lock.close()


def _chain_anew(connection: sqlite3.Connection, chain: bytes) -> None:
    rows = connection.execute("SELECT position, body FROM events ORDER BY 1").fetchall()
    for position, body in rows:
        chain = _link(chain, body)
        connection.execute("UPDATE events SET chain = ? WHERE position = ?", (chain, position))


def origin_of(election: str, election_digest: str) -> bytes:
    """What the first event's chain follows: another election's record has another one."""
    return sha256(b"\n".join((ORIGIN, election.encode(), election_digest.encode()))).digest()


def _link(chain: bytes, body: bytes) -> bytes:
    return sha256(chain + body).digest()


def _last(connection: sqlite3.Connection, origin: bytes) -> tuple[int, bytes]:
    query = "SELECT position, chain FROM events ORDER BY position DESC LIMIT 1"
    last = connection.execute(query).fetchone()
    return (last[0], last[1]) if last else (0, origin)


def _take_lock(path: Path) -> IO[str]:
    """The writer's lock, which the system takes back when its process ends, however it ends.

    It is on a file of its own: closing another handle of SQLite's file would drop SQLite's locks
    (https://sqlite.org/howtocorrupt.html, section 2.2).
    """
    with reporting(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(path.name + ".lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        owner = lock.read(20).strip()
        lock.close()
        raise RecordTrouble(
            RecordCode.IN_USE,
            "{path} is written by process {owner}",
            path=path,
            owner=owner or "unknown",
        ) from error
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock
