"""The record: durable before it answers, one writer, a chain that shows every change."""

import os
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from openprep.election.cut import CutKind
from openprep.record.codes import RecordCode, RecordTrouble
from openprep.record.events import Closed, CutMade, EnvelopeReceived, Opened
from openprep.record.sqlite import Record

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
def record(path):
    record = Record.open(path, "puebla-2024", RULES)
    yield record
    record.close()


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


def test_a_full_disk_refuses_the_batch_whole_and_the_record_goes_on(record, path):
    record.append([envelope(1)])
    (pages,) = record._connection.execute("PRAGMA page_count").fetchone()
    record._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(RecordTrouble) as trouble:
        record.append([envelope(2), envelope(3, b"x" * 500_000)])
    assert trouble.value.code is RecordCode.DISK_FULL
    record._connection.execute("PRAGMA max_page_count = 1000000")
    assert record.append([envelope(2)])[0].position == 2
    assert record.verify() == 2


CHILD = """
import os, signal, sys
from pathlib import Path
from tests_record_child import envelope
from openprep.record import sqlite
from openprep.record.sqlite import Record

step, after = int(sys.argv[2]), sys.argv[3] == "after"
record = Record.open(Path(sys.argv[1]), "puebla-2024", "ab" * 32)
seen = 0

class Dying:
    def __init__(self, real):
        self.real = real
    def step(self, method, arguments):
        global seen
        if arguments[0].startswith(("BEGIN", "INSERT", "COMMIT")):
            seen += 1
            if seen == step:
                if after:
                    method(*arguments)
                os.kill(os.getpid(), signal.SIGKILL)
        return method(*arguments)
    def execute(self, *arguments):
        return self.step(self.real.execute, arguments)
    def executemany(self, *arguments):
        return self.step(self.real.executemany, arguments)
    def __getattr__(self, name):
        return getattr(self.real, name)

record._connection = Dying(record._connection)
for number in range(1, 20):
    record.append([envelope(number), envelope(number + 100)])
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", ["before", "after"])
@pytest.mark.parametrize("step", range(1, 10))
def test_killed_at_any_write_step_nothing_acknowledged_is_lost_or_counted_twice(
    path, tmp_path, step, after
):
    (tmp_path / "tests_record_child.py").write_text(
        "from datetime import UTC, datetime\n"
        "from openprep.record.events import EnvelopeReceived\n"
        "def envelope(n):\n"
        "    return EnvelopeReceived(datetime(2024, 6, 3, tzinfo=UTC), 'D01', n,"
        " b'payload %d' % n, b's' * 64)\n"
    )
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), str(step), after],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=False,
        timeout=60,
    )
    assert child.returncode == -9, child.stderr
    acknowledged = [int(line) for line in child.stdout.split()]
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
def test_a_torn_write_ahead_log_loses_whole_commits_from_its_end_only(path, tmp_path, cut):
    """A power cut can leave any prefix of the log on disk: what is left is a prefix of history."""
    record = Record.open(path, "puebla-2024", RULES)
    record._connection.execute("PRAGMA wal_autocheckpoint = 0")
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
