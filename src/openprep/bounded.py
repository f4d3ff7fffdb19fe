"""Bytes that somebody else gives: no more of them are held than there may be."""

from collections.abc import AsyncIterable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO


class TooMany(Exception):
    """There are more bytes than there may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")


def within(parts: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """``parts`` as they come, as long as they are ``limit`` bytes at most.

    Raises:
        TooMany: there are more.
    """
    size = 0
    for part in parts:
        size += len(part)
        if size > limit:
            raise TooMany(limit)
        yield part


async def whole_of(parts: AsyncIterable[bytes], limit: int) -> bytes:
    """All that comes, ``limit`` bytes at most.

    Raises:
        TooMany: more come.
    """
    data = await first_of(parts, limit + 1)
    if len(data) > limit:
        raise TooMany(limit)
    return data


async def first_of(parts: AsyncIterable[bytes], most: int) -> bytes:
    """The first ``most`` bytes of what comes, or fewer where it ends."""
    data = bytearray()
    async for part in parts:
        data += part
        if len(data) >= most:
            break
    return bytes(data[:most])


def whole_file(path: Path, limit: int) -> bytes:
    """A file of ``limit`` bytes at most.

    Raises:
        TooMany: it has more.
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        return whole_stream(stream, limit)


def whole_stream(stream: BinaryIO, limit: int) -> bytes:
    """What is left of a stream, ``limit`` bytes at most.

    Raises:
        TooMany: there are more.
        OSError: it cannot be read.
    """
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise TooMany(limit)
    return data


def first_of_file(path: Path, most: int) -> bytes:
    """The first ``most`` bytes of a file.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        return stream.read(most)
