"""Dates and times as official files write them, made aware with the file's own UTC offset.

People write a date with its day or its year first, with the month in words, and an hour of
twenty-four or of twelve. What can be read in one way only is read; anything else is ``None``, which
is a finding: nothing is guessed.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from itertools import islice

from openprep.databases.words import as_seen

CENTRAL = timezone(timedelta(hours=-6))
"""The zone taken where a file does not say its own: most of Mexico."""

YEARS = range(1900, 2201)
"""Years that are taken for times: others are no time of any election, and overflow arithmetic."""

LONGEST = 300
"""Characters of a line within which its time stands."""

_LOCAL = re.compile(r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?$")
"""How nearly every cell is written: day first, twenty-four hours."""

_MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "enero ene january jan",
            "febrero feb february",
            "marzo mar march",
            "abril abr april apr",
            "mayo may",
            "junio jun june",
            "julio jul july",
            "agosto ago august aug",
            "septiembre setiembre sept sep set september",
            "octubre oct october",
            "noviembre nov november",
            "diciembre dic december dec",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR, _DAY = r"(?P<year>[12]\d{3})", r"(?P<day>\d{1,2})"
_NUMBER, _WORD = r"(?P<month>\d{1,2})", rf"(?P<word>{_MONTH})\.?"
_OF = r"(?: |/|-|, ?| de | del )"
_DATES = tuple(
    re.compile(rf"(?<![\d.:/-]){pattern}(?![\d/-])")
    for pattern in (
        rf"{_DAY}(?P<s>[/.-]){_NUMBER}(?P=s){_YEAR}",
        rf"{_YEAR}(?P<s>[/.-]){_NUMBER}(?P=s){_DAY}",
        rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})(?=[ t_]|$)",
        rf"{_DAY}(?:o|\.)?{_OF}{_WORD}{_OF}{_YEAR}",
        rf"{_YEAR}{_OF}{_WORD}{_OF}{_DAY}",
        rf"{_WORD}{_OF}{_DAY}{_OF}{_YEAR}",
    )
)
_HOUR, _MINUTE, _SECOND = r"(?P<hour>\d{1,2})", r"(?P<minute>\d{2})", r"(?P<second>\d{2})"
_HALF = r"(?P<half>[ap])(?:\. ?m\.?| ?m\.?)(?![a-z])"
_HOURS = r"(?:hrs?\.?|horas?|h\.?)(?![a-z])"
_CLOCKS = tuple(
    re.compile(rf"(?<![\d.:/-]){pattern}")
    for pattern in (
        rf"{_HOUR}:{_MINUTE}(?::{_SECOND}(?:[.,]\d+)?)?(?!\d)(?: ?{_HALF})?",
        rf"{_HOUR}[.h]{_MINUTE}(?:[.:]{_SECOND})?(?!\d)(?: ?{_HALF}| ?{_HOURS}|(?=$| ?\())",
        rf"{_HOUR} ?(?:{_HALF}|{_HOURS})",
        rf"(?P<hour>\d{{2}}){_MINUTE}{_SECOND}?(?!\d)",
    )
)
_OFFSET = re.compile(
    r"(?:(?:utc|gmt) ?(?P<zero>[+-] ?\d{1,2}(?::?\d{2})?)?(?![a-z])(?! ?\d)"
    r"|(?<=\d)(?: ?(?P<iso>[+-]\d{2}:?\d{2}))|(?<=\d)(?P<zulu>z))(?![\d:])"
)
_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2010": "-", "\u2011": "-"})


@dataclass(frozen=True)
class CutTime:
    """The time of a cut; ``has_offset`` tells whether the file itself said its UTC offset."""

    at: datetime
    has_offset: bool


def cut_time(line: str) -> CutTime | None:
    """The time of the cut in a line as ``03/06/2024 20:00 (UTC-6)``, or ``None``.

    ``None`` too where the line has an offset that cannot be read: a wrong hour would be taken.
    """
    text = _folded(line)
    if "utc" in text or "gmt" in text or _OFFSET.search(text):
        zone = _zone(text)
        at = _read(text, zone) if zone else None
        return CutTime(at, True) if at else None
    at = _read(text, CENTRAL)
    return CutTime(at, False) if at else None


def moment(cell: str, zone: tzinfo) -> datetime | None:
    """The time in ``cell``, in ``zone``; ``None`` where there is none or it cannot be read."""
    match = _LOCAL.match(cell)
    if match:
        day, month, year, *clock = match.groups()
        hour, minute, second = (int(part or 0) for part in clock)
        return _moment(int(year), int(month), int(day), hour, minute, second, zone)
    text = _folded(cell)
    own = _zone(text) if _OFFSET.search(text) else None
    at = _read(text, own or zone)
    return at.astimezone(zone) if at and own else at


def shape(cell: str) -> str:
    """The format of a time, every digit as ``0``: what tells two formats apart."""
    text = re.sub(rf"(?<![a-z])({_MONTH})(?![a-z])", "mes", _folded(cell))
    text = re.sub(_HALF, "xm", text)
    digits = re.sub(r"\d+", "0", re.sub(r"\d{4}", "9999", text).replace("9999", "y"))
    return digits.replace("t", " ")


def _folded(text: str) -> str:
    """In small letters, without accents, with single blanks, no longer than a line of a time is."""
    seen = as_seen(text.replace("_", " ") if len(text) <= LONGEST else text[:LONGEST])
    decomposed = unicodedata.normalize("NFD", " ".join(seen.strip("'\"").split()).lower())
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return letters.translate(_SIGNS)


def _zone(text: str) -> tzinfo | None:
    match = _OFFSET.search(text)
    if not match:
        return None
    written = (match["zero"] or match["iso"] or "+0").replace(" ", "").replace(":", "")
    sign, digits = (-1 if written[0] == "-" else 1), written[1:]
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    if hours > 14 or minutes > 59:
        return None
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def _read(text: str, zone: tzinfo) -> datetime | None:
    """The one date and the one clock of ``text``; ``None`` where there are two of either."""
    found = _only(_DATES, text)
    if not found:
        return None
    date = found.groupdict()
    rest = f"{text[: found.start()]} {text[found.end() :].lstrip('t')}"
    offset = _OFFSET.search(rest)
    clock = _clock(rest[: offset.start()] if offset else rest) or _clock(rest)
    if clock is None:
        return None
    month = _MONTHS[date["word"]] if date.get("word") else int(date["month"])
    return _moment(int(date["year"]), month, int(date["day"]), *clock, zone)


def _only(patterns: Sequence[re.Pattern[str]], text: str) -> re.Match[str] | None:
    """What the first of ``patterns`` that is in ``text`` finds there, if it is there once."""
    for pattern in patterns:
        first, *others = [*islice(pattern.finditer(text), 2), None]
        if first:
            return None if others[0] else first
    return None


def _clock(text: str) -> tuple[int, int, int] | None:
    """Hour, minute and second; an hour of twelve goes with its half of the day."""
    found = _only(_CLOCKS, text)
    if not found:
        return None
    parts = found.groupdict()
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    match parts.get("half"):
        case "p" if hour < 12:
            hour += 12
        case "a" if hour == 12:
            hour = 0
        case "a" if hour > 12:
            return None
    return hour, minute, second


def _moment(
    year: int, month: int, day: int, hour: int, minute: int, second: int, zone: tzinfo
) -> datetime | None:
    if year not in YEARS:
        return None
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def election_day(cut: datetime) -> datetime:
    """Midnight that begins the election day of ``cut``: elections are held on a Sunday.

    LGIPE 22 for the ordinary ones; the PREP ends the day after (Reglamento de Elecciones 353).
    """
    midnight = cut.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=(midnight.weekday() + 1) % 7)
