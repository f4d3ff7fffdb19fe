"""Whether a person can read a picture. In a child.

Measured on a small copy without its noise: on the whole picture the grain of a camera is sharper
than any writing.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from openprep.digitising.digitised import Code, Legibility, Reason, Verdict
from openprep.digitising.marks import identity_among

LOOKED_AT: Final = 900
"""Pixels of the longer side of the small copy."""

LEAST_SIDE: Final = 900
"""Pixels of the longer side of a page on which handwriting can still be told."""

EDGE: Final = 6
"""Of each side one part in so many is not looked at, at both ends."""

LEAST_INK: Final = 0.004
"""Of the page: a printed form has twenty times as much."""

INK: Final = 28
"""Of 255, by which ink is darker than the paper around it; where there is little light, less."""

LEAST_LIGHT: Final = 70
"""Of 255, of the paper."""

STRONGEST: Final = 99.5
"""Percent of the page that is weaker than what is taken for its strongest."""

LEAST_SHARPNESS: Final = 0.2
"""Of the ink: what is spread over half a millimetre of the paper has less, over 0.4 it has more."""


def legibility_of(picture: Image.Image, codes: tuple[Code, ...]) -> Legibility:
    """The verdict on a picture on which these codes were read."""
    small = picture.convert("L")
    small.thumbnail((LOOKED_AT, LOOKED_AT), Image.Resampling.BOX)
    small = small.filter(ImageFilter.MedianFilter(3))
    paper = small.reduce(2).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(6))
    grey = _middle(small)
    ink = np.maximum(_middle(paper.resize(small.size)) - grey, 0)
    reasons = tuple(_reasons(picture, grey, ink, codes))
    if Reason.BLANK in reasons:
        return Legibility(Verdict.BLANK, reasons)
    return Legibility(Verdict.DOUBTFUL if reasons else Verdict.LEGIBLE, reasons)


def _middle(picture: Image.Image) -> NDArray[np.float32]:
    """Without what a camera sees around the sheet: its edge on a table is as sharp as ink."""
    across, down = (side // EDGE for side in picture.size)
    box = (across, down, picture.width - across, picture.height - down)
    return np.asarray(picture.crop(box), np.float32)


def _reasons(
    picture: Image.Image,
    grey: NDArray[np.float32],
    ink: NDArray[np.float32],
    codes: tuple[Code, ...],
) -> Iterator[Reason]:
    if max(picture.size) < LEAST_SIDE:
        yield Reason.SMALL
    light = min(1.0, float(np.median(grey)) / LEAST_LIGHT)
    if light < 1:
        yield Reason.DARK
    if float((ink > INK * light).mean()) < LEAST_INK:
        yield Reason.BLANK
    elif _sharpness(grey, ink) < LEAST_SHARPNESS:
        yield Reason.BLURRED
    if identity_among(codes) is None:
        yield Reason.NO_IDENTITY_CODE


def _sharpness(grey: NDArray[np.float32], ink: NDArray[np.float32]) -> float:
    """How suddenly ink begins, beyond what grain does: by the Laplacian, of which most is grain."""
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    bends = np.abs(4 * grey[1:-1, 1:-1] - around)
    grain = 1.4826 * float(np.median(bends))
    strongest = float(np.percentile(ink, STRONGEST))
    if strongest <= 0:
        return 0.0
    return (float(np.percentile(bends, STRONGEST)) - 3 * grain) / strongest
