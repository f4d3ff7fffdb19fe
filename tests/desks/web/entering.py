"""A small house on a port, whoever signs in there with a real browser, and what axe finds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from desks.web.room import SmallRoom
from small.publishers import free_port


@asynccontextmanager
async def desks(room: SmallRoom) -> AsyncIterator[str]:
    port = free_port()
    room.origins = frozenset({f"http://127.0.0.1:{port}"})
    async with TestServer(room.app(), port=port):
        yield f"http://127.0.0.1:{port}"


async def enter(tab: Page, url: str, name: str, place: str, home: str) -> None:
    """Sign in, whoever was before, and go to a desk."""
    await tab.context.clear_cookies()
    await tab.goto(f"{url}/entrar")
    await tab.fill("[name=nombre]", name)
    await tab.fill("[name=clave]", "x")
    await tab.fill("[name=codigo]", "1")
    await tab.select_option("[name=lugar]", place)
    await tab.press("[name=codigo]", "Enter")
    await tab.wait_for_url(f"{url}/")
    await hands_on(tab)
    await tab.keyboard.press("Enter")
    await tab.wait_for_url(f"{url}{home}")


async def hands_on(tab: Page) -> None:
    """Wait until a key goes where the page wants it: the browser gives the focus as it draws."""
    await expect(tab.locator("[autofocus]")).to_be_focused()


async def without_barrier(tab: Page) -> None:
    found = (await Axe().run(tab)).response["violations"]
    told = [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found]
    assert told == [], f"{tab.url}: {told}"
