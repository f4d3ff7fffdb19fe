"""The built-in server of a tree: HTTP/1.1 over asyncio, for files only.

Requests are parsed by llhttp (through httptools). What llhttp leaves to its user is here: bounds on
bytes, on time and on connections. A client that sends slowly, reads slowly, or does nothing is let
go; where all connections are taken, or all that one network may have, whoever rested longest makes
room.
"""

import asyncio
import os
import ssl
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from typing import cast

import httptools

from openprep.doors.crowd import Crowd, network_of
from openprep.doors.files import backlog_of, lengthen_queues
from openprep.hosting.http.answers import Answer, answer, read_part, refusal
from openprep.hosting.http.cache import BUDGET, FileCache, header_lines
from openprep.hosting.rules import FOR_A_YEAR, STRICT_TRANSPORT

PIECE = 256 * 1024
"""Bytes of a file read at once; a part no larger is sent without a task of its own."""

MOST_WAITING = 64
"""Requests of one connection that may wait for the answers before theirs."""

MOST_AT_ONCE = 64
"""Requests that may come in one piece; no browser sends two before the answer to the first."""

MOST_HEADERS = 64

SWEEP = 1.0
"""Seconds between two looks at all connections."""


@dataclass(frozen=True)
class Limits:
    """What a client may take. Seconds, bytes, connections.

    Of an answer that is being sent a client must take ``progress`` bytes in ``stalled`` seconds.
    Where all connections are taken, whoever rests makes room, and then an answer that has been sent
    for longer than ``patience``.
    """

    connections: int = 4096
    per_address: int = 1024
    patience: float = 60
    request: float = 10
    idle: float = 30
    stalled: float = 30
    progress: int = 16 * 1024
    header_bytes: int = 16 * 1024


@dataclass(slots=True)
class Request:
    """A request without a body, as parsed."""

    method: str
    path: bytes
    headers: dict[bytes, bytes]
    keep: bool


class TooLarge(Exception):
    """Request line and headers are beyond the bound."""


