"""What stations report: facts, and the envelope that a station signs them in.

The types stand in this room, below transmission, because the record keeps the signed payload as it
came and every fold decodes the facts from it again.
"""

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

from openprep.capture.acts import AnyAct
from openprep.capture.steps import AnyStep
from openprep.clock import Moment
from openprep.decoding import decoding
from openprep.election import Acta

MAX_FACTS = 500
"""Most facts one envelope may carry."""

MAX_REASON = 500
"""Longest reason of a correction, in characters."""

Reason: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_REASON)]

ActaDigest: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
"""SHA-256 of an acta in lower-case hex."""

StationId: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}\Z")]
"""Letters, digits, dot, dash and underscore, 32 at most: safe in a file name and in a log line."""


class ActaReported(
    Struct,
    frozen=True,
    tag_field="fact",
    tag="acta_reported",
    forbid_unknown_fields=True,
    gc=False,
):
    """An acta captured and verified, for the first time."""

    acta: Acta


class ActaCorrected(
    Struct,
    frozen=True,
    tag_field="fact",
    tag="acta_corrected",
    forbid_unknown_fields=True,
    omit_defaults=True,
    gc=False,
):
    """A new version of an acta, as a cotejo asks for; ``reason`` is published.

    It may be the first one, where a place that checks sends it. ``outside`` is the digest of an
    acta out of catalogue (:func:`~openprep.election.acta_digest`) that turned out to be this one.
    """

    acta: Acta
    reason: Reason
    outside: ActaDigest | None = None


ActaFact: TypeAlias = ActaReported | ActaCorrected
"""An acta that comes finished, captured elsewhere."""

OfAnActa: TypeAlias = ActaFact | AnyStep
"""What a station reports of one acta."""

Fact: TypeAlias = OfAnActa | AnyAct
"""Anything a station may report; new kinds are added here, and none is ever taken away."""


class Envelope(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One or many facts under one signature.

    ``sequence`` counts the station's envelopes from 1 with no gap; ``election`` is the election's
    id, so that an envelope sealed for a drill is worth nothing on the night.
    """

    election: str
    station: StationId
    sequence: Annotated[int, Meta(ge=1, le=2**53)]
    sealed_at: Moment
    facts: Annotated[tuple[Fact, ...], Meta(min_length=1, max_length=MAX_FACTS)]


_encoder = msgspec.json.Encoder(order="sorted")
_envelopes = msgspec.json.Decoder(Envelope)
_facts: msgspec.json.Decoder[Fact] = msgspec.json.Decoder(Fact)


def encode_envelope(envelope: Envelope) -> bytes:
    """The one byte string that stands for ``envelope``: JSON, keys sorted, defaults left out."""
    return _encoder.encode(envelope)


def decode_envelope(payload: bytes) -> Envelope:
    """The envelope in ``payload``.

    Raises:
        msgspec.DecodeError: it is not JSON, or not an envelope (``msgspec.ValidationError``).
    """
    with decoding():
        return _envelopes.decode(payload)


def encode_fact(fact: Fact) -> bytes:
    """One fact as it stands inside the canonical payload: also a line of a station's input."""
    return _encoder.encode(fact)


def decode_fact(line: bytes) -> Fact:
    """The fact in one line of JSON; raises as :func:`decode_envelope` does."""
    with decoding():
        return _facts.decode(line)
