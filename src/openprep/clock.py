"""Time as an argument: whoever needs to know the time is handed a clock."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Gives the present instant, in UTC."""


def system_clock() -> datetime:
    """The machine's own clock."""
    return datetime.now(UTC)


def beside(at: datetime, other: datetime) -> str:
    """``at`` in the offset of ``other``, so that who reads both can compare them."""
    return at.astimezone(other.tzinfo).isoformat()
