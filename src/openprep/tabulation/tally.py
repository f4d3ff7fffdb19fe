"""From actas to the 13 official figures: a tally that adds up, and the figures it gives.

This is the rule for one acta, written once. The centre adds tallies as arrays, a publisher adds
them as it reads actas, and both must reach the same summary.
"""

from typing import NamedTuple

from openprep.election import (
    INCONSISTENCIES,
    Acta,
    Captured,
    CasillaKind,
    Contest,
    Count,
    Counting,
    ExpectedActa,
    Participation,
    RpActas,
    Rules,
    Summary,
    VotesOverList,
    count,
)
from openprep.election.summary import share
from openprep.tabulation.participation import basis_of, participation_of, votes_over_list


class Tally(NamedTuple):
    """What actas add to the summary figures; tallies of disjoint sets of actas add up."""

    expected: int = 0
    out_of_catalogue: int = 0
    captured: int = 0
    counted: int = 0
    inconsistent: int = 0
    lista_nominal: int = 0
    votes_with_special: int = 0
    votes_without_special: int = 0
    votes_with_list: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """The tally of both sets of actas."""
        return Tally(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


EXPECTED = Tally(expected=1)
"""An expected acta that has not been captured."""


def votes_enter_totals(expected: ExpectedActa, contest: Contest) -> bool:
    """Whether the acta's votes enter totals: not those of RP actas under federal rules (B.4)."""
    return contest.rp_actas is RpActas.COUNTED or expected.tipo_acta not in contest.rp_tipos


def tally_of(acta: Acta, expected: ExpectedActa, contest: Contest, rules: Rules) -> Tally:
    """What one captured acta of the catalogue adds (B.4 #1 to #12)."""
    return tally_of_count(count(acta, expected, rules), acta, expected, contest)


def tally_of_count(
    counted: Count, acta: Captured, expected: ExpectedActa, contest: Contest
) -> Tally:
    """As :func:`tally_of`, where it is known already how the acta counts."""
    counts = counted.counting is Counting.COUNTED
    votes = counted.total if counts and votes_enter_totals(expected, contest) else 0
    inconsistent = acta.observations and not INCONSISTENCIES.isdisjoint(acta.observations)
    return Tally(
        expected=1,
        captured=1,
        counted=int(counts),
        inconsistent=int(bool(inconsistent)),
        lista_nominal=expected.lista_nominal if counts else 0,
        votes_with_special=votes,
        votes_without_special=0 if expected.kind is CasillaKind.ESPECIAL else votes,
        votes_with_list=votes if expected.lista_nominal else 0,
    )


def summarise(tally: Tally, rule: Participation, *, root: bool, closing: bool) -> Summary:
    """The 13 figures of the ``root`` of a contest or of an area below it.

    ``closing`` says whether this is the last cut (B.4 #13).
    """
    of = votes_over_list(rule, root=root, closing=closing)
    basis = basis_of(of, _votes(tally, of), tally.votes_with_list, tally.lista_nominal)
    return Summary(
        expected=tally.expected,
        registered=tally.captured + tally.out_of_catalogue,
        out_of_catalogue=tally.out_of_catalogue,
        captured=tally.captured,
        captured_share=share(tally.captured, tally.expected),
        counted=tally.counted,
        counted_share=share(tally.counted, tally.expected),
        inconsistent_share=share(tally.inconsistent, tally.expected),
        not_counted=tally.captured - tally.counted,
        lista_nominal=tally.lista_nominal,
        votes_with_special=tally.votes_with_special,
        votes_without_special=tally.votes_without_special,
        participation=participation_of(basis, tally.lista_nominal),
        basis=basis,
    )


def _votes(tally: Tally, of: VotesOverList) -> int:
    match of:
        case VotesOverList.WITH_SPECIAL:
            return tally.votes_with_special
        case VotesOverList.WITHOUT_SPECIAL:
            return tally.votes_without_special
        case VotesOverList.WITH_LIST:
            return tally.votes_with_list
