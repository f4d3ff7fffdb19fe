"""One wrong answer never stays: portals, full quotas, rehearsals at the same address, evictions."""

import hashlib
import re

import pytest

from openprep.wire.cut.ref import object_path, pack_path
from page.bench.night import Night
from page.bench.reading import KEPT, range_of, text_of
from page.bench.serving import serving

SOON = "dispatchEvent(new Event('online'))"
TEXTS = """async () => {
  const all = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const one of await cache.keys()) all.push(await (await cache.match(one)).text());
  }
  return all;
}"""
"""What is kept, by its words."""
HAS = """async ([what, most]) => {
  let found = 0;
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) found += url.includes(what);
  }
  return found >= most;
}"""
"""Whether so many files with these words in their address are kept."""
BOTH_WAYS = pytest.mark.parametrize("worker", ["allow", "block"])


def _opened(open_tab, site, worker="allow", address=""):
    """A tab after a first visit, whose worker keeps the cut, the landing and the small views."""
    tab = open_tab(site.url + address, complaining=False, service_workers=worker)
    tab.locator(".status[data-state=live]").wait_for()
    if worker == "allow":
        _until(tab, "navigator.serviceWorker.controller !== null")
        for what in ("current.json", "BesideViews", "/es-", "/index-"):
            _await_kept(tab, what)
    return tab


def _await_kept(tab, what, most=1):
    _until(tab, HAS, [what, most])


def _until(tab, what, argument=None):
    for _ in range(300):
        if tab.evaluate(what, argument):
            return
        tab.wait_for_timeout(50)
    pytest.fail(f"never: {what}")


def _go(tab, address, heading):
    tab.evaluate("address => { location.hash = address }", address)
    _shows(tab, heading)


def _anew(tab, url):
    tab.goto("about:blank")
    tab.goto(url)


def _shows(tab, heading):
    tab.locator(".view[aria-busy=false] h1", has_text=heading).wait_for()


def _stands(tab, cut=1):
    tab.locator(".stale", has_text=f"Se muestra el corte {cut}").wait_for()


def _no_portal_is_kept(tab):
    assert not [text for text in tab.evaluate(TEXTS) if "Acepte las condiciones" in text]


def _placed(tree, text):
    """The path of an object of our own making: the worker asks nothing but its digest."""
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    tree.place_object(sha256, text.encode())
    return object_path(sha256)


# Without a network


def test_after_one_visit_the_landing_and_the_small_views_open_without_a_network(living, open_tab):
    living.night.to(1)
    tab = _opened(open_tab, living)
    living.down = True
    for address, heading in (
        ("#/ayuda", "Ayuda"),
        ("#/mi-casilla", "Mi casilla"),
        ("#/historia", "Historia de la noche"),
        ("#/", "Elección de prueba"),
    ):
        _anew(tab, living.url + address)
        _shows(tab, heading)
        _stands(tab)
    assert "Sin conexión desde hace menos de un minuto" in text_of(tab, ".stale")


def test_a_view_opened_before_there_was_a_worker_opens_without_a_network(living, open_tab):
    living.night.to(1)
    tab = _opened(open_tab, living, address="#/GUB/001/0101")
    _await_kept(tab, "ResultViews", 2)
    _await_kept(tab, "/packs/", 2)
    living.down = True
    _anew(tab, f"{living.url}#/GUB")
    _shows(tab, "GUBERNATURA")
    _stands(tab)


def test_a_contest_s_page_opens_without_a_network(living, open_tab):
    living.night.to(1)
    tab = _opened(open_tab, living)
    living.down = True
    # Never opened, nor its results: what there is of the contest is on the landing.
    _anew(tab, f"{living.url}GUB.html")
    _shows(tab, "Elección de prueba")
    _stands(tab)
    _anew(tab, f"{living.url}AYUN.html#/ayuda")
    _shows(tab, "Ayuda")
    living.down = False
    _anew(tab, f"{living.url}#/GUB")
    _shows(tab, "GUBERNATURA")
    living.down = True
    # Its results were seen, though not under this name.
    _anew(tab, f"{living.url}GUB.html")
    _shows(tab, "GUBERNATURA")
    living.down = False
    _anew(tab, f"{living.url}AYUN.html")
    _shows(tab, "AYUNTAMIENTOS")
    _await_kept(tab, "AYUN.html")
    living.down = True
    _anew(tab, f"{living.url}AYUN.html")
    _shows(tab, "AYUNTAMIENTOS")
    _stands(tab)


