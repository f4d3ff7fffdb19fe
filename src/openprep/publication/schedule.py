"""Which cut is due: a pure rule over the window, the periods and what was made before."""

from datetime import datetime

from msgspec import Struct

from openprep.election import Election
from openprep.election.cut import CutKind


class Due(Struct, frozen=True):
    """A cut to make now; ``database_time`` is the official time of its databases, if any."""

    kind: CutKind
    database_time: datetime | None = None


class Made(Struct, frozen=True):
    """What was made before: whether cut 0 and the last cut, and the newest official database."""

    opened: bool = False
    closed: bool = False
    database_time: datetime | None = None


def due(election: Election, made: Made, now: datetime, *, news: bool) -> Due | None:
    """The cut that is due at ``now``; ``news`` says whether a live cut would show anything new.

    Before the opening nothing is due, whatever has arrived. After downtime only the newest missed
    database is made, under its own time. The closing cut comes once, at the end of the window, and
    is a database cut too.
    """
    window, period = election.window, election.cuts.database_period
    if now < window.opens or made.closed:
        return None
    if not made.opened:
        return Due(CutKind.ZERO)
    if now >= window.closes:
        return Due(CutKind.CLOSING, window.closes)
    newest = window.opens + (now - window.opens) // period * period
    if newest > (made.database_time or window.opens):
        return Due(CutKind.DATABASE, newest)
    return Due(CutKind.LIVE) if news else None


def database_time_of(election: Election, at: datetime) -> datetime:
    """The official time of the database that a cut made at ``at`` carries."""
    window, period = election.window, election.cuts.database_period
    return min(window.opens + (at - window.opens) // period * period, window.closes)
