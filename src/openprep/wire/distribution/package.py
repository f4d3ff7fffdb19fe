"""A *paquete de difusión*: what a publisher lacks of the published tree, in one sealed file.

Inside out: a POSIX tar, compressed by zstd, sealed by age to one recipient. ``age -d``, ``zstd -d``
and ``tar x`` open it without any of our software. The first member, ``package.json``, says what it
is; the others are files of the tree under their own paths, in the order in which they are needed.

Anyone who knows a publisher's recipient can seal something to it: age hides, it does not vouch. So
whatever comes out is hostile until it is verified like anything else, and here only its shape is
held: sizes, number and paths of the members, which must be such as a published tree has. Everything
is a stream: memory does not grow with a package.
"""

import io
import re
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Protocol

import msgspec
import pyrage
import zstandard
from msgspec import Struct

from openprep.coded import CodedError, Text, said
from openprep.decoding import decoding
from openprep.wire.cut.manifest import POINTER_PATH
from openprep.wire.distribution.age import AgeHeaderTrouble, CheckedAge
from openprep.wire.distribution.codes import DistributionCode

SCHEMA = 2
LABEL = "package.json"
CHECKPOINT = "checkpoint"
HEADS = (POINTER_PATH, CHECKPOINT)
"""Members that are mutable in a tree; as they stood at the package's cut."""

TREE_PATH = re.compile(
    r"objects/[0-9a-f]{2}/[0-9a-f]{64}\.json|cuts/[0-9]{1,9}\.(json|note)"
    r"|databases/[0-9A-Za-z_]{1,80}\.zip"
    r"|tile/entries/(x[0-9]{3}/){0,5}[0-9]{3}(\.p/[0-9]{1,3})?"
    r"|trust/[0-9A-Za-z_-][0-9A-Za-z_.-]{0,100}\.json"
    r"|trust/targets/[0-9A-Za-z_-][0-9A-Za-z_.-]{0,120}"
)
"""What a package may hold of a tree: its immutable files that nobody can make from the others.

No path is another one's folder, none has an empty or dotted part."""

MAX_LABEL_BYTES = 4096
COMPRESSION_LEVEL = 3
LARGEST_WINDOW = 8 * 1024 * 1024
"""Bytes of memory that a compressed package may ask for."""

_BLOCK = tarfile.BLOCKSIZE
_END = bytes(_BLOCK)
_PIECE = 256 * 1024


class PackageRefused(CodedError[DistributionCode]):
    """A package is not taken; nothing of it is to be used."""


class PackageLabel(Struct, frozen=True):
    """``package.json``: from the cut ``after`` (``null``: from nothing) to the cut ``to``."""

    schema: int
    election: str
    drill: bool
    after: int | None
    to: int


@dataclass(frozen=True)
class PackageLimits:
    """What a package may hold. A nation's whole night is about 1 GB, most of it databases."""

    total_bytes: int = 4 * 1024**3
    member_bytes: int = 512 * 1024**2
    members: int = 200_000


class Sink(Protocol):
    """Takes the members of a package as they come. What it raises reaches the caller as it is."""

    def begin(self, path: str, size: int) -> None:
        """A member follows; ``path`` is of a tree's shape and comes once."""

    def write(self, data: bytes) -> None:
        """More of the member."""

    def end(self) -> None:
        """The member is whole."""


@dataclass(frozen=True)
class Member:
    """A file to be packed: its path in the tree, and its bytes, ``size`` of them."""

    path: str
    size: int
    stream: IO[bytes]


def write_package(label: PackageLabel, members: Iterable[Member], out: IO[bytes]) -> None:
    """Write the compressed tar, unsealed. The same label and members give the same bytes.

    Raises:
        PackageRefused: FOREIGN_MEMBER, a path that a tree does not have, or a file that is shorter
            than it was said to be.
    """
    compressor = zstandard.ZstdCompressor(level=COMPRESSION_LEVEL, write_checksum=True)
    with compressor.stream_writer(out, closefd=False) as packed:
        data = msgspec.json.encode(label)
        _write_member(Member(LABEL, len(data), io.BytesIO(data)), packed)
        for member in members:
            if not _has_place(member.path):
                raise PackageRefused(DistributionCode.FOREIGN_MEMBER, "{path!r}", path=member.path)
            _write_member(member, packed)
        packed.write(_END * 2)


def _has_place(path: str) -> bool:
    return path in HEADS or TREE_PATH.fullmatch(path) is not None


