"""Starts from snapshots: the state is the same, or the snapshot is not believed."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from capture.walking import IMAGES, PEOPLE, READ, READ_OTHERWISE, Steps
from hostile.killing import deaths, new_folders
from openprep.capture.steps import Verdict
from openprep.election import acta_digest
from openprep.election.cut import CutKind
from openprep.record import kept
from openprep.record.codes import RecordCode, RecordTrouble
from openprep.record.events import Closed, CutMade, EnvelopeReceived, ImageReceived, Opened
from openprep.record.facts import ActaCorrected, ActaReported, Envelope, encode_envelope
from openprep.record.ledger import Ledger
from openprep.record.snapshot import make, path_of, position_of
from openprep.record.sqlite import Record, read_file
from openprep.record.state import empty_state, fold
from small.election import acta, outside
from tabulation.small import RULES

T0 = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
ELECTION, FOLDER = "chica-2024", "ab" * 32
LOCAL = timezone(timedelta(hours=-6))


def received(number, *facts, station="D01"):
    at = T0 + timedelta(seconds=number)
    payload = encode_envelope(Envelope(ELECTION, station, number, at, facts))
    return EnvelopeReceived(at, station, number, payload, b"s" * 64)


def reported(*numbers):
    return [received(n + 1, ActaReported(acta(n, received_at=T0))) for n in numbers]


def appended(path, events):
    record = Record.open(path, ELECTION, FOLDER)
    record.append(events)
    record.close()


def started(path):
    """The state with which a centre starts."""
    record = Record.open(path, ELECTION, FOLDER)
    try:
        return Ledger(record, RULES).state
    finally:
        record.close()


def folded(path):
    """The state by every event, from the first."""
    return fold(read_file(path, ELECTION, FOLDER), empty_state(RULES))


@pytest.fixture
def path(tmp_path):
    """A record of five events, three of which are older than its snapshot."""
    path = tmp_path / "record.sqlite"
    appended(path, [Opened(T0, FOLDER), *reported(0, 1)])
    make(path, RULES)
    appended(path, reported(2, 3))
    return path


@pytest.fixture
def believed(caplog):
    """Whether nothing was said against a snapshot."""
    caplog.set_level("INFO", "openprep.record")
    return lambda: not caplog.messages


def test_a_start_from_a_snapshot_is_a_start_from_the_first_event(path, believed):
    assert position_of(path) == 3
    assert started(path) == folded(path)
    assert believed()


def test_a_snapshot_is_made_from_the_one_before(path, believed):
    make(path, RULES)
    assert position_of(path) == 5
    assert started(path) == folded(path)
    assert believed()


@pytest.mark.parametrize("run", [1, 2, 3])
def test_what_does_not_fit_a_line_stands_in_the_next(path, believed, monkeypatch, run):
    monkeypatch.setattr(kept, "RUN", run)
    steps = [Steps(name).receive() for name in ("B0", "B1", "B2", "B3", "B4")]
    appended(path, [received(7, *steps), *reported(7)])
    make(path, RULES)
    assert started(path) == folded(path)
    assert len(started(path).papers.by_key) == 5
    assert believed()


def test_times_keep_their_offsets_on_which_an_acta_s_digest_depends(tmp_path):
    path = tmp_path / "record.sqlite"
    local = acta(0, received_at=T0.astimezone(LOCAL), captured_at=T0.astimezone(UTC))
    appended(path, [received(1, ActaReported(local))])
    make(path, RULES)
    assert acta_digest(started(path).contest("AYUN").acta("A0")) == acta_digest(local)


def test_a_record_of_nothing_has_no_snapshot(tmp_path):
    path = tmp_path / "record.sqlite"
    appended(path, [])
    make(path, RULES)
    assert not path_of(path).exists()
    assert started(path) == folded(path)


def cut_short(data):
    return data[:-1]


def of_another_code(data):
    return data.replace(b'{"code":"', b'{"code":"0', 1)


def without_a_head(data):
    return data.partition(b"\n")[2]


def a_bit_elsewhere(data):
    return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]


def of_another_position(data):
    return data.replace(b'"position":3', b'"position":2', 1)


def with_other_figures(data):
    head, _, body = data.partition(b"\n")
    lines = zstandard.ZstdDecompressor().decompressobj().decompress(body)
    return head + b"\n" + zstandard.compress(lines.replace(b'"A0"', b'"A9"'))


def of_nothing(_):
    return b""


@pytest.mark.parametrize(
    "damaged",
    [
        cut_short,
        of_another_code,
        without_a_head,
        a_bit_elsewhere,
        of_another_position,
        with_other_figures,
        of_nothing,
    ],
)
def test_a_snapshot_in_doubt_is_as_none(path, believed, damaged):
    snapshot = path_of(path)
    snapshot.write_bytes(damaged(snapshot.read_bytes()))
    assert started(path) == folded(path)
    assert not believed()


def test_a_snapshot_that_cannot_be_read_is_as_none(path, believed):
    path_of(path).unlink()
    path_of(path).mkdir()
    assert started(path) == folded(path)
    assert not believed()


@pytest.mark.parametrize("events", [reported(7, 8, 9), reported(7), []])
def test_the_snapshot_of_another_record_is_as_none(tmp_path, path, believed, events):
    other = tmp_path / "other.sqlite"
    appended(other, events)
    path_of(path).rename(path_of(other))
    assert started(other) == folded(other)
    assert not believed()


def test_a_record_put_back_from_before_its_snapshot_is_folded_and_goes_on(path, tmp_path, believed):
    make(path, RULES)
    copy = tmp_path / "copy.sqlite"
    appended(copy, [Opened(T0, FOLDER), *reported(0, 1)])
    copy.rename(path)
    assert started(path) == folded(path)
    assert not believed()
    appended(path, reported(5, 6))  # as many events as before, and others
    assert started(path) == folded(path)
    assert started(path).contest("AYUN").acta("A2") is None


@pytest.mark.parametrize("position", [1, 2, 3, 4, 5])
def test_an_event_that_was_changed_is_found_before_a_snapshot_and_after(path, position):
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE events SET body = CAST(body || x'00' AS BLOB) WHERE position = ?", (position,)
        )
    with pytest.raises(RecordTrouble, match=f"position {position}") as trouble:
        started(path)
    assert trouble.value.code is RecordCode.CHAIN_BROKEN


def test_whoever_makes_a_snapshot_may_be_killed_anywhere(tmp_path):
    folders = new_folders(tmp_path)

    def begin():
        path = folders() / "record.sqlite"
        appended(path, [Opened(T0, FOLDER), *reported(0, 1)])
        make(path, RULES)
        appended(path, reported(2, 3))
        return path

    positions = []
    for path in deaths(begin, lambda path: make(path, RULES)):
        positions.append(position_of(path))
        assert started(path) == folded(path)
        make(path, RULES)
        assert {file.name for file in path.parent.iterdir()} >= {path_of(path).name}
        assert not list(path.parent.glob(".*.tmp"))
    assert set(positions) == {3, 5}


def steps():
    """Steps of two actas and of a paper that nobody knows, by anybody, in any order."""
    of = st.builds(Steps, st.sampled_from(["A0", "A1", None]))
    image, by = st.sampled_from(IMAGES), st.sampled_from((*PEOPLE, "eva"))
    read = st.sampled_from((READ, READ_OTHERWISE))
    return st.one_of(
        st.builds(lambda of: of.receive(), of),
        st.builds(lambda of: of.miss(), of),
        st.builds(lambda of, image: of.digitise(image), of, image),
        st.builds(lambda of, by, read, image: of.capture(by, read, image), of, by, read, image),
        st.builds(lambda of, by, read, image: of.arbitrate(by, read, image), of, by, read, image),
        st.builds(lambda of, image: of.send_back(image=image), of, image),
        st.builds(
            lambda of, verdict, image: of.check(verdict, "cotejo", image),
            of,
            st.sampled_from(Verdict),
            image,
        ),
        st.builds(
            lambda of, image: of.identify(image=image), st.builds(Steps, st.just("A2")), image
        ),
        st.builds(lambda of: of.draw(), of),
        st.builds(lambda of, by, read, image: of.sample(by, read, image), of, by, read, image),
    )


OUTSIDE = structs.replace(outside(), image_sha256=IMAGES[0])
WHOLE = st.builds(acta, st.integers(0, 2), total_written=st.integers(0, 2))
FACTS = st.one_of(
    steps(),
    st.builds(ActaReported, st.one_of(WHOLE, st.just(OUTSIDE), st.builds(outside))),
    st.builds(
        ActaCorrected,
        WHOLE,
        st.just("cotejo"),
        st.sampled_from([None, acta_digest(OUTSIDE), acta_digest(outside())]),
    ),
)
PLACES = st.sampled_from(["D01", "D02"])
EVENTS = st.one_of(
    st.tuples(st.lists(FACTS, min_size=1, max_size=6), PLACES),
    st.sampled_from(
        [
            ImageReceived(T0, acta(0).image_sha256, 9),
            ImageReceived(T0, IMAGES[0], 7),
            CutMade(T0, 0, CutKind.ZERO, 1, "cd" * 32, 9, 2, bytes(32)),
            Closed(T0, "the window ended"),
        ]
    ),
)


@settings(max_examples=150)
@given(st.lists(EVENTS, max_size=14), st.integers(0, 14))
def test_whatever_was_recorded_a_snapshot_anywhere_changes_nothing(tmp_path_factory, drawn, pause):
    path = tmp_path_factory.mktemp("record") / "record.sqlite"
    events = [
        received(number, *event[0], station=event[1]) if isinstance(event, tuple) else event
        for number, event in enumerate(drawn, 1)
    ]
    appended(path, events[:pause])
    make(path, RULES)
    appended(path, events[pause:])
    state, without = started(path), folded(path)
    assert state == without
    assert list(state.unsettled) == list(without.unsettled)
    assert list(state.contests) == list(without.contests)
    assert list(state.papers.nobodys) == list(without.papers.nobodys)
