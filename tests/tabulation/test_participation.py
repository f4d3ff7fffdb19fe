"""Participation by level: the official formula for the whole, votes with a list below (0020)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openprep.election import AboveList, Level, Participation, VotesOverList
from openprep.tabulation import Contributions, Tally, lay_out, share, summarise, tabulate
from tabulation.small import RULES, NaiveTotals, nights

IN_LAST_CUT = Participation.SPECIAL_CASILLAS_IN_LAST_CUT
WITH, WITHOUT, LISTED = VotesOverList


@pytest.mark.parametrize(
    ("rule", "during", "last"),
    [
        (IN_LAST_CUT, WITHOUT, WITH),
        (Participation.SPECIAL_CASILLAS_NEVER, WITHOUT, WITHOUT),
        (Participation.SPECIAL_CASILLAS_ALWAYS, WITH, WITH),
    ],
)
def test_the_rule_decides_in_the_whole_and_below_it_nothing_does(rule, during, last):
    def of(*, root, closing):
        return summarise(Tally(), rule, root=root, closing=closing).basis.of

    assert (of(root=True, closing=False), of(root=True, closing=True)) == (during, last)
    assert of(root=False, closing=False) is of(root=False, closing=True) is LISTED


def summary_of(tally, *, root, closing=True):
    return summarise(tally, IN_LAST_CUT, root=root, closing=closing)


def test_a_section_with_a_special_casilla_is_not_above_its_list():
    """Puebla 2024, GUB, section 1956: 222.4448 % where C_CS stood over the list."""
    tally = Tally(
        lista_nominal=499, votes_with_special=1110, votes_without_special=310, votes_with_list=310
    )
    below = summary_of(tally, root=False)
    assert (below.participation, below.basis.above) == (621_242, None)


def test_where_only_special_casillas_count_there_is_none():
    tally = Tally(counted=1, votes_with_special=900)
    assert summary_of(tally, root=False).participation is None


def test_the_whole_without_any_list_is_0_as_the_official_generator_has_it():
    assert summary_of(Tally(), root=True).participation == 0


def test_a_whole_above_its_list_because_of_special_casillas_says_so():
    tally = Tally(
        lista_nominal=100, votes_with_special=150, votes_without_special=80, votes_with_list=80
    )
    whole = summary_of(tally, root=True)
    assert (whole.participation, whole.basis.above) == (1_500_000, AboveList.WITHOUT_LIST)


def test_a_mesa_without_a_list_is_a_reason_too():
    """Votes from abroad that no list holds are in S_CS: above it, the whole says why."""
    tally = Tally(
        lista_nominal=100, votes_with_special=150, votes_without_special=150, votes_with_list=90
    )
    during = summary_of(tally, root=True, closing=False)
    assert (during.participation, during.basis.above) == (1_500_000, AboveList.WITHOUT_LIST)
    below = summary_of(tally, root=False)
    assert (below.participation, below.basis.above) == (900_000, None)


def test_more_votes_than_the_own_list_is_the_other_reason():
    """Puebla 2024, DIP_LOC, section 0774: 455 votes, a list of 442 and its representatives."""
    tally = Tally(
        lista_nominal=442, votes_with_special=455, votes_without_special=455, votes_with_list=455
    )
    for root in (True, False):
        summary = summary_of(tally, root=root)
        assert (summary.participation, summary.basis.above) == (1_029_411, AboveList.BEYOND_LIST)


@given(nights(), st.sampled_from(Participation), st.booleans())
@settings(max_examples=80)
def test_whatever_the_election_no_participation_above_100_lacks_its_reason(night, rule, closing):
    contest, catalogue, _ = night
    _, _, actas = night
    layout = lay_out(contest, catalogue, Level.ENTITY)
    contributions = Contributions(contest, catalogue, RULES)
    index = {expected.id: position for position, expected in enumerate(catalogue)}
    contributions.capture({index[name]: acta for name, acta in actas.items()})
    totals = tabulate(layout, contributions)
    naive = NaiveTotals(*night)
    for depth, groups in enumerate(layout.depths):
        for group, path in enumerate(groups.paths):
            tally = totals.tally(depth, group)
            summary = summarise(tally, rule, root=depth == 0, closing=closing)
            figures, basis = naive.figures[path], summary.basis
            assert basis.votes == figures[f"votes_{basis.of.value}"]
            listed = figures["lista_nominal"]
            if depth and not listed:
                assert summary.participation is None
            else:
                assert summary.participation == share(basis.votes, listed)
            assert (basis.above is not None) is (basis.votes > listed)
            assert basis.above is not None or (summary.participation or 0) <= 1_000_000
            if depth and basis.above:
                assert basis.above is AboveList.BEYOND_LIST
