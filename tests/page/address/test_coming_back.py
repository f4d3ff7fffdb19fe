"""Back leads to where the reader was; how a view is seen is in its address, so it is shared."""

import pytest

from page.bench.browser import PHONE
from page.bench.reading import open_route, squeeze, text_of

FOCUSED = "document.activeElement.getAttribute('href')"


def _settle(tab):
    """Until the page has kept where it is scrolled to."""
    tab.wait_for_function("() => history.state && Math.abs(history.state.y - scrollY) < 1")


def _row(tab, address):
    return tab.locator(f".areas a[href='{address}']")


def _at(tab, y):
    tab.wait_for_function("y => Math.abs(scrollY - y) <= 1", arg=y)


# Back


@pytest.mark.parametrize("size", [PHONE, (1440, 900)], ids=["phone", "desktop"])
def test_back_leads_to_the_same_place_and_the_same_link(nation, open_tab, size):
    tab = open_tab(f"{nation.url}#/PRES", size=size)
    tab.locator("h1", has_text="PRESIDENCIA").wait_for()
    _row(tab, "#/PRES/21").scroll_into_view_if_needed()
    _settle(tab)
    left = tab.evaluate("scrollY")
    assert left > 300
    _row(tab, "#/PRES/21").click()
    tab.locator("h1:focus", has_text="Puebla").wait_for()
    assert tab.evaluate("scrollY") == 0
    tab.evaluate("scrollTo(0, 120)")
    _settle(tab)
    tab.go_back()
    tab.locator("h1", has_text="PRESIDENCIA").wait_for()
    _at(tab, left)
    assert tab.evaluate(FOCUSED) == "#/PRES/21"
    assert _row(tab, "#/PRES/21").evaluate("one => one === document.activeElement")
    tab.go_forward()
    tab.locator("h1", has_text="Puebla").wait_for()
    _at(tab, 120)


def test_each_entry_of_the_history_has_its_own_place(nation, open_tab):
    tab = open_tab(f"{nation.url}#/PRES", size=PHONE)
    tab.locator("h1", has_text="PRESIDENCIA").wait_for()
    places = []
    for address, heading in (("#/PRES/21", "Puebla"), ("#/PRES/21/05", "Distrito 05")):
        _row(tab, address).scroll_into_view_if_needed()
        _settle(tab)
        places.append(tab.evaluate("scrollY"))
        _row(tab, address).click()
        tab.locator("h1:focus", has_text=heading).wait_for()
    for heading in ("Puebla", "PRESIDENCIA"):
        tab.go_back()
        tab.locator("h1", has_text=heading).wait_for()
        _at(tab, places.pop())


def test_a_view_asked_for_again_starts_at_its_title(nation, open_tab):
    tab = open_tab(f"{nation.url}#/PRES", size=PHONE)
    tab.locator("h1", has_text="PRESIDENCIA").wait_for()
    tab.evaluate("scrollTo(0, 900)")
    _settle(tab)
    _row(tab, "#/PRES/21").click()
    tab.locator("h1:focus", has_text="Puebla").wait_for()
    tab.locator(".contests a", has_text="PRESIDENCIA").click()
    tab.locator("h1:focus", has_text="PRESIDENCIA").wait_for()
    assert tab.evaluate("scrollY") == 0


def test_a_new_cut_moves_nobody(living, open_tab):
    living.night.to(1)
    tab = open_tab(f"{living.url}#/GUB", size=PHONE)
    tab.locator("h1", has_text="GUBERNATURA").wait_for()
    tab.evaluate("scrollTo(0, 700)")
    _settle(tab)
    living.night.to(2)
    tab.locator(".strip .cut", has_text="Corte 2").wait_for(timeout=30_000)
    assert abs(tab.evaluate("scrollY") - 700) <= 1


