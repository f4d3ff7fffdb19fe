"""Reading an official file of 2024 and writing it again gives the same bytes."""

import msgspec
import pytest

from databases.official import (
    CONTESTS,
    CUTS,
    NO_BASIS,
    REPOSITORY,
    contest_database,
    night,
    night_candidacies,
)
from openprep.databases import check_database, read_candidacies, read_database
from openprep.databases.write.candidacies import write_candidacies
from openprep.databases.write.writer import ContestDatabase, write_database
from openprep.election import Election, Flavour, Summary
from openprep.election.declared.folder import load_election


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("contest", CONTESTS)
def test_an_official_file_is_written_again_byte_by_byte(
    puebla: Election, cut: str, contest: str
) -> None:
    official = night(cut, contest)
    database = read_database(official)
    assert database.cut is not None
    written = write_database(
        puebla, contest, contest_database(puebla, contest, database), database.cut
    )
    assert written.splitlines() == official.splitlines()
    assert written == official


@pytest.mark.parametrize(("contest", "typing_errors"), [("GUB", 0), ("DIP_LOC", 0), ("AYUN", 18)])
def test_candidacies_are_written_again(puebla: Election, contest: str, typing_errors: int) -> None:
    """The authority's file spells some candidacies of councils in two ways; we write one."""
    official = read_candidacies(night_candidacies(contest))
    written = read_candidacies(write_candidacies(puebla, contest))
    assert written.names == official.names
    lost = set(official.listed) - set(written.listed)
    assert len(lost) == typing_errors
    keys = {(candidacy.entity, candidacy.unit, candidacy.column) for candidacy in official.listed}
    assert keys == {
        (candidacy.entity, candidacy.unit, candidacy.column) for candidacy in written.listed
    }


def test_the_federal_flavour_reads_back_without_findings() -> None:
    election = load_election(REPOSITORY / "elections/federal-2018-presidencia")
    few = election.catalogues["PRES"][:500]
    election = msgspec.structs.replace(election, catalogues={"PRES": few})
    assert election.databases.flavour is Flavour.FEDERAL_2024
    nothing = Summary(len(few), *[0] * 12, NO_BASIS)
    cut = election.window.local(election.window.opens)
    data = write_database(election, "PRES", ContestDatabase({}, [], nothing), cut)
    database = read_database(data)
    assert database.dialect.column_line == 6
    assert len(database) == len(few)
    assert check_database(database).findings == ()


def test_the_federal_flavour_loses_nothing_of_a_real_night(puebla: Election) -> None:
    contest = "AYUN"
    shapes = msgspec.structs.replace(
        puebla.databases, flavour=Flavour.FEDERAL_2024, quirks=frozenset()
    )
    federal = msgspec.structs.replace(puebla, databases=shapes)
    official = read_database(night(CUTS[1], contest))
    assert official.cut is not None
    actas = contest_database(puebla, contest, official)
    again = read_database(write_database(federal, contest, actas, official.cut))
    assert contest_database(puebla, contest, again) == actas
    quirks = {"HEADER_DECIMAL", "CONTIGUA_AS_01"}
    found = {finding.code.name for finding in check_database(official).findings}
    assert {finding.code.name for finding in check_database(again).findings} == found - quirks
