"""Whether a compressed copy is the file it stands beside: looked at before it is ever sent.

A machine that loses its power, a full disk or a careless restore can leave half a copy beside a
whole file. It would be sent as the whole file, to be kept for ever.
"""

import os
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

import brotli

from openprep.hosting.rules import CODINGS

PIECE = 64 * 1024

REMEMBERED = 20_000
"""Copies whose check is remembered; others are looked at again."""


class Identity(NamedTuple):
    """What tells one version of a file on disk from another."""

    inode: int
    modified_ns: int
    size: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Identity":
        """The identity of a file that was looked at."""
        return cls(status.st_ino, status.st_mtime_ns, status.st_size)


def is_copy_of(file: BinaryIO, copy: BinaryIO, coding: str) -> bool:
    """Whether ``copy`` unpacks to all of ``file`` and no more, a piece at a time."""
    try:
        for piece in _unpacked(copy, coding):
            if file.read(len(piece)) != piece:
                return False
    except (zlib.error, brotli.error, EOFError):
        return False
    return not file.read(1)


def unpacked(copy: bytes, coding: str, limit: int) -> bytes | None:
    """What a copy unpacks to; ``None`` if it is none, or unpacks to more than ``limit`` bytes."""
    whole = bytearray()
    try:
        for piece in _unpacked(BytesIO(copy), coding):
            whole += piece
            if len(whole) > limit:
                return None
    except (zlib.error, brotli.error, EOFError):
        return None
    return bytes(whole)


def _unpacked(copy: BinaryIO, coding: str) -> Iterator[bytes]:
    """What a copy unpacks to, in pieces that are small whatever they are packed to.

    Raises:
        zlib.error, brotli.error, EOFError: it is cut short, goes on too long, or is none.
    """
    if coding == "br":
        yield from _unpacked_brotli(copy)
        return
    gzip_stream = zlib.decompressobj(wbits=31)
    packed = copy.read(PIECE)
    while packed and not gzip_stream.eof:
        yield gzip_stream.decompress(packed, PIECE)
        packed = gzip_stream.unconsumed_tail or copy.read(PIECE)
    yield gzip_stream.flush()
    if not gzip_stream.eof or gzip_stream.unused_data or packed:
        raise EOFError


def _unpacked_brotli(copy: BinaryIO) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    while packed := copy.read(PIECE):
        yield stream.process(packed, output_buffer_limit=PIECE)
        while not stream.is_finished():
            # It holds back what is beyond the limit, and says so by nothing but giving it.
            more = stream.process(b"", output_buffer_limit=PIECE)
            if not more and stream.can_accept_more_data():
                break
            yield more
    if not stream.is_finished():
        raise EOFError


class _Checked(NamedTuple):
    """What was found of a copy, as long as it and its file are these."""

    file: Identity
    copy: Identity
    whole: bool


class CheckedCopies:
    """Remembers of each copy on disk whether it is its file's, until either changes."""

    def __init__(self) -> None:
        self._checked: OrderedDict[str, _Checked] = OrderedDict()

    def is_whole(
        self, path: str, coding: str, file: Identity, copy: Identity, data: bytes | None
    ) -> bool:
        """Whether the copy beside ``path`` is of the file, whose bytes are ``data`` if at hand."""
        place = path + CODINGS[coding]
        known = self._checked.get(place)
        if known is not None and (known.file, known.copy) == (file, copy):
            return known.whole
        whole = _is_whole(path, coding, data)
        self._checked[place] = _Checked(file, copy, whole)
        if len(self._checked) > REMEMBERED:
            self._checked.popitem(last=False)
        return whole


def _is_whole(path: str, coding: str, data: bytes | None = None) -> bool:
    try:
        with (
            BytesIO(data) if data is not None else Path(path).open("rb") as file,
            Path(path + CODINGS[coding]).open("rb") as copy,
        ):
            return is_copy_of(file, copy, coding)
    except OSError:
        return False


def drop_broken_copies(root: Path) -> list[str]:
    """Remove every copy under ``root`` that is not its file's: the files that had one.

    For servers that send what stands beside a file without looking, as nginx does.
    """
    codings = {suffix: coding for coding, suffix in CODINGS.items()}
    broken = []
    for folder, _, names in os.walk(root):
        for name in names:
            plain, suffix = os.path.splitext(f"{folder}/{name}")  # noqa: PTH122 - a whole tree
            if suffix in codings and not name.startswith("."):
                if _is_whole(plain, codings[suffix]):
                    continue
                with suppress(FileNotFoundError):
                    Path(folder, name).unlink()
                broken.append(os.path.relpath(plain, root))
    return broken
