"""Cells and lines of a CSV: in quotes where they must be, and harmless in a spreadsheet."""

import csv
import io
from collections.abc import Sequence

from openprep.spreadsheets import as_text

NOT_CAPTURED = "-"
NOT_APPLICABLE = "N/A"

HARMLESS = (NOT_CAPTURED, " - ")


def protect(cell: str) -> str:
    """``cell`` so that no spreadsheet takes it for a formula (OWASP CSV injection).

    A cell that begins like a formula and is not one of the official marks gets an apostrophe.
    """
    return cell if cell in HARMLESS else as_text(cell)


def line(cells: Sequence[str]) -> str:
    """``cells`` as a line of CSV with its end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def quoted(cell: str) -> str:
    """``cell`` as it stands among others."""
    return line(["", cell])[1:-1]


def joined(cells: Sequence[str]) -> str:
    """Several ``cells`` of a line, without its end."""
    text = ",".join(cells)
    plain = text.count(",") == len(cells) - 1 and text.isprintable() and '"' not in text
    return text if plain else line(cells)[:-1]
