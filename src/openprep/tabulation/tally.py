"""From actas to the 13 official figures: a tally that adds up, and the figures it gives.

This is the rule for one acta, written once. The centre adds tallies as arrays, a publisher adds
them as it reads actas, and both must reach the same summary.
"""

from typing import NamedTuple

from openprep.election import (
    INCONSISTENCIES,
    Acta,
    CasillaKind,
    Contest,
    Count,
    Counting,
    ExpectedActa,
    Participation,
    RpActas,
    Rules,
    Summary,
    count,
)
from openprep.tabulation.shares import share


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


def tally_of_count(counted: Count, acta: Acta, expected: ExpectedActa, contest: Contest) -> Tally:
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
    )


def summarise(tally: Tally, participation: Participation, *, closing: bool) -> Summary:
    """The 13 figures; ``closing`` says whether this is the last cut (B.4 #13)."""
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
        participation=share(_votes_over_list(tally, participation, closing), tally.lista_nominal),
    )


def _votes_over_list(tally: Tally, participation: Participation, closing: bool) -> int:
    match participation:
        case Participation.SPECIAL_CASILLAS_ALWAYS:
            special = True
        case Participation.SPECIAL_CASILLAS_NEVER:
            special = False
        case Participation.SPECIAL_CASILLAS_IN_LAST_CUT:
            special = closing
    return tally.votes_with_special if special else tally.votes_without_special
