"""A ZIP of files that are compressed already (APPNOTE 6.3, without its extensions)."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from openprep.databases.write.deflated import END, Deflated, crc_of

STORED, DEFLATED = 0, 8
VERSION = 20
"""Of the format, from which a file may be deflated."""
UNIX = 3
PLAIN_FILE = 0o644 << 16
UTF8_NAME = 0x800

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")
_END = struct.Struct("<4s4H2LH")


@dataclass(frozen=True)
class Entry:
    """One file of a ZIP."""

    name: str
    method: int
    parts: Sequence[bytes]
    """What stands in the ZIP, one after the other."""
    size: int
    crc: int

    @classmethod
    def deflated(cls, name: str, parts: Sequence[Deflated]) -> Self:
        """A file whose text is that of ``parts``."""
        data = [*(part.data for part in parts), END]
        return cls(name, DEFLATED, data, sum(part.size for part in parts), crc_of(parts))

    @classmethod
    def stored(cls, name: str, data: bytes) -> Self:
        """A file that stands there as it is."""
        return cls(name, STORED, [data], len(data), zlib.crc32(data))


def zip_of(entries: Sequence[Entry], at: datetime) -> bytes:
    """The ZIP of ``entries`` in their order, each with the time ``at``.

    Raises:
        struct.error: it would have 4 GiB, which this form of a ZIP cannot say.
    """
    body: list[bytes] = []
    directory: list[bytes] = []
    position = 0
    for entry in entries:
        common = _common(entry, at)
        name = entry.name.encode()
        local = _LOCAL.pack(b"PK\3\4", VERSION, *common, len(name), 0) + name
        directory.append(
            _CENTRAL.pack(
                b"PK\1\2",
                VERSION,
                UNIX,
                VERSION,
                0,
                *common,
                len(name),
                0,
                0,
                0,
                0,
                PLAIN_FILE,
                position,
            )
        )
        directory.append(name)
        body += [local, *entry.parts]
        position += len(local) + sum(map(len, entry.parts))
    size = sum(map(len, directory))
    end = _END.pack(b"PK\5\6", 0, 0, len(entries), len(entries), size, position, 0)
    return b"".join([*body, *directory, end])


def _common(entry: Entry, at: datetime) -> tuple[int, ...]:
    """What both headers of an entry say: flags, method, time, date, CRC and sizes."""
    flags = 0 if entry.name.isascii() else UTF8_NAME
    time = at.hour << 11 | at.minute << 5
    date = at.year - 1980 << 9 | at.month << 5 | at.day
    packed = sum(map(len, entry.parts))
    return flags, entry.method, time, date, entry.crc, packed, entry.size