def _write_member(member: Member, packed: zstandard.ZstdCompressionWriter) -> None:
    info = tarfile.TarInfo(member.path)
    info.size = member.size
    packed.write(info.tobuf(tarfile.USTAR_FORMAT))
    left = member.size
    while left:
        data = member.stream.read(min(left, _PIECE))
        if not data:
            raise PackageRefused(
                DistributionCode.FOREIGN_MEMBER,
                "{path} ends {left} bytes early",
                path=member.path,
                left=left,
            )
        packed.write(data)
        left -= len(data)
    packed.write(bytes(-member.size % _BLOCK))


def seal(compressed: IO[bytes], out: IO[bytes], recipient: str) -> None:
    """Seal to one age recipient (``age1…``, X25519), under a file key that is used once.

    Raises:
        PackageRefused: SEALING, ``recipient`` is none, or ``compressed`` cannot be read.
        OSError: ``out`` cannot be written.
    """
    target = _Outlet(out)
    try:
        to = pyrage.x25519.Recipient.from_str(recipient)
        pyrage.encrypt_io(compressed, target, [to])
    except Exception as error:
        target.raise_failure()
        raise PackageRefused(DistributionCode.SEALING, "{error}", error=error) from error
    target.raise_failure()


def unseal(
    sealed: IO[bytes], identity: str, sink: Sink, limits: PackageLimits | None = None
) -> PackageLabel:
    """Open a package with an age identity (``AGE-SECRET-KEY-1…``) and give its members to ``sink``.

    Nothing that ``sink`` was given may be used unless this returns. The age library sees nothing of
    a package whose header has another shape than one recipient's.

    Raises:
        PackageRefused: UNSEALING, COMPRESSION, ARCHIVE, FOREIGN_MEMBER, EXPANSION or LABEL.
        Exception: what ``sink`` raises, and what ``sealed`` raises while its header is read.
    """
    unpacker = Unpacker(sink, limits or PackageLimits())
    target = _Outlet(_decompressing(unpacker))
    try:
        checked = CheckedAge(sealed)
    except AgeHeaderTrouble as trouble:
        raise PackageRefused(DistributionCode.UNSEALING, "{trouble}", trouble=trouble) from trouble
    try:
        own = pyrage.x25519.Identity.from_str(identity)
        pyrage.decrypt_io(checked, target, [own])
    except pyrage.DecryptError as error:
        raise PackageRefused(
            DistributionCode.UNSEALING, "{error}", error=_unopened(error)
        ) from error
    except Exception as error:
        target.raise_failure()
        raise PackageRefused(
            DistributionCode.UNSEALING, "altered or cut short: {error}", error=error
        ) from error
    target.raise_failure()
    return unpacker.finish()


def _unopened(error: Exception) -> Text:
    """Why no stanza of a whole header opens: age names no recipient, so the causes are listed."""
    if str(error) == "No matching keys found":
        return said(
            "it is sealed to another key: another publisher's package, "
            "or these keys are not those that were enrolled"
        )
    return said("{error}", error=error)


