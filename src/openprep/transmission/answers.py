"""What the centre answers to an envelope, as both sides know it (JSON)."""

from msgspec import Struct


class Receipt(Struct, frozen=True):
    """The envelope is in the record, durable. ``duplicate``: it was there before.

    ``digest`` is the SHA-256 of the signed payload in hex: a station takes no other answer for a
    receipt, whatever its status, so that a captive portal cannot swallow an acta.
    """

    station: str
    sequence: int
    position: int
    facts: int
    digest: str
    duplicate: bool


class Refusal(Struct, frozen=True):
    """The envelope was refused. ``retry``: the same bytes may be accepted later."""

    code: str
    meaning: str
    detail: str
    kept: str = "nothing"
    retry: bool = False
    expected: int | None = None
