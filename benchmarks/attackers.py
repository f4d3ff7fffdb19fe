"""What strangers did to a centre when it was reviewed, on loopback: for tests and benchmarks only.

An attack is a process of its own, so that it does not hold up the honest. It keeps its connections
until it is ended, and opens another where one is closed.
"""

import asyncio
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress

Attack = Callable[[int], Awaitable[None]]
"""One attacker's connection at a port, from opening it to its end."""

PAUSE = 1.0
"""Seconds before a connection that was closed is opened again."""

POST = b"POST /inbox HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"


@asynccontextmanager
async def _connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def idle(port: int) -> None:
    """Connects, and says nothing."""
    async with _connected(port) as (reader, _):
        await reader.read()


async def half_request(port: int) -> None:
    """Never ends its headers."""
    async with _connected(port) as (reader, writer):
        writer.write(b"POST /inbox HTTP/1.1\r\nHost: x\r\n")
        await reader.read()


def trickled_body(beginning: bytes, length: int = 2000) -> Attack:
    """Sends a body a byte at a time, after ``beginning``."""

    async def attack(port: int) -> None:
        async with _connected(port) as (reader, writer):
            writer.write(POST + b"Content-Length: %d\r\n\r\n" % length + beginning)
            reading = asyncio.ensure_future(reader.read())
            while not reading.done():
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(reading), 0.5)
                writer.write(b"\x00")

    return attack


async def slow_reader(port: int) -> None:
    """Asks again and again, and reads no answer."""
    async with _connected(port) as (_, writer):
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's has it
        while True:
            writer.write(b"GET /current.json HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
            await writer.drain()
            await asyncio.sleep(0.1)


def flood(request: bytes) -> Attack:
    """Sends whole requests as fast as they are answered."""

    async def attack(port: int) -> None:
        async with _connected(port) as (reader, writer):
            while True:
                writer.write(request)
                await writer.drain()
                if not await reader.read(1 << 16):
                    return

    return attack


def post(body: bytes) -> bytes:
    """A whole request with ``body``."""
    return POST + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def _again_and_again(attack: Attack, port: int) -> None:
    while True:
        with suppress(OSError):
            await attack(port)
        await asyncio.sleep(PAUSE)


async def _attack(kind: str, port: int, connections: int, more: bytes) -> None:
    attack = KINDS[kind](more)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(connections):
            tasks.create_task(_again_and_again(attack, port))


KINDS: Mapping[str, Callable[[bytes], Attack]] = {
    "idle": lambda _: idle,
    "half request": lambda _: half_request,
    "slow reader": lambda _: slow_reader,
    "trickle": trickled_body,
    "large trickle": lambda more: trickled_body(more, 1 << 20),
    "flood": flood,
}
"""Attacks by name; some go on from the bytes that they are given."""


@contextmanager
def attacked(port: int, kind: str, connections: int, more: bytes = b"") -> Iterator[None]:
    """While the block runs, a process of strangers attacks what listens at ``port``."""
    command = [sys.executable, __file__, kind, str(port), str(connections), more.hex()]
    process = subprocess.Popen(command)
    try:
        yield
        if process.poll() is not None:
            raise RuntimeError("the attackers gave up")
    finally:
        process.terminate()
        process.wait(10)


def _allow_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 8192 if hard == resource.RLIM_INFINITY else min(8192, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


if __name__ == "__main__":
    _allow_files()
    what, where, how_many, further = sys.argv[1:5]
    asyncio.run(_attack(what, int(where), int(how_many), bytes.fromhex(further)))
