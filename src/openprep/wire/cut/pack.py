"""A pack: the new objects of one cut in one file.

Objects below the unit (runs of sections, sections with their actas) are kept nowhere else: a
reference names the pack, and the bytes are read from it by range. A nation's night has some
700,000 of them: as files of their own they would cost every publisher more time than counting them.
Objects from the unit up stand under ``objects/`` too, for readers to cache; the pack brings them to
a mirror in the same request.

Each object stands as a line ``<sha256> <size>``, ending in `` file`` if it also stands under
``objects/``, followed by its bytes and a line end.
"""

import hashlib
from collections.abc import Iterator
from typing import IO, NamedTuple

from openprep.wire.cut.objects import Ref

MAX_OBJECT_BYTES = 64 * 1024 * 1024
_LONGEST_HEADER = 96
_FILE = "file"


class PackError(ValueError):
    """The pack is cut short, malformed, or holds bytes that do not match their digest."""


class PackWriter:
    """Writes the pack of cut ``number`` to ``stream``."""

    def __init__(self, number: int, stream: IO[bytes]) -> None:
        self._number = number
        self._stream = stream
        self._digest = hashlib.sha256()
        self._size = 0

    @property
    def ref(self) -> Ref:
        """Digest and size of the whole pack so far."""
        return Ref(self._digest.hexdigest(), self._size)

    def add(self, sha256: str, data: bytes) -> Ref:
        """Write an object that is kept in the pack only; where it is."""
        offset = self._write(b"%s %d\n" % (sha256.encode(), len(data)), data)
        return Ref(sha256, len(data), self._number, offset)

    def add_file(self, sha256: str, data: bytes) -> Ref:
        """Write an object that stands under ``objects/`` too."""
        self._write(b"%s %d %s\n" % (sha256.encode(), len(data), _FILE.encode()), data)
        return Ref(sha256, len(data))

    def _write(self, header: bytes, data: bytes) -> int:
        entry = b"%s%s\n" % (header, data)
        self._stream.write(entry)
        self._digest.update(entry)
        offset = self._size + len(header)
        self._size += len(entry)
        return offset


class Entry(NamedTuple):
    """One object of a pack: its digest as claimed, and where its bytes are."""

    sha256: str
    offset: int
    size: int
    is_file: bool


def files_in(pack: bytes) -> Iterator[tuple[str, bytes]]:
    """The objects of a pack that stand under ``objects/`` too, each checked against its digest.

    Raises:
        PackError: at the first entry that is not what it says.
    """
    for entry in entries_of(pack):
        if entry.is_file:
            yield entry.sha256, object_in(pack, entry)


def object_in(pack: bytes, entry: Entry) -> bytes:
    """The bytes of one entry.

    Raises:
        PackError: they do not match its digest.
    """
    data = pack[entry.offset : entry.offset + entry.size]
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise PackError(f"object {entry.sha256} does not match its digest")
    return data


def entries_of(pack: bytes) -> Iterator[Entry]:
    """What a pack holds, in order; the digests are claims.

    Raises:
        PackError: where the pack is malformed or cut short.
    """
    position = 0
    while position < len(pack):
        end = pack.find(b"\n", position, position + _LONGEST_HEADER)
        entry = _parse_header(pack[position:end] if end >= 0 else b"", end + 1)
        position = entry.offset + entry.size + 1
        if pack[position - 1 : position] != b"\n":
            raise PackError(f"object {entry.sha256} is cut short")
        yield entry


def _parse_header(line: bytes, offset: int) -> Entry:
    try:
        sha256, size_text, *rest = line.decode("ascii").split(" ")
        entry = Entry(sha256, offset, int(size_text), rest == [_FILE])
    except ValueError as error:
        raise PackError(f"no object header before byte {offset}") from error
    fits = len(sha256) == 64 and 0 <= entry.size <= MAX_OBJECT_BYTES
    if not fits or rest not in ([], [_FILE]):
        raise PackError(f"object header out of bounds before byte {offset}")
    return entry
