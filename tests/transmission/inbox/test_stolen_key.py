"""What a station's stolen key can say, all of it signed well: the centre goes on, and tells."""

import asyncio

import pytest
from msgspec import structs

from openprep.election import Observation, acta_digest
from openprep.record.facts import ActaCorrected, ActaReported
from openprep.record.state import fold
from openprep.transmission.codes import RefusalCode, Refused
from openprep.transmission.inbox.judging import MAX_CHECKED_VERSIONS, MAX_VERSIONS
from small.election import acta, outside
from transmission.small_center import by

PAPER = outside()
DIGEST = acta_digest(PAPER)
PICTURED = structs.replace(PAPER, image_sha256="ab" * 32)


def corrected(number, paper=None, **changes):
    digest = None if paper is None else acta_digest(paper)
    return ActaCorrected(acta(number, **changes), "cotejo", digest)


def numbers(center):
    return [version.number for version in center.ledger.state.versions]


async def refused(center, body):
    with pytest.raises(Refused) as refusal:
        await center.inbox.receive(body)
    return refusal.value.code


async def goes_on(center, sequence):
    """The next envelope is taken, and a centre that starts again has the same state."""
    await center.inbox.receive(by("D01", sequence, ActaReported(acta(6))))
    before = center.ledger.state
    assert before == fold(center.record.read())


@pytest.mark.parametrize("station", ["D02", "COTEJO"])
async def test_a_paper_out_of_catalogue_that_becomes_another_one_does_not_stop_the_centre(
    center, station
):
    await center.inbox.receive(by("D01", 1, ActaReported(PAPER)))
    other = structs.replace(PAPER, total_written=9)
    assert (
        await refused(center, by(station, 1, ActaCorrected(other, "identified", DIGEST)))
        is RefusalCode.NOTHING_TO_CORRECT
    )
    await goes_on(center, 2)


async def test_one_paper_is_identified_once_in_one_envelope(center):
    await center.inbox.receive(by("D01", 1, ActaReported(PAPER)))
    twice = by("COTEJO", 1, corrected(2, PAPER), corrected(3, PAPER))
    assert await refused(center, twice) is RefusalCode.NOT_OUTSIDE
    again = by("D01", 2, ActaReported(PICTURED), ActaReported(PICTURED), corrected(2, PICTURED))
    await center.inbox.receive(again)
    assert await refused(center, by("COTEJO", 1, corrected(3, PICTURED))) is RefusalCode.NOT_OUTSIDE
    await goes_on(center, 3)


async def test_two_places_that_identify_one_paper_at_once_do_it_once(center):
    await center.inbox.receive(by("D01", 1, ActaReported(PAPER)))
    sent = by("D01", 2, corrected(2, PAPER)), by("COTEJO", 1, corrected(3, PAPER))
    answers = await asyncio.gather(*map(center.inbox.receive, sent), return_exceptions=True)
    codes = [answer.code for answer in answers if isinstance(answer, Refused)]
    assert codes == [RefusalCode.NOT_OUTSIDE]
    assert sum(version.identifies is not None for version in center.ledger.state.versions) == 1
    assert len(center.ledger.state.versions) == 2


async def test_versions_that_alternate_in_one_envelope_end_at_the_bound(center):
    await center.inbox.receive(by("D01", 1, ActaReported(acta(0))))
    turns = [corrected(0, total_written=(301, 9)[turn % 2]) for turn in range(1, MAX_VERSIONS)]
    await center.inbox.receive(by("D01", 2, *turns))
    assert max(numbers(center)) == MAX_VERSIONS
    more = by("D01", 3, corrected(0, total_written=301), corrected(0, total_written=9))
    assert await refused(center, more) is RefusalCode.TOO_MANY_VERSIONS
    most = 2 * (MAX_CHECKED_VERSIONS - MAX_VERSIONS)
    checked = [corrected(0, total_written=(301, 9)[turn % 2]) for turn in range(most)]
    assert await refused(center, by("COTEJO", 1, *checked)) is RefusalCode.TOO_MANY_VERSIONS


async def test_papers_identified_as_one_acta_end_at_the_bound_too(center):
    papers = [structs.replace(PAPER, total_written=number) for number in range(MAX_VERSIONS + 1)]
    await center.inbox.receive(by("D01", 1, ActaReported(acta(0)), *map(ActaReported, papers)))
    code = await refused(center, by("D01", 2, *(corrected(0, paper) for paper in papers)))
    assert code is RefusalCode.TOO_MANY_VERSIONS
    receipt = await center.inbox.receive(
        by("D01", 2, ActaCorrected(acta(0), "none such", "ab" * 32))
    )
    assert (receipt.held, numbers(center)[0]) == (0, 1)
    await goes_on(center, 3)


FIELDS = (
    "surplus_ballots",
    "people_voted",
    "representatives_voted",
    "ballots_taken",
    "total_written",
)
ABSURD = (99_999_999, 1_000_001)


@pytest.mark.parametrize("figure", ABSURD)
@pytest.mark.parametrize("number", range(7))
@pytest.mark.parametrize("excede", [False, True])
async def test_no_absurd_figure_of_any_field_of_any_kind_of_acta_is_published(
    center, number, figure, excede
):
    said = {"observations": (Observation.EXCEDE_LISTA_NOMINAL,)} if excede else {}
    votes = acta(number).votes
    spoilt = [acta(number, **{name: figure}, **said) for name in FIELDS]
    spoilt += [
        acta(number, votes=(*votes[:place], figure, *votes[place + 1 :]), **said)
        for place in range(len(votes))
    ]
    receipt = await center.inbox.receive(by("D01", 1, *map(ActaReported, spoilt)))
    assert receipt.held == len(spoilt)
    assert not center.ledger.state.versions
