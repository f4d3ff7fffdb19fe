"""What a self-test says: a line for each check, and go or no-go for all of them."""

from datetime import datetime
from enum import Enum

from msgspec import Struct

from openprep.clock import beside


class Verdict(Enum):
    """What a check comes to."""

    GO = "go"
    LOOK = "look"
    """Not in the way of the night, but somebody should look at it."""
    NO_GO = "NO-GO"


class Check(Struct, frozen=True):
    """One line of the table: what was measured, what came out, and what it is held against."""

    name: str
    verdict: Verdict
    found: str
    limit: str


def outlasting(closes: datetime) -> str:
    """The limit of what must not expire before the results close."""
    return f"good until {closes.isoformat()}, when results close"


def until(expires: datetime, now: datetime, closes: datetime) -> str:
    """``expires`` in the offset of ``closes``, and whether it is past by the clock."""
    found = beside(expires, closes)
    return found if expires > now else f"{found}: past, this clock says {beside(now, closes)}"


def table_of(checks: list[Check]) -> list[str]:
    """What an operator reads: a line for each check, and what it all comes to."""
    wide = max((len(check.name) for check in checks), default=0)
    lines = [
        f"{check.verdict.value:<6} {check.name:<{wide}}  {check.found}   ({check.limit})"
        for check in checks
    ]
    failed = [check.name for check in checks if check.verdict is Verdict.NO_GO]
    return [*lines, "", f"NO-GO: {', '.join(failed)}" if failed else "GO"]
