"""A link into the results, opened on a slow line: what is there stays until the view comes."""

import re

import pytest

from page.bench.reading import text_of

RESULTS = re.compile("/(objects|packs)/")
ACTA = "#/GUB/001/0101/210101B0100"


def _held(route):
    """Answered once its tab holds nothing back any more."""


def _description(night):
    return night.manifest.description.sha256


def test_the_landing_stays_until_the_cut_is_known(standing, open_tab):
    tab = open_tab("about:blank")
    tab.route("**/current.json", _held)
    with tab.expect_request("**/ResultViews-*.js"):
        tab.goto(standing.url + ACTA)
    assert tab.locator(".contender").count() > 0
    assert "Buscando resultados" not in text_of(tab)
    tab.wait_for_function("document.querySelector('.controls') !== null")
    assert tab.locator(".contender").count() > 0
    tab.unroute_all()
    tab.locator("h1", has_text="Básica").wait_for()


def test_the_strip_and_the_contests_stand_while_a_view_is_on_its_way(standing, open_tab):
    tab = open_tab("about:blank")
    known = _description(standing.night)
    tab.route(
        RESULTS,
        lambda route: route.continue_() if known in route.request.url else _held(route),
    )
    tab.goto(standing.url + ACTA)
    tab.get_by_text("Buscando resultados").wait_for()
    assert "Corte 1" in text_of(tab, ".strip")
    tabs = tab.locator("nav.contests a")
    assert tabs.all_inner_texts() == ["GUBERNATURA", "AYUNTAMIENTOS"]
    assert tabs.first.get_attribute("aria-current") == "true"
    tab.unroute_all()
    tab.locator("h1", has_text="Básica").wait_for()
    assert tab.locator(".looking").count() == 0


def test_a_view_that_cannot_be_had_is_said_under_the_contests(standing, open_tab):
    tab = open_tab("about:blank", complaining=False)
    known = _description(standing.night)
    tab.route(
        RESULTS,
        lambda route: route.continue_() if known in route.request.url else route.abort(),
    )
    tab.goto(standing.url + ACTA)
    tab.get_by_role("heading", name="No se puede mostrar esta parte").wait_for()
    assert tab.locator("nav.contests a").count() == 2
    tab.unroute_all()
    tab.evaluate("dispatchEvent(new Event('online'))")
    tab.locator("h1", has_text="Básica").wait_for()


@pytest.mark.parametrize("address", ["#/GUB/001", "#/GUB/001/0101", ACTA])
def test_a_link_to_share_is_on_the_contest_s_own_page(standing, open_tab, address):
    tab = open_tab(standing.url + address, permissions=["clipboard-read", "clipboard-write"])
    tab.get_by_role("button", name="Copiar el enlace").click()
    tab.get_by_text("Copiado.").wait_for()
    link = tab.evaluate("navigator.clipboard.readText()")
    assert link == f"{standing.url}GUB.html{address}"
    heading = tab.locator("h1").inner_text()
    still = open_tab(link, java_script_enabled=False)
    assert "GUBERNATURA" in still.title()
    shared = open_tab(link)
    shared.locator("h1", has_text=heading).wait_for()


def test_where_the_browser_copies_nothing_the_link_is_shown(standing, open_tab):
    tab = open_tab("about:blank")
    tab.add_init_script("delete Navigator.prototype.clipboard")
    tab.goto(f"{standing.url}#/GUB/001")
    tab.get_by_role("button", name="Copiar el enlace").click()
    tab.locator("code", has_text="GUB.html#/GUB/001").wait_for()
