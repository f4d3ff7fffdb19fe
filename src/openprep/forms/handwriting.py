"""Ink on a form as a hand would leave it, drawn with this package's fonts: no two letters alike.

A hand writes the same from the same seed. What it writes stays within its place.
"""

from math import cos, radians, sin
from typing import Final, TypeAlias

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from openprep.forms.lettering import font

Dice: TypeAlias = np.random.Generator

_TALL: Final = 0.72
"""Height of writing in its place."""
_WORN = 0.04


class Hand:
    """Whoever fills in a form, with habits of their own; ``dice`` are those of one field."""

    def __init__(self, seed: int) -> None:
        habits = np.random.default_rng([seed, 0])
        self._seed = seed
        self._slant = float(habits.uniform(-0.05, 0.35))
        self._font = "plain" if habits.random() < 0.7 else "bold"
        self.leading_zeros = bool(habits.random() < 0.3)

    def dice(self, field: int) -> Dice:
        """What is left to chance in a field, by its number on the form."""
        return np.random.default_rng([self._seed, 1, field])

    def write(self, text: str, size: tuple[int, int], dice: Dice) -> Image.Image:
        """The ink of ``text`` in a place of that size, as large as it fits."""
        place = Image.new("L", size)
        width, height = size
        tall = max(4, int(height * _TALL))
        length = font(self._font, tall).getlength(text) * 1.15
        tall = max(4, int(tall * min(1.0, 0.94 * width / length)))
        step = font(self._font, tall)
        left = width * 0.03 + max(0.0, 0.9 * width - step.getlength(text) * 1.1) * (
            0.5 if len(text) == 1 else float(dice.uniform(0, 0.15))
        )
        top = (height - tall * 1.25) / 2
        for character in text:
            glyph = self._glyph(character, tall, dice)
            at = (int(left) - tall // 2, int(top + dice.normal(0, height * _WORN)) - tall // 2)
            _ink(place, glyph, at)
            left += step.getlength(character) * float(dice.uniform(0.98, 1.1))
        return place

    def scribble(self, size: tuple[int, int], dice: Dice) -> Image.Image:
        """What nobody can read: lines over each other, or a blot."""
        place = Image.new("L", size)
        pen = ImageDraw.Draw(place)
        width, height = size
        if dice.random() < 0.5:
            points = dice.uniform((0.05, 0.15), (0.95, 0.85), (26, 2)) * (width, height)
            pen.line([tuple(point) for point in points.tolist()], 230, max(2, height // 12))
            return place
        for x, y, part in dice.uniform((0.1, 0.3, 0.15), (0.9, 0.7, 0.45), (14, 3)).tolist():
            across, down = part * height, part * height * 0.7
            middle = (x * width, y * height)
            pen.ellipse(
                (middle[0] - across, middle[1] - down, middle[0] + across, middle[1] + down), 235
            )
        return place

    def _glyph(self, character: str, tall: int, dice: Dice) -> Image.Image:
        """One character, turned, slanted and stretched by chance, in twice its room."""
        room = (2 * tall, int(2.4 * tall))
        glyph = Image.new("L", room)
        ImageDraw.Draw(glyph).text((tall // 2, tall // 2), character, 255, font(self._font, tall))
        angle = radians(float(dice.normal(0, 4)))
        slant = self._slant + float(dice.normal(0, 0.06))
        wide, high = dice.uniform(0.9, 1.12, 2).tolist()
        across, down = room[0] / 2, room[1] / 2
        a, b = cos(angle) / wide, (sin(angle) + slant) / wide
        d, e = -sin(angle) / high, cos(angle) / high
        return glyph.transform(
            room,
            Image.Transform.AFFINE,
            (a, b, across - a * across - b * down, d, e, down - d * across - e * down),
            Image.Resampling.BILINEAR,
        )


def _ink(place: Image.Image, glyph: Image.Image, at: tuple[int, int]) -> None:
    """Add ink to a place, where it is not outside of it."""
    layer = Image.new("L", place.size)
    layer.paste(glyph, at)
    place.paste(ImageChops.lighter(place, layer))
