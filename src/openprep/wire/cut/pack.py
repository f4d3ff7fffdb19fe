"""A pack: objects of a tree in one file, each after a line that says where its parts stand.

Objects are too many to be files of their own: creating one costs more than composing it. A pack is
each tree's own, made where it is shown and fetched by nobody but readers, who ask for one object by
range. What stands in it is a line with the locations of the object's *parts* (the objects that it
names, in the order in which it names them), the object's bytes, and a line end; a
:class:`~openprep.wire.cut.ref.Location` spans the first two. So one request brings an object and
the way to all that is below it. Only the object's own bytes are under its digest: a tree that says
wrong places can withhold, never deceive.
"""

from collections.abc import Sequence
from typing import IO, NamedTuple

import msgspec
from msgspec import Struct

from openprep.decoding import decoding
from openprep.wire.cut.ref import Digest, Link, Location, digest_of

MAX_ENTRY_BYTES = 64 * 1024 * 1024
"""An object of a pack, and the line before it: no reader takes more."""
MAX_PARTS = 100_000

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[Location, ...])


class PackError(ValueError):
    """The bytes are not an object of a pack, not the one that was named, or too large for one."""


class PackedObject(NamedTuple):
    """An object as it stands in a pack: its bytes, and where its parts are."""

    data: bytes
    parts: tuple[Location, ...]


class PackWriter:
    """Writes pack ``number`` of a tree to ``stream``."""

    def __init__(self, number: int, stream: IO[bytes]) -> None:
        self._number = number
        self._stream = stream
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._size

    def add(self, data: bytes, parts: Sequence[Location] = ()) -> Location:
        """Write an object, whose parts stand at ``parts``; where it is.

        Raises:
            PackError: no reader would take it.
        """
        entry = b"%s\n%s\n" % (_encoder.encode(parts), data)
        if len(parts) > MAX_PARTS or len(entry) > MAX_ENTRY_BYTES + 1:
            raise PackError(f"an object of {len(data)} bytes and {len(parts)} parts")
        self._stream.write(entry)
        at = Location(self._number, self._size, len(entry) - 1)
        self._size += len(entry)
        return at


class Where(Struct, frozen=True):
    """``cuts/<n>.where``: where the root of each contest's results stands, by contest."""

    schema: int
    cut: int
    roots: dict[str, Location]


_where_decoder = msgspec.json.Decoder(Where)


def decode_where(data: bytes) -> Where:
    """Parse what a tree says of where its results begin, which nobody signed.

    Raises:
        msgspec.DecodeError: it is not JSON, or not that format (``msgspec.ValidationError``).
    """
    with decoding():
        return _where_decoder.decode(data)


def packed_object(entry: bytes, digest: Digest) -> PackedObject:
    """The object in the bytes that stand at a location.

    Raises:
        PackError: they are not the object of this digest, or name no locations before it.
    """
    line, end, data = entry.partition(b"\n")
    if not end or digest_of(data) != digest:
        raise PackError(f"object {digest} does not stand where the tree says")
    try:
        with decoding():
            parts = _decoder.decode(line)
    except msgspec.DecodeError as error:
        raise PackError(f"object {digest}: its parts' places: {error}") from error
    if len(parts) > MAX_PARTS:
        raise PackError(f"object {digest} has {len(parts)} parts")
    return PackedObject(data, parts)


def links_to(digests: Sequence[Digest], at: Sequence[Location]) -> tuple[Link, ...]:
    """Each of an object's parts with where it stands.

    Raises:
        PackError: there are not as many places as parts.
    """
    if len(digests) != len(at):
        raise PackError(f"{len(at)} places for {len(digests)} parts")
    return tuple(map(Link, digests, at))
