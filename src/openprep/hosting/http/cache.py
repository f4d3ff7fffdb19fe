"""Files of a tree in memory, ready to be sent: bounded, and never older than the disk allows.

A file that changes with the cut is compared with the disk at every request, so that all of them
turn at the same instant; an immutable one every two seconds, which finds a repaired file or a
compressed copy that was made since. An object or image is held against its digest when it is read:
one that is still being written, or that the disk damaged, is not served to be cached for ever. A
compressed copy is held against its file for the same reason.
"""

import os
import stat
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path, PurePosixPath

from openprep.hosting.copies import CheckedCopies, Identity
from openprep.hosting.http.conditions import Facts
from openprep.hosting.rules import (
    CODINGS,
    IMMUTABLE,
    PUBLISHER_FRAME,
    RANGED,
    SECURITY_HEADERS,
    caching_of,
    content_type_of,
    head_file,
    is_compressed,
    security_headers_of,
)

BUDGET = 256 * 1024 * 1024
"""Bytes of files kept in memory by default."""

LARGEST_KEPT = 512 * 1024
"""Bytes above which a file is read from the disk for each reader."""

LOOKED_AT = 2.0
"""Seconds between two looks at the disk for a file that should not change."""

_OVERHEAD = 2048

_LONGEST_TREE_PATH = 160


STATUS_LINES = {
    status: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}


def header_lines(headers: Mapping[str, str]) -> bytes:
    """Headers as they are sent."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()


SECURITY_LINES = header_lines(SECURITY_HEADERS)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file, or a compressed copy of one: what is sent of it, and its bytes if they are kept."""

    path: str
    identity: Identity
    facts: Facts
    headers: bytes
    """Header lines of an answer with a part of it, but for those about the part."""
    whole: bytes
    """Status and header lines of an answer with all of it."""
    unchanged: bytes
    """Status and header lines that tell a reader to keep what it has."""
    data: bytes | None


@dataclass(slots=True)
class Held:
    """A file with its copies by content coding, and what stood beside it, good or not."""

    plain: Stored
    copies: dict[str, Stored]
    beside: dict[str, Identity]
    ranged: bool
    looked_at: float

    @property
    def weight(self) -> int:
        """Bytes of memory, about."""
        stored = (self.plain, *self.copies.values())
        return sum(len(file.data or b"") + _OVERHEAD for file in stored)


