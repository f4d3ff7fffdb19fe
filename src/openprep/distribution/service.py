"""The distribution service: new cuts announced and handed over, to enrolled publishers only.

Every request is signed (:mod:`openprep.wire.distribution.requests`), every package sealed to who
asked for it (:mod:`openprep.distribution.deltas`). Publishers are looked up at each request, so
that enrolment and revocation count from the next one. What one publisher can take from others is
bounded: requests, bytes a second, connections, and how slowly it may read. A refusal is JSON:
``{"code", "meaning", "detail"}``.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import msgspec
from aiohttp import web

from openprep.clock import Clock
from openprep.distribution.budget import Budget
from openprep.distribution.deltas import Delta, Packages, Sealed
from openprep.distribution.strangers import Strangers
from openprep.doors.door import network_behind, vouch_for
from openprep.hosting import TreeDirectory
from openprep.wire.cut.manifest import Pointer, encode
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.protocol import (
    COSIGNATURE,
    EVENTS,
    MAX_COSIGNATURE_BYTES,
    PACKAGE,
    POINTER,
    Refusal,
)
from openprep.wire.distribution.requests import (
    TAG,
    Admission,
    Admitted,
    NotAdmitted,
    Publisher,
    RequestParts,
)

LONGEST_WAIT = 30.0
"""Seconds that a long poll may wait: shorter than what shields and proxies cut off."""

EVENT_PAUSE = 15.0
"""Seconds without news after which an event stream says that it is alive."""

NO_STORE: Mapping[str, str] = {"Cache-Control": "no-store"}

STATUSES: Mapping[DistributionCode, int] = {
    DistributionCode.REVOKED: 403,
    DistributionCode.WRONG_AUTHORITY: 421,
    DistributionCode.TOO_MANY_NONCES: 429,
    DistributionCode.TOO_MANY_FAILURES: 429,
    DistributionCode.BODY: 400,
    DistributionCode.CROWDED: 429,
    DistributionCode.TOO_OFTEN: 429,
    DistributionCode.BUSY: 503,
    DistributionCode.TOO_SLOW: 408,
    DistributionCode.PARAMETER: 400,
    DistributionCode.NO_SUCH_CUT: 404,
    DistributionCode.COSIGNATURE: 422,
    DistributionCode.NOT_READY: 503,
    DistributionCode.CENTRE_DISK: 503,
    DistributionCode.SEALING: 500,
}
"""HTTP status of a refusal; 401 where none is named."""

_VERIFIED_IN_VAIN = frozenset(
    {
        DistributionCode.SIGNATURE,
        DistributionCode.OTHER_PROTOCOL,
        DistributionCode.COVERAGE,
        DistributionCode.LIFETIME,
        DistributionCode.CLOCK_AHEAD,
        DistributionCode.EXPIRED,
        DistributionCode.REPLAYED,
    }
)
"""What is found only after the signature was verified: a stranger may repeat a publisher's own."""

RETRY_SECONDS = 2
_CUT = re.compile(r"[0-9]{1,9}")
_SECONDS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")
_RANGE = re.compile(r"bytes=([0-9]{1,15})-")


class CosignatureRefused(Exception):
    """Raised by whoever takes cosignatures: this one is not taken, and why."""


Cosigned = Callable[[Publisher, bytes], Awaitable[None]]
"""Takes the lines that a publisher signed a checkpoint with. Raises CosignatureRefused."""


@dataclass(frozen=True)
class Terms:
    """What each publisher may take; rates are by second."""

    requests: float = 10.0
    requests_at_once: float = 100.0
    bytes_rate: float = 50e6
    bytes_at_once: float = 200e6
    connections: int = 6
    all_connections: int = 1000
    """Connections of all publishers together."""

    piece: int = 256 * 1024
    stall_seconds: float = 20.0
    """Time in which one piece must be read."""

    body_seconds: float = 10.0


@dataclass
class _Account:
    """What one publisher uses at present."""

    requests: Budget
    bytes: Budget
    connections: int = 0


