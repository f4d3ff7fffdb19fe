"""Objects of a cut's results: what is said of an area and of a run of sections, and nothing twice.

They are a pure function of the log up to a cut and of the declared objects: who holds those makes
the same bytes, and needs no more than the digest of each contest's root, which the manifest names.
An :class:`Area` names the areas below it, down to the unit; a unit names *runs* of sections, and a
run says which leaves of the log are the standing versions of its actas. What never changes stands
apart, in an :class:`AreaCatalogue` or :class:`RunCatalogue`, so that a change of one acta rewrites
one short object a level. Figures are columns: one list a figure, in the order of the children.

The parts of each object, in the order in which a pack says where they are
(:mod:`openprep.wire.cut.pack`): of an area its catalogue, its children, and at the root the actas
out of catalogue if there are any; of a run its catalogue.
"""

from typing import TypeAlias

import msgspec
from msgspec import Struct

from openprep.decoding import decoding
from openprep.election import ActaGroup, Level
from openprep.election.summary import Basis, Summary
from openprep.wire.cut.description import AreaName, ExpectedColumns
from openprep.wire.cut.ref import Digest

NOBODY = -1
"""Instead of a position: nobody leads, or an acta has no standing version."""


class Places(Struct, frozen=True):
    """What a table of areas shows of each, by column, in the order of the areas.

    ``leader`` is a position among the contest's contenders, :data:`NOBODY` while there is no vote
    or a tie; ``leader_votes`` the most votes that anybody has.
    """

    captured: tuple[int, ...]
    counted: tuple[int, ...]
    total: tuple[int, ...]
    leader: tuple[int, ...]
    leader_votes: tuple[int, ...]


class SummaryRow(Struct, frozen=True, array_like=True):
    """The 13 figures in the official order, and what the last is made of."""

    expected: int
    registered: int
    out_of_catalogue: int
    captured: int
    captured_share: int
    counted: int
    counted_share: int
    inconsistent_share: int
    not_counted: int
    lista_nominal: int
    votes_with_special: int
    votes_without_special: int
    participation: int | None
    basis: Basis

    @classmethod
    def of(cls, summary: Summary) -> "SummaryRow":
        """The row of a summary."""
        return cls(*msgspec.structs.astuple(summary))

    @property
    def summary(self) -> Summary:
        """The summary again."""
        return Summary(*msgspec.structs.astuple(self))


class AreaVotes(Struct, frozen=True):
    """Counted votes of an area: by column, by candidacy of the area, and those of no candidacy."""

    columns: tuple[int, ...]
    candidacies: tuple[int, ...]
    off_ballot: int


class GroupRow(Struct, frozen=True, array_like=True):
    """What the actas of one group come to; which group, the catalogue says.

    ``lista_nominal`` is that of the counted actas, ``votes_with_list`` the votes of those of them
    that have one. ``candidacies`` are votes in the order of the area's own.
    """

    expected: int
    captured: int
    counted: int
    lista_nominal: int
    votes_with_list: int
    total: int
    unregistered: int
    null: int
    off_ballot: int
    candidacies: tuple[int, ...]


class WonRow(Struct, frozen=True, array_like=True):
    """In how many constituencies a contender (by position) leads, and in how many it is second."""

    contender: int
    units: int
    second: int


class ProportionalVotes(Struct, frozen=True):
    """The extra actas of proportional representation in special casillas (federal rules, G.1).

    Their votes by column, shown for the entity and added to no total.
    """

    expected: int
    captured: int
    counted: int
    total: int
    columns: tuple[int, ...]


class Area(Struct, frozen=True, omit_defaults=True, tag="area", tag_field="kind"):
    """Results of the root or of one area above the runs.

    ``groups`` are in the order of the catalogue's, ``won`` those that lead or come second anywhere.
    ``outside`` is, at the root only, the object of the actas out of catalogue, while there are any.
    """

    schema: int
    election: str
    contest: str
    level: Level
    path: str
    catalogue: Digest
    summary: SummaryRow
    votes: AreaVotes
    parties: tuple[int, ...]
    groups: tuple[GroupRow, ...]
    children: tuple[Digest, ...]
    places: Places
    won: tuple[WonRow, ...] = ()
    proportional: ProportionalVotes | None = None
    outside: Digest | None = None


