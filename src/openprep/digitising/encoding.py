"""Pixels as JPEGs: the image that is published, and its rendition. In a child."""

import io
from itertools import count
from typing import Final

from PIL import Image

from openprep.digitising.digitised import MOST_RENDITION_BYTES
from openprep.election.image import MAX_IMAGE_BYTES

QUALITIES: Final = (82, 70, 55, 40)
"""Of the image that is published: the first with which it is small enough."""

SCREEN: Final = 1600
"""Pixels of the longer side of a rendition."""

SCREEN_QUALITIES: Final = (60, 45, 32)


def published(picture: Image.Image) -> bytes:
    """The JPEG of ``picture``, as large as an image of an acta may be at most."""
    return _within(picture, MAX_IMAGE_BYTES, QUALITIES)


def rendition(picture: Image.Image) -> bytes:
    """A JPEG for a screen."""
    small = picture.copy()
    small.thumbnail((SCREEN, SCREEN), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _within(small, MOST_RENDITION_BYTES, SCREEN_QUALITIES)


def _within(picture: Image.Image, most: int, qualities: tuple[int, ...]) -> bytes:
    """At the best quality that fits; where none does, of a picture that is smaller by a fifth."""
    for _ in count():
        for quality in qualities:
            data = _jpeg(picture, quality)
            if len(data) <= most:
                return data
        width, height = (max(1, side * 4 // 5) for side in picture.size)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    raise AssertionError


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    """Baseline, 4:2:0 where there are colours, and none of what came with the picture."""
    out = io.BytesIO()
    pixels = Image.new(picture.mode, picture.size)
    pixels.paste(picture)
    pixels.save(out, "JPEG", quality=quality, subsampling="4:2:0")
    return out.getvalue()
