"""The label that is stuck on an acta: its signed identity as a QR, and in words.

A label printer has few dots. The QR is drawn in whole ones, beginning on one, so that none of its
modules is wider than another; whatever program prints the page, it must not scale it.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from openprep.forms.blank import Blank
from openprep.forms.codes import FormCode, FormTrouble
from openprep.forms.layout import Rectangle
from openprep.forms.names import place_of
from openprep.forms.typesetting import drawing_of, pdf_of, png_of, qr_of

TEMPLATE = "label"
SMALLEST_MODULE: Final = 0.25
"""Millimetres: what scanners at 300 dots an inch and hand scanners still read."""
QUIET_MODULES: Final = 4
EDGE: Final = 1.5


LARGEST: Final = 1_000.0
MOST_DOTS: Final = 10_000


class LabelSize(NamedTuple):
    """Size of a label in millimetres, and the dots an inch of what prints it."""

    width: float = 50.0
    height: float = 30.0
    dots_per_inch: int = 203

    @property
    def dot(self) -> float:
        """Width of a dot, in millimetres."""
        return 25.4 / self.dots_per_inch


def label_pdf(blank: Blank, text: str, size: LabelSize) -> bytes:
    """The label of an acta, as a page of its own size; ``text`` is its signed identity.

    Raises:
        FormTrouble: NO_ROOM.
    """
    return pdf_of(TEMPLATE, _told(blank, text, size))


def label_png(blank: Blank, text: str, size: LabelSize) -> bytes:
    """The label dot by dot, as the printer has it.

    Raises:
        FormTrouble: NO_ROOM.
    """
    told = _told(blank, text, size)
    return png_of(TEMPLATE, told, size.dots_per_inch)


def _told(blank: Blank, text: str, size: LabelSize) -> Mapping[str, object]:
    if not (0 < size.width < LARGEST and 0 < size.height < LARGEST):
        raise _without_room(size)
    if not 0 < size.dots_per_inch < MOST_DOTS:
        raise _without_room(size)
    code = qr_of(text)
    place = _place_of_code(len(code.matrix), size)
    white = place.left
    words = Rectangle(
        place.right + white, EDGE, size.width - place.right - white - EDGE, size.height - 2 * EDGE
    )
    if words.width <= 0:
        raise _without_room(size)
    of = list(place_of(blank.election, blank.contest, blank.expected))
    said = ", ".join(f"{name} {value}" for name, value in of)
    return {
        "title": f"Acta {blank.expected.id}",
        "page": (size.width, size.height),
        "code": {
            "drawing": drawing_of(code),
            "place": place,
            "words": f"Identidad firmada del acta: {said}",
        },
        "words": {"place": words, "contest": blank.contest.title, "of": of},
    }


def _place_of_code(modules: int, size: LabelSize) -> Rectangle:
    """Where a QR of so many modules stands: as large as it can be, in whole dots."""
    height, width = (int(length / size.dot) for length in (size.height, size.width))
    dots = min(height, width * 3 // 5) // (modules + 2 * QUIET_MODULES)
    if dots * size.dot < SMALLEST_MODULE:
        raise _without_room(size)
    side = modules * dots
    return Rectangle(
        QUIET_MODULES * dots * size.dot,
        (height - side) // 2 * size.dot,
        side * size.dot,
        side * size.dot,
    )


def _without_room(size: LabelSize) -> FormTrouble:
    return FormTrouble(
        FormCode.NO_ROOM,
        "a label of {width} by {height} mm at {dots} dots an inch",
        width=f"{size.width:g}",
        height=f"{size.height:g}",
        dots=size.dots_per_inch,
    )
