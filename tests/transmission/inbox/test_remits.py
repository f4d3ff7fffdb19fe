"""A place speaks for its own actas: what others say of them waits for a person."""

import pytest
from msgspec import structs

from openprep.election import FieldState, Observation, acta_digest
from openprep.election.remit import Remit
from openprep.record.aside import Why
from openprep.record.facts import ActaCorrected, ActaReported
from openprep.record.state import fold
from openprep.transmission.codes import RefusalCode, Refused
from openprep.transmission.inbox.judging import MAX_CHECKED_VERSIONS, MAX_OUTSIDE, MAX_VERSIONS
from small.election import acta, outside
from transmission.small_center import ELECTION, by

FOREIGN = 3
"""An acta of municipality 002, which D02 does not report."""


def corrected(number, **changes):
    return ActaCorrected(acta(number, **changes), "cotejo")


def standing(center, number):
    return center.ledger.state.contest("AYUN").acta(f"A{number}")


async def test_a_thief_who_reports_first_for_others_is_held_and_the_genuine_report_stands(center):
    stolen = ActaReported(acta(FOREIGN, total_written=999))
    receipt = await center.inbox.receive(by("D02", 1, stolen))
    assert (receipt.held, receipt.conflicts) == (1, 0)
    assert [(aside.fact, aside.code) for aside in receipt.aside] == [(1, "R020")]
    assert standing(center, FOREIGN) is None
    genuine = await center.inbox.receive(by("D03", 1, ActaReported(acta(FOREIGN))))
    assert (genuine.held, genuine.conflicts) == (0, 0)
    assert standing(center, FOREIGN) == acta(FOREIGN)
    assert not list(center.ledger.state.waiting())


async def test_a_thief_corrects_nobody_elses_acta(center):
    await center.inbox.receive(by("D03", 1, ActaReported(acta(FOREIGN))))
    receipt = await center.inbox.receive(by("D02", 1, corrected(FOREIGN, total_written=999)))
    assert [aside.code for aside in receipt.aside] == ["R021"]
    assert standing(center, FOREIGN) == acta(FOREIGN)
    (waiting,) = center.ledger.state.waiting()
    assert (waiting.station, waiting.why) == ("D02", Why.NOT_A_CHECKER)


async def test_who_checks_corrects_any_acta_and_settles_what_waits(center):
    await center.inbox.receive(by("D02", 1, ActaReported(acta(FOREIGN, total_written=999))))
    receipt = await center.inbox.receive(by("COTEJO", 1, corrected(FOREIGN)))
    assert (receipt.held, receipt.conflicts) == (0, 0)
    assert standing(center, FOREIGN) == acta(FOREIGN)
    assert not list(center.ledger.state.waiting())


async def test_a_conflict_is_told_in_the_receipt_of_who_came_second(center):
    await center.inbox.receive(by("D01", 1, ActaReported(acta(FOREIGN))))
    receipt = await center.inbox.receive(by("D03", 1, ActaReported(acta(FOREIGN, total_written=9))))
    assert (receipt.conflicts, receipt.held) == (1, 0)
    assert [aside.code for aside in receipt.aside] == ["R024"]
    again = await center.inbox.receive(by("D03", 1, ActaReported(acta(FOREIGN, total_written=9))))
    assert (again.duplicate, again.conflicts) == (True, 1)


async def test_absurd_figures_wait_until_a_second_place_confirms_them(center):
    absurd = {"surplus_ballots": 99_999_999}
    receipt = await center.inbox.receive(by("D01", 1, ActaReported(acta(FOREIGN, **absurd))))
    assert [aside.code for aside in receipt.aside] == ["R022"]
    assert standing(center, FOREIGN) is None
    second = await center.inbox.receive(by("D01", 2, corrected(FOREIGN, **absurd)))
    assert second.held == 1
    await center.inbox.receive(by("COTEJO", 1, corrected(FOREIGN, **absurd)))
    assert standing(center, FOREIGN) == acta(FOREIGN, **absurd)


CONTRADICTIONS = {
    "no acta, and figures": {"observations": (Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO,)},
    "of the catalogue, and out of it": {"observations": (Observation.FUERA_DE_CATALOGO,)},
    "illegible, and not said": {"votes": (FieldState.ILEGIBLE, *acta(0).votes[1:])},
    "everything at once": {"observations": tuple(Observation)},
    "nothing was read, and it was": {"observations": (Observation.TODOS_ILEGIBLES,)},
}


