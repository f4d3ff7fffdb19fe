"""The views beside the results: the night's history, databases, my casilla, help, big screen."""

import json
import re

import pytest

from page.bench.browser import DESKTOP, PHONE
from page.bench.reading import check_barriers, open_route, share, squeeze, text_of

VIEWS = {
    "#/historia": ("Historia de la noche", "History of the night"),
    "#/bases-de-datos": ("Bases de datos", "Databases"),
    "#/mi-casilla": ("Mi casilla", "My polling station"),
    "#/ayuda": ("Ayuda", "Help"),
    "#/pantalla": ("Pantalla grande", "Big screen"),
    "#/pantalla/GUB": ("GUBERNATURA", "GUBERNATURA"),
    "#/corte/0": ("Elección de prueba", "Elección de prueba"),
    "#/corte/0/GUB/001": ("Distrito 001", "District 001"),
}


@pytest.mark.parametrize(
    ("language", "scheme", "size"), [("es", "dark", PHONE), ("en", "light", DESKTOP)]
)
def test_axe_finds_no_barrier_and_nothing_overflows(standing, open_tab, size, language, scheme):
    url = f"{standing.url}?idioma={language}"
    tab = open_tab(url, size=size, color_scheme=scheme, bypass_csp=True)
    tab.locator(".status[data-state]").wait_for()
    for address, headings in VIEWS.items():
        open_route(tab, address, headings[language == "en"])
        check_barriers(tab, address)


def test_a_past_cut_is_read_whole_and_cannot_be_taken_for_the_current_one(standing, open_tab):
    tab = open_tab(f"{standing.url}#/corte/0")
    notice = tab.locator(".strip .past")
    notice.wait_for()
    assert "Está viendo un corte pasado: el 0" in notice.inner_text()
    assert "Se actualiza sola" not in text_of(tab)
    assert "0.0000 % 0 de 11" in text_of(tab)
    tab.get_by_role("link", name="GUBERNATURA").first.click()
    tab.locator("h1", has_text="GUBERNATURA").wait_for()
    assert tab.url.endswith("#/corte/0/GUB")
    assert notice.is_visible()
    tab.get_by_role("link", name="001 XICOTEPEC").click()
    tab.locator("h1", has_text="Distrito 001").wait_for()
    assert tab.url.endswith("#/corte/0/GUB/001")
    tab.get_by_role("link", name="Volver al corte actual").click()
    tab.locator(".status[data-state]").wait_for()
    assert not notice.is_visible()


def test_a_cut_that_never_was_is_said_not_to_be_there(standing, open_tab):
    tab = open_tab(standing.url, complaining=False)
    tab.locator(".status[data-state]").wait_for()
    open_route(tab, "#/corte/999/GUB", "No se puede mostrar esta parte")


def test_the_slider_goes_through_the_night_by_the_keyboard(standing, open_tab):
    tab = open_tab(f"{standing.url}#/historia")
    tab.locator(".night-chart .line").first.wait_for()
    slider = tab.get_by_role("slider")
    assert slider.input_value() == "1"
    slider.focus()
    tab.keyboard.press("ArrowLeft")
    tab.locator("a", has_text="Ver todo el corte 0").wait_for()
    assert "0.0000 %" in text_of(tab, ".slider")
    assert "Corte 0" in slider.get_attribute("aria-valuetext")


def test_the_night_is_drawn_from_the_manifests_and_told_in_a_table(standing, open_tab):
    tab = open_tab(f"{standing.url}#/historia")
    tab.locator("summary", has_text="Las mismas cifras en tabla").click()
    table = text_of(tab, "details table")
    contest = standing.night.manifest.contests[0]
    leader = max(candidacy.votes for candidacy in contest.votes.candidacies)
    assert f"{contest.summary.captured:,}" in table
    assert f"{leader:,}" in table


def test_the_night_of_a_contest_has_an_address_of_its_own(nation, open_tab):
    tab = open_tab(f"{nation.url}#/SEN")
    tab.locator("a", has_text="Ver cómo iba en otro corte").click()
    tab.locator("h1", has_text="Historia de la noche").wait_for()
    assert tab.url.endswith("#/historia/SEN")
    chosen = tab.locator(".ways [aria-current=true]")
    chosen.wait_for()
    assert squeeze(chosen.inner_text()) == "SENADURÍAS"
    tab.locator(".ways a", has_text="DIPUTACIONES").click()
    tab.locator(".ways [aria-current=true]", has_text="DIPUTACIONES").wait_for()
    assert tab.url.endswith("#/historia/DIP_FED")
    open_route(tab, "#/historia/NADA", "Esta dirección no existe")


def test_formula_of_participation_has_this_cut_s_own_figures(standing, open_tab):
    tab = open_tab(f"{standing.url}#/GUB")
    tab.locator("summary", has_text="Cómo se calcula").click()
    words = text_of(tab, ".formula .sum")
    summary = standing.night.manifest.contests[0].summary
    assert f"{summary.votes_without_special:,}" in words
    assert f"{summary.lista_nominal:,}" in words
    assert share(summary.participation) in words


def test_what_is_missing_and_where(standing, open_tab):
    tab = open_tab(f"{standing.url}#/GUB")
    tab.locator("summary", has_text="Qué falta").click()
    summary = standing.night.manifest.contests[0].summary
    missing = summary.expected - summary.captured
    words = text_of(tab, ".missing")
    assert f"Faltan por capturar {missing:,} actas" in words
    assert f"Distrito 002 HUAUCHINANGO DE DEGOLLADO {missing}" in words


