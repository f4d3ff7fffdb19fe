"""Where a published tree is read from: a folder, or an http(s) address. Nothing of it is believed.

Every read is bounded in bytes, and over the network in time. A folder may have come on a stranger's
stick: nothing but plain files inside it is opened, whatever links say.
"""

import hashlib
import http.client
import os
import stat
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, closing
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

from openprep import __version__
from openprep.audit.codes import AuditCode, AuditRefused
from openprep.bounded import TooMany, within
from openprep.coded import Text, said
from openprep.hosting.copies import unpacked
from openprep.hosting.rules import CODINGS

CHUNK = 1 << 20
SOCKET_SECONDS = 20
LEAST_BYTES_A_SECOND = 4096
"""A server slower than that over a whole file is given up."""

MOST_HELD_BYTES = 8 * 1024 * 1024 * 1024
"""All that is put on this disk of one place. The packs of a nation's night are under 2 GiB."""

MOST_PASSED_BYTES = 2 * 1024 * 1024 * 1024
"""All that is let pass of one place, in search of what stands after it, as no ranges are served."""

ATTEMPTS = 2
"""A kept connection may have been closed by the other side meanwhile."""


class Missing(Exception):
    """The place does not have the file, or has more of it than it may."""


class Place(AbstractContextManager["Place"], Protocol):
    """Something that holds a published tree. Errors: :class:`Missing`, or ``AuditRefused``.

    What it holds open is closed at the end of its ``with``.
    """

    name: str

    def read(self, path: str, limit: int) -> bytes:
        """A file of at most ``limit`` bytes."""

    def as_sent(self, path: str, coding: str, limit: int) -> bytes | None:
        """A file as a browser has it that takes ``coding``; ``None`` if nothing of it is whole.

        That of :meth:`read`, where it is not sent in this coding.
        """

    def read_range(self, path: str, offset: int, size: int) -> bytes:
        """``size`` bytes of a file from ``offset`` on; fewer where it ends."""

    def hold(self, path: str) -> None:
        """Have a file at hand, as long as it fits: much of it will be read by range."""

    def chunks(self, path: str, limit: int) -> Iterator[bytes]:
        """A file of at most ``limit`` bytes, in parts."""

    def names(self, folder: str) -> list[str] | None:
        """Paths of the files in a folder; ``None`` where a place cannot be asked for that."""


def open_place(name: str) -> Place:
    """The folder or address ``name``.

    Raises:
        AuditRefused: UNREACHABLE, it is neither.
    """
    if name.startswith(("http://", "https://")):
        return Address(name)
    if Path(name).is_dir():
        return Folder(Path(name))
    raise AuditRefused(
        AuditCode.UNREACHABLE, "{name!r} is neither a folder nor an address", name=name
    )


def digest_of(place: Place, path: str, limit: int) -> tuple[str, int]:
    """SHA-256 and size of a file, however large, in little memory."""
    digest, size = hashlib.sha256(), 0
    for part in place.chunks(path, limit):
        digest.update(part)
        size += len(part)
    return digest.hexdigest(), size


