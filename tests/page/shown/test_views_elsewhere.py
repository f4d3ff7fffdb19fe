"""The page in other people's pages, on a mirror of its own name, without a network; on paper."""

import json
import re

import pytest

from openprep.wire.cut.ref import pack_path
from page.bench.night import Night
from page.bench.reading import catch, range_of, share, squeeze, text_of, until
from page.bench.serving import PREFIX, serving

FRAME = {
    "name": "Diario de Prueba",
    "ink": "#ffffff",
    "paper": "#003366",
    "links": [{"text": "Portada", "href": "https://diario.example/"}],
}


def elsewhere(open_tab, html, **options):
    """A page of another origin with ``html`` in it."""
    tab = open_tab("about:blank", **options)
    tab.route(
        "https://newsroom.example/",
        lambda route: route.fulfill(
            body=f"<!doctype html><title>x</title><link rel=icon href='data:,'>{html}",
            content_type="text/html; charset=utf-8",
        ),
    )
    tab.goto("https://newsroom.example/")
    return tab


def component(site, attributes):
    source = f'<script type="module" src="{site.url}openprep-results.js"></script>'
    return f"{source}<openprep-results {attributes}></openprep-results>"


def inside(tab):
    tab.wait_for_function(
        "document.querySelector('openprep-results').shadowRoot.querySelector('li')"
    )
    return squeeze(
        tab.evaluate("document.querySelector('openprep-results').shadowRoot.textContent")
    )


def test_a_newsroom_s_page_shows_a_contest_live(living, open_tab):
    living.night.to(1)
    tab = elsewhere(open_tab, component(living, 'contest="GUB"'))
    contest = living.night.manifest.contests[0]
    words = inside(tab)
    for candidacy in contest.votes.candidacies:
        assert share(candidacy.share) in words
    assert "Resultados preliminares, sin efectos jurídicos" in words
    living.night.to(2)
    tab.wait_for_function(
        "document.querySelector('openprep-results').shadowRoot.textContent.includes('Corte 2')",
        timeout=20_000,
    )


def test_the_component_shows_an_area_in_english(standing, open_tab):
    tab = elsewhere(open_tab, component(standing, 'contest="GUB" area="001" lang="en" most="2"'))
    words = inside(tab)
    assert "XICOTEPEC DE JUÁREZ" in words
    assert "Preliminary results, without legal effect" in words
    assert (
        tab.evaluate(
            "document.querySelector('openprep-results').shadowRoot.querySelectorAll('li').length"
        )
        == 2
    )


def test_a_portal_s_answers_are_gone_from_the_component_with_the_portal(living, open_tab):
    living.night.to(1)
    living.portal = re.compile("^(objects|cuts)/")
    tab = elsewhere(open_tab, component(living, 'contest="GUB" area="001"'), complaining=False)
    noted(tab, "No se pueden mostrar los resultados")
    living.portal = None
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert "XICOTEPEC DE JUÁREZ" in inside(tab)


def test_after_a_rehearsal_at_the_same_address_the_component_shows_the_night(
    built, tmp_path, open_tab
):
    with serving(Night(tmp_path / "rehearsal", built, drill=True).to(2)) as site:
        tab = elsewhere(open_tab, component(site, 'contest="GUB" area="001"'))
        assert "SIMULACRO" in inside(tab)
        site.night = Night(tmp_path / "night", built).to(1)
        tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        noted(tab, "Corte 1")
        assert "SIMULACRO" not in inside(tab)


def noted(tab, words):
    tab.wait_for_function(
        "words => document.querySelector('openprep-results').shadowRoot?.textContent"
        ".includes(words)",
        arg=words,
    )
    return tab.evaluate("document.querySelector('openprep-results').shadowRoot.querySelector('li')")


def test_the_component_shows_no_other_contest_than_was_asked_for(standing, open_tab):
    tab = elsewhere(open_tab, component(standing, 'contest="GOB"'))
    assert noted(tab, "No hay ninguna elección «GOB»") is None
    assert noted(tab, "Las que hay: GUB, AYUN.") is None
    tab.evaluate("document.querySelector('openprep-results').setAttribute('contest', 'GUB')")
    assert "GUBERNATURA" in inside(tab)
    tab.evaluate("document.querySelector('openprep-results').setAttribute('contest', 'AYU')")
    assert noted(tab, "No hay ninguna elección «AYU»") is None