def test_a_reload_leads_to_the_same_place(nation, open_tab):
    tab = open_tab(f"{nation.url}#/PRES", size=PHONE)
    tab.locator("h1", has_text="PRESIDENCIA").wait_for()
    tab.evaluate("scrollTo(0, 1500)")
    _settle(tab)
    tab.reload()
    tab.locator("h1", has_text="PRESIDENCIA").wait_for()
    _at(tab, 1500)


def test_what_another_page_left_in_the_history_breaks_nothing(standing, open_tab):
    for state in ("7", "'x'", "{y: 'no', link: 3}", "{y: 5, link: ['#/nowhere', -1]}"):
        tab = open_tab(f"{standing.url}#/GUB")
        tab.locator("h1", has_text="GUBERNATURA").wait_for()
        tab.evaluate(f"history.replaceState({state}, '')")
        tab.reload()
        tab.locator("h1", has_text="GUBERNATURA").wait_for()
        open_route(tab, "#/GUB/001", "Distrito 001")


# What the address says


def _way(tab):
    return tab.locator(".switch [aria-pressed=true]").inner_text()


@pytest.mark.parametrize(
    ("name", "said"), [("Tabla", "tabla"), ("Tarjetas", "tarjetas"), ("Comparar", "comparar")]
)
def test_the_way_of_seeing_is_shared_with_the_address(standing, open_tab, name, said):
    tab = open_tab(f"{standing.url}#/GUB")
    tab.get_by_role("button", name=name).click()
    address = tab.evaluate("location.hash")
    assert address == f"#/GUB?ver={said}"
    tab.reload()
    tab.locator(".switch").wait_for()
    assert _way(tab) == name
    other = open_tab(standing.url + address)
    other.locator(".switch").wait_for()
    assert _way(other) == name
    other.get_by_role("button", name="Barras").click()
    assert other.evaluate("location.hash") == "#/GUB"


def test_a_comparison_is_shared_with_whom_it_compares(standing, open_tab):
    tab = open_tab(f"{standing.url}#/GUB")
    tab.get_by_role("button", name="Comparar").click()
    for key in ("MORENA", "CAND_IND_1"):
        tab.locator(f".picks input[value={key}]").check()
    words = text_of(tab, "section[aria-labelledby=results]")
    address = tab.evaluate("location.hash")
    assert address == "#/GUB?ver=comparar&entre=MORENA,CAND_IND_1"
    other = open_tab(standing.url + address)
    other.locator(".contender").first.wait_for()
    assert text_of(other, "section[aria-labelledby=results]") == words


def test_by_party_keeps_the_way_and_the_other_way_about(standing, open_tab):
    tab = open_tab(f"{standing.url}#/GUB?ver=tabla")
    tab.locator(".ways a", has_text="Por partido").click()
    tab.locator(".ways [aria-current]", has_text="Por partido").wait_for()
    assert tab.evaluate("location.hash") == "#/GUB?por=partido&ver=tabla"
    assert _way(tab) == "Tabla"
    tab.get_by_role("button", name="Tarjetas").click()
    assert tab.evaluate("location.hash") == "#/GUB?por=partido&ver=tarjetas"
    tab.reload()
    tab.locator(".ways [aria-current]", has_text="Por partido").wait_for()
    assert _way(tab) == "Tarjetas"


def _names(tab):
    return [squeeze(text) for text in tab.locator(".areas tbody th").all_inner_texts()]


