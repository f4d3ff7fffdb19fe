r"""Leaves of the publication log: every fact that is published, once.

A leaf is the UTF-8 of one JSON array without spaces: what it is, the version of the format, and its
values in the order of the fields below, ``null`` where there is nothing. In strings exactly these
are escaped: the quotation mark and the backslash by a backslash; U+0008, U+0009, U+000A, U+000C and
U+000D as ``\b``, ``\t``, ``\n``, ``\f``, ``\r``; the other characters below U+0020 as
``\u00xx`` with lower-case digits. Everything else stands as itself. Numbers are whole and at most
2**53 - 1; times are strings.

Only these bytes are a leaf: others that mean the same are refused, so a fact has one leaf hash.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from openprep.clock import Moment
from openprep.decoding import decoding
from openprep.election.acta import (
    Acta,
    Cotejada,
    Digitization,
    DocumentKind,
    ImageDigest,
    Observation,
    Origin,
    Transfer,
)
from openprep.election.cut import CutKind
from openprep.election.image import ImageSize
from openprep.election.votes import VoteField
from openprep.wire.log.tiles import MAX_ENTRY_BYTES

SCHEMA: Final = 2
"""Version of the leaves; a reader refuses one that it does not know."""

IMAGES_IN_A_LEAF = 2_000
"""Images that one leaf tells of: as many as surely fit into an entry."""

HexDigest: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{64}\\Z")]
"""SHA-256 in lower-case hex."""

Number: TypeAlias = Annotated[int, Meta(ge=0, le=2**53 - 1)]

Given: TypeAlias = Annotated[str, Meta(min_length=1)]
"""Words that say something: what is not said is ``None``."""


class LeafError(ValueError):
    """The bytes are not a leaf, or the facts do not fit one."""


class RulesLeaf(Struct, frozen=True, array_like=True, tag="rules", forbid_unknown_fields=True):
    """What is counted, and how: the first leaf, which binds the log to an election folder.

    ``seed`` is what a generated drill was made from, in decimal: it may exceed what a number can
    be in a browser. ``rules_sha256`` is the digest of the election's description.
    """

    schema: Literal[2]
    election: str
    drill: bool
    seed: Annotated[str, Meta(pattern="^(0|[1-9][0-9]{0,19})\\Z")] | None
    folder_sha256: HexDigest
    rules_sha256: HexDigest


class ActaLeaf(
    Struct, frozen=True, array_like=True, tag="acta", forbid_unknown_fields=True, gc=False
):
    """One version of one acta, whole.

    ``acta`` is the catalogue's identity, ``None`` out of catalogue; ``version`` is 1 for the first
    and ``at`` when it entered the record, in the official zone. ``reason`` is that of a correction,
    which may be the first version. ``identifies`` is the leaf of an acta out of catalogue that
    turned out to be this one, which has its reason, too. The others are the fields of
    :class:`~openprep.election.acta.Acta`.
    """

    schema: Literal[2]
    contest: str
    acta: str | None
    version: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    at: Moment
    reason: Given | None
    identifies: Number | None
    votes: tuple[VoteField, ...]
    surplus_ballots: VoteField
    people_voted: VoteField
    representatives_voted: VoteField
    ballots_taken: VoteField
    total_written: VoteField
    observations: tuple[Observation, ...]
    transfer: Transfer
    image_sha256: ImageDigest | None
    received_at: datetime | None
    captured_at: datetime | None
    verified_at: datetime | None
    origin: Origin | None
    digitization: Digitization | None
    document: DocumentKind | None
    cotejada: Cotejada | None

    @classmethod
    def of(
        cls, acta: Acta, version: int, at: datetime, reason: str | None, identifies: int | None
    ) -> "ActaLeaf":
        """The leaf of one version of ``acta``; ``at`` is in the election's official zone."""
        contest, identity, *fields = msgspec.structs.astuple(acta)
        return cls(SCHEMA, contest, identity, version, at, reason, identifies, *fields)

    @property
    def captured(self) -> Acta:
        """The acta as it was captured and verified."""
        _, contest, acta, _, _, _, _, *fields = msgspec.structs.astuple(self)
        return Acta(contest, acta, *fields)


class ImageCame(Struct, frozen=True, array_like=True):
    """That the tree has the image which the acta at ``leaf`` names, of ``size`` bytes."""

    leaf: Number
    size: ImageSize


class ImagesLeaf(Struct, frozen=True, array_like=True, tag="images", forbid_unknown_fields=True):
    """Images that came since the cut before."""

    schema: Literal[2]
    images: tuple[ImageCame, ...]


class CutLeaf(Struct, frozen=True, array_like=True, tag="cut", forbid_unknown_fields=True):
    """A cut: its number, why and when it was made, and the manifest of everything that it shows."""

    schema: Literal[2]
    cut: Number
    kind: CutKind
    time: Moment
    manifest_sha256: HexDigest
    manifest_size: Number


Leaf: TypeAlias = RulesLeaf | ActaLeaf | ImagesLeaf | CutLeaf

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Leaf] = msgspec.json.Decoder(Leaf)
_decoder_of_many: msgspec.json.Decoder[list[Leaf]] = msgspec.json.Decoder(list[Leaf])


def encode_leaf(leaf: Leaf) -> bytes:
    """The one byte string that stands for ``leaf``.

    Raises:
        LeafError: it would be larger than an entry of a log can be.
    """
    data = _encoder.encode(leaf)
    if len(data) > MAX_ENTRY_BYTES:
        raise LeafError(f"the leaf has {len(data)} bytes, more than {MAX_ENTRY_BYTES}")
    return data


def decode_leaf(data: bytes) -> Leaf:
    """The leaf in ``data``.

    Raises:
        LeafError: too large, not a leaf of a version known here, or not in its exact form.
    """
    if len(data) > MAX_ENTRY_BYTES:
        raise LeafError(f"the leaf has {len(data)} bytes, more than {MAX_ENTRY_BYTES}")
    try:
        with decoding():
            leaf = _decoder.decode(data)
    except msgspec.DecodeError as error:
        raise LeafError(f"not a leaf: {error}") from error
    if _encoder.encode(leaf) != data:
        raise LeafError("the leaf is not in its exact form")
    return leaf


def decode_leaves(entries: Sequence[bytes]) -> list[Leaf]:
    """The leaves in neighbouring entries, as one by one, at a part of the price.

    Raises:
        LeafError: one of them is too large, not a leaf, or not in its exact form.
    """
    try:
        with decoding():
            leaves = _decoder_of_many.decode(b"[%s]" % b",".join(entries))
    except msgspec.DecodeError:
        leaves = []
    # Each by itself: a leaf that ends in the middle of the next entry is none.
    exact = len(leaves) == len(entries) and list(map(_encoder.encode, leaves)) == list(entries)
    if exact and max(map(len, entries), default=0) <= MAX_ENTRY_BYTES:
        return leaves
    return [decode_leaf(entry) for entry in entries]
