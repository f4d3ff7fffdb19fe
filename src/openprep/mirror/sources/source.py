"""Asking a centre, or another mirror, for files of the tree: bounded in time and in bytes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple, Protocol

import aiohttp
import msgspec

from openprep.bounded import whole_of
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.sources.session import Asking, reaching
from openprep.mirror.verify.trusted import TrustedCut
from openprep.wire.cut.manifest import POINTER_PATH, Pointer, decode

POINTER_LIMIT = 16 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=120, sock_connect=5, sock_read=20)
CONCURRENT = 16


Get = Callable[[str, int], Awaitable[bytes]]
"""Gives the file at a path, of so many bytes at most.

Raises:
    Refused: UNREACHABLE, NOT_FOUND or OVERSIZE, and what a kind of source adds.
"""


@dataclass(frozen=True)
class Offer:
    """A cut that a source announces, and how its files and those of cuts before it are had."""

    pointer: Pointer
    get: Get


class TreeSource(Protocol):
    """A place to take a published tree from. Nothing it says is believed."""

    @property
    def base(self) -> str:
        """Where it is, as an operator knows it."""

    async def offer(self, held: TrustedCut | None, *, again: bool = False) -> Offer | None:
        """What it has, for a mirror whose tree holds the cut ``held`` whole.

        ``None`` where it announces that cut still, as it did when last asked, or nothing yet; with
        ``again`` what it has is offered all the same.

        Raises:
            Refused: UNREACHABLE, NOT_FOUND (nothing is published yet), OVERSIZE or FORMAT.
        """

    async def get(self, path: str, limit: int) -> bytes:
        """A file of the tree as it stands, of any cut: see :data:`Get`."""


class _Answer(NamedTuple):
    """A file and its tag; no file where it is still the one that was asked about."""

    data: bytes | None
    etag: str | None


class _Given(NamedTuple):
    """The pointer that was read last, and the tag that it had."""

    pointer: Pointer
    etag: str


class Source(Asking):
    """A tree that anybody may read over HTTP: the centre's own, or another publisher's.

    All that is asked of it may take ``seconds`` together, if they are given: a publisher that
    answers slowly must not keep a mirror from asking somebody else.
    """

    def __init__(self, base: str, seconds: float | None = None) -> None:
        self.base = base.rstrip("/")
        self._deadline = None if seconds is None else monotonic() + seconds
        self._given: _Given | None = None
        self._slots = asyncio.Semaphore(CONCURRENT)
        super().__init__()

    def _new_session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=CONCURRENT)
        return aiohttp.ClientSession(connector=connector, timeout=TIMEOUT)

    async def offer(self, held: TrustedCut | None, *, again: bool = False) -> Offer | None:
        """See :meth:`TreeSource.offer`; every file is asked for by itself."""
        headers = {}
        if self._given is not None and not again and announces(self._given.pointer, held):
            headers["If-None-Match"] = self._given.etag
        data, etag = await self._fetch(POINTER_PATH, POINTER_LIMIT, headers)
        if data is None:
            return None
        pointer = read_pointer(data, POINTER_PATH)
        self._given = _Given(pointer, etag) if etag else None
        return Offer(pointer, self.get)

    async def get(self, path: str, limit: int) -> bytes:
        """The file at ``path``, at most ``limit`` bytes.

        Raises:
            Refused: UNREACHABLE, NOT_FOUND or OVERSIZE.
        """
        return (await self._fetch(path, limit, {})).data or b""

    def _left(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - monotonic())

    async def _fetch(self, path: str, limit: int, headers: dict[str, str]) -> _Answer:
        with reaching(self.base, path):
            async with (
                asyncio.timeout(self._left()),
                self._slots,
                self._session.get(
                    f"{self.base}/{path}", headers=headers, allow_redirects=False
                ) as response,
            ):
                if response.status == 304:
                    return _Answer(None, None)
                if response.status == 404:
                    raise Refused(MirrorCode.NOT_FOUND, "{path}", path=path)
                if response.status != 200:
                    raise Refused(
                        MirrorCode.UNREACHABLE,
                        "{base}/{path}: HTTP {status}",
                        base=self.base,
                        path=path,
                        status=response.status,
                    )
                data = await whole_of(response.content.iter_any(), limit)
                return _Answer(data, response.headers.get("ETag"))


def read_pointer(data: bytes, name: str) -> Pointer:
    """The pointer that a source gave under ``name``.

    Raises:
        Refused: FORMAT.
    """
    try:
        return decode(data, Pointer)
    except msgspec.MsgspecError as error:
        raise Refused(MirrorCode.FORMAT, "{name}: {error}", name=name, error=error) from error


def announces(pointer: Pointer, held: TrustedCut | None) -> bool:
    """Whether a pointer is of the very cut that a tree holds."""
    return held is not None and (pointer.cut, pointer.manifest) == (held.cut, held.manifest)
