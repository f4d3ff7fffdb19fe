"""The floor of a capture house: every paper, what it waits for, and who has it. Pure.

All of it but the leases is a fold of the steps, and leases may be lost: a paper that waits is lent
to somebody or stands in the queue, always.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple

from openprep.capture.paper import Outcome, Paper
from openprep.capture.papers import PaperKey, Papers
from openprep.capture.steps import ActaIdentified, AnyStep, SampleDrawn
from openprep.capture.work.leases import Lease, Leases
from openprep.capture.work.policy import Policy
from openprep.capture.work.progress import Progress
from openprep.capture.work.queue import ALL_AREAS, AreaOfWork, Queue
from openprep.capture.work.tasks import Hand, Task, waiting_of
from openprep.capture.work.third_readings import ThirdReading, ThirdReadings
from openprep.capture.work.waits import Waits
from openprep.election import Election
from openprep.election.area_path import unit_of
from openprep.election.remit import Reach, Remit

URGENT = frozenset({Task.CAPTURE, Task.ARBITRATE})
"""What comes before the sample, for whose work it is."""


class Lent(NamedTuple):
    """A paper that a person has for a task, and the image that they are shown of it.

    ``round`` counts how often it had been sent back before.
    """

    task: Task
    key: PaperKey
    acta: str | None
    image: str | None
    round: int


class Floor:
    """The papers of an election that the places of one house work on, each within its remit.

    Seconds (``now``) are steady: they only grow.
    """

    def __init__(
        self, election: Election, remits: Mapping[str, Remit], policy: Policy | None = None
    ) -> None:
        self.papers = Papers(two_places=election.rules.capture_places > 1)
        self.progress = Progress()
        self._election = election
        self._remits = remits
        self._policy = policy or Policy()
        self._leases = Leases()
        self._queue = Queue(self._policy, self._expected(), self.papers.two_places)
        self._thirds = ThirdReadings()
        self._covered: set[PaperKey] = set()
        self._stood: dict[str, dict[PaperKey, datetime]] = {}
        """Since when the figures of each acta stand, by contest."""

    def take(self, step: AnyStep, place: str) -> Outcome:
        """Go on by one step, which the key of ``place`` signed."""
        outcome = self.papers.take(step, place)
        self.progress.take(step, place, outcome, self.papers)
        if isinstance(step, SampleDrawn):
            self._draw(step)
            return outcome
        if isinstance(step, ActaIdentified):
            self._requeue((step.contest, step.image))
        key = self.papers.key_of(step)
        if key is not None:
            self._requeue(key)
            if isinstance(step, ActaIdentified):
                self._follow(step)
            if self._leases.end(step.by, key) is not None:
                self._queue.give_back(key)
        return outcome

    def lend(
        self,
        person: Hand,
        task: Task,
        now: float,
        *,
        more: bool = True,
        first: AbstractSet[Task] = URGENT,
    ) -> list[Lent]:
        """What a person has for a task: the one at work first, then those ahead of it.

        The same as before, while they are lent: whoever reloads a page gets its acta. Who works in
        another place now gives back what was lent in the one before. Without ``more`` nothing is
        lent anew, and nothing of the sample while a task of ``first`` waits for them.
        """
        self.take_back(now)
        leases = [
            lease
            for lease in self._leases.held(person.person, task)
            if self._still_waits(lease) and self._is_of(lease, person.place)
        ]
        for lease in leases:
            self._give(lease._replace(until=now + self._policy.lease_seconds))
        most = 1 if task is Task.SAMPLE else 1 + self._policy.ahead
        while more and len(leases) < most:
            key = self._next(person, task, first)
            if key is None:
                break
            lease = Lease(task, key, person.person, person.place, now + self._policy.lease_seconds)
            leases.append(self._give(lease))
        return [self._lent(lease) for lease in leases]

    def _is_wanted(self, person: Hand, tasks: AbstractSet[Task]) -> bool:
        """Whether one of ``tasks`` waits for a person, or is in their hands."""
        return any(
            self._leases.held(person.person, task)
            or self._queue.next(task, person, self._leases) is not None
            for task in tasks
        )

    def _next(self, person: Hand, task: Task, first: AbstractSet[Task]) -> PaperKey | None:
        """What is lent to a person next."""
        if task is not Task.SAMPLE:
            return self._queue.next(task, person, self._leases)
        return None if self._is_wanted(person, first) else self._thirds.next(person, self._leases)

    def take_back(self, now: float) -> None:
        """Take back what was lent until ``now``."""
        for lease in self._leases.expire(now):
            self._give_back(lease)

    def take_back_from(self, person: str) -> None:
        """Take back all that a person has: their session ended."""
        for lease in self._leases.end_all_of(person):
            self._give_back(lease)

    def take_back_at(self, place: str) -> None:
        """Take back all that is lent in a place: nobody works there any more."""
        for lease in self._leases.end_all_at(place):
            self._give_back(lease)

    def places_for(self, task: Task, contest: str, acta: str | None) -> frozenset[str]:
        """The places of this house that may do a task on an acta."""
        return frozenset(
            place
            for place, remit in self._remits.items()
            if _reach(remit, task).covers(contest, acta, self._election)
        )

    def short_of_places(self) -> Counter[str]:
        """How many actas of each contest fewer places here capture than the election asks for.

        Their second capture would wait for ever, unless another house makes it. What is neither
        digitised nor captured here is another house's.
        """
        needed = self._election.rules.capture_places
        return Counter(
            contest
            for contest, catalogue in self._election.catalogues.items()
            for expected in catalogue
            if len(capturing := self.places_for(Task.CAPTURE, contest, expected.id)) < needed
            and (capturing or self.places_for(Task.DIGITISE, contest, expected.id))
        )

    @property
    def to_sample(self) -> int:
        """How many actas of the sample wait for their third reading."""
        return len(self._thirds.waiting)

    def at_work(self) -> Counter[Task]:
        """How many papers are lent for each task."""
        return Counter(task for task, _ in self._leases.lent())

    def stuck(self, task: Task, now: datetime) -> Iterator[Waits]:
        """What has waited longer for a task than the policy says, and nobody has: oldest first."""
        held = {key for of, key in self._leases.lent() if of is task}
        for waits in self.progress.waits.before(task, self._stuck_before(now)):
            if waits.key not in held:
                yield waits

    def count_stuck(self, task: Task, now: datetime) -> int:
        """How many papers are stuck in a task."""
        before, waits = self._stuck_before(now), self.progress.waits
        since = (waits.since(task, key) for of, key in self._leases.lent() if of is task)
        held = sum(at is not None and at < before for at in since)
        return waits.count_before(task, before) - held

    def _stuck_before(self, now: datetime) -> float:
        return now.timestamp() - self._policy.stuck_seconds

    def _requeue(self, key: PaperKey) -> None:
        """Let a paper wait for what it waits for now."""
        paper, stage = self.papers.by_key.get(key), self.progress.stage(key)
        if paper is None or stage is None:
            self._queue.put(key, ALL_AREAS, frozenset(), None)
            self._thirds.put(key, None)
            self._stood.get(key[0], {}).pop(key, None)
            return
        waiting, area = waiting_of(paper, stage), self._area(paper)
        places = self.places_for(waiting.task, key[0], paper.acta) if waiting else frozenset()
        self._queue.put(key, area, places, waiting)
        if paper.second is not None and key not in self._covered:
            self._covered.add(key)
            self._queue.cover(area)
        self._note_standing(key)
        self._sample(key)

    def _follow(self, step: ActaIdentified) -> None:
        """Let who has an image that was identified have the acta: it is lent to nobody besides."""
        alone, key = (step.contest, step.image), (step.contest, step.acta or "")
        if alone in self.papers.by_key:
            return
        for lease in self._leases.end_all_on(alone):
            if lease.place in self.places_for(lease.task, step.contest, step.acta):
                self._give(lease._replace(key=key))

    def _draw(self, drawn: SampleDrawn) -> None:
        """Let what a draw has wait: it decides of what stood since the one before, and no more."""
        since = self.papers.draws.before(drawn)
        stood = self._stood.get(drawn.contest, {})
        of_it = [key for key, at in stood.items() if (not since or since < at) and at <= drawn.at]
        for key in of_it:
            self._sample(key)

    def _note_standing(self, key: PaperKey) -> None:
        stands = self.papers.by_key[key].stands
        of_contest = self._stood.setdefault(key[0], {})
        if stands is None or stands.verified_at is None:
            of_contest.pop(key, None)
        else:
            of_contest[key] = stands.verified_at

    def _sample(self, key: PaperKey) -> None:
        """Let a paper wait for a third reading if the sample has it."""
        paper = self.papers.by_key[key]
        stands = paper.stands
        if (
            stands is None
            or paper.sampled is not None
            or not paper.is_settled
            or self.papers.draws.deciding(stands) is None
        ):
            self._thirds.put(key, None)
            return
        places = self.places_for(Task.SAMPLE, paper.contest, paper.acta)
        self._thirds.put(key, ThirdReading(places, paper.saw))

    def _give(self, lease: Lease) -> Lease:
        self._leases.give(lease)
        self._queue.lend(lease.key, self._leases.places_of(lease.task, lease.key))
        return lease

    def _give_back(self, lease: Lease) -> None:
        self._queue.give_back(lease.key, self._leases.places_of(lease.task, lease.key))

    def _still_waits(self, lease: Lease) -> bool:
        """Whether what was lent is still to be done; else it is taken back."""
        waiting = self._queue.waits(lease.key)
        if lease.task is Task.SAMPLE and lease.key in self._thirds.waiting:
            return True
        if waiting is not None and waiting.task is lease.task:
            return True
        self._leases.end(lease.person, lease.key)
        return False

    def _is_of(self, lease: Lease, place: str) -> bool:
        """Whether it was lent in this place; else it is taken back, and stands in the queue."""
        if lease.place == place:
            return True
        self._leases.end(lease.person, lease.key)
        self._give_back(lease)
        return False

    def _lent(self, lease: Lease) -> Lent:
        paper = self.papers.by_key[lease.key]
        image = paper.shown
        if lease.task in (Task.CHECK, Task.SAMPLE) and paper.stands is not None:
            image = paper.stands.image_sha256
        return Lent(lease.task, lease.key, paper.acta, image, paper.earlier)

    def _area(self, paper: Paper) -> AreaOfWork:
        expected = self._election.expected[paper.contest].get(paper.acta or "")
        return _area_of(paper.contest, expected.area if expected else "", self._policy.level)

    def _expected(self) -> Counter[AreaOfWork]:
        return Counter(
            _area_of(contest, expected.area, self._policy.level)
            for contest, catalogue in self._election.catalogues.items()
            for expected in catalogue
        )


def _area_of(contest: str, path: str, level: int) -> AreaOfWork:
    return contest, unit_of(path, level)


def _reach(remit: Remit, task: Task) -> Reach:
    match task:
        case Task.CAPTURE | Task.ARBITRATE | Task.SAMPLE:
            return remit.captures
        case Task.CHECK:
            return remit.corrects
        case Task.DIGITISE:
            return remit.reports
