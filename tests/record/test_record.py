"""The record: durable before it answers, one writer, a chain that shows every change."""

import os
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from hostile.killing import deaths_of_a_child, new_folders
from openprep.election.cut import CutKind
from openprep.record.codes import RecordCode, RecordTrouble
from openprep.record.events import Closed, CutMade, EnvelopeReceived, Opened
from openprep.record.sqlite import Record
from record.engine import full_disk, noting_connections

T0 = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
RULES = "ab" * 32


def envelope(number, payload=None, station="D01"):
    return EnvelopeReceived(
        T0 + timedelta(seconds=number),
        station,
        number,
        payload or b"payload %d" % number,
        b"s" * 64,
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "record.sqlite"


@pytest.fixture
def connections():
    with noting_connections() as connections:
        yield connections


@pytest.fixture
def record(path, connections):
    record = Record.open(path, "puebla-2024", RULES)
    yield record
    record.close()


@pytest.fixture
def writer(record, connections):
    """The connection that the record writes by."""
    return connections[0]


def events(record):
    return [event for _, event in record.read()]


def test_events_come_back_in_order_with_their_positions(record):
    all_events = [
        Opened(T0, RULES),
        envelope(1),
        CutMade(T0, 0, CutKind.ZERO, 0, "cd" * 32, 9, 2, bytes(32)),
        Closed(T0, "the window ended"),
    ]
    assert [appended.position for appended in record.append(all_events)] == [1, 2, 3, 4]
    assert list(record.read()) == list(enumerate(all_events, 1))
    assert list(record.read(after=2)) == list(enumerate(all_events, 1))[2:]


def test_the_same_envelope_again_is_the_same_event(record):
    first = record.append([envelope(1)])
    again = record.append([envelope(1)])
    assert again == [(first[0].position, True)]
    assert len(events(record)) == 1


def test_the_same_envelope_twice_in_one_batch_is_recorded_once(record):
    assert [a.duplicate for a in record.append([envelope(1), envelope(1)])] == [False, True]


def test_who_does_not_wait_for_the_answer_takes_no_append_back_and_stops_nobody(record):
    given_up = [record.submit([envelope(number)]) for number in range(1, 30)]
    assert not any(answer.cancel() for answer in given_up)
    assert record.submit([envelope(30)]).result(timeout=20) == [(30, False)]
    assert len(events(record)) == 30


def test_many_threads_share_the_record_and_lose_nothing(record):
    threads = [
        threading.Thread(
            target=lambda s=station: [
                record.append([envelope(n, b"%d-%d" % (s, n))]) for n in range(40)
            ]
        )
        for station in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({event.payload for event in events(record)}) == 320
    assert record.verify() == 320


def test_a_second_writer_is_refused_by_the_pid_of_the_first(record, path):
    with pytest.raises(RecordTrouble, match=str(os.getpid())) as trouble:
        Record.open(path, "puebla-2024", RULES)
    assert trouble.value.code is RecordCode.IN_USE


@pytest.mark.parametrize(("election", "rules"), [("other", RULES), ("puebla-2024", "00" * 32)])
def test_a_record_belongs_to_one_election_and_its_rules(record, path, election, rules):
    record.close()
    with pytest.raises(RecordTrouble) as trouble:
        Record.open(path, election, rules)
    assert trouble.value.code is RecordCode.OTHER_ELECTION


def test_bytes_that_are_not_a_record_are_refused(path):
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(RecordTrouble) as trouble:
        Record.open(path, "puebla-2024", RULES)
    assert trouble.value.code is RecordCode.UNREADABLE


def test_after_closing_nothing_is_appended(record):
    record.close()
    with pytest.raises(RecordTrouble) as trouble:
        record.append([envelope(1)])
    assert trouble.value.code is RecordCode.CLOSED


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE events SET body = (SELECT body FROM events WHERE position = 3) WHERE position = 2",
        "DELETE FROM events WHERE position = 2",
        "UPDATE events SET position = 99 WHERE position = 4",
    ],
)
def test_an_event_changed_or_removed_behind_our_back_breaks_the_chain(record, path, tamper):
    record.append([envelope(n) for n in range(1, 6)])
    assert record.verify() == 5
    record.close()
    with sqlite3.connect(path) as connection:
        connection.execute(tamper)
    again = Record.open(path, "puebla-2024", RULES)
    with pytest.raises(RecordTrouble) as trouble:
        again.verify()
    assert trouble.value.code is RecordCode.CHAIN_BROKEN
    again.close()


