"""The centre's distribution service as a source: signed questions, sealed answers.

Used like :class:`~openprep.mirror.sources.source.Source`: the pointer is waited for by long poll,
and the first file of an offer brings the package that leads from the cut held here to the one that
is offered. Its files come out of a staging folder; a file that a delta does not have brings a full
package. As with every source nothing it says is believed here.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

import aiohttp
import msgspec
from yarl import URL

from openprep.bounded import first_of, whole_of
from openprep.clock import Clock
from openprep.coded import Text, said
from openprep.decoding import decoding
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.keys import PublisherKeys
from openprep.mirror.sources.download import Broken, Download, Head
from openprep.mirror.sources.session import Asking, reaching
from openprep.mirror.sources.source import POINTER_LIMIT, Offer, announces, read_pointer
from openprep.mirror.sources.staging import Staging
from openprep.mirror.verify.trusted import TrustedCut
from openprep.wire.cut.manifest import Pointer
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.package import PackageLabel, PackageLimits
from openprep.wire.distribution.protocol import COSIGNATURE, PACKAGE, POINTER, Refusal
from openprep.wire.distribution.requests import RequestParts, sign_request

MAX_REFUSAL_BYTES = 4096


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
        super().__init__(
            MirrorCode.UNREACHABLE,
            "the centre refuses (HTTP {status}): {code} {detail} — {meaning}",
            status=status,
            code=answer.code,
            detail=answer.detail,
            meaning=answer.meaning,
        )


class Wanted(NamedTuple):
    """From which cut to which a package leads; ``None``: from nothing, to the newest."""

    after: int | None
    to: int | None


class CenterSource(Asking):
    """One publisher's access to the distribution service at ``base``.

    ``key_id`` is the id under which the publisher is enrolled. ``folder`` is emptied; of a
    package that holds more than ``limits`` allow, nothing stays in it.
    """

    def __init__(
        self,
        base: str,
        key_id: str,
        keys: PublisherKeys,
        folder: Path,
        clock: Clock,
        patience: Patience | None = None,
        limits: PackageLimits | None = None,
    ) -> None:
        self.base = base.rstrip("/")
        self._key_id = key_id
        self._keys = keys
        self._clock = clock
        self._patience = patience or Patience()
        self._staging = Staging(folder, limits)
        self._file = folder / "incoming.age"
        self._given: Pointer | None = None
        self._nothing_yet = False
        """Whether the centre was asked and had nothing: then the next question waits."""
        self._staged: PackageLabel | None = None
        self._download = Download("")
        self._one_at_a_time = asyncio.Lock()
        super().__init__()

    def _new_session(self) -> aiohttp.ClientSession:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
        return aiohttp.ClientSession(timeout=timeout, auto_decompress=False)

    async def offer(self, held: TrustedCut | None, *, again: bool = False) -> Offer | None:
        """See :meth:`TreeSource.offer`; where nothing is new, that is waited for some seconds.

        Raises:
            Refused: UNREACHABLE (CenterRefused where the centre refuses), OVERSIZE or FORMAT.
        """
        async with self._one_at_a_time:
            if self._staged is not None:
                self._staged = None
                await asyncio.to_thread(self._staging.clear)
        known = self._given is not None and not again and announces(self._given, held)
        wait = self._patience.poll if known or self._nothing_yet else 0
        after = held.cut if held is not None and known else None
        target = f"{POINTER}?after={_text(after)}&wait={wait:g}"
        data = await self._ask("GET", target, POINTER_LIMIT, wait + self._patience.answer)
        self._nothing_yet = not data
        if not data:
            return None
        self._given = pointer = read_pointer(data, "pointer")
        from_cut = None if held is None or held.cut == pointer.cut else held.cut
        return Offer(pointer, partial(self._get_offered, Wanted(from_cut, pointer.cut)))

    async def get(self, path: str, limit: int) -> bytes:
        """A file of any cut, out of a full package: see :meth:`_get_offered` for what is raised."""
        to = None if self._given is None else self._given.cut
        return await self._get_offered(Wanted(None, to), path, limit)

    async def _get_offered(self, wanted: Wanted, path: str, limit: int) -> bytes:
        """The file at ``path``, at most ``limit`` bytes, out of the package that leads on.

        Raises:
            Refused: UNREACHABLE (CenterRefused where the centre refuses), NOT_FOUND, OVERSIZE,
                FORMAT, PACKAGE or DISK.
        """
        async with self._one_at_a_time:
            if not self._has_staged(wanted):
                await self._stage(wanted)
            data = await self._read(path, limit)
            if data is None and self._staged is not None and self._staged.after is not None:
                await self._stage(Wanted(None, wanted.to))
                data = await self._read(path, limit)
        if data is None:
            raise Refused(MirrorCode.NOT_FOUND, "{path}", path=path)
        return data

    def _has_staged(self, wanted: Wanted) -> bool:
        """Whether the package in the staging folder will do: a full one does for any."""
        staged = self._staged
        if staged is None or (wanted.to is not None and staged.to != wanted.to):
            return False
        return staged.after is None or wanted.after is not None

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
        target = _package(Wanted(None, None))
        with reaching(self.base, target):
            async with self._asked("GET", target, self._patience.answer, {}) as response:
                if response.status not in (200, 204):
                    raise await _refused(response)
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        while came < most and (data := await response.content.readany()):
                            came += len(data)
        return came

    async def _read(self, path: str, limit: int) -> bytes | None:
        return await asyncio.to_thread(self._staging.read, path, limit)

    async def _stage(self, wanted: Wanted) -> None:
        """Fetch and open the package that leads on so, or a full one where the centre has none."""
        self._staged = None
        try:
            await self._fetch(_package(wanted))
        except CenterRefused as refused:
            if wanted.after is None or refused.answer.code != DistributionCode.NO_SUCH_CUT.code:
                raise
            wanted = Wanted(None, wanted.to)
            await self._fetch(_package(wanted))
        label = await asyncio.to_thread(self._staging.take, self._file, self._keys.identity)
        self._file.unlink(missing_ok=True)
        to = label.to if wanted.to is None else wanted.to
        if (label.after, label.to) != (wanted.after, to):
            raise Refused(
                MirrorCode.PACKAGE,
                "package {came}, where {asked} was asked for",
                came=_span(label.after, label.to),
                asked=_span(wanted.after, wanted.to),
            )
        self._staged = label

    async def _fetch(self, target: str) -> None:
        """Download a package, going on where it broke off, also at an earlier attempt."""
        if self._download.target != target:
            self._download = Download(target)
        for _ in range(self._patience.attempts):
            try:
                await self._go_on(self._download)
            except Broken as broken:
                last = str(broken)
                await asyncio.sleep(self._patience.pause)
            else:
                self._download = Download("")
                return
        raise Refused(
            MirrorCode.UNREACHABLE,
            "{base}: the package broke off: {last}",
            base=self.base,
            last=last,
        )

    async def _go_on(self, download: Download) -> None:
        answer = self._patience.answer
        try:
            async with self._asked("GET", download.target, answer, download.headers) as response:
                if response.status not in (200, 206):
                    raise await _refused(response)
                download.take_head(_head_of(response))
                await self._take_body(response, download)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Broken(f"{type(error).__name__} {error}") from error
        if not download.whole:
            raise Broken(f"{download.have} of {download.total} bytes came")

    async def _take_body(self, response: aiohttp.ClientResponse, download: Download) -> None:
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
            raise Broken(detail) from error
        except OSError as error:
            raise Refused(MirrorCode.DISK, "{error}", error=error) from error

    async def _ask(
        self, method: str, target: str, limit: int, seconds: float, body: bytes | None = None
    ) -> bytes:
        """The body of an answer, at most ``limit`` bytes; empty for 204."""
        with reaching(self.base, target):
            async with (
                asyncio.timeout(seconds),
                self._asked(method, target, seconds, {}, body) as response,
            ):
                if response.status not in (200, 204):
                    raise await _refused(response)
                return await whole_of(response.content.iter_any(), limit)

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


def _span(after: int | None, to: int | None) -> Text:
    """From which cut to which a package leads, in words."""
    return said(
        "{after} to {to}",
        after=said("nothing") if after is None else after,
        to=said("the newest") if to is None else to,
    )


def _package(wanted: Wanted) -> str:
    upto = "" if wanted.to is None else f"&to={wanted.to}"
    return f"{PACKAGE}?after={_text(wanted.after)}{upto}"


def _head_of(response: aiohttp.ClientResponse) -> Head:
    return Head(
        response.status == 206,
        response.headers.get("ETag", "").strip('"'),
        response.content_length,
        response.headers.get("Content-Range"),
    )


async def _take_some(
    response: aiohttp.ClientResponse, out: IO[bytes], download: Download, enough: int
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
        return Refused(
            MirrorCode.UNREACHABLE, "the centre answers with HTTP {status}", status=response.status
        )
