"""Actas that are captured at the centre's own places: signed steps in, standing versions out."""

import pytest
from msgspec import structs

from capture.walking import IMAGES, READ, Steps, pseudonym
from openprep.capture.acts import HouseOpened, ShutOut, Who
from openprep.capture.codes import StepCode
from openprep.capture.reading import Reading
from openprep.capture.steps import Verdict
from openprep.election import Cotejada, FieldState, Observation, acta_digest
from openprep.record.aside import Why
from openprep.record.events import ImageReceived
from openprep.record.facts import ActaCorrected, ActaReported
from openprep.transmission.codes import RefusalCode, Refused
from small.election import OPENS, acta
from transmission.sending import Places
from transmission.small_center import ELECTION, assert_refused, by

COLUMNS = len(ELECTION.contests["AYUN"].columns)
FIGURES = acta(0)
READING = Reading(
    *(FIGURES.votes, FIGURES.surplus_ballots, FIGURES.people_voted),
    *(FIGURES.representatives_voted, FIGURES.ballots_taken, FIGURES.total_written),
)
OTHERWISE = structs.replace(READING, total_written=READING.total_written + 1)
OUTSIDE_THE_SECOND = "A3"
"""An acta of the second municipality, where CCV2 captures nothing."""


def steps_of(number="A0"):
    return Steps(number, COLUMNS, OPENS)


async def to_images(places, steps):
    await places.send("D01", steps.receive(), steps.digitise())


async def to_figures(places, steps, reading=READING):
    await to_images(places, steps)
    await places.send("CCV1", steps.capture("ana", reading))
    await places.send("CCV2", steps.capture("beto", reading))


async def test_two_capture_centres_that_read_the_same_make_a_version_stand(places):
    await to_figures(places, steps_of())
    (version,) = places.history()
    assert (version.station, version.number, version.reason) == ("CCV2", 1, "")
    assert (version.acta.votes, version.acta.image_sha256) == (READING.votes, IMAGES[0])
    assert not places.waiting


async def test_one_hand_made_envelope_with_both_captures_of_one_person_makes_nothing_stand(places):
    steps = steps_of()
    await to_images(places, steps)
    both = steps.capture("ana", READING), steps.capture("ana", READING, session="other")
    receipt = await places.send("CCV1", *both)
    assert receipt.held == 1
    assert not places.history()
    assert places.waiting == [("CCV1", StepCode.SAME_PERSON)]
    await places.send("CCV2", steps.capture("beto", READING))
    assert len(places.history()) == 1
    assert not places.waiting


async def test_a_place_without_the_role_captures_and_digitises_nothing(places):
    steps = steps_of()
    await places.send("CCV1", steps.digitise())
    await places.send("D01", steps.digitise(IMAGES[1]))
    await places.send("D01", steps.capture("ana", READING, IMAGES[1]))
    other = steps_of(OUTSIDE_THE_SECOND)
    await places.send("D03", other.digitise("cc" * 32))
    await places.send("CCV2", other.capture("beto", READING, "cc" * 32))
    assert [why for _, why in places.waiting] == [Why.NOT_ITS_ROLE] * 3
    assert list(places.state.papers.by_key[("AYUN", "A0")].images) == [IMAGES[1]]


async def test_two_images_that_were_swapped_publish_neither(places):
    """A's paper goes to B: the image is A's already, so B's people have nothing to capture."""
    first, second = steps_of("A0"), steps_of("A1")
    await places.send("D01", first.digitise(IMAGES[0]))
    await places.send("D01", second.digitise(IMAGES[0]))
    await places.send("CCV1", second.capture("ana", READING, IMAGES[0]))
    await places.send("CCV2", second.capture("beto", READING, IMAGES[0]))
    assert [why for _, why in places.waiting] == [
        StepCode.IMAGE_OF_ANOTHER,
        StepCode.UNKNOWN_IMAGE,
        StepCode.UNKNOWN_IMAGE,
    ]
    assert not places.history("A1")


async def test_captures_that_differ_wait_for_an_arbiter_and_nothing_is_published(places):
    steps = steps_of()
    await to_images(places, steps)
    await places.send("CCV1", steps.capture("ana", READING))
    await places.send("CCV2", steps.capture("beto", OTHERWISE))
    assert not places.history()
    await places.send("CCV1", steps.arbitrate("carla", OTHERWISE))
    (version,) = places.history()
    assert version.acta.total_written == OTHERWISE.total_written


