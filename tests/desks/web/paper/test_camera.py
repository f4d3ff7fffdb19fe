"""The camera of a desk: a picture is taken with one key, and a code is read; or it is said why not.

Chromium is given a video of a sheet in the place of a camera.
"""

from contextlib import asynccontextmanager
from io import BytesIO
from shutil import which

import pytest
from PIL import Image
from playwright.async_api import async_playwright, expect

from desks.web.entering import desks, enter, without_barrier
from desks.web.paper.scans import KEY, scan_of
from desks.web.room import SmallRoom, browsing
from openprep.capture.paper import Stage
from openprep.digitising.digitiser import Digitiser
from page.bench.browser import CHROMIUM, CHROMIUM_ARGUMENTS
from small.image import jpeg

WHOLE = which("chromium") or CHROMIUM
"""The browser that people have: its shell without windows knows no camera."""

DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture
async def room(tmp_path):
    async with Digitiser(running=1) as digitiser:
        room = SmallRoom(tmp_path, label_key=KEY, digitiser=digitiser)
        yield room
        room.close()


@pytest.fixture
def video(tmp_path):
    """What a document camera sees: a paper with the code of A0, on a table."""
    table = Image.new("RGB", (1920, 1080), (120, 110, 100))
    paper = Image.open(BytesIO(scan_of("A0"))).convert("RGB")
    table.paste(paper, (300, 150))
    frame = BytesIO()
    table.save(frame, "JPEG", quality=90)
    path = tmp_path / "camera.mjpeg"
    path.write_bytes(frame.getvalue() * 3)
    return path


