"""The auditor's arithmetic against plain loops, over elections that hypothesis makes."""

import numpy as np
import pytest
from hypothesis import given

from openprep.audit.counting.arithmetic import Actas, leading
from openprep.audit.counting.composing import Counted, Standing
from openprep.audit.counting.declared import Declared
from openprep.election import Level
from openprep.wire.cut.description import (
    AreaName,
    Candidacies,
    Catalogue,
    ElectionDescription,
    ExpectedColumns,
    PublishedContest,
    PublishedRules,
    PublishedWindow,
)
from openprep.wire.cut.objects import NOBODY
from openprep.wire.cut.ref import Ref
from small.election import CATALOGUE, OPENS, small_election
from tabulation.small import RULES, NaiveTotals, nights

NOTHING = Ref("ab" * 32, 1)


def declared_of(contest, catalogue):
    published = PublishedContest(
        contest.id,
        contest.title,
        contest.office,
        contest.levels,
        contest.columns,
        NOTHING,
        NOTHING,
        tuple(sorted(contest.rp_tipos)),
        contest.rp_actas,
        contest.constituency,
        contest.seats,
    )
    description = ElectionDescription(
        schema=2,
        id="chica-2024",
        name="",
        authority="",
        drill=False,
        digest="",
        root=AreaName(Level.ENTITY, "21", "CHICA"),
        window=PublishedWindow(OPENS, OPENS, "America/Mexico_City"),
        rules=PublishedRules(RULES.participation, tuple(RULES.excess_exempt)),
        parties=(),
        contests=(published,),
    )
    names = tuple(AreaName(Level.MUNICIPALITY, path, path) for path in contest.candidacies)
    columns = ExpectedColumns.of(catalogue)
    return Declared(
        description,
        published,
        Candidacies(2, "chica-2024", contest.id, contest.candidacies),
        Catalogue(2, "chica-2024", contest.id, names, columns),
    )


def standing_of(catalogue, actas):
    """The actas, as if each stood at the leaf of its number."""
    captured = [row for row, expected in enumerate(catalogue) if expected.id in actas]
    rows = np.array(captured, np.int64)
    leaves = np.full(len(catalogue), NOBODY)
    leaves[rows] = rows
    shown = [actas[catalogue[row].id] for row in captured]
    columns = Actas.of(shown, len(shown[0].votes) if shown else 11)
    nothing = np.zeros(len(catalogue), np.int64)
    return Standing(rows, columns, leaves, nothing, nothing)


def every(made):
    yield made
    for child in made.children:
        yield from every(child)


FIGURES = (
    "expected",
    "captured",
    "counted",
    "lista_nominal",
    "votes_with_special",
    "votes_without_special",
)


@given(nights())
def test_every_figure_is_what_plain_loops_give(night):
    contest, catalogue, actas = night
    declared = declared_of(contest, catalogue)
    declared.check()
    made = Counted(declared, standing_of(catalogue, actas), closing=False).made()
    naive = NaiveTotals(contest, catalogue, actas)
    for area in every(made):
        if area.children:
            holds_area(area.own.object, naive)
            for child, expected in zip(area.children, area.catalogue.object.expected, strict=True):
                assert expected == naive.figures[child.own.object.path]["expected"]
        else:
            holds_sections(area.own.object, area.catalogue.object, naive)
    for unit in made.children:
        holds_unit(unit.own.object, unit.catalogue.object, naive)


@pytest.mark.parametrize(
    ("room", "name", "made"),
    [
        (Declared, "by_section", lambda declared: declared.catalogues),
        (np, "sort", lambda _: leading(np.array([[3, 1], [2, 2], [0, 0]]))),
    ],
    ids=["expected actas", "who leads"],
)
def test_half_a_million_rows_are_gone_through_once(monkeypatch, room, name, made):
    declared = declared_of(small_election().contests["AYUN"], CATALOGUE)
    assert declared.groups
    calls, own = [], getattr(room, name)

    def counted(*arguments, **options):
        calls.append(arguments)
        return own(*arguments, **options)

    monkeypatch.setattr(room, name, counted)
    made(declared)
    assert len(calls) == 1


def holds_area(area, naive):
    figures = naive.figures[area.path]
    for name in FIGURES:
        assert getattr(area.summary, name) == figures[name]
    assert area.summary.inconsistent_share == figures["inconsistent"] * 10**6 // figures["expected"]
    if area.path:
        assert area.summary.basis.votes == figures["votes_with_list"]
    assert list(area.votes.columns) == naive.votes[area.path]
    assert sum(group.expected for group in area.groups[:2]) >= figures["expected"] or (
        len(area.groups) == 1
    )


def holds_unit(unit, catalogue, naive):
    receivers = naive.candidacies(unit.path)
    assert unit.votes.off_ballot == receivers.pop("off_ballot")
    del receivers["unregistered"], receivers["null"]
    keys = [runner.key for runner in catalogue.running]
    assert dict(zip(keys, unit.votes.candidacies, strict=True)) == receivers
    parties = dict(zip(catalogue.parties, unit.parties, strict=True))
    assert parties == naive.parties(unit.path)
    assert sum(unit.parties) == sum(unit.votes.candidacies)


def holds_sections(run, catalogue, naive):
    unit = run.path.rpartition("/")[0]
    for position, seccion in enumerate(catalogue.secciones):
        path = f"{unit}/{seccion}"
        figures, votes = naive.figures[path], naive.votes[path]
        assert run.places.captured[position] == figures["captured"]
        assert run.places.counted[position] == figures["counted"]
        assert run.places.total[position] == sum(votes)
        assert catalogue.actas[position] == figures["expected"]
