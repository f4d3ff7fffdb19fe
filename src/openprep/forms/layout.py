"""Where everything stands on the form of a contest, in millimetres from the upper left corner.

One layout for a contest, whatever the acta: its columns in ballot order, then the amounts beside
the votes. Every amount is asked in letters and in numbers, with a box for each digit (spec C.1).
Whoever draws, prints, lights up or reads a field goes by this and by nothing else.
"""

from itertools import accumulate
from math import ceil
from typing import Final, NamedTuple

from msgspec import Struct

from openprep.capture.reading import AMOUNTS, MAX_VOTES, FieldName
from openprep.election import Contest, Election
from openprep.forms.codes import FormCode, FormTrouble
from openprep.forms.names import AMOUNT_NAMES, column_name

DIGITS: Final = 3
"""Boxes of an amount. A larger one is written over them, as it is on the actas of 2024."""

MARGIN: Final = 9.0
MODULE: Final = 0.6
MARK: Final = 21 * MODULE
"""Side of a corner's code: a QR of version 1."""
IDENTITY: Final = 28.0
QUIET: Final = 4 * MODULE
"""What stays white around a code."""
HEADING: Final = 5.0
BETWEEN: Final = 4.0
TALLEST_ROW: Final = 9.0


class Rectangle(NamedTuple):
    """A place on the page."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    def overlaps(self, other: "Rectangle") -> bool:
        """Whether both have a point in common that is on no edge."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > _HAIR and down > _HAIR

    def within(self, other: "Rectangle") -> bool:
        """Whether none of it is outside of ``other``."""
        return (
            min(self.left - other.left, self.top - other.top) > -_HAIR
            and max(self.right - other.right, self.bottom - other.bottom) < _HAIR
        )

    def grown(self, by: float) -> "Rectangle":
        """With a border of that width around it."""
        return Rectangle(self.left - by, self.top - by, self.width + 2 * by, self.height + 2 * by)


_HAIR = 1e-6


class Page(NamedTuple):
    """Size of a sheet of paper."""

    width: float
    height: float


LETTER = Page(215.9, 279.4)
TABLOID = Page(279.4, 431.8)


class Sheet(NamedTuple):
    """A paper, into how many panels it is divided, and most rows of one."""

    page: Page
    panels: int
    rows: int


SHEETS: Final = (Sheet(LETTER, 1, 24), Sheet(LETTER, 2, 33), Sheet(TABLOID, 4, 52))
"""The first that has room is taken. The widest acta of 2024 has 61 columns: it fits on a letter."""


class FieldPlace(Struct, frozen=True):
    """A field: what is printed beside it, its row, and in it where letters and digits go."""

    name: FieldName
    label: str
    row: Rectangle
    letters: Rectangle
    boxes: tuple[Rectangle, ...]

    @property
    def numbers(self) -> Rectangle:
        """The boxes together."""
        first, last = self.boxes[0], self.boxes[-1]
        return Rectangle(first.left, first.top, last.right - first.left, first.height)


class Mark(Struct, frozen=True):
    """The code of a corner: its text and where it stands, without the white around it."""

    text: str
    place: Rectangle


class Panel(Struct, frozen=True):
    """Fields one below the other under a heading of their own; ``widths`` of their parts."""

    heading: Rectangle
    widths: tuple[float, ...]
    fields: tuple[FieldPlace, ...]


class Form(Struct, frozen=True):
    """The layout of a contest's acta. ``head`` is for words on what it is, ``foot`` for a note."""

    contest: str
    page: Page
    head: Rectangle
    foot: Rectangle
    identity: Rectangle
    marks: tuple[Mark, ...]
    panels: tuple[Panel, ...]

    @property
    def fields(self) -> tuple[FieldPlace, ...]:
        """Every field, in the order of :meth:`openprep.capture.reading.Reading.fields`."""
        return tuple(field for panel in self.panels for field in panel.fields)

    @property
    def paper(self) -> Rectangle:
        """The whole page."""
        return Rectangle(0, 0, *self.page)


def form_of(election: Election, contest: Contest) -> Form:
    """The layout of the actas of a contest: the same for the same declaration.

    Raises:
        FormTrouble: TOO_MANY_FIELDS.
    """
    names = _names(election, contest)
    sheet = _sheet_for(contest, len(names))
    page = sheet.page
    body = Rectangle(
        MARGIN,
        MARGIN + IDENTITY + QUIET,
        page.width - 2 * MARGIN,
        page.height - 2 * MARGIN - IDENTITY - MARK - 2 * QUIET,
    )
    identity = Rectangle(page.width - MARGIN - IDENTITY, MARGIN, IDENTITY, IDENTITY)
    beside = MARGIN + MARK + QUIET
    below = page.height - MARGIN - MARK
    return Form(
        contest=contest.id,
        page=page,
        head=Rectangle(beside, MARGIN, identity.left - QUIET - beside, IDENTITY),
        foot=Rectangle(beside, below, page.width - 2 * beside, MARK),
        identity=identity,
        marks=(
            Mark("OPREP1:TL", Rectangle(MARGIN, MARGIN, MARK, MARK)),
            Mark("OPREP1:BL", Rectangle(MARGIN, below, MARK, MARK)),
            Mark("OPREP1:BR", Rectangle(page.width - MARGIN - MARK, below, MARK, MARK)),
        ),
        panels=tuple(_panels(body, sheet.panels, names)),
    )


def _names(election: Election, contest: Contest) -> tuple[tuple[FieldName, str], ...]:
    columns = (
        (f"votes.{number}", column_name(column, election))
        for number, column in enumerate(contest.columns)
    )
    return (*columns, *((name, AMOUNT_NAMES[name]) for name in AMOUNTS))


def _sheet_for(contest: Contest, count: int) -> Sheet:
    for sheet in SHEETS:
        if count <= sheet.panels * sheet.rows and len(contest.columns) <= MAX_VOTES:
            return sheet
    raise FormTrouble(
        FormCode.TOO_MANY_FIELDS,
        "{contest}: {columns} columns, and a form has {most}",
        contest=contest.id,
        columns=len(contest.columns),
        most=MAX_VOTES,
    )


def _panels(body: Rectangle, count: int, names: tuple[tuple[FieldName, str], ...]) -> list[Panel]:
    """The fields in ``count`` panels beside each other, of which the last may be shorter."""
    rows = ceil(len(names) / count)
    width = round((body.width - (count - 1) * BETWEEN) / count, 2)
    height = round(min(TALLEST_ROW, (body.height - HEADING) / rows) - 0.005, 2)
    box = round(min(TALLEST_ROW, width * 0.07), 2)
    label = round(width * 0.34, 2)
    widths = (label, round(width - label - DIGITS * box, 2), *(DIGITS * [box]))
    found = []
    for number in range(count):
        heading = Rectangle(body.left + number * (width + BETWEEN), body.top, width, HEADING)
        fields = tuple(
            _field(named, heading, heading.bottom + row * height, height, widths)
            for row, named in enumerate(names[number * rows : (number + 1) * rows])
        )
        found.append(Panel(heading, widths, fields))
    return found


def _field(
    named: tuple[FieldName, str],
    heading: Rectangle,
    top: float,
    height: float,
    widths: tuple[float, ...],
) -> FieldPlace:
    lefts = accumulate(widths, initial=heading.left)
    _, letters, *boxes = (
        Rectangle(left, top, width, height) for left, width in zip(lefts, widths, strict=False)
    )
    name, label = named
    row = Rectangle(heading.left, top, heading.width, height)
    return FieldPlace(name, label, row, letters, tuple(boxes))
