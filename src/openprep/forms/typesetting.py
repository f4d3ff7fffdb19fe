"""Pages set by typst from a template of this package and data: the same bytes from the same data.

Fonts are this package's alone, no package index is asked, and no date is written. A PDF is tagged
and keeps to PDF/UA-1; what does not is not made.
"""

import json
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

import segno
import typst

from openprep.forms.lettering import FONTS, in_our_letters

_TEMPLATES = Path(__file__).parent / "templates"
_COMMON = "common.typ"


def pdf_of(template: str, told: Mapping[str, object]) -> bytes:
    """The PDF of a template's page with ``told`` on it."""
    made = _set(template, told, "pdf", None)
    assert isinstance(made, bytes)
    return made


def png_of(template: str, told: Mapping[str, object], dots_per_inch: float) -> bytes:
    """The same page as a picture."""
    made = _set(template, told, "png", dots_per_inch)
    assert isinstance(made, bytes), "a template is one page"
    return made


def qr_of(text: str, *, error: str = "m", version: int | None = None) -> segno.QRCode:
    """The QR of a text of the alphanumeric set.

    Raises:
        segno.DataOverflowError: no QR has room for it, or none of that version.
    """
    return segno.make_qr(text, error=error, version=version, mode="alphanumeric", boost_error=False)


def drawing_of(code: segno.QRCode) -> str:
    """A QR as SVG, without the white around it."""
    out = BytesIO()
    code.save(out, kind="svg", border=0, xmldecl=False, nl=False)
    return out.getvalue().decode()


def _set(
    template: str, told: Mapping[str, object], kind: str, dots_per_inch: float | None
) -> bytes | list[bytes] | None:
    return typst.Compiler(font_paths=_fonts()).compile(
        _source(template),
        format="pdf" if kind == "pdf" else "png",
        ppi=dots_per_inch,
        sys_inputs={"told": in_our_letters(json.dumps(told, ensure_ascii=False))},
        pdf_standards=["ua-1"],
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )


@cache
def _source(template: str) -> bytes:
    return b"".join((_TEMPLATES / name).read_bytes() for name in (_COMMON, f"{template}.typ"))
