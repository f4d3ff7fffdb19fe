"""From a contest down to an acta by lists, as on the official site; nothing moves unasked."""

from axe_playwright_python.sync_playwright import Axe

from page.bench.browser import PHONE
from page.bench.reading import listed, open_route

CASILLA = "Detalle por casilla"
DISTRICT = "#/DIP_FED/4/21/05"


def _ids(tab, label):
    options = tab.get_by_label(label, exact=True).locator("option:not([disabled])")
    return [option.get_attribute("value") for option in options.all()]


def _choose(tab, label, value):
    field = tab.get_by_label(label, exact=True)
    field.locator(f"option[value='{value}']").wait_for(state="attached")
    field.select_option(value)


def test_the_lists_lead_from_the_nation_to_an_acta(nation, open_tab):
    night = nation.night
    tab = open_tab(f"{nation.url}#/DIP_FED")
    tab.get_by_label("Circunscripción", exact=True).wait_for()
    for label in ("Entidad", "Distrito", "Sección", CASILLA):
        assert tab.get_by_label(label, exact=True).is_disabled()
        assert _ids(tab, label) == [""]
    path = ""
    for label, id_ in (("Circunscripción", "4"), ("Entidad", "21"), ("Distrito", "05")):
        _choose(tab, label, id_)
        below = [child.path.rpartition("/")[2] for child in night.area("DIP_FED", path).children]
        assert _ids(tab, label) == ["", *below]
        path = f"{path}/{id_}".lstrip("/")
    sections = listed(night, night.area("DIP_FED", "4/21/05"))
    _choose(tab, "Sección", sections[-1].name)
    assert _ids(tab, "Sección") == ["", *(section.name for section in sections)]
    actas = [
        shown.expected.id for shown in night.reading.section(sections[-1].path, "DIP_FED").actas
    ]
    _choose(tab, CASILLA, actas[0])
    assert _ids(tab, CASILLA) == ["", *actas]
    assert tab.evaluate("location.hash") == "#/DIP_FED"
    tab.get_by_role("button", name="Consultar").click()
    tab.locator("code", has_text=actas[0]).first.wait_for()
    assert tab.evaluate("location.hash") == f"#/DIP_FED/{sections[-1].path}/{actas[0]}"


def test_they_stand_where_the_reader_is_and_ask_for_no_section_unasked(nation, open_tab):
    tab = open_tab(nation.url + DISTRICT)
    tab.get_by_label("Distrito", exact=True).wait_for()
    chosen = [
        tab.get_by_label(label, exact=True).input_value()
        for label in ("Circunscripción", "Entidad", "Distrito", "Sección")
    ]
    assert chosen == ["4", "21", "05", ""]
    before = sum(1 for _, status in nation.asked if status == 206)
    tab.get_by_label("Sección", exact=True).focus()
    name = listed(nation.night, nation.night.area("DIP_FED", "4/21/05"))[0].name
    tab.get_by_label("Sección", exact=True).locator(f"[value='{name}']").wait_for(state="attached")
    assert sum(1 for _, status in nation.asked if status == 206) == before + 6  # its three runs


def test_another_choice_above_empties_what_is_below(standing, open_tab):
    tab = open_tab(f"{standing.url}#/GUB/001/0101/210101C0100")
    tab.get_by_label(CASILLA, exact=True).wait_for()
    assert tab.get_by_label(CASILLA, exact=True).input_value() == "210101C0100"
    _choose(tab, "Distrito", "002")
    assert tab.get_by_label("Sección", exact=True).input_value() == ""
    assert tab.get_by_label(CASILLA, exact=True).is_disabled()
    assert _ids(tab, CASILLA) == [""]
    tab.get_by_role("button", name="Consultar").click()
    tab.locator("h1", has_text="Distrito 002").wait_for()


def test_in_a_cut_of_the_past_they_stay_in_it(standing, open_tab):
    tab = open_tab(f"{standing.url}#/corte/0/GUB")
    _choose(tab, "Distrito", "001")
    _choose(tab, "Sección", "0101")
    tab.get_by_role("button", name="Consultar").click()
    tab.locator("h1", has_text="Sección 0101").wait_for()
    assert tab.evaluate("location.hash") == "#/corte/0/GUB/001/0101"


def test_on_a_phone_they_are_one_line_and_work_by_keyboard_in_english(standing, open_tab):
    tab = open_tab(f"{standing.url}?idioma=en#/GUB", size=PHONE, bypass_csp=True)
    tab.locator("summary", has_text="Look up, down to each polling station").press("Enter")
    tab.keyboard.press("Tab")
    tab.get_by_label("District", exact=True).locator("[value='001']").wait_for(state="attached")
    tab.keyboard.type("001")
    tab.keyboard.press("Enter")
    assert tab.get_by_label("District", exact=True).input_value() == "001"
    assert tab.evaluate("location.hash") == "#/GUB"
    assert Axe().run(tab).violations_count == 0
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    tab.get_by_role("button", name="Look up", exact=True).press("Enter")
    tab.locator("h1", has_text="District 001").wait_for()


def test_what_cannot_be_listed_is_said_and_asked_for_again(standing, open_tab):
    tab = open_tab(standing.url, complaining=False)
    tab.locator(".status[data-state]").wait_for()
    open_route(tab, "#/GUB", "GUBERNATURA")
    tab.get_by_label("Distrito", exact=True).locator("[value='002']").wait_for(state="attached")
    tab.context.set_offline(True)
    _choose(tab, "Distrito", "002")
    tab.locator(".selectors [role=status]", has_text="No hay respuesta del sitio").wait_for()
    tab.context.set_offline(False)
    _choose(tab, "Distrito", "001")
    _choose(tab, "Sección", "0102")