def _decompressing(unpacker: "Unpacker") -> zstandard.ZstdDecompressionWriter:
    """Decompresses in small pieces: a bomb is met by the unpacker's bounds, not in memory."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
    return decompressor.stream_writer(
        unpacker,  # type: ignore[arg-type]  # of a stream, only write is asked for
        write_size=_PIECE,
    )


class _Outlet:
    """Stands between the age library and what it writes to.

    The library turns what a writer raises into text, and writes once more while it gives up; so
    the first failure is kept here, for the caller, and nothing is passed on after it.
    """

    def __init__(self, target: "IO[bytes] | zstandard.ZstdDecompressionWriter") -> None:
        self._target = target
        self._failure: Exception | None = None

    def write(self, data: bytes) -> int:
        if self._failure is None:
            try:
                self._target.write(data)
            except zstandard.ZstdError as error:
                self._failure = PackageRefused(DistributionCode.COMPRESSION, "{error}", error=error)
                raise
            except Exception as error:
                self._failure = error
                raise
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""

    def raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


class Unpacker:
    """Reads a tar as it comes, strictly: plain files of a tree's shape, within bounds.

    ``tarfile`` parses each header; it is not given the stream, because it would follow extensions
    (long names, sparse files) that may be of any size and that a package never has.
    """

    def __init__(self, sink: Sink, limits: PackageLimits) -> None:
        self._sink = sink
        self._limits = limits
        self._header = bytearray()
        self._left = 0
        self._padding = 0
        self._total = 0
        self._paths: set[str] = set()
        self._label_bytes = bytearray()
        self._label: PackageLabel | None = None
        self._ended = False

    def write(self, data: bytes) -> int:
        """Take the next bytes of the tar.

        Raises:
            PackageRefused: ARCHIVE, FOREIGN_MEMBER, EXPANSION or LABEL.
        """
        self._total += len(data)
        if self._total > self._limits.total_bytes:
            raise PackageRefused(
                DistributionCode.EXPANSION,
                "more than {total_bytes} bytes",
                total_bytes=self._limits.total_bytes,
            )
        view = memoryview(data)
        while view:
            view = view[self._take(view) :]
        return len(data)

    def finish(self) -> PackageLabel:
        """What the package is, once all of it has come.

        Raises:
            PackageRefused: ARCHIVE, it is cut short.
        """
        if not self._ended or self._label is None:
            raise PackageRefused(DistributionCode.ARCHIVE, "it ends before its end")
        return self._label

    def _take(self, view: memoryview) -> int:
        """Take some of ``view``; how many bytes."""
        if self._ended:
            if any(view):
                raise PackageRefused(DistributionCode.ARCHIVE, "something follows its end")
            return len(view)
        if self._left:
            return self._take_contents(view)
        if self._padding:
            taken = min(self._padding, len(view))
            self._padding -= taken
            return taken
        taken = min(_BLOCK - len(self._header), len(view))
        self._header += view[:taken]
        if len(self._header) == _BLOCK:
            self._take_header(bytes(self._header))
            self._header.clear()
        return taken

    def _take_contents(self, view: memoryview) -> int:
        taken = min(self._left, len(view))
        piece = bytes(view[:taken])
        if self._label is None:
            self._label_bytes += piece
        else:
            self._sink.write(piece)
        self._left -= taken
        if not self._left:
            self._end_member()
        return taken

    def _end_member(self) -> None:
        if self._label is None:
            self._label = _parse_label(bytes(self._label_bytes))
        else:
            self._sink.end()

    def _take_header(self, block: bytes) -> None:
        if block == _END:
            self._ended = True
            return
        try:
            info = tarfile.TarInfo.frombuf(block, "ascii", "strict")
        except (tarfile.HeaderError, ValueError) as error:
            raise PackageRefused(
                DistributionCode.ARCHIVE,
                "no header of a member after {members} members: {error}",
                members=len(self._paths),
                error=error,
            ) from error
        self._check(info)
        self._left, self._padding = info.size, -info.size % _BLOCK
        if self._label is not None:
            self._sink.begin(info.name, info.size)
        if not info.size:
            self._end_member()

    def _check(self, info: tarfile.TarInfo) -> None:
        if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            raise PackageRefused(
                DistributionCode.FOREIGN_MEMBER,
                "{name!r} is not a plain file (type {type!r})",
                name=info.name,
                type=info.type,
            )
        if self._label is None:
            if info.name != LABEL or not 0 <= info.size <= MAX_LABEL_BYTES:
                raise PackageRefused(
                    DistributionCode.LABEL, "it begins with {name!r}", name=info.name
                )
            return
        if not _has_place(info.name):
            raise PackageRefused(DistributionCode.FOREIGN_MEMBER, "{name!r}", name=info.name)
        if info.name in self._paths:
            raise PackageRefused(
                DistributionCode.FOREIGN_MEMBER, "{name!r} comes twice", name=info.name
            )
        self._paths.add(info.name)
        if not 0 <= info.size <= self._limits.member_bytes:
            raise PackageRefused(
                DistributionCode.EXPANSION,
                "{name} of {size} bytes; at most {member_bytes}",
                name=info.name,
                size=info.size,
                member_bytes=self._limits.member_bytes,
            )
        if len(self._paths) > self._limits.members:
            raise PackageRefused(
                DistributionCode.EXPANSION,
                "more than {members} members",
                members=self._limits.members,
            )


def _parse_label(data: bytes) -> PackageLabel:
    try:
        with decoding():
            label = msgspec.json.decode(data, type=PackageLabel)
    except msgspec.MsgspecError as error:
        raise PackageRefused(
            DistributionCode.LABEL, "{label}: {error}", label=LABEL, error=error
        ) from error
    if label.schema != SCHEMA:
        raise PackageRefused(
            DistributionCode.LABEL,
            "{label} is of schema {schema}",
            label=LABEL,
            schema=label.schema,
        )
    return label
