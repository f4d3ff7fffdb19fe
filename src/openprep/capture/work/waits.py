"""Since when each paper waits for a task: how many do, which is the oldest, which wait too long.

Papers are kept by the minute since which they wait, so that none of it costs a look at all of them,
and a clock that was set back puts nothing out of its order.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from openprep.capture.papers import PaperKey
from openprep.capture.work.tasks import Task

MINUTE = 60


class Waits(NamedTuple):
    """That a paper waits, and since when: seconds of the wall's clock."""

    since: float
    key: PaperKey


@dataclass(slots=True)
class WaitingRoom:
    """What waits for a task, and since when."""

    count: Counter[Task] = field(default_factory=Counter)
    """How many papers wait."""
    _minutes: dict[Task, dict[int, dict[PaperKey, float]]] = field(default_factory=dict)
    _task_of: dict[PaperKey, tuple[Task, float]] = field(default_factory=dict)

    def put(self, key: PaperKey, task: Task | None, at: float) -> None:
        """Let a paper wait for a task since ``at``, or for none.

        It keeps its time as long as it waits for the same task.
        """
        before = self._task_of.get(key)
        if before is not None:
            if before[0] is task:
                return
            self._drop(key, *before)
        if task is None:
            return
        self._task_of[key] = (task, at)
        self.count[task] += 1
        minutes = self._minutes.setdefault(task, {})
        minutes.setdefault(int(at // MINUTE), {})[key] = at

    def _drop(self, key: PaperKey, task: Task, at: float) -> None:
        del self._task_of[key]
        self.count[task] -= 1
        minutes, minute = self._minutes[task], int(at // MINUTE)
        del minutes[minute][key]
        if not minutes[minute]:
            del minutes[minute]

    def since(self, task: Task, key: PaperKey) -> float | None:
        """Since when a paper waits for a task; ``None`` if it does not."""
        of, since = self._task_of.get(key, (None, 0.0))
        return since if of is task else None

    def oldest(self, task: Task) -> float | None:
        """Since when the paper waits that has waited longest; ``None`` where none does."""
        minutes = self._minutes.get(task)
        return min(minutes[min(minutes)].values()) if minutes else None

    def before(self, task: Task, at: float) -> Iterator[Waits]:
        """What waits since before ``at``, the oldest first."""
        minutes, last = self._minutes.get(task, {}), int(at // MINUTE)
        for minute in sorted(minute for minute in minutes if minute <= last):
            for waits in sorted(Waits(since, key) for key, since in minutes[minute].items()):
                if waits.since < at:
                    yield waits

    def count_before(self, task: Task, at: float) -> int:
        """How many papers wait since before ``at``."""
        minutes, last = self._minutes.get(task, {}), int(at // MINUTE)
        whole = sum(len(papers) for minute, papers in minutes.items() if minute < last)
        return whole + sum(since < at for since in minutes.get(last, {}).values())