def test_420_objects_push_out_neither_the_page_nor_the_cut(living, open_tab):
    night = living.night.to(1)
    tab = _opened(open_tab, living)
    _go(tab, "#/GUB", "GUBERNATURA")
    paths = [_placed(night.tree, f'{{"n":{number}}}') for number in range(420)]
    fetching = "async (paths) => { for (const path of paths) await (await fetch(path)).text(); }"
    tab.evaluate(fetching, paths)
    _await_kept(tab, paths[-1])
    objects = [url for url in tab.evaluate(KEPT) if "/objects/" in url]
    assert 400 <= len(objects) < 420
    # The first of them went, and the one that was used again did not.
    tab.evaluate("async (path) => { await (await fetch(path)).text(); }", paths[30])
    tab.evaluate(fetching, [_placed(night.tree, '{"n":-1}')])
    living.down = True
    tab.reload()
    _shows(tab, "GUBERNATURA")
    _stands(tab)
    _go(tab, "#/ayuda", "Ayuda")


def test_who_reads_in_english_reads_on_without_a_network_and_without_its_words(living, open_tab):
    living.night.to(1)
    tab = _opened(open_tab, living)
    tab.evaluate("localStorage.setItem('openprep.language', 'en')")
    living.down = True
    tab.reload()
    _shows(tab, "Elección de prueba")
    _stands(tab)


# No room


def test_a_full_quota_takes_nothing_from_a_reader(living, open_tab):
    living.night.to(1)
    tab = _opened(open_tab, living)
    devtools = tab.context.new_cdp_session(tab)
    origin = tab.evaluate("location.origin")
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 1000})
    tab.reload()
    tab.locator(".status[data-state=live]").wait_for()
    _go(tab, "#/GUB/001", "Distrito 001")
    _go(tab, "#/ayuda", "Ayuda")
    _go(tab, "#/comprobar", "Compruébelo")
    living.night.next_cut()
    tab.evaluate(SOON)
    tab.locator(".cut", has_text="Corte 2").wait_for()


def test_caches_that_the_browser_denies_take_nothing_from_a_reader(living, open_tab):
    living.night.to(1)
    worker = living.night.tree.path("live").resolve() / "sw.js"
    denied = (
        "const no = () => Promise.reject(new Error('denied')),"
        "caches = {open: no, keys: no, match: no, delete: no}"
    )
    worker.write_bytes(denied.encode() + b";\n" + worker.read_bytes())
    for copy in worker.parent.glob("sw.js.*"):
        copy.unlink()
    tab = open_tab(living.url, complaining=False, service_workers="allow")
    _until(tab, "navigator.serviceWorker.controller !== null")
    tab.reload()
    tab.locator(".status[data-state=live]").wait_for()
    _go(tab, "#/GUB/001/0101", "Sección 0101")


# A portal on the way


@BOTH_WAYS
def test_a_portal_s_answer_for_an_object_is_gone_with_the_portal(living, open_tab, worker):
    living.night.to(1)
    tab = _opened(open_tab, living, worker)
    living.portal = re.compile("^packs/")
    _go(tab, "#/GUB/001", "No se puede mostrar esta parte")
    assert "no coincide con su código de integridad" in text_of(tab)
    assert "Corte 1" in text_of(tab, ".strip")
    living.portal = None
    tab.get_by_role("button", name="Volver a intentarlo").click()
    _shows(tab, "Distrito 001")
    _no_portal_is_kept(tab)


@BOTH_WAYS
def test_a_portal_s_answer_for_a_script_is_gone_with_the_portal(living, open_tab, worker):
    living.night.to(1)
    tab = _opened(open_tab, living, worker)
    living.portal = re.compile("^assets/")
    _go(tab, "#/GUB", "No se puede mostrar esta parte")
    living.portal = None
    tab.evaluate(SOON)
    _shows(tab, "GUBERNATURA")
    _no_portal_is_kept(tab)
    assert tab.evaluate("[...document.styleSheets].every(one => one.cssRules.length > 0)")


