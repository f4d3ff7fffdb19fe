"""The desks in a real browser: by keyboard alone, and without a barrier that axe finds."""

import pytest
from playwright.async_api import Page, async_playwright, expect

from desks.small_house import OPENED, image_of, reading, steps_of
from desks.web.entering import desks, enter, hands_on, without_barrier
from desks.web.paper.scans import KEY, scan_of
from desks.web.room import SmallRoom, picture
from openprep.capture.acts import HouseAct, ShutOut, Who
from openprep.capture.paper import Stage
from openprep.capture.work.policy import Policy
from openprep.digitising.digitiser import Digitiser
from openprep.record.images import name_of
from page.bench.browser import CHROMIUM, CHROMIUM_ARGUMENTS


@pytest.fixture
async def room(tmp_path):
    async with Digitiser(running=1) as digitiser:
        room = SmallRoom(tmp_path, label_key=KEY, digitiser=digitiser)
        steps = await room.small.digitised("A1")
        path = room.folder / "house/pictures/renditions" / name_of(image_of("A1"))
        path.write_bytes(picture("A1"))
        for person, place in (("ana", "CCV1"), ("beto", "CCV2")):
            step = steps.capture(person, reading("A1"), image_of("A1"))
            await room.small.take(step, place)
        await room.small.take(steps_of(None).digitise("ee" * 32), "D01")
        (path.parent / name_of("ee" * 32)).write_bytes(picture("A0"))
        yield room
        room.close()


async def test_each_desk_is_worked_by_keyboard_and_has_no_barrier(room):
    async with desks(room) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(CHROMIUM_ARGUMENTS)
        )
        tab = await browser.new_page(locale="es-MX")
        blamed: list[str] = []
        tab.on("console", lambda said: blamed.append(said.text) if said.type == "error" else None)
        await reception(tab, url, room)
        await digitising(tab, url, room)
        await checking(tab, url, room)
        await enter(tab, url, "jose-coordinador", "D01", "/coordinacion")
        await without_barrier(tab)
        await sample(tab, url, room)
        await what_takes_two(tab, url, room)
        assert blamed == []
        await browser.close()


async def sample(tab: Page, url: str, room: SmallRoom) -> None:
    """Drawn by keyboard; both desks have no barrier."""
    room.small.house.policy = Policy(sample_one_in=1)
    await tab.goto(f"{url}/sorteo")
    await hands_on(tab)
    for line in ("openprep.mx/chica", "70000", "A" * 43 + "="):
        await tab.keyboard.type(line)
        await tab.keyboard.press("Enter")
    await tab.keyboard.press("Tab")
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("table", name="Sorteos")).to_be_visible()
    await without_barrier(tab)
    assert len(room.small.house.floor.papers.draws) == 1
    await tab.goto(f"{url}/coordinacion")


async def what_takes_two(tab: Page, url: str, room: SmallRoom) -> None:
    """By keyboard: somebody is shut out, a place asked for, and the house asked to be closed."""
    said = {name: getattr(OPENED, name) for name in HouseAct.__struct_fields__}
    await room.small.house.act("D01", ShutOut(**said, who=Who.PLACE, which="CCV2"))
    await tab.goto(f"{url}/sesiones")
    await hands_on(tab)
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("button", name="Ya no pedirlo")).to_have_count(0)
    await tab.get_by_role("button", name="Pedir que se cierre").press("Enter")
    await expect(tab.get_by_role("button", name="Ya no pedirlo")).to_be_visible()
    await tab.get_by_label("Usuario de la persona").press_sequentially("dino")
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("button", name="Ya no pedirlo")).to_have_count(2)
    await without_barrier(tab)


async def reception(tab: Page, url: str, room: SmallRoom) -> None:
    await enter(tab, url, "rosa-acopiador", "D01", "/acopio")
    await without_barrier(tab)
    await tab.keyboard.type("1")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/acopio?que=1")
    await without_barrier(tab)
    await tab.goto(f"{url}/acopio")
    await hands_on(tab)
    await tab.keyboard.type("A0")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**acta=A0")
    await without_barrier(tab)
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("status")).to_contain_text("Recibida a las")
    await without_barrier(tab)
    assert room.small.house.paper("AYUN", "A0").stage is Stage.RECEIVED


async def digitising(tab: Page, url: str, room: SmallRoom) -> None:
    await enter(tab, url, "dino-digitalizador", "D01", "/digitalizacion")
    await without_barrier(tab)
    file = {"name": "acta.png", "mimeType": "image/png", "buffer": scan_of("A0")}
    await tab.set_input_files("[name=archivo]", [file])
    await tab.keyboard.press("Tab")
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("heading", level=1)).to_contain_text("¿Se lee el acta?")
    await without_barrier(tab)
    await tab.get_by_role("button", name="Guardar").first.press("Enter")
    await expect(tab.get_by_role("status")).to_contain_text("Imagen guardada")
    assert room.small.house.paper("AYUN", "A0").stage is Stage.DIGITISED


async def checking(tab: Page, url: str, room: SmallRoom) -> None:
    await enter(tab, url, "hugo-cotejador", "COTEJO", "/cotejo")
    await without_barrier(tab)
    await tab.keyboard.press("Space")
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("heading", level=1)).to_be_visible()
    await tab.wait_for_load_state()
    assert room.small.house.paper("AYUN", "A1").stage is Stage.ACCEPTED
    await tab.goto(f"{url}/identificacion")
    await without_barrier(tab)
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/identificacion?imagen=*")
    await without_barrier(tab)
