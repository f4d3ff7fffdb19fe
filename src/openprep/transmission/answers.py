"""Where stations deliver, and what the centre answers to it, as both sides know it (JSON)."""

from msgspec import Struct

INBOX_PATH = "/inbox"
"""Takes one envelope."""
IMAGES_PATH = "/images/"
"""Before the digest of an image."""
STATUS_PATH = "/inbox/status"

MAX_ASIDE = 100
"""Most facts that a receipt names; it counts them all."""


class Aside(Struct, frozen=True):
    """A fact of an envelope that was taken and is published nowhere until a person has decided.

    ``fact`` is its number in the envelope, from 1; ``code`` and ``meaning`` say why.
    """

    fact: int
    contest: str
    acta: str | None
    code: str
    meaning: str


class Receipt(Struct, frozen=True, omit_defaults=True):
    """The envelope is in the record, durable. ``duplicate``: it was there before.

    ``conflicts`` of its facts were reported before with other figures, and ``held`` wait for a
    person for another reason; ``aside`` names the first of them.

    ``digest`` is the SHA-256 of the signed payload in hex: a station takes no other answer for a
    receipt, whatever its status, so that a captive portal cannot swallow an acta.
    """

    station: str
    sequence: int
    position: int
    facts: int
    digest: str
    duplicate: bool
    conflicts: int = 0
    held: int = 0
    aside: tuple[Aside, ...] = ()


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
