"""The pages in Chromium: the keys of the capture form, and what a screen reader is told."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import replace
from playwright.sync_api import expect, sync_playwright

from desks.small_house import image_of, steps_of
from desks.web.chromium import FIELDS, WIDE, Live
from openprep.capture.asked import asked_of
from openprep.capture.steps import ActaCaptured
from openprep.desks.figures import key_of
from openprep.desks.lesson import Teaches, lesson_of
from page.bench.browser import CHROMIUM, CHROMIUM_ARGUMENTS

AMOUNTS = ("10", "240", "0", "240", "240")
TYPED = (*["12"] * (FIELDS - len(AMOUNTS)), *AMOUNTS)
"""25 figures that fit each other."""


@pytest.fixture(scope="module")
def browser():
    """Closed with its module: while it is open no other test of the process can run a loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(CHROMIUM_ARGUMENTS)
        )
        yield browser
        browser.close()


@pytest.fixture
def live(tmp_path):
    live = Live(tmp_path)
    live.run(live.room.digitised("A0", "A1"))
    yield live
    live.close()


@pytest.fixture
def open_tab(browser, live):
    """Opens a tab of somebody who signed in; whatever the browser complains of fails the test."""
    contexts, complaints = [], []

    def open_tab(name="ana", role="capturista", **options):
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(30_000)
        tab = context.new_page()
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("console", lambda said: said.type == "info" or complaints.append(said.text))
        tab.goto(f"{live.url}/entrar")
        tab.get_by_label("Usuario").fill(f"{name}-{role}")
        tab.get_by_label("Contraseña").fill("x")
        tab.get_by_label("Código").fill("1")
        tab.get_by_label("Lugar").select_option("CCV1")
        tab.get_by_role("button", name="Entrar").click()
        tab.get_by_role("heading", name="Su trabajo").wait_for()
        return tab

    yield open_tab
    for context in contexts:
        context.close()
    preloaded = "was preloaded using link preload but not used"
    refused = "Failed to load resource: the server responded with a status of"
    assert not [one for one in complaints if preloaded not in one and refused not in one], (
        complaints
    )


def captured(live):
    return [fact for _, fact, _ in live.room.small.journal if isinstance(fact, ActaCaptured)]


def focused(tab):
    return tab.evaluate("document.activeElement.id")


def go_to_capture(tab, live):
    """The desk, once a key would go to its first field: the browser focuses it as it draws."""
    tab.goto(f"{live.url}/captura")
    expect(tab.locator("#votes\\.0")).to_be_focused()


class Keys:
    """A keyboard that counts."""

    def __init__(self, tab):
        self.tab = tab
        self.count = 0

    def press(self, *keys):
        for key in keys:
            self.tab.keyboard.press(key)
            self.count += 1


def test_an_acta_of_25_fields_takes_80_keystrokes_and_no_mouse(open_tab, live):
    tab = open_tab()
    with tab.expect_request(lambda one: "/imagen/" in one.url):
        go_to_capture(tab, live)
    keys = Keys(tab)
    assert focused(tab) == "votes.0"
    ticket = tab.locator("#figures [name=boleto]").input_value()
    for figure in TYPED:
        keys.press(*figure, "Enter")
    assert focused(tab) == "save"
    expect(tab.locator("#status")).to_contain_text("Enter otra vez")
    with tab.expect_navigation():
        keys.press("Enter")
    assert keys.count <= 80
    (step,) = captured(live)
    assert [value for _, value in step.reading.fields()] == [int(figure) for figure in TYPED]
    assert tab.locator("#figures [name=boleto]").input_value() != ticket
    expect(tab.locator("#votes\\.0")).to_be_focused()


def test_keys_go_on_and_back_and_never_wrap(open_tab, live):
    tab = open_tab()
    go_to_capture(tab, live)
    keys = Keys(tab)
    keys.press("ArrowUp", "ArrowUp")
    assert focused(tab) == "votes.0"
    keys.press("ArrowDown", "Tab", "Enter")
    assert focused(tab) == "votes.3"
    assert tab.locator("rect.lit").get_attribute("data-field") == "votes.3"
    keys.press("ArrowUp")
    assert focused(tab) == "votes.2"
    for _ in range(FIELDS + 3):
        keys.press("ArrowDown")
    assert focused(tab) == "save"
    keys.press("ArrowUp")
    assert focused(tab) == "total_written"
    assert not captured(live)


