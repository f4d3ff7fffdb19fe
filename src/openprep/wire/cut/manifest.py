"""A cut on the wire: the manifest that lists it, the note that signs it, the pointer to it."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from openprep.decoding import decoding
from openprep.election.cut import CutKind
from openprep.election.summary import Summary
from openprep.wire.cut.ref import Digest, Ref
from openprep.wire.cut.results import UnitsWon, Votes

POINTER_PATH = "current.json"
"""The one file that changes: everything else is immutable."""

INDEX_PATH = "index.html"
"""The landing page, under the name that every file server gives it."""


class FileKind(Enum):
    """What a file outside ``objects/`` is."""

    DATABASE = "database"


class TreeFile(Struct, frozen=True):
    """A file of the tree that is not a result object."""

    kind: FileKind
    sha256: str
    size: int


class ContestCut(Struct, frozen=True):
    """A contest in a cut: its 13 figures and votes, and the object where its results begin.

    ``votes`` and ``won`` are those of that object: who reads only how a contest stands, now or in a
    cut of the past, needs no more than the manifest. ``results`` is the digest of the root's
    :class:`~openprep.wire.cut.objects.Area`; where it stands, each tree says of itself
    (:class:`~openprep.wire.cut.pack.Where`).
    """

    id: str
    title: str
    summary: Summary
    votes: Votes
    won: tuple[UnitsWon, ...]
    results: Digest


class Manifest(Struct, frozen=True):
    """Everything a cut publishes. ``previous`` is the SHA-256 of the manifest before (not for 0).

    ``leaf`` is the index of this cut's own leaf in the publication log, the last one that the
    cut's checkpoint covers. ``description`` is the election's object; ``files`` maps a path of the
    tree to what stands there; ``database`` is the path of the newest official database among them
    (:func:`newest_database`), once there is one: its figures are those of the newest cut of kind
    ``database``, or of the closing one.
    """

    schema: int
    election: str
    drill: bool
    cut: int
    time: datetime
    kind: CutKind
    previous: str | None
    record_position: Annotated[int, Meta(ge=0)]
    leaf: int
    description: Ref
    contests: tuple[ContestCut, ...]
    files: dict[str, TreeFile]
    database: str | None = None


class Pointer(Struct, frozen=True):
    """``current.json``: which cut is current. Believed only after its note is verified."""

    schema: int
    election: str
    drill: bool
    cut: int
    time: datetime
    kind: CutKind
    manifest: Ref
    database: str | None = None


def point_at(manifest: Manifest, ref: Ref) -> Pointer:
    """The pointer to ``manifest``, whose bytes have the digest and size of ``ref``."""
    return Pointer(
        schema=manifest.schema,
        election=manifest.election,
        drill=manifest.drill,
        cut=manifest.cut,
        time=manifest.time,
        kind=manifest.kind,
        manifest=ref,
        database=manifest.database,
    )


def manifest_path(cut: int) -> str:
    """``cuts/<number>.json``."""
    return f"cuts/{cut}.json"


def note_path(cut: int) -> str:
    """``cuts/<number>.note``: the signed checkpoint of the log that ends in the cut."""
    return f"cuts/{cut}.note"


def page_path(cut: int) -> str:
    """``cuts/<number>.html``: the landing page that was shown at the cut."""
    return f"cuts/{cut}.html"


def databases_of(manifest: Manifest) -> dict[str, TreeFile]:
    """The official databases that a manifest lists, by path."""
    files = manifest.files.items()
    return {path: file for path, file in files if file.kind is FileKind.DATABASE}


def newest_database(databases: Mapping[str, TreeFile]) -> str | None:
    """The path of the newest of the official databases, whose names begin with their time."""
    return max(databases, default=None)


Wire = TypeVar("Wire", Manifest, Pointer)


def encode(wire: Manifest | Pointer) -> bytes:
    """Bytes of a manifest or pointer: deterministic, so that a digest identifies it."""
    return msgspec.json.encode(wire, order="deterministic")


def decode(data: bytes, kind: type[Wire]) -> Wire:
    """Parse a manifest or pointer.

    Raises:
        msgspec.DecodeError: it is not JSON, or not that format (``msgspec.ValidationError``).
    """
    with decoding():
        return msgspec.json.decode(data, type=kind)
