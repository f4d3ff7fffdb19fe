"""Dates and times as official files write them, made aware with the file's own UTC offset."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

CENTRAL = timezone(timedelta(hours=-6))
"""The zone taken where a file does not say its own: most of Mexico."""

YEARS = range(1900, 2201)
"""Years that are taken for times: others are no time of any election, and overflow arithmetic."""

_LOCAL = re.compile(r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?$")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$")
_CUT = re.compile(
    r"(?:(?P<local>\d{1,2}[/-]\d{1,2}[/-]\d{4})|(?P<iso>\d{4}-\d{1,2}-\d{1,2}))"
    r"[ T]+(?P<clock>\d{1,2}:\d{2}(?::\d{2})?)"
    r"(?: ?(?:hrs?\.?|horas)? ?\(? ?(?:UTC|GMT) ?"
    r"(?P<hours>[+-] ?\d{1,2})(?::?(?P<minutes>\d{2}))?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CutTime:
    """The time of a cut; ``has_offset`` tells whether the file itself said its UTC offset."""

    at: datetime
    has_offset: bool


def cut_time(line: str) -> CutTime | None:
    """The time of the cut in a line as ``03/06/2024 20:00 (UTC-6)``, or ``None``."""
    # Runs of blanks are closed first: side by side in a pattern they cost their length cubed.
    match = _CUT.search(" ".join(line.split()))
    if not match:
        return None
    zone: tzinfo = CENTRAL
    if match["hours"]:
        hours = int(match["hours"].replace(" ", ""))
        minutes = int(match["minutes"] or 0)
        if abs(hours) > 14 or minutes > 59:
            return None
        zone = timezone(timedelta(hours=hours, minutes=minutes if hours >= 0 else -minutes))
    at = moment(f"{match['local'] or match['iso']} {match['clock']}", zone)
    return CutTime(at, bool(match["hours"])) if at else None


def moment(cell: str, zone: tzinfo) -> datetime | None:
    """The time in ``cell``, in ``zone``; ``None`` where there is none or it cannot be read."""
    text = cell.strip(" '\"\t")
    match = _LOCAL.match(text)
    if match:
        day, month, year, *clock = match.groups()
    else:
        match = _ISO.match(text)
        if not match:
            return None
        year, month, day, *clock = match.groups()
    hour, minute, second = (int(part or 0) for part in clock)
    if int(year) not in YEARS:
        return None
    try:
        return datetime(int(year), int(month), int(day), hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def shape(cell: str) -> str:
    """The format of a time, every digit as ``0``: what tells two formats apart."""
    digits = re.sub(r"\d+", "0", cell.strip(" '\"\t"))
    return digits.replace("T", " ")


def election_day(cut: datetime) -> datetime:
    """Midnight that begins the election day of ``cut``: elections are held on a Sunday.

    LGIPE 22 for the ordinary ones; the PREP ends the day after (Reglamento de Elecciones 353).
    """
    midnight = cut.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=(midnight.weekday() + 1) % 7)
