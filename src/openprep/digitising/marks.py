"""The codes on a picture, and how the sheet lies in it. In a child.

A printed form has its signed identity at the top right, and a small code in each other corner.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import zxingcpp
from PIL import Image

from openprep.digitising.digitised import LONGEST_CODE, MOST_CODES, Code, Point, Turn

OURS: Final = "OPREP1:"
"""How every code of a form begins."""

TOP_LEFT, BOTTOM_LEFT, BOTTOM_RIGHT = (OURS + corner for corner in ("TL", "BL", "BR"))
MARKS: Final = (TOP_LEFT, BOTTOM_LEFT, BOTTOM_RIGHT)

FORMATS: Final = zxingcpp.BarcodeFormats(
    (zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix)
)


class Corners(NamedTuple):
    """The codes in the four corners of a sheet."""

    top_left: Code
    top_right: Code
    bottom_right: Code
    bottom_left: Code


def codes_on(picture: Image.Image) -> tuple[Code, ...]:
    """The codes that can be read, from the top, each with its corners."""
    read = map(_code, zxingcpp.read_barcodes(picture.convert("L"), formats=FORMATS))
    fit = (one for one in read if 0 < len(one.text) <= LONGEST_CODE and one.text.isprintable())
    return from_the_top(fit)[:MOST_CODES]


def from_the_top(codes: Iterable[Code]) -> tuple[Code, ...]:
    """In the order in which they stand on the picture."""
    return tuple(sorted(codes, key=lambda one: (one.corners[0][::-1], one.text)))


def _code(found: zxingcpp.Barcode) -> Code:
    at = found.position
    corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    first, second, third, fourth = ((one.x, one.y) for one in corners)
    return Code(found.text, (first, second, third, fourth))


def identity_among(codes: tuple[Code, ...]) -> Code | None:
    """The one that says an identity, whoever may have signed it; None where there are several."""
    found = [one for one in codes if one.text.startswith(OURS) and one.text not in MARKS]
    return found[0] if len({one.text for one in found}) == 1 else None


def corners_among(codes: tuple[Code, ...]) -> Corners | None:
    """The codes of the four corners of one sheet; None where one is missing or there twice."""
    ours = [one for one in codes if one.text.startswith(OURS)]
    by_text = {one.text: one for one in ours}
    identity = identity_among(codes)
    if len(ours) != 4 or identity is None or not all(mark in by_text for mark in MARKS):
        return None
    return Corners(by_text[TOP_LEFT], identity, by_text[BOTTOM_RIGHT], by_text[BOTTOM_LEFT])


def turned_of(codes: tuple[Code, ...]) -> Turn:
    """Degrees clockwise by which the picture has to be turned; 0 where nothing tells it."""
    identity = identity_among(codes)
    telling = [one for one in codes if one.text in MARKS] if identity is None else [identity]
    turns = {_turn(one.corners[0], one.corners[1]) for one in telling}
    return turns.pop() if len(turns) == 1 else 0


def _turn(left: Point, right: Point) -> Turn:
    """What makes the upper edge of a code go rightwards."""
    across, down = right[0] - left[0], right[1] - left[1]
    if abs(across) >= abs(down):
        return 0 if across >= 0 else 180
    return 270 if down > 0 else 90
