"""The door of a web application: an aiohttp server that strangers cannot fill.

aiohttp bounds neither the connections of a listener nor the time that headers may take. A guard
stands between each connection and it: it counts the connection, drops one whose request is not
whole in time or that rests too long, and makes aiohttp's own handler only when bytes come.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import cast

from aiohttp import web

from openprep.doors.crowd import Crowd, network_of
from openprep.doors.files import backlog_of, lengthen_queues
from openprep.doors.noise import hush

NETWORK = web.RequestKey("network", str)

SWEEP = 0.5
"""Seconds between two looks at all connections."""

LINGERING = 2.0
"""Seconds for which the rest of a refused body is read, so that the refusal arrives."""

FRONT_HEADER = "X-Real-IP"
"""In which a front says whose request it hands on."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Limits:
    """What a client may take of a listener. Seconds, connections.

    Half of all connections for one network: a carrier or a concentrator of the authority's own
    has many stations behind one address, and who rests there longest makes room for the next.
    ``fronts`` are the addresses of servers in front, which are not counted as one client.
    """

    connections: int = 4096
    headers: float = 10.0
    idle: float = 30.0
    patience: float = 60.0
    fronts: frozenset[str] = frozenset()


class Door:
    """One listener of an application."""

    def __init__(self, app: web.Application, limits: Limits, most: int) -> None:
        self.limits = limits
        self.crowd = Crowd(
            most,
            max(1, most // 2),
            patience=limits.patience,
            fronts=limits.fronts,
        )
        self.fronts = frozenset(network_of(front) for front in limits.fronts)
        self._guards: dict[asyncio.BaseTransport, Guard] = {}
        app.middlewares.insert(0, self._attend)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=1.0,
            lingering_time=LINGERING,
            max_line_size=4096,
            max_field_size=2048,
            max_headers=48,
        )
        self._listening: asyncio.Server | None = None
        self._sweeping: asyncio.Task[None] | None = None

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen; the port listened on.

        Raises:
            OSError: the address is taken, or not of this machine.
        """
        hush()
        loop = asyncio.get_running_loop()
        await self._runner.setup()
        self._listening = await loop.create_server(
            lambda: Guard(self, loop),
            host,
            port,
            ssl=tls,
            ssl_handshake_timeout=self.limits.headers if tls else None,
            backlog=backlog_of(loop),
        )
        lengthen_queues(self._listening)
        self._sweeping = loop.create_task(self._sweep_for_ever(loop))
        return int(self._listening.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, and let go of all connections."""
        if self._listening is not None:
            self._listening.close()
        if self._sweeping is not None:
            self._sweeping.cancel()
        await self._runner.cleanup()
        for guard in list(self._guards.values()):
            guard.let_go()

    def enter(self, guard: "Guard", transport: asyncio.BaseTransport) -> bool:
        """Count a connection; False if there is no room for it."""
        if not self.crowd.admit(guard):
            return False
        self._guards[transport] = guard
        return True

    def leave(self, guard: "Guard", transport: asyncio.BaseTransport) -> None:
        """A connection is gone."""
        self.crowd.dismiss(guard)
        self._guards.pop(transport, None)

    def new_handler(self) -> asyncio.Protocol:
        """The handler that aiohttp has for one connection."""
        return cast("asyncio.Protocol", cast("web.Server", self._runner.server)())

    @web.middleware
    async def _attend(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Every request passes here first, when its headers are whole."""
        guard = None if request.transport is None else self._guards.get(request.transport)
        if guard is None:
            return await handler(request)
        request[NETWORK] = self._network_behind(guard.network, request)
        request[_GUARD] = guard
        guard.begin(whole=not request.body_exists)
        try:
            return await handler(request)
        finally:
            guard.end()

    def _network_behind(self, network: str, request: web.Request) -> str:
        """Whose request it is; only a front is believed."""
        named = request.headers.get(FRONT_HEADER)
        if named is None or network not in self.fronts:
            return network
        try:
            return network_of(str(ip_address(named)))
        except ValueError:
            return network

    async def _sweep_for_ever(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            now = loop.time()
            for guard in list(self._guards.values()):
                guard.sweep(now)


class Guard(asyncio.Protocol):
    """One connection: what stands between a client and aiohttp."""

    def __init__(self, door: Door, loop: asyncio.AbstractEventLoop) -> None:
        self._door = door
        self._loop = loop
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._handler: asyncio.Protocol | None = None
        self._deadline = loop.time() + door.limits.headers
        self._asking = False
        self._known = False
        self._works = False
        self._whole = False
        self.network = ""

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self.network = network_of(peer[0]) if isinstance(peer, tuple) else ""
        if not self._door.enter(self, transport):
            self.let_go()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone, or was let go."""
        self._door.leave(self, self._transport)
        if self._handler is not None:
            self._handler.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes of a request; the first of one start its time."""
        if self._handler is None:
            self._handler = self._door.new_handler()
            self._handler.connection_made(self._transport)
        if not self._works and not self._asking:
            self._asking = True
            self._deadline = self._loop.time() + self._door.limits.headers
        self._handler.data_received(data)

    def eof_received(self) -> bool | None:
        """The client sends no more."""
        return None if self._handler is None else self._handler.eof_received()

    def pause_writing(self) -> None:
        """The client does not keep up."""
        if self._handler is not None:
            self._handler.pause_writing()

    def resume_writing(self) -> None:
        """The client has caught up."""
        if self._handler is not None:
            self._handler.resume_writing()

    # What the door calls.

    def begin(self, *, whole: bool) -> None:
        """The headers of a request are there; its body may still have to come, within its time."""
        self._works = True
        if whole:
            self.whole()
        else:
            self._door.crowd.await_body(self, known=self._known)

    def whole(self) -> None:
        """All of a request is there, or whoever sends it has a place."""
        self._whole = True
        self._door.crowd.work(self, known=self._known)

    def end(self) -> None:
        """It is answered."""
        self._works = self._whole = self._asking = False
        self._deadline = self._loop.time() + self._door.limits.idle
        self._door.crowd.rest(self, known=self._known)

    def vouch(self) -> None:
        """Whoever is on this connection proved who it is."""
        self._known = True
        if self._whole:
            self._door.crowd.work(self, known=True)

    def sweep(self, now: float) -> None:
        """Let go of a client whose time is over."""
        if not self._works and now >= self._deadline:
            self.let_go()

    def let_go(self) -> None:
        """Close at once, whatever was not sent."""
        with suppress(RuntimeError):
            self._transport.abort()


_GUARD = web.RequestKey("guard", Guard)


def network_behind(request: web.Request) -> str:
    """Whose request it is: a network as a crowd counts it."""
    return request.get(NETWORK) or network_of(request.remote or "")


def vouch_for(request: web.Request) -> None:
    """Whoever sent this request proved who it is: its connection goes last."""
    guard = request.get(_GUARD)
    if guard is not None:
        guard.vouch()


def give_place(request: web.Request) -> None:
    """Its body came, or has a place: its connection makes room for none until it is answered."""
    guard = request.get(_GUARD)
    if guard is not None:
        guard.whole()
