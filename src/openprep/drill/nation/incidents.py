"""What befalls an acta on its way: the mix that was measured in Puebla 2024 (spec A.4, C.2)."""

from collections.abc import Sequence
from enum import Enum

from openprep.election import (
    MESAS,
    Acta,
    CasillaKind,
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
    (FieldState.ILEGIBLE, Observation.ILEGIBLE),
    (FieldState.SIN_DATO, Observation.SIN_DATO),
)


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
        state, observation = UNREADABLE[drawn % 2]
        return tuple(_unless_off_ballot(vote, state) for vote in votes), (observation,)
    if fate is Fate.SOME_FIELDS:
        return _some_fields(votes, drawn)
    if fate is Fate.EXCEEDS and expected.kind not in MESAS:
        extra = expected.lista_nominal + (expected.representatives or 0)
        return (votes[0] + extra if isinstance(votes[0], int) else extra, *votes[1:]), (
            Observation.EXCEDE_LISTA_NOMINAL,
        )
    if fate is Fate.AMOUNTS_DIFFER:
        return tuple(votes), (Observation.LETRA_DISTINTA_DE_NUMERO,)
    return tuple(votes), ()


def _unless_off_ballot(vote: VoteField, state: FieldState) -> VoteField:
    return vote if vote is FieldState.NOT_ON_BALLOT else state


def _some_fields(
    votes: Sequence[VoteField], drawn: int
) -> tuple[tuple[VoteField, ...], tuple[Observation, ...]]:
    """One field in seven is unreadable, of one kind or of both; the largest always stays."""
    largest = max(range(len(votes)), key=lambda index: summable(votes[index]))
    result, seen = list(votes), set()
    for index, vote in enumerate(votes):
        if (index + drawn) % 7 == 0 and index != largest and vote is not FieldState.NOT_ON_BALLOT:
            state, observation = UNREADABLE[(drawn // 7 + index * (drawn % 3 == 0)) % 2]
            result[index] = state
            seen.add(observation)
    return tuple(result), tuple(one for _, one in UNREADABLE if one in seen)


def ballot_fields(
    expected: ExpectedActa, total: int, fate: Fate, representatives: int
) -> tuple[VoteField, VoteField, VoteField, VoteField, VoteField]:
    """Surplus ballots, people and representatives who voted, ballots taken, total written."""
    if fate in WITHOUT_ACTA:
        return (FieldState.SIN_ACTA,) * 5
    given = expected.lista_nominal + (expected.representatives or 0)
    mesa, abroad = expected.kind in MESAS, expected.kind is CasillaKind.EXTRANJERO
    absent = FieldState.NOT_APPLICABLE
    people = max(0, total - representatives)
    return (
        absent if mesa else max(0, given - total),
        absent if abroad else people,
        absent if mesa else min(representatives, total),
        absent if abroad else total,
        total,
    )


def corrected(acta: Acta) -> tuple[VoteField, ...]:
    """The votes of an acta as a cotejo leaves them: two figures had been exchanged."""
    counts = [index for index, vote in enumerate(acta.votes) if isinstance(vote, int)]
    votes = list(acta.votes)
    if len(counts) > 1:
        first, second = counts[0], counts[1]
        votes[first], votes[second] = votes[second], votes[first]
    return tuple(votes)