def test_an_answer_that_comes_late_takes_the_place_of_nothing_that_was_asked_for_since(
    standing, open_tab
):
    contests = standing.night.manifest.contests
    (area,) = (child.object for child in standing.night.area("GUB").children if child.path == "001")
    tab = elsewhere(open_tab, component(standing, 'contest="GUB"'))
    assert "GUBERNATURA" in inside(tab)
    held, come = [], []
    catch(tab, area, held.append)
    tab.on("requestfinished", lambda request: come.append(request.headers.get("range")))
    with tab.expect_request(lambda request: request.headers.get("range") == range_of(area)):
        ask_for(tab, area="001")
    ask_for(tab, area="", contest="AYUN")
    noted(tab, contests[1].title)
    tab.evaluate(
        """() => {
            const digest = crypto.subtle.digest.bind(crypto.subtle);
            window.compared = 0;
            crypto.subtle.digest = (...wanted) =>
                digest(...wanted).finally(() => { window.compared += 1; });
        }"""
    )
    for route in held:
        route.continue_()
    until(tab, lambda: range_of(area) in come)
    tab.wait_for_function("window.compared === 2")  # a later task: by then it is drawn, or not
    assert contests[1].title in inside(tab)


def test_a_component_that_was_taken_out_asks_for_nothing_more(standing, open_tab):
    tab = elsewhere(open_tab, component(standing, 'contest="GUB"'), complaining=False)
    inside(tab)
    tab.evaluate(
        """() => {
            const ask = window.fetch;
            window.failures = 0;
            window.fetch = (...wanted) =>
                ask(...wanted).catch((error) => { window.failures += 1; throw error; });
        }"""
    )
    held = held_at(tab, "**/current.json")
    ask_for(tab, area="001")
    until(tab, lambda: len(held) == 1)
    tab.evaluate(
        """() => {
            const later = window.setTimeout;
            window.later = [];
            window.setTimeout = (work, after) => { window.later.push(after); later(work, after); };
            document.querySelector('openprep-results').remove();
        }"""
    )
    held[0].abort()
    tab.wait_for_function("window.failures === 1")  # a later task than whatever it leads to
    assert tab.evaluate("window.later") == []


def held_at(tab, pattern):
    """Requests that are held from now on: a list that grows."""
    held = []

    def hold(route):
        held.append(route)

    tab.route(pattern, hold)
    return held


def ask_for(tab, **attributes):
    tab.evaluate(
        "attributes => Object.entries(attributes).forEach(([name, value]) =>"
        " document.querySelector('openprep-results').setAttribute(name, value))",
        attributes,
    )


@pytest.mark.parametrize("area", ["999", "001/0999", "001/0101/0101", "/001", "001/0101-0102"])
def test_the_component_says_which_area_is_not_there(standing, open_tab, area):
    tab = elsewhere(open_tab, component(standing, f'contest="GUB" area="{area}"'))
    assert noted(tab, f"No hay ningún lugar «{area}» en GUB.") is None


def test_the_component_shows_a_section_as_addresses_name_it(standing, open_tab):
    tab = elsewhere(open_tab, component(standing, 'contest="GUB" area="001/0101"'))
    assert "GUBERNATURA · Sección 0101" in inside(tab)


def test_the_component_tells_the_cut_s_time_with_its_zone_and_that_it_is_the_last(living, open_tab):
    living.night.to(3)
    tab = elsewhere(open_tab, component(living, 'contest="GUB" area="001"'))
    assert "Corte 3 · 2 jun 2024, 20:45:03 (UTC-6) · último corte · Ver todo" in inside(tab)
    link = tab.evaluate(
        "document.querySelector('openprep-results').shadowRoot.querySelector('a').href"
    )
    assert link == f"{living.url}GUB.html#/GUB/001"


