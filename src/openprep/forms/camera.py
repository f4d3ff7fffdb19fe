"""A filled form as a camera or a scanner sees it, and the truth about it: where every field is.

The same form under the same camera gives the same JPEG, as long as Pillow, numpy and the machine's
arithmetic are the same.
"""

import io
from collections.abc import Mapping
from math import cos, radians, sin
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from PIL import Image, ImageFilter

from openprep.capture.reading import FieldName
from openprep.forms.filled import Filled
from openprep.forms.handwriting import Dice
from openprep.forms.layout import Form, Rectangle

Point: TypeAlias = tuple[float, float]
Quad: TypeAlias = tuple[Point, Point, Point, Point]
"""Corners of a place on the image, from the form's upper left one on, clockwise on the form."""

Matrix: TypeAlias = npt.NDArray[np.float64]
Size: TypeAlias = tuple[int, int]

_DESK: Final = (74, 66, 58)


class Camera(Struct, frozen=True):
    """How an image is taken. With nothing said it is a flat scan of the page and nothing around it.

    ``rotation`` is in degrees, clockwise, and may be any: 180 is upside down. ``skew`` is how far
    corners are out of place, ``border`` how wide the desk around the paper is seen, both as parts
    of its longer side; ``blur`` and ``noise`` are deviations in pixels and in grey levels;
    ``shadow`` is how much light is missing where it is darkest; ``longer_side`` is in pixels.
    """

    seed: int = 0
    rotation: float = 0.0
    skew: float = 0.0
    border: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    shadow: float = 0.0
    longer_side: int = 2200
    quality: int = 82

    @classmethod
    def somebodys(cls, seed: int) -> "Camera":
        """A telephone held over the paper by hand, in the light that there was."""
        chance = np.random.default_rng([seed, 2])
        return cls(
            seed=seed,
            rotation=float(chance.normal(0, 4)),
            skew=float(chance.uniform(0.0, 0.03)),
            border=float(chance.uniform(0.02, 0.07)),
            blur=float(chance.uniform(0.2, 1.0)),
            noise=float(chance.uniform(1, 9)),
            shadow=float(chance.uniform(0.0, 0.45)),
            quality=int(chance.integers(70, 92)),
        )


class FieldSeen(Struct, frozen=True):
    """Where a field is on an image."""

    name: FieldName
    row: Quad
    letters: Quad
    boxes: tuple[Quad, ...]


class Truth(Struct, frozen=True):
    """Where everything is on an image of that many pixels."""

    width: int
    height: int
    paper: Quad
    identity: Quad
    marks: Mapping[str, Quad]
    fields: tuple[FieldSeen, ...]


class Photo(Struct, frozen=True):
    """A JPEG, and the truth about it."""

    jpeg: bytes
    truth: Truth


def photograph(filled: Filled, camera: Camera = Camera()) -> Photo:  # noqa: B008 - it never changes
    """``filled`` as ``camera`` sees it."""
    form = filled.form
    chance = np.random.default_rng([camera.seed, 3])
    seen, size = _seen(form, camera, chance)
    picture = _taken(filled, seen, size)
    if camera.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(camera.blur))
    picture = _lit(picture, camera, chance)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=camera.quality)
    return Photo(out.getvalue(), _truth(form, seen, size))


def _seen(form: Form, camera: Camera, chance: Dice) -> tuple[Matrix, Size]:
    """The matrix that leads from millimetres of the form to pixels, and the image's size."""
    paper = np.array(_corners(form.paper))
    turn = radians(camera.rotation)
    turned = (paper - paper.mean(axis=0)) @ np.array(
        [[cos(turn), sin(turn)], [-sin(turn), cos(turn)]]
    )
    longer = max(form.page)
    turned += chance.uniform(-1, 1, (4, 2)) * camera.skew * longer
    turned -= turned.min(axis=0) - camera.border * longer
    whole = turned.max(axis=0) + camera.border * longer
    scale = camera.longer_side / whole.max()
    width, height = (round(float(one) * scale) for one in whole)
    return _matrix(paper, turned * scale), (width, height)


def _matrix(source: Matrix, target: Matrix) -> Matrix:
    """The projective matrix that leads four points to four others."""
    rows, right = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    found = np.linalg.solve(np.array(rows), np.array(right))
    return np.append(found, 1.0).reshape(3, 3)


def _taken(filled: Filled, seen: Matrix, size: Size) -> Image.Image:
    """The page where the camera sees it, and the desk around it."""
    back = np.diag([filled.dots, filled.dots, 1.0]) @ np.linalg.inv(seen)
    back /= back[2, 2]
    return filled.picture.transform(
        size,
        Image.Transform.PERSPECTIVE,
        tuple(back.ravel()[:8].tolist()),
        Image.Resampling.BICUBIC,
        fillcolor=_DESK,
    )


def _lit(picture: Image.Image, camera: Camera, chance: Dice) -> Image.Image:
    """With a shadow that falls across it, and the noise of little light."""
    if not camera.shadow and not camera.noise:
        return picture
    height, width = picture.height, picture.width
    light = np.asarray(picture, dtype=np.float32)
    if camera.shadow:
        angle, where = chance.uniform(0, 2 * np.pi), chance.uniform(0.2, 0.8)
        across = np.linspace(-1, 1, width, dtype=np.float32) * np.float32(cos(angle))
        down = np.linspace(-1, 1, height, dtype=np.float32)[:, np.newaxis] * np.float32(sin(angle))
        depth = 1 / (1 + np.exp(6 * (across + down - np.float32(where) + 0.5)))
        light = light * (1 - np.float32(camera.shadow) * depth)[:, :, np.newaxis]
    if camera.noise:
        grain = chance.standard_normal((height, width), dtype=np.float32)
        light = light + np.float32(camera.noise) * grain[:, :, np.newaxis]
    return Image.fromarray(np.clip(np.rint(light), 0, 255).astype(np.uint8))


def _truth(form: Form, seen: Matrix, size: Size) -> Truth:
    return Truth(
        width=size[0],
        height=size[1],
        paper=_quad(form.paper, seen),
        identity=_quad(form.identity, seen),
        marks={mark.text: _quad(mark.place, seen) for mark in form.marks},
        fields=tuple(
            FieldSeen(
                field.name,
                _quad(field.row, seen),
                _quad(field.letters, seen),
                tuple(_quad(box, seen) for box in field.boxes),
            )
            for field in form.fields
        ),
    )


def _corners(place: Rectangle) -> Quad:
    return (
        (place.left, place.top),
        (place.right, place.top),
        (place.right, place.bottom),
        (place.left, place.bottom),
    )


def _quad(place: Rectangle, seen: Matrix) -> Quad:
    first, second, third, fourth = (_point(corner, seen) for corner in _corners(place))
    return first, second, third, fourth


def _point(corner: Point, seen: Matrix) -> Point:
    x, y, depth = (seen @ np.array([*corner, 1.0])).tolist()
    return x / depth, y / depth
