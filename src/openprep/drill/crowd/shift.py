"""What the simulated people of a night share: the papers, their pace, and what they did."""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from openprep.clock import Clock
from openprep.drill.crowd.page import Page
from openprep.drill.crowd.papers import Album, Paper, Papers
from openprep.election import Election

_ACTA = re.compile(r"(\S+) · ")
"""The id in what a page calls an acta."""

IDLE = 4.0
"""Seconds after which somebody with nothing to do asks again, at the pace of a real night."""
SOONEST = 0.2


@dataclass(frozen=True)
class Pace:
    """How fast people are: ``speed`` times as fast as real ones."""

    speed: float

    async def spend(self, seconds: float, chance: Random) -> None:
        """Do what takes a real person about so many seconds."""
        await asyncio.sleep(seconds / self.speed * chance.uniform(0.6, 1.4))

    async def wait(self) -> None:
        """Have nothing to do for a while."""
        await asyncio.sleep(max(SOONEST, IDLE / self.speed))


@dataclass
class Shift:
    """The night of a crowd.

    ``mistakes`` is in how many of a capturista's actas one figure is typed wrong, as a part of one.
    """

    election: Election
    papers: Papers
    album: Album
    clock: Clock
    pace: Pace
    mistakes: float
    done: Counter[str] = field(default_factory=Counter)
    """How often what was done."""

    def __post_init__(self) -> None:
        self._by_acta = {(paper.contest, paper.id): paper for paper in self.papers}
        self._contests: Mapping[str, str] = {
            contest.title: contest.id for contest in self.election.contests.values()
        }

    def paper_on(self, page: Page) -> Paper | None:
        """The paper whose image a page shows; ``None`` where the page does not know it either."""
        contest, _, acta = page.title.partition("\n")
        found = _ACTA.search(acta)
        if found is None:
            return None
        return self._by_acta.get((self._contests.get(contest, ""), found[1]))
