r"""Leaves of the publication log: what was published, in bytes that anyone can make again.

A leaf is the UTF-8 of one JSON object without spaces, its members in the order of the fields below
after ``"leaf"``, which says what it is; ``null`` where there is nothing. In strings exactly these
are escaped: the quotation mark and the backslash by a backslash; U+0008, U+0009, U+000A, U+000C and
U+000D as ``\b``, ``\t``, ``\n``, ``\f``, ``\r``; the other characters below U+0020 as
``\u00xx`` with lower-case digits. Everything else stands as itself. Numbers are whole and at most
2**53 - 1; times are strings. That is what ``JSON.stringify`` gives for an object whose members are
in that order, so that a browser makes the bytes of a leaf from what it reads in the published tree.

Only these bytes are a leaf: others that mean the same are refused, so a fact has one leaf hash.
"""

from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from openprep.clock import Moment
from openprep.decoding import decoding
from openprep.election.acta import Acta, acta_digest
from openprep.election.cut import CutKind
from openprep.wire.log.tiles import MAX_ENTRY_BYTES

SCHEMA: Final = 1
"""Version of the leaves; a reader refuses one that it does not know."""

Digest: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{64}\\Z")]
"""SHA-256 in lower-case hex."""

Number: TypeAlias = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class LeafError(ValueError):
    """The bytes are not a leaf, or the facts do not fit one."""


class RulesLeaf(Struct, frozen=True, tag_field="leaf", tag="rules", forbid_unknown_fields=True):
    """What is counted, and how: the first leaf, which binds the log to an election folder.

    ``seed`` is what a generated drill was made from, in decimal: it may exceed what a number can
    be in a browser.
    """

    schema: Literal[1]
    election: str
    drill: bool
    seed: Annotated[str, Meta(pattern="^(0|[1-9][0-9]{0,19})\\Z")] | None
    folder_sha256: Digest
    rules_sha256: Digest


class ActaLeaf(
    Struct, frozen=True, tag_field="leaf", tag="acta", forbid_unknown_fields=True, gc=False
):
    """One version of one acta, as published.

    ``acta`` is the catalogue's identity, ``None`` out of catalogue; ``version`` is 1 for the first
    and ``at`` when it entered the record. ``acta_sha256`` is
    :func:`~openprep.election.acta_digest` of it. ``reason`` is that of a correction, which may be
    the first version. ``identifies`` is the leaf of an acta out of catalogue that turned out to be
    this one; left out where there is none.
    """

    schema: Literal[1]
    contest: str
    acta: str | None
    version: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    at: Moment
    acta_sha256: Digest
    image_sha256: Digest | None
    reason: str | None
    identifies: Number | UnsetType = UNSET

    @classmethod
    def of(
        cls,
        acta: Acta,
        version: int,
        at: datetime,
        reason: str | None,
        identifies: int | UnsetType = UNSET,
    ) -> "ActaLeaf":
        """The leaf of one version of ``acta``; ``at`` is in the election's official zone."""
        return cls(
            schema=SCHEMA,
            contest=acta.contest,
            acta=acta.acta,
            version=version,
            at=at,
            acta_sha256=acta_digest(acta),
            image_sha256=acta.image_sha256,
            reason=reason,
            identifies=identifies,
        )


class CutLeaf(Struct, frozen=True, tag_field="leaf", tag="cut", forbid_unknown_fields=True):
    """A cut: its number, why and when it was made, and the manifest of everything that it shows."""

    schema: Literal[1]
    cut: Number
    kind: CutKind
    time: Moment
    manifest_sha256: Digest
    manifest_size: Number


Leaf: TypeAlias = RulesLeaf | ActaLeaf | CutLeaf

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder: msgspec.json.Decoder[Leaf] = msgspec.json.Decoder(Leaf)


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
