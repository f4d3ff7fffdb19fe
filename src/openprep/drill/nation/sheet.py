"""What stands on the paper of a generated acta. Pure; :mod:`.drawing` makes a picture of it.

The paper is right by definition: where a capture is corrected later, the paper has the corrected
figures from the beginning; a field that nobody could read is smudged, one without data is blank.
"""

from dataclasses import dataclass

from openprep.election import Acta, Election, ExpectedActa, FieldState, VoteField
from openprep.forms.in_words import in_words
from openprep.forms.names import AMOUNT_NAMES, column_name, place_of


@dataclass(frozen=True)
class Line:
    """A field of the form: its name, and how it was filled in. Empty where it was left blank."""

    name: str
    words: str
    figures: str
    smudged: bool = False


@dataclass(frozen=True)
class Sheet:
    """A filled form. ``place`` and ``votes`` follow the form from top to bottom."""

    title: str
    contest: str
    place: tuple[tuple[str, str], ...]
    votes: tuple[Line, ...]
    others: tuple[Line, ...]
    foot: str


def sheet_of(
    election: Election, seed: int, acta: Acta, expected: ExpectedActa, *, differ: bool
) -> Sheet:
    """The paper that ``acta`` was captured from, in the drill of ``election`` with ``seed``.

    ``differ``: on one line the figures are not what the words say, and the words were captured.
    """
    contest = election.contests[acta.contest]
    lines = [
        _line(column_name(column, election), vote)
        for column, vote in zip(contest.columns, acta.votes, strict=True)
        if vote is not FieldState.NOT_ON_BALLOT
    ]
    if differ:
        lines = _with_a_slip(lines)
    return Sheet(
        title=election.name,
        contest=contest.title,
        place=tuple(place_of(election, contest, expected)),
        votes=tuple(lines),
        others=tuple(
            _line(name, value)
            for field, name in AMOUNT_NAMES.items()
            if (value := getattr(acta, field)) is not FieldState.NOT_APPLICABLE
        ),
        foot=f"Acta generada con la semilla {seed}: no es de ninguna casilla.",
    )


def _line(name: str, value: VoteField) -> Line:
    if isinstance(value, int):
        return Line(name, in_words(value), str(value))
    return Line(name, "", "", smudged=value is FieldState.ILEGIBLE)


def _with_a_slip(lines: list[Line]) -> list[Line]:
    """The first amount that has two different digits, with these exchanged."""
    for index, line in enumerate(lines):
        if line.figures[1:2] not in ("", "0", line.figures[:1]):
            slip = line.figures[1] + line.figures[0] + line.figures[2:]
            lines[index] = Line(line.name, line.words, slip)
            return lines
    return lines
