"""Which time it is, as far as one machine can tell: one wrong reading is not believed.

The wall clock is held against the seconds that the machine counts from its start, which nobody
sets. What was believed goes on with those seconds; a wall clock that leaves that line by more than
:data:`JUMP` is doubted: what cannot be undone waits (opening, official databases, closing), and
live cuts go on under the line's time. A pure state machine: it is handed every reading and every
answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import Struct, structs

from openprep.coded import Text, said
from openprep.cuts.codes import PublicationCode
from openprep.cuts.schedule import ALWAYS

JUMP = 30.0
"""Seconds by which a clock may be set, or differ from a publisher's, and still be believed."""

STEP = 1.0
"""Seconds of difference that are no step: what correcting a clock smoothly makes."""

SETTLED = 10.0
"""Seconds for which a wall clock must have run on by itself before it is believed."""

SLEPT = 60.0
"""The same, after a machine that slept or stood still, both of whose clocks agree."""

FOLLOWED = 60.0
"""Seconds after which the line follows the small corrections of the wall clock."""


class Line(Struct, frozen=True):
    """A clock that runs on by itself: it showed ``at`` when the machine counted ``seconds``."""

    at: datetime
    seconds: float

    def when(self, seconds: float) -> datetime:
        """What it shows when the machine counts ``seconds``."""
        return self.at + timedelta(seconds=seconds - self.seconds)

    def off(self, wall: datetime, seconds: float) -> float:
        """Seconds by which ``wall`` is ahead of it."""
        return (wall - self.when(seconds)).total_seconds()


class Believed(Struct, frozen=True):
    """A line that is believed, without a break since it showed ``since``."""

    line: Line
    since: datetime = ALWAYS


class Reading(Struct, frozen=True):
    """The time to decide by, and since when it has been believed: ``None`` while it is doubted."""

    at: datetime
    believed_from: datetime | None = ALWAYS


@dataclass(frozen=True)
class Doubt:
    """Why the wall clock is not believed."""

    code: PublicationCode
    text: Text

    def __str__(self) -> str:
        return self.code.line(self.text)


@dataclass
class _Run:
    """The wall clock since it was last set: one line, and what others say of it."""

    line: Line
    begun: float
    agreed: bool | None = None
    """What most of the publishers that answered say; ``None`` if they say nothing."""
    confirmed: bool = False

    @property
    def vouched(self) -> bool:
        return self.confirmed or self.agreed is True

    @property
    def denied(self) -> bool:
        return self.agreed is False and not self.confirmed


