"""The three federal contests: their levels, seats, runs of sections, and the extra actas."""

from collections import Counter
from urllib.parse import quote

import pytest

from openprep.election import CasillaKind, Level
from openprep.election.cut import CutKind
from page.bench.nation import LAST, SEED, Nation
from page.bench.reading import (
    SOON,
    listed,
    listed_in,
    number,
    open_route,
    progress_of,
    share,
    squeeze,
    text_of,
)
from page.bench.serving import serving

DISTRICT = "#/DIP_FED/4/21/05"
LEVELS = {
    "#/PRES": ("PRESIDENCIA DE LA REPÚBLICA", "Inicio México"),
    "#/PRES/21": ("Puebla", "Inicio México Puebla"),
    "#/PRES/21/05": ("Distrito 05", "Inicio México Puebla Distrito 05"),
    "#/PRES/21/000": (
        "Mesas de escrutinio y cómputo",
        "Inicio México Puebla Mesas de escrutinio y cómputo",
    ),
    "#/SEN": ("SENADURÍAS", "Inicio México"),
    "#/SEN/21": ("Puebla", "Inicio México Puebla"),
    "#/SEN/21/05": ("Distrito 05", "Inicio México Puebla Distrito 05"),
    "#/DIP_FED": ("DIPUTACIONES FEDERALES", "Inicio México"),
    "#/DIP_FED/4": ("Circunscripción 4", "Inicio México Circunscripción 4"),
    "#/DIP_FED/4/21": ("Puebla", "Inicio México Circunscripción 4 Puebla"),
    DISTRICT: ("Distrito 05", "Inicio México Circunscripción 4 Puebla Distrito 05"),
}


@pytest.fixture(scope="module")
def tab(nation_tab):
    return nation_tab


def _go(tab, address, heading=""):
    open_route(tab, address, heading)
    tab.wait_for_function("hash => location.hash === hash", arg=address)


@pytest.mark.parametrize("address", LEVELS)
def test_each_level_says_where_it_is_and_shows_its_figures(nation, tab, address):
    heading, crumbs = LEVELS[address]
    _go(tab, address, heading)
    assert tab.locator("h1").inner_text() == heading
    assert text_of(tab, ".breadcrumb") == crumbs
    contest, _, path = address.removeprefix("#/").partition("/")
    area = nation.night.area(contest, path)
    assert tab.locator("[data-figure=expected]").inner_text() == number(area.summary.expected)
    assert tab.locator("[data-figure=counted]").inner_text() == number(area.summary.counted)
    assert f"Total de votos {area.votes.total:,}" in text_of(tab, ".others")
    if area.children[0].level is Level.RUN:
        return
    rows = tab.locator(".areas tbody tr").all()
    assert len(rows) == len(area.children)
    for row, child in zip(rows, area.children, strict=True):
        assert progress_of(child.counted, child.expected) in squeeze(row.inner_text())


def test_a_title_says_in_which_entity_a_district_is(tab):
    _go(tab, DISTRICT, "Distrito 05")
    assert tab.title().startswith("SIMULACRO · Distrito 05 · Puebla, Circunscripción 4 · DIPUT")


def test_english_has_words_for_every_level(nation, open_tab):
    tab = open_tab(nation.url + DISTRICT)
    tab.get_by_role("button", name="English").click()
    tab.locator("h1", has_text="District 05").wait_for()
    assert "Circumscription 4" in text_of(tab, ".breadcrumb")
    assert "Each district elects 1 by relative majority" in text_of(tab)
    assert f"Generated from seed {SEED}." in text_of(tab, ".drill")
    _go(tab, "#/SEN", "SENADURÍAS")
    assert "Map: who is first in each state" in tab.locator(".map svg").first.get_attribute(
        "aria-label"
    )


# Runs


def _ranges(site):
    """How many objects were read out of packs: of each its changes and what never changes."""
    return sum(1 for path, status in site.asked if status == 206 and "/packs/" in path)


