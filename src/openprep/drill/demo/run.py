"""The demo: a night relived on one machine.

Real processes for the centre, its distribution service, the stations and one publisher, who is
enrolled in a ceremony and follows with keys of its own; only time is replayed.
The conductor lets the clock run from one official database to the next. It holds it just before
each until everything that happened earlier is recorded, and at it until the cut is made: so a
database holds exactly what it held on the night, at any speed. Everything is kept in one folder,
and a second start goes on from there.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from openprep.drill.demo.network import LEAD, Network, Ports
from openprep.drill.demo.nights import Night
from openprep.drill.nights.replay_clock import Conductor
from openprep.drill.nights.schedule import instants_of, remits_of
from openprep.drill.processes import Crew, ask
from openprep.election import Election
from openprep.election.declared.folder import load_election
from openprep.transmission.answers import STATUS_PATH
from openprep.transmission.keys import (
    Enrolled,
    load_station_key,
    make_station_key,
    public_half,
)

JUST_BEFORE = timedelta(milliseconds=1)
AS_FAST_AS_IT_CAN = 1e9


@dataclass(frozen=True)
class Progress:
    """How far the night has come."""

    replayed: datetime
    recorded: int
    facts: int
    center_cut: int | None
    mirror_cut: int | None
    elapsed: float


class Demo:
    """One demo in one folder, which its night has prepared."""

    def __init__(self, folder: Path, night: Night, speed: float, ports: Ports) -> None:
        self.folder = folder
        self.night = night
        self.ports = ports
        self._speed = speed
        self.election: Election = load_election(night.election_folder)
        self._clock = folder / "clock.json"
        self._network = Network(folder, self.election, night.election_folder, ports, self._clock)
        self.crew = Crew(folder / "logs")
        self._times = np.empty(0)

    @property
    def page(self) -> str:
        """Address of the publisher's page."""
        return self._network.page

    @property
    def mirrored(self) -> Path:
        """The publisher's verified tree."""
        return self._network.mirrored

    def prepare(self) -> None:
        """Keys, ceremony and enrolment, once."""
        schedules = sorted(self.night.schedules.glob("*.jsonl"))
        remits = remits_of(schedules, self.election)
        self._network.enrol(self._station_keys(remits))
        instants = (np.fromiter(instants_of(path), np.float64) for path in schedules)
        self._times = np.sort(np.concatenate(list(instants)))

    def _station_keys(self, remits: Mapping[str, tuple[str, ...]]) -> list[Enrolled]:
        entries = []
        for station, reports in remits.items():
            path = self._key_of(station)
            key = load_station_key(path) if path.is_file() else make_station_key(path)
            entries.append(Enrolled(station, f"CATD {station}", public_half(key), reports))
        return entries

    def _key_of(self, station: str) -> Path:
        return self.folder / "keys" / f"{station}.key"

    def start(self) -> Conductor:
        """Start every process; the clock stands still until :meth:`conduct`."""
        conductor = Conductor(self._clock, self.election.window.opens - LEAD, self._speed)
        fast = self._speed >= AS_FAST_AS_IT_CAN
        self._network.start_center(self.crew, self.night.live_seconds)
        self._start_stations(self._clock, "0.02" if fast else "0.1")
        self._network.start_mirror(self.crew)
        return conductor

    def _start_stations(self, clock: Path, poll: str) -> None:
        if self.night.station_processes is None:
            for path in sorted(self.night.schedules.glob("*.jsonl")):
                self._start_station(path, clock, poll)
            return
        for number in range(1, self.night.station_processes + 1):
            self.crew.start(
                f"stations-{number}",
                [
                    *("drill", "stations", "--election", self.election.id),
                    *("--schedules", self.night.schedules, "--keys", self.folder / "keys"),
                    *("--outboxes", self.folder / "outboxes", *self._images()),
                    *("--center", self._network.inbox),
                    *("--part", f"{number}/{self.night.station_processes}"),
                    *("--poll", poll, "--replay-clock", clock),
                ],
            )

    def _start_station(self, schedule: Path, clock: Path, poll: str) -> None:
        station = schedule.stem
        self.crew.start(
            f"station-{station}",
            [
                *("station", "replay", "--election", self.election.id, "--station", station),
                *("--key", self._key_of(station)),
                *("--outbox", self.folder / "outboxes" / f"{station}.sqlite"),
                *self._images(),
                *("--center", self._network.inbox),
                *("--schedule", schedule, "--poll", poll, "--replay-clock", clock),
            ],
        )

    def _images(self) -> tuple[str | Path, ...]:
        return () if self.night.images is None else ("--images", self.night.images)

    def conduct(self, conductor: Conductor, show: Callable[[Progress], None]) -> None:
        """Let the night pass, until the publisher shows the closing cut.

        Raises:
            ProcessDied: a process ended by itself.
        """
        began = time.monotonic()

        def wait(done: Callable[[], bool]) -> None:
            while not done():
                self.crew.check()
                show(self._progress(conductor, time.monotonic() - began))
                time.sleep(0.05)

        for stop in self._stops():
            if stop < conductor.now:
                continue
            conductor.run_until(stop - JUST_BEFORE)
            wait(partial(self._all_recorded, conductor, stop))
            if stop == self.election.window.closes:
                wait(self._all_images_held)
            conductor.run_until(stop)
            wait(partial(self._cut_made, stop))
        wait(self._closing_cut_shown)

    def _stops(self) -> Iterator[datetime]:
        """The times of the official databases, or fewer at full speed."""
        window, period = self.election.window, self.election.cuts.database_period
        step = self.night.longest_step if self._speed >= AS_FAST_AS_IT_CAN else period
        stop = window.opens
        while stop <= window.closes:
            yield stop
            stop += step

    def _all_recorded(self, conductor: Conductor, stop: datetime) -> bool:
        """Whether the clock stands before ``stop`` and all that was due earlier is recorded."""
        if conductor.now < stop - JUST_BEFORE:
            return False
        return self.recorded == self._due_before(stop)

    def _all_images_held(self) -> bool:
        """Whether the centre has every image: after the closing it takes none."""
        if self.night.images is None:
            return True
        status = ask(f"{self._network.inbox}{STATUS_PATH}")
        drawn = sum(1 for _ in self.night.images.glob("*.jpg"))
        return status is not None and int(status["images"]) == drawn

    def _due_before(self, stop: datetime) -> int:
        return int(np.searchsorted(self._times, stop.timestamp(), side="left"))

    @property
    def facts(self) -> int:
        """How many facts the stations will report."""
        return len(self._times)

    @property
    def recorded(self) -> int:
        """How many the centre has recorded; -1 while it does not answer."""
        status = ask(f"{self._network.inbox}{STATUS_PATH}")
        return int(status["facts"]) if status else -1

    def _cut_made(self, stop: datetime) -> bool:
        """Whether the centre has made the cut that is due at ``stop``."""
        pointer = ask(f"http://127.0.0.1:{self.ports.tree}/current.json")
        if pointer is None:
            return False
        if stop == self.election.window.opens:
            return True
        stamp = f"{self.election.window.local(stop):%Y%m%d_%H%M}"
        return f"/{stamp}_" in (pointer["database"] or "")

    def _closing_cut_shown(self) -> bool:
        pointer = ask(f"{self.page}current.json")
        return pointer is not None and pointer["kind"] == "closing"

    def _progress(self, conductor: Conductor, elapsed: float) -> Progress:
        center = ask(f"http://127.0.0.1:{self.ports.tree}/current.json")
        mirror = ask(f"{self.page}current.json")
        return Progress(
            replayed=conductor.now,
            recorded=max(0, self.recorded),
            facts=self.facts,
            center_cut=_cut(center),
            mirror_cut=_cut(mirror),
            elapsed=elapsed,
        )


def _cut(pointer: Mapping[str, int] | None) -> int | None:
    return None if pointer is None else pointer["cut"]
