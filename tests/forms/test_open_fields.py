"""What is open on the paper is what the screen asks for: all that is written can be typed."""

import pytest
from msgspec import structs

from forms.shipped import CONTESTS
from openprep.capture.reading import AMOUNTS
from openprep.capture.work.tasks import Task
from openprep.desks.ticket import Ticket
from openprep.desks.web.sheet import Sheets
from openprep.election import MESAS, ColumnKind
from openprep.forms.blank import Blank, blank_for
from openprep.forms.layout import form_of
from openprep.forms.printed import open_on
from small.election import small_election

SMALL = small_election()


def kinds_open_on(blank):
    return {
        column.kind
        for number, column in enumerate(blank.contest.columns)
        if f"votes.{number}" in open_on(blank)
    }


def amounts_open_on(blank):
    return [name for name in AMOUNTS if name in open_on(blank)]


@pytest.mark.parametrize(("name", "contest"), CONTESTS)
def test_paper_and_screen_have_the_same_fields_on_every_acta_of_the_shipped_elections(
    elections, name, contest
):
    election = elections[name]
    sheets = Sheets(election)
    laid = {field.name for field in form_of(election, election.contests[contest]).fields}
    assert election.catalogues[contest]
    for acta in election.catalogues[contest]:
        ticket = Ticket(Task.CAPTURE, contest, acta.id, None, "someone", 0)
        opened = open_on(Blank(election, election.contests[contest], acta))
        assert opened == frozenset(sheets.of(ticket).asked.fields), acta
        assert opened <= laid


@pytest.mark.parametrize("contest", ["SEN", "DIP_FED"])
def test_an_acta_of_proportional_representation_has_no_combination_open(elections, contest):
    election = elections["federal-2024"]
    declared = election.contests[contest]
    special = [one for one in election.catalogues[contest] if one.tipo_acta in declared.rp_tipos]
    assert special
    assert not any(
        ColumnKind.COMBINATION in kinds_open_on(Blank(election, declared, one)) for one in special
    )


def test_the_acta_of_a_mesa_has_the_written_total_open_and_no_other_amount(elections):
    election = elections["federal-2024"]
    mesas = [one for one in election.catalogues["PRES"] if one.kind in MESAS]
    assert mesas
    for one in mesas:
        blank = Blank(election, election.contests["PRES"], one)
        assert amounts_open_on(blank) == ["total_written"]


def test_a_combination_is_open_where_it_runs_and_nowhere_else(elections):
    election = elections["puebla-2024"]
    contest = election.contests["AYUN"]
    last = len(contest.columns) - 1
    opened = {open_on(Blank(election, contest, acta)) for acta in election.catalogues["AYUN"]}
    assert len(opened) > 1
    for one in opened:
        assert {f"votes.{last}", f"votes.{last - 1}", "total_written"} <= one
        assert len(one) < len(form_of(election, contest).fields)


def test_where_nobody_is_declared_every_column_is_open():
    blank = blank_for(SMALL, "AYUN", "A0")
    nobody = structs.replace(blank.contest, candidacies={})
    opened = open_on(Blank(SMALL, nobody, blank.expected))
    assert len(opened) == len(nobody.columns) + len(AMOUNTS)
