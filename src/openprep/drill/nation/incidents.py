"""What befalls an acta on its way: the mix that was measured in Puebla 2024 (spec A.4, C.2)."""

from collections.abc import Sequence
from enum import Enum

from openprep.election import (
    MESAS,
    Acta,
    ExpectedActa,
    FieldState,
    Observation,
    VoteField,
    summable,
)


class Fate(Enum):
    """What befalls an acta; the value is its part of ten thousand expected ones."""

    NEVER_ARRIVES = 480
    PACKAGE_NOT_DELIVERED = 800
    PACKAGE_WITHOUT_BAG = 276
    CASILLA_NOT_INSTALLED = 16
    NOTHING_LEGIBLE = 495
    SOME_FIELDS = 1210
    EXCEEDS = 43
    AMOUNTS_DIFFER = 120
    PLAIN = 6560


WITHOUT_ACTA = {
    Fate.PACKAGE_NOT_DELIVERED: Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO,
    Fate.PACKAGE_WITHOUT_BAG: Observation.SIN_ACTA_PAQUETE_SIN_BOLSA,
    Fate.CASILLA_NOT_INSTALLED: Observation.SIN_ACTA_CASILLA_NO_INSTALADA,
}
UNREADABLE = (
    (FieldState.ILEGIBLE, Observation.ILEGIBLE, Observation.TODOS_ILEGIBLES),
    (FieldState.SIN_DATO, Observation.SIN_DATO, Observation.TODOS_SIN_DATO),
)
"""State of a field, what is observed if some fields are in it, and if all are."""
EXCEEDS_AND_UNREADABLE = 4
"""One in so many actas that exceed has fields besides that cannot be read [I]."""


def fate_of(drawn: int) -> Fate:
    """The fate at ``drawn`` of ten thousand."""
    for fate in Fate:
        drawn -= fate.value
        if drawn < 0:
            return fate
    return Fate.PLAIN


def befallen(
    votes: Sequence[VoteField], expected: ExpectedActa, fate: Fate, drawn: int
) -> tuple[tuple[VoteField, ...], tuple[Observation, ...]]:
    """Votes and observations of an acta after its fate; ``drawn`` settles the details."""
    if fate in WITHOUT_ACTA:
        return (FieldState.SIN_ACTA,) * len(votes), (WITHOUT_ACTA[fate],)
    if fate is Fate.NOTHING_LEGIBLE:
        state, _, observation = UNREADABLE[drawn % 2]
        return tuple(_unless_off_ballot(vote, state) for vote in votes), (observation,)
    if fate is Fate.SOME_FIELDS:
        return _some_fields(votes, drawn)
    if fate is Fate.EXCEEDS and expected.kind not in MESAS:
        return _exceeding(votes, expected, drawn)
    if fate is Fate.AMOUNTS_DIFFER:
        return tuple(votes), (Observation.LETRA_DISTINTA_DE_NUMERO,)
    return tuple(votes), ()


def _exceeding(
    votes: Sequence[VoteField], expected: ExpectedActa, drawn: int
) -> tuple[tuple[VoteField, ...], tuple[Observation, ...]]:
    """The largest field alone has more votes than the list and the representatives."""
    largest = _largest(votes)
    swollen = list(votes)
    more = expected.lista_nominal + (expected.representatives or 0) + 1
    swollen[largest] = summable(votes[largest]) + more
    besides: tuple[Observation, ...] = ()
    if drawn % EXCEEDS_AND_UNREADABLE == 0:
        unreadable, besides = _some_fields(swollen, drawn)
        swollen = list(unreadable)
    return tuple(swollen), (Observation.EXCEDE_LISTA_NOMINAL, *besides)


def _largest(votes: Sequence[VoteField]) -> int:
    return max(range(len(votes)), key=lambda index: summable(votes[index]))


def _unless_off_ballot(vote: VoteField, state: FieldState) -> VoteField:
    return vote if vote is FieldState.NOT_ON_BALLOT else state


def _some_fields(
    votes: Sequence[VoteField], drawn: int
) -> tuple[tuple[VoteField, ...], tuple[Observation, ...]]:
    """One field in seven is unreadable, of one kind or of both; the largest always stays."""
    largest = _largest(votes)
    result, seen = list(votes), set()
    for index, vote in enumerate(votes):
        if (index + drawn) % 7 == 0 and index != largest and vote is not FieldState.NOT_ON_BALLOT:
            state, observation, _ = UNREADABLE[(drawn // 7 + index * (drawn % 3 == 0)) % 2]
            result[index] = state
            seen.add(observation)
    return tuple(result), tuple(
        observation for _, observation, _ in UNREADABLE if observation in seen
    )


def ballot_fields(
    expected: ExpectedActa, total: int, fate: Fate, representatives: int
) -> tuple[VoteField, VoteField, VoteField, VoteField, VoteField]:
    """Surplus ballots, people and representatives who voted, ballots taken, total written.

    The form of a mesa has the last one only (G.2).
    """
    if fate in WITHOUT_ACTA:
        return (FieldState.SIN_ACTA,) * 5
    given = expected.lista_nominal + (expected.representatives or 0)
    if expected.kind in MESAS:
        return (*(FieldState.NOT_APPLICABLE,) * 4, total)
    representatives = min(representatives, total)
    return (max(0, given - total), total - representatives, representatives, total, total)


def corrected(acta: Acta) -> tuple[VoteField, ...]:
    """The votes of an acta as a cotejo leaves them: two figures had been exchanged."""
    counts = [index for index, vote in enumerate(acta.votes) if isinstance(vote, int)]
    votes = list(acta.votes)
    if len(counts) > 1:
        first, second = counts[0], counts[1]
        votes[first], votes[second] = votes[second], votes[first]
    return tuple(votes)
