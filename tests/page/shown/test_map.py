"""The map: the areas' leaders by pattern and by name, reached by keyboard, with its table."""

import csv
import gzip
import json
import re
from collections import Counter

import pytest

from openprep.drill.nights.shipped import shipped_election
from openprep.election.cut import CutKind
from page.bench.browser import PHONE
from page.bench.building import SITE
from page.bench.nation import LAST, Nation
from page.bench.reading import (
    SOON,
    broken_policies,
    check_barriers,
    keep_strict_policy,
    open_route,
    squeeze,
    text_of,
)
from page.bench.serving import serving

SHEETS = ("entities", "districts-2017", "districts-2023")
OUTLINES = {name: SITE / f"src/map/{name}.json" for name in SHEETS}
HEAVIEST = 60_000
VIEWS = {
    "#/PRES": "PRESIDENCIA",
    "#/SEN/21": "Puebla",
    "#/DIP_FED": "DIPUTACIONES",
    "#/DIP_FED/4": "Circunscripción 4",
    "#/DIP_FED/4/21": "Puebla",
    "#/DIP_FED/4/21/05": "Distrito 05",
}
STATES = {"led": "led", "tied": "Empate", "empty": "Sin votos contabilizados"}


def _open_map(tab, address):
    open_route(tab, address, VIEWS.get(address, ""))
    if address == "#/DIP_FED":
        tab.locator(".fold summary").first.click()
    tab.locator(".map svg a").first.wait_for()


def _state(child):
    if child.leader is not None:
        return "led"
    return "tied" if child.leader_votes else "empty"


LINKS = """all => all.map((one) => ({
  href: one.getAttribute('href'),
  label: one.getAttribute('aria-label'),
  state: one.querySelector('path').getAttribute('class'),
}))"""


def _check(tab, contest, children, parties):
    """Every area's link, its state and its words, and the legend's counts."""
    found = tab.locator(".map svg[role] a").evaluate_all(LINKS)
    links = {link["href"]: link for link in found}
    drawn = [child for child in children if not child.path.endswith("000")]
    assert set(links) == {f"#/{contest}/{child.path}" for child in drawn}
    for child in drawn:
        link = links[f"#/{contest}/{child.path}"]
        assert link["state"] == _state(child)
        assert (parties[child.leader] if child.leader else STATES[_state(child)]) in link["label"]
        assert f"{child.captured:,} de {child.expected:,} capturadas" in link["label"]
    legend = [squeeze(item) for item in tab.locator(".legend li").all_inner_texts()]
    leading = Counter(parties[child.leader] for child in drawn if child.leader)
    states = Counter(_state(child) for child in drawn)
    expected = [f"{names} {count}" for names, count in leading.items()]
    expected += [f"{STATES[state]} {states[state]}" for state in ("tied", "empty") if states[state]]
    assert Counter(legend) == Counter(expected)


def _parties(area):
    return {
        candidacy.key: " ".join(candidacy.parties).replace("_", " ")
        for candidacy in area.votes.candidacies
    }


@pytest.mark.parametrize(
    ("contest", "path"), [("PRES", ""), ("SEN", ""), ("SEN", "21"), ("DIP_FED", "4/21")]
)
def test_a_map_says_of_each_area_what_its_table_says(nation, open_tab, contest, path):
    tab = open_tab(nation.url)
    tab.locator(".status[data-state]").wait_for()
    _open_map(tab, f"#/{contest}/{path}".rstrip("/"))
    area = nation.night.area(contest, path)
    _check(tab, contest, area.children, _parties(area))
    assert tab.locator(".areas tbody tr").count() == len(area.children)


def test_a_circunscripcion_is_drawn_among_the_rest_of_the_country(nation, open_tab):
    tab = open_tab(f"{nation.url}#/DIP_FED/4")
    tab.locator(".map svg a").first.wait_for()
    assert tab.locator(".map svg a").count() == 5
    assert tab.locator(".map .around").count() == 27


def test_the_districts_of_the_nation_are_fetched_only_when_their_map_is_opened(nation, open_tab):
    tab = open_tab(nation.url)
    tab.locator(".status[data-state]").wait_for()
    open_route(tab, "#/DIP_FED", "DIPUTACIONES")
    asked = len(nation.asked)
    assert tab.locator(".map").count() == 0
    assert not any("districts" in path for path, _ in nation.asked[asked - 3 :])
    tab.locator(".fold summary").first.click()
    tab.locator(".map svg a").first.wait_for()
    root = nation.night.area("DIP_FED")
    area = nation.night.reading.results.area
    entities = [child for part in root.children for child in area(part.object).children]
    districts = [child for each in entities for child in area(each.object).children]
    _check(tab, "DIP_FED", districts, _parties(root))
    assert tab.locator(".map svg[role] a").count() == 300
    states = {_state(child) for child in districts}
    assert states == {"led", "tied", "empty"}
    tab.locator("summary", has_text="Todos los distritos en una tabla").click()
    twin = tab.locator("details details .areas tbody tr")
    assert twin.count() == len(districts)
    assert "Distrito 05, Puebla" in twin.locator("a", has_text="Distrito 05, Puebla").inner_text()


