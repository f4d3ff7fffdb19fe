"""The strip above every view says whose figures it shows, and never hides what is read."""

import re

import pytest

from page.bench.browser import DESKTOP, PHONE
from page.bench.reading import areas, open_route, sections, share, summary_of, text_of

DISTRICT, SECTION = "#/GUB/001", "#/GUB/001/0101"
ACTA = f"{SECTION}/210101C0100"


def _summary(site, address):
    found = (area.summary for at, area in areas(site.night) if at == address)
    return next(found, None) or summary_of(dict(sections(site.night))[address])


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize(
    ("address", "heading", "name"),
    [
        ("#/GUB", "GUBERNATURA", "GUBERNATURA"),
        (DISTRICT, "Distrito 001", "Distrito 001 XICOTEPEC DE JUÁREZ"),
        (SECTION, "Sección 0101", "Sección 0101"),
    ],
)
def test_the_figures_of_the_strip_are_those_of_the_area_that_it_names(
    standing, open_tab, size, address, heading, name
):
    tab = open_tab(standing.url + address, size=size)
    tab.locator("h1", has_text=heading).wait_for()
    summary = _summary(standing, address)
    assert text_of(tab, ".strip .advance") == (
        f"{name} Capturadas {share(summary.captured_share)}"
        f" Contabilizadas {share(summary.counted_share)}"
    )
    assert tab.locator(".strip .of").is_visible()


def test_the_test_night_s_whole_has_another_share_than_its_parts(standing):
    whole = _summary(standing, "#/GUB").captured_share
    assert whole not in {_summary(standing, at).captured_share for at in (DISTRICT, SECTION)}


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_an_acta_has_no_share_of_its_own_and_none_is_shown(standing, open_tab, size):
    tab = open_tab(standing.url + ACTA, size=size)
    tab.locator("h1", has_text="Contigua 1").wait_for()
    assert "%" not in text_of(tab, ".strip")
    assert "Corte 1" in text_of(tab, ".strip")


def test_a_group_of_actas_has_its_own_figures_in_the_strip(standing, open_tab):
    tab = open_tab(f"{standing.url}{DISTRICT}?actas=no_urbana", size=PHONE)
    tab.locator("h1", has_text="no urbanas").wait_for()
    words = text_of(tab, ".strip .advance")
    assert words.startswith("Casillas no urbanas, Distrito 001 XICOTEPEC DE JUÁREZ Capturadas")
    shown = [part for part in words.split() if part[0].isdigit() and "." in part]
    facts = text_of(tab, ".facts")
    assert len(shown) == 2
    assert all(part in facts for part in shown)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_how_fresh_the_figures_are_is_said_in_words(standing, open_tab, size):
    tab = open_tab(standing.url, size=size)
    for address, heading in {"#/": "Elección", "#/GUB": "GUBERNATURA"}.items():
        open_route(tab, address, heading)
        state = tab.locator(".strip .status")
        assert state.inner_text() == "Se actualiza sola"
        font = "state => parseFloat(getComputedStyle(state).fontSize)"
        assert state.evaluate(font) >= 12


# What stays in sight


def _stuck(tab):
    """Height of what covers the page's top once it is scrolled."""
    tab.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    tab.wait_for_function("() => scrollY > 0")
    tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    return tab.evaluate(
        "() => Math.max(0, ...[...document.querySelectorAll('.strip, .strip-line')]"
        ".map((one) => one.getBoundingClientRect())"
        ".filter(({ height, bottom }) => height > 0 && bottom > 0).map(({ bottom }) => bottom))"
    )


def test_on_a_phone_one_line_stays_and_names_the_area(standing, open_tab):
    tab = open_tab(standing.url + DISTRICT, size=PHONE)
    tab.locator("h1", has_text="Distrito 001").wait_for()
    assert tab.locator(".strip-line").count() == 0
    tab.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    tab.locator(".strip-line").wait_for()
    area, line = _summary(standing, DISTRICT), tab.locator(".strip-line")
    clock = re.search(r"\d\d:\d\d:\d\d", text_of(tab, ".cut"))[0]
    assert text_of(tab, ".strip-line") == (
        f"Corte 1 {clock} Distrito 001 XICOTEPEC DE JUÁREZ Capturadas {share(area.captured_share)}"
        f" Contabilizadas {share(area.counted_share)}"
    )
    assert line.evaluate("line => line.scrollWidth - line.clientWidth") <= 0
    assert 0 < _stuck(tab) <= 48
    tab.evaluate("scrollTo(0, 0)")
    tab.locator(".strip-line").wait_for(state="detached")


@pytest.mark.parametrize("address", ["#/", "#/GUB", DISTRICT])
def test_at_a_zoom_of_400_percent_nothing_is_covered(standing, open_tab, address):
    tab = open_tab(standing.url + address, size=(320, 256))
    tab.locator(".status[data-state]").wait_for()
    assert _stuck(tab) == 0


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_with_larger_text_nothing_is_covered(standing, open_tab, size, step):
    tab = open_tab(standing.url + DISTRICT, size=size)
    tab.locator("h1", has_text="Distrito 001").wait_for()
    for _ in range(step):
        tab.get_by_role("button", name="Tamaño del texto").click()
    assert _stuck(tab) == 0


def test_scrolled_on_a_phone_a_drill_and_a_past_cut_still_say_so(nation, standing, open_tab):
    tab = open_tab(f"{nation.url}#/PRES", size=PHONE)
    tab.locator("h1", has_text="PRESIDENCIA").wait_for()
    tab.evaluate("scrollTo(0, 2000)")
    tab.locator(".strip-line.drill", has_text="Simulacro").wait_for()
    line = tab.locator(".strip-line")
    assert line.evaluate("line => line.scrollWidth - line.clientWidth") <= 0
    assert line.locator(".of").bounding_box()["width"] > 50
    tab = open_tab(f"{standing.url}#/corte/0/GUB", size=PHONE)
    tab.locator("h1", has_text="GUBERNATURA").wait_for()
    tab.evaluate("scrollTo(0, 2000)")
    tab.locator(".strip-line.past", has_text="Corte 0").wait_for()
