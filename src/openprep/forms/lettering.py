"""The fonts of this package: no other is ever used, so that a machine's own change nothing."""

import unicodedata
from functools import cache
from pathlib import Path

from PIL import ImageFont

FONTS = Path(__file__).parent / "fonts"


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A font of the folder by its file's name, ``plain`` or ``bold``, without hinting."""
    path = FONTS / f"{name}.ttf"
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


def in_our_letters(text: str) -> str:
    """``text`` in characters that the fonts have: without its accent, or ``?``, where one has not.

    What nobody foresaw in a name must not keep an acta from being printed.
    """
    return "".join(map(_in_our_letters, unicodedata.normalize("NFC", text)))


@cache
def _in_our_letters(character: str) -> str:
    if character.isspace() or _has(character):
        return character
    bare = unicodedata.normalize("NFKD", character)[0]
    return bare if _has(bare) else "?"


def _has(character: str) -> bool:
    missing = "\uffff"
    return all(
        bytes(font(name, 20).getmask(character)) != bytes(font(name, 20).getmask(missing))
        for name in ("plain", "bold")
    )
