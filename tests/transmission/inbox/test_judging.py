"""Every kind of fact, judged: what stands, what is held, what is refused, and how often."""

import pytest
from msgspec import structs

from openprep.election import FieldState, Observation, acta_digest
from openprep.election.remit import Remit
from openprep.record.aside import Why
from openprep.record.events import EnvelopeReceived, decode_event, encode_event
from openprep.record.facts import ActaCorrected, ActaReported
from openprep.transmission.codes import RefusalCode, Refused
from openprep.transmission.inbox import judging
from openprep.transmission.inbox.judging import MAX_VERSIONS
from small.election import acta, outside, without_acta
from transmission.small_center import ELECTION, assert_refused, sealed

OF_D03 = 3
"""An acta of the second municipality, which D03 reports and D02 does not."""


def reported(number=OF_D03, **changes):
    return ActaReported(acta(number, **changes))


def corrected(number=OF_D03, **changes):
    return ActaCorrected(acta(number, **changes), "cotejo")


async def test_a_correction_by_another_place_of_what_nobody_reported_is_held(places):
    await places.send("D02", corrected())
    assert places.standing(OF_D03) is None


async def test_a_place_corrects_its_own_actas(places):
    await places.send("D03", reported(), corrected(total_written=9))
    assert places.standing(OF_D03).number == 2


async def test_what_is_held_is_answered_again_as_it_was(places):
    body = sealed(1, reported(total_written=9), station="D02", key="D02")
    first = await places.center.inbox.receive(body)
    places.center.restart()
    again = await places.center.inbox.receive(body)
    assert again == structs.replace(first, duplicate=True)
    assert again.held == 1


async def test_a_place_that_checks_settles_what_is_held_even_as_the_first_version(places):
    await places.send("D02", reported(total_written=9))
    receipt = await places.send("COTEJO", corrected())
    assert receipt.held == 0
    version = places.standing(OF_D03)
    assert (version.number, version.reason, version.station) == (1, "cotejo", "COTEJO")
    assert places.waiting == []


async def test_a_place_that_checks_confirms_what_stands_against_a_conflict(places):
    await places.send("D03", reported())
    receipt = await places.send("D01", reported(total_written=9))
    assert (receipt.conflicts, receipt.held) == (1, 0)
    assert places.waiting == [("D01", Why.CONFLICT)]
    await places.send("COTEJO", corrected())
    assert places.waiting == []
    assert places.standing(OF_D03).number == 1


async def test_a_place_that_only_checks_reports_nothing_first(places):
    receipt = await places.send("COTEJO", reported())
    assert receipt.aside[0].code == Why.NOT_RESPONSIBLE.code


async def test_the_same_figures_from_a_place_that_is_not_responsible_are_no_alarm(places):
    await places.send("D03", reported())
    receipt = await places.send("D02", reported())
    assert (receipt.held, receipt.conflicts) == (0, 0)


@pytest.mark.parametrize("place", ["D01", "D02", "D03", "COTEJO"])
async def test_who_speaks_in_a_contest_may_report_its_actas_out_of_catalogue(places, place):
    receipt = await places.send(place, ActaReported(outside()))
    assert receipt.held == 0
    assert len(places.state.contest("AYUN").out_of_catalogue) == 1


def test_who_speaks_in_another_contest_may_not():
    remit = Remit.of(["GUB/001"], ["DIP"])
    assert not remit.reports.covers("AYUN", None, ELECTION)
    assert not remit.corrects.covers("AYUN", None, ELECTION)


EXCESS = (Observation.EXCEDE_LISTA_NOMINAL,)
ABSURD = [
    acta(5, votes=(99_999_999,) + (0,) * 10),
    acta(5, votes=(1_000,) * 11),
    acta(0, votes=(99_999_999,) + (0,) * 10, observations=EXCESS),
    acta(5, total_written=99_999_999),
    acta(5, surplus_ballots=1_000_001),
]


@pytest.mark.parametrize("absurd", ABSURD, ids=range(len(ABSURD)))
async def test_an_absurd_figure_waits_for_a_person_and_stands_where_one_confirms_it(places, absurd):
    receipt = await places.send("D01", ActaReported(absurd))
    assert receipt.aside[0].code == Why.IMPLAUSIBLE.code
    assert places.state.versions == []
    receipt = await places.send("D01", ActaCorrected(absurd, "así dice"))
    assert receipt.held == 1, "a place does not confirm its own"
    receipt = await places.send("COTEJO", ActaCorrected(absurd, "así dice el acta"))
    assert receipt.held == 0
    assert places.state.contest("AYUN").acta(absurd.acta) == absurd
    assert places.waiting == []


