"""What the centre answers to an envelope or an image, as both sides know it (JSON)."""

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


class ImageReceipt(Struct, frozen=True):
    """The image is on disk and in the record. ``duplicate``: it was there before.

    A station takes no other answer for a receipt than one that has the image's own digest and size.
    """

    sha256: str
    size: int
    position: int
    duplicate: bool


class ImageWanted(Struct, frozen=True):
    """Whether an image that was named is still to be sent; if not, it is held already."""

    sha256: str
    wanted: bool


class Refusal(Struct, frozen=True):
    """The envelope or image was refused. ``retry``: the same bytes may be accepted later."""

    code: str
    meaning: str
    detail: str
    kept: str = "nothing"
    retry: bool = False
    expected: int | None = None
