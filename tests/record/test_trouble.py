"""The record in trouble: alien files, damaged logs, failed disks, closings that race."""

import errno
import os
import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostile.killing import statements
from hostile.rights import without_rights
from openprep.durable import writing_whole
from openprep.record import images
from openprep.record.codes import RecordCode, RecordTrouble, reporting
from openprep.record.events import Closed, EnvelopeReceived, Opened
from openprep.record.images import ImageFolder
from openprep.record.ledger import Ledger, ReceptionClosed
from openprep.record.sqlite import Record
from record.engine import full_disk, noting_connections
from small.election import small_election

T0 = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
RULES = "ab" * 32


def open_record(path, election="puebla-2024"):
    return Record.open(path, election, RULES)


def envelope(number):
    at = T0 + timedelta(seconds=number)
    return EnvelopeReceived(at, "D01", number, b"payload %d" % number, b"s" * 64)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "record.sqlite"


@pytest.fixture
def connections():
    with noting_connections() as connections:
        yield connections


@pytest.fixture
def record(path, connections):
    record = open_record(path)
    yield record
    record.close()


@pytest.fixture
def writer(record, connections):
    """The connection that the record writes by."""
    return connections[0]


def code_of(call):
    with pytest.raises(RecordTrouble) as trouble:
        call()
    return trouble.value.code


def test_a_database_of_another_program_is_left_as_it_was(path):
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE padron (nombre TEXT)")
    before = path.read_bytes()
    assert code_of(lambda: open_record(path)) is RecordCode.UNREADABLE
    assert path.read_bytes() == before


def test_a_record_of_a_later_format_is_not_touched(path):
    open_record(path).close()
    with sqlite3.connect(path) as later:
        later.execute("PRAGMA user_version = 2")
    assert code_of(lambda: open_record(path)) is RecordCode.UNREADABLE


def test_events_of_another_election_do_not_follow_from_our_beginning(path, tmp_path):
    """Rewriting the owner's name does not make one election's record another's."""
    record = open_record(path)
    record.append([envelope(1)])
    record.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = 'puebla-2030' WHERE name = 'election'")
    stolen = open_record(path, "puebla-2030")
    assert code_of(stolen.verify) is RecordCode.CHAIN_BROKEN
    assert code_of(lambda: Ledger(stolen, small_election().rules)) is RecordCode.CHAIN_BROKEN
    stolen.close()


def test_a_tail_removed_under_a_running_centre_is_seen(record, path):
    record.append([envelope(1), envelope(2)])
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM events WHERE position = 2")
    assert code_of(record.verify) is RecordCode.CHAIN_BROKEN


def test_an_event_given_anothers_key_is_seen(record, path):
    record.append([envelope(1)])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE events SET digest = x'00' WHERE position = 1")
    assert code_of(record.verify) is RecordCode.CHAIN_BROKEN


def test_reading_from_the_middle_checks_the_chain_too(record, path):
    record.append([envelope(number) for number in range(1, 6)])
    assert [position for position, _ in record.read(after=3)] == [4, 5]
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE events SET body = x'00' WHERE position = 5")
    assert code_of(lambda: list(record.read(after=3))) is RecordCode.CHAIN_BROKEN


def test_an_event_that_cannot_be_encoded_harms_nobody_else(record):
    wrong = Closed(T0, object())
    with pytest.raises(TypeError):
        record.append([envelope(1), wrong])
    assert record.append([envelope(2)]) == [(1, False)]


def failing_disk():
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR | (4 << 8)
    error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
    return error


def test_after_a_failed_flush_nothing_is_acknowledged_any_more(path):
    """The system may report the next flush as a success although the pages are gone."""
    failing = False

    def commit(real):
        if failing:
            raise failing_disk()
        return real()

    with statements(("COMMIT",))(commit):
        record = open_record(path)
    record.append([envelope(1)])
    failing = True
    assert code_of(lambda: record.append([envelope(2)])) is RecordCode.DISK_FAILED
    failing = False
    assert code_of(lambda: record.append([envelope(3)])) is RecordCode.DISK_FAILED
    record.close()
    again = open_record(path)
    assert again.append([envelope(1)]) == [(1, True)]
    again.verify()
    again.close()


