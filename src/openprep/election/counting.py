"""Whether an acta is counted (spec A.3, A.4)."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from openprep.election.acta import WITHOUT_ACTA, Counting, Observation
from openprep.election.catalogue import ExpectedActa
from openprep.election.election import Rules
from openprep.election.votes import FieldState, VoteField, calculated_total


def exceeds_lista_nominal(total: int, expected: ExpectedActa, rules: Rules) -> bool:
    """More votes than voters and representatives could cast (A.4).

    In special casillas the lista nominal is 0 and ``representatives`` holds the ballot ceiling.
    """
    if total <= expected.lista_nominal + (expected.representatives or 0):
        return False
    return expected.kind not in rules.excess_exempt


class Captured(Protocol):
    """What of an acta decides whether it counts."""

    @property
    def votes(self) -> Sequence[VoteField]:
        """By column, in ballot order."""

    @property
    def observations(self) -> Sequence[Observation]:
        """What was noted on it."""


class Count(NamedTuple):
    """Whether an acta counts, and the votes that it carries (TOTAL_VOTOS_CALCULADO)."""

    counting: Counting
    total: int


def _has_no_count(field: VoteField) -> bool:
    return isinstance(field, FieldState)


def count(acta: Captured, expected: ExpectedActa, rules: Rules) -> Count:
    """CONTABILIZADA of a captured acta: counted if it has a summable figure and does not exceed.

    It depends on the figures, never on the observations that somebody wrote beside them, except
    where there is no acta at all. An acta that is out of the catalogue has no ``expected``, and
    nothing here to ask.
    """
    return count_of_total(calculated_total(acta.votes), acta, expected, rules)


def count_of_total(total: int, acta: Captured, expected: ExpectedActa, rules: Rules) -> Count:
    """As :func:`count`, where it is known already what the votes add up to."""
    if (
        (acta.observations and not WITHOUT_ACTA.isdisjoint(acta.observations))
        or (not total and all(map(_has_no_count, acta.votes)))
        or exceeds_lista_nominal(total, expected, rules)
    ):
        return Count(Counting.NOT_COUNTED, total)
    return Count(Counting.COUNTED, total)


def counting_of(acta: Captured, expected: ExpectedActa, rules: Rules) -> Counting:
    """CONTABILIZADA alone: see :func:`count`."""
    return count(acta, expected, rules).counting
