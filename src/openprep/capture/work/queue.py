"""What waits for a person, in the order of the policy; handing out costs areas, not actas.

An acta stands in a heap with those of its area that the same people may take, oldest first. So the
next one for a person is the best head among the heaps that they are not kept from, and how far
*another* person got with an acta changes nothing in the order: coverage counts captures, whatever
they say.
"""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

from openprep.capture.papers import PaperKey
from openprep.capture.work.leases import Leases
from openprep.capture.work.policy import Order, Policy
from openprep.capture.work.tasks import Hand, Task, Waiting

AreaOfWork: TypeAlias = tuple[str, str]
"""A contest, and the path of one of its areas, as deep as the policy compares them."""

ALL_AREAS: AreaOfWork = ("", "")
"""Where all stand together, under a policy that does not compare areas first."""


class Entry(NamedTuple):
    """An acta in the queue: when it came, and which it is."""

    since: int
    key: PaperKey


class Heap(NamedTuple):
    """What stands in one heap of an area: the places that may take it, and who took part."""

    places: frozenset[str]
    took_part: tuple[Hand, ...]


class Standing(NamedTuple):
    """Where an acta stands in the queue; ``places`` are all that may take it."""

    area: AreaOfWork
    heap: Heap
    entry: Entry
    waiting: Waiting
    places: frozenset[str]


Heaps: TypeAlias = dict[Heap, list[Entry]]


@dataclass(slots=True)
class Queue:
    """Everything that waits, by task.

    ``expected`` is how many actas each area expects, and ``covered`` how many of them were captured
    twice. ``two_places`` asks that both captures of an acta come from two places.
    """

    policy: Policy
    expected: Mapping[AreaOfWork, int]
    two_places: bool = False
    covered: Counter[AreaOfWork] = field(default_factory=Counter)
    _areas: dict[Task, dict[AreaOfWork, Heaps]] = field(default_factory=dict)
    _stands: dict[PaperKey, Standing] = field(default_factory=dict)
    _came: int = 0

    def put(
        self, key: PaperKey, area: AreaOfWork, places: frozenset[str], waiting: Waiting | None
    ) -> None:
        """Let an acta wait as ``waiting`` says, or for nobody (``None``).

        It keeps its turn as long as it waits for the same task.
        """
        before = self._stands.pop(key, None)
        if waiting is None:
            return
        if before is not None and before.waiting.task is waiting.task:
            since = before.entry.since
        else:
            self._came += 1
            since = self._came
        heap = Heap(places, waiting.took_part)
        self._stands[key] = Standing(area, heap, Entry(since, key), waiting, places)
        self._push(self._stands[key])

    def cover(self, area: AreaOfWork) -> None:
        """One more acta of the area was captured twice."""
        self.covered[area] += 1

    def next(self, task: Task, person: Hand, leases: Leases) -> PaperKey | None:
        """The next acta for a person, who has none of it yet; ``None`` if nothing waits for them.

        An acta that is lent to as many people as it waits for is let go, until :meth:`give_back`.
        """
        areas = self._areas.get(task, {})
        for area in self._in_order(areas):
            heads = [
                entry
                for heap in list(areas[area])
                if self._may_take(task, heap, person)
                and (entry := self._head(areas[area], heap, person, leases)) is not None
            ]
            if not areas[area]:
                del areas[area]
            if heads:
                return min(heads).key
        return None

    def give_back(self, key: PaperKey, lent_in: AbstractSet[str] = frozenset()) -> None:
        """An acta is lent to one person fewer: it stands in its heap again, at its old turn.

        ``lent_in`` are the places in which it still is.
        """
        standing = self._stands.get(key)
        if standing is not None:
            self._push(self._keep_apart(standing, lent_in))

    def lend(self, key: PaperKey, lent_in: AbstractSet[str]) -> None:
        """An acta is lent in these places now."""
        standing = self._stands.get(key)
        if standing is not None and self._keep_apart(standing, lent_in) is not standing:
            self._push(self._stands[key])

    def _keep_apart(self, standing: Standing, lent_in: AbstractSet[str]) -> Standing:
        """Where two captures come from two places, nobody else of a place has it."""
        if not self.two_places or standing.waiting.task is not Task.CAPTURE:
            return standing
        heap = standing.heap._replace(places=standing.places - lent_in)
        if heap != standing.heap:
            standing = self._stands[standing.entry.key] = standing._replace(heap=heap)
        return standing

    def waits(self, key: PaperKey) -> Waiting | None:
        """What an acta waits for; ``None`` if for nobody."""
        standing = self._stands.get(key)
        return None if standing is None else standing.waiting

    def _push(self, standing: Standing) -> None:
        areas = self._areas.setdefault(standing.waiting.task, {})
        area = standing.area if self._compares_areas else ALL_AREAS
        heappush(areas.setdefault(area, {}).setdefault(standing.heap, []), standing.entry)

    @property
    def _compares_areas(self) -> bool:
        return self.policy.order[0] is Order.LEAST_COVERED_AREA

    def _in_order(self, areas: Mapping[AreaOfWork, Heaps]) -> list[AreaOfWork]:
        return sorted(areas, key=lambda area: (self._coverage(area), area))

    def _coverage(self, area: AreaOfWork) -> float:
        return self.covered[area] / max(1, self.expected.get(area, 1))

    def _may_take(self, task: Task, heap: Heap, person: Hand) -> bool:
        """Whether a person is none of those who took part, nor a second captor of their place."""
        if person.place not in heap.places:
            return False
        apart = self.two_places and task is Task.CAPTURE
        return all(
            person.person != hand.person and not (apart and person.place == hand.place)
            for hand in heap.took_part
        )

    def _head(self, heaps: Heaps, heap: Heap, person: Hand, leases: Leases) -> Entry | None:
        """The first of a heap that stands there, is free, and that the person does not have."""
        entries, own, found = heaps[heap], [], None
        has = leases.of_person.get(person.person, {})
        while entries and found is None:
            entry = entries[0]
            standing = self._stands.get(entry.key)
            if standing is None or (standing.heap, standing.entry) != (heap, entry):
                heappop(entries)
            elif entry.key in has:
                own.append(heappop(entries))
            elif leases.on(standing.waiting.task, entry.key) >= standing.waiting.people:
                heappop(entries)
            else:
                found = entry
        for entry in own:
            heappush(entries, entry)
        if not entries:
            del heaps[heap]
        return found