def test_a_full_disk_refuses_the_batch_whole_and_the_record_goes_on(record, writer):
    record.append([envelope(1)])
    with full_disk(writer), pytest.raises(RecordTrouble) as trouble:
        record.append([envelope(2), envelope(3, b"x" * 500_000)])
    assert trouble.value.code is RecordCode.DISK_FULL
    assert record.append([envelope(2)])[0].position == 2
    assert record.verify() == 2


def acknowledged_in(path):
    """Numbers that were appended before a death: a note is made after each answer."""
    return [int(line) for line in path.with_name("acknowledged").read_text().split()]


def append_and_note(path):
    path.with_name("acknowledged").touch()
    record = Record.open(path, "puebla-2024", RULES)
    for number in range(1, 4):
        record.append([envelope(number), envelope(number + 100)])
        with path.with_name("acknowledged").open("a") as note:
            note.write(f"{number}\n")
    record.close()


def test_killed_at_any_call_nothing_acknowledged_is_lost_or_counted_twice(tmp_path):
    new_folder = new_folders(tmp_path)

    def begin():
        folder = new_folder()
        folder.mkdir()
        (folder / "acknowledged").touch()
        return folder / "record.sqlite"

    seen = set()
    for path in deaths_of_a_child(begin, append_and_note):
        acknowledged = acknowledged_in(path)
        record = Record.open(path, "puebla-2024", RULES)
        kept = {event.payload for event in events(record)}
        for number in acknowledged:
            assert {b"payload %d" % number, b"payload %d" % (number + 100)} <= kept
        for number in range(1, 20):  # the station sends everything again
            record.append([envelope(number), envelope(number + 100)])
        payloads = [event.payload for event in events(record)]
        assert len(payloads) == len(set(payloads)) == 38
        record.verify()
        record.close()
        seen.add((len(acknowledged), len(kept)))
    assert {row[0] for row in seen} == {0, 1, 2, 3}
    assert seen & {(0, 2), (1, 4), (2, 6)}, "recorded, and killed before it was answered"


class RecordBesideAList(RuleBasedStateMachine):
    """The record against the simplest model there is, with restarts in between."""

    numbers = Bundle("numbers")

    def __init__(self):
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "record.sqlite"
        self.record = Record.open(self.path, "puebla-2024", RULES)
        self.model = []

    @rule(target=numbers, number=st.integers(1, 1000))
    def new_number(self, number):
        return number

    @rule(batch=st.lists(numbers, min_size=1, max_size=5))
    def append(self, batch):
        appended = self.record.append([envelope(number) for number in batch])
        for number, (position, duplicate) in zip(batch, appended, strict=True):
            assert duplicate == (number in self.model)
            if not duplicate:
                self.model.append(number)
            assert self.model[position - 1] == number

    @rule()
    def restart(self):
        self.record.close()
        self.record = Record.open(self.path, "puebla-2024", RULES)

    @invariant()
    def the_record_is_the_list(self):
        assert [event.sequence for event in events(self.record)] == self.model

    def teardown(self):
        self.record.close()
        self.folder.cleanup()


TestRecordBesideAList = RecordBesideAList.TestCase
TestRecordBesideAList.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)


@pytest.mark.parametrize("cut", range(9))
def test_a_torn_write_ahead_log_loses_whole_commits_from_its_end_only(
    record, writer, path, tmp_path, cut
):
    """A power cut can leave any prefix of the log on disk: what is left is a prefix of history."""
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    for number in range(1, 9):
        record.append([envelope(number)])
    torn = tmp_path / "torn.sqlite"
    torn.write_bytes(path.read_bytes())
    wal = path.with_name(path.name + "-wal").read_bytes()
    torn.with_name("torn.sqlite-wal").write_bytes(wal[: len(wal) * cut // 8])
    record.close()
    again = Record.open(torn, "puebla-2024", RULES)
    assert [event.sequence for event in events(again)] == list(range(1, 1 + len(events(again))))
    again.verify()
    again.close()
