"""Which cut is due: a pure rule over the window, the periods and what was made before."""

from datetime import UTC, datetime

from msgspec import Struct

from openprep.election import Election
from openprep.election.cut import CutKind

ALWAYS = datetime.min.replace(tzinfo=UTC)
"""Since when a clock is believed that nobody needs to doubt."""


class Due(Struct, frozen=True):
    """A cut to make now; ``database_time`` is the official time of its databases, if any."""

    kind: CutKind
    database_time: datetime | None = None


class Progress(Struct, frozen=True):
    """What was made before: whether cut 0 and the last cut, and the newest official database."""

    opened: bool = False
    closed: bool = False
    database_time: datetime | None = None


def due(
    election: Election,
    progress: Progress,
    now: datetime,
    *,
    news: bool,
    believed_from: datetime | None = ALWAYS,
) -> Due | None:
    """The cut that is due at ``now``; ``news`` says whether a live cut would show anything new.

    Before the opening nothing is due, whatever has arrived. After downtime only the newest missed
    database is made, under its own time. The closing cut comes once, at the end of the window, and
    is a database cut too.

    What cannot be undone waits for a clock that is believed, ``believed_from`` some instant on
    (``None`` while it is doubted), and the closing for one that was believed before the window's
    end, so that it was seen to come. Live cuts go on meanwhile.
    """
    window, period = election.window, election.cuts.database_period
    if now < window.opens or progress.closed:
        return None
    live = Due(CutKind.LIVE) if news and progress.opened else None
    if believed_from is None:
        return live
    if not progress.opened:
        return Due(CutKind.ZERO)
    if now >= window.closes:
        return Due(CutKind.CLOSING, window.closes) if believed_from < window.closes else live
    newest = window.opens + (now - window.opens) // period * period
    if newest > (progress.database_time or window.opens):
        return Due(CutKind.DATABASE, newest)
    return live


def closing_unseen(
    election: Election, progress: Progress, now: datetime, since: datetime | None
) -> bool:
    """Whether the closing waits because the clock was believed only after the window's end."""
    closes = election.window.closes
    return (
        progress.opened
        and not progress.closed
        and since is not None
        and since >= closes
        and now >= closes
    )


def database_time_of(election: Election, at: datetime) -> datetime:
    """The official time of the database that a cut made at ``at`` carries."""
    window, period = election.window, election.cuts.database_period
    return min(window.opens + (at - window.opens) // period * period, window.closes)
