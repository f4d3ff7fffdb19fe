"""How a cut names what it consists of: by digest, and where the bytes stand.

An object is named by the SHA-256 of its bytes. Between objects a digest is written in base64url
without padding, 43 characters: all 256 bits, since whoever makes two objects of one digest would be
the centre itself, and against it only the whole digest has 128 bits of strength. Where bytes stand
is nobody's promise: each tree says it of its own packs, and the digest decides.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

SCHEMA = 2
"""Version of every published JSON format; a reader refuses what it does not know."""

Digest: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_-]{43}\Z")]
"""SHA-256 in base64url without padding."""

MAX_PLACE = 2**53 - 1
"""What every reader can count to, and every system can seek to."""
_Place: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_PLACE)]
_Size: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_PLACE)]


class Ref(Struct, frozen=True):
    """A file by its content: SHA-256 in lower-case hex, and size in bytes."""

    sha256: str
    size: int

    @property
    def path(self) -> str:
        """The file of the published tree in which it is, where it is an object."""
        return object_path(self.sha256)


class Location(Struct, frozen=True, array_like=True, gc=False):
    """Where an object stands in a tree's packs: ``size`` bytes of a pack from ``offset`` on."""

    pack: _Place
    offset: _Place
    size: _Size


class Link(Struct, frozen=True):
    """An object by its digest, and where this tree has it."""

    digest: Digest
    at: Location


def digest_of(data: bytes) -> Digest:
    """The digest by which objects name ``data``."""
    return urlsafe_b64encode(sha256(data).digest())[:43].decode("ascii")


def hex_digest(data: bytes) -> str:
    """SHA-256 of ``data`` in lower-case hex."""
    return sha256(data).hexdigest()


def ref_to(data: bytes) -> Ref:
    """The reference to ``data``."""
    return Ref(hex_digest(data), len(data))


def object_path(sha256: str) -> str:
    """Path of a file of its own: ``objects/<first two>/<digest>.json``."""
    return f"objects/{sha256[:2]}/{sha256}.json"


def pack_path(number: int) -> str:
    """``packs/<number>.pack``: objects in the order in which this tree came to have them."""
    return f"packs/{number}.pack"


def where_path(cut: int) -> str:
    """``cuts/<number>.where``: where this tree's packs have the results of a cut begin."""
    return f"cuts/{cut}.where"


def image_path(sha256: str) -> str:
    """``actas/<digest>.jpg``: the image that an acta names as its ``image_sha256``."""
    return f"actas/{sha256}.jpg"