class SteadyClock:
    """The state. ``seconds`` everywhere are those that the machine counts."""

    def __init__(
        self,
        believed: Believed | None = None,
        last_event: datetime | None = None,
        *,
        others: bool = False,
    ) -> None:
        """Begin to look.

        Args:
            believed: what an earlier process of this very start of the machine believed.
            last_event: time of the newest event in the record; nothing is dated before it.
            others: whether there are publishers to be asked, whose first answer is waited for.
        """
        self.believed = believed
        self.doubt: Doubt | None = None
        self._floor = last_event
        self._unheard = others
        self._run: _Run | None = None
        self._counted: float | None = None
        self._slept = False
        self._first: float | None = None

    def look(self, wall: datetime, seconds: float) -> Reading:
        """Take a reading of both clocks; the time to decide by."""
        if self._first is None:
            self._begin(wall, seconds)
        self._notice_sleep(seconds)
        run = self._follow(wall, seconds)
        self.doubt = self._judge(run, wall, seconds)
        at = self._time(wall, seconds)
        since = None if self.doubt or self.believed is None else self.believed.since
        return Reading(at, since)

    def date(self, at: datetime) -> datetime:
        """The time to date an event by: ``at``, or the newest one that was given, if later."""
        self._floor = at if self._floor is None else max(at, self._floor)
        return self._floor

    def hear(self, ahead: Sequence[float], asked: float) -> None:
        """Take what publishers' clocks said: the seconds by which each is ahead of the wall clock.

        They were ``asked`` when the machine had counted so many seconds: what was said of a clock
        that has been set since is no word on it. Nobody's answer changes nothing; of those who
        answered most decide.
        """
        self._unheard = False
        if not ahead or self._run is None or asked < self._run.begun:
            return
        agreeing = sum(abs(seconds) <= JUMP for seconds in ahead)
        differing = len(ahead) - agreeing
        self._run.agreed = None if agreeing == differing else agreeing > differing

    def confirm(self) -> None:
        """Take the operator's word that the wall clock, as it runs now, is right."""
        if self._run is not None:
            self._run.confirmed = True

    def _begin(self, wall: datetime, seconds: float) -> None:
        self._first = self._counted = seconds
        start = self.believed.line.when(seconds) if self.believed else wall
        if self._floor is not None and (self._floor - start).total_seconds() > JUMP:
            self.believed = None

    def _notice_sleep(self, seconds: float) -> None:
        """A machine that stood still, or whose count was set: what it counted proves nothing."""
        before, self._counted = self._counted, seconds
        if before is None or 0 <= seconds - before <= JUMP:
            return
        self._run, self._slept = None, seconds > before
        if self.believed is not None:
            stood = Line(self.believed.line.when(before), seconds)
            self.believed = structs.replace(self.believed, line=stood)

    def _follow(self, wall: datetime, seconds: float) -> _Run:
        """The run that the wall clock is in, a new one if it was set."""
        run = self._run
        if run is None or abs(run.line.off(wall, seconds)) > STEP:
            run = self._run = _Run(Line(wall, seconds), seconds)
        elif seconds - run.line.seconds >= FOLLOWED:
            run.line = Line(wall, seconds)
        return run

    def _judge(self, run: _Run, wall: datetime, seconds: float) -> Doubt | None:
        """Believe the run if it may be; else why not."""
        stood = seconds - run.begun
        off = 0.0 if self.believed is None else self.believed.line.off(wall, seconds)
        if run.denied:
            here = said("it is {wall} here", wall=wall.isoformat())
            return Doubt(PublicationCode.CLOCK_UNLIKE_PUBLISHERS, here)
        if abs(off) > JUMP and not (run.vouched or (self._slept and stood >= SLEPT)):
            return Doubt(PublicationCode.CLOCK_JUMPED, _words(off, wall))
        if self.believed is None and not run.vouched and self._is_behind(wall):
            behind = said(
                "it is {wall}, the record's last event is of {last}",
                wall=wall.isoformat(),
                last=self._floor,
            )
            return Doubt(PublicationCode.CLOCK_BEHIND_RECORD, behind)
        return self._settle(run, off, wall, seconds)

    def _settle(self, run: _Run, off: float, wall: datetime, seconds: float) -> Doubt | None:
        """Take the run for the line once it has stood for a while."""
        settled = seconds - run.begun >= SETTLED and not self._unheard
        if self.believed is None:
            if not settled:
                return Doubt(
                    PublicationCode.CLOCK_UNPROVEN, said("it is {wall}", wall=wall.isoformat())
                )
            self.believed = Believed(Line(wall, seconds), ALWAYS if run.vouched else wall)
            return None
        if self.doubt is not None and not settled:
            return self.doubt
        stale = seconds - self.believed.line.seconds >= FOLLOWED
        if settled and (abs(off) > STEP or stale or run.vouched):
            since = ALWAYS if run.vouched else self.believed.since
            self.believed = Believed(Line(wall, seconds), since)
            self._slept = False
        return None

    def _is_behind(self, wall: datetime) -> bool:
        return self._floor is not None and (self._floor - wall).total_seconds() > JUMP

    def _time(self, wall: datetime, seconds: float) -> datetime:
        if self.believed is not None:
            return self.believed.line.when(seconds)
        if self._floor is None or self._first is None:
            return wall
        return min(wall, self._floor + timedelta(seconds=seconds - self._first))


def _words(off: float, wall: datetime) -> Text:
    return said(
        "it is {wall}, {off:.0f} s ahead of what the seconds since give"
        if off > 0
        else "it is {wall}, {off:.0f} s behind what the seconds since give",
        wall=wall.isoformat(),
        off=abs(off),
    )
