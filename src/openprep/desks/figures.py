"""What a person types into a field, and what it says: empty, 0, sin dato and ilegible are four."""

from openprep.election import FieldState, VoteField
from openprep.election.votes import MAX_COUNT
from openprep.forms.keycard import BLANK_KEY, ILLEGIBLE_KEY

MOST_SIGNS = 6
"""Longest text of a field, leading zeros and all: no acta has a million votes."""

_STATES = {ILLEGIBLE_KEY: FieldState.ILEGIBLE, BLANK_KEY: FieldState.SIN_DATO}
_KEYS = {state: key for key, state in _STATES.items()}


class NotAFigure(ValueError):
    """The text is no count, and neither of the two signs."""


def read_figure(typed: str) -> VoteField | None:
    """What was typed; ``None`` where nothing was. Leading zeros change nothing.

    Raises:
        NotAFigure: it is anything else.
    """
    text = typed.strip(" ")
    if not text:
        return None
    if text in _STATES:
        return _STATES[text]
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_SIGNS):
        raise NotAFigure(text)
    count = int(text)
    if count > MAX_COUNT:
        raise NotAFigure(text)
    return count


def key_of(figure: VoteField) -> str:
    """How a figure is typed."""
    return _KEYS[figure] if isinstance(figure, FieldState) else str(figure)