class Folder(Place):
    """A tree on disk, of which nothing is held open."""

    def __init__(self, root: Path) -> None:
        self.name = str(root)
        self._root = root.resolve()
        self._target = lru_cache(maxsize=4096)(self._resolved)

    def __exit__(self, *_: object) -> None:
        pass

    def read(self, path: str, limit: int) -> bytes:
        """See :meth:`Place.read`."""
        return b"".join(self.chunks(path, limit))

    def as_sent(self, path: str, coding: str, limit: int) -> bytes | None:
        """See :meth:`Place.as_sent`: a server may send the copy that stands beside a file."""
        beside = self._target(path).relative_to(self._root).as_posix() + CODINGS[coding]
        try:
            copy = self.read(beside, limit)
        except Missing:
            return self.read(path, limit)
        return unpacked(copy, coding, limit)

    def read_range(self, path: str, offset: int, size: int) -> bytes:
        """See :meth:`Place.read_range`."""
        descriptor = self._open(path)
        try:
            return os.pread(descriptor, size, offset)
        finally:
            os.close(descriptor)

    def hold(self, path: str) -> None:
        """See :meth:`Place.hold`: it is on disk already."""

    def chunks(self, path: str, limit: int) -> Iterator[bytes]:
        """See :meth:`Place.chunks`."""
        descriptor = self._open(path)
        with os.fdopen(descriptor, "rb") as stream:
            if os.fstat(descriptor).st_size > limit:
                raise Missing(said("{path} has more than {limit} bytes", path=path, limit=limit))
            yield from _bounded(iter(lambda: stream.read(CHUNK), b""), path, limit)

    def names(self, folder: str) -> list[str] | None:
        """See :meth:`Place.names`."""
        try:
            found = sorted(entry.name for entry in os.scandir(self._target(folder)))
        except (OSError, ValueError, RuntimeError):
            return []
        return [f"{folder}/{name}" for name in found]

    def _open(self, path: str) -> int:
        """Open a plain file inside the folder: ``live`` may be a link, but none leads out."""
        try:
            descriptor = os.open(self._target(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except (OSError, ValueError, RuntimeError) as error:
            raise Missing(said("{path} is not there", path=path)) from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise Missing(said("{path} is not a file", path=path))
        return descriptor

    def _resolved(self, path: str) -> Path:
        target = (self._root / path).resolve(strict=True)
        if not target.is_relative_to(self._root):
            raise Missing(said("{path} leads out of the folder", path=path))
        return target


class Address(Place):
    """A tree behind HTTP, over one connection that is kept. Redirects are not followed.

    What is held is fetched whole, once, to a temporary folder.
    """

    def __init__(self, base: str) -> None:
        self.name = base
        parts = urlsplit(base)
        self._host, self._prefix = parts.netloc, parts.path.rstrip("/")
        self._secure = parts.scheme == "https"
        self._connection: http.client.HTTPConnection | None = None
        self._disk = tempfile.TemporaryDirectory(prefix="openprep-audit-")
        self._kept: dict[str, Path] = {}
        self._to_hold = MOST_HELD_BYTES
        self._to_pass = MOST_PASSED_BYTES

    def __exit__(self, *_: object) -> None:
        self._drop()
        self._disk.cleanup()

    def read(self, path: str, limit: int) -> bytes:
        """See :meth:`Place.read`."""
        return b"".join(self.chunks(path, limit))

    def chunks(self, path: str, limit: int) -> Iterator[bytes]:
        """See :meth:`Place.chunks`."""
        return self._body(self._ask(path, {}), path, limit)

    def hold(self, path: str) -> None:
        """See :meth:`Place.hold`. What failed counts too: it may not be sent again and again."""
        kept = Path(self._disk.name) / str(len(self._kept))
        try:
            with kept.open("wb") as stream:
                stream.writelines(self._to_be_held(path))
        except OSError as error:
            kept.unlink(missing_ok=True)
            raise Missing(said("{path} cannot be held: {error}", path=path, error=error)) from error
        except (Missing, AuditRefused):
            kept.unlink()
            raise
        self._kept[path] = kept

    def _to_be_held(self, path: str) -> Iterator[bytes]:
        too_much = Missing(said("{path} is too much to be held", path=path))
        if self._to_hold < 0:
            raise too_much
        with closing(self._body(self._ask(path, {}), path, MOST_HELD_BYTES + CHUNK)) as parts:
            for part in parts:
                self._to_hold -= len(part)
                if self._to_hold < 0:
                    raise too_much
                yield part

    def as_sent(self, path: str, coding: str, limit: int) -> bytes | None:
        """See :meth:`Place.as_sent`."""
        response = self._ask(path, {"Accept-Encoding": coding})
        sent = response.headers.get("Content-Encoding", "identity")
        data = b"".join(self._body(response, path, limit))
        return unpacked(data, coding, limit) if sent == coding else data

    def read_range(self, path: str, offset: int, size: int) -> bytes:
        """See :meth:`Place.read_range`."""
        kept = self._kept.get(path)
        if kept is not None:
            with kept.open("rb") as stream:
                stream.seek(offset)
                return stream.read(size)
        wanted = f"bytes={offset}-{offset + size - 1}"
        response = self._ask(path, {"Range": wanted})
        if response.status == http.client.PARTIAL_CONTENT:
            return b"".join(self._body(response, path, size))
        return self._within_whole(response, path, offset, size)

    def _within_whole(
        self, response: http.client.HTTPResponse, path: str, offset: int, size: int
    ) -> bytes:
        """A range out of a file that is sent whole: no more of it is taken, or kept in memory."""
        found = bytearray()
        with closing(self._body(response, path, offset + size + CHUNK)) as parts:
            for part in parts:
                passed = min(offset, len(part))
                offset -= passed
                self._to_pass -= passed
                if self._to_pass < 0:
                    raise Missing(said("{path} is not served by range", path=path))
                found += part[passed:]
                if len(found) >= size:
                    break
        return bytes(found[:size])

    def names(self, folder: str) -> list[str] | None:  # noqa: ARG002 - as every place
        """See :meth:`Place.names`."""
        return None

    def _ask(self, path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        own = {"User-Agent": f"openprep-audit/{__version__}", "Accept-Encoding": "identity"}
        target = quote(f"{self._prefix}/{path}")
        for attempt in range(ATTEMPTS):
            try:
                self._connection = self._connection or self._connect()
                self._connection.request("GET", target, headers={**own, **headers})
                response = self._connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                self._drop()
                if attempt == ATTEMPTS - 1:
                    raise self._unreachable(error) from error
            else:
                return self._admitted(response, path)
        raise AssertionError("the last attempt answers or raises")

    def _admitted(self, response: http.client.HTTPResponse, path: str) -> http.client.HTTPResponse:
        if response.status in (http.client.OK, http.client.PARTIAL_CONTENT):
            return response
        self._drop()
        if response.status in (http.client.NOT_FOUND, http.client.GONE):
            raise Missing(said("{path} is not there", path=path))
        raise self._unreachable(said("{path}: HTTP {status}", path=path, status=response.status))

    def _body(
        self, response: http.client.HTTPResponse, path: str, limit: int
    ) -> Generator[bytes, None, None]:
        try:
            yield from _bounded(self._timed(response, path), path, limit)
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error
        finally:
            if not response.isclosed():
                self._drop()

    def _timed(self, response: http.client.HTTPResponse, path: str) -> Iterator[bytes]:
        started, size = time.monotonic(), 0
        while part := response.read1(CHUNK):
            size += len(part)
            allowed = SOCKET_SECONDS + size / LEAST_BYTES_A_SECOND
            if time.monotonic() - started > allowed:
                raise self._unreachable(said("{path} comes too slowly", path=path))
            yield part

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        return kind(self._host, timeout=SOCKET_SECONDS)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _unreachable(self, why: Text | Exception) -> AuditRefused:
        return AuditRefused(AuditCode.UNREACHABLE, "{name}: {why}", name=self.name, why=why)


def _bounded(parts: Iterator[bytes], path: str, limit: int) -> Iterator[bytes]:
    try:
        yield from within(parts, limit)
    except TooMany as error:
        raise Missing(said("{path} has {error}", path=path, error=error)) from error
