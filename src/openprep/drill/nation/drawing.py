"""A picture of a filled form, as a scanner would make it: a JPEG, marked as a drill all over.

Everything is drawn from the sheet alone, in whole pixels, with fonts that are part of this package
and without hinting: the same sheet gives the same picture. The bytes are those of the JPEG encoder
and the rasteriser inside Pillow's wheel: the same for the same version of it, not for all versions.
"""

import io
from functools import cache
from hashlib import sha256

from PIL import Image, ImageDraw

from openprep.drill.nation.sheet import Line, Sheet
from openprep.forms.lettering import font

WIDTH, HEIGHT = 1000, 1294
"""A letter page at 118 dots an inch."""

MARGIN = 48
ROW = 34
WORDS_AT, FIGURES_AT = 390, 850
QUALITY = 60

PAPER, PRINT, RULE, INK, MARK = "#fbfaf5", "#26312c", "#a3aca6", "#1c3f94", "#e9dcdc"


def draw(sheet: Sheet) -> bytes:
    """The JPEG of ``sheet``."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    image.paste(MARK, (0, 0), _mark())
    page = ImageDraw.Draw(image)
    top = _head(page, sheet)
    top = _table(page, top, ("Partido, coalición o candidatura", sheet.votes))
    _table(page, top + 12, ("Otras cantidades", sheet.others))
    page.text((MARGIN, HEIGHT - 46), sheet.foot, PRINT, font("plain", 17))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, subsampling="4:2:0", dpi=(118, 118))
    return out.getvalue()


@cache
def _mark() -> Image.Image:
    """SIMULACRO, across the whole page and under everything that is written on it."""
    layer = Image.new("L", (1500, 1500))
    page = ImageDraw.Draw(layer)
    for number, top in enumerate(range(0, 1500, 165)):
        left = -(number % 2) * 320
        page.text((left, top), "SIMULACRO   " * 4, 255, font("bold", 92))
    turned = layer.rotate(31, Image.Resampling.BILINEAR)
    left, top = (1500 - WIDTH) // 2, (1500 - HEIGHT) // 2
    return turned.crop((left, top, left + WIDTH, top + HEIGHT))


def _head(page: ImageDraw.ImageDraw, sheet: Sheet) -> int:
    """Title and place; where the table begins."""
    page.text((MARGIN, 34), "Acta de escrutinio y cómputo", PRINT, font("bold", 31))
    _fitting(page, (MARGIN, 76), sheet.title, ("plain", 20, PRINT), WIDTH - 2 * MARGIN)
    page.text((MARGIN, 104), sheet.contest, PRINT, font("bold", 23))
    top = 144
    for index, (name, value) in enumerate(sheet.place):
        left = MARGIN + index % 2 * (WIDTH // 2 - MARGIN // 2)
        page.text((left, top + index // 2 * 50), name, PRINT, font("plain", 15))
        room = WIDTH // 2 - MARGIN - 16
        _fitting(page, (left, top + 17 + index // 2 * 50), value, ("bold", 21, PRINT), room)
    return top + (len(sheet.place) + 1) // 2 * 50 + 10


def _fitting(
    page: ImageDraw.ImageDraw,
    at: tuple[int, int],
    text: str,
    style: tuple[str, int, str],
    room: int,
) -> None:
    """Write ``text`` as large as it fits, in a font, up to a size, in a colour."""
    name, size, colour = style
    while size > 10 and page.textlength(text, font(name, size)) > room:
        size -= 1
    page.text(at, text, colour, font(name, size))


def _table(page: ImageDraw.ImageDraw, top: int, table: tuple[str, tuple[Line, ...]]) -> int:
    title, lines = table
    small = font("bold", 16)
    for left, text in ((MARGIN, title), (WORDS_AT, "Con letra"), (FIGURES_AT, "Con número")):
        page.text((left, top), text, PRINT, small)
    top += 24
    page.line((MARGIN, top, WIDTH - MARGIN, top), PRINT, 2)
    for line in lines:
        _write(page, top, line)
        top += ROW
        page.line((MARGIN, top, WIDTH - MARGIN, top), RULE, 1)
    return top


def _write(page: ImageDraw.ImageDraw, top: int, line: Line) -> None:
    _fitting(page, (MARGIN, top + 8), line.name, ("bold", 18, PRINT), WORDS_AT - MARGIN - 12)
    if line.smudged:
        _smudge(page, top, line.name)
        return
    room = FIGURES_AT - WORDS_AT - 12
    _fitting(page, (WORDS_AT, top + 7), line.words, ("plain", 20, INK), room)
    right = WIDTH - MARGIN - page.textlength(line.figures, font("bold", 24))
    page.text((right, top + 4), line.figures, INK, font("bold", 24))


def _smudge(page: ImageDraw.ImageDraw, top: int, name: str) -> None:
    """Ink that ran over both amounts: the shape is any, and the same each time."""
    spots = sha256(name.encode()).digest()
    for left, width in ((WORDS_AT, 280), (FIGURES_AT + 20, 50)):
        for index in range(0, len(spots) - 1, 2):
            x = left + spots[index] * width // 256
            y = top + 6 + spots[index + 1] * (ROW - 18) // 256
            size = 5 + spots[index] % 11
            page.ellipse((x, y, x + 2 * size, y + size), INK)
