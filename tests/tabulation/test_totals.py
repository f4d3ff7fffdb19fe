"""Totals against a naive second implementation, and the properties no total may break."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from openprep.election import Level
from openprep.tabulation import (
    Contributions,
    ballots_of,
    distribute,
    group_actas,
    lay_out,
    parties_of,
    summarise,
    tabulate,
    tabulate_again,
    tally_of,
)
from openprep.tabulation.totals import TALLIES
from tabulation.small import COLUMNS, RULES, NaiveTotals, contest, expected_actas, nights


def tabulated(night):
    contest, catalogue, actas = night
    layout = lay_out(contest, catalogue, Level.ENTITY)
    contributions = Contributions(contest, catalogue, RULES)
    for position, expected in enumerate(catalogue):
        if expected.id in actas:
            contributions.capture({position: actas[expected.id]})
    return layout, contributions, tabulate(layout, contributions)


@given(nights())
@settings(max_examples=60)
def test_every_level_equals_the_naive_tabulation(night):
    layout, _, totals = tabulated(night)
    naive = NaiveTotals(*night)
    for depth, groups in enumerate(layout.depths):
        for group, path in enumerate(groups.paths):
            assert totals.votes(depth)[group].tolist() == naive.votes[path]
            tally = totals.tally(depth, group)._asdict()
            assert tally.pop("out_of_catalogue") == 0
            assert tally == {name: naive.figures[path][name] for name in tally}


@given(nights())
@settings(max_examples=60)
def test_actas_add_the_same_together_and_one_by_one_as_the_rule_of_one_acta_says(night):
    contest, catalogue, actas = night
    _, one_by_one, _ = tabulated(night)
    together = Contributions(contest, catalogue, RULES)
    together.capture(
        {
            position: actas[expected.id]
            for position, expected in enumerate(catalogue)
            if expected.id in actas
        }
    )
    assert (together.matrix == one_by_one.matrix).all()
    for position, expected in enumerate(catalogue):
        if expected.id in actas:
            tally = tally_of(actas[expected.id], expected, contest, RULES)
            assert together.matrix[position, -TALLIES:].tolist() == list(tally)
    assert (together.proportional_votes == one_by_one.proportional_votes).all()


@given(nights())
@settings(max_examples=60)
def test_candidacies_and_parties_equal_the_naive_ones_and_lose_no_vote(night):
    contest, _, _ = night
    layout, _, totals = tabulated(night)
    naive = NaiveTotals(*night)
    units = layout.depths[layout.unit_depth].paths
    votes = totals.votes(layout.unit_depth)
    ballots = ballots_of(contest, units)
    receivers = ballots.by_receiver(votes)
    parties = distribute(votes, contest, ballots.on_ballot)
    for row, unit in enumerate(units):
        names = [*contest.contenders, "unregistered", "null", "off_ballot"]
        ours = dict(zip(names, receivers[row].tolist(), strict=True))
        theirs = naive.candidacies(unit)
        assert {name: votes for name, votes in ours.items() if votes or name in theirs} == theirs
        by_party = dict(zip(parties_of(contest), parties[row].tolist(), strict=True))
        assert by_party == naive.parties(unit)
        nobody = theirs["unregistered"] + theirs["null"] + theirs["off_ballot"]
        assert sum(by_party.values()) + nobody == votes[row].sum()
        assert sum(receivers[row]) == votes[row].sum()


@given(nights(), st.data())
@settings(max_examples=40)
def test_the_order_in_which_actas_arrive_changes_nothing(night, data):
    contest, catalogue, actas = night
    _, _, straight = tabulated(night)
    layout = lay_out(contest, catalogue, Level.ENTITY)
    contributions = Contributions(contest, catalogue, RULES)
    index = {expected.id: position for position, expected in enumerate(catalogue)}
    for acta in data.draw(st.permutations(list(actas.values()))):
        contributions.capture({index[acta.acta]: acta})
    shuffled = tabulate(layout, contributions)
    for ours, theirs in zip(straight.matrices, shuffled.matrices, strict=True):
        assert np.array_equal(ours, theirs)


@given(nights(), st.data())
@settings(max_examples=60)
def test_what_changed_added_up_again_is_as_if_all_had_been(night, data):
    contest, catalogue, actas = night
    layout, contributions, totals = tabulated((contest, catalogue, {}))
    grouping = group_actas(layout, catalogue)
    groups = grouping.tabulate(contributions)
    index = {expected.id: position for position, expected in enumerate(catalogue)}
    arriving = data.draw(st.permutations(list(actas.values())))
    for some in (arriving[::2], arriving[1::2], arriving[:1]):
        positions = [index[acta.acta] for acta in some]
        contributions.capture(dict(zip(positions, some, strict=True)))
        contributions.out_of_catalogue += 1
        sections = layout.section_of[np.array(positions, np.int64)]
        changed = layout.holding(sections)
        assert [len(areas) <= max(len(some), 1) for areas in changed] == [True] * len(changed)
        tabulate_again(totals, layout, contributions, changed)
        grouping.tabulate_again(groups, contributions, changed[layout.unit_depth + 1])
        for ours, theirs in zip(
            totals.matrices, tabulate(layout, contributions).matrices, strict=True
        ):
            assert np.array_equal(ours, theirs)
        assert np.array_equal(groups, grouping.tabulate(contributions))


@given(expected_actas(4, 4))
@settings(max_examples=5)
def test_sums_run_in_64_bits(catalogue):
    """A sum over 32-bit integers wraps around silently in more than one library."""
    layout = lay_out(contest(), catalogue, Level.ENTITY)
    contributions = Contributions(contest(), catalogue, RULES)
    contributions.matrix[:, :-TALLIES] = 2**31 - 1
    totals = tabulate(layout, contributions)
    assert totals.matrices[0].dtype == np.int64
    assert totals.votes(0)[0].tolist() == [(2**31 - 1) * len(catalogue)] * len(COLUMNS)


def test_leftover_votes_go_to_the_strongest_parties_of_the_combination():
    columns = [column.id for column in COLUMNS]
    votes = np.zeros((1, len(COLUMNS)), np.int64)
    for name, count in {"AZUL": 5, "ROJO": 9, "VERDE": 5, "AZUL_ROJO_VERDE": 8}.items():
        votes[0, columns.index(name)] = count
    on_ballot = ballots_of(contest(), ["001"]).on_ballot
    shares = dict(
        zip(parties_of(contest()), distribute(votes, contest(), on_ballot)[0].tolist(), strict=True)
    )
    # 8 = 2 each, and of the 2 left one to ROJO (strongest), one to AZUL (tie, first on the ballot)
    assert shares == {"AZUL": 8, "ROJO": 12, "VERDE": 7, "LILA": 0, "CAND_IND_1": 0}


@given(nights())
@settings(max_examples=40)
def test_the_figures_agree_with_one_another(night):
    _, catalogue, actas = night
    contest, _, _ = night
    _, contributions, _ = tabulated(night)
    contributions.out_of_catalogue = 3
    totals = tabulate(lay_out(contest, catalogue, Level.ENTITY), contributions)
    for closing in (False, True):
        rule = RULES.participation
        summary = summarise(totals.tally(0, 0), rule, root=True, closing=closing)
        assert summary.registered == summary.captured + summary.out_of_catalogue
        assert summary.captured == summary.counted + summary.not_counted == len(actas)
        assert summary.votes_without_special <= summary.votes_with_special
    naive = NaiveTotals(*night)
    counted = [
        expected
        for expected in catalogue
        if expected.id in actas and naive.counts(actas[expected.id], expected)
    ]
    assert summary.counted == len(counted)
