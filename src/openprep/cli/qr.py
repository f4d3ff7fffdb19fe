"""QR codes on the terminal and as drawings: short texts pass between machines without a cable."""

from pathlib import Path

import segno


def print_qr(text: bytes) -> None:
    """Draw ``text`` on the terminal."""
    segno.make_qr(text, error="l").terminal(compact=True)


def save_qr(text: bytes, path: Path) -> None:
    """Write ``text`` as an SVG drawing."""
    segno.make_qr(text, error="m").save(str(path), kind="svg", scale=4)
