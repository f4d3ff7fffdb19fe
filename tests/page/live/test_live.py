"""The page follows the pointer by itself: new cuts, silence, refusals, lies and coming back."""

import json

import pytest
from msgspec.structs import astuple

from openprep.wire.cut.ref import pack_path, where_path
from page.bench.reading import SOON, open_route, text_of, until


def _strip(tab):
    return text_of(tab, ".strip")


def test_before_the_opening_the_page_waits_calmly_and_then_shows_zero(living, open_tab):
    # The centre places the page before the first cut; here the built one is served as it is.
    living.night.tree.flip(0, {"index.html": living.night.page.index.encode()})
    for name, data in living.night.page.assets.items():
        living.night.tree.place(name, data)
    tab = open_tab(living.url, complaining=False)
    tab.locator("h1", has_text="Todavía no hay resultados").wait_for()
    living.night.to(0)
    tab.evaluate(SOON)
    tab.locator("h1", has_text="Elección de prueba").wait_for()
    assert "Corte 0" in _strip(tab)
    assert "apertura en ceros" in _strip(tab)
    assert "0.0000 % 0 de 11" in text_of(tab)


def test_a_new_cut_appears_without_reloading(living, open_tab):
    living.night.to(1)
    tab = open_tab(f"{living.url}#/GUB/002/0202")
    tab.locator("h1", has_text="Sección 0202").wait_for()
    tab.evaluate("window.untouched = true")
    assert "Aún no capturada" in text_of(tab)
    living.night.next_cut()
    tab.evaluate(SOON)
    tab.locator(".cut", has_text="Corte 2").wait_for()
    assert "Contabilizada" in text_of(tab, ".actas")
    assert "421" in text_of(tab, ".actas")
    assert tab.evaluate("window.untouched") is True


def test_a_new_cut_is_found_by_the_pages_own_polling(living, open_tab):
    living.night.to(1)
    tab = open_tab("about:blank")
    tab.clock.install()
    tab.goto(living.url)
    tab.locator(".status[data-state=live]").wait_for()
    living.night.next_cut()
    tab.clock.run_for(7_000)
    tab.locator(".cut", has_text="Corte 2").wait_for()


def test_a_new_cut_moves_neither_focus_nor_scroll_and_is_told_politely(living, open_tab):
    living.night.to(1)
    tab = open_tab(f"{living.url}#/GUB")
    tab.locator(".areas a").last.focus()
    where = (
        "[Math.round(document.activeElement.getBoundingClientRect().top),"
        " document.activeElement.textContent]"
    )
    before = tab.evaluate(where)
    living.night.next_cut()
    tab.evaluate(SOON)
    tab.locator(".cut", has_text="Corte 2").wait_for()
    after = tab.evaluate(where)
    assert after[1] == before[1]
    assert abs(after[0] - before[0]) <= 1  # scroll anchoring works in whole pixels
    spoken = tab.locator("[aria-live=polite]").inner_text()
    assert spoken == (
        "Corte 2, 2 jun 2024, 20:30:02 (UTC-6). 11 actas capturadas y 8 contabilizadas de 11"
    )


def test_asking_again_is_conditional_and_costs_nothing(living, open_tab):
    living.night.to(1)
    tab = open_tab(living.url)
    tab.locator(".status[data-state=live]").wait_for()
    asked = len(living.answers("current.json"))
    tab.evaluate(SOON)
    tab.wait_for_function(
        "count => performance.getEntriesByName(new URL('current.json', document.baseURI).href)"
        ".length > count",
        arg=asked,
    )
    assert living.answers("current.json")[:2] == [200, 304]
    manifests = [path for path, _ in living.asked if "/cuts/" in path]
    assert len(manifests) == 1


