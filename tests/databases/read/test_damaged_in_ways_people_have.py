"""Small files that were read wrongly without a word: each is read right now, or says so."""

from pathlib import Path

import pytest

from openprep.databases.read.reader import read_database

CASES = Path(__file__).parents[1] / "cases"


def read(name):
    database = read_database(CASES / f"{name}.csv")
    return database, {finding.code.code for finding in database.findings}


@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.glob("*.csv")))
def test_the_block_of_votes_ends_in_the_two_columns_of_every_acta(name):
    database, _ = read(name)
    assert database.vote_names[-2:] == ("NO_REGISTRADAS", "NULOS")


def test_a_cut_written_year_first_is_read_with_the_offset_that_is_written():
    database, found = read("cut-time-year-first")
    assert database.preamble.cut.isoformat() == "2021-11-10T11:40:00-06:00"
    assert not found


def test_what_dos_ends_a_file_with_is_no_row():
    assert read("ends-in-ctrl-z")[1] == {"D082"}


def test_an_identity_that_a_spreadsheet_was_given_as_a_formula_is_unwrapped_and_told():
    database, found = read("identity-as-formula-wrong-section")
    assert found == {"D083"}
    assert all("=" not in (row.seccion or "") for row in database.rows)
