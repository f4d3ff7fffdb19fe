"""What is appended to the record: everything that happened at the centre, in order.

Stored encoding, version 1: MessagePack of a map, the kind of event under ``"event"``, instants as
MessagePack timestamps (UTC). docs/formats/record.md is its public description. A kind or a field
may be added with a default; none may change its meaning, because old records must fold for ever.
"""

import hashlib
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

from openprep.clock import Moment
from openprep.decoding import decoding
from openprep.election.cut import CutKind
from openprep.election.image import ImageSize

FORMAT = 1
"""Version of the stored encoding and of the table that holds it."""


class Opened(Struct, frozen=True, tag_field="event", tag="opened"):
    """The record was opened at zero under the rules that ``election_digest`` identifies."""

    at: Moment
    election_digest: str


class HeldFact(Struct, frozen=True, array_like=True, gc=False):
    """A fact of an envelope that waits for a person: its number, from 1, and the code of why."""

    fact: Annotated[int, Meta(ge=1)]
    why: str


class EnvelopeReceived(
    Struct, frozen=True, tag_field="event", tag="envelope", omit_defaults=True, gc=False
):
    """A station's envelope, believed: the signed evidence exactly as it came.

    ``at`` is the centre's clock. The facts are in ``payload``
    (:func:`openprep.record.facts.decode_envelope`). Those that the inbox held, under the trust and
    the rules of that moment, are named in ``held`` (:mod:`openprep.record.aside`).
    """

    at: Moment
    station: str
    sequence: int
    payload: bytes
    signature: bytes
    held: tuple[HeldFact, ...] = ()


class ImageReceived(Struct, frozen=True, tag_field="event", tag="image", gc=False):
    """The image of an acta, held by the centre: a file with this digest, on disk before this.

    Some acta that was recorded earlier names the digest, in an envelope that its station signed.
    """

    at: Moment
    sha256: str
    size: ImageSize


class CutMade(Struct, frozen=True, tag_field="event", tag="cut", omit_defaults=True):
    """A cut was published; a centre that restarts goes on from its number.

    ``covers`` is the last position of the record that the cut shows. ``log_size`` and ``log_root``
    are those of the publication log that ends in it: once they are in the record, they may be
    signed, and nothing else of that size ever is. ``strayed`` are images that the record holds and
    an acta names, whose files this cut found lost, or there again after a cut before found them
    lost: the log tells of none that is.
    """

    at: Moment
    number: Annotated[int, Meta(ge=0)]
    kind: CutKind
    covers: Annotated[int, Meta(ge=0)]
    manifest_sha256: str
    manifest_size: Annotated[int, Meta(ge=0)]
    log_size: Annotated[int, Meta(ge=0)]
    log_root: bytes
    strayed: tuple[str, ...] = ()


class Closed(Struct, frozen=True, tag_field="event", tag="closed"):
    """Reception ended, and why: nothing reported later is accepted."""

    at: Moment
    reason: str


Event: TypeAlias = Opened | EnvelopeReceived | ImageReceived | CutMade | Closed

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Event] = msgspec.msgpack.Decoder(Event)


def encode_event(event: Event) -> bytes:
    """Stored bytes of ``event``."""
    return _encoder.encode(event)


def decode_event(body: bytes) -> Event:
    """The event in stored bytes.

    Raises:
        msgspec.DecodeError: the bytes are not an event of a version this code knows.
    """
    with decoding():
        return _decoder.decode(body)


def kind_of(event: Event) -> str:
    """The event's tag, as its row shows it."""
    return str(event.__struct_config__.tag)


def digest_of(event: Event) -> bytes:
    """Idempotency key: two events with the same key are the same happening, and the first stands.

    An envelope is identified by the SHA-256 of its signed payload, so that it may be received any
    number of times; an image by its own digest; a cut by its number; opening and closing happen
    once.
    """
    match event:
        case EnvelopeReceived():
            return hashlib.sha256(event.payload).digest()
        case ImageReceived():
            return hashlib.sha256(b"openprep/image/" + event.sha256.encode()).digest()
        case CutMade():
            return hashlib.sha256(b"openprep/cut/%d" % event.number).digest()
        case Opened() | Closed():
            return hashlib.sha256(b"openprep/" + kind_of(event).encode()).digest()
