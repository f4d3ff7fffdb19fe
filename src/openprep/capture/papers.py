"""Every paper of an election: one image belongs to one of them, and to no other ever after.

So whoever shows the image of one acta while the figures go to another is refused by the rule.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from openprep.capture.codes import StepCode
from openprep.capture.paper import Known, Noted, NotTaken, Outcome, Paper
from openprep.capture.sample import Draws
from openprep.capture.steps import (
    ActaArbitrated,
    ActaCaptured,
    ActaDigitised,
    ActaIdentified,
    ActaSampled,
    ActaSentBack,
    AnyStep,
    PaperStep,
    SampleDrawn,
)
from openprep.election import Acta

PaperKey: TypeAlias = tuple[str, str]
"""A contest, and the acta's id in its catalogue; while that is unknown, the digest of its image."""

MAX_UNIDENTIFIED = 200
"""Most papers without identity of one place; Puebla 2024 had 36 in all."""

MAX_DRAWS = 200
"""Most draws of samples of an election: one an hour of each contest, and as many again."""


def paper_of(step: AnyStep) -> PaperKey | None:
    """The paper that a step names; ``None`` if it names neither acta nor image."""
    named = step.acta or getattr(step, "image", None)
    return None if named is None else (step.contest, named)


@dataclass(slots=True)
class Papers:
    """The papers, by key; ``two_places`` asks that both captures of each come from two places."""

    two_places: bool = False
    by_key: dict[PaperKey, Paper] = field(default_factory=dict)
    shown_as: dict[str, PaperKey] = field(default_factory=dict)
    """The paper of each image."""
    unidentified: Counter[str] = field(default_factory=Counter)
    """How many papers without identity each place brought."""
    nobodys: dict[PaperKey, Paper] = field(default_factory=dict)
    """The papers without identity, in the order in which they came."""
    draws: Draws = field(default_factory=Draws)

    def take(self, step: AnyStep, place: str) -> Outcome:
        """Go on by one step, which the key of ``place`` signed."""
        if isinstance(step, ActaIdentified):
            return self._identify(step)
        if isinstance(step, SampleDrawn):
            return self._draw(step)
        key = self.key_of(step)
        if key is None:
            return NotTaken(StepCode.UNKNOWN_IMAGE)
        why = self._why_not(step, key, place)
        if why is not None:
            return NotTaken(why)
        paper = self.by_key.get(key)
        if isinstance(step, ActaSampled):
            return self._sample(step, paper, place)
        if paper is None:
            paper = Paper(step.contest, step.acta, self.two_places)
            self.by_key[key] = paper
            if step.acta is None:
                self.unidentified[place] += 1
                self.nobodys[key] = paper
        outcome = paper.take(step, place)
        if isinstance(step, ActaDigitised) and isinstance(outcome, Noted):
            self.shown_as[step.image] = key
        return outcome

    def key_of(self, step: AnyStep) -> PaperKey | None:
        """The paper that a step is of: what is read of an image goes with it, whoever it is now.

        A person at work when the image was identified names it as it was lent to them.
        """
        key = paper_of(step)
        if key is None or step.acta is not None or not isinstance(step, _GOES_WITH_ITS_IMAGE):
            return key
        return self.known_as(key)

    def known_as(self, key: PaperKey) -> PaperKey:
        """The key by which a paper is known now: an image's may have become an acta's."""
        contest, named = key
        now = self.shown_as.get(named)
        if key in self.by_key or now is None or now[0] != contest:
            return key
        return now if self.by_key[now].identified else key

    def _why_not(self, step: PaperStep, key: PaperKey, place: str) -> StepCode | None:
        if isinstance(step, ActaDigitised) and self.shown_as.get(step.image, key) != key:
            return StepCode.IMAGE_OF_ANOTHER
        if step.acta is not None or key in self.by_key:
            return None
        if not isinstance(step, ActaDigitised):
            return StepCode.UNKNOWN_IMAGE
        too_many = self.unidentified[place] >= MAX_UNIDENTIFIED
        return StepCode.TOO_MANY_UNIDENTIFIED if too_many else None

    def _identify(self, step: ActaIdentified) -> Outcome:
        """A paper without identity becomes the acta's: its images and captures go with it."""
        alone: PaperKey = (step.contest, step.image)
        paper = self.by_key.get(alone)
        if step.acta is None or paper is None or paper.acta is not None:
            return NotTaken(StepCode.NOT_UNIDENTIFIED)
        key: PaperKey = (step.contest, step.acta)
        there = self.by_key.get(key)
        if there is not None and there.images:
            return NotTaken(StepCode.ALREADY_HAS)
        del self.by_key[alone], self.nobodys[alone]
        self.by_key[key] = paper
        self.shown_as.update(dict.fromkeys(paper.images, key))
        return paper.identify(step.acta, there, step.reason)

    def _draw(self, step: SampleDrawn) -> Outcome:
        """A sample is drawn once by each root: whoever draws again gets no other."""
        if self.draws.knows(step.contest, step.root):
            return Known()
        if len(self.draws) >= MAX_DRAWS:
            return NotTaken(StepCode.TOO_MANY_DRAWS)
        self.draws.add(step)
        return Noted()

    def _sample(self, step: ActaSampled, paper: Paper | None, place: str) -> Outcome:
        """A reading of the sample counts under the draw that decides of its acta, and no other."""
        if paper is None or paper.stands is None:
            return NotTaken(StepCode.NOTHING_TO_SAMPLE)
        drawn = self.draws.deciding(paper.stands)
        if paper.sampled is None and (drawn is None or drawn.root != step.root):
            return NotTaken(StepCode.NOT_DRAWN)
        return paper.take(step, place)

    def standing(self, step: AnyStep) -> Acta | None:
        """The figures that stand of the acta of ``step``; ``None`` if its steps led to none."""
        key = self.key_of(step)
        paper = None if key is None else self.by_key.get(key)
        return None if paper is None else paper.stands

    def __iter__(self) -> Iterator[Paper]:
        return iter(self.by_key.values())


_GOES_WITH_ITS_IMAGE = (ActaCaptured, ActaArbitrated, ActaSentBack, ActaDigitised)
"""What people do who were lent an image without identity; nobody checks or samples one."""
