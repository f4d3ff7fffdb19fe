"""What is being elected: a contest, the columns of its acta, who runs where."""

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import NamedTuple, Self

from msgspec import Struct

from openprep.election.area_path import parent

ANYWHERE = "*"
"""Area of a candidacy that runs the same in every unit of the contest."""


class Level(Enum):
    """Geographic levels at which results are published."""

    NATIONAL = "national"
    CIRCUNSCRIPCION = "circunscripcion"
    ENTITY = "entity"
    DISTRICT = "district"
    MUNICIPALITY = "municipality"
    RUN = "secciones"
    """A run of neighbouring sections of one unit, so that a change rewrites a short list."""
    SECCION = "seccion"


DECLARED_LEVELS = (
    Level.NATIONAL,
    Level.CIRCUNSCRIPCION,
    Level.ENTITY,
    Level.DISTRICT,
    Level.MUNICIPALITY,
)
"""Levels that a folder may declare. Sections follow from the catalogue, and runs of them are how
the tree keeps them: neither is a level of areas."""


class ColumnKind(Enum):
    """What a vote on a column of the acta is for."""

    PARTY = "party"
    COMBINATION = "combination"
    """Two or more parties of one coalition marked on the same ballot (LGIPE 311.1.c)."""
    INDEPENDENT = "independent"
    UNREGISTERED = "unregistered"
    NULL = "null"


NOBODYS = (ColumnKind.UNREGISTERED, ColumnKind.NULL)
"""Kinds of the last two columns of every contest, in their order: their votes are nobody's."""


class ColumnVotes(NamedTuple):
    """Votes by column, apart by whose they are."""

    of_candidacies: Sequence[int]
    unregistered: int
    null: int

    @classmethod
    def of(cls, votes: Sequence[int]) -> Self:
        """``votes`` stand in the order of the contest's columns."""
        *of_candidacies, unregistered, null = votes
        return cls(of_candidacies, unregistered, null)


class Column(Struct, frozen=True):
    """One vote column of the acta; ``parties`` are its members, one or more for parties."""

    id: str
    kind: ColumnKind
    parties: tuple[str, ...] = ()


class Party(Struct, frozen=True):
    """A party or independent as the page and the databases name it; ``colour`` is ``#rrggbb``."""

    id: str
    name: str
    colour: str


class Candidacy(Struct, frozen=True):
    """Who receives the votes of some columns in one unit.

    ``key`` is the same in every unit where the same parties run together, so that their votes can
    be added up above the unit.
    """

    key: str
    name: str
    substitute: str
    columns: tuple[str, ...]


class RpActas(Enum):
    """What the extra acta of proportional representation in special casillas adds to (E.1, G)."""

    COUNTED = "counted"
    """As the local rules of Puebla 2024 had it: it enters the totals."""
    ENTITY_ONLY = "entity_only"
    """As the federal rules have it: never in totals or participation."""


class Seats(Struct, frozen=True):
    """What a contest elects: in each constituency by majority and as first minority; by list."""

    majority: int = 1
    first_minority: int = 0
    proportional: int = 0


class Contest(Struct, frozen=True, dict=True):
    """One contest: its levels from the top down, its columns in ballot order, its candidacies.

    ``levels`` are the levels below the contest's root, the last one being the unit where LGIPE
    311.1.c distributes the votes of combinations; no levels means that the root is the unit.
    ``candidacies`` maps an area path (or :data:`ANYWHERE`) to who runs there and in every unit
    below it. ``constituency`` is the level whose areas each elect somebody; none means that the
    whole contest elects together.
    """

    id: str
    title: str
    office: str
    levels: tuple[Level, ...]
    columns: tuple[Column, ...]
    candidacies: Mapping[str, tuple[Candidacy, ...]]
    rp_tipos: frozenset[str] = frozenset()
    rp_actas: RpActas = RpActas.ENTITY_ONLY
    constituency: Level | None = None
    seats: Seats = Seats()

    @cached_property
    def column_index(self) -> Mapping[str, int]:
        """Position of each column in the votes of an acta."""
        return {column.id: position for position, column in enumerate(self.columns)}

    def candidacies_in(self, area: str) -> tuple[Candidacy, ...]:
        """Who runs in ``area``, as declared for it or for an area above it; empty if nobody was."""
        while area:
            if area in self.candidacies:
                return self.candidacies[area]
            area = parent(area)
        return self.candidacies.get(ANYWHERE, ())

    @cached_property
    def contenders(self) -> tuple[str, ...]:
        """Keys of every candidacy of the contest, in order of their first column."""
        first: dict[str, int] = {}
        for candidacies in self.candidacies.values():
            for candidacy in candidacies:
                position = min(self.column_index[column] for column in candidacy.columns)
                first[candidacy.key] = min(position, first.get(candidacy.key, position))
        return tuple(sorted(first, key=lambda key: (first[key], key)))
