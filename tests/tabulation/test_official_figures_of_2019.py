"""The shipped election of 2019, given the official rows of its night, gives the official header."""

from functools import reduce
from pathlib import Path

import pytest

from databases.official import sample
from openprep.databases import Figure
from openprep.databases.read.reader import read_database
from openprep.election import CasillaKind, Counting
from openprep.election.counting import count
from openprep.election.declared.folder import load_election
from openprep.tabulation.tally import EXPECTED, Tally, summarise, tally_of

ELECTIONS = Path(__file__).parent.parent.parent / "elections"


@pytest.fixture(scope="module")
def declared():
    return load_election(ELECTIONS / "puebla-2019")


@pytest.mark.parametrize("name", ["GUB", "AYUN"])
def test_the_official_rows_of_2019_give_the_official_header(declared, name):
    database = read_database(sample(f"PUE_{name}_ext_2019"))
    contest, catalogue = declared.contests[name], declared.catalogues[name]
    of_catalogue = [row for row in database.rows if row.counting is not Counting.OUT_OF_CATALOGUE]
    outside = len(database) - len(of_catalogue)
    tally = reduce(
        Tally.plus,
        (
            EXPECTED
            if row.counting is Counting.NOT_CAPTURED
            else tally_of(row.acta(name, expected.id), expected, contest, declared.rules)
            for row, expected in zip(of_catalogue, catalogue, strict=True)
        ),
        Tally(out_of_catalogue=outside),
    )
    summary = summarise(tally, declared.rules.participation, root=True, closing=True)
    said = database.preamble.figures
    ours = dict(zip(Figure, summary.figures, strict=True))
    assert {figure: ours[figure] for figure in said} == said
    assert len(said) >= 10


def test_a_special_casilla_of_2019_is_held_against_its_ballots(declared):
    special = [
        expected for expected in declared.catalogues["GUB"] if expected.kind is CasillaKind.ESPECIAL
    ]
    assert len(special) == 43
    database = read_database(sample("PUE_GUB_ext_2019"))
    rows = [
        row
        for row in database.rows
        if row.kind is CasillaKind.ESPECIAL and row.counting is not Counting.OUT_OF_CATALOGUE
    ]
    counted = [
        count(row.acta("GUB", expected.id), expected, declared.rules)
        for row, expected in zip(rows, special, strict=True)
    ]
    assert {acta.counting for acta in counted} == {Counting.COUNTED}
    assert sum(acta.total for acta in counted) == 1_527_071 - 1_511_708
