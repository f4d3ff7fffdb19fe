"""What axe does not measure: thumbs, large text, the contrast of drawings, what is said aloud."""

import pytest

from page.bench.browser import DESKTOP, PHONE
from page.bench.reading import check_barriers, open_route, text_of

PLACES = {
    "#/": "Elección de prueba",
    "#/GUB": "GUBERNATURA",
    "#/GUB?ver=tabla": "GUBERNATURA",
    "#/AYUN": "AYUNTAMIENTOS",
    "#/GUB/001": "Distrito 001",
    "#/GUB/001?actas=urbana": "Casillas urbanas",
    "#/GUB/001/0102": "Sección 0102",
    "#/GUB/001/0101/210101C0100": "Contigua 1",
    "#/GUB/fuera-de-catalogo": "Actas fuera de catálogo",
    "#/historia": "Historia de la noche",
    "#/bases-de-datos": "Bases de datos",
    "#/mi-casilla": "Mi casilla",
    "#/ayuda": "Ayuda",
    "#/comprobar": "Compruébelo",
    "#/pantalla": "Pantalla grande",
    "#/pantalla/GUB": "GUBERNATURA",
    "#/corte/0/GUB/001": "Distrito 001",
}


@pytest.mark.parametrize("step", [1, 2, 3])
def test_the_largest_text_needs_no_sideways_scroll_on_a_phone(standing, open_tab, step):
    tab = open_tab(standing.url, size=PHONE)
    tab.locator(".status[data-state]").wait_for()
    for _ in range(step):
        tab.get_by_role("button", name="Tamaño del texto").click()
    for address, heading in PLACES.items():
        open_route(tab, address, heading)
        for summary in tab.locator("main summary").all():
            summary.click()
        wide = tab.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE[0], f"{address} is {wide} px wide"


TARGETS = (
    ".breadcrumb a, .menu a, .contests a, .ways a, a.more, .brand, .controls button,"
    " .contest h2 a, .fields th a, .listing tbody th a, .listing th button, .switch button,"
    " .share-card button, main summary, .seek input, .seek button, .selectors select"
)
SMALL = """selector => [...document.querySelectorAll(selector)]
  .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
  .filter(([, { width, height }]) => height > 0 && (height < 43.5 || width < 24))
  .map(([text, { width, height }]) => `${text}: ${width} x ${height}`)"""


@pytest.mark.parametrize(
    ("size", "touch"), [(PHONE, False), ((1024, 768), True)], ids=["phone", "tablet"]
)
def test_what_a_thumb_presses_is_44_pixels_high(standing, open_tab, size, touch):
    tab = open_tab(standing.url, size=size, has_touch=touch, is_mobile=touch)
    tab.locator(".status[data-state]").wait_for()
    for address, heading in PLACES.items():
        open_route(tab, address, heading)
        assert tab.evaluate(SMALL, TARGETS) == [], address


OVERLAPPING = """() => {
  const height = ({ top, bottom }) => bottom - top;
  const shown = ({ left, right, top, bottom }, around) => {
    for (let one = around; one !== document.body; one = one.parentElement) {
      if (getComputedStyle(one).overflow === 'visible') continue;
      const box = one.getBoundingClientRect();
      left = Math.max(left, box.left);
      right = Math.min(right, box.right);
      top = Math.max(top, box.top);
      bottom = Math.min(bottom, box.bottom);
    }
    return { left, right, top, bottom };
  };
  const words = [];
  const seen = { opacityProperty: true, visibilityProperty: true };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const around = node.parentElement;
    const apart = around.closest('svg, .strip, .skip, .hidden');
    if (!node.data.trim() || apart || !around.checkVisibility(seen)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const whole of range.getClientRects()) {
      const box = shown(whole, around);
      if (box.right - box.left > 2 && height(box) > 2) words.push([node.data.trim(), box, node]);
    }
  }
  const over = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > Math.min(height(a), height(b)) / 2;
  return words.flatMap(([one, box, node], at) =>
    words.slice(at + 1)
      .filter(([, other, its]) => its !== node && over(box, other))
      .map(([two]) => `${one} / ${two}`));
}"""


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_no_words_stand_over_other_words(standing, open_tab, size):
    tab = open_tab(standing.url, size=size)
    tab.locator(".status[data-state]").wait_for()
    for address, heading in PLACES.items():
        open_route(tab, address, heading)
        assert tab.evaluate(OVERLAPPING) == [], address


def test_each_entry_of_a_phone_s_menu_can_be_read_and_reached(standing, open_tab):
    tab = open_tab(standing.url, size=PHONE)
    tab.locator(".status[data-state]").wait_for()
    for entry in tab.locator(".menu a").all():
        assert entry.evaluate("one => one.scrollWidth <= one.clientWidth"), entry.inner_text()
        box = entry.bounding_box()
        assert box["x"] >= 0, entry.inner_text()
        assert box["x"] + box["width"] <= PHONE[0], "beyond the edge nobody looks for it"


