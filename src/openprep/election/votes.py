"""A figure on an acta: a count, or the reason why there is none.

Anexo 13 of the Reglamento de Elecciones knows more than numbers: an amount can be illegible, left
blank, or belong to an acta that never arrived. None of these is zero, so none is an ``int``.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Annotated, TypeAlias, cast

from msgspec import Meta

MAX_COUNT = 99_999_999
"""Largest count a field may carry: wide enough for any written total, far below 64 bits."""

Count: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_COUNT)]


class FieldState(Enum):
    """Why a field of an acta holds no count (spec A.4 and B.3)."""

    ILEGIBLE = "ilegible"
    """Illegible both in letters and in numbers."""
    SIN_DATO = "sin_dato"
    """Left blank both in letters and in numbers."""
    SIN_ACTA = "sin_acta"
    """There is no acta: package not delivered, casilla not installed, package without the bag."""
    NOT_CAPTURED = "no_capturado"
    """The acta is expected and has not been captured yet."""
    NOT_ON_BALLOT = "no_en_boleta"
    """The contestant or combination does not run in this unit."""
    NOT_APPLICABLE = "no_aplica"
    """The form of this modality does not have the field."""


_TYPES_OF_A_COUNT = frozenset({int})

VoteField: TypeAlias = Count | FieldState
"""One field of an acta, as captured."""


def summable(field: VoteField) -> int:
    """Votes that ``field`` adds to a total: its count, or 0 for every state (spec B.3)."""
    return field if isinstance(field, int) else 0


def calculated_total(votes: Iterable[VoteField]) -> int:
    """``TOTAL_VOTOS_CALCULADO``: the system's own sum, fields without a count adding 0 (B.3)."""
    return sum([vote for vote in votes if isinstance(vote, int)])


def counts_of(votes: Iterable[VoteField]) -> Sequence[int]:
    """What each field adds to a total, in the same order."""
    # Most actas have nothing but counts: one pass in C over a type that both share.
    found = tuple(votes)
    if _TYPES_OF_A_COUNT.issuperset(map(type, found)):
        return cast("tuple[int, ...]", found)
    return tuple([vote if isinstance(vote, int) else 0 for vote in found])
