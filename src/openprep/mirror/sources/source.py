"""Asking a centre, or another mirror, for files of the tree: bounded in time and in bytes."""

import asyncio
from time import monotonic
from typing import Protocol

import aiohttp
import msgspec

from openprep.bounded import TooMany, whole_of
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.sources.session import Asking
from openprep.wire.cut.manifest import POINTER_PATH, Pointer, decode

POINTER_LIMIT = 16 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=120, sock_connect=5, sock_read=20)
CONCURRENT = 16


class TreeSource(Protocol):
    """A place to take a published tree from. Nothing it says is believed."""

    @property
    def base(self) -> str:
        """Where it is, as an operator knows it."""

    async def pointer(self) -> Pointer | None:
        """The pointer; ``None`` where it is as it was when last asked for.

        Raises:
            Refused: UNREACHABLE, NOT_FOUND (nothing is published yet), OVERSIZE or FORMAT.
        """

    def forget_pointer(self) -> None:
        """Give the pointer again in full: what it announced was not shown."""

    def holds(self, cut: int | None) -> None:
        """Be told which cut the mirror holds whole."""

    async def get(self, path: str, limit: int) -> bytes:
        """The file at ``path``, at most ``limit`` bytes.

        Raises:
            Refused: UNREACHABLE, NOT_FOUND or OVERSIZE.
        """


class Source(Asking):
    """A tree that anybody may read over HTTP: the centre's own, or another publisher's.

    All that is asked of it may take ``seconds`` together, if they are given: a publisher that
    answers slowly must not keep a mirror from asking somebody else.
    """

    def __init__(self, base: str, seconds: float | None = None) -> None:
        self.base = base.rstrip("/")
        self._deadline = None if seconds is None else monotonic() + seconds
        self._etag: str | None = None
        self._slots = asyncio.Semaphore(CONCURRENT)
        super().__init__()

    def _new_session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=CONCURRENT)
        return aiohttp.ClientSession(connector=connector, timeout=TIMEOUT)

    async def pointer(self) -> Pointer | None:
        """The pointer, or ``None`` where it has not changed since it was last read.

        Raises:
            Refused: UNREACHABLE, NOT_FOUND (nothing is published yet), OVERSIZE or FORMAT.
        """
        headers = {"If-None-Match": self._etag} if self._etag else {}
        data, etag = await self._fetch(POINTER_PATH, POINTER_LIMIT, headers)
        if data is None:
            return None
        try:
            pointer = decode(data, Pointer)
        except msgspec.MsgspecError as error:
            raise Refused(MirrorCode.FORMAT, f"{POINTER_PATH}: {error}") from error
        self._etag = etag
        return pointer

    def forget_pointer(self) -> None:
        """Read the pointer again in full next time: what it announced was not shown."""
        self._etag = None

    def holds(self, cut: int | None) -> None:
        """It makes no difference here: every file is asked for by itself."""

    async def get(self, path: str, limit: int) -> bytes:
        """The file at ``path``, at most ``limit`` bytes.

        Raises:
            Refused: UNREACHABLE, NOT_FOUND or OVERSIZE.
        """
        data, _ = await self._fetch(path, limit, {})
        return data or b""

    def _left(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - monotonic())

    async def _fetch(
        self, path: str, limit: int, headers: dict[str, str]
    ) -> tuple[bytes | None, str | None]:
        try:
            async with (
                asyncio.timeout(self._left()),
                self._slots,
                self._session.get(
                    f"{self.base}/{path}", headers=headers, allow_redirects=False
                ) as response,
            ):
                if response.status == 304:
                    return None, None
                if response.status == 404:
                    raise Refused(MirrorCode.NOT_FOUND, path)
                if response.status != 200:
                    raise Refused(MirrorCode.UNREACHABLE, f"{path}: HTTP {response.status}")
                data = await whole_of(response.content.iter_any(), limit)
                return data, response.headers.get("ETag")
        except TooMany as error:
            raise Refused(MirrorCode.OVERSIZE, f"{path}: {error}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            detail = f"{self.base}: {type(error).__name__} {error}"
            raise Refused(MirrorCode.UNREACHABLE, detail) from error
