"""The zone data of this machine: which are used, and whether they know the end of summer time."""

import zoneinfo
from datetime import UTC, datetime, timedelta
from pathlib import Path

from openprep.coded import Text, said

MEXICO_CITY = "America/Mexico_City"
_SUMMER = datetime(2024, 7, 1, 18, tzinfo=UTC)
_CENTRAL = timedelta(hours=-6)
"""Mexico ended summer time on 30 October 2022 (Ley de los Husos Horarios); tzdata 2022f has it."""


def are_stale() -> bool:
    """Whether this machine's zone data are older than the end of summer time in Mexico."""
    return _SUMMER.astimezone(zoneinfo.ZoneInfo(MEXICO_CITY)).utcoffset() != _CENTRAL


def source_of(zone: str) -> Text:
    """Where the data of ``zone`` come from on this machine, with their version if it is told."""
    for folder in map(Path, zoneinfo.TZPATH):
        if (folder / zone).is_file():
            version = _version(folder)
            if version:
                return said("zone data {version} of {folder}", version=version, folder=folder)
            return said("zone data of {folder}", folder=folder)
    return said("zone data of the package tzdata")


def _version(folder: Path) -> str:
    for name in ("tzdata.zi", "+VERSION"):
        try:
            with (folder / name).open(encoding="ascii") as stream:
                return stream.readline(64).removeprefix("# version").strip()
        except (OSError, UnicodeDecodeError):
            continue
    return ""
