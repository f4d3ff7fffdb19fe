"""Every view shows the figures of its published object, to the digit."""

import pytest

from openprep.election import Counting, FieldState
from page.bench.browser import PHONE, reading
from page.bench.night import COLUMNS, Night
from page.bench.reading import (
    areas,
    listed,
    number,
    open_route,
    progress_of,
    sections,
    share,
    squeeze,
    summary_of,
    text_of,
)
from page.bench.serving import serving

SHARES = {"captured_share", "counted_share", "inconsistent_share", "participation"}
STATES = {
    FieldState.ILEGIBLE: "Ilegible",
    FieldState.SIN_DATO: "Sin dato",
    FieldState.SIN_ACTA: "Sin acta",
    FieldState.NOT_CAPTURED: "No capturado",
    FieldState.NOT_APPLICABLE: "No aplica",
}
COUNTING = {
    Counting.COUNTED: "Contabilizada",
    Counting.NOT_COUNTED: "No contabilizada",
    Counting.NOT_CAPTURED: "Aún no capturada",
}


def _figures(tab):
    rows = tab.locator("[data-figure]").all()
    return {row.get_attribute("data-figure"): row.inner_text() for row in rows}


def _expected_figures(summary):
    values = {name: getattr(summary, name) for name in summary.__struct_fields__ if name != "basis"}
    shown = {name: (share if name in SHARES else number) for name in values}
    none = {"participation": "No se calcula"} if summary.participation is None else {}
    return {name: none.get(name) or shown[name](value) for name, value in values.items()}


def _contenders(tab):
    rows = tab.locator(".contender").all()
    return [squeeze(row.inner_text()) for row in rows]


def _votes(count):
    return "1 voto" if count == 1 else f"{count:,} votos"


@pytest.fixture(scope="module")
def tab(standing, browser):
    with reading(standing.url, browser) as tab:
        yield tab


def test_landing_shows_each_contests_progress_and_votes(standing, tab):
    open_route(tab, "#/", "Elección de prueba")
    text = text_of(tab)
    assert "Corte 1 2 jun 2024, 20:15:01 (UTC-6)" in text
    for contest in standing.night.manifest.contests:
        summary = contest.summary
        for part, value in (
            (summary.captured, summary.captured_share),
            (summary.counted, summary.counted_share),
        ):
            assert f"{share(value)} {part:,} de {summary.expected:,}" in text
        assert share(summary.participation) in text
        assert number(contest.votes.total) in text


def test_areas_show_the_13_figures_and_every_candidacy(standing, tab):
    for address, area in areas(standing.night):
        open_route(tab, address, area.name if area.path else "")
        tab.wait_for_function("hash => location.hash === hash", arg=address)
        tab.locator(".breadcrumb [aria-current]", has_text=area.name).wait_for()
        assert _figures(tab) == _expected_figures(area.summary), address
        contenders = " ".join(_contenders(tab))
        for candidacy in area.votes.candidacies:
            assert f"{_votes(candidacy.votes)} {share(candidacy.share)}" in contenders
            assert (candidacy.name or "") in contenders
        others = text_of(tab, ".others")
        assert number(area.votes.unregistered) in others
        assert number(area.votes.null) in others
        assert f"Total de votos {area.votes.total:,}" in others


def test_candidacies_stand_by_votes(standing, tab):
    open_route(tab, "#/GUB", "GUBERNATURA")
    votes = [int(text.split(" voto")[0].split()[-1].replace(",", "")) for text in _contenders(tab)]
    assert votes == sorted(votes, reverse=True)
    assert len(votes) == 3


def test_party_view_shows_the_distributed_votes(standing, tab):
    for address, area in areas(standing.night):
        open_route(tab, f"{address}?por=partido", "")
        tab.locator(".breadcrumb [aria-current]", has_text=area.name).wait_for()
        tab.locator("[aria-current]", has_text="Por partido").wait_for()
        shown = " ".join(_contenders(tab))
        for party in area.parties:
            assert f"{_votes(party.votes)} {share(party.share)}" in shown, address


