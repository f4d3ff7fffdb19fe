"""A plain file server, as strict as a publisher's: ETags, no cache of the pointer, a tight CSP."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


@dataclass
class Site:
    """A folder served under ``prefix``; ``asked`` lists what was requested, and the answers."""

    folder: Path
    prefix: str = "/"
    asked: list[tuple[str, int]] = field(default_factory=list)
    url: str = ""
    down: bool = False


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, site: Site, *args: object) -> None:
        self.site = site
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        status, body = self._answer()
        self.site.asked.append((self.path, status))
        self.send_response(status)
        if status == 200:
            self.send_header("ETag", _etag(body))
            self.send_header("Content-Type", TYPES.get(Path(self._name()).suffix, "text/plain"))
            self.send_header("Content-Security-Policy", CSP)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(body)

    def _name(self) -> str:
        name = self.path.partition("?")[0].removeprefix(self.site.prefix)
        return name or "index.html"

    def _answer(self) -> tuple[int, bytes]:
        file = (self.site.folder / self._name()).resolve()
        if self.site.down:
            return 503, b""
        if not self.path.startswith(self.site.prefix) or not file.is_file():
            return 404, b""
        body = file.read_bytes()
        return (304, b"") if self.headers["If-None-Match"] == _etag(body) else (200, body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the tests look at ``Site.asked``."""


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'


@contextmanager
def serve(folder: Path, prefix: str = "/") -> Iterator[Site]:
    """Serve ``folder`` on a free port of this machine."""
    site = Site(folder, prefix)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, site))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}{prefix}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