async def test_a_cotejo_corrects_with_its_reason_through_two_people_again(places):
    steps = steps_of()
    await to_figures(places, steps)
    await places.send("COTEJO", steps.check(Verdict.RECAPTURE, "el 7 es un 1", by="dora"))
    await places.send("CCV1", steps.capture("ana", OTHERWISE))
    await places.send("CCV2", steps.capture("beto", OTHERWISE))
    assert [
        (version.number, version.reason, version.acta.cotejada) for version in places.history()
    ] == [
        (1, "", None),
        (2, "el 7 es un 1", Cotejada.NOT_ACCEPTED),
        (3, "el 7 es un 1", Cotejada.CHANGED),
    ]


@pytest.mark.parametrize(
    "alone", [{"agreed_by": None, "agreed_session": None}, {"agreed_by": pseudonym("dora")}]
)
async def test_a_hand_made_envelope_by_one_person_begins_no_correction(places, alone):
    steps = steps_of()
    await to_figures(places, steps)
    check = steps.check(Verdict.RECAPTURE, "el 7 es un 1", by="dora", **alone)
    await places.send("COTEJO", check)
    again = steps.capture("ana", OTHERWISE, session="later"), steps.capture("carla", OTHERWISE)
    await places.send("CCV1", *again)
    (version,) = places.history()
    assert (version.acta.total_written, version.acta.cotejada) == (READING.total_written, None)
    assert places.waiting == [("COTEJO", StepCode.WITHOUT_A_SECOND)]


async def test_one_key_does_not_correct_what_two_people_captured(places):
    """Neither at once nor to settle a conflict that it brought about itself."""
    await to_figures(places, steps_of())
    (version,) = places.history()
    other = structs.replace(version.acta, total_written=READING.total_written + 1)
    await places.send("COTEJO", ActaCorrected(other, "así dice el papel"))
    await places.send("COTEJO", ActaReported(other), ActaCorrected(other, "así dice el papel"))
    assert places.history() == (version,)
    assert {why for _, why in places.waiting} <= {
        Why.CAPTURED_HERE,
        Why.CONFLICT,
        Why.NOT_RESPONSIBLE,
    }
    await places.send("COTEJO", ActaCorrected(version.acta, "es como está"))
    assert places.history() == (version,)
    assert not places.waiting


async def test_a_paper_captured_without_identity_gets_one_by_its_steps_only(places):
    """One paper is one acta: a finished correction that takes it off makes it no second one."""
    unknown = steps_of(None)
    await places.send("D01", unknown.digitise())
    await places.send("CCV1", unknown.capture("ana", READING), unknown.capture("beto", READING))
    (outside,) = places.state.contest("AYUN").out_of_catalogue.values()
    claimed = structs.replace(outside.acta, acta="A0", observations=())
    digest = acta_digest(outside.acta)
    await places.send("COTEJO", ActaCorrected(claimed, "es ésta", outside=digest))
    assert not places.history()
    await places.send("COTEJO", steps_of("A1").identify(by="dora"))
    assert not places.history()
    assert list(places.state.contest("AYUN").current) == ["A1"]


async def test_a_missing_acta_stands_with_its_cause(places):
    await places.send("D01", steps_of().miss(Observation.SIN_ACTA_CASILLA_NO_INSTALADA))
    (version,) = places.history()
    assert set(version.acta.votes) == {FieldState.SIN_ACTA}
    assert version.acta.observations == (Observation.SIN_ACTA_CASILLA_NO_INSTALADA,)


async def test_a_paper_without_identity_is_captured_out_of_catalogue_and_then_identified(places):
    unknown = steps_of(None)
    await places.send("D01", unknown.digitise())
    await places.send("CCV1", unknown.capture("ana", READING), unknown.capture("beto", READING))
    assert len(places.state.contest("AYUN").out_of_catalogue) == 1
    known = steps_of("A0")
    await places.send("COTEJO", known.identify(by="dora"))
    assert not places.state.contest("AYUN").out_of_catalogue
    (version,) = places.history()
    assert version.identifies is not None
    assert version.acta.observations == (Observation.IDENTIFICADA_POR_PTO,)
    assert version.reason == "por su sección"
    await places.send("COTEJO", known.check(by="dora"))
    assert places.history()[-1].acta.cotejada is Cotejada.CHECKED


async def test_steps_of_an_acta_that_came_finished_wait_for_a_person(places):
    await places.send("D01", ActaReported(acta(0)))
    await places.send("D01", steps_of().digitise())
    assert places.waiting == [("D01", Why.CONFLICT)]


async def test_a_finished_acta_never_takes_the_place_of_one_that_two_people_captured(places):
    steps = steps_of()
    await to_figures(places, steps)
    await places.send("D01", ActaReported(acta(0, total_written=7)))
    assert len(places.history()) == 1
    assert places.waiting == [("D01", Why.CONFLICT)]
    await places.send("COTEJO", steps.check(Verdict.RECAPTURE, "acta original", by="dora"))
    await places.send("CCV1", steps.capture("ana", OTHERWISE))
    await places.send("CCV2", steps.capture("beto", OTHERWISE))
    assert places.history()[-1].reason == "acta original"
    assert not places.waiting


