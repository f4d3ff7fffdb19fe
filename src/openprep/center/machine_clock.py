"""This machine's clocks, watched: what a centre decides by and dates its events by.

What is believed, and any doubt, is kept in ``clock.json``: for whoever asks beside the centre, and
so that a centre that is started again under the same start of the machine goes on believing, and
doubting, where it was. The operator's word stands in ``clock-confirmed.json``, written by
``openprep center clock --confirm``.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from openprep.center.steady_clock import JUMP, Believed, Line, Reading, SteadyClock
from openprep.clock import Clock, count_seconds, system_clock
from openprep.durable import write_durably

log = logging.getLogger("openprep.center")

KEPT, CONFIRMED = "clock.json", "clock-confirmed.json"
BOOT = Path("/proc/sys/kernel/random/boot_id")

WATCHED = 0.25
"""Seconds between two looks."""

KEPT_AGAIN = 5.0
"""Seconds until what a disk refused is written again."""

ASKED, ASKED_IN_DOUBT = 60.0, 10.0
"""Seconds between two rounds of asking publishers what time it is."""

AskClocks = Callable[[], Awaitable[Sequence[float]]]
"""Asks publishers for the seconds by which their clocks are ahead of this machine's."""


class Kept(Struct, frozen=True):
    """A line under one start of the machine (``boot``; empty where the system does not say).

    ``believed`` is ``None`` where the clock was doubted from the start.
    """

    boot: str
    believed: Believed | None
    doubt: str = ""


def this_boot(path: Path = BOOT) -> str:
    """What names this start of the machine; empty where nothing does."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""


class MachineClock:
    """Belongs to one event loop. Calling it gives the time to date an event by."""

    def __init__(
        self,
        folder: Path,
        wall: Clock = system_clock,
        seconds: Callable[[], float] = count_seconds,
        boot: str | None = None,
    ) -> None:
        self.wall = wall
        """The clock that is watched, believed or not."""
        self._folder = folder
        self._seconds = seconds
        self._boot = this_boot() if boot is None else boot
        self._steady = SteadyClock()
        self._kept: Kept | None = None
        self._refused = float("-inf")
        self._said: str | None = None

    def begin(self, last_event: datetime | None, *, others: bool) -> None:
        """Begin to watch, from what an earlier process believed and the record's last event.

        ``others`` says whether publishers will be asked: their first answer is waited for.
        """
        kept = _read(self._folder / KEPT)
        known = kept is not None and kept.boot == self._boot != ""
        self._kept = kept if known else None
        self._steady = SteadyClock(
            self._kept.believed if self._kept else None, last_event, others=others
        )
        self.look()

    def __call__(self) -> datetime:
        """The time to date an event by: never before one that was given, never a doubted one."""
        return self._steady.date(self.look().at)

    def look(self) -> Reading:
        """The time to decide by, and whether it is believed."""
        wall, seconds = self.wall(), self._seconds()
        reading = self._steady.look(wall, seconds)
        if reading.believed_from is None and self._is_confirmed(wall, seconds):
            self._steady.confirm()
            reading = self._steady.look(wall, seconds)
        self._say(reading)
        self._keep(seconds)
        return reading

    async def watch(self) -> None:
        """Look at both clocks until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(WATCHED)

    async def ask(self, clocks: AskClocks) -> None:
        """Ask publishers again and again, until cancelled."""
        while True:
            asked = self._seconds()
            said: Sequence[float] = ()
            try:
                said = await clocks()
            except Exception:
                log.exception("publishers cannot be asked for the time")
            self._steady.hear(said, asked)
            pause = ASKED if self.look().believed_from else ASKED_IN_DOUBT
            await asyncio.sleep(pause)

    @property
    def doubt(self) -> str:
        """Why the wall clock is doubted, with its code; empty if it is believed."""
        return str(self._steady.doubt or "")

    def _is_confirmed(self, wall: datetime, seconds: float) -> bool:
        word = _read(self._folder / CONFIRMED)
        if word is None or word.believed is None or word.boot != self._boot:
            return False
        return abs(word.believed.line.off(wall, seconds)) <= JUMP

    def _say(self, reading: Reading) -> None:
        """Tell a doubt when it begins, and its end."""
        code = self._steady.doubt.code.code if self._steady.doubt else ""
        if code == self._said:
            return
        if code:
            log.warning("%s", self.doubt)
        elif self._steady.believed is not None:
            log.info("this machine's clock is believed: %s", reading.at.isoformat())
        self._said = code

    def _keep(self, seconds: float) -> None:
        """Put down what changed. What a disk refuses is tried again after some seconds."""
        kept = Kept(self._boot, self._steady.believed, self.doubt)
        if self._kept is not None and _same(self._kept, kept):
            return
        if 0 <= seconds - self._refused < KEPT_AGAIN:
            return
        try:
            write_durably(self._folder / KEPT, msgspec.json.encode(kept))
        except OSError:
            self._refused = seconds
        else:
            self._kept = kept


def confirm(folder: Path, wall: Clock = system_clock) -> datetime:
    """Put down the operator's word that this machine's clock is right, now; the time it shows.

    Raises:
        OSError: the folder cannot be written.
    """
    at = wall()
    word = Kept(this_boot(), Believed(Line(at, count_seconds())))
    write_durably(folder / CONFIRMED, msgspec.json.encode(word))
    return at


def last_doubt(folder: Path) -> str | None:
    """Why the centre doubts the clock; empty if it does not; ``None`` if it never looked."""
    kept = _read(folder / KEPT)
    return None if kept is None else kept.doubt


def _read(path: Path) -> Kept | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError):
        return None


def _same(kept: Kept, other: Kept) -> bool:
    """Whether nothing changed that the next start, or who asks, must know."""
    if (kept.boot, kept.doubt[:4]) != (other.boot, other.doubt[:4]):
        return False
    if kept.believed is None or other.believed is None:
        return kept.believed is other.believed
    line = other.believed.line
    near = abs(kept.believed.line.off(line.at, line.seconds)) < 1.0
    return near and kept.believed.since == other.believed.since
