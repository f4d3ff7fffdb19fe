"""What an acta waits for, as its stage says."""

from enum import Enum
from typing import NamedTuple

from openprep.capture.paper import Paper, Stage


class Task(Enum):
    """What a person is lent an acta for; the value is its name in addresses and files."""

    CAPTURE = "capture"
    ARBITRATE = "arbitrate"
    CHECK = "check"
    DIGITISE = "digitise"
    SAMPLE = "sample"
    """Reading an acta that stands once more, for the sample. No stage waits for it."""


TASK_AT: dict[Stage, Task | None] = {
    Stage.EXPECTED: None,
    Stage.WITHOUT_ACTA: None,
    Stage.RECEIVED: Task.DIGITISE,
    Stage.DIGITISED: Task.CAPTURE,
    Stage.CAPTURED_ONCE: Task.CAPTURE,
    Stage.DISPUTED: Task.ARBITRATE,
    Stage.STANDING: Task.CHECK,
    Stage.ACCEPTED: None,
    Stage.RECAPTURE: Task.CAPTURE,
    Stage.REDIGITISE: Task.DIGITISE,
}
"""The task of each stage; ``None`` where an acta waits for nobody."""


NO_PLACE = ""
"""Of who may not capture an acta wherever they are."""


class Hand(NamedTuple):
    """Who took part in an acta: a person, and the place where they did."""

    person: str
    place: str


class Waiting(NamedTuple):
    """That an acta waits: for what, for how many people at once, and who may not be among them."""

    task: Task
    people: int
    took_part: tuple[Hand, ...]


def waiting_of(paper: Paper, stage: Stage) -> Waiting | None:
    """What a paper at ``stage``, its own, waits for; ``None`` if for nobody.

    An acta that nobody has captured is lent to two people at once: neither waits for the other.
    """
    task = TASK_AT[stage]
    if task is None:
        return None
    captures = [taken for taken in (paper.first, paper.second) if taken is not None]
    hands = tuple(Hand(taken.step.by, taken.place) for taken in captures)
    match task:
        case Task.CAPTURE:
            asked = tuple(Hand(hand, NO_PLACE) for hand in sorted(paper.sent_it_back))
            return Waiting(task, 2 - len(hands), hands + asked)
        case Task.ARBITRATE:
            return Waiting(task, 1, hands)
        case _:
            return Waiting(task, 1, ())
