"""Processes of the built-in server: one, or several that share a port."""

import asyncio
import multiprocessing
import signal
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess
from pathlib import Path

import uvloop

from openprep.doors.files import ACCEPTED_AT_ONCE, RESERVE, allow_files, connections_within
from openprep.hosting.http.cache import BUDGET
from openprep.hosting.http.server import Limits, TreeServer

RESPAWNED_AFTER = 1.0
"""Seconds before a process that ended by itself is started again."""


@dataclass(frozen=True)
class Serving:
    """What to serve, where, and within which bounds; ``limits`` and ``budget`` are a process's."""

    public: Path
    host: str
    port: int
    limits: Limits = field(default_factory=Limits)
    budget: int = BUDGET
    certificate: Path | None = None
    key: Path | None = None
    workers: int = 1

    def tls(self) -> ssl.SSLContext | None:
        """The certificate, read now.

        Raises:
            OSError: it cannot be read, or the key is of another one.
        """
        return tls_of(self.certificate, self.key)


def tls_of(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """What a server speaks TLS by, HTTP/1.1 within; ``None`` without a certificate.

    Raises:
        OSError: it cannot be read, or the key is of another one.
    """
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["http/1.1"])
    return context


def serve(serving: Serving) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        OSError: the address cannot be listened on, or the certificate not be used.
    """
    serving.tls()
    if serving.workers == 1:
        _serve_alone(serving)
    else:
        _bind_once(serving.host, serving.port)
        _Family(serving).run()


def _bind_once(host: str, port: int) -> None:
    """See that the family may listen: each of its processes would die of it, again and again."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, kind, protocol, _, address in found:
        with socket.socket(family, kind, protocol) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            one.bind(address)


def _serve_alone(serving: Serving) -> None:
    files = allow_files(serving.limits.connections + ACCEPTED_AT_ONCE + RESERVE)
    most = connections_within(files, 1, serving.limits.connections)
    serving = replace(serving, limits=replace(serving.limits, connections=most))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_stopped(serving))


async def _until_stopped(serving: Serving) -> None:
    server = TreeServer(serving.public, serving.limits, serving.budget)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await server.start(
        serving.host,
        serving.port,
        tls=serving.tls(),
        reuse_port=serving.workers > 1,
    )
    await stopped.wait()
    await server.stop()


class _Family:
    """Processes with nothing in common but the port, among which the kernel shares connections."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._stopping = False
        self._context = multiprocessing.get_context("spawn")

    def run(self) -> None:
        """Keep all processes running until a signal, then end them."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        processes = [self._start() for _ in range(self._serving.workers)]
        while not self._stopping:
            time.sleep(RESPAWNED_AFTER)
            processes = [process if process.is_alive() else self._start() for process in processes]
        self._end(processes)

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _start(self) -> BaseProcess:
        process = self._context.Process(target=_serve_alone, args=(self._serving,), daemon=True)
        process.start()
        return process

    @staticmethod
    def _end(processes: Sequence[BaseProcess]) -> None:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(timeout=5)
