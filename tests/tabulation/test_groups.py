"""Groups of actas against a naive second implementation, and what no division may lose."""

import numpy as np
from hypothesis import given, settings

from openprep.election import ActaGroup, CasillaKind, Level, Location
from openprep.tabulation import Contributions, ballots_of, group_actas, lay_out
from openprep.tabulation.groups import GROUPS
from tabulation.small import RULES, NaiveTotals, nights

KINDS = {
    ActaGroup.ESPECIAL: CasillaKind.ESPECIAL,
    ActaGroup.EXTRANJERO: CasillaKind.EXTRANJERO,
    ActaGroup.ANTICIPADO: CasillaKind.ANTICIPADO,
    ActaGroup.PRISION_PREVENTIVA: CasillaKind.PRISION_PREVENTIVA,
    ActaGroup.URNA_ELECTRONICA: CasillaKind.URNA_ELECTRONICA,
}

ACTAS = ("expected", "captured", "counted", "lista_nominal", "votes_with_list")


def is_in(group, expected):
    if group in KINDS:
        return expected.kind is KINDS[group]
    return (expected.location is Location.URBAN) is (group is ActaGroup.URBANA)


def grouped(night):
    contest, catalogue, actas = night
    layout = lay_out(contest, catalogue, Level.ENTITY)
    contributions = Contributions(contest, catalogue, RULES)
    positions = {expected.id: position for position, expected in enumerate(catalogue)}
    contributions.capture({positions[name]: acta for name, acta in actas.items()})
    grouping = group_actas(layout, catalogue)
    ballots = ballots_of(contest, layout.depths[layout.unit_depth].paths)
    return layout, grouping, grouping.figures(grouping.tabulate(contributions), ballots)


@given(nights())
@settings(max_examples=60)
def test_each_group_equals_the_naive_tabulation_of_its_actas_alone(night):
    contest, catalogue, actas = night
    layout, grouping, totals = grouped(night)
    units = layout.depths[layout.unit_depth].paths
    for group in GROUPS:
        members = tuple(expected for expected in catalogue if is_in(group, expected))
        naive = NaiveTotals(contest, members, actas)
        for row, unit in enumerate(units):
            *counts, _, _, _ = totals[layout.unit_depth][row, GROUPS.index(group)].tolist()
            figures = naive.figures[unit]
            assert counts[: len(ACTAS)] == [figures[name] for name in ACTAS]
            theirs = naive.candidacies(unit)
            shown = dict(zip(contest.contenders, counts[len(ACTAS) :], strict=True))
            assert {key: votes for key, votes in shown.items() if key in theirs} == {
                key: theirs[key] for key in contest.contenders if key in theirs
            }
            sections = {expected.seccion or "0000" for expected in members if expected.area == unit}
            named = grouping.secciones.get((row, group), ())
            assert set(named) == (sections if group in KINDS else set())


@given(nights())
@settings(max_examples=60)
def test_urban_and_not_urban_actas_are_together_all_of_every_area(night):
    contest, catalogue, actas = night
    layout, _, totals = grouped(night)
    naive = NaiveTotals(contest, catalogue, actas)
    located = [GROUPS.index(ActaGroup.URBANA), GROUPS.index(ActaGroup.NO_URBANA)]
    for depth, matrix in enumerate(totals):
        for row, path in enumerate(layout.depths[depth].paths):
            told = matrix[row, located].sum(axis=0).tolist()
            figures = naive.figures[path]
            assert told[: len(ACTAS)] == [figures[name] for name in ACTAS]
            votes = told[len(ACTAS) :]
            assert sum(votes) == sum(naive.votes[path])
    assert all(matrix.dtype == np.int64 for matrix in totals)