# Colours against paper


CONTRAST = """selectors => {
  const rgba = (text) => {
    const parts = text.match(/[\\d.]+(?:e-?\\d+)?/g).map(Number);
    const [r, g, b, a = 1] = parts;
    return text.startsWith('color(') ? [r, g, b, a] : [r / 255, g / 255, b / 255, a];
  };
  const light = ([r, g, b]) => [r, g, b]
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const paper = rgba(getComputedStyle(document.documentElement).backgroundColor);
  return selectors.flatMap(([selector, property]) => {
    const found = [...document.querySelectorAll(selector)];
    if (!found.length) return [`${selector} is not there`];
    return found.flatMap((one) => {
      const [r, g, b, a] = rgba(getComputedStyle(one)[property]);
      const over = [r, g, b].map((c, i) => c * a + paper[i] * (1 - a));
      const pair = [light(over), light(paper)].sort((x, y) => y - x);
      const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
      return ratio >= 3 ? [] : [`${selector} ${property}: ${ratio.toFixed(2)}`];
    });
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_party_s_colour_has_an_edge_that_is_seen(standing, open_tab, scheme):
    tab = open_tab(f"{standing.url}#/GUB", color_scheme=scheme)
    tab.locator("h1", has_text="GUBERNATURA").wait_for()
    edges = [
        [".contender .bar .edge", "stroke"],
        [".contender .party svg", "outlineColor"],
        [".progress .bar .captured", "stroke"],
    ]
    assert tab.evaluate(CONTRAST, edges) == []
    open_route(tab, "#/historia", "Historia de la noche")
    tab.locator(".night-chart .line").first.wait_for()
    lines = [[".night-chart svg[role=img] .halo", "stroke"], [".legend .swatch .halo", "stroke"]]
    assert tab.evaluate(CONTRAST, lines) == []
    for swatch in tab.locator(".legend .swatch").all():
        assert swatch.locator(".halo").count() == swatch.locator(".line").count() == 1
    open_route(tab, "#/pantalla/GUB", "GUBERNATURA")
    assert tab.evaluate(CONTRAST, [[".screen-list .edge", "stroke"]]) == []


def test_parties_of_a_federal_election_are_told_apart_by_their_colours(nation, open_tab):
    tab = open_tab(f"{nation.url}#/PRES")
    tab.locator("h1", has_text="PRESIDENCIA").wait_for()
    colour = "tag => tag.querySelector('rect').getAttribute('fill')"
    colours = {
        name: tab.locator(".party", has_text=name).first.evaluate(colour)
        for name in ("MORENA", "PT")
    }
    assert colours == {"MORENA": "#8a1538", "PT": "#eb0028"}


def test_stripes_of_a_map_are_parted_by_light_lines(nation, open_tab):
    tab = open_tab(f"{nation.url}#/PRES")
    tab.locator(".map .sheet pattern").first.wait_for(state="attached")
    for pattern in tab.locator(".map pattern:has(.seam)").all():
        seams = pattern.locator(".seam").count()
        assert seams == pattern.locator("rect:not(.seam)").count()
    slants = tab.locator(".map .sheet pattern:has(.seam)").evaluate_all(
        "all => all.map((one) => one.getAttribute('patternTransform'))"
    )
    assert len(set(slants)) == len(slants)


# Said aloud


@pytest.mark.parametrize(
    ("language", "many", "one", "none"),
    [
        ("es", "2 coinciden", "1 coincide", "Ninguno coincide con lo que busca."),
        ("en", "2 match", "1 matches", "None matches what you look for."),
    ],
)
def test_a_search_says_aloud_how_many_match(nation, open_tab, language, many, one, none):
    tab = open_tab(f"{nation.url}?idioma={language}#/PRES")
    field = tab.locator(".seek input[type=search]")
    field.wait_for()
    status = tab.locator(".seek [role=status]")
    assert status.inner_text() == ""
    for text, said in (("mexico", many), ("puebla", one), ("zzz", none), ("  ", "")):
        field.fill(text)
        assert status.inner_text() == said
    field.fill("puebla")
    assert tab.locator(".areas tbody tr").count() == 1


def test_a_search_of_the_help_says_aloud_how_many_match(standing, open_tab):
    tab = open_tab(f"{standing.url}#/ayuda")
    status = tab.locator(".seek [role=status]").first
    tab.get_by_label("Buscar en las preguntas").fill("participacion especiales")
    assert status.inner_text() == "1 pregunta"
    tab.get_by_label("Buscar en las preguntas").fill("zzz")
    assert status.inner_text() == "Ninguna pregunta tiene esas palabras."


def test_a_chart_is_told_in_a_sentence(standing, open_tab):
    tab = open_tab(f"{standing.url}#/historia")
    tab.locator(".night-chart .line").first.wait_for()
    charts = tab.locator(".night-chart svg[role=img]")
    summary = standing.night.manifest.contests[0].summary
    leader = max(
        candidacy.votes for candidacy in standing.night.manifest.contests[0].votes.candidacies
    )
    said = [
        tab.locator(f"[id='{chart.get_attribute('aria-describedby')}']").inner_text()
        for chart in charts.all()
    ]
    assert len(said) == 2
    assert f"se contabilizaron {summary.counted} de {summary.expected} actas" in said[0]
    assert "De 2 jun 2024" in said[0]
    assert "la mitad" in said[0]
    assert f"llegó a {leader:,} votos" in said[1]


# Views that axe had not seen


UNSEEN = {
    "#/GUB?ver=tabla": "GUBERNATURA",
    "#/GUB?ver=tarjetas": "GUBERNATURA",
    "#/GUB?ver=comparar&entre=MORENA,CAND_IND_1": "GUBERNATURA",
    "#/GUB?por=partido&ver=tabla&orden=primero-desc": "GUBERNATURA",
    "#/historia/AYUN": "Historia",
    "#/pantalla/GUB?rotar=3600": "GUBERNATURA",
    "#/ayuda?buscar=zzz": "Ayuda",
    "#/corte/0/GUB/001/0101/210101C0100": "Contigua 1",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_no_barrier_in_the_other_ways_of_seeing(standing, open_tab, size, scheme):
    tab = open_tab(standing.url, size=size, color_scheme=scheme, bypass_csp=True)
    tab.locator(".status[data-state]").wait_for()
    for address, heading in UNSEEN.items():
        open_route(tab, address, heading)
        check_barriers(tab, address)
    assert "Corte 0" in text_of(tab, ".strip")


# Names in Spanish


UNMARKED = """names => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const own = node.textContent;
    const one = node.parentElement;
    if (!names.some((name) => own.includes(name)) || one.closest('[aria-hidden], title')) continue;
    if (one.closest('[lang]').lang !== 'es') found.push(own.trim());
  }
  return found;
}"""
SPANISH = [
    "Elección de prueba",
    "GUBERNATURA",
    "Gubernatura del Estado",
    "AYUNTAMIENTOS",
    "XICOTEPEC",
    "HUAUCHINANGO",
    "VOTO DESDE EL EXTRANJERO",
    "ANA LAURA",
    "CARMEN OCHOA",
    "MORENA",
    "CAND IND",
]
DRAWN = ".contender, .night-chart, .switch, .verdict, .screen, .places"
"""Of each view, something that it shows once it has what it shows."""

IN_ENGLISH = {
    "#/": "Elección de prueba",
    "#/GUB": "GUBERNATURA",
    "#/GUB?ver=tabla": "GUBERNATURA",
    "#/GUB?ver=tarjetas": "GUBERNATURA",
    "#/GUB?ver=comparar": "GUBERNATURA",
    "#/GUB/001": "District 001",
    "#/GUB/001?actas=urbana": "Urban polling stations",
    "#/GUB/001/0102": "Section 0102",
    "#/GUB/001/0101/210101C0100": "Contigua 1",
    "#/historia": "History",
    "#/pantalla": "Big screen",
    "#/pantalla/GUB": "GUBERNATURA",
}


def test_in_english_names_are_marked_as_spanish(standing, open_tab):
    tab = open_tab(f"{standing.url}?idioma=en", size=DESKTOP)
    tab.locator(".status[data-state]").wait_for()
    for address, heading in IN_ENGLISH.items():
        open_route(tab, address, heading)
        tab.locator(DRAWN).first.wait_for()
        assert tab.evaluate(UNMARKED, SPANISH) == [], address


def test_in_english_what_a_search_found_and_what_can_be_checked_are_marked_too(standing, open_tab):
    tab = open_tab(f"{standing.url}?idioma=en#/mi-casilla", size=DESKTOP)
    tab.get_by_role("textbox", name="Section").fill("101")
    tab.get_by_role("button", name="Search").click()
    tab.locator(".places a", has_text="XICOTEPEC").first.wait_for()
    tab.get_by_role("button", name="Keep on this device").click()
    assert tab.evaluate(UNMARKED, SPANISH) == []
    open_route(tab, "#/comprobar/GUB", "Check")
    tab.locator("[data-check=recount] option").first.wait_for(state="attached")
    assert tab.evaluate(UNMARKED, SPANISH) == []


def test_in_spanish_nothing_needs_a_mark(standing, open_tab):
    tab = open_tab(f"{standing.url}#/GUB/001")
    tab.locator("h1", has_text="Distrito 001").wait_for()
    assert tab.locator("main [lang]").count() == 0
