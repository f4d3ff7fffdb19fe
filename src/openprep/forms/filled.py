"""A printed acta as somebody filled it in, by hand: what drills and tests photograph.

What is written is given field by field, in letters and in numbers, so that the two may differ. What
nobody could read is a scribble, and what was left blank is left blank.
"""

import io
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct
from PIL import Image

from openprep.capture.reading import AMOUNTS, FieldName, Reading
from openprep.election import Acta, FieldState, VoteField
from openprep.forms.blank import Blank
from openprep.forms.codes import FormCode, FormTrouble
from openprep.forms.handwriting import Dice, Hand
from openprep.forms.in_words import in_words
from openprep.forms.layout import FieldPlace, Form, Rectangle, form_of
from openprep.forms.printed import printed_png

INK: Final = (28, 52, 140)
_INSET: Final = 0.35
"""Millimetres between ink and the lines of its place."""

Figures = Mapping[FieldName, VoteField]


class Filled(Struct, frozen=True):
    """A filled form as a picture, of so many dots a millimetre."""

    form: Form
    picture: Image.Image
    dots: float


def figures_of(written: Acta | Reading) -> Figures:
    """The figures of an acta or a reading, by the names of their fields."""
    votes = {f"votes.{number}": vote for number, vote in enumerate(written.votes)}
    return votes | {name: getattr(written, name) for name in AMOUNTS}


def filled(
    blank: Blank,
    text: str,
    numbers: Figures,
    *,
    letters: Figures | None = None,
    seed: int = 0,
    dots_per_inch: int = 200,
) -> Filled:
    """The acta with identity ``text`` as one hand filled it in; the same for the same seed.

    ``letters`` says what stands in letters where that is not what stands in ``numbers``.

    Raises:
        FormTrouble: TOO_MANY_FIELDS, or WRONG_FIGURES: a field has no figure, or there is none of
            that name, or an amount is larger than people write on an acta.
    """
    form = form_of(blank.election, blank.contest)
    in_letters = {**numbers, **(letters or {})}
    _check(form, numbers, in_letters)
    page = Image.open(io.BytesIO(printed_png(blank, text, dots_per_inch))).convert("RGB")
    hand, dots = Hand(seed), dots_per_inch / 25.4
    for index, field in enumerate(form.fields):
        dice = hand.dice(index)
        number, words = numbers[field.name], in_letters[field.name]
        for place, ink in (
            *_words(hand, field, words, dots, dice),
            *_digits(hand, field, number, dots, dice),
        ):
            page.paste(INK, (round(place.left * dots), round(place.top * dots)), ink)
    return Filled(form, page, dots)


def _check(form: Form, numbers: Figures, letters: Figures) -> None:
    names = {field.name for field in form.fields}
    strange = sorted(names ^ numbers.keys() | names ^ letters.keys())
    large = [name for name in names if not _can_be_written(numbers, letters, name)]
    if strange or large:
        raise FormTrouble(
            FormCode.WRONG_FIGURES,
            "{contest}: {fields}",
            contest=form.contest,
            fields=", ".join((strange + sorted(large))[:9]),
        )


def _can_be_written(numbers: Figures, letters: Figures, name: FieldName) -> bool:
    found = (numbers.get(name), letters.get(name))
    return all(0 <= one < 1_000_000 for one in found if isinstance(one, int))


Inked = tuple[Rectangle, Image.Image]


def _words(
    hand: Hand, field: FieldPlace, value: VoteField, dots: float, dice: Dice
) -> Iterator[Inked]:
    place = field.letters.grown(-_INSET)
    if isinstance(value, int):
        yield place, hand.write(in_words(value), _pixels(place, dots), dice)
    elif value is FieldState.ILEGIBLE:
        yield place, hand.scribble(_pixels(place, dots), dice)


def _digits(
    hand: Hand, field: FieldPlace, value: VoteField, dots: float, dice: Dice
) -> Iterator[Inked]:
    """A digit in each box from the right; across them all where there are more digits."""
    across = field.numbers.grown(-_INSET)
    if value is FieldState.ILEGIBLE:
        yield across, hand.scribble(_pixels(across, dots), dice)
    if not isinstance(value, int):
        return
    digits = str(value).zfill(len(field.boxes) if hand.leading_zeros else 1)
    if len(digits) > len(field.boxes):
        yield across, hand.write(digits, _pixels(across, dots), dice)
        return
    for box, digit in zip(field.boxes[-len(digits) :], digits, strict=True):
        place = box.grown(-_INSET)
        yield place, hand.write(digit, _pixels(place, dots), dice)


def _pixels(place: Rectangle, dots: float) -> tuple[int, int]:
    return max(1, int(place.width * dots)), max(1, int(place.height * dots))