class RunningRow(Struct, frozen=True, array_like=True):
    """Who runs in an area: position among the contenders, key, name and parties.

    ``name`` is ``None`` where the same parties back different people in the units below.
    """

    contender: int
    key: str
    name: str | None
    parties: tuple[str, ...]


class GroupInArea(Struct, frozen=True, array_like=True):
    """A group that has expected actas in an area.

    ``secciones`` are, at the unit and of a group by modality, the sections that have such actas.
    """

    group: ActaGroup
    secciones: tuple[str, ...]


class AreaCatalogue(Struct, frozen=True, tag="area_catalogue", tag_field="kind"):
    """What is known of an area before the first acta.

    ``ids`` are the children's own, last in their paths; ``names`` is empty where the ids are the
    names; ``level`` is the children's.
    """

    schema: int
    election: str
    contest: str
    name: str
    parents: tuple[AreaName, ...]
    running: tuple[RunningRow, ...]
    parties: tuple[str, ...]
    groups: tuple[GroupInArea, ...]
    level: Level
    ids: tuple[str, ...]
    names: tuple[str, ...]
    expected: tuple[int, ...]


class Run(Struct, frozen=True, omit_defaults=True, tag="run", tag_field="kind"):
    """Up to 16 neighbouring sections of one unit, named by the first and the last.

    ``places`` has a value for each section, the other columns one for each acta, in the order of
    the catalogue. ``leaves`` are the standing versions (:data:`NOBODY` while not captured),
    ``offsets`` where their entries begin in the bundles that hold them, ``images`` the sizes of
    their images that the log says the tree has (0 while it has none). ``earlier`` has the leaves of
    superseded versions, oldest first, by the acta's position in the run.
    """

    schema: int
    election: str
    contest: str
    path: str
    catalogue: Digest
    places: Places
    leaves: tuple[int, ...]
    offsets: tuple[int, ...]
    images: tuple[int, ...]
    earlier: dict[str, tuple[int, ...]] = {}


class RunCatalogue(Struct, frozen=True, tag="run_catalogue", tag_field="kind"):
    """What a run expects: how many actas each of its sections has, and the actas."""

    schema: int
    election: str
    contest: str
    path: str
    secciones: tuple[str, ...]
    actas: tuple[int, ...]
    expected: ExpectedColumns


class Identified(Struct, frozen=True, array_like=True):
    """An acta out of catalogue that was identified: its leaf, and the leaf that said what it is."""

    leaf: int
    by: int


class Outside(Struct, frozen=True, omit_defaults=True, tag="outside", tag_field="kind"):
    """Actas that were registered and match no approved casilla; they add to no total.

    ``leaves`` are theirs in the order of the log, ``offsets`` and ``images`` as in a run.
    ``identified`` are those that stood here before, in the order in which they were identified.
    """

    schema: int
    election: str
    contest: str
    leaves: tuple[int, ...]
    offsets: tuple[int, ...]
    images: tuple[int, ...]
    identified: tuple[Identified, ...] = ()


ResultObject: TypeAlias = Area | AreaCatalogue | Run | RunCatalogue | Outside

_decoder: msgspec.json.Decoder[ResultObject] = msgspec.json.Decoder(ResultObject)
_encoder = msgspec.json.Encoder(order="deterministic")


def encode_object(published: ResultObject) -> bytes:
    """The object's bytes: the same for the same facts, on any machine."""
    return _encoder.encode(published)


def decode_object(data: bytes) -> ResultObject:
    """Parse an object whose digest has been checked.

    Raises:
        msgspec.DecodeError: it is not JSON, or none of the published formats.
    """
    with decoding():
        return _decoder.decode(data)


def parts_of(published: ResultObject) -> tuple[Digest, ...]:
    """The objects that an object names, in the order in which a pack says where they are."""
    match published:
        case Area():
            outside = () if published.outside is None else (published.outside,)
            return (published.catalogue, *published.children, *outside)
        case Run():
            return (published.catalogue,)
        case AreaCatalogue() | RunCatalogue() | Outside():
            return ()
