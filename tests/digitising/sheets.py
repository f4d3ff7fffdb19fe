"""Printed sheets with their codes, and photographs of them."""

import io
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
import segno
from PIL import Image, ImageDraw, ImageFilter

LETTER, TABLOID = (215.9, 279.4), (279.4, 431.8)
MARGIN, MARK, IDENTITY_SIDE = 9.0, 12.6, 28.0
IDENTITY = "OPREP1:FED-2024:GUB:210113B01002:" + "A7" * 51 + "Q"
MILLIMETRES = 25.4

Quad = tuple[tuple[float, float], ...]


def code(text: str, side: int) -> Image.Image:
    """A QR of ``side`` pixels."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", border=0)
    return Image.open(out).convert("L").resize((side, side), Image.Resampling.NEAREST)


@cache
def sheet(
    dpi: int = 150,
    paper: tuple[float, float] = LETTER,
    marks: tuple[str, ...] = ("TL", "BL", "BR"),
    identity: str | None = IDENTITY,
) -> Image.Image:
    """A form with writing in it, and the codes of its corners. It is made once: draw on a copy."""
    dots = dpi / MILLIMETRES
    width, height = paper
    page = Image.new("L", (round(width * dots), round(height * dots)), 248)
    far = {"TL": (MARGIN, MARGIN), "BL": (MARGIN, height - MARGIN - MARK)}
    far["BR"] = (width - MARGIN - MARK, height - MARGIN - MARK)
    for corner in marks:
        x, y = far[corner]
        page.paste(code(f"OPREP1:{corner}", round(MARK * dots)), (round(x * dots), round(y * dots)))
    if identity is not None:
        left = width - MARGIN - IDENTITY_SIDE
        at = round(left * dots), round(MARGIN * dots)
        page.paste(code(identity, round(IDENTITY_SIDE * dots)), at)
    written(page)
    return page


def written(page: Image.Image) -> None:
    """Lines of words, and of a table, between the codes."""
    pen = ImageDraw.Draw(page)
    left, right = page.width // 9, page.width - page.width // 9
    top, row = page.height // 6, page.height // 45
    for number, at in enumerate(range(top, page.height * 5 // 6, row)):
        pen.line((left, at, right, at), 90, max(1, page.width // 900))
        words = f"{number:02} PARTIDO {number * 7919 % 997}  ciento veinte  {number * 31 % 300:03}"
        pen.text((left, at + row // 5), words, 40, font_size=row // 2)


def photographed(
    page: Image.Image,
    size: tuple[int, int],
    corners: Quad,
    noise: float = 6.0,
    blur: float = 0.0,
    light: float = 1.0,
) -> Image.Image:
    """``page`` on a table, its corners there in a picture of this size, in grainy colours."""
    laid = page.convert("L").transform(
        size,
        Image.Transform.PERSPECTIVE,
        _coefficients(corners, page.size),
        Image.Resampling.BICUBIC,
        fillcolor=96,
    )
    if blur:
        laid = laid.filter(ImageFilter.GaussianBlur(blur))
    grain = np.random.default_rng(7).normal(0, noise, (size[1], size[0], 3))
    values = np.asarray(laid, np.float64)[:, :, None] * light * (1.0, 0.97, 0.9) + grain
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _coefficients(corners: Quad, size: tuple[int, int]) -> list[float]:
    """By which Pillow finds the page's pixel for one of the picture."""
    width, height = size
    rows = []
    places = ((0, 0), (width, 0), (width, height), (0, height))
    for (x, y), (u, v) in zip(corners, places, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    wanted = list(chain.from_iterable(places))
    return [float(one) for one in np.linalg.solve(np.array(rows), np.array(wanted))]


def saved(picture: Image.Image, kind: str = "JPEG", **how: Any) -> bytes:
    """The file of a picture."""
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def shown(image: bytes) -> Image.Image:
    """The picture of a file."""
    return Image.open(io.BytesIO(image))
