"""A browser, the built page, and the small night served as a publisher would: under a sub-path."""

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize, sync_playwright
from playwright.sync_api import Page as Tab

from openprep.pages.kit import Kit
from page.bench.browser import CHROMIUM, CHROMIUM_ARGUMENTS, DESKTOP, reading
from page.bench.building import SITE, is_stale, npm
from page.bench.nation import Nation, drill_of
from page.bench.night import Night
from page.bench.serving import Site, serving, serving_mirror

BLOCKED = "warning: Service Worker registration blocked by Playwright"


@pytest.fixture(scope="session")
def built() -> Kit:
    """The page as built from the present sources; one worker builds it for all."""
    with (SITE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_stale():
            if not (SITE / "node_modules").exists():
                npm("ci")
            npm("run", "build")
    return Kit.load()


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
        url: str, *, size: tuple[int, int] = DESKTOP, complaining: bool = True, **options: Any
    ) -> Tab:
        viewport = ViewportSize(width=size[0], height=size[1])
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
    assert not [complaint for complaint in complaints if complaint != BLOCKED]
