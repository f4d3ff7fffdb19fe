"""The acta as it is printed for a casilla: a PDF, or the same page as a picture."""

from collections.abc import Mapping

from openprep.capture.asked import asked_of
from openprep.capture.reading import FieldName
from openprep.forms.blank import Blank
from openprep.forms.layout import Panel, Rectangle, form_of
from openprep.forms.names import place_of
from openprep.forms.typesetting import drawing_of, pdf_of, png_of, qr_of

TEMPLATE = "acta"
TITLE = "Acta de escrutinio y cómputo de la casilla"
COLUMNS = (
    {"name": "Partido o cantidad", "span": 1},
    {"name": "Con letra", "span": 1},
    {"name": "Con número", "span": 3},
)
STRUCK = "no va en esta acta"
HOW_TO_FILL = (
    "Escriba cada cantidad con letra y con número, un dígito en cada cuadro. Donde no hubo votos "
    "escriba cero. No escriba sobre los códigos de las esquinas."
)
DRILL = "SIMULACRO: esta acta no es de ninguna casilla. "


def printed_pdf(blank: Blank, text: str) -> bytes:
    """The acta of a casilla, to be printed; ``text`` is its signed identity. Tagged, PDF/UA-1.

    Raises:
        FormTrouble: TOO_MANY_FIELDS.
    """
    return pdf_of(TEMPLATE, _told(blank, text))


def printed_png(blank: Blank, text: str, dots_per_inch: float) -> bytes:
    """The same page as a picture.

    Raises:
        FormTrouble: TOO_MANY_FIELDS.
    """
    return png_of(TEMPLATE, _told(blank, text), dots_per_inch)


def open_on(blank: Blank) -> frozenset[FieldName]:
    """The fields of an acta that are open to be filled in: those that a screen asks for.

    All others are struck, so that nothing is written that cannot be typed.
    """
    return frozenset(asked_of(blank.contest, blank.expected).fields)


def _told(blank: Blank, text: str) -> Mapping[str, object]:
    election, contest, expected = blank.election, blank.contest, blank.expected
    form = form_of(election, contest)
    place = list(place_of(election, contest, expected))
    opened = open_on(blank)
    words = ", ".join(f"{name} {value}" for name, value in place)
    return {
        "title": TITLE,
        "page": form.page,
        "marks": [
            {"drawing": drawing_of(qr_of(mark.text, error="h", version=1)), "place": mark.place}
            for mark in form.marks
        ],
        "head": {
            "place": form.head,
            "authority": election.authority,
            "contest": contest.title,
            "election": election.name,
            "of": place,
        },
        "identity": {
            "drawing": drawing_of(qr_of(text)),
            "place": form.identity,
            "words": f"Identidad firmada del acta: {words}",
        },
        "columns": COLUMNS,
        "struck": STRUCK,
        "panels": [_panel(panel, opened) for panel in form.panels],
        "foot": {"place": form.foot, "words": DRILL * election.drill + HOW_TO_FILL},
    }


def _panel(panel: Panel, opened: frozenset[FieldName]) -> Mapping[str, object]:
    last = panel.fields[-1].row
    whole = Rectangle(*panel.heading[:3], last.bottom - panel.heading.top)
    return {
        "place": whole,
        "widths": panel.widths,
        "heading": panel.heading.height,
        "row": last.height,
        "fields": [
            {"label": field.label, "struck": field.name not in opened} for field in panel.fields
        ],
    }