def test_the_image_and_the_field_are_on_the_screen_together_down_to_the_last(open_tab, live):
    tab = open_tab(viewport={"width": 1366, "height": 768})
    go_to_capture(tab, live)
    for _ in range(FIELDS - 1):
        Keys(tab).press("Enter")
    assert focused(tab) == "total_written"
    expect(tab.locator("#total_written")).to_be_in_viewport(ratio=1)
    expect(tab.locator("rect.lit")).to_be_in_viewport(ratio=0.9)


def test_one_key_says_ilegible_or_sin_dato_and_letters_and_pastes_say_nothing(open_tab, live):
    tab = open_tab()
    go_to_capture(tab, live)
    first, keys = tab.locator("#votes\\.0"), Keys(tab)
    keys.press("1", "2", "*")
    expect(first).to_have_value("*")
    expect(tab.locator("output").first).to_have_text("ilegible")
    keys.press("-")
    expect(first).to_have_value("-")
    keys.press("0", "0", "7")
    expect(first).to_have_value("007")
    keys.press("a", "e", ".", "+")
    expect(first).to_have_value("007")
    tab.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/plain", "99");
          const paste = new ClipboardEvent("paste", {clipboardData: data, cancelable: true});
          window.refused = !document.activeElement.dispatchEvent(paste);
        }"""
    )
    assert tab.evaluate("window.refused")
    expect(first).to_have_value("007")
    expect(tab.locator("#status")).to_contain_text("no se pega")


@pytest.mark.parametrize("key", ["Enter", "ArrowDown", "Tab"])
def test_a_fourth_digit_asks_for_a_second_key(open_tab, live, key):
    tab = open_tab()
    go_to_capture(tab, live)
    keys = Keys(tab)
    keys.press(*"1234", key)
    assert focused(tab) == "votes.0"
    expect(tab.locator("#status")).to_contain_text("Cuatro dígitos")
    keys.press(key)
    assert focused(tab) == "votes.1"


def test_the_desk_works_without_script_and_back_fills_nothing_in(open_tab, live):
    tab = open_tab(java_script_enabled=False)
    tab.goto(f"{live.url}/captura")
    fields = tab.locator("#figures .rows input")
    for at, figure in enumerate(TYPED):
        fields.nth(at).fill(figure)
    tab.get_by_role("button", name="Guardar acta").click()
    expect(fields.first).to_have_value("")
    assert len(captured(live)) == 1
    tab.go_back()
    assert {fields.nth(at).input_value() for at in range(FIELDS)} == {""}


def test_a_double_enter_in_the_page_saves_once(open_tab, live):
    tab = open_tab()
    go_to_capture(tab, live)
    for figure in TYPED:
        Keys(tab).press(*figure, "Enter")
    with tab.expect_navigation():
        tab.evaluate("() => { save.click(); save.click(); }")
    tab.locator("#votes\\.0").wait_for()
    assert len(captured(live)) == 1


async def differing(live):
    """Two captures of an acta that differ in one field."""
    asked = asked_of(WIDE.contests["AYUN"], WIDE.expected["AYUN"]["A2"])
    one = asked.reading(dict.fromkeys(asked.fields, 2))
    two = replace(one, votes=(3, *one.votes[1:]))
    await live.room.digitised("A2")
    for name, figures in (("beto", one), ("carla", two)):
        step = steps_of("A2").capture(name, figures, image_of("A2"))
        await live.room.small.take(step, "CCV1")


def test_every_page_has_names_for_all_and_fits_at_200_per_cent(open_tab, live):
    """WCAG 2.2 AA as far as axe sees it, in half the window: what 200 % of zoom leaves."""
    live.run(differing(live))
    half = {"width": 640, "height": 480}
    ana, dora = open_tab(viewport=half), open_tab("dora", "verificador", viewport=half)
    seen = []

    def look(tab, what):
        found = Axe().run(
            tab, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
        )
        assert not found.response["violations"], (what, found.generate_report())
        wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{what} is wider than the window"
        seen.append(tab.title())

    look(ana, "home")
    ana.goto(f"{live.url}/captura")
    look(ana, "capture")
    for field in ana.locator("#figures input:not([type=hidden])").all():
        label = field.evaluate("one => one.labels[0].textContent.trim()")
        assert label
    ana.get_by_role("button", name="Guardar acta").click()
    ana.get_by_role("alert").wait_for()
    look(ana, "missing")
    fields = ana.locator("#figures .rows input")
    for at, figure in enumerate((*TYPED[:-1], "9")):
        fields.nth(at).fill(figure)
    ana.get_by_role("button", name="Guardar acta").click()
    ana.get_by_role("link", name="Volver a los campos").wait_for()
    look(ana, "hints")
    ana.get_by_role("link", name="Ir al campo: Total escrito").click()
    expect(ana.locator("#total_written")).to_be_focused()
    ana.goto(f"{live.url}/nada")
    look(ana, "told")
    dora.goto(f"{live.url}/arbitraje")
    look(dora, "arbitration")
    dora.get_by_label("Otra cifra de").fill("7")
    expect(dora.get_by_label("Otra cifra", exact=True)).to_be_checked()
    dora.get_by_role("button", name="Guardar decisión").click()
    dora.get_by_text("Falta el motivo").wait_for()
    look(dora, "no reason")
    dora.locator("#motivo").fill("se lee un siete")
    dora.get_by_role("button", name="Guardar decisión").click()
    dora.get_by_role("heading", name="No hay actas").wait_for()
    look(dora, "nothing")
    dora.get_by_role("button", name="Salir").click()
    dora.get_by_role("heading", name="Entrar").wait_for()
    look(dora, "sign in")
    assert len(set(seen)) >= 7, "each page has a title of its own"


def tab_to(tab, selector):
    """Go on by Tab alone until something has the focus."""
    for _ in range(2 * FIELDS):
        if tab.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        tab.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


def test_the_lesson_is_done_by_keyboard_alone_and_counts_its_keys(open_tab, live):
    tab = open_tab(role="acopiador")
    sealed = len(list(live.room.small.journal))
    tab_to(tab, "a[href='/practica']")
    tab.keyboard.press("Enter")
    for number, exercise in enumerate(lesson_of(WIDE)):
        expect(tab.locator("#votes\\.0")).to_be_focused()
        if exercise.truth is None:
            Keys(tab).press(*["ArrowDown"] * FIELDS)
            without_barrier(tab)
            tab_to(tab, "summary")
            tab.keyboard.press("Enter")
            tab_to(tab, "#why-ilegible")
            tab.keyboard.press("Space")
            tab_to(tab, "details button")
            tab.keyboard.press("Enter")
            expect(tab.get_by_role("status")).to_contain_text("nadie la puede leer")
        else:
            keys = Keys(tab)
            for _, figure in exercise.truth.fields():
                keys.press(*key_of(figure), "Enter")
            assert tab.locator("[name=teclas]").input_value() == str(keys.count)
            assert tab.locator("rect.lit").count() == 0 < tab.locator("rect").count()
            keys.press("Enter")
            if exercise.teaches is Teaches.COPYING:
                expect(tab.locator(".hints")).to_contain_text("total_otherwise")
                tab_to(tab, "form button:not(header button)")
                tab.keyboard.press("Enter")
            expect(tab.get_by_role("status")).to_contain_text("son como en el acta")
            told = f"Teclas en el formulario: {keys.count}."
            expect(tab.locator("main")).to_contain_text(told)
        expect(tab.locator("main button")).to_be_focused()
        if number < 3:
            tab.keyboard.press("Enter")
    expect(tab.get_by_role("table", name="Sus tres actas").locator("tbody tr")).to_have_count(4)
    without_barrier(tab)
    assert len(list(live.room.small.journal)) == sealed


def without_barrier(tab):
    assert [one["id"] for one in Axe().run(tab).response["violations"]] == []
