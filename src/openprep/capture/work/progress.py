"""What the steps of a house amount to in figures, kept as they come, each by itself.

No person is in it: what a step says of who took it is not read.
"""

from collections import Counter
from dataclasses import dataclass
from enum import Enum

from openprep.capture.codes import StepCode
from openprep.capture.paper import Known, NotTaken, Outcome, Paper, Stage
from openprep.capture.papers import PaperKey, Papers
from openprep.capture.reading import of_neither
from openprep.capture.steps import (
    ActaArbitrated,
    ActaCaptured,
    ActaChecked,
    ActaIdentified,
    AnyStep,
    HintCode,
    SampleDrawn,
    Verdict,
)
from openprep.capture.work.spans import SPAN_BETWEEN, OfLate, Span, rounded
from openprep.capture.work.tasks import TASK_AT
from openprep.capture.work.waits import WaitingRoom

TEN_MINUTES = 600


class Work(Enum):
    """What a place did with an acta; the value is its name in status pages and files."""

    RECEIVED = "received"
    MISSING = "missing"
    DIGITISED = "digitised"
    CAPTURED = "captured"
    ARBITRATED = "arbitrated"
    SENT_BACK = "sent_back"
    CHECKED = "checked"
    IDENTIFIED = "identified"
    SAMPLED = "sampled"


WORK_OF = {f"acta_{work.value}": work for work in Work}
"""The work of a step, by its tag."""


class Turn(Enum):
    """What became of two captures that differ; the value is its name in status pages and files."""

    OPENED = "opened"
    DECIDED = "decided"
    NEITHER = "neither"
    """Decided with a value that neither of the two had read."""
    SENT_BACK = "sent_back"
    """Another image was asked for instead."""


class Milestone(Enum):
    """What is counted by ten minutes of the night; the value is its name in files."""

    ARRIVED = "arrived"
    CAPTURED = "captured"
    STANDING = "standing"


@dataclass(slots=True)
class Mark:
    """Where a paper is: its stage and since when, and where and when it came."""

    stage: Stage
    since: float
    place: str = ""
    """The place of its first step: it came there, or it was said there that it is missing."""
    came: float | None = None
    stood: bool = False


