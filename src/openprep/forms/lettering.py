"""The fonts of this package: no other is ever used, so that a machine's own change nothing."""

from functools import cache
from pathlib import Path

from PIL import ImageFont

FONTS = Path(__file__).parent / "fonts"


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A font of the folder by its file's name, ``plain`` or ``bold``, without hinting."""
    path = FONTS / f"{name}.ttf"
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