class FileCache:
    """The files of the tree under ``root``, at most ``budget`` bytes of them in memory."""

    def __init__(
        self,
        root: Path,
        budget: int = BUDGET,
        clock: Callable[[], float] = time.monotonic,
        before_the_first: HTTPStatus = HTTPStatus.SERVICE_UNAVAILABLE,
    ) -> None:
        """``before_the_first`` cut is the status of what is not there."""
        self._root = os.fspath(root)
        self._budget = budget
        self._clock = clock
        self._before_the_first = before_the_first
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._copies = CheckedCopies()
        self.weight = 0

    @property
    def status_of_nothing(self) -> HTTPStatus:
        """What is said of a file that is not there: readers come again before the first cut."""
        there = self._identity("live") is not None
        return HTTPStatus.NOT_FOUND if there else self._before_the_first

    def get(self, name: str) -> Held | None:
        """The file at path ``name`` of the tree, or ``None`` if the tree has no such file now."""
        held = self._held.get(name)
        if held is not None:
            if self._is_current(name, held):
                self._held.move_to_end(name)
                return held
            self._drop(name)
        held = self._load(name)
        if held is not None:
            self._keep(name, held)
        return held

    def _is_current(self, name: str, held: Held) -> bool:
        file = head_file(name)
        if file is not None:
            return self._identity(f"live/{file}") == held.plain.identity
        now = self._clock()
        if now - held.looked_at < LOOKED_AT:
            return True
        held.looked_at = now
        if self._identity(name) != held.plain.identity:
            return False
        return not is_compressed(name) or held.beside == {
            coding: identity
            for coding, suffix in CODINGS.items()
            if (identity := self._identity(name + suffix)) is not None
        }

    def _identity(self, name: str) -> Identity | None:
        try:
            return Identity.of(os.stat(f"{self._root}/{name}"))  # noqa: PTH116 - asked at each request
        except OSError:
            return None

    def _keep(self, name: str, held: Held) -> None:
        self._held[name] = held
        self.weight += held.weight
        while self.weight > self._budget:
            self._drop(next(iter(self._held)))

    def _drop(self, name: str) -> None:
        self.weight -= self._held.pop(name).weight

    def _load(self, name: str) -> Held | None:
        file = head_file(name)
        if file is not None:
            return self._load_live(name, file)
        if len(name) > _LONGEST_TREE_PATH:
            return None
        if name != PUBLISHER_FRAME and not IMMUTABLE.fullmatch(name):
            return None
        held = self._load_from(name, self._root, name)
        if held is None or not _is_as_named(name, held.plain):
            return None
        return held

    def _is_of(self, plain: Stored, coding: str, copy: Stored) -> bool:
        identities = (plain.identity, copy.identity)
        return self._copies.is_whole(plain.path, coding, *identities, plain.data)

    def _load_live(self, name: str, file: str) -> Held | None:
        """A file of the live head with its copies, all out of the same head."""
        for _ in range(3):  # the head may be turned, and an old one dropped, while it is read
            try:
                head = os.readlink(f"{self._root}/live")  # noqa: PTH115 - asked at each request
            except OSError:
                return None
            held = self._load_from(name, f"{self._root}/{head}", file)
            if held is not None and self._identity(f"live/{file}") == held.plain.identity:
                return held
        return held

    def _load_from(self, name: str, folder: str, file: str) -> Held | None:
        plain = _read(name, f"{folder}/{file}", None)
        if plain is None:
            return None
        beside = {}
        if is_compressed(name):
            for coding, suffix in CODINGS.items():
                copy = _read(name, f"{folder}/{file}{suffix}", coding)
                if copy is not None:
                    beside[coding] = copy
        copies = {
            coding: copy for coding, copy in beside.items() if self._is_of(plain, coding, copy)
        }
        identities = {coding: copy.identity for coding, copy in beside.items()}
        return Held(plain, copies, identities, RANGED.fullmatch(name) is not None, self._clock())


def _is_as_named(name: str, stored: Stored) -> bool:
    """Whether an object or image has the digest in its name; of others the name says nothing."""
    if not name.startswith(("objects/", "actas/")):
        return True
    data = stored.data
    if data is None:
        data = Path(stored.path).read_bytes()
    return sha256(data).hexdigest() == PurePosixPath(name).stem


def _read(name: str, path: str, coding: str | None) -> Stored | None:
    """A regular file, not through a link in the last place; ``None`` if there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        kept = status.st_size <= LARGEST_KEPT
        data = os.pread(descriptor, status.st_size, 0) if kept else None
    finally:
        os.close(descriptor)
    if data is not None and len(data) != status.st_size:
        return None
    return _stored(name, path, Identity.of(status), coding, data)


def _stored(
    name: str, path: str, identity: Identity, coding: str | None, data: bytes | None
) -> Stored:
    etag = b'"%x-%x"' % (identity.modified_ns, identity.size)
    modified = formatdate(identity.modified_ns // 10**9, usegmt=True).encode()
    ranged = RANGED.fullmatch(name) is not None
    varying = {"Vary": "Accept-Encoding"} if not ranged or is_compressed(name) else {}
    security = header_lines(security_headers_of(name))
    unchanged = security + header_lines({"Cache-Control": caching_of(name), **varying})
    unchanged += b"Last-Modified: %s\r\nETag: %s\r\n" % (modified, etag)
    about = {"Content-Type": content_type_of(name)}
    if coding is not None:
        about["Content-Encoding"] = coding
    headers = unchanged + header_lines(about)
    length = {"Content-Length": str(identity.size)}
    more = {"Accept-Ranges": "bytes"} if ranged and coding is None else {}
    return Stored(
        path,
        identity,
        Facts(etag, modified, identity.size),
        headers=headers,
        whole=STATUS_LINES[HTTPStatus.OK] + headers + header_lines({**length, **more}),
        unchanged=STATUS_LINES[HTTPStatus.NOT_MODIFIED] + unchanged,
        data=data,
    )
