"""What goes between the digitiser, its nursery and a child: frames, and what stands in them."""

import struct
from enum import Enum
from typing import Annotated, BinaryIO, Final

from msgspec import Meta, Struct

from openprep.digitising.digitised import (
    MOST_BYTES,
    MOST_CODES,
    MOST_RENDITION_BYTES,
    Code,
    Legibility,
    Upright,
)
from openprep.election.image import MAX_IMAGE_BYTES

LENGTH: Final = struct.Struct(">Q")
"""Before each frame: how many bytes it has."""

MOST_ANSWER: Final = MAX_IMAGE_BYTES + MOST_RENDITION_BYTES + 100_000
"""Bytes of a child's answer: both pictures and the codes."""

MOST_ENDED: Final = MOST_ANSWER + 100
"""Bytes of what a nursery says of a child."""


class Bounds(Struct, frozen=True):
    """What a child may take: bytes of memory, seconds of a processor, seconds of a clock."""

    memory: Annotated[int, Meta(gt=0)] = 1024 * 1024 * 1024
    processor: Annotated[int, Meta(gt=0)] = 20
    wall: Annotated[float, Meta(gt=0)] = 60.0


class Work(Enum):
    """What the children of a nursery do with a file."""

    IMAGE = "image"
    """Make the image that is published."""
    CODES = "codes"
    """Read the codes on it, and nothing else: a fifth of the time."""


class End(Enum):
    """How a child ended."""

    ANSWERED = "answered"
    TOO_LONG = "too_long"
    DIED = "died"


class Ended(Struct, frozen=True):
    """What a nursery says of a child. The answer is the child's own: nobody has looked at it.

    ``shut_in`` is whether this machine's kernel shuts children in.
    """

    end: End
    answer: bytes = b""
    shut_in: bool = True


class Unfit(Enum):
    """Why a child has no picture."""

    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"
    ENCRYPTED = "encrypted"
    NO_PAGE = "no_page"
    TOO_MUCH_MEMORY = "too_much_memory"


class NoPicture(Struct, frozen=True, tag="no_picture"):
    """A child's answer where the file gave no picture."""

    why: Unfit


class Made(Struct, frozen=True, tag="made"):
    """A child's answer: what it made of a file."""

    image: Annotated[bytes, Meta(max_length=MAX_IMAGE_BYTES)]
    rendition: Annotated[bytes, Meta(max_length=MOST_RENDITION_BYTES)]
    codes: Annotated[tuple[Code, ...], Meta(max_length=MOST_CODES)]
    upright: Upright
    legibility: Legibility


class Read(Struct, frozen=True, tag="read"):
    """A child's answer: the codes that it read."""

    codes: Annotated[tuple[Code, ...], Meta(max_length=MOST_CODES)]


def framed(content: bytes) -> bytes:
    """A frame of ``content``."""
    return LENGTH.pack(len(content)) + content


def frame_in(stream: BinaryIO) -> bytes | None:
    """The content of the next frame; None where the stream ends, or says what no file has."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    if length > MOST_BYTES:
        return None
    content = stream.read(length)
    return content if len(content) == length else None