def test_a_large_units_sections_are_fetched_by_the_run_that_is_opened(nation, open_tab):
    unit = nation.night.area("DIP_FED", "4/21/05")
    assert len(unit.children) == 3
    tab = open_tab(nation.url)
    tab.locator(".status[data-state]").wait_for()
    before = _ranges(nation)
    _go(tab, DISTRICT, "Distrito 05")
    folds = tab.locator(".fold")
    assert folds.count() == 3
    assert _ranges(nation) == before + 2 * 4  # from the root down to the district
    assert tab.locator(".areas").count() == 0
    second = unit.children[1]
    first, last = second.path.rpartition("/")[2].split("-")
    assert squeeze(folds.nth(1).inner_text()) == (
        f"Secciones {first} a {last} {second.captured} de {second.expected} capturadas"
    )
    folds.nth(1).locator("summary").click()
    rows = folds.nth(1).locator("tbody tr")
    rows.first.wait_for()
    assert _ranges(nation) == before + 2 * 5
    sections = listed_in(nation.night, "DIP_FED", second)
    assert rows.count() == len(sections)
    for row, section in zip(rows.all(), sections, strict=True):
        assert progress_of(section.captured, section.expected) in squeeze(row.inner_text())
        assert row.locator("a").get_attribute("href") == f"#/DIP_FED/{section.path}"


def test_a_section_is_found_by_its_number_through_its_run_alone(nation, open_tab):
    unit = nation.night.area("DIP_FED", "4/21/05")
    sought = listed(nation.night, unit)[-1]
    tab = open_tab(nation.url + DISTRICT)
    field = tab.get_by_label("Ir a la sección número")
    field.wait_for()
    before = _ranges(nation)
    field.fill(str(int(sought.name)))
    field.press("Enter")
    tab.locator("h1", has_text=f"Sección {sought.name}").wait_for()
    assert _ranges(nation) == before + 2  # the run
    tab.go_back()
    for typed, answer in (("9999", "Aquí no hay sección 9999."), ("x", "hasta cuatro cifras")):
        field.fill(typed)
        tab.get_by_role("button", name="Ir", exact=True).click()
        tab.locator(".seek [role=status]", has_text=answer).wait_for()


def test_a_run_has_no_address_of_its_own(nation, tab):
    run = nation.night.area("DIP_FED", "4/21/05").children[0]
    _go(tab, f"#/DIP_FED/{run.path}", "Esta dirección no existe")


def test_an_opened_run_follows_the_cuts_and_stays_open(built, drill, tmp_path, open_tab):
    night = Nation(drill, tmp_path, built).to_last()
    with serving(night) as site:
        tab = open_tab(site.url + DISTRICT)
        fold = tab.locator(".fold").last
        fold.locator("summary").click()
        fold.locator("tbody tr").first.wait_for()
        night.make(CutKind.LIVE, night.declared.window.opens + 2 * LAST)
        tab.evaluate(SOON)
        tab.locator(".cut", has_text="Corte 2").wait_for()
        run = night.area("DIP_FED", "4/21/05").children[-1]
        for row, section in zip(
            fold.locator("tbody tr").all(), listed_in(night, "DIP_FED", run), strict=True
        ):
            assert progress_of(section.captured, section.expected) in squeeze(row.inner_text())


def test_a_run_that_cannot_be_fetched_says_so_and_nothing_else_is_lost(nation, open_tab):
    tab = open_tab(nation.url + DISTRICT, complaining=False)
    fold = tab.locator(".fold").first
    fold.wait_for()
    tab.context.set_offline(True)
    fold.locator("summary").click()
    fold.locator("[role=status]", has_text="No hay respuesta del sitio").wait_for()
    assert tab.locator("h1").inner_text() == "Distrito 05"
    tab.context.set_offline(False)
    fold.locator("summary").click()
    fold.locator("summary").click()
    fold.locator("tbody tr").first.wait_for()


# Seats


def test_where_many_elect_each_candidacy_says_in_how_many_it_is_first_and_second(nation, tab):
    for contest, units in (("SEN", "entidad"), ("DIP_FED", "distrito")):
        _go(tab, f"#/{contest}", "")
        tab.locator("h1", has_text="SENADURÍAS" if contest == "SEN" else "DIPUTACIONES").wait_for()
        notes = tab.locator(".contender > .note").all_inner_texts()
        expected = []
        for won in nation.night.area(contest).won:
            second = won.second if contest == "SEN" else 0
            plural = "es" if units == "entidad" else "s"
            name = units if (won.units or second) == 1 else units + plural
            if won.units:
                tail = f" y segundo en {second}" if second else ""
                expected.append(f"Va primero en {won.units} {name}{tail}")
            elif second:
                expected.append(f"Va segundo en {second} {name}")
        assert Counter(notes) == Counter(expected)


