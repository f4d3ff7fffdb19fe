"""A sealed envelope: what a station signed, as it travels.

On the wire it is a MessagePack map of ``station``, then ``payload`` (the canonical JSON of
:class:`openprep.record.facts.Envelope`) and ``signature`` (Ed25519 over a prefix and the payload).
The prefix keeps a signature made for an envelope from being worth anything elsewhere.
"""

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from openprep.decoding import decoding
from openprep.record.facts import Envelope, StationId, encode_envelope
from openprep.transmission.codes import RefusalCode, Refused

SIGNED_PREFIX = b"openprep/envelope/v1\n"
MAX_ENVELOPE_BYTES = 2 * 1024 * 1024
"""Largest envelope on the wire: far above what :data:`~openprep.record.facts.MAX_FACTS` need."""


class SealedEnvelope(Struct, frozen=True, forbid_unknown_fields=True):
    """An envelope as it travels. Nothing in it is believed before its signature is verified."""

    station: StationId
    payload: bytes
    signature: bytes

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether ``key`` signed the payload."""
        try:
            key.verify(self.signature, SIGNED_PREFIX + self.payload)
        except InvalidSignature:
            return False
        return True


_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[SealedEnvelope] = msgspec.msgpack.Decoder(SealedEnvelope)


def seal(envelope: Envelope, key: Ed25519PrivateKey) -> bytes:
    """The wire bytes of ``envelope`` under the station's signature."""
    payload = encode_envelope(envelope)
    signature = key.sign(SIGNED_PREFIX + payload)
    return _encoder.encode(SealedEnvelope(envelope.station, payload, signature))


_BEGINNING = b"\x83\xa7station"
"""A map of three, the first key of which is the station."""

_LONGEST_STATION = 32


def station_in(beginning: bytes) -> str | None:
    """The station that an envelope says it is from, told by its first bytes.

    ``None`` while they are too few. Not believed before the signature is verified.

    Raises:
        Refused: MALFORMED: no envelope begins so.
    """
    if not _BEGINNING.startswith(beginning[: len(_BEGINNING)]):
        raise Refused(RefusalCode.MALFORMED, "an envelope begins with its station")
    rest = beginning[len(_BEGINNING) :]
    if len(rest) < 2:
        return None
    start, length = (2, rest[1]) if rest[0] == 0xD9 else (1, rest[0] - 0xA0)
    if not 0 < length <= _LONGEST_STATION:
        raise Refused(RefusalCode.MALFORMED, "a station's id is a short text")
    if len(rest) < start + length:
        return None
    try:
        return rest[start : start + length].decode()
    except UnicodeDecodeError as error:
        raise Refused(RefusalCode.MALFORMED, "{error}", error=error) from error


def unwrap(body: bytes) -> SealedEnvelope:
    """The sealed envelope in ``body``, unverified.

    Raises:
        msgspec.DecodeError: it is not one.
    """
    with decoding():
        return _decoder.decode(body)
