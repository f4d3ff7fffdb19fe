"""A house without the network: as its page says it, and a browser that is made to trust it."""

import ssl
import subprocess
from contextlib import asynccontextmanager
from shutil import which

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Error, async_playwright, expect

from desks.serving.trusting import trust
from desks.web.entering import enter
from desks.web.paper.scans import KEY
from desks.web.room import SmallRoom
from documented.blocks import CAPTURE, block
from openprep.digitising.digitiser import Digitiser
from openprep.hosting.http.serving import tls_of
from page.bench.browser import CHROMIUM, CHROMIUM_ARGUMENTS
from small.publishers import free_port

NAME = "captura.prep.internal"
MADE = block(CAPTURE, "openprep capture certificate")


@pytest.fixture
def folder(tmp_path):
    """What the page's command leaves."""
    subprocess.run(["sh", "-ec", MADE.text], cwd=tmp_path, check=True)
    return tmp_path


@asynccontextmanager
async def house(folder):
    """The desks at a name that is not this machine's, over TLS."""
    port = free_port()
    url = f"https://{NAME}:{port}"
    tls = tls_of(folder / "tls/desks.pem", folder / "tls/desks.key")
    async with Digitiser(running=1) as digitiser:
        origins = frozenset({url})
        room = SmallRoom(folder / "room", label_key=KEY, digitiser=digitiser, origins=origins)
        server = TestServer(room.app(), port=port)
        await server.start_server(ssl=tls)
        yield url
        await server.close()
        room.close()


@asynccontextmanager
async def tab_of(environment=None):
    arguments = [one for one in CHROMIUM_ARGUMENTS if "host-resolver" not in one]
    arguments += [
        f"--host-resolver-rules=MAP {NAME} 127.0.0.1",
        "--use-fake-device-for-media-stream",
    ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=which("chromium") or CHROMIUM, args=arguments, env=environment
        )
        context = await browser.new_context(locale="es-MX")
        await context.grant_permissions(["camera"])
        yield await context.new_page()
        await browser.close()


async def test_a_browser_that_trusts_the_authority_gets_the_camera_at_the_house_s_name(folder):
    trusting = trust(folder / "authority/desks-authority.pem", folder / "home")
    async with house(folder) as url, tab_of(trusting) as tab:
        await enter(tab, url, "dino-digitalizador", "D01", "/digitalizacion")
        assert await tab.evaluate("isSecureContext")
        await tab.get_by_role("button", name="Abrir la cámara").press("Enter")
        await expect(tab.get_by_role("button", name="Tomar la fotografía")).to_be_focused()


async def test_a_browser_that_does_not_trust_it_opens_nothing(folder):
    async with house(folder) as url, tab_of() as tab:
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            await tab.goto(f"{url}/entrar")


def test_the_certificate_is_the_name_s_and_the_address_s_and_no_other_s(folder):
    trusted = ssl.create_default_context(cafile=folder / "authority/desks-authority.pem")
    own = tls_of(folder / "tls/desks.pem", folder / "tls/desks.key")
    for name, is_its in ((NAME, True), ("192.168.10.2", True), ("otra.prep.internal", False)):
        assert shakes_hands(own, trusted, name) is is_its


def shakes_hands(own, trusted, name):
    """Whether a client that asks for a name takes the server for it."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = own.wrap_bio(to_server, to_client, server_side=True)
    client = trusted.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                return False
    return client.version() is not None