class TreeServer:
    """Serves the tree under ``root`` until stopped."""

    def __init__(
        self,
        root: Path,
        limits: Limits | None = None,
        budget: int = BUDGET,
        before_the_first: HTTPStatus = HTTPStatus.SERVICE_UNAVAILABLE,
    ) -> None:
        self.limits = limits or Limits()
        self.files = FileCache(root, budget, before_the_first=before_the_first)
        self.now = 0.0
        self.lines = b""
        self._strict = b""
        self.crowd = Crowd(
            self.limits.connections, self.limits.per_address, patience=self.limits.patience
        )
        self._connections: set[Connection] = set()
        self._listening: asyncio.Server | None = None
        self._sweeping: asyncio.Task[None] | None = None

    async def start(
        self,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        reuse_port: bool = False,
    ) -> int:
        """Listen; the port listened on.

        Raises:
            OSError: the address is taken, or not of this machine.
        """
        loop = asyncio.get_running_loop()
        self._strict = header_lines({STRICT_TRANSPORT: FOR_A_YEAR}) if tls else b""
        self._tick(loop.time())
        self._listening = await loop.create_server(
            lambda: Connection(self, loop),
            host,
            port,
            ssl=tls,
            ssl_handshake_timeout=self.limits.request if tls else None,
            reuse_port=reuse_port or None,
            backlog=backlog_of(loop),
        )
        lengthen_queues(self._listening)
        self._sweeping = loop.create_task(self._sweep_for_ever(loop))
        return int(self._listening.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening, and let go of all connections."""
        if self._listening is not None:
            self._listening.close()
        if self._sweeping is not None:
            self._sweeping.cancel()
        for connection in list(self._connections):
            connection.let_go()
        await asyncio.sleep(0)

    def admit(self, connection: "Connection") -> bool:
        """Take a connection into the count, unless there is no room for it."""
        if not self.crowd.admit(connection):
            return False
        self._connections.add(connection)
        return True

    def dismiss(self, connection: "Connection") -> None:
        """A connection is gone; told twice is told once."""
        self._connections.discard(connection)
        self.crowd.dismiss(connection)

    async def _sweep_for_ever(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            self._tick(loop.time())
            for connection in list(self._connections):
                connection.sweep(self.now)

    def _tick(self, now: float) -> None:
        self.now = now
        self.lines = b"Date: %s\r\n%s" % (formatdate(usegmt=True).encode(), self._strict)


class Connection(asyncio.Protocol):
    """One client. Answers go out in the order of its requests, one at a time."""

    def __init__(self, server: TreeServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._headers: dict[bytes, bytes] = {}
        self._url = b""
        self._unfinished = 0
        self._at_once = 0
        self._waiting: deque[Request] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._drained = asyncio.Event()
        self._drained.set()
        self._ending = False
        self._deadline = 0.0
        self._buffered = 0
        self.network = ""

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self.network = network_of(peer[0]) if isinstance(peer, tuple) else ""
        self._deadline = self._server.now + self._server.limits.request
        if not self._server.admit(self):
            self.let_go()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - as asyncio calls it
        """The client is gone, or was let go."""
        self._ending = True
        self._drained.set()
        if self._sending is not None:
            self._sending.cancel()
        self._server.dismiss(self)

    def data_received(self, data: bytes) -> None:
        """Bytes of requests."""
        if self._ending:
            return
        if not self._unfinished:
            self._deadline = self._server.now + self._server.limits.request
        self._unfinished += len(data)
        self._at_once = 0
        try:
            self._feed(data)
        except httptools.HttpParserUpgrade:
            self._ending = True  # the request is answered as any other; what follows is not HTTP
            self._close_when_sent()
        except (httptools.HttpParserError, TooLarge) as error:
            too_large = isinstance(error, TooLarge) or isinstance(error.__context__, TooLarge)
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if too_large else HTTPStatus.BAD_REQUEST
            )

    def _feed(self, data: bytes) -> None:
        self._parser.feed_data(data)
        if self._unfinished > self._server.limits.header_bytes:
            raise TooLarge

    def eof_received(self) -> bool:
        """The client sends no more; what it asked for is still sent."""
        self._ending = True
        self._close_when_sent()
        return not self._transport.get_extra_info("sslcontext")

    def pause_writing(self) -> None:
        """The client does not keep up."""
        self._drained.clear()
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._drained.set()
        if self._sending is None:
            self._server.crowd.rest(self)
        self._resume_reading()
        self._answer_waiting()

    # What the parser calls.

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        self._url += url
        if len(self._url) > self._server.limits.header_bytes:
            raise TooLarge

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, whole. One that comes twice is a list, but ``Host`` may come once only."""
        name = name.lower()
        earlier = self._headers.get(name)
        if earlier is not None:
            if name == b"host":
                raise ValueError("two hosts")
            value = earlier + b", " + value
        self._headers[name] = value
        if len(self._headers) > MOST_HEADERS or len(value) > self._server.limits.header_bytes:
            raise TooLarge

    def on_headers_complete(self) -> None:
        """All headers are there: a request with a body has no place here."""
        headers = self._headers
        if self._parser.get_http_version() == "1.1" and b"host" not in headers:
            raise ValueError("no host")
        if headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers:
            self._take(Request("BODY", b"", {}, keep=False))

    def on_message_complete(self) -> None:
        """A request is there."""
        self._unfinished = 0
        self._at_once += 1
        if self._at_once > MOST_AT_ONCE:
            self.let_go()
        if not self._ending:
            keep = self._parser.should_keep_alive() and self._parser.get_http_version() == "1.1"
            method = self._parser.get_method().decode("ascii")
            self._take(Request(method, _path_of(self._url), self._headers, keep))
        self._url, self._headers = b"", {}

    # Answers.

    def _take(self, request: Request) -> None:
        self._ending = self._ending or not request.keep
        if not self._waiting and self._sending is None and self._drained.is_set():
            self._answer(request)
            return
        self._waiting.append(request)
        if len(self._waiting) > MOST_WAITING:
            self.let_go()
        else:
            self._transport.pause_reading()

    def _answer_waiting(self) -> None:
        while self._waiting and self._sending is None and self._drained.is_set():
            self._answer(self._waiting.popleft())
        self._resume_reading()
        self._close_when_sent()

    def _answer(self, request: Request) -> None:
        found = _answer_to(self._server, request)
        closing = b"\r\n" if request.keep else b"Connection: close\r\n\r\n"
        head = found.head + self._server.lines + closing
        if found.file is not None:
            self._start_sending(found, head, keep=request.keep)
        else:
            self._transport.writelines((head, found.body) if found.body else (head,))
            self._await_next(keep=request.keep)

    def _await_next(self, *, keep: bool) -> None:
        self._deadline = self._server.now + self._server.limits.idle
        self._buffered = 0
        if self._transport.get_write_buffer_size():
            self._server.crowd.work(self)
        else:
            self._server.crowd.rest(self)
        if not keep:
            self._transport.close()

    def _start_sending(self, found: Answer, head: bytes, *, keep: bool) -> None:
        try:
            descriptor = os.open(cast("str", found.file), os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            self.let_go()
            return
        if found.end - found.start > PIECE:
            self._server.crowd.work(self)
            self._sending = self._loop.create_task(self._send(descriptor, found, head, keep=keep))
            return
        try:
            data = read_part(descriptor, found.start, found.end)
        except OSError:
            data = b""
        finally:
            os.close(descriptor)
        if len(data) != found.end - found.start:
            self.let_go()
            return
        self._transport.writelines((head, data))
        self._await_next(keep=keep)

    async def _send(self, descriptor: int, found: Answer, head: bytes, *, keep: bool) -> None:
        """Send a large part piece by piece, as fast as the client takes it."""
        try:
            self._transport.write(head)
            start = found.start
            while start < found.end:
                self._deadline = self._server.now + self._server.limits.stalled
                await self._drained.wait()
                end = min(start + PIECE, found.end)
                data = await self._loop.run_in_executor(None, read_part, descriptor, start, end)
                self._transport.write(data)
                start += len(data)
        except OSError:
            self.let_go()
            return
        finally:
            self._sending = None
            os.close(descriptor)
        self._await_next(keep=keep)
        self._answer_waiting()

    def _refuse(self, status: HTTPStatus) -> None:
        if self._sending is not None or self._waiting or self._ending:
            self.let_go()
            return
        self._ending = True
        refused = refusal(status)
        closing = b"Connection: close\r\n\r\n"
        self._transport.write(refused.head + self._server.lines + closing + refused.body)
        self._transport.close()

    def _resume_reading(self) -> None:
        if not self._waiting and not self._transport.is_closing():
            self._transport.resume_reading()

    def _close_when_sent(self) -> None:
        if self._ending and not self._waiting and self._sending is None:
            self._transport.close()

    # Time.

    def sweep(self, now: float) -> None:
        """Let go of a client whose time is over, unless it is taking an answer at a fair pace."""
        if now < self._deadline:
            return
        limits = self._server.limits
        buffered = self._transport.get_write_buffer_size()
        taken = self._buffered - buffered if self._buffered else limits.progress
        if buffered and taken >= limits.progress:
            self._buffered = buffered
            self._deadline = now + limits.stalled
            return
        self.let_go()

    def let_go(self) -> None:
        """Close at once, whatever was not sent."""
        self._ending = True
        with suppress(RuntimeError):
            self._transport.abort()


def _path_of(url: bytes) -> bytes:
    """The path of a request's target, in either of its forms, without the query."""
    if not url.startswith(b"/"):
        try:
            url = httptools.parse_url(url).path or b""
        except httptools.HttpParserInvalidURLError:
            return b""
    return url.partition(b"?")[0]


def _answer_to(server: TreeServer, request: Request) -> Answer:
    if request.method == "BODY":
        return refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        return answer(server.files, request.method, request.path, request.headers)
    except OSError:  # the disk fails: another server may have the file
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE)
