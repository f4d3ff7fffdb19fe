"""What the form of an acta asks for, and the reading that comes of what a person typed.

The form of a unit has the columns that run there, and no other; the form of a mesa (abroad, in
advance, in prison) has of the amounts the written total only (spec G.2).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from openprep.capture.reading import AMOUNTS, FieldName, Reading
from openprep.election import (
    MESAS,
    ColumnKind,
    Contest,
    ExpectedActa,
    FieldState,
    Observation,
    Rules,
    VoteField,
)
from openprep.election.counting import exceeds_lista_nominal
from openprep.election.votes import calculated_total

TOTAL_WRITTEN = "total_written"
_ON_EVERY_FORM = (ColumnKind.UNREGISTERED, ColumnKind.NULL)


@dataclass(frozen=True)
class Asked:
    """The fields that the form of one acta has, in its order: columns by number, and amounts."""

    columns: tuple[int, ...]
    amounts: tuple[str, ...]
    of_contest: int
    """How many columns the contest has: those that the form lacks are not on this ballot."""

    @property
    def fields(self) -> Iterator[FieldName]:
        """The names of all fields, from top to bottom of the form."""
        for column in self.columns:
            yield f"votes.{column}"
        yield from self.amounts

    def left_empty(self, typed: Mapping[FieldName, VoteField]) -> tuple[FieldName, ...]:
        """The fields that have nothing: 0, *sin dato* and *ilegible* are typed on purpose."""
        return tuple(name for name in self.fields if name not in typed)

    def reading(
        self, typed: Mapping[FieldName, VoteField], noted: frozenset[Observation] = frozenset()
    ) -> Reading:
        """The reading of what was typed; ``noted`` is what the person observed besides.

        Every field is there (:meth:`left_empty`). What follows from the fields, as ``ilegible``, is
        added and need not be noted.
        """
        votes: list[VoteField] = [FieldState.NOT_ON_BALLOT] * self.of_contest
        for column in self.columns:
            votes[column] = typed[f"votes.{column}"]
        amounts = dict.fromkeys(AMOUNTS, FieldState.NOT_APPLICABLE) | {
            name: typed[name] for name in self.amounts
        }
        return Reading(
            votes=tuple(votes),
            observations=in_order(noted | _unread([votes[column] for column in self.columns])),
            **amounts,
        )


def asked_of(contest: Contest, expected: ExpectedActa | None) -> Asked:
    """What the form of an acta asks for; of one out of catalogue (``None``), all of the contest."""
    if expected is None:
        return Asked(tuple(range(len(contest.columns))), AMOUNTS, len(contest.columns))
    running = {
        column
        for candidacy in contest.candidacies_in(expected.area)
        for column in candidacy.columns
    }
    proportional = expected.tipo_acta in contest.rp_tipos
    columns = tuple(
        number
        for number, column in enumerate(contest.columns)
        if column.kind in _ON_EVERY_FORM
        or (column.id in running and not (proportional and column.kind is ColumnKind.COMBINATION))
    )
    amounts = (TOTAL_WRITTEN,) if expected.kind in MESAS else AMOUNTS
    return Asked(columns, amounts, len(contest.columns))


def with_excess(reading: Reading, expected: ExpectedActa | None, rules: Rules) -> Reading:
    """The reading with EXCEDE LISTA NOMINAL where the rule says so: no person judges it (A.4)."""
    if expected is None or not exceeds_lista_nominal(
        calculated_total(reading.votes), expected, rules
    ):
        return reading
    observed = frozenset(reading.observations) | {Observation.EXCEDE_LISTA_NOMINAL}
    return Reading(
        votes=reading.votes,
        observations=in_order(observed),
        **{name: getattr(reading, name) for name in AMOUNTS},
    )


def in_order(observed: frozenset[Observation]) -> tuple[Observation, ...]:
    """Observations in the order of the specification."""
    return tuple(observation for observation in Observation if observation in observed)


_UNREAD = {
    FieldState.ILEGIBLE: Observation.ILEGIBLE,
    FieldState.SIN_DATO: Observation.SIN_DATO,
}


def _unread(votes: list[VoteField]) -> frozenset[Observation]:
    """What is observed of votes that could not be read: some of them, or all (spec A.4)."""
    states = {vote for vote in votes if isinstance(vote, FieldState)}
    if not votes or any(isinstance(vote, int) for vote in votes):
        return frozenset(word for state, word in _UNREAD.items() if state in states)
    if states == {FieldState.ILEGIBLE}:
        return frozenset({Observation.TODOS_ILEGIBLES})
    if states == {FieldState.SIN_DATO}:
        return frozenset({Observation.TODOS_SIN_DATO})
    return frozenset({Observation.TODOS_ILEGIBLES_O_SIN_DATO})
