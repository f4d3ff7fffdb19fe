"""Result objects: immutable JSON under their own SHA-256, each naming its children by digest.

The objects of a cut form a tree: the signed manifest names one root object a contest, an area names
the areas below it, a unit names its sections, and a section holds its actas whole. So a reader
reaches any acta in four steps from a signature, a change of one acta rewrites one object a level,
and two cuts share everything that did not change.
"""

from datetime import datetime

import msgspec
from msgspec import UNSET, Struct, UnsetType

from openprep.decoding import decoding
from openprep.election import (
    Acta,
    ActaGroup,
    Candidacy,
    CasillaKind,
    Column,
    Counting,
    ExpectedActa,
    Level,
    Participation,
    Party,
    RpActas,
    Seats,
)
from openprep.election.image import ImageSize
from openprep.election.summary import Summary

SCHEMA = 1
"""Version of every published JSON format; a reader refuses what it does not know."""


class Ref(Struct, frozen=True, omit_defaults=True):
    """An object by its content: SHA-256 in lower-case hex, and size in bytes.

    ``pack`` and ``offset`` say in which cut's pack the bytes are, and from which byte on; without
    them the object is a file of its own.
    """

    sha256: str
    size: int
    pack: int | None = None
    offset: int | None = None

    @property
    def path(self) -> str:
        """The file of the published tree in which the object is."""
        return object_path(self.sha256) if self.pack is None else pack_path(self.pack)


def object_path(sha256: str) -> str:
    """Path of the object with this digest: ``objects/<first two>/<digest>.json``."""
    return f"objects/{sha256[:2]}/{sha256}.json"


def pack_path(cut: int) -> str:
    """``cuts/<number>.pack``: the objects that are new in the cut."""
    return f"cuts/{cut}.pack"


def image_path(sha256: str) -> str:
    """``actas/<digest>.jpg``: the image that an acta names as its ``image_sha256``."""
    return f"actas/{sha256}.jpg"


class AreaName(Struct, frozen=True):
    """An area above the one that is read, for its address and breadcrumb."""

    level: Level
    path: str
    name: str


class CandidacyVotes(Struct, frozen=True):
    """Votes of a candidacy: its parties' and their combinations'.

    ``name`` is ``None`` where the same parties back different people in the units below.
    ``share`` is in ten-thousandths of a percent of ``total``, truncated.
    """

    key: str
    name: str | None
    parties: tuple[str, ...]
    votes: int
    share: int


class PartyVotes(Struct, frozen=True):
    """Votes of a party or independent after LGIPE 311.1.c."""

    party: str
    votes: int
    share: int


class Votes(Struct, frozen=True):
    """Counted votes of an area.

    ``columns`` follow the contest's columns. ``off_ballot`` are votes that actas carry in columns
    which are not on the unit's ballot: part of ``total``, of no candidacy. Then
    ``total = candidacies + unregistered + null + off_ballot``.
    """

    total: int
    unregistered: int
    null: int
    off_ballot: int
    columns: tuple[int, ...]
    candidacies: tuple[CandidacyVotes, ...]


class ChildArea(Struct, frozen=True):
    """One area below, with what a table of areas shows."""

    level: Level
    path: str
    name: str
    object: Ref
    expected: int
    captured: int
    counted: int
    total: int
    leader: str | None
    """Key of the candidacy with most votes; ``None`` while there is no vote or a tie."""
    leader_votes: int


class UnitsWon(Struct, frozen=True):
    """In how many constituencies a candidacy leads, and in how many it comes second."""

    key: str
    units: int
    second: int = 0


class ProportionalVotes(Struct, frozen=True):
    """The extra actas of proportional representation in special casillas (federal rules, G.1).

    Their votes by column, shown for the entity and added to no total.
    """

    expected: int
    captured: int
    counted: int
    total: int
    columns: tuple[int, ...]


class GroupResults(Struct, frozen=True):
    """What the actas of one group come to within an area.

    ``lista_nominal`` is that of the counted actas, ``votes_with_list`` the votes of those of them
    that have one. ``candidacies`` are votes in the order of the area's own ``votes.candidacies``;
    ``total`` is theirs and the other three together.
    """

    group: ActaGroup
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
    secciones: tuple[str, ...] = ()
    """At the unit, of a group by modality: the sections that have such actas."""


