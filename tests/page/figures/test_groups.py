"""Groups of actas: how far each has come, and the views of special casillas, abroad, early…"""

import pytest

from openprep.election import ActaGroup, CasillaKind
from openprep.tabulation import share as share_of
from page.bench.reading import number, open_route, share, squeeze, text_of

NAMES = {
    ActaGroup.URBANA: "Casillas urbanas",
    ActaGroup.NO_URBANA: "Casillas no urbanas",
    ActaGroup.ESPECIAL: "Casillas especiales",
    ActaGroup.EXTRANJERO: "Voto en el extranjero",
    ActaGroup.ANTICIPADO: "Voto anticipado",
    ActaGroup.PRISION_PREVENTIVA: "Voto en prisión preventiva",
}


@pytest.fixture(scope="module")
def tab(nation_tab):
    return nation_tab


def cells(part, whole):
    return f"{share(share_of(part, whole))} {part:,}"


@pytest.mark.parametrize("address", ["#/PRES", "#/PRES/21", "#/SEN/21", "#/DIP_FED/4/21/05"])
def test_an_area_says_how_far_each_group_of_its_actas_has_come(nation, tab, address):
    contest, _, path = address.removeprefix("#/").partition("/")
    area = nation.night.area(contest, path)
    open_route(tab, address, "")
    tab.wait_for_function("hash => location.hash === hash", arg=address)
    shown = [squeeze(row.inner_text()) for row in tab.locator(".coverage tbody tr").all()]
    assert shown == [
        f"{NAMES[counts.group]} {counts.expected:,} esperada{'' if counts.expected == 1 else 's'} "
        f"{cells(counts.captured, counts.expected)} {cells(counts.counted, counts.expected)}"
        for counts in area.groups
    ]
    assert sum(counts.counted for counts in area.groups[:2]) == area.summary.counted


@pytest.mark.parametrize("group", NAMES)
def test_each_group_of_the_presidency_has_a_view_with_its_own_votes(nation, tab, group):
    area = nation.night.area("PRES")
    counts = next(counts for counts in area.groups if counts.group is group)
    open_route(tab, f"#/PRES?actas={group.value}", NAMES[group])
    facts = text_of(tab, ".facts")
    assert f"Actas esperadas {number(counts.expected)}" in facts
    assert f"Actas capturadas {number(counts.captured)}" in facts
    assert f"Actas contabilizadas {number(counts.counted)}" in facts
    assert f"Total de votos {number(counts.total)}" in text_of(tab, ".others")
    assert ("Participación" in facts) is (counts.lista_nominal > 0)
    votes = sorted(counts.candidacies, reverse=True)
    rows = [squeeze(row.inner_text()) for row in tab.locator(".contender .figures").all()]
    assert rows == [
        f"{number(cast)} {'voto' if cast == 1 else 'votos'} {share(share_of(cast, counts.total))}"
        for cast in votes
    ]


def test_the_entities_of_a_group_are_fetched_when_they_are_asked_for(nation, tab):
    address = "#/SEN?actas=extranjero"
    open_route(tab, address, "Voto en el extranjero")
    assert tab.locator("table.areas").count() == 0
    tab.locator("summary", has_text="Cómo van en cada parte").click()
    tab.locator("table.areas").wait_for()
    rows = [squeeze(row.inner_text()) for row in tab.locator("table.areas tbody tr").all()]
    areas = [nation.night.area("SEN", child.path) for child in nation.night.area("SEN").children]
    expected = [
        (area.name, number(counts.captured), number(counts.total))
        for area in areas
        for counts in area.groups
        if counts.group is ActaGroup.EXTRANJERO
    ]
    assert len(rows) == len(expected) == 32
    for row, (name, captured, total) in zip(rows, expected, strict=True):
        assert row.startswith(f"{name} {captured} de")
        assert f" {total} " in f"{row} "
    tab.locator("table.areas a", has_text="Puebla").click()
    tab.locator(".dek", has_text="Puebla").wait_for()
    assert tab.url.endswith("#/SEN/21?actas=extranjero")


def test_a_district_lists_the_actas_of_its_special_casillas_and_mesas(nation, tab):
    catalogue = nation.night.declared.catalogues["SEN"]
    special = [expected for expected in catalogue if expected.kind is CasillaKind.ESPECIAL]
    district = special[0].area
    of_district = [expected for expected in special if expected.area == district]
    open_route(tab, f"#/SEN/{district}?actas=especial", "Casillas especiales")
    shown = [row.get_attribute("href") for row in tab.locator("table.actas tbody th a").all()]
    assert sorted(shown) == sorted(
        f"#/SEN/{district}/{expected.seccion}/{expected.id}" for expected in of_district
    )
    extra = sum(expected.tipo_acta == "3ERP" for expected in of_district)
    assert tab.locator("table.actas small").count() == extra > 0
    assert "no entran en estos totales" in text_of(tab)
    open_route(tab, f"#/PRES/{district}?actas=anticipado", "Voto anticipado")
    assert text_of(tab, "h3") == "Mesas sin sección"
    assert "Mesa de voto anticipado" in text_of(tab, "table.actas")


@pytest.mark.parametrize(
    "address", ["#/PRES?actas=marcianos", "#/DIP_FED?actas=extranjero", "#/PRES/21?actas="]
)
def test_a_group_that_is_not_there_has_no_address(tab, address):
    open_route(tab, address, "Esta dirección no existe")


def test_a_group_stands_in_past_cuts_and_in_english(standing, open_tab):
    tab = open_tab(f"{standing.url}#/corte/0/GUB?actas=anticipado")
    tab.locator("h1", has_text="Voto anticipado").wait_for()
    assert "Actas capturadas 0" in text_of(tab, ".facts")
    tab.get_by_role("button", name="English").click()
    tab.locator("h1", has_text="Early vote").wait_for()
    assert "Early vote" in tab.title()
    tab.locator("a", has_text="See the results with all tally sheets of this place").click()
    tab.locator("h1", has_text="GUBERNATURA").wait_for()
    assert tab.url.endswith("#/corte/0/GUB")


def test_a_site_that_joined_later_has_of_a_cut_before_the_totals_and_says_so(nation, open_tab):
    tab = open_tab(f"{nation.url}#/corte/0/PRES", complaining=False)
    tab.locator("h1", has_text="No se puede mostrar esta parte").wait_for()
    assert "tiene de este corte solo los totales de cada elección" in text_of(tab)
    assert tab.get_by_role("button", name="Volver a intentarlo").count() == 0
    tab.get_by_role("button", name="English").click()
    tab.locator("main", has_text="only the totals of each election").wait_for()
    open_route(tab, "#/corte/0", "")
    tab.locator(".contender").first.wait_for()
