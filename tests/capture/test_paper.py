"""The way of one acta: what stands, what is set aside and why, and what a hand-made step gains."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from capture.walking import (
    COLUMNS,
    IMAGES,
    PEOPLE,
    READ,
    READ_OTHERWISE,
    Walk,
    digitised,
    pseudonym,
    standing,
)
from openprep.capture.codes import StepCode
from openprep.capture.paper import MAX_IMAGES, Known, Noted, NotTaken, Published, Stage
from openprep.capture.reading import differing
from openprep.capture.steps import Verdict
from openprep.election import Cotejada, FieldState, Observation
from openprep.election.plausibility import contradiction_of

DIAGRAM = Path(__file__).parent.parent.parent / "docs/capture.md"


def test_two_people_who_read_the_same_make_an_acta_stand_with_its_way():
    walk = standing()
    published = walk.outcomes[-1]
    assert isinstance(published, Published)
    acta = published.acta
    assert (acta.votes, acta.total_written, acta.image_sha256) == (READ.votes, 6, IMAGES[0])
    assert acta.received_at < acta.captured_at < acta.verified_at
    assert acta.cotejada is None
    assert contradiction_of(acta) is None
    assert walk.paper.stage is Stage.STANDING


def test_one_capture_publishes_nothing():
    walk = digitised()
    assert walk.capture("ana") == Noted()
    assert walk.paper.stands is None


def test_the_same_person_is_not_two_in_another_session_or_another_place():
    walk = digitised()
    walk.capture("ana", place="CCV1")
    again = walk.capture("ana", place="CCV2", session="ana-2")
    assert again == NotTaken(StepCode.SAME_PERSON)
    assert walk.paper.stage is Stage.CAPTURED_ONCE


def test_one_session_is_not_two_people():
    walk = digitised()
    walk.capture("ana", session="shared")
    assert walk.capture("beto", session="shared") == NotTaken(StepCode.SAME_SESSION)


def test_where_two_places_are_staffed_both_captures_do_not_come_from_one():
    walk = digitised(two_places=True)
    walk.capture("ana", place="CCV1")
    assert walk.capture("beto", place="CCV1") == NotTaken(StepCode.SAME_PLACE)
    assert isinstance(walk.capture("beto", place="CCV2"), Published)


def test_a_capture_of_an_image_that_nobody_digitised_for_this_acta_counts_for_nothing():
    walk = digitised()
    assert walk.capture("ana", image=IMAGES[1]) == NotTaken(StepCode.UNKNOWN_IMAGE)
    assert walk.paper.stage is Stage.DIGITISED


def test_the_first_captured_image_stands_when_a_second_one_comes():
    walk = digitised()
    walk.capture("ana")
    walk.digitise(IMAGES[1])
    assert walk.capture("beto", image=IMAGES[1]) == NotTaken(StepCode.OTHER_IMAGE)
    assert isinstance(walk.capture("beto"), Published)
    assert set(walk.paper.images) == set(IMAGES)


def test_two_captures_that_differ_publish_nothing_until_a_third_person_speaks():
    walk = digitised()
    walk.capture("ana")
    assert walk.capture("beto", READ_OTHERWISE) == Noted()
    assert walk.paper.stage is Stage.DISPUTED
    assert walk.arbitrate("ana") == NotTaken(StepCode.SAME_PERSON)
    assert walk.arbitrate("carla", session="beto-1") == NotTaken(StepCode.SAME_SESSION)
    published = walk.arbitrate("carla", READ_OTHERWISE)
    assert isinstance(published, Published)
    assert published.acta.votes == READ_OTHERWISE.votes


def test_an_arbiter_changes_no_field_on_which_both_agree():
    walk = digitised()
    walk.capture("ana")
    walk.capture("beto", READ_OTHERWISE)
    beyond = structs.replace(READ, total_written=7)
    assert walk.arbitrate("carla", beyond) == NotTaken(StepCode.BEYOND_THE_DISPUTE)


def test_a_value_that_nobody_read_needs_a_reason():
    walk = digitised()
    walk.capture("ana")
    walk.capture("beto", READ_OTHERWISE)
    third = structs.replace(READ, votes=(3, 2, FieldState.ILEGIBLE))
    third = structs.replace(third, observations=(Observation.ILEGIBLE,))
    assert walk.arbitrate("carla", third) == NotTaken(StepCode.WITHOUT_REASON)
    assert isinstance(walk.arbitrate("carla", third, reason="mancha"), Published)


@pytest.mark.parametrize("columns", [COLUMNS - 1, COLUMNS + 1])
def test_a_capture_on_another_form_is_set_aside(columns):
    walk = digitised()
    walk.capture("ana")
    other = structs.replace(READ, votes=(1,) * columns)
    assert walk.capture("beto", other) == NotTaken(StepCode.OTHER_FORM)


def test_a_third_capture_after_two_brings_nothing():
    walk = standing()
    assert walk.capture("carla", READ_OTHERWISE) == Known()
    assert walk.paper.stands.votes == READ.votes


def test_a_missing_acta_is_captured_with_its_cause_and_no_figure():
    walk = Walk()
    published = walk.miss()
    assert contradiction_of(published.acta) is None
    assert set(published.acta.votes) == {FieldState.SIN_ACTA}
    assert walk.miss(Observation.SIN_ACTA_CASILLA_NO_INSTALADA) == NotTaken(StepCode.OTHER_CAUSE)


def test_an_acta_that_was_missing_and_came_is_captured_and_says_so():
    walk = Walk()
    walk.miss()
    walk.receive()
    walk.digitise()
    walk.capture("ana")
    published = walk.capture("beto")
    assert (published.acta.votes, published.reason) == (READ.votes, "llegó el acta")
    assert walk.miss() == NotTaken(StepCode.HAS_A_PAPER)


def test_accepted_in_cotejo_stands_as_checked():
    walk = standing()
    published = walk.check(by="dora")
    assert published.acta.cotejada is Cotejada.CHECKED
    assert walk.paper.stage is Stage.ACCEPTED


@pytest.mark.parametrize(
    ("reading", "cotejada"), [(READ, Cotejada.CHECKED), (READ_OTHERWISE, Cotejada.CHANGED)]
)
def test_what_is_captured_again_stands_with_the_reason_of_the_check(reading, cotejada):
    walk = standing()
    asked = walk.check(Verdict.RECAPTURE, "el 7 es un 1", by="dora")
    assert asked.acta.cotejada is Cotejada.NOT_ACCEPTED
    assert asked.acta.votes == READ.votes
    walk.capture("ana", reading)
    published = walk.capture("beto", reading)
    assert (published.reason, published.acta.cotejada) == ("el 7 es un 1", cotejada)


def test_a_check_that_does_not_accept_says_why():
    walk = standing()
    assert walk.check(Verdict.RECAPTURE) == NotTaken(StepCode.WITHOUT_REASON)


@pytest.mark.parametrize("verdict", [Verdict.RECAPTURE, Verdict.REDIGITISE])
@pytest.mark.parametrize("accepted_before", [False, True])
@pytest.mark.parametrize(
    "alone",
    [
        {"agreed_by": None},
        {"agreed_session": None},
        {"agreed_by": None, "agreed_session": None},
        {"agreed_by": pseudonym("dora")},
        {"agreed_session": pseudonym("dora-1")},
    ],
    ids=["no_person", "no_session", "nobody", "oneself", "own_session"],
)
def test_what_stands_goes_back_by_two_people_in_two_sessions_only(verdict, accepted_before, alone):
    walk = standing()
    if accepted_before:
        walk.check(by="dora")
    before = walk.paper.stage, walk.paper.stands
    assert walk.check(verdict, "el 7 es un 1", by="dora", **alone) == NotTaken(
        StepCode.WITHOUT_A_SECOND
    )
    assert (walk.paper.stage, walk.paper.stands) == before


def test_what_is_at_work_is_not_checked():
    walk = digitised()
    assert walk.check() == NotTaken(StepCode.NOTHING_TO_CHECK)
    walk = standing()
    walk.check(Verdict.RECAPTURE, "otra vez")
    assert walk.check() == NotTaken(StepCode.NOTHING_TO_CHECK)


def test_after_a_redigitisation_the_old_image_is_captured_no_more():
    walk = standing()
    walk.check(Verdict.REDIGITISE, "falta media hoja")
    assert walk.paper.stage is Stage.REDIGITISE
    assert walk.capture("ana") == NotTaken(StepCode.OTHER_IMAGE)
    walk.digitise(IMAGES[1])
    assert walk.paper.shown == IMAGES[1]
    walk.capture("elsa", image=IMAGES[1])
    published = walk.capture("carla", image=IMAGES[1])
    assert published.acta.image_sha256 == IMAGES[1]
    assert published.reason == "falta media hoja"


def test_an_image_that_nobody_can_capture_goes_back_and_one_capture_of_it_counts_no_more():
    walk = digitised()
    walk.capture("ana")
    assert walk.send_back() == Noted()
    assert walk.paper.stage is Stage.REDIGITISE
    walk.digitise(IMAGES[1])
    walk.capture("ana", image=IMAGES[1])
    published = walk.capture("beto", image=IMAGES[1])
    assert published.reason == ""


def test_a_correction_that_is_sent_back_keeps_the_reason_of_the_check():
    walk = standing()
    walk.check(Verdict.RECAPTURE, "el 7 es un 1")
    walk.send_back("borrosa")
    walk.digitise(IMAGES[1])
    walk.capture("elsa", READ_OTHERWISE, IMAGES[1])
    published = walk.capture("carla", READ_OTHERWISE, IMAGES[1])
    assert (published.reason, published.acta.cotejada) == ("el 7 es un 1", Cotejada.CHANGED)


def test_what_stands_is_not_sent_back_by_whoever_captures():
    assert standing().send_back() == NotTaken(StepCode.NOT_AT_WORK)


def test_an_acta_out_of_catalogue_says_so():
    walk = standing(acta=None)
    acta = walk.paper.stands
    assert acta.observations == (Observation.FUERA_DE_CATALOGO,)
    assert contradiction_of(acta) is None


def test_two_readings_differ_field_by_field_in_the_order_of_the_form():
    other = structs.replace(READ, votes=(9, 2, 4), ballots_taken=1)
    assert differing(READ, other) == ("votes.0", "votes.2", "ballots_taken")


ACTIONS = {
    "acta_received": st.just({}),
    "acta_missing": st.just({}),
    "acta_digitised": st.fixed_dictionaries({"image": st.sampled_from(IMAGES)}),
    "acta_captured": st.fixed_dictionaries(
        {
            "by": st.sampled_from(PEOPLE),
            "reading": st.sampled_from((READ, READ_OTHERWISE)),
            "image": st.sampled_from(IMAGES),
        }
    ),
    "acta_arbitrated": st.fixed_dictionaries(
        {
            "by": st.sampled_from(PEOPLE),
            "reading": st.sampled_from((READ, READ_OTHERWISE)),
            "image": st.sampled_from(IMAGES),
        }
    ),
    "acta_sent_back": st.fixed_dictionaries({"image": st.sampled_from(IMAGES)}),
    "acta_checked": st.fixed_dictionaries(
        {
            "verdict": st.sampled_from(Verdict),
            "image": st.sampled_from(IMAGES),
            "reason": st.just("razón"),
        }
    ),
    "acta_sampled": st.fixed_dictionaries(
        {
            "by": st.sampled_from((*PEOPLE, "eva")),
            "reading": st.sampled_from((READ, READ_OTHERWISE)),
            "image": st.sampled_from(IMAGES),
        }
    ),
}
METHODS = {
    "acta_received": Walk.receive,
    "acta_missing": Walk.miss,
    "acta_digitised": Walk.digitise,
    "acta_captured": Walk.capture,
    "acta_arbitrated": Walk.arbitrate,
    "acta_sent_back": Walk.send_back,
    "acta_checked": Walk.check,
    "acta_sampled": Walk.sample,
}
WALKS = st.lists(
    st.sampled_from(sorted(ACTIONS)).flatmap(lambda tag: st.tuples(st.just(tag), ACTIONS[tag])),
    max_size=40,
)


def drawn() -> set[tuple[str, str, str]]:
    """The diagram of the docs: from a stage, by a step, to a stage."""
    return set(re.findall(r"^ +(\w+) --> (\w+): (\w+)$", DIAGRAM.read_text(), re.MULTILINE))


@settings(max_examples=300)
@given(WALKS)
def test_no_walk_leaves_the_diagram_of_the_docs(steps):
    walk, known = Walk(), drawn()
    for tag, arguments in steps:
        before = walk.paper.stage.value
        outcome = METHODS[tag](walk, **arguments)
        after = walk.paper.stage.value
        if before != after:
            assert not isinstance(outcome, Known | NotTaken)
            assert (before, after, tag) in known


@settings(max_examples=300)
@given(WALKS)
def test_whatever_stands_was_read_by_two_people_or_decided_by_a_third(steps):
    walk = Walk()
    for tag, arguments in steps:
        outcome = METHODS[tag](walk, **arguments)
        paper = walk.paper
        if isinstance(outcome, Published) and paper.stage is Stage.STANDING:
            first, second, word = paper.first.step, paper.second.step, paper.word
            assert first.by != second.by
            assert first.image == second.image == outcome.acta.image_sha256
            if word is None:
                assert first.reading.says_what(second.reading)
            else:
                assert word.by not in (first.by, second.by)


@settings(max_examples=300)
@given(WALKS)
def test_steps_that_come_twice_lead_to_the_same_figures(steps):
    once, twice = Walk(), Walk()
    for tag, arguments in steps:
        METHODS[tag](once, **arguments)
    for tag, arguments in steps:
        METHODS[tag](twice, **arguments)
        # The very same step again, as a delivery that is repeated brings it.
        step = twice.last
        assert isinstance(twice.again(step, twice.last_place), Known | NotTaken)
    assert once.paper == twice.paper


def test_every_way_of_the_diagram_can_be_gone():
    """Each is gone by one of these nights, so that the docs draw no way that there is not."""
    gone = set()

    def go(walk, *steps):
        for tag, arguments in steps:
            before = walk.paper.stage.value
            METHODS[tag](walk, **arguments)
            if walk.paper.stage.value != before:
                gone.add((before, walk.paper.stage.value, tag))
        return walk

    second = IMAGES[1]
    captured = [("acta_captured", {"by": "beto"}), ("acta_captured", {"by": "carla"})]
    later = [(tag, {**given_, "image": second}) for tag, given_ in captured]
    differs = ("acta_captured", {"by": "carla", "reading": READ_OTHERWISE})
    word = ("acta_arbitrated", {"by": "dora"})
    image = ("acta_digitised", {})
    back = ("acta_sent_back", {})
    again = ("acta_digitised", {"image": second})
    recapture = ("acta_checked", {"verdict": Verdict.RECAPTURE, "reason": "r"})
    redigitise = ("acta_checked", {"verdict": Verdict.REDIGITISE, "reason": "r"})
    accept = ("acta_checked", {})
    go(Walk(), ("acta_received", {}), image, *captured, accept, recapture, *captured, accept)
    go(Walk(), ("acta_received", {}), image, *captured, recapture, back, again, *later)
    go(Walk(), image, *captured, redigitise, again, *later)
    go(Walk(), image, *captured, accept, redigitise)
    go(Walk(), image, captured[0], differs, word)
    go(Walk(), image, captured[0], differs, back)
    go(Walk(), image, captured[0], back)
    go(Walk(), image, back)
    go(Walk(), image, again, back)
    go(Walk(), image, again, captured[0], back)
    go(Walk(), image, again, captured[0], differs, back)
    go(Walk(), image, again, *captured, redigitise)
    go(Walk(), ("acta_missing", {}), ("acta_received", {}))
    go(Walk(), ("acta_missing", {}), image)
    assert gone == drawn()


def test_a_capture_of_an_earlier_round_that_is_sent_again_is_none_of_this_one():
    """Signed once more by its place, in a new envelope, it would bring back what was sent back."""
    walk = standing()
    first, second = walk.paper.first.step, walk.paper.second.step
    walk.check(Verdict.RECAPTURE, "el 7 es un 1")
    for step in (first, second):
        assert isinstance(walk.again(step), Known)
    assert walk.paper.stage is Stage.RECAPTURE
    walk.capture("elsa", READ_OTHERWISE)
    walk.capture("carla", READ_OTHERWISE)
    assert walk.paper.stands.votes == READ_OTHERWISE.votes


def test_sending_back_an_image_spends_that_one_and_the_next_that_came_is_captured():
    """A bad photograph first, then a good scan: the scan is what is read."""
    walk = digitised()
    walk.digitise(IMAGES[1])
    walk.send_back("movida", IMAGES[0])
    assert (walk.paper.stage, walk.paper.shown) == (Stage.RECAPTURE, IMAGES[1])
    assert walk.capture("ana", READ, IMAGES[1]) == Noted()
    assert isinstance(walk.capture("beto", READ, IMAGES[1]), Published)


def test_a_place_that_floods_an_acta_with_images_keeps_out_no_other_place():
    """A stolen key: what it brought is sent back once, and the genuine image is shown next."""
    walk = Walk()
    for number in range(MAX_IMAGES):
        walk.digitise(f"{number:064x}", place="D02")
    assert walk.digitise("ff" * 32, place="D02") == NotTaken(StepCode.TOO_MANY_IMAGES)
    assert walk.digitise(IMAGES[0], place="D01") == Noted()
    walk.send_back("no es un acta", f"{0:064x}")
    assert walk.paper.shown == IMAGES[0]


@pytest.mark.parametrize("who", ["dora", "luz"])
def test_who_sent_figures_back_reads_neither_of_the_new_ones(who):
    """They had the figures that stood, and say which are right: two others read."""
    walk = standing()
    walk.check(Verdict.RECAPTURE, "el 7 es un 1", by="dora")
    assert walk.capture(who, session="later") == NotTaken(StepCode.SAME_PERSON)
    assert walk.capture("carla", session="dora-1") == NotTaken(StepCode.SAME_SESSION)
    assert walk.capture("carla") == Noted()


def test_figures_that_were_accepted_are_accepted_once():
    walk = standing()
    assert isinstance(walk.check(), Published)
    assert walk.check(by="otra", session="otra") == Known()
