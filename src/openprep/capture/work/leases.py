"""Leases: an acta is lent to a person for a while, by the house's clock, and comes back by itself.

The clock is a steady one (seconds that only grow): setting the machine's time ends no lease and
prolongs none. Nothing of this is kept: after a restart nothing is lent, and who was at work goes
on with the ticket in the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

from openprep.capture.papers import PaperKey
from openprep.capture.work.tasks import Task


class Lease(NamedTuple):
    """That ``person`` has an acta for a task ``until`` (steady seconds)."""

    task: Task
    key: PaperKey
    person: str
    place: str
    until: float


@dataclass(slots=True)
class Leases:
    """The live leases, by acta and by person. Giving and ending one costs no search."""

    of_person: dict[str, dict[PaperKey, Lease]] = field(default_factory=dict)
    _on: dict[tuple[Task, PaperKey], dict[str, Lease]] = field(default_factory=dict)
    _ends: list[tuple[float, PaperKey, str]] = field(default_factory=list)

    def give(self, lease: Lease) -> None:
        """Lend, or lend for longer what the person has already."""
        self.end(lease.person, lease.key)
        self.of_person.setdefault(lease.person, {})[lease.key] = lease
        self._on.setdefault((lease.task, lease.key), {})[lease.person] = lease
        heappush(self._ends, (lease.until, lease.key, lease.person))

    def held(self, person: str, task: Task) -> list[Lease]:
        """What a person has for a task, the first lent first."""
        return [lease for lease in self.of_person.get(person, {}).values() if lease.task is task]

    def on(self, task: Task, key: PaperKey) -> int:
        """To how many people an acta is lent for a task."""
        return len(self._on.get((task, key), ()))

    def places_of(self, task: Task, key: PaperKey) -> frozenset[str]:
        """The places in which an acta is lent for a task."""
        people = self._on.get((task, key), {}).values()
        return frozenset(lease.place for lease in people)

    def end(self, person: str, key: PaperKey) -> Lease | None:
        """Take an acta back from a person; the lease, if there was one."""
        own = self.of_person.get(person, {})
        lease = own.pop(key, None)
        if lease is None:
            return None
        if not own:
            del self.of_person[person]
        people = self._on[lease.task, key]
        del people[person]
        if not people:
            del self._on[lease.task, key]
        return lease

    def end_all_of(self, person: str) -> list[Lease]:
        """Take everything back from a person, as when their session is revoked."""
        return [
            lease
            for key in list(self.of_person.get(person, ()))
            if (lease := self.end(person, key))
        ]

    def end_all_on(self, key: PaperKey) -> list[Lease]:
        """Take an acta back from everybody, as when it is known as another."""
        return [
            lease
            for task in Task
            for person in list(self._on.get((task, key), ()))
            if (lease := self.end(person, key))
        ]

    def end_all_at(self, place: str) -> list[Lease]:
        """Take everything back that is lent in a place, as when the place is shut out."""
        lent = [one for own in self.of_person.values() for one in own.values()]
        return [one for one in lent if one.place == place and self.end(one.person, one.key)]

    def expire(self, now: float) -> Iterator[Lease]:
        """Take back what was lent until ``now`` or before, and say what it was."""
        while self._ends and self._ends[0][0] <= now:
            until, key, person = heappop(self._ends)
            lease = self.of_person.get(person, {}).get(key)
            if lease is not None and lease.until == until:
                self.end(person, key)
                yield lease

    def lent(self) -> Iterator[tuple[Task, PaperKey]]:
        """What is lent, each acta once for a task."""
        yield from self._on