def test_a_senate_entity_says_what_the_first_and_the_second_elect(nation, tab):
    _go(tab, "#/SEN/21", "Puebla")
    assert "Cada entidad elige 2 por mayoría relativa y 1 de primera minoría; otras 32" in text_of(
        tab
    )
    ranked = sorted(
        nation.night.area("SEN", "21").votes.candidacies, key=lambda candidacy: -candidacy.votes
    )
    rows = tab.locator(".contender")
    for place, note in enumerate(("Va primero: 2 por mayoría", "Va segundo: 1 de primera minoría")):
        text = squeeze(rows.nth(place).inner_text())
        assert note in text
        assert ranked[place].name in text
    assert tab.locator(".contender > .note").count() == 2
    _go(tab, "#/SEN/21/05", "Distrito 05")
    assert tab.locator(".contender > .note").count() == 0


def test_proportional_actas_stand_apart_and_only_at_the_entity(nation, tab):
    for address, contest, path in (
        ("#/SEN/21", "SEN", "21"),
        ("#/DIP_FED/4/21", "DIP_FED", "4/21"),
    ):
        proportional = nation.night.area(contest, path).proportional
        assert proportional is not None
        assert proportional.total > 0
        _go(tab, address, "Puebla")
        tab.locator(".kicker", has_text="SENADURÍAS" if contest == "SEN" else "DIPUT").wait_for()
        block = tab.locator(".proportional")
        block.locator("details").evaluate("one => { one.open = true; }")
        text = squeeze(block.inner_text())
        assert "Se suman únicamente a nivel Entidad" in text
        assert f"Actas capturadas {proportional.captured} de {proportional.expected}" in text
        assert f"Votos en estas actas {proportional.total:,}" in text
        votes = [row.inner_text() for row in block.locator("td").all()]
        shown = sum(int(vote.replace(",", "")) for vote in votes)
        assert shown == proportional.total
    for address, heading in (("#/PRES/21", "Puebla"), ("#/SEN", "SEN"), ("#/SEN/21/05", "Dist")):
        _go(tab, address, heading)
        tab.locator(".kicker").wait_for()
        assert tab.locator(".proportional").count() == 0


MESAS = {
    CasillaKind.EXTRANJERO: "Mesa del voto en el extranjero",
    CasillaKind.ANTICIPADO: "Mesa de voto anticipado",
    CasillaKind.PRISION_PREVENTIVA: "Mesa de voto en prisión preventiva",
    CasillaKind.ESPECIAL: "Especial",
}


def test_mesas_and_special_casillas_are_called_by_their_names(nation, tab):
    catalogue = nation.night.declared.catalogues
    for kind, name in MESAS.items():
        contest = "SEN" if kind is CasillaKind.ESPECIAL else "PRES"
        expected = next(
            acta for acta in catalogue[contest] if acta.kind is kind and acta.area[:2] == "21"
        )
        _go(
            tab,
            f"#/{contest}/{expected.area}/{expected.seccion or '0000'}/{quote(expected.id, '@')}",
            name,
        )
        assert expected.id in text_of(tab)
    extra = next(acta for acta in catalogue["SEN"] if acta.tipo_acta == "3ERP")
    _go(
        tab, f"#/SEN/{extra.area}/{extra.seccion}/{extra.id}", "acta de representación proporcional"
    )


# The drill


def test_the_seed_is_on_the_banner_with_and_without_javascript(nation, open_tab):
    for options in ({}, {"java_script_enabled": False}):
        tab = open_tab(nation.url, **options)
        tab.locator(".drill", has_text=f"Se generaron con la semilla {SEED}.").wait_for()


def test_the_script_takes_over_the_nations_landing_with_the_same_words(nation, open_tab):
    still = open_tab(nation.url, java_script_enabled=False)
    live = open_tab(nation.url)
    live.locator(".status[data-state]").wait_for()

    def words(tab):
        text = text_of(tab).replace("Vuelva a cargar para ver cortes nuevos", "")
        return text.replace("Se actualiza sola", "")

    assert words(live) == words(still)
    for contest in nation.night.manifest.contests:
        assert share(contest.summary.counted_share) in words(still)
