"""Whether a JPEG holds a picture and nothing else: what a child made is looked at. Pure."""

import re
from typing import Final

from openprep.election.image import NotAnImage, Picture, picture_in

_HEAD: Final = re.compile(rb"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01.{6}\x00\x00", re.DOTALL)
"""Start and JFIF header, without a thumbnail."""

_ALLOWED: Final = frozenset({0xDB, 0xC0, 0xC4, 0xDD})
"""Tables, a baseline frame, and the interval of restarts."""

_SCAN: Final = 0xDA
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7]")
"""In a scan: a marker that is neither a stuffed byte nor a restart."""


def picture_alone_in(data: bytes) -> Picture:
    """The picture of a baseline JPEG that has no metadata, and nothing after its end.

    Raises:
        NotAnImage: it is no such JPEG.
    """
    picture = picture_in(data)
    head = _HEAD.match(data)
    if head is None:
        raise NotAnImage("it does not begin as a JPEG of pixels alone")
    position = head.end()
    while data[position + 1] in _ALLOWED:
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    if data[position + 1] != _SCAN:
        raise NotAnImage("there is more than a picture at byte {position}", position=position)
    end = _MARKER.search(data, position + 2)
    if end is None or end.start() != len(data) - 2 or data[-1] != 0xD9:
        raise NotAnImage("it does not end with its picture")
    return picture
