"""What the form of an acta asks for, and the reading that comes of what a person typed.

The form of a unit has the columns that run there, and no other; the form of a mesa (abroad, in
advance, in prison) has of the amounts the written total only (spec G.2). What is printed for an
acta and what a screen asks for both go by this.
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
    Flavour,
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
    norm: Flavour
    """Whose words say that figures could not be read."""

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
        unread = _unread([votes[column] for column in self.columns], self.norm)
        return Reading(
            votes=tuple(votes),
            observations=in_order(noted | unread),
            **amounts,
        )


def asked_of(
    contest: Contest, expected: ExpectedActa | None, norm: Flavour = Flavour.FEDERAL_2024
) -> Asked:
    """What the form of an acta asks for; of one out of catalogue (``None``), all of the contest.

    Where nobody is declared to run, every column is asked for, as nobody can tell which are none.
    ``norm`` is the one that the election's databases follow.
    """
    if expected is None:
        return Asked(tuple(range(len(contest.columns))), AMOUNTS, len(contest.columns), norm)
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
        or (
            (not running or column.id in running)
            and not (proportional and column.kind is ColumnKind.COMBINATION)
        )
    )
    amounts = (TOTAL_WRITTEN,) if expected.kind in MESAS else AMOUNTS
    return Asked(columns, amounts, len(contest.columns), norm)


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
_ALL_UNREAD = {
    frozenset({FieldState.ILEGIBLE}): Observation.TODOS_ILEGIBLES,
    frozenset({FieldState.SIN_DATO}): Observation.TODOS_SIN_DATO,
}


def _unread(votes: list[VoteField], norm: Flavour) -> frozenset[Observation]:
    """What is observed of votes that could not be read: some of them, or all (spec A.4).

    The local norm of 2024 has one word for either, as all rows of Puebla's files have it. The
    federal one tells illegible from blank.
    """
    states = {vote for vote in votes if isinstance(vote, FieldState)}
    if not states:
        return frozenset()
    some = any(isinstance(vote, int) for vote in votes)
    if norm is Flavour.LOCAL_2024:
        return frozenset(
            {
                Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO
                if some
                else Observation.TODOS_ILEGIBLES_O_SIN_DATO
            }
        )
    if some:
        return frozenset(word for state, word in _UNREAD.items() if state in states)
    return frozenset({_ALL_UNREAD.get(frozenset(states), Observation.TODOS_ILEGIBLES_O_SIN_DATO)})
