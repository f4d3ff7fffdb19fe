"""The image of an acta: how large it may be, and what a file must begin with to be one. Pure.

What an image is called is in the acta itself: CODIGO_INTEGRIDAD, the SHA-256 of its file, which the
station signs. Nothing here decodes an image: it is read by segments (ITU-T T.81, annex B), as far
as the frame header, so that nobody's decoder meets what is not a JPEG or claims a picture without
end.
"""

from itertools import chain
from typing import Annotated, Final, NamedTuple, TypeAlias

from msgspec import Meta

from openprep.coded import Text

MAX_IMAGE_BYTES: Final = 8 * 1024 * 1024
"""Largest image of an acta: a letter page scanned at 300 dpi has about 1 MB."""

ImageSize: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_IMAGE_BYTES)]
"""Bytes of an image, at most :data:`MAX_IMAGE_BYTES`."""

MOST_PIXELS: Final = 64_000_000
"""Of a picture: a phone's camera of today, and what a phone's browser can still show."""

_MOST_SEGMENTS = 512
_START, _END_OF_IMAGE, _SCAN = 0xD8, 0xD9, 0xDA
_FRAMES = frozenset(chain(range(0xC0, 0xC4), range(0xC5, 0xC8), range(0xC9, 0xCC)))
"""Markers of frame headers that are not of the lossless kinds; C4, C8 and CC are no frames."""
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


class NotAnImage(ValueError):
    """The bytes are not a JPEG that a reader could be shown; ``text`` says why."""

    def __init__(self, template: str, /, **facts: object) -> None:
        self.text = Text(template, facts)
        super().__init__(str(self.text))


class Picture(NamedTuple):
    """Width and height of a JPEG, in pixels."""

    width: int
    height: int


def picture_in(data: bytes) -> Picture:
    """The picture that a JPEG file announces; its pixels are not decoded.

    Raises:
        NotAnImage: it is no JPEG, has no frame or no scan, or announces too many pixels.
    """
    if data[:2] != bytes((0xFF, _START)):
        raise NotAnImage("it does not begin as a JPEG does")
    position, picture = 2, None
    for _ in range(_MOST_SEGMENTS):
        marker, position = _marker_at(data, position)
        if marker == _SCAN:
            return _whole(picture)
        if marker in _WITHOUT_LENGTH:
            continue
        end = position + _length_at(data, position)
        if marker in _FRAMES:
            picture = _frame(data[position + 2 : end])
        position = end
    raise NotAnImage("it has segments without end before its picture")


def _marker_at(data: bytes, position: int) -> tuple[int, int]:
    """The marker at ``position``, and where it ends; it may be preceded by any number of FF."""
    if data[position : position + 1] != b"\xff":
        raise NotAnImage("there is no marker at byte {position}", position=position)
    while data[position : position + 1] == b"\xff":
        position += 1
    if position >= len(data) or data[position] in (0, _START, _END_OF_IMAGE):
        raise NotAnImage("it ends at byte {position}, without a picture", position=position)
    return data[position], position + 1


def _length_at(data: bytes, position: int) -> int:
    length = int.from_bytes(data[position : position + 2], "big")
    if length < 2 or position + length > len(data):
        raise NotAnImage("the segment at byte {position} is cut short", position=position)
    return length


def _frame(header: bytes) -> Picture:
    if len(header) < 6:
        raise NotAnImage("its frame header is cut short")
    height, width = int.from_bytes(header[1:3], "big"), int.from_bytes(header[3:5], "big")
    if not 0 < width * height <= MOST_PIXELS:
        raise NotAnImage(
            "a picture of {width} by {height}, at most {most} pixels",
            width=width,
            height=height,
            most=MOST_PIXELS,
        )
    return Picture(width, height)


def _whole(picture: Picture | None) -> Picture:
    if picture is None:
        raise NotAnImage("it has a scan before any frame")
    return picture
