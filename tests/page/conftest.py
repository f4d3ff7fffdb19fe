"""A browser, the built page, and the small night served as a publisher would: under a sub-path."""

import asyncio
import fcntl
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from shutil import which
from typing import Generic, TypeVar

import pytest
from aiohttp import web
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from playwright.sync_api import Page as Tab

from openprep.hosting.http.application import serve_tree
from openprep.pages.kit import BUILT_PAGE, Kit
from page.nation import Nation, drill_of
from page.night import Night
from page.publishing import Published, mirrored

REPOSITORY = Path(__file__).parent.parent.parent
SITE = REPOSITORY / "site"
BROWSERS = ("chromium-headless-shell", "chromium")
"""The same engine: the first without windows, which costs a third less of every test."""

CHROMIUM = os.environ.get("OPENPREP_CHROMIUM") or next(filter(None, map(which, BROWSERS)), "")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP prensa.example 127.0.0.1",
    # A page of another origin is a newsroom's, which asks a public address and not this machine.
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
)
BLOCKED = "warning: Service Worker registration blocked by Playwright"
PREFIX = "/prensa/prep/"
PORTAL = "<!doctype html><html lang=es><title>Wi-Fi</title><body>Acepte las condiciones</html>"
PHONE, DESKTOP = (360, 740), (1440, 900)


def _newest(*folders: Path) -> float:
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return max(file.stat().st_mtime for file in files)


def _npm(*arguments: str) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = ["npm", "--prefix", str(SITE), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


def _is_stale() -> bool:
    index = BUILT_PAGE / "release.json"
    if not index.exists():
        return True
    sources = [SITE / "src", SITE / "templates"]
    single = [
        SITE / name
        for name in (
            "index.html",
            "package-lock.json",
            "release.ts",
            "vite.config.ts",
            "vite.standing.config.ts",
        )
    ]
    newest = max(_newest(*sources), *(file.stat().st_mtime for file in single))
    return index.stat().st_mtime < newest


@pytest.fixture(scope="session")
def built() -> Kit:
    """The page as built from the present sources; one worker builds it for all."""
    with (SITE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_stale():
            if not (SITE / "node_modules").exists():
                _npm("ci")
            _npm("run", "build")
    return Kit.load()


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
    async def note(request: web.Request, handler: Callable) -> web.StreamResponse:
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


@pytest.fixture(scope="module")
def standing(built: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site[Night]]:
    """The night at cut 1, for tests that only read."""
    with serving(Night(tmp_path_factory.mktemp("tree"), built).to(1)) as site:
        yield site


@pytest.fixture
def living(built: Kit, tmp_path: Path) -> Iterator[Site[Night]]:
    """The night before its first cut, for a test that publishes."""
    with serving(Night(tmp_path, built)) as site:
        yield site


@pytest.fixture(scope="session")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated nation's folder; one worker generates it for all."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "nation"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return drill_of(shared)


@pytest.fixture(scope="session")
def nation(
    built: Kit, drill: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site[Nation]]:
    """The nation at cut 1 as a mirror serves it, for tests that only read."""
    night = Nation(drill, tmp_path_factory.mktemp("nation"), built).to_last()
    with serving_mirror(night, tmp_path_factory.mktemp("mirror")) as site:
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with its module: while it is open no other test of the process can run a loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(CHROMIUM_ARGUMENTS)
        )
        yield browser
        browser.close()


@contextmanager
def reading(url: str, browser: Browser) -> Iterator[Tab]:
    """A wide tab for the tests of a module that only read, one after the other."""
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
    tab = context.new_page()
    tab.goto(url)
    tab.locator(".status[data-state]").wait_for()
    yield tab
    context.close()


@pytest.fixture(scope="module")
def nation_tab(nation: Site[Nation], browser: Browser) -> Iterator[Tab]:
    with reading(nation.url, browser) as tab:
        yield tab


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Opens a tab with its own storage; whatever the browser complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_tab(
        url: str, *, size: tuple[int, int] = DESKTOP, complaining: bool = True, **options: object
    ) -> Tab:
        viewport = {"width": size[0], "height": size[1]}
        options = {"service_workers": "block", **options}
        context = browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        context.set_default_timeout(15_000)
        tab = context.new_page()
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        if complaining:
            tab.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        tab.goto(url)
        return tab

    yield open_tab
    for context in contexts:
        context.close()
    assert not [one for one in complaints if one != BLOCKED]
