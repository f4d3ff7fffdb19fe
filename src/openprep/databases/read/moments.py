"""Dates and times as official files write them, made aware with the file's own UTC offset.

People write a date with its day or its year first, with the month in words, and an hour of
twenty-four or of twelve. What can be read in one way only is read; anything else is ``None``, which
is a finding: nothing is guessed.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import islice

from openprep.databases.words import as_seen

CENTRAL = timezone(timedelta(hours=-6))
"""The zone taken where a file does not say its own: most of Mexico."""

YEARS = range(1900, 2201)
"""Years that are taken for times: others are no time of any election, and overflow arithmetic."""

LONGEST = 300
"""Characters of a line within which its time stands."""

_LOCAL = re.compile(r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?\Z")
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
_WHOLE = r"(?![\d/-])"
_DATES = tuple(
    re.compile(rf"(?<![\d.:/-]){pattern}")
    for pattern in (
        rf"{_DAY}(?P<s>[/.-]){_NUMBER}(?P=s){_YEAR}(?![\d/])",
        rf"{_YEAR}(?P<s>[/.-]){_NUMBER}(?P=s){_DAY}(?![\d/])",
        rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})(?=[ t_]|\Z|\d{{4}}(?:\d{{2}})?(?!\d))",
        rf"{_DAY}(?:o|\.)?{_OF}{_WORD}{_OF}{_YEAR}{_WHOLE}",
        rf"{_YEAR}{_OF}{_WORD}{_OF}{_DAY}{_WHOLE}",
        rf"{_WORD}{_OF}{_DAY}{_OF}{_YEAR}{_WHOLE}",
    )
)
_HOUR, _MINUTE, _SECOND = r"(?P<hour>\d{1,2})", r"(?P<minute>\d{2})", r"(?P<second>\d{2})"
_HALF = (
    r"(?:(?P<half>[ap])(?:\. ?m\.?| ?m\.?)(?![a-z])"
    r"|(?:horas? |hrs?\.? )?(?:de|por) la (?P<part>noche|tarde|manana|madrugada))"
)
_HOURS = r"(?:hrs?\.?|horas?|h\.?)(?![a-z])"
_CLOCKS = tuple(
    re.compile(rf"(?<![\d.:/-]){pattern}")
    for pattern in (
        rf"{_HOUR}:{_MINUTE}(?::{_SECOND}(?:[.,]\d+)?)?(?!\d)(?: ?{_HALF})?",
        rf"{_HOUR}[.h]{_MINUTE}(?:[.:]{_SECOND})?(?!\d)(?: ?{_HALF}| ?{_HOURS}|(?=\Z| ?\())",
        rf"{_HOUR} ?(?:{_HALF}|{_HOURS})",
        rf"(?P<hour>\d{{2}}){_MINUTE}{_SECOND}?(?!\d)",
    )
)
_SIGNED = r"(?P<sign>[+-]|menos|mas) ?(?P<hours>\d{1,2})(?:[:.]?(?P<minutes>\d{2}))?(?![\d:]|\.\d)"
_UNIVERSAL = r"(?<![a-z])(?:(?:utc|gmt|u\.t\.c\.?|g\.m\.t\.?)[ /]*)+"
_OFFSETS = (
    re.compile(rf"{_UNIVERSAL}[ :=(]*{_SIGNED}"),
    re.compile(
        r"(?<=\d) ?\(?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?=\Z|[ ,;)])"
    ),
)
"""An offset after UTC, or after the hour."""
_ZERO = re.compile(rf"{_UNIVERSAL}(?=\Z|[),;])|(?<=\d)z(?![a-z])")
_OF_ANOTHER_PLACE = re.compile(
    r"(?<![a-z])(?:utc|gmt)|america/(?!mexico)"
    r"|(?:hora|tiempo|huso|horario|zona) (?:[a-z]+ )?del? (?:la |el )?"
    r"(?:pacifico|noroeste|sureste|sonora|sinaloa|nayarit|chihuahua|baja|quintana|tijuana)"
)
"""What says that the hour is of a place whose offset is not written as a number."""
_ABBREVIATED = re.compile(r"(?<![a-z])(?P<zone>[ecmp])(?P<time>[sd])t(?![a-z])")
_EASTERN_TO_PACIFIC = {"e": -5, "c": -6, "m": -7, "p": -8}
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
    read = _read(_folded(line), CENTRAL)
    return CutTime(*read) if read else None


def moment(cell: str, zone: tzinfo) -> datetime | None:
    """The time in ``cell``, in ``zone``; ``None`` where there is none or it cannot be read."""
    match = _LOCAL.match(cell)
    if match:
        day, month, year, *clock = match.groups()
        hour, minute, second = (int(part or 0) for part in clock)
        return _moment(int(year), int(month), int(day), hour, minute, second, zone)
    at, own = _read(_folded(cell), zone) or (None, False)
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


def _zone(text: str) -> tuple[tzinfo | None, bool]:
    """The offset that ``text`` writes, if it can be read, and whether it writes any."""
    for pattern in _OFFSETS:
        if match := pattern.search(text):
            sign = -1 if match["sign"] in ("-", "menos") else 1
            return _offset(sign, int(match["hours"]), int(match["minutes"] or 0)), True
    if _ZERO.search(text):
        return UTC, True
    if match := _ABBREVIATED.search(text):
        summer = match["time"] == "d"
        return timezone(timedelta(hours=_EASTERN_TO_PACIFIC[match["zone"]] + summer)), True
    return None, _OF_ANOTHER_PLACE.search(text) is not None


def _offset(sign: int, hours: int, minutes: int) -> tzinfo | None:
    if hours > 14 or minutes > 59:
        return None
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def _read(text: str, zone: tzinfo) -> tuple[datetime, bool] | None:
    """The one date and the one clock of ``text``, and whether it writes its offset.

    ``None`` where there are two of either, or an offset that cannot be read.
    """
    found = _only(_DATES, text)
    if not found:
        return None
    date = found.groupdict()
    rest = f"{text[: found.start()]} {text[found.end() :].lstrip('t-_, ')}"
    own, written = _zone(rest)
    clock = _clock(_without_offset(rest))
    if clock is None or (written and own is None):
        return None
    month = _MONTHS[date["word"]] if date.get("word") else int(date["month"])
    at = _moment(int(date["year"]), month, int(date["day"]), *clock, own or zone)
    return (at, written) if at else None


def _without_offset(text: str) -> str:
    for pattern in _OFFSETS:
        text = pattern.sub(" ", text, count=1)
    return text


def _only(patterns: Sequence[re.Pattern[str]], text: str) -> re.Match[str] | None:
    """What the first of ``patterns`` that is in ``text`` finds there, if it is there once."""
    for pattern in patterns:
        first, *others = [*islice(pattern.finditer(text), 2), None]
        if first:
            return None if others[0] else first
    return None


_HALVES = {"noche": "p", "tarde": "p", "manana": "a", "madrugada": "a"}
"""The half of the day that people say in words; twelve of the night is of two days."""


def _clock(text: str) -> tuple[int, int, int] | None:
    """Hour, minute and second; an hour of twelve goes with its half of the day."""
    found = _only(_CLOCKS, text)
    if not found:
        return None
    parts = found.groupdict()
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    match parts.get("half") or _HALVES.get(parts.get("part") or ""):
        case "p" if hour < 12:
            hour += 12
        case "p" if parts.get("part") == "noche" and hour == 12:
            return None
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
