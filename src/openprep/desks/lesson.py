"""The lesson of three actas: images made for it, and the truth about each.

They are forms of the election's own, filled in from a seed, so that a new person sees what the
night will show. None is anybody's acta: the code on them names no acta of the election.
"""

from collections.abc import Iterator
from enum import Enum
from hashlib import sha256
from itertools import count
from random import Random
from typing import NamedTuple

from openprep.capture.asked import TOTAL_WRITTEN, Asked, asked_of
from openprep.capture.reading import FieldName, Reading
from openprep.capture.work.tasks import Task
from openprep.desks.ticket import Ticket
from openprep.election import MESAS, Contest, Election, ExpectedActa, FieldState, VoteField
from openprep.forms.blank import Blank
from openprep.forms.camera import Camera, photograph
from openprep.forms.codes import FormTrouble
from openprep.forms.filled import figures_of, filled
from openprep.forms.handwriting import Hand
from openprep.forms.layout import form_of

ACTAS = 3
IDENTITY = "PRACTICA"
"""What the code of these forms says: nothing that anybody signed."""

_DOTS_PER_INCH = 130
_SEEN = Camera(noise=2, shadow=0.15, longer_side=1430, quality=60)
_SHAKEN = Camera(blur=9, noise=6, shadow=0.5, longer_side=1430, quality=60)
_SLIP = 10
"""By how much the total that is written on the third acta is not the sum."""


class Teaches(Enum):
    """What an exercise is for; the value is part of the names of its texts."""

    FIGURES = "figures"
    """Plain figures, zeros that are typed, and the keys that go on and back."""
    SIGNS = "signs"
    """Ilegible, sin dato, and leading zeros."""
    SENDING_BACK = "sending_back"
    """An image that nobody can read."""
    COPYING = "copying"
    """A total that is not the sum: it is copied, and the hint is answered."""


class Exercise(NamedTuple):
    """One image to capture: the ``number`` of its acta in the lesson, and what is written there."""

    teaches: Teaches
    number: int
    contest: str
    acta: str
    image: bytes
    truth: Reading | None
    """``None`` of an image that nobody can read."""

    def ticket(self, person: str, turn: int) -> Ticket:
        """The ticket of this exercise for a person; ``turn`` counts those that they had."""
        digest = sha256(self.image).hexdigest()
        return Ticket(Task.CAPTURE, self.contest, self.acta, digest, person, turn % 1000)


def lesson_of(election: Election) -> tuple[Exercise, ...]:
    """The exercises, the same for the same election; none where no form of it can be drawn.

    It takes about two seconds of one core.
    """
    for contest in election.contests.values():
        ordinary = [one for one in election.catalogues[contest.id] if one.kind not in MESAS]
        try:
            form_of(election, contest)
        except FormTrouble:  # a form too large for ours is printed by others
            continue
        if ordinary:
            actas = [ordinary[at % len(ordinary)] for at in range(ACTAS)]
            return tuple(_exercises(election, contest, actas))
    return ()


def _exercises(
    election: Election, contest: Contest, actas: list[ExpectedActa]
) -> Iterator[Exercise]:
    seed = int.from_bytes(sha256(election.id.encode()).digest()[:4])
    chance = Random(seed)  # noqa: S311 - makes figures up, keeps no secret
    first, second, third = (Blank(election, contest, one) for one in actas)
    plain = _seed_of_a_hand(seed, leading_zeros=False)
    zeros = _seed_of_a_hand(seed, leading_zeros=True)
    figures = _figures(asked_of(contest, first.expected), first.expected, chance)
    yield _exercise(Teaches.FIGURES, 1, first, figures, plain)
    asked = asked_of(contest, second.expected)
    signs = _figures(asked, second.expected, chance) | _signs(asked)
    yield _exercise(Teaches.SIGNS, 2, second, signs, zeros)
    slip = _figures(asked_of(contest, third.expected), third.expected, chance)
    total = slip[TOTAL_WRITTEN]
    assert isinstance(total, int)
    slip[TOTAL_WRITTEN] = total + _SLIP
    yield _exercise(Teaches.SENDING_BACK, 3, third, slip, plain)
    yield _exercise(Teaches.COPYING, 3, third, slip, plain)


def _exercise(
    teaches: Teaches, number: int, blank: Blank, figures: dict[FieldName, VoteField], seed: int
) -> Exercise:
    reading = asked_of(blank.contest, blank.expected).reading(figures)
    sheet = filled(blank, IDENTITY, figures_of(reading), seed=seed, dots_per_inch=_DOTS_PER_INCH)
    unreadable = teaches is Teaches.SENDING_BACK
    image = photograph(sheet, _SHAKEN if unreadable else _SEEN).jpeg
    truth = None if unreadable else reading
    return Exercise(teaches, number, blank.contest.id, blank.expected.id, image, truth)


def _figures(asked: Asked, expected: ExpectedActa, chance: Random) -> dict[FieldName, VoteField]:
    """Figures that fit each other and the list, some of them 0."""
    most = max(30, (expected.lista_nominal or 300) // 2)
    names = [f"votes.{column}" for column in asked.columns]
    votes = {name: chance.randint(1, max(1, 2 * most // len(names) - 1)) for name in names}
    votes |= dict.fromkeys(chance.sample(names, max(1, len(names) // 4)), 0)
    while sum(votes.values()) < 3:
        votes[names[0]] += 3
    total = sum(votes.values())
    amounts = {
        "surplus_ballots": chance.randint(10, 99),
        "people_voted": total - 2,
        "representatives_voted": 2,
        "ballots_taken": total,
        TOTAL_WRITTEN: total,
    }
    return {**votes, **{name: amounts[name] for name in asked.amounts}}


def _signs(asked: Asked) -> dict[FieldName, VoteField]:
    """Votes and amounts that cannot be read, and that are blank; so that no sum is asked about."""
    votes = [f"votes.{column}" for column in asked.columns]
    return {
        votes[0]: FieldState.ILEGIBLE,
        votes[-1]: FieldState.SIN_DATO,
        "ballots_taken": FieldState.ILEGIBLE,
        TOTAL_WRITTEN: FieldState.SIN_DATO,
    }


def _seed_of_a_hand(seed: int, *, leading_zeros: bool) -> int:
    return next(one for one in count(seed) if Hand(one).leading_zeros is leading_zeros)