def test_search_and_order_survive_back_and_a_reload_and_are_shared(nation, open_tab):
    tab = open_tab(f"{nation.url}#/PRES")
    tab.get_by_label("Buscar entidad").fill("méxico")
    tab.get_by_role("button", name="Contabilizadas").click()
    listed = _names(tab)
    assert len(listed) == 2
    address = tab.evaluate("decodeURI(location.hash)")
    assert address == "#/PRES?buscar=méxico&orden=contabilizadas-desc"
    tab.locator(".areas tbody a").first.click()
    tab.locator(".breadcrumb", has_text=listed[0].partition(" ")[2]).wait_for()
    assert "?" not in tab.evaluate("location.hash")
    tab.go_back()
    tab.locator("h1", has_text="PRESIDENCIA").wait_for()
    for again in (lambda: None, tab.reload):
        again()
        tab.get_by_label("Buscar entidad").wait_for()
        assert _names(tab) == listed
        assert tab.get_by_label("Buscar entidad").input_value() == "méxico"
        assert tab.locator("th[aria-sort=descending]").inner_text() == "Contabilizadas"
    other = open_tab(nation.url + "#/PRES?buscar=M%C3%A9xico&orden=contabilizadas-desc")
    other.get_by_label("Buscar entidad").wait_for()
    assert _names(other) == listed


def test_text_that_means_something_in_an_address_is_searched_as_it_is(nation, open_tab):
    tab = open_tab(f"{nation.url}#/PRES")
    for text in ("a&orden=x", "100 %", "¿?", "a+b", "#/SEN", "a=b,c"):
        tab.get_by_label("Buscar entidad").fill(text)
        tab.reload()
        tab.get_by_label("Buscar entidad").wait_for()
        assert tab.get_by_label("Buscar entidad").input_value() == text
        assert tab.locator("h1").inner_text() == "PRESIDENCIA DE LA REPÚBLICA"


@pytest.mark.parametrize(
    "query",
    [
        "ver=nada",
        "ver=__proto__",
        "orden=constructor-desc",
        "orden=contabilizadas-nunca",
        "orden=-",
        "entre=NADIE,,",
        "abierto=nada,PRES/mapa",
        "ver=tabla&ver=tarjetas",
        "desconocido=1",
        "buscar=%E0%A4%A",
    ],
)
def test_an_address_that_says_nonsense_shows_the_view(nation, open_tab, query):
    tab = open_tab(f"{nation.url}#/PRES?{query}")
    tab.locator("h1", has_text="PRESIDENCIA").wait_for()
    tab.locator(".areas").wait_for()
    assert tab.locator(".switch [aria-pressed=true]").count() == 1


def test_what_is_unfolded_is_shared_with_the_address(nation, open_tab):
    tab = open_tab(f"{nation.url}#/DIP_FED")
    tab.locator(".fold summary").click()
    tab.locator(".map .sheet svg").wait_for()
    tab.wait_for_function("() => location.hash === '#/DIP_FED?abierto=DIP_FED/mapa'")
    other = open_tab(f"{nation.url}#/DIP_FED?abierto=DIP_FED/mapa")
    other.locator(".map .sheet svg").wait_for()
    other.locator(".fold summary").first.click()
    other.wait_for_function("() => location.hash === '#/DIP_FED'")
    tab.locator(".contests a", has_text="SENADUR").click()
    tab.locator("h1", has_text="SENADUR").wait_for()
    tab.go_back()
    tab.locator("h1", has_text="DIPUTACIONES").wait_for()
    tab.locator(".map .sheet svg").wait_for()


def test_in_a_cut_of_the_past_it_is_the_same(standing, open_tab):
    tab = open_tab(f"{standing.url}#/corte/0/GUB?ver=tabla&orden=capturadas-asc")
    tab.locator("h1", has_text="GUBERNATURA").wait_for()
    assert _way(tab) == "Tabla"
    tab.locator("th[aria-sort=ascending]", has_text="Capturadas").wait_for()
    tab.get_by_role("button", name="Tarjetas").click()
    assert tab.evaluate("location.hash").startswith("#/corte/0/GUB?ver=tarjetas")


def test_a_search_of_the_help_is_shared(standing, open_tab):
    tab = open_tab(f"{standing.url}#/ayuda")
    tab.get_by_label("Buscar en las preguntas").fill("participacion especiales")
    address = tab.evaluate("location.hash")
    assert address == "#/ayuda?buscar=participacion+especiales"
    other = open_tab(standing.url + address)
    other.locator(".question").wait_for()
    assert other.locator(".question").count() == 1
