"""What may stand before the sealed bytes of an age file, read before any library sees it.

The header of an age file (https://age-encryption.org/v1) lists recipient stanzas, as many and as
long as whoever made it likes, and libraries take time that grows with the square of it. A package
has one recipient: with the stanza that age adds so that nobody counts on there being one only,
that is two. So a header is read here, held against its grammar and its bounds, and only then given
on together with what follows it.
"""

import re
from typing import IO

MAX_HEADER_BYTES = 4096
MAX_STANZAS = 4

_VERSION = b"age-encryption.org/v1\n"
_STANZA = rb"-> [!-~]+(?: [!-~]+)*\n(?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63}\n"
_HEADER = re.compile(
    re.escape(_VERSION) + rb"(?:%s){1,%d}--- [A-Za-z0-9+/]{43}\n" % (_STANZA, MAX_STANZAS)
)
_END = re.compile(rb"\n--- [^\n]*\n")


class AgeHeaderTrouble(ValueError):
    """A file is not given to the library: the message says what its header is instead."""


class CheckedAge:
    """An age file whose header is of a bounded shape, to be read from its beginning."""

    def __init__(self, sealed: IO[bytes]) -> None:
        """Read the header of ``sealed``, at most ``MAX_HEADER_BYTES``, and hold it to its grammar.

        Raises:
            AgeHeaderTrouble: it is none, or more than one recipient's file needs.
        """
        start = _read(sealed, MAX_HEADER_BYTES)
        _check(start)
        self._start = memoryview(start)
        self._rest = sealed

    def read(self, size: int = -1) -> bytes:
        """The next ``size`` bytes or fewer; all that is left if it is negative."""
        if not self._start:
            return self._rest.read(size)
        taken = len(self._start) if size < 0 else min(size, len(self._start))
        data, self._start = bytes(self._start[:taken]), self._start[taken:]
        return data + self._rest.read() if size < 0 else data


def _read(stream: IO[bytes], most: int) -> bytes:
    parts: list[bytes] = []
    left = most
    while left and (data := stream.read(left)):
        parts.append(data)
        left -= len(data)
    return b"".join(parts)


def _check(start: bytes) -> None:
    if not start.startswith(_VERSION):
        raise AgeHeaderTrouble("it is no age file")
    end = _END.search(start)
    if end is None:
        if len(start) < MAX_HEADER_BYTES:
            raise AgeHeaderTrouble("it ends within its header")
        raise AgeHeaderTrouble(f"its header is larger than {MAX_HEADER_BYTES} bytes")
    header = start[: end.end()]
    stanzas = header.count(b"\n-> ")
    if stanzas > MAX_STANZAS:
        raise AgeHeaderTrouble(f"its header has {stanzas} stanzas, at most {MAX_STANZAS} are read")
    if _HEADER.fullmatch(header) is None:
        raise AgeHeaderTrouble("its header is malformed")
