"""What one person read on the image of an acta, and where two readings differ."""

from collections.abc import Iterator
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from openprep.election import WITHOUT_ACTA, Acta, Observation, VoteField

MAX_VOTES = 200
"""Most columns that a form has: the widest official file of 2024 has 61."""

FieldName: TypeAlias = str
"""``votes.`` and the number of the column from 0, or the name of an amount."""

READ_OFF = (
    frozenset(Observation)
    - WITHOUT_ACTA
    - {
        Observation.FUERA_DE_CATALOGO,
        Observation.IDENTIFICADA_POR_PTO,
    }
)
"""What a person may note on an image: the rest follows from the acta's identity, or needs none."""

AMOUNTS = (
    "surplus_ballots",
    "people_voted",
    "representatives_voted",
    "ballots_taken",
    "total_written",
)
"""The amounts beside the votes, in the order of the form."""


class Reading(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """The fields of an acta as one person typed them; ``votes`` follows the contest's columns."""

    votes: Annotated[tuple[VoteField, ...], Meta(max_length=MAX_VOTES)]
    surplus_ballots: VoteField
    people_voted: VoteField
    representatives_voted: VoteField
    ballots_taken: VoteField
    total_written: VoteField
    observations: tuple[Observation, ...] = ()

    def fields(self) -> Iterator[tuple[FieldName, VoteField]]:
        """Every field with its name, in the order of the form."""
        for number, vote in enumerate(self.votes):
            yield f"votes.{number}", vote
        for name in AMOUNTS:
            yield name, getattr(self, name)

    def acta(self, contest: str, acta: str | None, *, identified: bool = False) -> Acta:
        """The acta that it is a reading of: its figures, and what its identity adds to the words.

        ``identified`` says that the identity was found by the technical procedure.
        """
        words = self.observations
        if acta is None:
            words = (*words, Observation.FUERA_DE_CATALOGO)
        elif identified:
            words = (*words, Observation.IDENTIFICADA_POR_PTO)
        return Acta(
            contest=contest,
            acta=acta,
            votes=self.votes,
            surplus_ballots=self.surplus_ballots,
            people_voted=self.people_voted,
            representatives_voted=self.representatives_voted,
            ballots_taken=self.ballots_taken,
            total_written=self.total_written,
            observations=words,
        )

    def says_what(self, other: "Reading") -> bool:
        """Whether both say the same; the order of observations says nothing."""
        if self == other:
            return True
        return not differing(self, other) and set(self.observations) == set(other.observations)


def differing(first: Reading, second: Reading) -> tuple[FieldName, ...]:
    """The fields in which two readings of one form differ, in its order.

    Raises:
        ValueError: they are of two forms.
    """
    pairs = zip(first.fields(), second.fields(), strict=True)
    return tuple(name for (name, own), (_, other) in pairs if own != other)


def of_neither(word: Reading, first: Reading, second: Reading) -> frozenset[FieldName]:
    """The fields of a third reading that are as in neither of the two before it."""
    return frozenset(differing(word, first)) & frozenset(differing(word, second))