@pytest.mark.parametrize("changes", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
async def test_words_that_contradict_the_figures_are_refused(center, changes):
    with pytest.raises(Refused) as refusal:
        await center.inbox.receive(by("D01", 1, ActaReported(acta(0, **changes))))
    assert refusal.value.code is RefusalCode.CONTRADICTION
    assert center.ledger.state.position == 0


async def test_excede_is_the_rules_word_and_not_the_stations(center):
    said = ActaReported(acta(0, observations=(Observation.EXCEDE_LISTA_NOMINAL,)))
    receipt = await center.inbox.receive(by("D01", 1, said))
    assert [aside.code for aside in receipt.aside] == ["R023"]
    unsaid = ActaReported(acta(1, votes=(900, *acta(1).votes[1:])))
    receipt = await center.inbox.receive(by("D01", 2, unsaid))
    assert [aside.code for aside in receipt.aside] == ["R023"]
    assert standing(center, 0) is standing(center, 1) is None


async def test_a_flood_of_corrections_ends_and_leaves_room_for_who_checks(center):
    await center.inbox.receive(by("D01", 1, ActaReported(acta(0))))
    flood = [corrected(0, total_written=number) for number in range(2, MAX_VERSIONS + 1)]
    await center.inbox.receive(by("D01", 2, *flood))
    with pytest.raises(Refused) as refusal:
        await center.inbox.receive(by("D01", 3, corrected(0, total_written=77)))
    assert refusal.value.code is RefusalCode.TOO_MANY_VERSIONS
    checked = [
        corrected(0, total_written=50 + n) for n in range(MAX_CHECKED_VERSIONS - MAX_VERSIONS)
    ]
    await center.inbox.receive(by("COTEJO", 1, *checked))
    assert center.ledger.state.contest("AYUN").current["A0"].number == MAX_CHECKED_VERSIONS


async def test_a_flood_out_of_catalogue_ends(center):
    def flood(first, last):
        papers = [structs.replace(outside(), total_written=number) for number in range(first, last)]
        return [ActaReported(paper) for paper in papers]

    await center.inbox.receive(by("D01", 1, *flood(0, MAX_OUTSIDE)))
    with pytest.raises(Refused) as refusal:
        await center.inbox.receive(by("D01", 2, *flood(MAX_OUTSIDE, MAX_OUTSIDE + 1)))
    assert refusal.value.code is RefusalCode.TOO_MANY_OUTSIDE


@pytest.mark.parametrize("sign", ["\x1b[2J", "\x00", "\u202e", "\u200b", "\ufeff"])
async def test_a_reason_that_turns_text_around_or_hides_is_refused(center, sign):
    await center.inbox.receive(by("D01", 1, ActaReported(acta(0))))
    spoilt = ActaCorrected(acta(0, total_written=9), f"cotejo{sign}")
    with pytest.raises(Refused) as refusal:
        await center.inbox.receive(by("D01", 2, spoilt))
    assert refusal.value.code in (RefusalCode.UNSEEN_TEXT, RefusalCode.MALFORMED)


async def test_an_acta_out_of_catalogue_that_was_identified_is_one_paper(center):
    paper = outside()
    await center.inbox.receive(by("D01", 1, ActaReported(paper)))
    assert len(center.ledger.state.contest("AYUN").out_of_catalogue) == 1
    identified = ActaCorrected(acta(2), "identified", outside=acta_digest(paper))
    await center.inbox.receive(by("COTEJO", 1, identified))
    assert standing(center, 2) == acta(2)
    assert not center.ledger.state.contest("AYUN").out_of_catalogue
    with pytest.raises(Refused) as refusal:
        await center.inbox.receive(
            by("COTEJO", 2, ActaCorrected(acta(3), "again", outside=acta_digest(paper)))
        )
    assert refusal.value.code is RefusalCode.NOT_OUTSIDE


async def test_what_waits_is_the_same_after_a_restart(center):
    await center.inbox.receive(by("D02", 1, ActaReported(acta(FOREIGN, total_written=999))))
    before = list(center.ledger.state.waiting())
    center.restart()
    assert list(center.ledger.state.waiting()) == before
    assert center.ledger.state == fold(center.record.read())


def test_a_remit_covers_what_lies_below_it_and_no_neighbour():
    remit = Remit.of(["AYUN/002"])
    assert remit.reports.covers("AYUN", f"A{FOREIGN}", ELECTION)
    assert not remit.reports.covers("AYUN", "A0", ELECTION)
    assert not Remit.of(["AYUN/00"]).reports.covers("AYUN", "A0", ELECTION)
    assert not remit.corrects.covers("AYUN", f"A{FOREIGN}", ELECTION)
    assert Remit.of(["*"]).reports.covers("AYUN", "A0", ELECTION)


async def test_a_correction_that_repeats_what_stands_settles_no_paper_of_another_place(center):
    """D03's own acta stands as it says; the paper that it names waits at D01's."""
    absurd = ActaReported(structs.replace(outside(), votes=(99_999_999, *outside().votes[1:])))
    await center.inbox.receive(by("D01", 1, absurd))
    before = list(center.ledger.state.waiting())
    assert len(before) == 1
    foreign = acta(FOREIGN)
    await center.inbox.receive(by("D03", 1, ActaReported(foreign)))
    repeated = ActaCorrected(foreign, "razón", acta_digest(absurd.acta))
    await center.inbox.receive(by("D03", 2, repeated))
    assert before[0] in list(center.ledger.state.waiting())


async def test_a_place_takes_off_only_its_own_papers_without_identity(center):
    paper = outside()
    await center.inbox.receive(by("D01", 1, ActaReported(paper)))
    identified = ActaCorrected(acta(FOREIGN), "es esta", acta_digest(paper))
    await center.inbox.receive(by("D03", 1, ActaReported(acta(FOREIGN))))
    receipt = await center.inbox.receive(by("D03", 2, identified))
    assert receipt.held == 1
    assert len(center.ledger.state.contest("AYUN").out_of_catalogue) == 1
    await center.inbox.receive(by("COTEJO", 1, identified))
    assert not center.ledger.state.contest("AYUN").out_of_catalogue