class AreaResults(Struct, frozen=True, tag="area", tag_field="kind"):
    """Results of the root or of one area above the section.

    ``parties`` is empty below the unit, where the law makes no distribution. ``groups``, which has
    those with expected actas, is empty there too. ``won`` is empty for a contest with one winner.
    """

    schema: int
    election: str
    contest: str
    level: Level
    path: str
    name: str
    parents: tuple[AreaName, ...]
    summary: Summary
    votes: Votes
    parties: tuple[PartyVotes, ...]
    groups: tuple[GroupResults, ...]
    won: tuple[UnitsWon, ...]
    children: tuple[ChildArea, ...]
    out_of_catalogue: Ref | None = None
    """At the root only: the actas that match no approved casilla."""
    proportional: ProportionalVotes | None = None
    """At the entity only, where the contest has such actas and they enter no total."""


class Version(Struct, frozen=True):
    """When a version of an acta entered the record; ``reason`` is that of a correction.

    ``leaf`` is its index in the publication log. ``identifies`` is the leaf of an acta out of
    catalogue that turned out to be this one; left out where there is none.
    """

    at: datetime
    leaf: int
    reason: str | None = None
    identifies: int | UnsetType = UNSET


class Identified(Struct, frozen=True):
    """An acta that was out of catalogue until it was identified: one paper, counted once.

    ``leaf`` and ``at`` are those of its version out of catalogue, ``acta`` is what it turned out to
    be, and ``by`` the leaf of the version that said so.
    """

    leaf: int
    at: datetime
    acta: str
    by: int


class PublishedActa(Struct, frozen=True, omit_defaults=True):
    """One expected acta: what the catalogue says of it, what was captured, whether it counts.

    ``image`` is the size of the acta's image where the tree has it (:func:`image_path`); left out
    where it does not, as before the image came.
    """

    expected: ExpectedActa
    counting: Counting
    total: int
    """TOTAL_VOTOS_CALCULADO; 0 while not captured."""
    acta: Acta | None
    versions: tuple[Version, ...]
    image: ImageSize | None = None


class SeccionResults(Struct, frozen=True, tag="seccion", tag_field="kind"):
    """Results of one section, with every acta of it."""

    schema: int
    election: str
    contest: str
    level: Level
    path: str
    name: str
    parents: tuple[AreaName, ...]
    summary: Summary
    votes: Votes
    actas: tuple[PublishedActa, ...]


class OutOfCatalogue(
    Struct, frozen=True, omit_defaults=True, tag="out_of_catalogue", tag_field="kind"
):
    """Actas that were registered and match no approved casilla; they add to no total.

    ``versions`` has the one version of each, in the order of ``actas``. ``images`` has the size of
    each image of theirs that the tree has, by its digest; left out while there is none.
    ``identified`` has those that stood here before and are actas of the catalogue now, in the order
    in which they were identified.
    """

    schema: int
    election: str
    contest: str
    actas: tuple[Acta, ...]
    versions: tuple[Version, ...]
    images: dict[str, ImageSize] = {}
    identified: tuple[Identified, ...] = ()


def images_of(published: SeccionResults | OutOfCatalogue) -> dict[str, int]:
    """The images that the tree has of an object's actas: size by digest."""
    if isinstance(published, OutOfCatalogue):
        return dict(published.images)
    return {
        acta.acta.image_sha256: acta.image
        for acta in published.actas
        if acta.image is not None and acta.acta is not None and acta.acta.image_sha256 is not None
    }


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


class PublishedContest(Struct, frozen=True):
    """A contest as declared; ``running`` names its :class:`Candidacies`."""

    id: str
    title: str
    office: str
    levels: tuple[Level, ...]
    columns: tuple[Column, ...]
    running: Ref
    rp_tipos: tuple[str, ...]
    rp_actas: RpActas
    constituency: Level | None
    seats: Seats


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


PublishedObject = AreaResults | SeccionResults | OutOfCatalogue | Candidacies | ElectionDescription

_decoder: msgspec.json.Decoder[PublishedObject] = msgspec.json.Decoder(PublishedObject)
_encoder = msgspec.json.Encoder(order="deterministic")


def encode_object(published: PublishedObject) -> bytes:
    """The object's bytes: the same for the same facts, on any machine."""
    return _encoder.encode(published)


def decode_object(data: bytes) -> PublishedObject:
    """Parse an object whose digest has been checked.

    Raises:
        msgspec.DecodeError: it is not JSON, or none of the published formats.
    """
    with decoding():
        return _decoder.decode(data)