def test_a_lock_held_by_another_program_is_curable(record, writer, path):
    writer.execute("PRAGMA busy_timeout = 1")
    browser = sqlite3.connect(path, isolation_level=None)
    browser.execute("BEGIN IMMEDIATE")
    assert code_of(lambda: record.append([envelope(1)])) is RecordCode.BUSY
    browser.execute("ROLLBACK")
    browser.close()
    assert record.append([envelope(1)]) == [(1, False)]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("in the way")
    where = tmp_path / "file" / "record.sqlite"
    assert code_of(lambda: open_record(where)) is RecordCode.NOT_WRITABLE


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (sqlite3.SQLITE_FULL, RecordCode.DISK_FULL),
        (sqlite3.SQLITE_READONLY_DBMOVED, RecordCode.NOT_WRITABLE),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, RecordCode.BUSY),
        (sqlite3.SQLITE_IOERR_WRITE, RecordCode.DISK_FAILED),
        (sqlite3.SQLITE_CORRUPT, RecordCode.UNREADABLE),
        (sqlite3.SQLITE_NOTADB, RecordCode.UNREADABLE),
    ],
)
def test_every_failure_of_sqlite_has_a_code_that_says_what_to_do(number, code):
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = number

    def fail():
        with reporting(Path("record.sqlite")):
            raise error

    assert code_of(fail) is code


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, RecordCode.DISK_FULL),
        (errno.EDQUOT, RecordCode.DISK_FULL),
        (errno.EIO, RecordCode.DISK_FAILED),
        (errno.EROFS, RecordCode.NOT_WRITABLE),
        (errno.EACCES, RecordCode.NOT_WRITABLE),
        (errno.EPERM, RecordCode.NOT_WRITABLE),
        (errno.EMFILE, RecordCode.TOO_MANY_FILES),
        (errno.ENFILE, RecordCode.TOO_MANY_FILES),
    ],
)
def test_an_image_that_the_disk_refuses_says_which_way(tmp_path, monkeypatch, number, code):
    """A full disk is not a right that is missing: who acts on the code must mend the cause."""
    folder = ImageFolder(tmp_path / "images")

    def refuse(path):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(images, "writing_whole", refuse)
    assert code_of(lambda: folder.keep(b"image")) is code
    monkeypatch.setattr(images, "writing_whole", writing_whole)
    assert folder.read(folder.keep(b"image")) == b"image"


def damaged_copies(wal):
    """What a power cut may leave: a prefix of the log, and then whatever the disk held."""
    return st.tuples(st.integers(0, len(wal)), st.binary(max_size=64))


def test_a_log_torn_at_any_byte_keeps_every_commit_before_the_tear(record, writer, path):
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    wal = path.with_name(path.name + "-wal")
    sizes = []
    for number in range(1, 9):
        record.append([envelope(number), envelope(100 + number)])
        sizes.append(wal.stat().st_size)
    base, log = path.read_bytes(), wal.read_bytes()
    record.close()

    @settings(max_examples=40, deadline=None)
    @given(damaged_copies(log))
    def check(damage):
        length, garbage = damage
        with tempfile.TemporaryDirectory() as folder:
            torn = Path(folder) / "torn.sqlite"
            torn.write_bytes(base)
            torn.with_name("torn.sqlite-wal").write_bytes(log[:length] + garbage)
            whole = sum(size <= length for size in sizes)
            again = open_record(torn)
            kept = [event.sequence for _, event in again.read()]
            expected = [n for first in range(1, whole + 1) for n in (first, 100 + first)]
            assert kept == expected or garbage
            assert kept[: len(expected)] == expected
            assert again.verify() == len(kept)
            again.close()

    check()


async def test_no_envelope_is_recorded_behind_the_closing(record):
    ledger = Ledger(record, small_election().rules)
    await ledger.append(Opened(T0, RULES))
    await ledger.append(Closed(T0, "the window ended"))
    with pytest.raises(ReceptionClosed):
        await ledger.append(envelope(1), ())
    assert record.verify() == 2


async def test_a_closing_that_the_disk_refused_leaves_reception_open(record, writer):
    ledger = Ledger(record, small_election().rules)
    with full_disk(writer), pytest.raises(RecordTrouble):
        await ledger.append(Closed(T0, "x" * 100_000))
    assert (await ledger.append(envelope(1), ())).position == 1
    assert ledger.state.closed is None


def test_a_copy_that_is_read_only_is_refused_for_writing(path):
    open_record(path).close()
    path.chmod(0o400)
    said = without_rights(lambda: code_of(lambda: open_record(path)).name)
    assert said == RecordCode.NOT_WRITABLE.name