def test_the_component_never_shows_what_is_not_the_digest_s(living, open_tab):
    living.night.to(1)
    root = living.night.reading.root("GUB")
    path = living.night.tree.path(pack_path(root.at.pack))
    path.write_bytes(path.read_bytes().replace(b'"columns"', b'"colunms"'))
    tab = elsewhere(open_tab, component(living, 'contest="GUB" area="001"'), complaining=False)
    tab.wait_for_function(
        "document.querySelector('openprep-results').shadowRoot?.textContent"
        ".includes('No se pueden mostrar')"
    )
    assert (
        tab.evaluate("document.querySelector('openprep-results').shadowRoot.querySelector('li')")
        is None
    )


def test_other_sites_may_frame_the_framed_page_and_no_other(standing, open_tab):
    html = f'<iframe src="{standing.url}marco.html?tema=oscuro#/GUB" title="PREP"></iframe>'
    tab = elsewhere(open_tab, html)
    framed = tab.frame_locator("iframe")
    framed.locator("h1", has_text="GUBERNATURA").wait_for()
    assert not framed.locator(".masthead").is_visible()
    assert framed.locator(".notice").is_visible()
    assert framed.locator("html").get_attribute("data-theme") == "dark"
    tab = elsewhere(open_tab, '<iframe title="PREP"></iframe>', complaining=False)
    with (
        tab.expect_console_message(lambda told: "frame-ancestors 'self'" in told.text) as told,
        tab.expect_response(standing.url) as answered,
    ):
        tab.evaluate("url => { document.querySelector('iframe').src = url }", standing.url)
    assert (answered.value.status, told.value.type) == (200, "error")
    assert not tab.frames[1].url.startswith(standing.url)


def test_a_publisher_s_own_bar(living, open_tab):
    living.night.to(1)
    beside = living.night.tree.root / "frame.json"
    beside.write_text(json.dumps(FRAME))
    try:
        tab = open_tab(living.url)
        bar = tab.locator(".publisher")
        bar.wait_for()
        assert squeeze(bar.inner_text()) == "Diario de Prueba Portada"
        assert bar.evaluate("bar => getComputedStyle(bar).backgroundColor") == "rgb(0, 51, 102)"
        assert tab.request.get(f"{living.url}frame.json").headers["cache-control"]
    finally:
        beside.write_text("{}")


@pytest.mark.parametrize("frame", ["{", "[]", json.dumps({"name": "x" * 32_768})])
def test_a_frame_that_is_none_leaves_the_page_as_it_was(living, open_tab, frame):
    living.night.to(1)
    beside = living.night.tree.root / "frame.json"
    beside.write_text(frame)
    try:
        tab = open_tab(living.url)
        with tab.expect_response("**/frame.json"):
            tab.reload()
        tab.locator(".status[data-state]").wait_for()
        assert tab.locator(".publisher").count() == 0
    finally:
        beside.write_text("{}")


def test_offline_it_shows_the_last_cut_and_says_that_it_is_old(living, open_tab):
    living.night.to(1)
    tab = open_tab(living.url, complaining=False, service_workers="allow")
    tab.evaluate("navigator.serviceWorker.ready.then(() => true)")
    tab.reload()
    tab.locator(".status[data-state=live]").wait_for()
    tab.evaluate("location.hash = '#/GUB'")
    tab.locator("h1", has_text="GUBERNATURA").wait_for()
    tab.evaluate("location.hash = '#/'")
    living.down = True
    tab.reload()
    tab.locator(".stale", has_text="Se muestra el corte 1").wait_for()
    assert tab.locator(".status").get_attribute("data-state") == "failing"
    contest = living.night.manifest.contests[0]
    assert share(contest.summary.captured_share) in text_of(tab)
    living.night.to(2)
    living.down = False
    tab.evaluate("dispatchEvent(new Event('online'))")
    tab.locator(".strip", has_text="Corte 2").wait_for()


def test_it_can_be_installed(standing, open_tab):
    tab = open_tab(standing.url)
    href = tab.locator("link[rel=manifest]").get_attribute("href")
    found = tab.request.get(standing.url + href[2:])
    manifest = found.json()
    assert found.headers["content-type"] == "application/manifest+json"
    icon = tab.request.get(f"{standing.url}assets/{manifest['icons'][0]['src']}")
    assert icon.status == 200
    assert manifest["start_url"] == "../"
    assert standing.url.endswith(PREFIX)