@pytest.mark.parametrize("again", [reported(5), corrected(5)], ids=["reports", "corrects"])
async def test_a_place_that_mistyped_sends_it_again(places, again):
    await places.send("D01", reported(5, total_written=99_999_999))
    await places.send("D01", again)
    assert (places.standing(5).acta, places.standing(5).number) == (acta(5), 1)
    assert places.waiting == []


OVER = (721,) + (0,) * 10


@pytest.mark.parametrize(
    ("votes", "observations", "held"),
    [(OVER, (), True), (OVER, EXCESS, False), ((20,) + (0,) * 10, EXCESS, True)],
    ids=["not said", "said", "said of few"],
)
async def test_the_excess_is_said_as_the_rule_says_it_or_held(places, votes, observations, held):
    fact = ActaReported(acta(0, votes=votes, observations=observations))
    receipt = await places.send("D01", fact)
    assert [aside.code for aside in receipt.aside] == [Why.WRONG_EXCESS.code] * held


ONE_UNREAD = (FieldState.ILEGIBLE, *(1,) * 10)
WITHOUT = without_acta(0)
CONTRADICTIONS = [
    acta(0, observations=(Observation.FUERA_DE_CATALOGO,)),
    acta(0, observations=WITHOUT.observations),
    structs.replace(WITHOUT, total_written=1),
    structs.replace(WITHOUT, observations=()),
    structs.replace(
        WITHOUT, observations=(*WITHOUT.observations, Observation.SIN_ACTA_PAQUETE_SIN_BOLSA)
    ),
    structs.replace(WITHOUT, observations=(*WITHOUT.observations, Observation.ILEGIBLE)),
    acta(0, votes=ONE_UNREAD),
    acta(0, votes=(FieldState.SIN_DATO, *(1,) * 10), observations=(Observation.SOLO_LETRA,)),
    acta(0, votes=(FieldState.SIN_ACTA, *(1,) * 10)),
    acta(0, votes=(FieldState.NOT_CAPTURED,) * 11),
    acta(0, observations=(Observation.TODOS_ILEGIBLES,)),
    acta(0, observations=(Observation.TODOS_SIN_DATO,)),
    acta(0, votes=ONE_UNREAD, observations=(Observation.TODOS_ILEGIBLES_O_SIN_DATO,)),
    acta(0, observations=tuple(Observation)),
    structs.replace(WITHOUT, image_sha256="ab" * 32),
    structs.replace(WITHOUT, votes=(FieldState.ILEGIBLE, *WITHOUT.votes[1:])),
    structs.replace(WITHOUT, people_voted=FieldState.SIN_DATO),
    acta(0, people_voted=FieldState.SIN_ACTA),
    acta(
        0,
        votes=(FieldState.ILEGIBLE,) * 11,
        observations=(Observation.TODOS_ILEGIBLES, Observation.TODOS_ILEGIBLES_O_SIN_DATO),
    ),
    acta(0, votes=(FieldState.ILEGIBLE,) * 11, observations=(Observation.TODOS_SIN_DATO,)),
    acta(0, votes=(FieldState.SIN_DATO,) * 11, observations=(Observation.TODOS_ILEGIBLES,)),
    acta(0, votes=(FieldState.NOT_APPLICABLE, *(1,) * 10)),
    structs.replace(
        outside(), observations=(Observation.FUERA_DE_CATALOGO, Observation.IDENTIFICADA_POR_PTO)
    ),
    structs.replace(outside(), observations=(Observation.FUERA_DE_CATALOGO, *EXCESS)),
    structs.replace(outside(), observations=(Observation.FUERA_DE_CATALOGO, *WITHOUT.observations)),
]


@pytest.mark.parametrize("wrong", CONTRADICTIONS, ids=range(len(CONTRADICTIONS)))
async def test_words_that_contradict_the_figures_are_refused(center, wrong):
    body = sealed(1, reported(1), ActaReported(wrong))
    refusal = await assert_refused(center, body, RefusalCode.CONTRADICTION)
    assert "fact 2" in refusal.detail


