"""A picture laid upright by its codes: turned, or the sheet cut out of it. In a child."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from math import dist
from typing import Final, NamedTuple

import numpy as np
from PIL import Image

from openprep.digitising.digitised import Code, Point, Upright
from openprep.digitising.marks import Corners, codes_on, corners_among, from_the_top, turned_of


class Paper(NamedTuple):
    """Width and height of a sheet, in millimetres."""

    width: float
    height: float


LETTER, TABLOID = Paper(215.9, 279.4), Paper(279.4, 431.8)

MARGIN: Final = 9.0
"""Millimetres from the outer corner of each corner's code to both edges of the paper."""

MARK: Final = 12.6
"""Millimetres of the side of the code in each corner but that of the identity."""

MILLIMETRES: Final = 25.4
LEAST_DPI, MOST_DPI = 72, 300

LEAST_PART: Final = 0.15
"""Of the picture that the codes have to span; a sheet farther away is left as it lies."""


class Lying(NamedTuple):
    """A picture as it is published, its codes on it, and what was done to it."""

    picture: Image.Image
    codes: tuple[Code, ...]
    upright: Upright


def laid_upright(picture: Image.Image, orientation: int) -> Lying:
    """``picture`` with the sheet straight and alone where all four corners of it are known.

    Where they are not it is turned as its identity, or else a corner, says, and left as it is
    where nothing says it.
    """
    codes = codes_on(picture)
    corners = corners_among(codes)
    if corners is not None and _is_a_sheet(_outermost(corners), picture):
        return _cut_out(picture, codes, corners, orientation)
    turned = turned_of(codes)
    if turned == 0:
        return Lying(picture, codes, Upright(orientation, 0, straightened=False))
    turn = _TURNS[turned]
    found = _moved(codes, lambda at: _turned(at, turned, picture.size))
    upright = Upright(orientation, turned, straightened=False)
    return Lying(picture.transpose(turn), found, upright)


_TURNS: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
"""By degrees clockwise; Pillow counts the other way."""


def _turned(at: Point, degrees: int, size: tuple[int, int]) -> Point:
    """Where a point of a picture of this size is after the picture was turned clockwise."""
    (x, y), (width, height) = at, size
    by_degrees = {
        90: (height - 1 - y, x),
        180: (width - 1 - x, height - 1 - y),
        270: (y, width - 1 - x),
    }
    return by_degrees[degrees]


def _moved(codes: tuple[Code, ...], move: Callable[[Point], Point]) -> tuple[Code, ...]:
    found = []
    for one in codes:
        first, second, third, fourth = map(move, one.corners)
        found.append(Code(one.text, (first, second, third, fourth)))
    return from_the_top(found)


def _outermost(corners: Corners) -> tuple[Point, ...]:
    """Of each corner's code the corner towards the sheet's own, clockwise from the top left."""
    return tuple(code.corners[number] for number, code in enumerate(corners))


def _is_a_sheet(points: tuple[Point, ...], picture: Image.Image) -> bool:
    """Whether the points go round clockwise without a dent, about a good part of the picture."""
    around = (*points, *points[:2])
    bends = [
        (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
        for a, b, c in zip(around, around[1:], around[2:], strict=False)
    ]
    doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(around[:5]))
    return min(bends) > 0 and doubled > 2 * LEAST_PART * picture.width * picture.height


def _cut_out(
    picture: Image.Image, codes: tuple[Code, ...], corners: Corners, orientation: int
) -> Lying:
    points = _outermost(corners)
    paper = _paper(corners, points)
    dots = _dots(paper, points)
    places = tuple(
        (x * dots, y * dots)
        for x, y in (
            (MARGIN, MARGIN),
            (paper.width - MARGIN, MARGIN),
            (paper.width - MARGIN, paper.height - MARGIN),
            (MARGIN, paper.height - MARGIN),
        )
    )
    size = round(paper.width * dots), round(paper.height * dots)
    straight = picture.transform(
        size,
        Image.Transform.PERSPECTIVE,
        _projection(places, points),
        Image.Resampling.BICUBIC,
        fillcolor="white",
    )
    back = _projection(points, places)
    found = from_the_top(filter(None, map(partial(_on_sheet, back, size), codes)))
    turned = turned_of(codes)
    return Lying(straight, found, Upright(orientation, turned, straightened=True))


def _paper(corners: Corners, points: tuple[Point, ...]) -> Paper:
    """By how much of its width the corners' codes take: a slant shortens both alike."""
    across = dist(points[0], points[1]) + dist(points[3], points[2])
    of_marks = [dist(*code.corners[:2]) for code in (corners.top_left, corners.bottom_left)]
    part = sum(of_marks) / across
    return min(LETTER, TABLOID, key=lambda one: abs(part - MARK / (one.width - 2 * MARGIN)))


def _dots(paper: Paper, points: tuple[Point, ...]) -> float:
    """Pixels a millimetre: about as many as the picture has itself."""
    across = max(dist(points[0], points[1]), dist(points[3], points[2]))
    dpi = across / (paper.width - 2 * MARGIN) * MILLIMETRES
    return min(max(dpi, LEAST_DPI), MOST_DPI) / MILLIMETRES


def _projection(
    sources: Sequence[tuple[float, float]], targets: Sequence[tuple[float, float]]
) -> list[float]:
    """The eight coefficients that take each of four sources to its target, in Pillow's order."""
    rows = []
    for (x, y), (u, v) in zip(sources, targets, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    wanted = [value for target in targets for value in target]
    return [float(one) for one in np.linalg.solve(np.array(rows), np.array(wanted))]


def _on_sheet(by: list[float], size: tuple[int, int], code: Code) -> Code | None:
    """A code of the picture on the sheet that was cut out; None where it lay beside the sheet."""
    a, b, c, d, e, f, g, h = by
    found = []
    for x, y in code.corners:
        depth = g * x + h * y + 1
        across, down = a * x + b * y + c, d * x + e * y + f
        if not (0 <= across <= size[0] * depth and 0 <= down <= size[1] * depth and depth > 0):
            return None
        found.append((round(across / depth), round(down / depth)))
    first, second, third, fourth = found
    return Code(code.text, (first, second, third, fourth))