class News:
    """Wakes whoever waits for a cut. ``announce`` is called when the tree was turned to it."""

    def __init__(self, tree: TreeDirectory) -> None:
        self._tree = tree
        self._turned = asyncio.Event()

    def announce(self) -> None:
        """A cut was activated. To be called on the event loop."""
        turned, self._turned = self._turned, asyncio.Event()
        turned.set()

    async def after(self, cut: int | None, seconds: float) -> Pointer | None:
        """The pointer, as soon as it is of another cut; ``None`` if that takes longer."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    turned = self._turned
                    pointer = self._tree.pointer()
                    if pointer is not None and pointer.cut != cut:
                        return pointer
                    await turned.wait()
        except TimeoutError:
            return None


class Distribution:
    """The service of one tree; :meth:`application` is what a web server runs."""

    def __init__(
        self,
        tree: TreeDirectory,
        admission: Admission,
        find: Callable[[str], Publisher | None],
        packages: Packages,
        cosigned: Cosigned,
        clock: Clock,
        seconds: Callable[[], float],
        terms: Terms | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.news = News(tree)
        self.refusals: Counter[str] = Counter()
        self._admission = admission
        self._find = find
        self._packages = packages
        self._cosigned = cosigned
        self._clock = clock
        self._seconds = seconds
        self._terms = terms or Terms()
        self._sleep = sleep
        self._strangers = Strangers()
        self._accounts: dict[str, _Account] = {}
        self._connections = 0

    def application(self) -> web.Application:
        """The web application, with nothing but the service's four paths."""
        app = web.Application(middlewares=[self._refusing], client_max_size=MAX_COSIGNATURE_BYTES)
        app.router.add_get(POINTER, self._pointer, allow_head=False)
        app.router.add_get(EVENTS, self._events, allow_head=False)
        app.router.add_get(PACKAGE, self._package, allow_head=False)
        app.router.add_post(COSIGNATURE, self._cosignature)
        return app

    @web.middleware
    async def _refusing(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            return await handler(request)
        except NotAdmitted as refusal:
            self.refusals[refusal.code.code] += 1
            return _refuse(refusal)

    @asynccontextmanager
    async def _admitted(self, request: web.Request) -> AsyncIterator[Admitted]:
        """Admit a request and hold its place among its publisher's connections."""
        admitted = self._verified(request)
        await self._admission.remember(admitted)
        account = self._account(admitted.publisher.id)
        if wait := account.requests.wait(self._seconds()):
            raise NotAdmitted(DistributionCode.TOO_OFTEN, "in {wait:.0f} s", wait=wait)
        account.requests.take(1, self._seconds())
        vouch_for(request)
        with self._connection(account):
            yield admitted

    def _verified(self, request: web.Request) -> Admitted:
        """Admit a request, unless too many by its name from its network were somebody else's."""
        parts, network = _parts(request), network_behind(request)
        name = self._admission.claimed(parts).id
        self._strangers.check(name, network, self._seconds())
        try:
            admitted = self._admission.admit(parts, self._clock())
        except NotAdmitted as refused:
            if refused.code in _VERIFIED_IN_VAIN:
                self._strangers.failed(name, network, self._seconds())
            raise
        self._strangers.proven(name, network)
        return admitted

    @contextmanager
    def _connection(self, account: _Account) -> Iterator[None]:
        terms = self._terms
        if account.connections >= terms.connections or self._connections >= terms.all_connections:
            raise NotAdmitted(
                DistributionCode.CROWDED,
                "{own} of its own, {every} in all",
                own=account.connections,
                every=self._connections,
            )
        account.connections += 1
        self._connections += 1
        try:
            yield
        finally:
            account.connections -= 1
            self._connections -= 1

    def _account(self, publisher: str) -> _Account:
        account = self._accounts.get(publisher)
        if account is None:
            terms, now = self._terms, self._seconds()
            account = self._accounts[publisher] = _Account(
                Budget(terms.requests, terms.requests_at_once, now),
                Budget(terms.bytes_rate, terms.bytes_at_once, now),
            )
        return account

    def _check_standing(self, publisher: Publisher) -> None:
        """See that who waited is still enrolled.

        Raises:
            NotAdmitted: REVOKED.
        """
        if self._find(publisher.id) != publisher:
            raise NotAdmitted(DistributionCode.REVOKED, "{id}", id=publisher.id)

    async def _pointer(self, request: web.Request) -> web.StreamResponse:
        async with self._admitted(request) as admitted:
            pointer = await self.news.after(_cut(request, "after"), _wait(request))
            self._check_standing(admitted.publisher)
        if pointer is None:
            return web.Response(status=204, headers=NO_STORE)
        return _json(encode(pointer), 200)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        async with self._admitted(request) as admitted:
            cut = _cut(request, "after")
            response = web.StreamResponse(headers=NO_STORE)
            response.content_type = "text/event-stream"
            await response.prepare(request)
            while self._find(admitted.publisher.id) == admitted.publisher:
                pointer = await self.news.after(cut, EVENT_PAUSE)
                if pointer is not None:
                    cut = pointer.cut
                if not await self._send(request, response, _event(pointer)):
                    break
        return response

    async def _package(self, request: web.Request) -> web.StreamResponse:
        async with self._admitted(request) as admitted:
            delta = self._delta(request)
            if delta is None:
                return web.Response(status=204, headers=NO_STORE)
            sealed, start = self._resumed(request, admitted.publisher, delta)
            if sealed is None:
                sealed = await self._packages.seal_for(admitted.publisher, delta)
                self._check_standing(admitted.publisher)
            return await self._send_package(request, sealed, start)

    def _delta(self, request: web.Request) -> Delta | None:
        """What is asked for; ``None`` if there is nothing after the publisher's cut."""
        after, to = _cut(request, "after"), _cut(request, "to")
        newest = self._packages.newest()
        if newest is None:
            return None
        if after is not None and after > newest:
            raise NotAdmitted(
                DistributionCode.NO_SUCH_CUT,
                "the publisher has cut {after}, the centre shows {newest}",
                after=after,
                newest=newest,
            )
        to = newest if to is None else to
        return None if after == to else Delta(after, to)

    def _resumed(
        self, request: web.Request, publisher: Publisher, delta: Delta
    ) -> tuple[Sealed | None, int]:
        """The answer to go on with, and from where; nothing if a new one must be made.

        A Range without the If-Range that names an earlier answer is ignored, as RFC 9110 (14.2)
        allows: bytes of two sealings never fit together.
        """
        asked = _RANGE.fullmatch(request.headers.get("Range", ""))
        etag = request.headers.get("If-Range", "").strip('"')
        if asked is None or not etag:
            return None, 0
        sealed = self._packages.resumable(publisher.id, delta, etag)
        start = int(asked[1])
        return (sealed, start) if sealed is not None and start < sealed.size else (None, 0)

    async def _send_package(
        self, request: web.Request, sealed: Sealed, start: int
    ) -> web.StreamResponse:
        account = self._account(sealed.publisher)
        with self._packages.reading(sealed) as stream:
            response = _package_head(sealed, start)
            await response.prepare(request)
            stream.seek(start)
            while piece := stream.read(self._terms.piece):
                if wait := account.bytes.wait(self._seconds()):
                    await self._sleep(wait)
                account.bytes.take(len(piece), self._seconds())
                if not await self._send(request, response, piece):
                    break
        return response

    async def _send(self, request: web.Request, response: web.StreamResponse, piece: bytes) -> bool:
        """Send a piece; False if the reader is gone, or so slow that it is sent away."""
        try:
            async with asyncio.timeout(self._terms.stall_seconds):
                await response.write(piece)
        except (TimeoutError, ConnectionError):
            if request.transport is not None:
                request.transport.abort()  # what is buffered would wait for the reader, too
            return False
        return True

    async def _cosignature(self, request: web.Request) -> web.StreamResponse:
        async with self._admitted(request) as admitted:
            body = await self._body(request)
            admitted.check_body(body)
            try:
                await self._cosigned(admitted.publisher, body)
            except CosignatureRefused as refused:
                raise NotAdmitted(
                    DistributionCode.COSIGNATURE, "{refused}", refused=refused
                ) from refused
        return web.Response(status=204, headers=NO_STORE)

    async def _body(self, request: web.Request) -> bytes:
        try:
            async with asyncio.timeout(self._terms.body_seconds):
                return await request.read()
        except TimeoutError as error:
            raise NotAdmitted(
                DistributionCode.TOO_SLOW,
                "not whole after {body_seconds:.0f} s",
                body_seconds=self._terms.body_seconds,
            ) from error
        except web.HTTPRequestEntityTooLarge as error:
            raise NotAdmitted(
                DistributionCode.BODY,
                "at most {limit} bytes",
                limit=MAX_COSIGNATURE_BYTES,
            ) from error


def _parts(request: web.Request) -> RequestParts:
    hosts = request.headers.getall("Host", [])
    return RequestParts(
        method=request.method,
        authority=hosts[0] if len(hosts) == 1 else "",
        target=request.raw_path,
        headers=tuple(request.headers.items()),
    )


def _cut(request: web.Request, name: str) -> int | None:
    text = request.query.get(name, "none")
    if text == "none":
        return None
    if not _CUT.fullmatch(text):
        raise NotAdmitted(
            DistributionCode.PARAMETER, "{name} is a cut's number, or none", name=name
        )
    return int(text)


def _wait(request: web.Request) -> float:
    text = request.query.get("wait", "0")
    if not _SECONDS.fullmatch(text):
        raise NotAdmitted(DistributionCode.PARAMETER, "wait is a number of seconds")
    return min(float(text), LONGEST_WAIT)


def _event(pointer: Pointer | None) -> bytes:
    """An event of the stream (WHATWG HTML, 9.2.5); a comment where there is no news."""
    return b":\n\n" if pointer is None else b"event: cut\ndata: %s\n\n" % encode(pointer)


def _package_head(sealed: Sealed, start: int) -> web.StreamResponse:
    headers = {**NO_STORE, "ETag": f'"{sealed.etag}"', "Accept-Ranges": "bytes"}
    if start:
        headers["Content-Range"] = f"bytes {start}-{sealed.size - 1}/{sealed.size}"
    response = web.StreamResponse(status=206 if start else 200, headers=headers)
    response.content_type = "application/octet-stream"
    response.content_length = sealed.size - start
    return response


def _refuse(refusal: NotAdmitted) -> web.Response:
    code = refusal.code
    body = Refusal(code.code, code.meaning, refusal.detail)
    response = _json(msgspec.json.encode(body), STATUSES.get(code, 401))
    if response.status == 401:
        response.headers["WWW-Authenticate"] = f'Signature tag="{TAG}"'
    if response.status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.force_close()
    return response


def _json(data: bytes, status: int) -> web.Response:
    return web.Response(body=data, status=status, content_type="application/json", headers=NO_STORE)
