"""HTTP as bytes on a socket: what is sent is what is written, however hostile."""

import socket
from dataclasses import dataclass
from typing import Any


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def exchange(port: int, data: bytes, timeout: float = 5) -> bytes:
    """Send ``data``; everything that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(data)
        received = b""
        while True:
            try:
                some = connection.recv(1 << 16)
            except ConnectionResetError:
                break
            if not some:
                break
            received += some
    return received


def request(target: str, method: str = "GET", headers: Any = (), version: str = "1.1") -> bytes:
    lines = [f"{method} {target} HTTP/{version}", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in dict(headers).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def parse(received: bytes) -> Answer:
    head, _, body = received.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    # nginx says its headers twice where a range cannot be satisfied.
    assert len(headers) == len(set(lines)), f"two values of one header: {lines}"
    assert len(headers) == len(lines) or " 416 " in line, f"a header came twice: {lines}"
    return Answer(int(line.split(" ")[1]), {k.lower(): v for k, v in headers.items()}, body)


def get(
    port: int, target: str, method: str = "GET", headers: Any = (), version: str = "1.1"
) -> Answer:
    return parse(exchange(port, request(target, method, headers, version)))