def test_a_hidden_page_does_not_ask(living, open_tab):
    living.night.to(1)
    tab = open_tab("about:blank")
    tab.clock.install()
    tab.goto(living.url)
    tab.locator(".status[data-state=live]").wait_for()
    tab.evaluate(
        "Object.defineProperty(document, 'hidden', { get: () => window.away, configurable: true });"
        "window.away = true; document.dispatchEvent(new Event('visibilitychange'));"
    )
    tab.wait_for_load_state("networkidle")
    asked = len(living.answers("current.json"))
    tab.clock.fast_forward(120_000)
    tab.evaluate("fetch('release.json').then((answer) => answer.text())")
    until(tab, lambda: living.answers("release.json"))
    assert len(living.answers("current.json")) == asked
    living.night.next_cut()
    tab.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    tab.locator(".cut", has_text="Corte 2").wait_for()


def test_without_a_connection_the_page_says_how_old_its_figures_are(living, open_tab):
    living.night.to(1)
    tab = open_tab("about:blank", complaining=False)
    tab.clock.install()
    tab.goto(f"{living.url}#/GUB")
    tab.locator(".status[data-state=live]").wait_for()
    figures = text_of(tab, ".contenders")
    living.down = True
    tab.evaluate(SOON)
    stale = tab.locator(".stale")
    stale.wait_for()
    assert "Sin conexión desde hace menos de un minuto" in stale.inner_text()
    assert "Se muestra el corte 1, del 2 jun 2024, 20:15:01 (UTC-6)" in stale.inner_text()
    tab.clock.fast_forward(200_000)
    tab.locator(".stale", has_text="desde hace 3 min").wait_for()
    assert text_of(tab, ".contenders") == figures
    living.down = False
    living.night.next_cut()
    tab.evaluate(SOON)
    tab.locator(".cut", has_text="Corte 2").wait_for()
    stale.wait_for(state="detached")


def test_the_last_cut_says_that_it_is_the_last(living, open_tab):
    living.night.to(3)
    tab = open_tab(living.url)
    tab.locator(".status[data-state=closed]").wait_for()
    assert "último corte" in _strip(tab)
    assert "Publicación cerrada" in _strip(tab)


def test_a_drill_is_unmistakable_on_every_view(built, tmp_path, open_tab):
    from page.bench.night import Night
    from page.bench.serving import serving

    with serving(Night(tmp_path, built, drill=True).to(1)) as site:
        still = open_tab(site.url, java_script_enabled=False)
        assert "simulacro" in still.locator(".drill").inner_text().lower()
        tab = open_tab(site.url)
        tab.locator(".status[data-state]").wait_for()
        views = ("#/", "#/GUB", "#/GUB/001", "#/GUB/001/0101", "#/GUB/001/0101/210101B0100",
                 "#/GUB/fuera-de-catalogo", "#/nada")  # fmt: skip
        for address in views:
            open_route(tab, address, "")
            drill = tab.locator(".drill")
            assert "no son resultados de ninguna elección" in drill.inner_text()
            assert drill.is_visible()
        assert tab.title().startswith("SIMULACRO")


def _publish_pointer(night, **changes):
    pointer = json.loads(night.tree.read("live/current.json")) | changes
    night.tree.flip(
        night.cut + 100,
        {
            "current.json": json.dumps(pointer).encode(),
            "index.html": night.tree.read("live/index.html"),
        },
    )


def _altered(site, link, old, new):
    """Have other bytes of the same length sent of an object in a pack."""
    path, (_, offset, size) = pack_path(link.at.pack), astuple(link.at)
    data = site.night.tree.path(path).read_bytes()
    entry = data[offset : offset + size]
    assert old in entry
    altered = entry.replace(old, new)
    assert len(altered) == size
    site.instead[path] = data[:offset] + altered + data[offset + size :]


def test_an_object_that_was_altered_is_never_shown(living, open_tab):
    night = living.night.to(1)
    _altered(living, night.area("GUB").children[1].object, b'"schema":2', b'"schema":3')
    tab = open_tab(living.url, complaining=False)
    tab.locator(".status[data-state]").wait_for()
    open_route(tab, "#/GUB/001", "No se puede mostrar esta parte")
    assert "no coincide con su código de integridad" in text_of(tab)


