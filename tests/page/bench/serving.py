"""A night served as a publisher would, under a sub-path, by a server that a test may spoil."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Generic, TypeVar

from aiohttp import web

from openprep.hosting.http.application import serve_tree
from page.bench.publishing import Published, mirrored

PREFIX = "/prensa/prep/"
PORTAL = "<!doctype html><html lang=es><title>Wi-Fi</title><body>Acepte las condiciones</html>"

Night_ = TypeVar("Night_", bound=Published)


@dataclass
class Site(Generic[Night_]):
    """The night served under ``url``; ``asked`` are the paths requested with their answers."""

    night: Night_
    url: str
    asked: list[tuple[str, int]] = field(default_factory=list)
    down: bool = False
    instead: dict[str, bytes] = field(default_factory=dict)
    """What a server that looks at nothing sends in place of files, by their path in the tree."""
    refused: dict[str, int] = field(default_factory=dict)
    """Statuses that are answered without a file, by path in the tree."""
    portal: re.Pattern[str] | None = None
    """Paths that are answered as a Wi-Fi's door answers everything: 200, and its own page."""
    stalling: re.Pattern[str] | None = None
    """Paths of which the first bytes come, and for as long as this stands no others."""
    endless: re.Pattern[str] | None = None
    """Paths whose answers never end, for as long as this stands."""

    def answers(self, name: str) -> list[int]:
        return [status for path, status in self.asked if path == PREFIX + name]


async def never_whole(
    request: web.Request, part: bytes, is_over: Callable[[], bool]
) -> web.StreamResponse:
    """An answer that begins well; one part if it is small, else parts until nobody takes them."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(part)
    with suppress(ConnectionError):
        while not is_over():
            await asyncio.sleep(0.02)
            if len(part) > 1:
                await response.write(part)
    if request.transport is not None:
        request.transport.abort()
    return response


@contextmanager
def serving(night: Night_) -> Iterator[Site[Night_]]:
    """Serve the night's tree from a thread with the project's own handler."""
    site = Site(night, "")

    @web.middleware
    async def note(request: web.Request, handler: Callable[..., Any]) -> web.StreamResponse:
        if site.down:
            raise web.HTTPServiceUnavailable
        path = request.path.removeprefix(PREFIX)
        if (status := site.refused.get(path)) is not None:
            return web.Response(status=status, text="No.")
        if site.portal is not None and site.portal.search(path):
            site.asked.append((request.path, 0))
            # For a year, as a careless host says of everything.
            kept = {"Cache-Control": "public, max-age=31536000, immutable"}
            return web.Response(text=PORTAL, content_type="text/html", headers=kept)
        if site.stalling is not None and site.stalling.search(path):
            return await never_whole(request, b"{", lambda: site.stalling is None)
        if site.endless is not None and site.endless.search(path):
            return await never_whole(request, b" " * 65536, lambda: site.endless is None)
        if (data := site.instead.get(path)) is not None:
            return web.Response(body=data, content_type=guess_type(path or "index.html")[0])
        try:
            response = await handler(request)
        except web.HTTPException as refused:
            site.asked.append((request.path, refused.status))
            raise
        # A file's answer to a conditional request is settled only as it is sent.
        response_prepare = response.prepare

        async def prepare(request: web.Request) -> object:
            writer = await response_prepare(request)
            site.asked.append((request.path, response.status))
            return writer

        response.prepare = prepare
        return response

    async def start() -> web.AppRunner:
        app = web.Application(middlewares=[note])
        handler_of = cache(lambda tree: serve_tree(tree, PREFIX))

        async def serve(request: web.Request) -> web.StreamResponse:
            return await handler_of(site.night.tree)(request)

        app.router.add_get(PREFIX + "{path:.*}", serve)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(start(), loop).result()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}{PREFIX}"
    try:
        yield site
    finally:
        site.stalling = site.endless = None
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def serving_mirror(night: Night_, folder: Path) -> Iterator[Site[Night_]]:
    """As :func:`serving`, at a mirror in ``folder`` that followed the night's own tree."""
    with serving(night) as center:
        night.tree = mirrored(night, center.url, folder)
    with serving(night) as site:
        yield site