def test_a_portal_that_answers_for_the_first_script_leaves_the_next_visit_alone(living, open_tab):
    living.night.to(1)
    tab = _opened(open_tab, living)
    tab.evaluate("caches.keys().then(all => Promise.all(all.map(one => caches.delete(one))))")
    living.portal = re.compile("^assets/")
    _anew(tab, living.url)
    tab.locator("h1", has_text="Elección de prueba").wait_for()
    living.portal = None
    _anew(tab, living.url)
    tab.locator(".status[data-state=live]").wait_for()
    _no_portal_is_kept(tab)


def test_a_portal_s_answer_for_the_pointer_or_the_page_replaces_neither(living, open_tab):
    living.night.to(1)
    tab = _opened(open_tab, living)
    living.portal = re.compile(r"^(current\.json)?$")
    tab.evaluate(SOON)
    _stands(tab)
    # The portal itself is shown to whoever comes anew: it wants to be answered.
    again = tab.context.new_page()
    again.goto(living.url)
    assert "Acepte las condiciones" in again.content()
    _no_portal_is_kept(tab)
    living.portal, living.down = None, True
    again.goto(living.url)
    _shows(again, "Elección de prueba")
    _stands(again)


def test_a_portal_s_answer_for_a_manifest_leaves_the_cut_and_goes(living, open_tab):
    living.night.to(1)
    tab = _opened(open_tab, living)
    living.night.next_cut()
    living.portal = re.compile("^cuts/")
    tab.evaluate(SOON)
    tab.locator(".stale", has_text="no coincide con su código").wait_for()
    assert "Corte 1" in text_of(tab, ".strip")
    living.portal = None
    tab.evaluate(SOON)
    tab.locator(".cut", has_text="Corte 2").wait_for()
    _no_portal_is_kept(tab)


def test_a_portal_in_the_place_of_every_figure_leaves_the_cut_with_its_age(living, open_tab):
    living.night.to(1)
    tab = _opened(open_tab, living)
    living.portal = re.compile("^(current.json|cuts/|objects/|packs/)")
    tab.reload()
    _shows(tab, "Elección de prueba")
    _stands(tab)
    _no_portal_is_kept(tab)


@pytest.mark.parametrize("status", [403, 404, 429, 500])
def test_a_refused_pointer_leaves_the_cut_with_its_age(living, open_tab, status):
    living.night.to(1)
    tab = _opened(open_tab, living)
    living.refused = {"current.json": status}
    tab.reload()
    _shows(tab, "Elección de prueba")
    _stands(tab)


@pytest.mark.parametrize("fault", ["stalling", "endless"])
def test_an_answer_that_begins_and_is_never_whole_leaves_the_cut_with_its_age(
    living, open_tab, fault
):
    living.night.to(1)
    tab = _opened(open_tab, living)
    # The page itself, the pointer, and every figure: each begins as a good answer does.
    setattr(living, fault, re.compile(r"^(current\.json)?$|^(cuts|objects|packs)/"))
    again = tab.context.new_page()
    again.set_default_timeout(90_000)
    again.goto(living.url, wait_until="commit")
    _shows(again, "Elección de prueba")
    _stands(again)
    setattr(living, fault, None)
    again.evaluate(SOON)
    again.locator(".status[data-state=live]").wait_for()


def test_a_truncated_answer_is_not_kept_and_is_asked_for_again(living, open_tab):
    night = living.night.to(1)
    tab = _opened(open_tab, living)
    running = night.reading.description.contests[0].running.path
    landing = night.tree.read("live/index.html")
    living.instead = {running: night.tree.read(running)[:-100], "": landing[:-20]}
    _go(tab, "#/GUB", "No se puede mostrar esta parte")
    tab.context.new_page().goto(living.url)
    living.instead = {}
    tab.evaluate(SOON)
    _shows(tab, "GUBERNATURA")
    _await_kept(tab, running)
    assert landing[:-20].decode() not in tab.evaluate(TEXTS)
    living.down = True
    tab.reload()
    _shows(tab, "GUBERNATURA")