def test_a_cut_that_cannot_be_read_leaves_the_one_before_and_says_so(living, open_tab):
    night = living.night.to(1)
    tab = open_tab(f"{living.url}#/GUB", complaining=False)
    tab.locator(".cut", has_text="Corte 1").wait_for()
    figures = text_of(tab, ".contenders")
    night.next_cut()
    night.tree.path(where_path(2)).unlink()
    tab.evaluate(SOON)
    stale = tab.locator(".stale")
    stale.wait_for()
    assert "Falta un archivo de este corte" in stale.inner_text()
    assert "Se muestra el corte 1" in stale.inner_text()
    assert "Corte 1" in _strip(tab)
    assert text_of(tab, ".contenders") == figures


def test_a_pointer_that_goes_back_is_refused(living, open_tab):
    night = living.night.to(2)
    tab = open_tab(living.url, complaining=False)
    tab.locator(".cut", has_text="Corte 2").wait_for()
    first = night.tree.read("heads/1/current.json")
    night.tree.flip(101, {"current.json": first, "index.html": night.tree.read("live/index.html")})
    tab.evaluate(SOON)
    assert "un corte anterior" in tab.locator(".stale").inner_text()
    assert "Corte 2" in _strip(tab)


@pytest.mark.parametrize("schema", [1, 3])
def test_a_format_of_the_past_or_of_the_future_is_not_guessed_at(living, open_tab, schema):
    night = living.night.to(1)
    tab = open_tab(living.url, complaining=False)
    tab.locator(".cut", has_text="Corte 1").wait_for()
    _publish_pointer(night, schema=schema)
    tab.evaluate(SOON)
    assert "un formato que esta página no conoce" in tab.locator(".stale").inner_text()


def test_a_view_that_could_not_be_fetched_comes_by_itself_when_the_network_is_back(
    living, open_tab
):
    living.night.to(1)
    tab = open_tab(living.url, complaining=False)
    tab.locator(".status[data-state=live]").wait_for()
    tab.context.set_offline(True)
    tab.evaluate("location.hash = '#/GUB/002/0202'")
    tab.locator("h1", has_text="No se puede mostrar esta parte").wait_for()
    tab.context.set_offline(False)
    tab.evaluate(SOON)
    tab.locator("h1", has_text="Sección 0202").wait_for()


def _garbled(name):
    return lambda site: site.night.tree.path(name).write_bytes(b"<html>hola</html>")


def _of_an_older_cut(site):
    tree = site.night.tree
    first = tree.path("cuts/0.json").read_bytes()
    tree.path("cuts/1.json").write_bytes(first)


HOSTILE = {
    "a pointer that is no JSON": (
        lambda site: site.night.tree.flip(101, {"current.json": b"{", "index.html": b""}),
        "un formato que esta página no conoce",
    ),
    "a pointer whose manifest has another digest": (
        lambda site: _publish_pointer(site.night, manifest={"sha256": "ab" * 32, "size": 9}),
        "no coincide con su código de integridad",
    ),
    "a pointer to a cut that is not there": (
        lambda site: _publish_pointer(site.night, cut=7),
        "Falta un archivo de este corte",
    ),
    "a manifest that is no JSON": (
        _garbled("cuts/1.json"),
        "no coincide con su código de integridad",
    ),
    "the manifest of an older cut under this one's name": (
        _of_an_older_cut,
        "no coincide con su código de integridad",
    ),
    "a manifest that is gone": (
        lambda site: site.night.tree.path("cuts/1.json").unlink(),
        "Falta un archivo de este corte",
    ),
    "a description that is no JSON": (
        lambda site: site.instead.update({site.night.manifest.description.path: b"{"}),
        "no coincide con su código de integridad",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_tree_is_told_plainly_and_gives_no_figure(living, open_tab, name):
    night = living.night.to(1)
    index = night.page.index.encode()
    hostile, words = HOSTILE[name]
    hostile(living)
    (night.tree.path("live").resolve() / "index.html").write_bytes(index)
    tab = open_tab(f"{living.url}#/GUB", complaining=False)
    tab.locator("h1", has_text="No se puede mostrar esta parte").wait_for()
    text = text_of(tab, "main")
    assert words in text
    assert "La página lo intenta de nuevo" in text
    assert tab.locator("[data-figure], .contender, .number").count() == 0