def test_listing_of_areas_leads_down_with_captured_and_counted(standing, tab):
    for address, area in areas(standing.night):
        open_route(tab, address, "")
        tab.locator(".breadcrumb [aria-current]", has_text=area.name).wait_for()
        rows = tab.locator(".areas tbody tr").all()
        children = listed(standing.night, area)
        assert len(rows) == len(children)
        for row, child in zip(rows, children, strict=True):
            text = squeeze(row.inner_text())
            assert progress_of(child.captured, child.expected) in text
            assert progress_of(child.counted, child.expected) in text
            href = row.locator("a").get_attribute("href")
            assert href == f"#/{area.contest}/{child.path}"


def test_a_listing_is_sorted_by_the_column_that_is_pressed(standing, tab):
    open_route(tab, "#/GUB", "GUBERNATURA")
    first = tab.locator(".areas tbody tr").first
    assert "000" in first.inner_text()
    tab.get_by_role("button", name="Contabilizadas").click()
    assert tab.locator(".areas").get_by_role("columnheader", name="Contabilizadas").get_attribute(
        "aria-sort"
    ) == ("descending")
    tab.get_by_role("button", name="Contabilizadas").click()
    assert "002" in first.inner_text()
    tab.get_by_role("button", name="Distrito").click()
    assert "000" in first.inner_text()


def test_sections_list_every_casilla_with_its_state(standing, tab):
    for address, section in sections(standing.night):
        id_ = section.path.rpartition("/")[2]
        name = "Mesas sin sección" if id_ == "0000" else f"Sección {id_}"
        open_route(tab, address, name)
        tab.wait_for_function("hash => location.hash === hash", arg=address)
        assert _figures(tab) == _expected_figures(summary_of(section))
        rows = tab.locator(".actas tbody tr").all()
        assert len(rows) == len(section.actas)
        for row, published in zip(rows, section.actas, strict=True):
            text = squeeze(row.inner_text())
            assert COUNTING[published.counting] in text
            listed = published.expected.lista_nominal
            assert (number(listed) if listed else "no tiene") in text
            if published.acta is not None:
                assert number(published.total) in text


def test_actas_show_every_field_as_captured(standing, tab):
    for address, section in sections(standing.night):
        for published in section.actas:
            open_route(tab, f"{address}/{published.expected.id}", "")
            tab.locator("code", has_text=published.expected.id).first.wait_for()
            assert COUNTING[published.counting] == tab.locator(".state").inner_text()
            if published.acta is not None:
                _check_fields(tab, published)


def _check_fields(tab, published):
    acta = published.acta
    on_ballot = [field for field in acta.votes if field is not FieldState.NOT_ON_BALLOT]
    tables = tab.locator(".fields").all()
    shown = [cell.inner_text() for cell in tables[0].locator("td").all()]
    assert shown == [_field(field) for field in on_ballot]
    off = [
        " ".join(column.parties)
        for column, field in zip(COLUMNS, acta.votes, strict=True)
        if field is FieldState.NOT_ON_BALLOT
    ]
    if off:
        tab.get_by_text("No están en la boleta").click()
        items = [squeeze(item.inner_text()) for item in tab.locator(".off-ballot li").all()]
        assert items == [name.replace("_", " ") for name in off]
    others = [cell.inner_text() for cell in tables[1].locator("td").all()]
    assert others == [
        *map(
            _field,
            (
                acta.surplus_ballots,
                acta.people_voted,
                acta.representatives_voted,
                acta.ballots_taken,
                acta.total_written,
            ),
        ),
        number(published.total),
    ]


def _field(field):
    return number(field) if isinstance(field, int) else STATES[field]


