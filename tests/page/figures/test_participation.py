"""No participation without its reason, in any view and any rendered page (decision 0020)."""

from itertools import pairwise

import pytest

from openprep.election import AboveList, CasillaKind
from openprep.tabulation.layout import section_path
from page.bench import night as nights
from page.bench.night import Night
from page.bench.reading import open_route, share, squeeze, text_of
from page.bench.serving import serving

WITHOUT_LIST = "se suman los de casillas especiales o mesas sin lista propia"
BEYOND_LIST = "en cada casilla votan también representantes acreditados en ella"
SPECIAL = "Aquí votó gente de otras secciones (casilla especial)"
APART = (
    "No se considera la cantidad de votos asentada en las Actas PREP de Casilla Especial de "
    "Representación Proporcional."
)


@pytest.fixture(scope="module")
def above(built, tmp_path_factory):
    """A closed night of 1,935 votes over 1,400 people: 900 of them in the special casilla of
    section 0201, and 715 where 700 are listed and 20 represent parties, in 0202."""
    special = nights.acta_of("GUB", "210201S0100", (900, 0, 0, 0, 0, 0, 0, 0, 0))
    represented = nights.acta_of("GUB", "210202B0100", (715, 0, 0, 0, 0, 0, 0, 0, 0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nights, "FIRST", (special,))
        patch.setattr(nights, "SECOND", (represented,))
        with serving(Night(tmp_path_factory.mktemp("above"), built).to(3)) as site:
            yield site


def test_the_whole_is_above_its_list_by_the_official_formula(above):
    summary = above.night.manifest.contests[0].summary
    assert (summary.participation, summary.lista_nominal) == (1_382_142, 1_400)
    assert summary.basis.above is AboveList.WITHOUT_LIST


@pytest.mark.parametrize(
    ("address", "figure", "reason"),
    [
        ("#/", "138.2142 %", WITHOUT_LIST),
        ("#/GUB", "138.2142 %", WITHOUT_LIST),
        ("#/pantalla/GUB", "138.2142 %", WITHOUT_LIST),
        ("#/GUB/002", "102.1428 %", BEYOND_LIST),
        ("#/GUB/002/0202", "102.1428 %", BEYOND_LIST),
        ("#/GUB/002/0201", "No se calcula", SPECIAL),
        ("#/GUB/001/0101", "45.7142 %", None),
        ("#/GUB/001/0102", "No se calcula", "Todavía no hay aquí actas contabilizadas."),
        ("#/GUB/002?actas=urbana", "102.1428 %", BEYOND_LIST),
    ],
)
def test_a_view_says_why(above, open_tab, address, figure, reason):
    tab = open_tab(f"{above.url}{address}")
    view = tab.locator(".view[aria-busy=false]")
    view.locator("b, dd", has_text=figure).first.wait_for()
    text = text_of(tab)
    for note in (WITHOUT_LIST, BEYOND_LIST):
        assert (note in text) is (note == reason), note
    assert reason is None or reason in text


def test_in_english_too(above, open_tab):
    tab = open_tab(f"{above.url}#/GUB/002/0201")
    tab.locator("b", has_text="No se calcula").first.wait_for()
    tab.evaluate("localStorage.setItem('openprep.language', 'en')")
    tab.reload()
    tab.locator("b", has_text="Not calculated").first.wait_for()
    assert "People from other sections voted here (special polling station)" in text_of(tab)


@pytest.mark.parametrize("page", ["", "GUB.html", "texto.html"])
def test_a_rendered_page_says_why(above, open_tab, page):
    tab = open_tab(f"{above.url}{page}", java_script_enabled=False)
    text = text_of(tab, "body")
    shown = text.split("138.2142 %")
    assert len(shown) > 1
    for before, after in pairwise(shown):
        assert WITHOUT_LIST in before[-400:] + after[:200]


def test_the_part_of_a_nation_with_special_casillas_says_whose_votes_they_are(nation, nation_tab):
    entity = nation.night.area("PRES", "21")
    assert entity.summary.votes_with_special > entity.summary.votes_without_special
    open_route(nation_tab, "#/PRES/21", "PUEBLA")
    assert SPECIAL in text_of(nation_tab)
    assert share(entity.summary.participation) in text_of(nation_tab, ".progress")
    open_route(nation_tab, "#/PRES", "PRESIDENCIA")
    assert SPECIAL not in text_of(nation_tab)


def section_with_proportional(nation):
    catalogue = nation.night.declared.catalogues["SEN"]
    acta = next(expected for expected in catalogue if expected.tipo_acta == "3ERP")
    return section_path(acta), acta


def test_actas_of_proportional_representation_are_noted_wherever_they_are_left_out(
    nation, nation_tab
):
    section, _ = section_with_proportional(nation)
    unit = section.rpartition("/")[0]
    entity = unit.split("/")[0]
    for path in ("", f"/{entity}", f"/{unit}", f"/{section}"):
        open_route(nation_tab, f"#/SEN{path}", "")
        address = f"#/SEN{path}"
        nation_tab.wait_for_function("hash => location.hash === hash", arg=address)
        nation_tab.locator("p.note", has_text=APART).wait_for()
    open_route(nation_tab, "#/PRES", "PRESIDENCIA")
    assert nation_tab.locator("p.note", has_text=APART).count() == 0


def test_a_special_casilla_has_no_list_and_says_so(nation, nation_tab):
    section, special = section_with_proportional(nation)
    assert special.kind is CasillaKind.ESPECIAL
    open_route(nation_tab, f"#/SEN/{section}/{special.id}", "Especial")
    facts = squeeze(nation_tab.locator("section:has(#casilla) .facts").inner_text())
    assert "Lista nominal no tiene" in facts


@pytest.mark.parametrize(("page", "noted"), [("SEN.html", True), ("PRES.html", False)])
def test_the_rendered_contest_has_the_note_for_the_nation_and_each_entity(
    nation, open_tab, page, noted
):
    tab = open_tab(f"{nation.url}{page}", java_script_enabled=False)
    entities = tab.locator("section.entity").count()
    assert entities == 32
    assert tab.locator("p.note", has_text=APART).count() == (entities + 1 if noted else 0)