def test_what_lies_wrong_in_a_cache_is_forgotten_and_asked_for_again(living, open_tab):
    night = living.night.to(1)
    tab = _opened(open_tab, living)
    _go(tab, "#/GUB", "GUBERNATURA")
    (area,) = (child.object for child in night.area("GUB").children if child.path == "001")
    path = f"{pack_path(area.at.pack)}?{range_of(area)}"
    tab.evaluate(
        """async (path) => {
          for (const name of await caches.keys()) {
            if (name.includes(' shell ')) continue;
            await (await caches.open(name)).put(path, new Response('{"votes":"mentira"}'));
          }
        }""",
        path,
    )
    _go(tab, "#/GUB/001", "Distrito 001")
    _until(tab, f"() => ({TEXTS})().then(all => !all.some(one => one.includes('mentira')))")


def test_what_an_older_worker_kept_is_gone(living, open_tab):
    living.night.to(1)
    tab = open_tab(f"{living.url}robots.txt", complaining=False, service_workers="allow")
    tab.evaluate("caches.open('openprep-1').then(one => one.put('x.json', new Response('x')))")
    tab.goto(living.url)
    tab.wait_for_function(
        "caches.keys().then(all => all.length > 1 && !all.includes('openprep-1'))"
    )


def _check_signatures(tab):
    """What is said of the log and of the cut, without a trust root to rest on."""
    _go(tab, "#/comprobar", "Compruébelo")
    tab.get_by_role("button", name="Comprobar las firmas").click()
    tab.locator("[data-check=signature][data-verdict=bad]").wait_for()
    return text_of(tab)


# A rehearsal, or another election, at the same address


@BOTH_WAYS
@pytest.mark.parametrize("which", [{"drill": True}, {"name": "otra-2024"}])
def test_after_a_rehearsal_or_another_election_at_the_same_address_the_night_is_shown(
    built, tmp_path, open_tab, worker, which
):
    with serving(Night(tmp_path / "before", built, **which).to(2)) as site:
        tab = _opened(open_tab, site, worker)
        _go(tab, "#/GUB/001/0101", "Sección 0101")
        _go(tab, "#/corte/0/GUB", "GUBERNATURA")
        _go(tab, "#/historia", "Historia")
        _check_signatures(tab)
        site.night = Night(tmp_path / "night", built).to(1)
        _anew(tab, f"{site.url}#/GUB/001/0101")
        _shows(tab, "Sección 0101")
        assert "Corte 1" in text_of(tab, ".strip")
        assert tab.locator(".drill").count() == 0
        _go(tab, "#/corte/0/GUB", "GUBERNATURA")
        assert "no coincide" not in _check_signatures(tab)
        if worker == "allow":
            pointer = site.night.tree.read("live/current.json").decode()
            _until(tab, f"pointer => ({TEXTS})().then(all => all.includes(pointer))", pointer)
            site.down = True
            _anew(tab, site.url)
            _stands(tab)
            assert tab.locator(".drill").count() == 0


def test_a_tab_left_open_through_the_rehearsal_takes_the_night_up(built, tmp_path, open_tab):
    with serving(Night(tmp_path / "rehearsal", built, drill=True).to(2)) as site:
        tab = open_tab(site.url, complaining=False)
        tab.locator(".cut", has_text="Corte 2").wait_for()
        site.night = Night(tmp_path / "night", built).to(0)
        tab.evaluate(SOON)
        tab.locator(".cut", has_text="Corte 0").wait_for()
        assert tab.locator(".drill").count() == 0


@pytest.mark.parametrize("status", [404, 503])
def test_before_the_night_begins_a_rehearsal_is_not_shown_in_its_place(
    built, tmp_path, open_tab, status
):
    with serving(Night(tmp_path / "rehearsal", built, drill=True).to(1)) as site:
        tab = _opened(open_tab, site)
        assert "SIMULACRO" in text_of(tab, "body").upper()
        site.refused = {"": status, "current.json": status}
        tab.reload()
        assert "SIMULACRO" not in tab.content().upper()


def test_two_elections_at_one_host_leave_each_other_s_caches_alone(living, open_tab):
    living.night.to(1)
    tab = _opened(open_tab, living)
    other = "openprep https://otra/ night"
    tab.evaluate("name => caches.open(name).then(one => one.put('x', new Response('x')))", other)
    living.night.next_cut()
    tab.evaluate(SOON)
    tab.locator(".cut", has_text="Corte 2").wait_for()
    tab.reload()
    tab.locator(".status[data-state=live]").wait_for()
    assert other in tab.evaluate("caches.keys()")
