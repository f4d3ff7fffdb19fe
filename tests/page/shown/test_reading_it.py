"""Addresses, languages, the keyboard, a strict policy, and no barrier that axe can find."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from page.bench.browser import DESKTOP, PHONE
from page.bench.reading import (
    broken_policies,
    check_barriers,
    keep_strict_policy,
    open_route,
    text_of,
)

VIEWS = {
    "#/": "Elección de prueba",
    "#/GUB": "GUBERNATURA",
    "#/GUB?por=partido": "GUBERNATURA",
    "#/AYUN": "AYUNTAMIENTOS",
    "#/GUB/001": "Distrito 001 XICOTEPEC DE JUÁREZ",
    "#/GUB/001?actas=urbana": "Casillas urbanas",
    "#/GUB/001/0102": "Sección 0102",
    "#/GUB/001/0101/210101C0100": "Contigua 1",
    "#/AYUN/114/0201/210201B0100": "Básica",
    "#/GUB/002/0202/210202B0100": "Básica",
    "#/GUB/fuera-de-catalogo": "Actas fuera de catálogo",
    "#/nonsense": "Esta dirección no existe",
}


IN_ENGLISH = {
    "Casillas urbanas": "Urban polling stations",
    "Distrito 001": "District 001",
    "Sección": "Section",
    "Actas fuera de catálogo": "Tally sheets out of catalogue",
    "Esta dirección no existe": "This address does not exist",
}


def _heading(language, heading):
    if language == "en":
        for spanish, english in IN_ENGLISH.items():
            heading = heading.replace(spanish, english)
    return heading


@pytest.mark.parametrize(
    ("language", "scheme", "size"), [("es", "light", PHONE), ("en", "dark", DESKTOP)]
)
def test_axe_finds_no_barrier_and_nothing_overflows(standing, open_tab, size, language, scheme):
    url = f"{standing.url}?idioma={language}"
    tab = open_tab(url, size=size, color_scheme=scheme, bypass_csp=True)
    tab.locator(".status[data-state]").wait_for()
    for address, heading in VIEWS.items():
        open_route(tab, address, _heading(language, heading))
        check_barriers(tab, address)


def test_axe_finds_no_barrier_in_the_rendered_landing(standing, open_tab):
    tab = open_tab("about:blank", bypass_csp=True, complaining=False)
    tab.route("**/assets/*.js", lambda route: route.abort())
    tab.goto(standing.url)
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(
    "address",
    [
        "#/nonsense",
        "#/GUB/999",
        "#/GUB//0101",
        "#/GUB/001/9999",
        "#/GUB/001/0101/210101C9900",
        "#/GUB/001/0101/210101C0100/more",
        "#/GUB/%E0%A4%A",
        "#/__proto__",
        "#/GUB/constructor",
    ],
)
def test_a_wrong_address_is_said_to_be_wrong(standing, open_tab, address):
    tab = open_tab(standing.url + address)
    tab.locator("h1", has_text="Esta dirección no existe").wait_for()
    tab.get_by_role("link", name="Ir al inicio").click()
    tab.locator("h1", has_text="Elección de prueba").wait_for()


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("#/gub", "GUBERNATURA"),
        ("#/GUB/1", "Distrito 001"),
        ("#/gub/01/101", "Sección 0101"),
        ("#/GUB/1/101/210101c0100", "Contigua 1"),
        ("#/ayun/34?por=partido", "Municipio 034"),
        ("#/gub/2?actas=especial", "Casillas especiales"),
        ("#/gub/fuera-de-catalogo", "Actas fuera de catálogo"),
        ("#/pantalla/gub", "GUBERNATURA"),
        ("#/corte/0/gub/1", "Distrito 001"),
        ("#/comprobar/gub", "Compruébelo usted mismo"),
    ],
)
def test_an_address_typed_without_its_zeros_or_in_small_letters_is_understood(
    standing, open_tab, address, heading
):
    tab = open_tab(standing.url + address)
    tab.locator("h1", has_text=heading).wait_for()


@pytest.mark.parametrize("address", [address for address in VIEWS if address != "#/nonsense"])
def test_an_address_can_be_shared(standing, open_tab, address):
    tab = open_tab(standing.url + address)
    tab.locator("h1", has_text=VIEWS[address]).wait_for()
    assert tab.evaluate("location.hash") == address


def test_the_breadcrumb_leads_back_up(standing, open_tab):
    tab = open_tab(f"{standing.url}#/GUB/001/0101/210101C0100")
    crumbs = tab.locator(".breadcrumb")
    crumbs.wait_for()
    assert text_of(tab, ".breadcrumb") == (
        "Inicio PUEBLA Distrito 001 XICOTEPEC DE JUÁREZ Sección 0101 Contigua 1"
    )
    crumbs.get_by_role("link", name="Sección 0101").click()
    tab.locator("h1", has_text="Sección 0101").wait_for()
    crumbs.get_by_role("link", name="PUEBLA").click()
    tab.locator("h1", has_text="GUBERNATURA").wait_for()
    tab.go_back()
    tab.locator("h1", has_text="Sección 0101").wait_for()


def test_the_language_changes_everywhere_and_is_remembered(standing, open_tab):
    tab = open_tab(f"{standing.url}#/GUB/001/0102")
    tab.get_by_role("button", name="English").click()
    tab.locator("h1", has_text="Section 0102").wait_for()
    assert tab.evaluate("document.documentElement.lang") == "en"
    text = text_of(tab, "body")
    for phrase in (
        "Preliminary results, without legal effect",
        "Cut 1 2 Jun 2024, 20:15:01 (UTC-6)",
        "No tally sheet: the package was not delivered.",
        "The 13 official figures",
        "PREP results are preliminary and informative.",
    ):
        assert phrase in text
    for spanish in ("Capturadas", "Lista nominal", "Resultados", "votos", "Avance"):
        assert spanish not in text
    tab.reload()
    tab.locator("h1", has_text="Section 0102").wait_for()
    tab.get_by_role("button", name="Español").click()
    tab.locator("h1", has_text="Sección 0102").wait_for()


def test_light_and_dark_can_be_chosen_and_are_remembered(standing, open_tab):
    tab = open_tab(standing.url, color_scheme="light")
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = tab.evaluate(paper)
    tab.get_by_role("button", name="Cambiar a fondo oscuro").click()
    dark = tab.evaluate(paper)
    assert dark != light
    tab.reload()
    tab.get_by_role("button", name="Cambiar a fondo claro").wait_for()
    assert tab.evaluate(paper) == dark


def _press_until(tab, name, key="Tab"):
    """Move by keyboard until the focused thing has this name; it must be visible and unobscured."""
    for _ in range(80):
        tab.keyboard.press(key)
        focused = tab.evaluate(
            "() => { const e = document.activeElement; const r = e.getBoundingClientRect();"
            " const top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);"
            " return [e.getAttribute('aria-label') || e.innerText,"
            " e.contains(top) || (top?.contains(e) ?? false)]; }"
        )
        if focused[0].strip() == name:
            assert focused[1], f"{name} is focused but hidden behind something"
            return
    raise AssertionError(f"the keyboard does not reach {name}")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_everything_can_be_reached_by_keyboard_alone(standing, open_tab, size):
    tab = open_tab(standing.url, size=size)
    tab.locator(".status[data-state]").wait_for()
    _press_until(tab, "Saltar al contenido")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "app"
    _press_until(tab, "GUBERNATURA")
    tab.keyboard.press("Enter")
    tab.locator("h1:focus", has_text="GUBERNATURA").wait_for()
    _press_until(tab, "Por partido")
    tab.keyboard.press("Enter")
    tab.locator("[aria-current]", has_text="Por partido").wait_for()
    _press_until(tab, "Contabilizadas")
    tab.keyboard.press("Enter")
    assert tab.locator("th[aria-sort=descending]").count() == 1
    _press_until(tab, "001 XICOTEPEC DE JUÁREZ")
    tab.keyboard.press("Enter")
    tab.locator("h1", has_text="Distrito 001").wait_for()
    _press_until(tab, "Sección 0101")
    tab.keyboard.press("Enter")
    tab.locator("h1", has_text="Sección 0101").wait_for()
    _press_until(tab, "Contigua 1")
    tab.keyboard.press("Enter")
    tab.locator("h1", has_text="Contigua 1").wait_for()
    _press_until(tab, "Distrito 001 XICOTEPEC DE JUÁREZ", "Shift+Tab")


def test_the_page_keeps_a_strict_policy_and_asks_nobody_else(standing, open_tab):
    tab = open_tab("about:blank")
    hosts = set()
    tab.on("request", lambda request: hosts.add(request.url.split("/")[2]))

    keep_strict_policy(tab)
    tab.goto(standing.url)
    tab.locator(".status[data-state]").wait_for()
    for address, heading in VIEWS.items():
        open_route(tab, address, heading)
    tab.get_by_role("button", name="English").click()
    tab.locator("h1", has_text="This address").wait_for()
    assert broken_policies(tab) == []
    assert len(hosts) == 1
    assert tab.context.cookies() == []
