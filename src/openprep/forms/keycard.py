"""The card beside a capturista's keyboard: which key does what."""

from collections.abc import Mapping
from typing import Final

from openprep.forms.layout import LETTER
from openprep.forms.typesetting import pdf_of

TEMPLATE = "keys"

ILLEGIBLE_KEY: Final = "*"
"""The amount is there and cannot be read, neither in letters nor in numbers."""
BLANK_KEY: Final = "-"
"""The amount was left blank, in letters and in numbers."""

_TOLD: Final[Mapping[str, object]] = {
    "title": "Teclas para capturar un acta",
    "page": LETTER,
    "before": (
        "Todo se hace con el teclado, y casi todo con la mano derecha en el teclado numérico. "
        "Copie lo que dice el acta, aunque le parezca equivocado: usted no suma ni corrige."
    ),
    "columns": ("Tecla", "Qué hace"),
    "between": "o",
    "keys": (
        {
            "keys": ("0–9",),
            "does": "La cantidad, con los dígitos que tiene en el acta. Un cero se escribe: 0.",
        },
        {
            "keys": ("Enter", "↓"),
            "does": (
                "Al siguiente campo. Después del último está el renglón para guardar: "
                "Enter otra vez guarda."
            ),
        },
        {"keys": ("↑",), "does": "Al campo anterior. Nada se borra por volver."},
        {
            "keys": (ILLEGIBLE_KEY,),
            "does": "Ilegible: hay algo escrito y no se puede leer, ni con letra ni con número.",
        },
        {
            "keys": (BLANK_KEY,),
            "does": "Sin dato: no hay nada escrito, ni con letra ni con número. No es un cero.",
        },
    ),
    "after": (
        "Si la letra y el número dicen cantidades distintas, vale la letra.",
        "Ningún campo viene lleno, y vacío no es cero: un campo vacío no se puede guardar.",
        "Si aparece un aviso al guardar, vea el acta otra vez. Si usted copió bien, déjelo así.",
    ),
}


def keycard_pdf() -> bytes:
    """The card, tagged, PDF/UA-1: the same bytes each time."""
    return pdf_of(TEMPLATE, _TOLD)