def test_contenders_differ_by_slant_as_well_as_by_colour(nation, open_tab):
    tab = open_tab(f"{nation.url}#/PRES")
    tab.locator(".map svg a").first.wait_for()
    slants = tab.locator(".map svg[role] pattern").evaluate_all(
        "all => all.map(one => /rotate\\(([^)]*)/.exec(one.getAttribute('patternTransform'))?.[1])"
    )
    slants = [slant for slant in slants if slant is not None]
    assert len(slants) == 3
    assert len(set(slants)) == 3


def test_the_keyboard_enters_the_map_once_and_walks_it_with_arrows(nation, open_tab):
    tab = open_tab(f"{nation.url}#/PRES")
    links = tab.locator(".map svg[role] a")
    links.first.wait_for()
    stops = [link.get_attribute("tabindex") for link in links.all()]
    assert Counter(stops) == {"0": 1, "-1": 31}
    focused = "document.activeElement.getAttribute('aria-label')?.split(':')[0]"
    links.first.focus()
    assert tab.evaluate(focused) == "Aguascalientes"
    seen = ["Aguascalientes"]
    for key in ("ArrowUp", "ArrowDown", "End", "ArrowUp"):
        tab.keyboard.press(key)
        seen.append(tab.evaluate(focused))
    assert seen == ["Aguascalientes", "Zacatecas", "Aguascalientes", "Zacatecas", "Coahuila"]
    assert "Coahuila" in text_of(tab, ".said")
    assert tab.locator(".map .pointed").count() == 1
    tab.keyboard.press("Enter")
    tab.locator("h1:focus", has_text="Coahuila").wait_for()


def test_a_new_cut_leaves_the_focus_on_its_area_of_the_map(built, drill, tmp_path, open_tab):
    night = Nation(drill, tmp_path, built).to_last()
    with serving(night) as site:
        tab = open_tab(f"{site.url}#/PRES")
        tab.locator(".map svg[role] a").nth(20).focus()
        night.make(CutKind.LIVE, night.declared.window.opens + 2 * LAST)
        tab.evaluate(SOON)
        tab.locator(".cut", has_text="Corte 2").wait_for()
        child = night.area("PRES").children[20]
        said = tab.evaluate("document.activeElement.getAttribute('aria-label')")
        assert said.startswith(f"{child.name}: ")
        assert f"{child.captured:,} de {child.expected:,} capturadas" in said


def test_a_map_of_districts_says_of_which_year_they_are(nation, open_tab):
    tab = open_tab(nation.url)
    assert nation.night.declared.districting == 2017
    _open_map(tab, "#/SEN/21")
    assert "distritos de 2017" in text_of(tab, ".map figcaption")
    _open_map(tab, "#/PRES")
    assert "distritos de" not in text_of(tab, ".map figcaption")


def test_without_its_outlines_the_table_is_still_there(nation, open_tab):
    tab = open_tab("about:blank", complaining=False)
    tab.route("**/assets/entities-*.json", lambda route: route.abort())
    tab.goto(f"{nation.url}#/PRES")
    tab.locator(".map .note", has_text="No se pudo traer el mapa").wait_for()
    assert tab.locator(".areas tbody tr").count() == 32


def test_a_state_election_is_not_drawn_on_federal_districts(standing, open_tab):
    tab = open_tab(f"{standing.url}#/GUB")
    tab.locator(".areas").wait_for()
    assert tab.locator(".map").count() == 0


def _in_english(heading):
    return heading.replace("Circunscripción", "Circumscription").replace("Distrito", "District")


def test_axe_finds_no_barrier_in_the_nations_views(nation, open_tab):
    tab = open_tab(f"{nation.url}?idioma=en", size=PHONE, color_scheme="dark", bypass_csp=True)
    tab.locator(".status[data-state]").wait_for()
    for address, heading in VIEWS.items():
        open_route(tab, address, _in_english(heading))
        check_barriers(tab, address, None if "/05" in address else ".map svg a")


def test_the_map_keeps_the_strict_policy_and_fits_the_narrowest_phone(nation, open_tab):
    tab = open_tab("about:blank", size=(320, PHONE[1]))

    keep_strict_policy(tab)
    tab.goto(nation.url)
    tab.locator(".status[data-state]").wait_for()
    for address in ("#/PRES", "#/SEN/21", "#/DIP_FED", "#/DIP_FED/4/21"):
        _open_map(tab, address)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 320, address
    assert broken_policies(tab) == []


def test_the_outlines_are_of_the_areas_that_the_federal_election_declares():
    with (shipped_election("federal-2024") / "areas.csv").open(newline="") as stream:
        declared = [(row["level"], row["path"]) for row in csv.DictReader(stream)]
    entities = {path for level, path in declared if level == "entity" and "/" not in path}
    districts = {
        "/".join(path.split("/")[-2:])
        for level, path in declared
        if level == "district" and not path.endswith("/000")
    }
    drawn = {name: json.loads(path.read_text())["areas"] for name, path in OUTLINES.items()}
    assert set(drawn["entities"]) == entities
    assert set(drawn["districts-2017"]) == districts
    assert len(drawn["districts-2023"]) == 300
    assert drawn["districts-2023"] != drawn["districts-2017"]
    for areas in drawn.values():
        for outline in areas.values():
            assert re.fullmatch(r"(M-?\d+ -?\d+l[-\d ]+z)+", outline["d"])


def test_the_outlines_are_light():
    weights = {name: len(gzip.compress(path.read_bytes(), 9)) for name, path in OUTLINES.items()}
    for districts in SHEETS[1:]:
        assert weights["entities"] + weights[districts] < HEAVIEST
