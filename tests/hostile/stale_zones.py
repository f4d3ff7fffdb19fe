"""Zone data as they were before tzdata 2022f: America/Mexico_City still has summer time."""

import struct
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SUMMER_TIME_WITHOUT_END = "CST6CDT,M4.1.0,M10.5.0"


def tzif(rule: str) -> bytes:
    """A compiled zone (RFC 8536, version 2) that has no transition but those of ``rule``."""

    def block(version: bytes) -> bytes:
        counts = struct.pack(">6l", 0, 0, 0, 0, 1, 4)
        return b"TZif" + version + bytes(15) + counts + struct.pack(">lbb", -21600, 0, 0) + b"CST\0"

    return block(b"2") + block(b"2") + f"\n{rule}\n".encode()


@contextmanager
def zone_data_before_2022f(folder: Path) -> Iterator[None]:
    """A machine whose zone data stand in ``folder`` and are that old."""
    zone = folder / "America" / "Mexico_City"
    zone.parent.mkdir(parents=True)
    zone.write_bytes(tzif(SUMMER_TIME_WITHOUT_END))
    zoneinfo.reset_tzpath(to=[folder])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        yield
    finally:
        zoneinfo.reset_tzpath()
        zoneinfo.ZoneInfo.clear_cache()