ALLOWED = [
    acta(0, observations=(Observation.ILEGIBLE,)),
    acta(0, votes=ONE_UNREAD, observations=(Observation.ILEGIBLE,)),
    acta(0, votes=(FieldState.SIN_DATO,) * 11, observations=(Observation.TODOS_SIN_DATO,)),
    acta(0, votes=(FieldState.ILEGIBLE, *(100,) * 10), observations=EXCESS),
    acta(0, observations=(Observation.IDENTIFICADA_POR_PTO, Observation.SOLO_NUMERO)),
    WITHOUT,
    outside(),
]


@pytest.mark.parametrize("right", ALLOWED, ids=range(len(ALLOWED)))
async def test_words_that_official_files_have_are_taken(places, right):
    assert (await places.send("D01", ActaReported(right))).held == 0


@pytest.mark.parametrize("sign", ["\x1b", "\0", "\u202e", "\u200b", "\n", "\u2066"])
async def test_a_reason_with_signs_that_nobody_sees_is_refused(center, sign):
    fact = ActaCorrected(acta(0), f"cotejo {sign}otejoc")
    await assert_refused(center, sealed(1, reported(0), fact), RefusalCode.UNSEEN_TEXT)


async def test_a_flood_of_corrections_in_one_envelope_ends_too(places):
    flood = [corrected(total_written=number) for number in range(MAX_VERSIONS)]
    with pytest.raises(Refused) as refused:
        await places.send("D03", reported(), *flood)
    assert refused.value.code is RefusalCode.TOO_MANY_VERSIONS
    assert places.state.versions == []


async def test_a_flood_of_actas_out_of_catalogue_ends(places, monkeypatch, caplog):
    monkeypatch.setattr(judging, "MAX_OUTSIDE", 3)
    await places.send("D01", *[ActaReported(outside())] * 2)
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            await places.send("D01", *[ActaReported(outside())] * 2)
        assert refused.value.code is RefusalCode.TOO_MANY_OUTSIDE
    assert caplog.text.count("T032") == 1, "an alarm, and no flood of it"
    await places.send("D02", ActaReported(outside()))


@pytest.mark.parametrize(
    "idle", [reported(0), reported(0, total_written=9), corrected(0), reported(OF_D03)]
)
async def test_a_flood_of_what_brings_nothing_ends(places, monkeypatch, idle):
    monkeypatch.setattr(judging, "MAX_IDLE", 4)
    await places.send("D02", reported(0))
    await places.send("D02", idle, idle)
    with pytest.raises(Refused) as refused:
        await places.send("D02", idle, idle, idle)
    assert refused.value.code is RefusalCode.TOO_MUCH_ASIDE
    await places.send("D02", reported(1))
    assert places.state.stations["D02"].idle == 2


async def test_each_fact_that_is_held_is_one_line_in_the_log_with_its_code(places, caplog):
    await places.send("D02", reported(), reported(0))
    (line,) = [record.getMessage() for record in caplog.records if "R020" in record.getMessage()]
    assert "AYUN A3, by D02, envelope 1 fact 1" in line


async def test_an_envelope_that_holds_nothing_is_stored_as_before_there_was_holding(places):
    await places.send("D01", reported(0))
    (event,) = places.center.envelopes
    assert isinstance(event, EnvelopeReceived)
    assert b"held" not in encode_event(event)
    assert decode_event(encode_event(event)).held == ()


async def test_an_acta_out_of_catalogue_that_is_identified_later_is_one_paper(places):
    stray = structs.replace(outside(), image_sha256="cd" * 32)
    await places.send("D01", ActaReported(stray))
    fact = ActaCorrected(acta(OF_D03), "era de la 3", acta_digest(stray))
    await places.send("COTEJO", fact)
    contest = places.state.contest("AYUN")
    assert contest.out_of_catalogue == {}
    assert (places.standing(OF_D03).number, places.standing(OF_D03).identifies) == (1, (1, 1))
    await places.send("COTEJO", fact)
    assert len(places.state.versions) == 2


async def test_what_does_not_stand_out_of_catalogue_is_not_identified(center):
    fact = ActaCorrected(acta(0), "cotejo", "ab" * 32)
    await assert_refused(center, sealed(1, fact), RefusalCode.NOT_OUTSIDE)


async def test_an_acta_out_of_catalogue_may_be_identified_in_its_own_envelope(places):
    fact = ActaCorrected(acta(OF_D03), "cotejo", acta_digest(outside()))
    await places.send("D01", ActaReported(outside()), fact)
    assert places.state.contest("AYUN").out_of_catalogue == {}
