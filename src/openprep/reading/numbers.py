"""Numbers as a page writes them: counts with commas, percentages with four decimals."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

ONE_PERCENT = 10_000
MOST_DIGITS = 20
NO_NUMBER = -1
"""The value of what is written as neither a count nor a percentage: it was never counted."""

_A_PART = "0.0"
"""A half, a third: written as neither a count nor a percentage is."""

_OVER_ANOTHER = frozenset({"Mn", "Me", "Cf"})
_NUMBER = re.compile(r"(?<!\w)(\d[\d.,]*\d|\d)(\s?%)?(\s+votos?\b)?")
_FOUR_DECIMALS = re.compile(r"\d+\.\d{4}")


@dataclass(frozen=True)
class Number:
    """A number in a text. A percentage is in ten-thousandths of a percent."""

    value: int
    percentage: bool
    votes: bool
    written: str

    def is_one_of(self, counted: Iterable["Number"]) -> bool:
        """Whether it says what one of ``counted`` is, however that is written."""
        own = self.value, self.percentage
        return any(own == (number.value, number.percentage) for number in counted)


def numbers_in(text: str) -> list[Number]:
    """Every number in ``text``, in order, in whatever digits a reader sees it."""
    return [_number(found) for found in _NUMBER.finditer("".join(map(_as_digits, text)))]


def _as_digits(character: str) -> str:
    """Digits that stand high, low, in a circle or in another script, as those that are read here.

    Nothing of what is only drawn around or over another character, as the frame of a key.
    """
    if character.isascii():
        return character
    if unicodedata.category(character) in _OVER_ANOTHER:
        return ""
    value = unicodedata.numeric(character, NO_NUMBER)
    if value == NO_NUMBER:
        return character
    return str(int(value)) if value >= 0 and value == int(value) else _A_PART


def _number(found: "re.Match[str]") -> Number:
    plain, percentage = found[1].replace(",", ""), found[2] is not None
    digits = len(plain) <= MOST_DIGITS
    exact = _FOUR_DECIMALS.fullmatch(plain) if percentage else plain.isdigit()
    value = int(plain.replace(".", "")) if exact and digits else NO_NUMBER
    return Number(value, percentage, found[3] is not None, found[0].strip())


def count(value: int) -> Number:
    """A count."""
    return Number(value, percentage=False, votes=False, written=f"{value:,}")


def percentage(value: int) -> Number:
    """A percentage, ``value`` in ten-thousandths of a percent."""
    whole, decimals = divmod(value, ONE_PERCENT)
    return Number(value, percentage=True, votes=False, written=f"{whole}.{decimals:04} %")


def written(numbers: Iterable[Number]) -> str:
    """How a page would write one of them."""
    return " or ".join(sorted(number.written for number in numbers)) or "no number"
