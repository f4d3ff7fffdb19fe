"""My casilla, as people look for it: a phone, a slow line, a site that stops answering."""

import json
from collections.abc import Iterator

import pytest

from openprep.election.cut import CutKind
from page.bench.browser import PHONE
from page.bench.puebla import Puebla
from page.bench.reading import text_of
from page.bench.serving import PREFIX, Site, serving

SLOW = {"offline": False, "latency": 300, "downloadThroughput": 90_000, "uploadThroughput": 90_000}
"""Milliseconds and bytes a second: 720 kb/s, as a full 3G cell gives."""
MOST_ASKED = 12
LONG = 120_000


@pytest.fixture(scope="module")
def puebla(built, tmp_path_factory) -> Iterator[Site[Puebla]]:
    night = Puebla(tmp_path_factory.mktemp("puebla"), built)
    night.make(CutKind.ZERO, night.declared.window.opens)
    with serving(night) as site:
        yield site


def _slowly(tab):
    devtools = tab.context.new_cdp_session(tab)
    devtools.send("Network.emulateNetworkConditions", SLOW)


def _search(tab, seccion):
    tab.get_by_label("Sección").fill(seccion)
    tab.get_by_role("button", name="Buscar").click()


def _area_of(site, contest, seccion):
    """Of whom the contest's section is, by the catalogue itself."""
    catalogue = site.night.declared.catalogues[contest]
    return next(expected.area for expected in catalogue if expected.seccion == seccion)


@pytest.mark.parametrize("seccion", ["1025", "1", "2636"])
def test_a_section_is_found_on_a_slow_line_without_asking_for_every_unit(puebla, open_tab, seccion):
    tab = open_tab(f"{puebla.url}#/mi-casilla", size=PHONE)
    tab.locator("h1", has_text="Mi casilla").wait_for()
    _slowly(tab)
    before = len(puebla.asked)
    _search(tab, seccion)
    tab.locator("p.reading", has_text="Buscando en ").wait_for(timeout=LONG)
    tab.get_by_role("button", name="Guardar en este aparato").wait_for(timeout=LONG)
    assert len(puebla.asked) - before < MOST_ASKED
    full = seccion.zfill(4)
    links = [link.get_attribute("href") for link in tab.locator(".places a").all()]
    assert links == [
        f"#/{contest}/{_area_of(puebla, contest, full)}/{full}"
        for contest in ("GUB", "DIP_LOC", "AYUN")
    ]
    assert tab.locator("p.reading").count() == 0
    assert text_of(tab, "[role=status]") == ""


def test_a_search_that_was_cut_off_keeps_what_it_found_and_goes_on(puebla, open_tab):
    tab = open_tab(f"{puebla.url}#/mi-casilla", complaining=False)
    tab.locator("h1", has_text="Mi casilla").wait_for()
    declared = puebla.night.reading.description.contests
    ref = next(contest.catalogue for contest in declared if contest.id == "AYUN")
    lost = f"**/{ref.path}"
    tab.route(lost, lambda route: route.abort())
    _search(tab, "1025")
    status = tab.locator("[role=status]", has_text="quedó a medias")
    status.wait_for()
    assert "lo que ya se encontró está abajo" in status.inner_text()
    found = tab.locator(".places li")
    assert [text.split(" ")[0] for text in found.all_inner_texts()] == [
        "GUBERNATURA",
        "DIPUTACIONES",
    ]
    # What is found later is kept with the rest.
    tab.get_by_role("button", name="Guardar en este aparato").click()
    tab.unroute(lost)
    before = len(puebla.asked)
    tab.get_by_role("button", name="Seguir buscando").click()
    section = tab.locator("section[aria-labelledby=mine-found]")
    section.locator("li", has_text="AYUNTAMIENTOS").wait_for()
    assert section.locator("li").count() == 3
    # Nothing again of the contests that were done.
    assert len([path for path, _ in puebla.asked[before:] if "/objects/" in path]) == 1
    assert tab.get_by_role("button", name="Seguir buscando").count() == 0
    tab.get_by_role("button", name="Guardar en este aparato").click()
    kept = json.loads(tab.evaluate("localStorage.getItem('openprep.kept.puebla-2024')"))
    assert [place["contest"] for place in kept] == ["GUB", "DIP_LOC", "AYUN"]


def test_without_a_network_the_search_ends_at_once_and_says_that_it_is_not_finished(
    puebla, open_tab
):
    tab = open_tab(f"{puebla.url}#/mi-casilla", complaining=False)
    tab.locator("h1", has_text="Mi casilla").wait_for()
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.route("**/objects/**", lambda route: route.abort())
    _search(tab, "1025")
    tab.get_by_role("button", name="Seguir buscando").wait_for()
    assert "No hay sección" not in text_of(tab)
    assert len([url for url in asked if "/objects/" in url]) < 5


def test_a_section_is_kept_once_with_its_place_in_every_contest(puebla, open_tab):
    tab = open_tab(f"{puebla.url}#/mi-casilla")
    _search(tab, "1025")
    keep = tab.get_by_role("button", name="Guardar en este aparato")
    keep.click()
    assert keep.count() == 0
    tab.reload()
    tab.locator("h1", has_text="Mi casilla").wait_for()
    assert tab.locator(".places li").count() == 3
    assert tab.get_by_role("button", name="Quitar").count() == 1
    tab.get_by_role("button", name="Quitar").click()
    tab.get_by_text("Todavía no guarda ninguna.").wait_for()
    assert json.loads(tab.evaluate("localStorage.getItem('openprep.kept.puebla-2024')")) == []


def test_nobody_is_asked_for_an_entity_that_the_form_has_not(puebla, open_tab, nation):
    tab = open_tab(f"{puebla.url}#/mi-casilla")
    tab.locator("h1", has_text="Mi casilla").wait_for()
    assert "entidad" not in text_of(tab)
    tab.goto(f"{nation.url}#/mi-casilla")
    tab.get_by_label("Entidad").wait_for()
    assert "Con la entidad y el número de sección" in text_of(tab)


def test_no_section_is_numbered_zero(puebla, open_tab):
    tab = open_tab(f"{puebla.url}#/mi-casilla")
    _search(tab, "0")
    tab.locator("[role=status]", has_text="es un número").wait_for()


def test_in_a_nation_the_entity_is_chosen_and_the_section_found_in_its_districts(nation, open_tab):
    tab = open_tab(f"{nation.url}#/mi-casilla")
    catalogue = nation.night.declared.catalogues["PRES"]
    of_puebla = next(
        expected for expected in catalogue if expected.area == "21/05" and expected.seccion
    )
    tab.get_by_label("Entidad").select_option(label="Puebla")
    _search(tab, of_puebla.seccion)
    tab.get_by_role("button", name="Guardar en este aparato").wait_for()
    links = [link.get_attribute("href") for link in tab.locator(".places a").all()]
    assert links == [
        f"#/PRES/21/05/{of_puebla.seccion}",
        f"#/SEN/21/05/{of_puebla.seccion}",
        f"#/DIP_FED/4/21/05/{of_puebla.seccion}",
    ]
    assert not [path for path, _ in nation.asked if PREFIX not in path]
