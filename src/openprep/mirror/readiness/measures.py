"""What a machine and its lines are capable of: measured, in a few seconds, and left as it was."""

import asyncio
import os
import socket
import ssl
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.clock import http_date
from openprep.hosting import TreeDirectory
from openprep.hosting.http.application import serve_tree
from openprep.wire.cut.manifest import POINTER_PATH

PROBE = aiohttp.ClientTimeout(total=10, sock_connect=5)
WRITTEN = 32 * 1024 * 1024
FLUSHES = 20
HASHED = 64 * 1024 * 1024
SIGNATURES = 400
CONNECTIONS = 16


@dataclass(frozen=True)
class DiskSpeed:
    """Bytes a second written and flushed; seconds that one small flush takes, the median."""

    bytes_rate: float
    flush: float


def disk_speed(folder: Path) -> DiskSpeed:
    """Write a file and flush it, then small files one by one; all of them are removed.

    Raises:
        OSError: the disk refuses.
    """
    block = os.urandom(1024 * 1024)
    with tempfile.TemporaryDirectory(prefix=".self-test-", dir=folder) as place:
        began = perf_counter()
        _flushed(Path(place) / "large", block, WRITTEN // len(block))
        rate = WRITTEN / (perf_counter() - began)
        flushes = []
        for number in range(FLUSHES):
            began = perf_counter()
            _flushed(Path(place) / str(number), block[:4096], 1)
            flushes.append(perf_counter() - began)
    return DiskSpeed(rate, median(flushes))


def _flushed(path: Path, block: bytes, times: int) -> None:
    with path.open("wb", buffering=0) as stream:
        for _ in range(times):
            stream.write(block)
        os.fsync(stream.fileno())


def hashing_rate() -> float:
    """Bytes a second through SHA-256, one core."""
    block, began = bytes(1024 * 1024), perf_counter()
    digest = sha256()
    for _ in range(HASHED // len(block)):
        digest.update(block)
    return HASHED / (perf_counter() - began)


def signature_rate() -> float:
    """Ed25519 signatures verified in a second, one core."""
    key = Ed25519PrivateKey.generate()
    signature, public = key.sign(b"self-test"), key.public_key()
    began = perf_counter()
    for _ in range(SIGNATURES):
        public.verify(signature, b"self-test")
    return SIGNATURES / (perf_counter() - began)


@dataclass(frozen=True)
class Line:
    """How the centre answers: seconds for an answer, and how far this clock is ahead of its own.

    ``ahead`` is negative where this clock is behind; it is exact to a second, as the Date header of
    an answer is (RFC 9110, 6.6.1).
    """

    seconds: float
    ahead: float | None


async def line_to(url: str, now: Callable[[], datetime], times: int = 5) -> Line:
    """Ask for ``url`` some times on one connection; medians.

    Raises:
        aiohttp.ClientError, TimeoutError, OSError: it does not answer.
    """
    spans, ahead = [], []
    async with aiohttp.ClientSession(timeout=PROBE) as session:
        for _ in range(times + 1):
            asked, began = now(), perf_counter()
            async with session.get(url, allow_redirects=False) as answer:
                await answer.content.read(1)
                spans.append(perf_counter() - began)
                offset = _ahead(answer.headers.get("Date"), asked, now())
            if offset is not None:
                ahead.append(offset)
    return Line(median(spans[1:]), median(ahead) if ahead else None)


def _ahead(date: str | None, asked: datetime, answered: datetime) -> float | None:
    """A header says a whole second: the middle of it is compared with the middle of the wait."""
    theirs = http_date(date)
    if theirs is None:
        return None
    middle = asked + (answered - asked) / 2
    return (middle - theirs).total_seconds() - 0.5


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


async def answers_at(url: str) -> int:
    """The HTTP status of an address, as a reader would get it.

    Raises:
        aiohttp.ClientError, TimeoutError, OSError: nobody answers, or its certificate is not good.
    """
    async with (
        aiohttp.ClientSession(timeout=PROBE) as session,
        session.get(url, allow_redirects=False) as answer,
    ):
        return answer.status


async def certificate_of(url: str, trusted: ssl.SSLContext | None = None) -> datetime:
    """Until when the certificate of an https address is good; its name and chain are right.

    Raises:
        ssl.SSLError, TimeoutError, OSError: nobody answers, or the certificate is of another name,
            expired, or of nobody known.
    """
    parts = urlsplit(url)
    context = trusted or ssl.create_default_context()
    async with asyncio.timeout(10):
        _, writer = await asyncio.open_connection(
            parts.hostname, parts.port or 443, ssl=context, server_hostname=parts.hostname
        )
    try:
        data = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(data).not_valid_after_utc
    finally:
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(2):
                await writer.wait_closed()


async def serving_rate(seconds: float) -> float:
    """Answers a second of the built-in server for the pointer, asked from this very process.

    The asking costs as much as the answering: a reader's view of it is about twice as good.
    """
    with tempfile.TemporaryDirectory(prefix="openprep-") as place:
        tree = TreeDirectory(Path(place) / "public")
        tree.flip(0, {POINTER_PATH: b'{"schema":1}'.ljust(600)})
        app = web.Application()
        app.router.add_get("/{path:.*}", serve_tree(tree))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = runner.addresses[0][1]
            return await _asked_for(f"http://127.0.0.1:{port}/{POINTER_PATH}", seconds)
        finally:
            await runner.cleanup()


async def _asked_for(url: str, seconds: float) -> float:
    answered = 0
    deadline = perf_counter() + seconds

    async def ask(session: aiohttp.ClientSession) -> None:
        nonlocal answered
        while perf_counter() < deadline:
            async with session.get(url) as answer:
                await answer.read()
            answered += answer.status == 200

    began = perf_counter()
    async with aiohttp.ClientSession(timeout=PROBE) as session:
        await asyncio.gather(*(ask(session) for _ in range(CONNECTIONS)))
    return answered / (perf_counter() - began)
