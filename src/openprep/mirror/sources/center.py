"""The centre's distribution service as a source: signed questions, sealed answers.

Used like :class:`~openprep.mirror.sources.source.Source`: the pointer is waited for by long poll,
and the first file that is asked for brings the package that leads from the cut held here to the one
that was announced. Its files come out of a staging folder; a file that a delta does not have brings
a full package. As with every source nothing it says is believed here.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import aiohttp
import msgspec
from yarl import URL

from openprep.bounded import TooMany, first_of, whole_of
from openprep.clock import Clock
from openprep.decoding import decoding
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.keys import PublisherKeys
from openprep.mirror.sources.session import Asking
from openprep.mirror.sources.source import POINTER_LIMIT
from openprep.mirror.sources.staging import Staging
from openprep.wire.cut.manifest import Pointer, decode
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.package import PackageLabel
from openprep.wire.distribution.protocol import COSIGNATURE, PACKAGE, POINTER, Refusal
from openprep.wire.distribution.requests import RequestParts, sign_request

MAX_REFUSAL_BYTES = 4096
MAX_SEALED_BYTES = 8 * 1024**3


@dataclass(frozen=True)
class Patience:
    """How long a publisher waits, in seconds.

    A download must bring ``floor`` bytes in every ``window``: less counts as a broken connection.
    """

    poll: float = 25.0
    answer: float = 60.0
    """For the head of an answer: a full package is packed and sealed before it."""

    window: float = 20.0
    floor: int = 64 * 1024
    attempts: int = 6
    pause: float = 1.0


class CenterRefused(Refused):
    """The centre answers, and refuses; ``answer`` has its code and its reason."""

    def __init__(self, status: int, answer: Refusal) -> None:
        self.answer = answer
        said = f"{answer.code} {answer.detail} — {answer.meaning}"
        super().__init__(MirrorCode.UNREACHABLE, f"the centre refuses (HTTP {status}): {said}")


@dataclass
class _Download:
    """A package as far as it has come. ``etag`` names the bytes that there are."""

    target: str
    etag: str = ""
    have: int = 0
    total: int = -1


class _Broken(Exception):
    """A download broke off; what came stays."""


class CenterSource(Asking):
    """One publisher's access to the distribution service at ``base``.

    ``key_id`` is the id under which the publisher is enrolled; ``held`` the cut that its tree holds
    whole. ``folder`` is emptied.
    """

    def __init__(
        self,
        base: str,
        key_id: str,
        keys: PublisherKeys,
        folder: Path,
        clock: Clock,
        held: int | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.base = base.rstrip("/")
        self._key_id = key_id
        self._keys = keys
        self._clock = clock
        self._held = held
        self._patience = patience or Patience()
        self._staging = Staging(folder)
        self._file = folder / "incoming.age"
        self._announced: int | None = None
        self._nothing_yet = False
        """Whether the centre was asked and had nothing: then the next question waits."""
        self._staged: PackageLabel | None = None
        self._download = _Download("")
        self._one_at_a_time = asyncio.Lock()
        super().__init__()

    def _new_session(self) -> aiohttp.ClientSession:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
        return aiohttp.ClientSession(timeout=timeout, auto_decompress=False)

    async def pointer(self) -> Pointer | None:
        """The pointer once it is another than the last; ``None`` if that takes too long.

        A pointer that was not forgotten since is taken to be shown: the next delta begins there.

        Raises:
            Refused: UNREACHABLE (CenterRefused where the centre refuses), OVERSIZE or FORMAT.
        """
        if self._announced is not None:
            self._held = self._announced
        if self._staged is not None:
            self._staged = None
            await asyncio.to_thread(self._staging.clear)
        wait = self._patience.poll if self._announced is not None or self._nothing_yet else 0
        target = f"{POINTER}?after={_text(self._announced)}&wait={wait:g}"
        data = await self._ask("GET", target, POINTER_LIMIT, wait + self._patience.answer)
        self._nothing_yet = not data
        if not data:
            return None
        try:
            pointer = decode(data, Pointer)
        except msgspec.MsgspecError as error:
            raise Refused(MirrorCode.FORMAT, f"pointer: {error}") from error
        self._announced = pointer.cut
        return pointer

    def holds(self, cut: int | None) -> None:
        """The mirror's tree holds ``cut`` whole, wherever it came from: deltas begin there."""
        self._held = cut
        if self._announced is not None and cut is not None:
            self._announced = cut

    def forget_pointer(self) -> None:
        """Ask for the pointer again at once next time: what it announced was not shown."""
        self._announced = None
        self._nothing_yet = False
        self._staged = None

    async def get(self, path: str, limit: int) -> bytes:
        """The file at ``path`` of the announced cut's package, at most ``limit`` bytes.

        Raises:
            Refused: UNREACHABLE (CenterRefused where the centre refuses), NOT_FOUND, OVERSIZE,
                FORMAT, PACKAGE or DISK.
        """
        async with self._one_at_a_time:
            if self._staged is None or self._staged.to != self._announced:
                await self._stage(None if self._held == self._announced else self._held)
            data = await self._read(path, limit)
            if data is None and self._staged is not None and self._staged.after is not None:
                await self._stage(None)
                data = await self._read(path, limit)
        if data is None:
            raise Refused(MirrorCode.NOT_FOUND, path)
        return data

    async def cosign(self, signatures: bytes) -> None:
        """Hand a cosignature of a checkpoint to the centre.

        Raises:
            Refused: UNREACHABLE (CenterRefused where the centre refuses it).
        """
        answer = self._patience.answer
        await self._ask("POST", COSIGNATURE, MAX_REFUSAL_BYTES, answer, signatures)

    async def sample(self, most: int, seconds: float) -> int:
        """Take a part of a full package, to see how fast it comes; how many bytes came.

        Raises:
            Refused: UNREACHABLE (CenterRefused where the centre refuses).
        """
        came = 0
        target = _package(None, None)
        try:
            async with self._asked("GET", target, self._patience.answer, {}) as response:
                if response.status not in (200, 204):
                    raise await _refused(response)
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        while came < most and (data := await response.content.readany()):
                            came += len(data)
        except (aiohttp.ClientError, TimeoutError) as error:
            detail = f"{self.base}: {type(error).__name__} {error}"
            raise Refused(MirrorCode.UNREACHABLE, detail) from error
        return came

    async def _read(self, path: str, limit: int) -> bytes | None:
        return await asyncio.to_thread(self._staging.read, path, limit)

    async def _stage(self, after: int | None) -> None:
        """Fetch and open the package from ``after`` to what was announced."""
        self._staged = None
        to = self._announced
        try:
            await self._fetch(_package(after, to))
        except CenterRefused as refused:
            if after is None or refused.answer.code != DistributionCode.NO_SUCH_CUT.code:
                raise
            after = None
            await self._fetch(_package(after, to))
        label = await asyncio.to_thread(self._staging.take, self._file, self._keys.identity)
        self._file.unlink(missing_ok=True)
        if label.after != after or label.to != (label.to if to is None else to):
            detail = f"package {label.after} to {label.to}, where {after} to {to} was asked for"
            raise Refused(MirrorCode.PACKAGE, detail)
        self._staged = label

    async def _fetch(self, target: str) -> None:
        """Download a package, going on where it broke off, also at an earlier attempt."""
        if self._download.target != target:
            self._download = _Download(target)
        for _ in range(self._patience.attempts):
            try:
                await self._go_on(self._download)
            except _Broken as broken:
                last = str(broken)
                await asyncio.sleep(self._patience.pause)
            else:
                self._download = _Download("")
                return
        raise Refused(MirrorCode.UNREACHABLE, f"{self.base}: the package broke off: {last}")

    async def _go_on(self, download: _Download) -> None:
        headers = {}
        if download.have:
            headers["Range"] = f"bytes={download.have}-"
            headers["If-Range"] = f'"{download.etag}"'
        try:
            async with self._asked(
                "GET", download.target, self._patience.answer, headers
            ) as response:
                await self._take_head(response, download)
                await self._take_body(response, download)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _Broken(f"{type(error).__name__} {error}") from error
        if download.have != download.total:
            raise _Broken(f"{download.have} of {download.total} bytes came")

    async def _take_head(self, response: aiohttp.ClientResponse, download: _Download) -> None:
        """Settle which bytes follow: the rest of those that are here, or others from the start."""
        if response.status not in (200, 206):
            raise await _refused(response)
        etag = response.headers.get("ETag", "").strip('"')
        if response.status == 206:
            wanted = f"bytes {download.have}-{download.total - 1}/{download.total}"
            if (etag, response.headers.get("Content-Range")) == (download.etag, wanted):
                return
            download.have, download.total = 0, -1
            raise _Broken(f"other bytes follow than were asked for: {wanted}")
        length = response.content_length
        download.etag, download.have = etag, 0
        if length is None:
            raise Refused(MirrorCode.FORMAT, "the package does not say how long it is")
        if length > MAX_SEALED_BYTES:
            raise Refused(MirrorCode.OVERSIZE, f"a package of {length} bytes")
        download.total = length

    async def _take_body(self, response: aiohttp.ClientResponse, download: _Download) -> None:
        patience = self._patience
        try:
            with self._file.open("r+b" if download.have else "wb") as out:
                out.truncate(download.have)
                out.seek(0, os.SEEK_END)
                more = True
                while more:
                    async with asyncio.timeout(patience.window):
                        more = await _take_some(response, out, download, patience.floor)
        except aiohttp.ClientError:
            raise
        except TimeoutError as error:
            detail = f"less than {patience.floor} bytes in {patience.window:g} s"
            raise _Broken(detail) from error
        except OSError as error:
            raise Refused(MirrorCode.DISK, str(error)) from error

    async def _ask(
        self, method: str, target: str, limit: int, seconds: float, body: bytes | None = None
    ) -> bytes:
        """The body of an answer, at most ``limit`` bytes; empty for 204."""
        try:
            async with (
                asyncio.timeout(seconds),
                self._asked(method, target, seconds, {}, body) as response,
            ):
                if response.status not in (200, 204):
                    raise await _refused(response)
                return await whole_of(response.content.iter_any(), limit)
        except TooMany as error:
            raise Refused(MirrorCode.OVERSIZE, f"{target}: {error}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            detail = f"{self.base}: {type(error).__name__} {error}"
            raise Refused(MirrorCode.UNREACHABLE, detail) from error

    @asynccontextmanager
    async def _asked(
        self,
        method: str,
        target: str,
        seconds: float,
        headers: dict[str, str],
        body: bytes | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Ask, signed anew each time; the head of the answer must come in ``seconds``."""
        url = URL(f"{self.base}{target}", encoded=True)
        parts = RequestParts(method, url.host_port_subcomponent or "", url.raw_path_qs)
        nonce = secrets.token_urlsafe(16)
        signed = sign_request(
            parts, self._keys.request_key, self._key_id, nonce, self._clock(), body
        )
        asking = self._session.request(
            method, url, data=body, headers={**headers, **signed}, allow_redirects=False
        )
        async with asyncio.timeout(seconds):
            response = await asking
        async with response:
            yield response


def _text(cut: int | None) -> str:
    return "none" if cut is None else str(cut)


def _package(after: int | None, to: int | None) -> str:
    upto = "" if to is None else f"&to={to}"
    return f"{PACKAGE}?after={_text(after)}{upto}"


async def _take_some(
    response: aiohttp.ClientResponse, out: IO[bytes], download: _Download, enough: int
) -> bool:
    """Keep what comes, ``enough`` bytes or more; whether there may be more."""
    end = min(download.have + enough, download.total)
    while download.have < end and (data := await response.content.readany()):
        out.write(data)
        download.have += len(data)
    return end <= download.have < download.total


async def _refused(response: aiohttp.ClientResponse) -> Refused:
    data = await first_of(response.content.iter_any(), MAX_REFUSAL_BYTES)
    try:
        with decoding():
            return CenterRefused(response.status, msgspec.json.decode(data, type=Refusal))
    except msgspec.MsgspecError:
        return Refused(MirrorCode.UNREACHABLE, f"the centre answers with HTTP {response.status}")