def test_the_same_votes_as_bars_table_and_cards_and_some_compared(standing, open_tab):
    tab = open_tab(f"{standing.url}#/GUB")
    tab.get_by_role("button", name="Tabla").wait_for()
    votes = standing.night.manifest.contests[0].votes
    for way in ("Barras", "Tabla", "Tarjetas"):
        tab.get_by_role("button", name=way).click()
        words = text_of(tab, "section[aria-labelledby=results]")
        for candidacy in votes.candidacies:
            assert f"{candidacy.votes:,}" in words
            assert share(candidacy.share) in words
    tab.get_by_role("button", name="Comparar").click()
    boxes = tab.locator(".picks input")
    boxes.nth(0).check()
    assert tab.locator(".contender").count() == 0
    boxes.nth(1).check()
    first, second, *_ = sorted((candidacy.votes for candidacy in votes.candidacies), reverse=True)
    assert f"hay {first - second:,} votos" in text_of(tab, "section[aria-labelledby=results]")
    assert tab.locator(".contender").count() == 2


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_in_the_table_every_row_has_its_name_above_its_parties(standing, open_tab, size):
    tab = open_tab(f"{standing.url}#/GUB?ver=tabla", size=size)
    rows = tab.locator(".ways-table tbody tr")
    rows.first.wait_for()
    for row in rows.all():
        name, parties = (row.locator(part).bounding_box() for part in (".name", ".parties"))
        assert parties["y"] >= name["y"] + name["height"]
        assert abs(parties["x"] - name["x"]) <= 1


def test_my_casilla_is_found_by_its_section_and_kept_on_the_device_alone(standing, open_tab):
    tab = open_tab(f"{standing.url}#/mi-casilla")
    asked = len(standing.asked)
    field = tab.get_by_label("Sección")
    field.fill("201")
    tab.get_by_role("button", name="Buscar").click()
    tab.get_by_role("button", name="Guardar").wait_for()
    assert "GUBERNATURA Sección 0201, HUAUCHINANGO DE DEGOLLADO" in text_of(tab, ".places")
    assert "AYUNTAMIENTOS Sección 0201, PUEBLA" in text_of(tab, ".places")
    tab.get_by_role("button", name="Guardar").click()
    assert not [path for path, _ in standing.asked[asked:] if "201" in path.rpartition("/")[2][:4]]
    tab.reload()
    tab.get_by_role("link", name="Sección 0201").first.click()
    tab.locator("h1", has_text="Sección 0201").wait_for()
    tab.go_back()
    field.fill("9999")
    field.press("Enter")
    tab.locator("[role=status]", has_text="No hay sección 9999").wait_for()


def test_help_is_searched_without_accents(standing, open_tab):
    tab = open_tab(f"{standing.url}#/ayuda")
    tab.get_by_label("Buscar en las preguntas").fill("participacion especiales")
    assert tab.locator(".question").count() == 1
    tab.locator(".question summary").click()
    assert "último corte" in text_of(tab, ".question")


def test_every_snippet_of_the_databases_page_leads_to_a_file(standing, open_tab):
    tab = open_tab(f"{standing.url}#/bases-de-datos")
    tab.locator("h1", has_text="Bases de datos").wait_for()
    text = tab.locator("main").inner_text()
    for url in re.findall(r"curl -s (\S+)", text):
        assert tab.request.get(url).status == 200
    for link in tab.locator("a[href*='assets/'][href$='.json']").all():
        schema = tab.request.get(link.evaluate("link => link.href"))
        assert "$defs" in json.loads(schema.body()) or "$ref" in json.loads(schema.body())
    assert "openprep-results.js" in text


def test_before_the_opening_there_is_a_countdown(living, open_tab):
    living.night.to(0)
    opens = living.night.reading.description.window.opens
    tab = open_tab("about:blank")
    tab.clock.install(time=opens.timestamp() - 3_723)
    tab.goto(living.url)
    assert "La publicación empieza en 01:02:0" in text_of(tab, ".countdown")


def test_the_last_cut_says_so_everywhere(living, open_tab):
    living.night.to(3)
    tab = open_tab(living.url)
    tab.locator(".status[data-state=closed]").wait_for()
    for address, heading in {"#/": "Elección", "#/GUB": "GUBERNATURA", "#/ayuda": "Ayuda"}.items():
        open_route(tab, address, heading)
        assert "último corte" in text_of(tab, ".strip")
    open_route(tab, "#/GUB", "GUBERNATURA")
    tab.locator("summary", has_text="Cómo se calcula").click()
    assert "votos con casillas especiales" in text_of(tab, ".formula .sum")


def test_larger_text_is_remembered(standing, open_tab):
    tab = open_tab(standing.url)
    tab.get_by_role("button", name="Tamaño del texto").click()
    size = "getComputedStyle(document.documentElement).fontSize"
    assert tab.evaluate(size) == "18px"
    tab.reload()
    tab.locator(".status[data-state]").wait_for()
    assert tab.evaluate(size) == "18px"


def test_on_paper_nothing_is_left_that_only_a_screen_can_do(standing, open_tab):
    tab = open_tab(f"{standing.url}#/GUB")
    tab.locator(".switch").wait_for()
    tab.emulate_media(media="print")
    for gone in (".menu", ".controls", ".switch", ".share-card"):
        assert not tab.locator(gone).filter(visible=True).count()
    assert tab.locator(".figures-block").is_visible()


def test_the_image_to_share_has_the_figures_on_screen(standing, open_tab):
    tab = open_tab(f"{standing.url}#/GUB")
    with tab.expect_download() as downloading:
        tab.get_by_role("button", name="Bajar en SVG").click()
    svg = downloading.value.path().read_text()
    for candidacy in standing.night.manifest.contests[0].votes.candidacies:
        assert share(candidacy.share) in svg
    assert "Corte 1" in svg
    with tab.expect_download() as downloading:
        tab.get_by_role("button", name="Bajar en PNG").click()
    assert downloading.value.path().read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
