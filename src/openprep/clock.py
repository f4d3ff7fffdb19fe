"""Time as an argument: whoever needs to know the time is handed a clock."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, TypeAlias

from msgspec import Meta

Moment: TypeAlias = Annotated[datetime, Meta(tz=True)]
"""An instant: a time without an offset is refused where it is read."""

Clock: TypeAlias = Callable[[], datetime]
"""Gives the present instant, in UTC."""


def system_clock() -> datetime:
    """The machine's own clock."""
    return datetime.now(UTC)


def count_seconds() -> float:
    """Seconds since the machine started, those in which it slept too where the system counts them.

    Nobody can set them.
    """
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def http_date(said: str | None) -> datetime | None:
    """The time in a Date header (RFC 9110, 6.6.1), in UTC; ``None`` where it says none."""
    if said is None:
        return None
    try:
        dated = parsedate_to_datetime(said)
        return dated.replace(tzinfo=UTC) if dated.tzinfo is None else dated.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def beside(at: datetime, other: datetime) -> str:
    """``at`` in the offset of ``other``, so that who reads both can compare them."""
    return at.astimezone(other.tzinfo).isoformat()
