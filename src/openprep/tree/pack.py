"""A pack: the new objects of one cut in one file, so that a mirror asks only once.

Each object stands as a line ``<sha256> <size>`` followed by its bytes and a line end. The reader
checks every digest itself: a pack is a convenience, never an authority.
"""

import hashlib
from collections.abc import Iterator

MAX_OBJECT_BYTES = 64 * 1024 * 1024


class PackError(ValueError):
    """The pack is cut short, malformed, or holds bytes that do not match their digest."""


def pack_entry(sha256: str, data: bytes) -> bytes:
    """How one object stands in a pack; a pack is its entries, one after another."""
    return b"%s %d\n%s\n" % (sha256.encode(), len(data), data)


def read_pack(pack: bytes) -> Iterator[tuple[str, bytes]]:
    """The objects of a pack, each checked against its digest.

    Raises:
        PackError: at the first object that is not what it says.
    """
    position = 0
    while position < len(pack):
        end = pack.find(b"\n", position, position + 96)
        sha256, size = _parse_header(pack[position:end] if end >= 0 else b"", position)
        start = end + 1
        data = pack[start : start + size]
        position = start + size + 1
        if len(data) != size or pack[start + size : position] != b"\n":
            raise PackError(f"object {sha256} is cut short")
        if hashlib.sha256(data).hexdigest() != sha256:
            raise PackError(f"object {sha256} does not match its digest")
        yield sha256, data


def _parse_header(line: bytes, position: int) -> tuple[str, int]:
    try:
        sha256, size_text = line.decode("ascii").split(" ")
        size = int(size_text)
    except ValueError as error:
        raise PackError(f"no object header at byte {position}") from error
    if len(sha256) != 64 or not 0 <= size <= MAX_OBJECT_BYTES:
        raise PackError(f"object header out of bounds at byte {position}")
    return sha256, size
