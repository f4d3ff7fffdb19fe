"""The demo of a capture room: a district from a seed, whose papers a crowd and a visitor work on.

A centre, its distribution service, one publisher and one house run as real processes; the crowd
are browsers of this one. Everything goes by the machine's clock, so that the one-time codes of a
visitor's own telephone are good, too.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from openprep.capture.papers import Papers as FoldedPapers
from openprep.capture.steps import ActaDigitised, AnyStep
from openprep.clock import system_clock
from openprep.coded import CodedError
from openprep.desks.journal import read_journal
from openprep.desks.serving.folder import HouseFolder
from openprep.desks.serving.standing import Standing, standing_of
from openprep.drill.codes import DrillCode
from openprep.drill.crowd.crowd import Crowd
from openprep.drill.crowd.district import District, DistrictOrder, make_district
from openprep.drill.crowd.papers import Album, Papers
from openprep.drill.crowd.shift import Pace, Shift
from openprep.drill.demo.beside import beside
from openprep.drill.demo.folder import Asked, claimed
from openprep.drill.demo.network import Network, Ports
from openprep.drill.demo.staffed_house import Passes, StaffedHouse, passes_of
from openprep.drill.demo.verified import actas_shown, last_cut
from openprep.drill.nights.comparison import Comparison
from openprep.drill.processes import Crew, ask
from openprep.election import Election
from openprep.election.declared.folder import folder_digest, load_election
from openprep.transmission.keys import load_station_key

LIVE_SECONDS = 2.0
LOOK_EVERY = 0.5
UNTIL_SHOWN = 60.0
"""Seconds within which the publisher shows what the centre has; then what it shows is compared."""

AT_WORK = ("digitised", "captured_once", "disputed", "standing", "recapture")
DONE = ("accepted", "without_acta")
MEXICO = ZoneInfo("America/Mexico_City")


class NightIsOver(CodedError[DrillCode]):
    """The window of a demo that is begun again has closed."""


@dataclass(frozen=True)
class CaptureOrder:
    """The demo that is asked for.

    The crowd works ``speed`` times as fast as people do, with so many ``capturistas``, who type a
    figure wrong in that part of their actas (``mistakes``).
    """

    district: DistrictOrder
    speed: float
    capturistas: int
    mistakes: float
    ports: Ports


@dataclass(frozen=True)
class Progress:
    """How far the night has come: papers by stage, what the crowd did, what the publisher shows."""

    stages: Counter[str]
    done: Counter[str]
    cut: int | None
    elapsed: float


class CaptureDemo:
    """One demo in one folder."""

    def __init__(self, folder: Path, order: CaptureOrder) -> None:
        self.folder = folder
        self.crew = Crew(folder / "logs")
        self._order = order
        self._district = District(folder / "district")
        self.done: Counter[str] = Counter()
        """What the crowd did, and how often."""

    def prepare(self) -> None:
        """The district, its house and people, the ceremony, and a visitor's photographs; once.

        Raises:
            AnotherDrill: the folder has another; nothing was changed.
            NightIsOver: it is this one's, and closed.
            GenerationRefused: nothing of it was left behind.
        """
        with claimed(self.folder, self._asked()):
            if not self._district.folder.exists():
                opens = system_clock().astimezone(MEXICO).replace(microsecond=0)
                make_district(self._order.district, self._district, opens - timedelta(minutes=1))
        if system_clock() >= self.election.window.closes:
            raise NightIsOver(DrillCode.NIGHT_IS_OVER, "{folder}", folder=self.folder)
        self.house.staff(self._order.capturistas)
        self._network.enrol(self.house.enrolled())
        for paper in self._papers:
            if paper.for_visitor:
                self._of_the_visitor.photo(paper)

    def _asked(self) -> Asked:
        order = self._order.district
        digest = folder_digest(order.source)
        name = order.source.resolve().name
        return Asked(name, digest, order.seed, actas=order.actas, for_visitor=order.for_visitor)

    @cached_property
    def election(self) -> Election:
        """The district's."""
        return load_election(self._district.election)

    @cached_property
    def house(self) -> StaffedHouse:
        """Its house."""
        return StaffedHouse(self.folder, self.election)

    @cached_property
    def _papers(self) -> Papers:
        return Papers.load(self._district.papers)

    @cached_property
    def _network(self) -> Network:
        return Network(self.folder, self.election, self._district.election, self._order.ports)

    def _album(self, folder: Path) -> Album:
        key = load_station_key(self.house.label_key)
        return Album(folder, self.election, key, self._order.district.seed)

    @cached_property
    def _of_the_visitor(self) -> Album:
        return self._album(self.photographs)

    @property
    def photographs(self) -> Path:
        """The folder of the photographs that are left to a visitor."""
        return self.folder / "photographs"

    @property
    def passes(self) -> Passes:
        """What everybody signs in with."""
        return passes_of(self.folder)

    @property
    def page(self) -> str:
        """Address of the publisher's page."""
        return self._network.page

    @property
    def desks(self) -> str:
        """Address of the house."""
        return f"http://127.0.0.1:{self._order.ports.desks}"

    def start(self) -> None:
        """Start every process."""
        self._network.start_center(self.crew, LIVE_SECONDS)
        self._network.start_mirror(self.crew)
        self.crew.start(
            "house",
            [
                *("capture", "serve", "--election", self._district.election),
                *("--house", self.house.root, "--places", self.house.places),
                *("--roster", self.house.roster, "--authority", self.house.authority),
                *("--label-key", self.house.label_key, "--center", self._network.inbox),
                *("--port", str(self._order.ports.desks)),
            ],
        )

    async def night(
        self, show: Callable[[Progress], None], compared: Callable[[list[Comparison]], bool]
    ) -> None:
        """Let the crowd work, and compare whenever all is done; until ``compared`` is content.

        Raises:
            ProcessDied: a process ended by itself.
        """
        working = asyncio.create_task(self._crowd().work())
        began, before = time.monotonic(), -1
        try:
            while True:
                standing = await self._standing()
                done = _count(standing, DONE)
                show(Progress(self._stages(standing), self.done, self._cut(), _since(began)))
                if self._is_settled(standing) and done != before:
                    before = done
                    if compared(await self._compared()):
                        return
                await asyncio.wait([working], timeout=LOOK_EVERY)
                if working.done():
                    working.result()
        finally:
            working.cancel()
            await asyncio.wait([working])

    def _crowd(self) -> Crowd:
        order = self._order
        album = self._album(self.folder / "district" / "photographs")
        pace = Pace(order.speed)
        shift = Shift(self.election, self._papers, album, system_clock, pace, order.mistakes)
        self.done = shift.done
        known = frozenset(self._digitised())
        return Crowd(shift, self.desks, self.passes.crowd, order.district.seed, known)

    def _digitised(self) -> Iterator[tuple[str, str]]:
        """The actas whose images the house has from an earlier sitting."""
        path = HouseFolder(self.house.root).journal
        if path.is_file():
            for _, fact, _ in read_journal(path):
                if isinstance(fact, ActaDigitised) and fact.acta is not None:
                    yield fact.contest, fact.acta

    async def _standing(self) -> Standing | None:
        """How the house stands; ``None`` while it has no journal."""
        self.crew.check()
        try:
            return await asyncio.to_thread(standing_of, HouseFolder(self.house.root), self.election)
        except CodedError:
            return None

    def _stages(self, standing: Standing | None) -> Counter[str]:
        stages: Counter[str] = Counter()
        for counts in standing.papers.values() if standing else ():
            stages.update(counts)
        return stages

    def _is_settled(self, standing: Standing | None) -> bool:
        """Whether the crowd's papers are done, nothing is at work, and the centre has all of it."""
        if standing is None or standing.pending or standing.pending_images:
            return False
        own = sum(paper.acta is not None and not paper.for_visitor for paper in self._papers)
        return _count(standing, DONE) >= own and not _count(standing, AT_WORK)

    def _cut(self) -> int | None:
        pointer = ask(f"{self.page}current.json")
        return None if pointer is None else int(pointer["cut"])

    async def _compared(self) -> list[Comparison]:
        """What the publisher shows beside what must stand, once it shows it."""
        deadline = time.monotonic() + UNTIL_SHOWN
        while True:
            found = await asyncio.to_thread(self._comparisons)
            if (found and all(one.equal for one in found)) or time.monotonic() > deadline:
                return found
            await asyncio.sleep(LOOK_EVERY)
            self.crew.check()

    def _comparisons(self) -> list[Comparison]:
        """By contest: the 13 figures, the votes by column, and every field of every acta.

        What must stand are the figures of the papers that the house has finished.
        """
        finished = self._finished()
        mirrored = self._network.mirrored
        try:
            cuts = list(last_cut(mirrored))
            shown = {(one.contest, one.acta): one for one in actas_shown(mirrored)}
        except OSError:  # no cut is up yet
            return []
        return [
            beside(cut, self.election, self._papers, finished, shown, self.election.window.local)
            for cut in cuts
        ]

    def _finished(self) -> frozenset[tuple[str, str]]:
        """The actas that the house has finished."""
        folded = FoldedPapers(two_places=self.election.rules.capture_places > 1)
        for place, fact, _ in read_journal(HouseFolder(self.house.root).journal):
            if isinstance(fact, AnyStep):
                folded.take(fact, place)
        return frozenset(
            (paper.contest, paper.acta)
            for paper in folded
            if paper.acta is not None and paper.stage.value in DONE
        )


def _count(standing: Standing | None, stages: tuple[str, ...]) -> int:
    """How many papers are at any of ``stages``."""
    contests = standing.papers.values() if standing else ()
    return sum(counts.get(stage, 0) for counts in contests for stage in stages)


def _since(began: float) -> float:
    return time.monotonic() - began