ACTAS = {
    "#/GUB/000/0000/210000M0000@000": (
        "Mesa del voto en el extranjero",
        ("Contabilizada", "Acta del voto de mexicanos en el extranjero", "No aplica"),
    ),
    "#/GUB/001/0101/210101B0100": ("Básica", ("355", "C0FFEE".lower(), "Sin observaciones")),
    "#/GUB/001/0101/210101C0100": (
        "Contigua 1",
        (
            "Primera versión",
            "Corrección: El total con letra dice 320",
            "Acopio 2 jun 2024, 20:05:00 (UTC-6)",
            "Verificación 2 jun 2024, 20:11:07 (UTC-6)",
            "dispositivo de apoyo, centro de recepción y traslado fijo",
        ),
    ),
    "#/GUB/001/0102/210102B0100": (
        "Básica",
        ("Sin acta: el paquete electoral no se entregó", "No hay acta que capturar", "No urbana"),
    ),
    "#/GUB/001/0102/210102E0100": ("Extraordinaria 1", ("Ilegible", "Sin dato")),
    "#/GUB/001/0102/210102E0102": (
        "Extraordinaria 1 contigua 2",
        ("Sus 960 votos exceden la lista nominal (700) más las representaciones acreditadas (20)",),
    ),
    # Its station keeps UTC.
    "#/GUB/002/0201/210201B0100": ("Básica", ("Acopio 2 jun 2024, 20:05:00 (UTC-6)",)),
    "#/GUB/002/0201/210201C0100": ("Contigua 1", ("no hay qué sumar",)),
    "#/GUB/002/0201/210201S0100": ("Especial 1", ("Boletas que puede recibir 1,000",)),
    "#/GUB/002/0202/210202B0100": ("Básica", ("todavía no se captura",)),
    "#/AYUN/114/0201/210201B0100": ("Básica", ("El total escrito y la suma", "No están en la")),
}


@pytest.mark.parametrize("address", ACTAS)
def test_an_acta_says_in_plain_words_what_it_is_and_why_it_counts(tab, address):
    name, phrases = ACTAS[address]
    open_route(tab, address, name)
    tab.locator("code", has_text=address.rpartition("/")[2]).first.wait_for()
    assert tab.locator("h1").inner_text() == name
    text = text_of(tab)
    for phrase in phrases:
        assert phrase in text


def test_out_of_catalogue_actas_stand_apart(tab):
    open_route(tab, "#/GUB", "GUBERNATURA")
    tab.get_by_role("link", name="Ver el acta fuera de catálogo").click()
    tab.locator("h1", has_text="Actas fuera de catálogo").wait_for()
    assert "Acta 1 80 votos" in text_of(tab)
    tab.locator("summary", has_text="Acta 1").click()
    assert "44" in text_of(tab, ".fields")


def test_a_name_from_the_data_is_text_and_never_markup(tab):
    open_route(tab, "#/GUB", "GUBERNATURA")
    assert "BRUNO <b>DÍAZ</b> & CÍA" in text_of(tab, ".contenders")


def test_nothing_is_wider_than_the_narrowest_phone(standing, open_tab):
    tab = open_tab(standing.url, size=(320, PHONE[1]))
    tab.locator("h1").wait_for()
    views = ("#/", "#/GUB", "#/AYUN?por=partido", "#/GUB/001/0102", "#/GUB/001/0101/210101C0100")
    for address in views:
        open_route(tab, address, "")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 320, address


def test_a_long_listing_is_searched_without_accents_or_capitals(built, tmp_path, open_tab):
    crowd = {f"{number:03}": f"MUNICIPIO DE PEÑA {number}" for number in range(1, 20)}
    with serving(Night(tmp_path, built, municipalities=crowd).to(0)) as site:
        tab = open_tab(f"{site.url}#/AYUN")
        tab.get_by_label("Buscar municipio").fill("de pena 17")
        assert text_of(tab, ".areas tbody").startswith("017 MUNICIPIO DE PEÑA 17")
        assert tab.locator(".areas tbody tr").count() == 1
        tab.get_by_label("Buscar municipio").fill("nadie")
        assert "Ninguno coincide" in text_of(tab)
