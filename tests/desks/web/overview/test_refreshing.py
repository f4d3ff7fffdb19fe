"""The coordinador's page in a real browser: it loads itself again, and nobody loses their place."""

import pytest
from playwright.async_api import async_playwright, expect

from desks.small_house import image_of, steps_of
from desks.web.entering import desks, enter, without_barrier
from desks.web.room import SmallRoom
from page.bench.browser import CHROMIUM, CHROMIUM_ARGUMENTS

HALF_A_MINUTE = 36_000
PHONE = {"width": 360, "height": 740}


@pytest.fixture
async def room(tmp_path):
    room = SmallRoom(tmp_path)
    for acta in ("A0", "A1"):
        await room.small.digitised(acta)
    await room.small.take(steps_of("A0").send_back(image=image_of("A0")), "CCV1")
    yield room
    room.close()


@pytest.fixture
async def tab(room):
    async with desks(room) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(CHROMIUM_ARGUMENTS)
        )
        tab = await browser.new_page(locale="es-MX", viewport=PHONE)
        await tab.clock.install()
        await enter(tab, url, "jose-coordinador", "D01", "/coordinacion")
        yield tab
        await browser.close()


async def test_it_is_as_wide_as_a_phone_and_has_no_barrier(tab):
    assert await tab.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    await without_barrier(tab)


async def test_it_loads_again_and_keeps_the_focus_and_what_is_open(tab):
    shown = tab.locator("summary")
    await shown.click()
    await shown.focus()
    await tab.evaluate("window.isTheFirst = true")
    await tab.clock.fast_forward(HALF_A_MINUTE)
    await tab.wait_for_function("window.isTheFirst === undefined")
    await expect(shown).to_be_focused()
    await expect(tab.locator("details")).to_have_attribute("open", "")


async def test_it_stays_where_a_person_says_so_or_nobody_is_there(tab):
    await tab.get_by_label("Actualizar sola").uncheck()
    await tab.evaluate("window.isTheFirst = true")
    await tab.clock.fast_forward(HALF_A_MINUTE)
    assert await tab.evaluate("window.isTheFirst")
    await tab.get_by_label("Actualizar sola").check()
    await tab.clock.fast_forward(21 * 60_000)
    await expect(tab.locator("#refreshing [role=status]")).to_contain_text("En pausa")
    assert await tab.evaluate("window.isTheFirst")
