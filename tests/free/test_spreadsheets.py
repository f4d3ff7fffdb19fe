"""What a spreadsheet would compute is given to it as text."""

import pytest

from openprep.spreadsheets import as_text


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_begins_like_a_formula_gets_an_apostrophe(cell):
    assert as_text(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "CATD 01", "a=1", "0523"])
def test_all_else_stays_as_it_is(cell):
    assert as_text(cell) == cell
