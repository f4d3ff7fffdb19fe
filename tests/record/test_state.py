"""The fold: what stands, what is history, what conflicts; the same however it is interrupted."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from openprep.election.cut import CutKind
from openprep.record.aside import Why
from openprep.record.events import (
    Closed,
    CutMade,
    EnvelopeReceived,
    ImageReceived,
    Opened,
    decode_event,
    encode_event,
)
from openprep.record.facts import ActaCorrected, ActaReported, Envelope, encode_envelope
from openprep.record.state import State, fold
from small.election import acta, outside

T0 = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
RULES = "ab" * 32


def received(sequence, *facts, station="D01"):
    at = T0 + timedelta(minutes=sequence)
    payload = encode_envelope(Envelope("chica-2024", station, sequence, at, facts))
    return EnvelopeReceived(at, station, sequence, payload, b"s" * 64)


def folded(*events):
    return fold(enumerate(events, 1))


def test_the_first_report_of_an_acta_stands_with_its_position_and_station():
    state = folded(Opened(T0, RULES), received(1, ActaReported(acta(0)), ActaReported(acta(1))))
    version = state.contest("AYUN").current["A1"]
    assert (version.position, version.station, version.acta) == (2, "D01", acta(1))
    assert (version.number, version.reason, version.fact) == (1, "", 2)
    assert state.contest("AYUN").history("A1") == (version,)
    assert state.station("D01").facts == 2


def test_the_same_acta_from_a_photo_and_from_a_scan_is_one_version():
    both = received(1, ActaReported(acta(0))), received(1, ActaReported(acta(0)), station="D02")
    state = folded(*both)
    assert len(state.versions) == 1
    assert not state.aside


def test_an_image_that_is_held_is_waited_for_by_no_later_version():
    report, corrected = acta(0), acta(0, total_written=7)
    held = ImageReceived(T0, report.image_sha256, 9)
    state = folded(
        received(1, ActaReported(report)), held, received(2, ActaCorrected(corrected, "cotejo"))
    )
    assert state.contest("AYUN").acta("A0") == corrected
    assert state.naming == {}


def test_a_second_report_with_other_figures_is_a_conflict_and_the_first_stands():
    other = acta(0, total_written=7)
    state = folded(received(1, ActaReported(acta(0))), received(2, ActaReported(other)))
    assert state.contest("AYUN").acta("A0") == acta(0)
    waiting = [
        (aside.position, aside.fact, aside.said.acta, aside.why) for aside in state.waiting()
    ]
    assert waiting == [(2, 1, other, Why.CONFLICT)]


def test_a_correction_is_a_new_version_over_the_one_before():
    better = acta(0, total_written=302)
    state = folded(received(1, ActaReported(acta(0))), received(2, ActaCorrected(better, "cotejo")))
    version = state.contest("AYUN").current["A0"]
    assert (version.number, version.reason, version.acta) == (2, "cotejo", better)
    history = state.contest("AYUN").history("A0")
    assert [version.acta for version in history] == [acta(0), better]
    assert state.versions == list(history)


@pytest.mark.parametrize("late", [acta(0), acta(0, total_written=302)])
def test_a_late_copy_of_any_version_is_neither_version_nor_conflict(late):
    correction = ActaCorrected(acta(0, total_written=302), "cotejo")
    state = folded(received(1, ActaReported(acta(0)), correction), received(2, ActaReported(late)))
    assert len(state.versions) == 2
    assert not state.aside
    assert state.contest("AYUN").acta("A0") == correction.acta


def test_a_correction_that_changes_nothing_is_no_version():
    state = folded(received(1, ActaReported(acta(0)), ActaCorrected(acta(0), "cotejo")))
    assert len(state.versions) == 1


def test_actas_out_of_catalogue_are_kept_apart_in_their_order():
    state = folded(received(1, ActaReported(outside()), ActaReported(acta(0))))
    contest = state.contest("AYUN")
    assert [version.acta for version in contest.out_of_catalogue.values()] == [outside()]
    assert list(contest.current) == ["A0"]
    assert [version.acta for version in state.versions] == [outside(), acta(0)]


def test_the_same_acta_out_of_catalogue_sent_twice_counts_once_and_another_counts():
    image = structs.replace(outside(), image_sha256="ab" * 32)
    other = structs.replace(image, image_sha256="cd" * 32)
    state = folded(
        received(1, ActaReported(image), ActaReported(other)), received(2, ActaReported(image))
    )
    assert [version.acta for version in state.contest("AYUN").out_of_catalogue.values()] == [
        image,
        other,
    ]
    assert len(state.versions) == 2


def test_opening_cuts_and_closing_are_remembered():
    cut = CutMade(T0, 0, CutKind.ZERO, 1, "cd" * 32, 9, 2, bytes(32))
    opened, closed = Opened(T0, RULES), Closed(T0, "the window ended")
    state = folded(opened, cut, closed)
    assert (state.opened, state.cuts, state.closed) == (opened, [cut], closed)


@pytest.mark.parametrize("position", [0, 1, 3])
def test_a_lost_or_repeated_event_is_never_folded(position):
    state = folded(received(1, ActaReported(acta(0))))
    with pytest.raises(ValueError, match="stands at 1"):
        state.apply(position, received(2, ActaReported(acta(1))))
    assert state.position == 1


FACTS = st.one_of(
    st.builds(ActaReported, st.builds(acta, st.integers(0, 2), total_written=st.integers(0, 2))),
    st.builds(
        ActaCorrected,
        st.builds(acta, st.integers(0, 2), total_written=st.integers(0, 2)),
        st.just("cotejo"),
    ),
    st.builds(ActaReported, st.builds(outside)),
)


@given(st.lists(st.lists(FACTS, min_size=1, max_size=3), max_size=8), st.integers(0, 8))
def test_folding_stored_events_after_any_interruption_gives_the_same_state(batches, pause):
    events = [received(number, *facts) for number, facts in enumerate(batches, 1)]
    whole = State()
    for position, (event, facts) in enumerate(zip(events, batches, strict=True), 1):
        whole.apply(position, event, tuple(facts))
    stored = [(at, decode_event(encode_event(event))) for at, event in enumerate(events, 1)]
    again = fold(stored[pause:], fold(stored[:pause]))
    assert asdict(again) == asdict(whole)
    standing = {version.acta.acta: version.acta for version in whole.versions if version.acta.acta}
    assert standing == {at: version.acta for at, version in whole.contest("AYUN").current.items()}


def test_reading_creates_nothing():
    state = fold([])
    assert state.contest("AYUN").current == {}
    assert state.contest("DIP").outside == {}
    assert state.station("D09").facts == 0
    assert (state.contests, state.stations) == ({}, {})
    assert state == State()
