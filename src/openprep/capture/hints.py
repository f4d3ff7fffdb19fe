"""What a person is told of their own reading after saving it: hints, never of another's.

A hint names a rule that the figures do not keep, and no figure. It blocks nothing: many actas are
really so, and people who compute instead of copying make them wrong.
"""

from collections.abc import Iterator
from typing import NamedTuple

from openprep.capture.asked import TOTAL_WRITTEN
from openprep.capture.reading import FieldName, Reading
from openprep.capture.steps import HintCode
from openprep.election import ExpectedActa, FieldState, Rules, VoteField
from openprep.election.counting import exceeds_lista_nominal
from openprep.election.votes import calculated_total

BOXES = 999
"""Most that three boxes of a form can hold (spec C.1, 2024 layouts)."""


class Hint(NamedTuple):
    """A rule that is not kept, and the field at which to look first."""

    code: HintCode
    field: FieldName


def hints_of(reading: Reading, expected: ExpectedActa | None, rules: Rules) -> tuple[Hint, ...]:
    """The hints on a reading, in the order of the form; most actas have none."""
    return tuple(_hints(reading, expected, rules))


def _hints(reading: Reading, expected: ExpectedActa | None, rules: Rules) -> Iterator[Hint]:
    total = calculated_total(reading.votes)
    for name, value in reading.fields():
        if name.startswith("votes.") and isinstance(value, int) and value > BOXES:
            yield Hint(HintCode.FOUR_DIGITS, name)
    if _all_blank(reading):
        yield Hint(HintCode.NOTHING_READ, next(reading.fields())[0])
    if _both(reading.people_voted, reading.representatives_voted, reading.ballots_taken):
        yield Hint(HintCode.PEOPLE_AND_BALLOTS, "ballots_taken")
    if isinstance(reading.total_written, int) and reading.total_written != total:
        yield Hint(HintCode.TOTAL_OTHERWISE, TOTAL_WRITTEN)
    if isinstance(reading.ballots_taken, int) and reading.ballots_taken != total:
        yield Hint(HintCode.BALLOTS_AND_VOTES, "ballots_taken")
    if expected is not None and exceeds_lista_nominal(total, expected, rules):
        yield Hint(HintCode.OVER_THE_LIST, TOTAL_WRITTEN)


def _both(people: VoteField, representatives: VoteField, ballots: VoteField) -> bool:
    """Whether people and representatives are known and are not as many as the ballots taken."""
    counts = (people, representatives, ballots)
    if not all(isinstance(count, int) for count in counts):
        return False
    return calculated_total((people, representatives)) != ballots


def _all_blank(reading: Reading) -> bool:
    on_ballot = [vote for vote in reading.votes if vote is not FieldState.NOT_ON_BALLOT]
    return bool(on_ballot) and all(isinstance(vote, FieldState) for vote in on_ballot)
