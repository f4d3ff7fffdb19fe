"""The browser, and the sizes in which people read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which

from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

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
PHONE, DESKTOP = (360, 740), (1440, 900)


@contextmanager
def reading(url: str, browser: Browser) -> Iterator[Tab]:
    """A wide tab for the tests of a module that only read, one after the other."""
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
    tab = context.new_page()
    tab.goto(url)
    tab.locator(".status[data-state]").wait_for()
    yield tab
    context.close()
