"""Which figure it is that two accounts of one thing do not share. Pure."""

from typing import NamedTuple

from msgspec import Struct


class Difference(NamedTuple):
    """A figure by its name, as the cut has it and as it was counted."""

    figure: str
    theirs: object
    ours: object


def difference(name: str, theirs: object, ours: object) -> Difference | None:
    """The first figure in which two values of one type differ, named from ``name`` down."""
    if theirs == ours:
        return None
    if isinstance(theirs, Struct) and isinstance(ours, Struct):
        parts = [(field, getattr(theirs, field), getattr(ours, field)) for field in _fields(ours)]
    elif isinstance(theirs, tuple) and isinstance(ours, tuple) and len(theirs) == len(ours):
        parts = [(str(place), *pair) for place, pair in enumerate(zip(theirs, ours, strict=True))]
    else:
        return Difference(name, theirs, ours)
    found = (difference(f"{name} {part}", other, own) for part, other, own in parts)
    return next((each for each in found if each is not None), None)


def _fields(struct: Struct) -> tuple[str, ...]:
    return struct.__struct_fields__