async def test_an_image_that_was_digitised_is_taken_before_any_figure(places):
    steps = steps_of()
    await to_images(places, steps)
    assert places.state.naming == {IMAGES[0]: {("AYUN", "A0")}}


async def test_a_reading_of_absurd_figures_waits_for_a_person(places):
    steps = steps_of()
    await to_images(places, steps)
    absurd = structs.replace(READING, votes=(99_999, *READING.votes[1:]))
    await places.send("CCV1", steps.capture("ana", absurd))
    ((_, why),) = places.waiting
    assert why in (Why.IMPLAUSIBLE, Why.WRONG_EXCESS)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (Steps("A99", COLUMNS, OPENS).digitise(), RefusalCode.UNKNOWN_ACTA),
        (Steps(None, COLUMNS, OPENS).receive(), RefusalCode.UNKNOWN_ACTA),
        (Steps("A0", COLUMNS + 1, OPENS).miss(), RefusalCode.WRONG_COLUMNS),
        (Steps("A0", COLUMNS, OPENS).miss(Observation.ILEGIBLE), RefusalCode.WRONG_VALUE),
        (Steps("A0", COLUMNS, OPENS).capture("ana", READ), RefusalCode.WRONG_COLUMNS),
        (
            Steps("A0", COLUMNS, OPENS).capture(
                "ana", structs.replace(READING, observations=(Observation.FUERA_DE_CATALOGO,))
            ),
            RefusalCode.WRONG_VALUE,
        ),
        (
            Steps("A0", COLUMNS, OPENS).capture(
                "ana", structs.replace(READING, total_written=FieldState.SIN_ACTA)
            ),
            RefusalCode.CONTRADICTION,
        ),
        (Steps("A0", COLUMNS, OPENS).send_back("\u202eraz\u00f3n"), RefusalCode.UNSEEN_TEXT),
    ],
)
async def test_a_step_that_belongs_nowhere_refuses_its_envelope(center, step, code):
    await assert_refused(center, by("CCV1", 1, step), code)


async def test_steps_fold_the_same_when_the_centre_starts_again(places):
    steps = steps_of()
    await to_images(places, steps)
    await places.send("CCV1", steps.capture("ana", READING))
    places.center.restart()
    await places.send("CCV2", steps.capture("beto", READING))
    assert len(places.history()) == 1


async def test_an_image_is_held_once_it_was_digitised(places):
    steps = steps_of()
    await to_images(places, steps)
    await places.center.ledger.append(ImageReceived(OPENS, IMAGES[0], 9))
    await places.send("CCV1", steps.capture("ana", READING))
    await places.send("CCV2", steps.capture("beto", READING))
    assert places.state.naming == {}
    assert places.state.images[0].actas == frozenset({("AYUN", "A0")})


async def test_where_the_rules_ask_for_two_places_one_place_makes_one_capture(center):
    steps = steps_of()
    center.rules = structs.replace(ELECTION.rules, capture_places=2)
    center.restart()
    places = Places(center)
    await to_images(places, steps)
    await places.send("CCV1", steps.capture("ana", READING))
    await places.send("CCV1", steps.capture("beto", READING))
    assert places.waiting == [("CCV1", StepCode.SAME_PLACE)]
    await places.send("CCV2", steps.capture("beto", READING))
    assert len(places.history()) == 1


async def test_what_two_people_decided_of_a_house_is_kept_as_evidence_and_moves_nothing(places):
    opened = HouseOpened(
        by="a" * 32,
        session="b" * 32,
        agreed_by="c" * 32,
        agreed_session="d" * 32,
        at=OPENS,
        places=("D01", "CCV1"),
    )
    receipt = await places.send("D01", opened)
    assert (receipt.held, receipt.conflicts) == (0, 0)
    assert not places.waiting
    await to_figures(places, steps_of())
    assert len(places.history()) == 1


@pytest.mark.parametrize("alone", [{"agreed_by": "a" * 32}, {"agreed_session": "b" * 32}])
async def test_one_person_who_decides_of_a_house_alone_is_refused(places, alone):
    act = ShutOut(
        **{
            "by": "a" * 32,
            "session": "b" * 32,
            "agreed_by": "c" * 32,
            "agreed_session": "d" * 32,
            "at": OPENS,
            "who": Who.PLACE,
            "which": "CCV1",
            **alone,
        }
    )
    with pytest.raises(Refused) as refusal:
        await places.send("D01", act)
    assert refusal.value.code is RefusalCode.WRONG_VALUE
