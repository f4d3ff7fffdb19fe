"""HTTP as bytes on a socket: what is sent is what is written, however hostile."""

import socket
from dataclasses import dataclass


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def exchange(port, data, timeout=5):
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


def request(target, method="GET", headers=(), version="1.1"):
    lines = [f"{method} {target} HTTP/{version}", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in dict(headers).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def parse(received):
    head, _, body = received.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(one.split(": ", 1) for one in lines)
    # nginx says its headers twice where a range cannot be satisfied.
    assert len(headers) == len(set(lines)), f"two values of one header: {lines}"
    assert len(headers) == len(lines) or " 416 " in line, f"a header came twice: {lines}"
    return Answer(int(line.split(" ")[1]), {k.lower(): v for k, v in headers.items()}, body)


def get(port, target, method="GET", headers=(), version="1.1"):
    return parse(exchange(port, request(target, method, headers, version)))
