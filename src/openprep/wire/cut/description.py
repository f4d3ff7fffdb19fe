"""What is declared and never changes: the election, who runs, and which actas are expected.

Files of their own under ``objects/``, named by digest from the description, whose own digest stands
in the first leaf of the log. Everything that a reader needs in order to count is here or in a leaf.
"""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

import msgspec
from msgspec import Struct

from openprep.decoding import decoding
from openprep.election import (
    Candidacy,
    CasillaKind,
    Column,
    Contest,
    ExpectedActa,
    Level,
    Location,
    Participation,
    Party,
    RpActas,
    Rules,
    Seats,
)
from openprep.wire.cut.ref import Ref

MAX_DECLARED_BYTES = 64 * 1024 * 1024
"""Of one declared object: what a nation's contest expects has about 10 MB."""


class AreaName(Struct, frozen=True):
    """An area by its level and path, and its name as people read it."""

    level: Level
    path: str
    name: str


class PublishedWindow(Struct, frozen=True):
    """When results are public, with offsets; ``time_zone`` is an IANA name."""

    opens: datetime
    closes: datetime
    time_zone: str


class PublishedRules(Struct, frozen=True):
    """The rules that a reader needs in order to recompute the figures."""

    participation: Participation
    excess_exempt: tuple[CasillaKind, ...]


class Candidacies(Struct, frozen=True, tag="candidacies", tag_field="kind"):
    """Who runs in a contest: ``units`` maps a unit's path, or ``*`` for all, to its candidacies.

    Apart from the election's description, because where every council has its own candidates this
    is by far the heaviest part of it, and the first view needs none of it.
    """

    schema: int
    election: str
    contest: str
    units: dict[str, tuple[Candidacy, ...]]


class ExpectedColumns(Struct, frozen=True):
    """Expected actas as columns, each with one value for each acta, in the catalogue's order."""

    ids: tuple[str, ...]
    areas: tuple[str, ...]
    secciones: tuple[str, ...]
    kinds: tuple[CasillaKind, ...]
    numbers: tuple[int, ...]
    extensions: tuple[int, ...]
    locations: tuple[Location, ...]
    tipos: tuple[str, ...]
    lista_nominal: tuple[int, ...]
    representatives: tuple[int | None, ...]

    @classmethod
    def of(cls, expected: Sequence[ExpectedActa]) -> "ExpectedColumns":
        """The columns of these actas."""
        names = ExpectedActa.__struct_fields__
        return cls(*(tuple(map(attrgetter(name), expected)) for name in names))

    def actas(self) -> tuple[ExpectedActa, ...]:
        """The actas again.

        Raises:
            ValueError: the columns are not of one length.
        """
        columns = msgspec.structs.astuple(self)
        return tuple(ExpectedActa(*row) for row in zip(*columns, strict=True))


class Catalogue(Struct, frozen=True, tag="catalogue", tag_field="kind"):
    """All that a contest expects: its actas, and the areas above their sections with their names.

    ``areas`` has every area from below the root down to the units.
    """

    schema: int
    election: str
    contest: str
    areas: tuple[AreaName, ...]
    expected: ExpectedColumns


class PublishedContest(Struct, frozen=True):
    """A contest as declared; ``running`` names its candidacies, ``catalogue`` its actas."""

    id: str
    title: str
    office: str
    levels: tuple[Level, ...]
    columns: tuple[Column, ...]
    running: Ref
    catalogue: Ref
    rp_tipos: tuple[str, ...]
    rp_actas: RpActas
    constituency: Level | None
    seats: Seats

    def contest(self, running: Candidacies) -> Contest:
        """The contest with who runs in it."""
        return Contest(
            id=self.id,
            title=self.title,
            office=self.office,
            levels=self.levels,
            columns=self.columns,
            candidacies=running.units,
            rp_tipos=frozenset(self.rp_tipos),
            rp_actas=self.rp_actas,
            constituency=self.constituency,
            seats=self.seats,
        )


class ElectionDescription(Struct, frozen=True, tag="election", tag_field="kind"):
    """What is being elected: the same object through the whole night."""

    schema: int
    id: str
    name: str
    authority: str
    drill: bool
    digest: str
    root: AreaName
    window: PublishedWindow
    rules: PublishedRules
    parties: tuple[Party, ...]
    contests: tuple[PublishedContest, ...]
    seed: int | None = None
    """What a generated drill was made from."""
    districting: int | None = None
    """Year of the limits of the federal districts, for whoever draws them."""

    @property
    def counting_rules(self) -> Rules:
        """The rules by which an acta is counted."""
        return Rules(self.rules.participation, frozenset(self.rules.excess_exempt))


DeclaredObject = ElectionDescription | Candidacies | Catalogue

_decoder: msgspec.json.Decoder[DeclaredObject] = msgspec.json.Decoder(DeclaredObject)
_encoder = msgspec.json.Encoder(order="deterministic")


def encode_declared(declared: DeclaredObject) -> bytes:
    """The object's bytes: the same for the same facts, on any machine."""
    return _encoder.encode(declared)


def decode_declared(data: bytes) -> DeclaredObject:
    """Parse an object whose digest has been checked.

    Raises:
        msgspec.DecodeError: it is not JSON, or none of the declared formats.
    """
    with decoding():
        return _decoder.decode(data)
