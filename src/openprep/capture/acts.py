"""What two people decide of a whole house: it opens, it closes, somebody is shut out or let in.

Each is a fact that a place of the house signs, between the steps that came before and after it: so
whoever judges the night later sees when work could be done, who said so, and by whose leave. No
figure depends on it. Pure.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from openprep.capture.steps import Pseudonym, SessionId
from openprep.clock import Moment

LONGEST_GRACE = 3600

PlaceId: TypeAlias = Annotated[str, Meta(min_length=1, max_length=32)]


class HouseAct(
    Struct,
    frozen=True,
    tag_field="fact",
    forbid_unknown_fields=True,
    omit_defaults=True,
    kw_only=True,
):
    """Who asked for it (``by``), who agreed, in which sessions, and when it was agreed to."""

    by: Pseudonym
    session: SessionId
    agreed_by: Pseudonym
    agreed_session: SessionId
    at: Moment

    @property
    def is_of_two(self) -> bool:
        """Whether two people, in two sessions, stand behind it."""
        return self.by != self.agreed_by and self.session != self.agreed_session


class HouseOpened(HouseAct, frozen=True, tag="house_opened"):
    """Work begins, in these places."""

    places: Annotated[tuple[PlaceId, ...], Meta(min_length=1, max_length=200)]


class HouseClosed(HouseAct, frozen=True, tag="house_closed"):
    """Work ends, in these places; what is begun may still be saved for ``grace_seconds``."""

    places: Annotated[tuple[PlaceId, ...], Meta(min_length=1, max_length=200)]
    grace_seconds: Annotated[int, Meta(ge=0, le=LONGEST_GRACE)] = 0


class Who(Enum):
    """What may be shut out of a house."""

    PERSON = "person"
    PLACE = "place"


class ShutOut(HouseAct, frozen=True, tag="shut_out"):
    """A person, by pseudonym, or a place works here no more; what was sealed before stays."""

    who: Who
    which: PlaceId


class LetIn(HouseAct, frozen=True, tag="let_in"):
    """A person or a place that was shut out may work here again."""

    who: Who
    which: PlaceId


AnyAct: TypeAlias = HouseOpened | HouseClosed | ShutOut | LetIn
"""An act on a house."""


@dataclass(slots=True)
class Doors:
    """What the acts on a house amount to. It starts closed."""

    is_open: bool = False
    closed: HouseClosed | None = None
    """How it was closed last, while it is closed."""
    out: set[tuple[Who, str]] = field(default_factory=set)
    """Who is shut out."""

    def take(self, act: HouseAct) -> None:
        """Go on by one act. One that changes nothing is none: who opens twice opened once."""
        match act:
            case HouseOpened():
                self.is_open, self.closed = True, None
            case HouseClosed() if self.is_open:
                self.is_open, self.closed = False, act
            case ShutOut(who=who, which=which):
                self.out.add((who, which))
            case LetIn(who=who, which=which):
                self.out.discard((who, which))
            case _:
                pass

    def are_shut_to(self, person: str, place: str) -> bool:
        """Whether this person, or whoever works at this place, is shut out."""
        return not self.out.isdisjoint({(Who.PERSON, person), (Who.PLACE, place)})