class Progress:
    """The figures of a house. Seconds are those of the wall's clock, as the steps say them."""

    def __init__(self) -> None:
        self.stages: Counter[tuple[str, Stage]] = Counter()
        """How many papers of each contest stand at each stage."""
        self.known: Counter[str] = Counter()
        """How many actas of each contest have a paper with their identity."""
        self.places: Counter[tuple[str, Stage]] = Counter()
        """How many actas that came to each place stand at each stage."""
        self.work: Counter[tuple[str, Work]] = Counter()
        """How many steps of each place were taken."""
        self.aside: Counter[StepCode] = Counter()
        """How many steps were kept as evidence and moved nothing, by why."""
        self.aside_of: Counter[str] = Counter()
        self.last: dict[str, float] = {}
        """When each place took its latest step."""
        self.waits = WaitingRoom()
        self.redigitise: dict[PaperKey, float] = {}
        """What waits for another image, and since when, in the order in which it was asked for."""
        self.spans: dict[Span, Counter[int]] = {span: Counter() for span in Span}
        """How often each part of the way took how many seconds, rounded."""
        self.spans_of_late: OfLate[tuple[Span, int]] = OfLate()
        self.work_of_late: OfLate[str] = OfLate()
        self.disputes: Counter[tuple[str, Turn]] = Counter()
        self.verdicts: Counter[Verdict] = Counter()
        """What came of holding figures against the paper."""
        self.shown: Counter[HintCode] = Counter()
        """With how many captures each hint was shown."""
        self.overruled: Counter[HintCode] = Counter()
        """With how many of them the figures were left as they were."""
        self.with_hints = 0
        self.with_overruled = 0
        self.tens: Counter[tuple[int, Milestone]] = Counter()
        """By the number of the ten minutes."""
        self.latest = float("-inf")
        """The time of the latest step."""
        self._marks: dict[PaperKey, Mark] = {}

    def stage(self, key: PaperKey) -> Stage | None:
        """How far a paper is; ``None`` where there is none."""
        mark = self._marks.get(key)
        return None if mark is None else mark.stage

    def take(self, step: AnyStep, place: str, outcome: Outcome, papers: Papers) -> None:
        """Go on by one step of ``place`` that ``papers`` went on by, with its outcome."""
        at = step.at.timestamp()
        self.latest = max(self.latest, at)
        self.last[place] = max(self.last.get(place, at), at)
        if isinstance(outcome, NotTaken):
            self.aside[outcome.why] += 1
            self.aside_of[place] += 1
        if isinstance(step, SampleDrawn):
            return
        if not isinstance(outcome, NotTaken) and isinstance(step, ActaIdentified):
            self._identify((step.contest, step.image), (step.contest, step.acta or ""), at)
        key = papers.key_of(step)
        paper = papers.by_key.get(key) if key else None
        if key is None or paper is None:
            return
        if not isinstance(outcome, NotTaken | Known):
            self._count(step, place, paper, at)
        self._move(key, paper, place, at)

    def _count(self, step: AnyStep, place: str, paper: Paper, at: float) -> None:
        """A step was taken for what it says."""
        self.work[place, WORK_OF[str(step.__struct_config__.tag)]] += 1
        self.work_of_late.add(at, place)
        match step:
            case ActaCaptured():
                self._ten(at, Milestone.CAPTURED)
                self._hinted(step)
            case ActaArbitrated():
                assert paper.first is not None
                assert paper.second is not None
                two = paper.first.step.reading, paper.second.step.reading
                if of_neither(step.reading, *two):
                    self.disputes[step.contest, Turn.NEITHER] += 1
            case ActaChecked():
                self.verdicts[step.verdict] += 1

    def _hinted(self, step: ActaCaptured) -> None:
        shown = frozenset(step.hints)
        self.shown.update(shown)
        self.with_hints += bool(shown)
        if shown and step.overruled:
            self.overruled.update(shown)
            self.with_overruled += 1

    def _move(self, key: PaperKey, paper: Paper, place: str, at: float) -> None:
        """Let a paper be where it is now."""
        stage, mark = paper.stage, self._marks.get(key)
        if mark is None:
            mark = self._marks[key] = Mark(stage, at)
            self.known[key[0]] += paper.acta is not None
            self._stand_at(key, mark, 1)
        elif mark.stage is not stage:
            self._leave(key[0], mark, stage, at)
            self._stand_at(key, mark, -1)
            mark.stage, mark.since = stage, at
            self._stand_at(key, mark, 1)
        self._arrive(mark, place, at)
        self._wait(key, mark, at)

    def _wait(self, key: PaperKey, mark: Mark, at: float) -> None:
        self.waits.put(key, TASK_AT[mark.stage], at)
        if mark.stage is Stage.REDIGITISE:
            self.redigitise.setdefault(key, at)
        else:
            self.redigitise.pop(key, None)

    def _stand_at(self, key: PaperKey, mark: Mark, count: int) -> None:
        self.stages[key[0], mark.stage] += count
        if mark.place:
            self.places[mark.place, mark.stage] += count

    def _arrive(self, mark: Mark, place: str, at: float) -> None:
        """Note where and when a paper came, and when its figures first stood."""
        if not mark.place and mark.stage is not Stage.EXPECTED:
            mark.place = place
            self.places[place, mark.stage] += 1
            self._ten(at, Milestone.ARRIVED)
        if mark.came is None and mark.stage in (Stage.RECEIVED, Stage.DIGITISED):
            mark.came = at
        if not mark.stood and mark.stage is Stage.STANDING:
            mark.stood = True
            self._ten(at, Milestone.STANDING)
            if mark.came is not None:
                self._took(Span.WHOLE, at - mark.came, at)

    def _leave(self, contest: str, mark: Mark, stage: Stage, at: float) -> None:
        """A paper goes from a stage to another."""
        span = SPAN_BETWEEN.get((mark.stage, stage))
        if span is not None:
            self._took(span, at - mark.since, at)
        if stage is Stage.DISPUTED:
            self.disputes[contest, Turn.OPENED] += 1
        elif mark.stage is Stage.DISPUTED:
            turn = Turn.DECIDED if stage is Stage.STANDING else Turn.SENT_BACK
            self.disputes[contest, turn] += 1

    def _took(self, span: Span, seconds: float, at: float) -> None:
        time = rounded(seconds)
        self.spans[span][time] += 1
        self.spans_of_late.add(at, (span, time))

    def _ten(self, at: float, milestone: Milestone) -> None:
        self.tens[int(at // TEN_MINUTES), milestone] += 1

    def _identify(self, alone: PaperKey, key: PaperKey, at: float) -> None:
        """A paper without identity is an acta's from ``at``: there its wait begins, as its turn."""
        mark, there = self._marks.pop(alone), self._marks.pop(key, None)
        self.waits.put(alone, None, at)
        self.waits.put(key, None, at)
        asked = self.redigitise.pop(alone, None)
        if asked is not None:
            self.redigitise[key] = asked
        if there is None:
            self.known[key[0]] += 1
        else:
            self._stand_at(key, there, -1)
            mark.came = mark.came if there.came is None else there.came
            mark.stood = mark.stood or there.stood
        self._marks[key] = mark