@asynccontextmanager
async def chromium(*arguments, allowed=True, viewport=None):
    """A tab of a browser with these arguments, and what it complains of."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=WHOLE, args=[*CHROMIUM_ARGUMENTS, *arguments]
        )
        context = await browser.new_context(locale="es-MX", viewport=viewport or DESKTOP)
        if allowed:
            await context.grant_permissions(["camera"])
        tab = await context.new_page()
        blamed = []
        tab.on("pageerror", lambda error: blamed.append(str(error)))
        tab.on("console", lambda said: blamed.append(said.text) if said.type == "error" else None)
        yield tab
        assert blamed == []
        await browser.close()


def camera_of(video):
    return ("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={video}")


async def test_an_acta_before_the_camera_is_taken_with_one_key_and_kept(room, video):
    async with desks(room) as url, chromium(*camera_of(video)) as tab:
        await enter(tab, url, "dino-digitalizador", "D01", "/digitalizacion")
        await tab.get_by_role("button", name="Abrir la cámara").press("Enter")
        take = tab.get_by_role("button", name="Tomar la fotografía")
        await expect(take).to_be_focused()
        await expect(tab.get_by_role("button", name="Abrir la cámara")).to_be_hidden()
        await without_barrier(tab)
        for viewport in (PHONE, DESKTOP):
            await tab.set_viewport_size(viewport)
            wide = "document.documentElement.scrollWidth <= innerWidth"
            assert await tab.evaluate(wide), "nothing is beside the screen"
        await tab.keyboard.press("Enter")
        await expect(tab.get_by_role("heading", level=1)).to_contain_text("¿Se lee el acta?")
        await tab.get_by_role("button", name="Guardar").first.press("Enter")
        await expect(tab.get_by_text("Imagen guardada")).to_be_visible()
        assert room.small.house.paper("AYUN", "A0").stage is Stage.DIGITISED
        await expect(take).to_be_focused()  # it is open again for the next acta
        await tab.get_by_role("button", name="Cerrar la cámara").press("Enter")
        await expect(tab.get_by_role("button", name="Abrir la cámara")).to_be_focused()
        await tab.reload()
        await expect(tab.get_by_role("button", name="Abrir la cámara")).to_be_visible()


async def test_a_code_is_read_by_the_browser_or_else_by_the_house(room, video):
    made = await room.digitiser.digitise(scan_of("A0"))
    (code,) = (code.text for code in made.codes if code.text.count(":") > 1)
    async with desks(room) as url, chromium(*camera_of(video)) as tab:
        await enter(tab, url, "rosa-acopiador", "D01", "/acopio")
        await tab.get_by_text("Leer el código con la cámara").click()
        await tab.get_by_role("button", name="Abrir la cámara").click()
        await expect(tab.get_by_role("button", name="Tomar la fotografía")).to_be_focused()
        await without_barrier(tab)
        await tab.keyboard.press("Enter")
        await tab.wait_for_url("**acta=A0")
        await expect(tab.get_by_role("button", name="Recibir el acta")).to_be_visible()
        await tab.add_init_script(  # a browser that has a reader: this one has none on Linux
            "window.BarcodeDetector = class { async detect() "
            f"{{ return [{{ rawValue: {code!r} }}]; }} }};"
        )
        await tab.goto(f"{url}/acopio")  # the camera was open: no key is needed
        await tab.wait_for_url("**acta=A0")


@pytest.mark.parametrize(
    ("arguments", "allowed", "said"),
    [
        (("--use-fake-device-for-media-stream",), False, "no da permiso"),
        ((), True, "no tiene cámara"),
    ],
    ids=["refused", "none"],
)
async def test_without_a_camera_it_is_said_why_and_a_file_is_taken(room, arguments, allowed, said):
    async with desks(room) as url, chromium(*arguments, allowed=allowed) as tab:
        await enter(tab, url, "dino-digitalizador", "D01", "/digitalizacion")
        await tab.get_by_role("button", name="Abrir la cámara").press("Enter")
        await expect(tab.get_by_role("alert")).to_contain_text(said)
        await expect(tab.get_by_role("button", name="Abrir la cámara")).to_be_focused()
        await without_barrier(tab)
        file = {"name": "acta.png", "mimeType": "image/png", "buffer": scan_of("A0")}
        await tab.set_input_files("[name=foto]", [file])
        await tab.get_by_role("button", name="Subir la fotografía").press("Enter")
        await expect(tab.get_by_role("heading", level=1)).to_contain_text("¿Se lee el acta?")


async def at_desk(browser, role):
    who = browser()
    await who.sign_in("eva", "D01", role)
    return who


async def test_a_photograph_of_a_code_leads_to_its_acta_and_nothing_of_it_is_kept(room):
    async with browsing(room) as browser:
        eva = await at_desk(browser, "acopiador")
        ficha = (await eva.get("/acopio")).hidden("ficha")
        found = await eva.bring("/acopio/codigo", scan_of("A0"), ficha)
        assert "Recibir el acta" in found.text
        assert not list((room.folder / "house/pictures/originals").iterdir())
        for data, said in (
            (jpeg(1, (1200, 900)), "no se lee ningún código"),
            (b"no picture", "No es JPEG"),
            (b"", "Elija un archivo"),
        ):
            told = await eva.bring("/acopio/codigo", data, ficha)
            assert (told.status, said in told.text) == (422, True)


async def test_the_camera_is_allowed_on_the_pages_that_have_one_and_on_no_other(room):
    async with browsing(room) as browser:
        for role, desk in (("acopiador", "/acopio"), ("digitalizador", "/digitalizacion")):
            who = await at_desk(browser, role)
            assert "camera=(self)" in (await who.get(desk)).header("Permissions-Policy")
            assert "camera=()" in (await who.get("/")).header("Permissions-Policy")
            page = await who.get(desk)
            assert 'accept="image/*" capture="environment"' in page.text, "without a script too"


async def test_where_nothing_reads_codes_the_acopiador_is_offered_no_camera(tmp_path):
    room = SmallRoom(tmp_path, label_key=KEY)
    async with browsing(room) as browser:
        eva = await at_desk(browser, "acopiador")
        page = await eva.get("/acopio")
        assert "capture=" not in page.text
        assert "camera=()" in page.header("Permissions-Policy")
        told = await eva.bring("/acopio/codigo", scan_of("A0"), page.hidden("ficha"))
        assert told.status == 404
    room.close()
