"""The big screen: everything on it is seen, since nobody scrolls a wall."""

import pytest

from page.bench.browser import PHONE
from page.bench.reading import open_route, text_of

WALLS = [(1920, 1080), (1280, 720), (1024, 768), (3840, 2160)]
OUTSIDE = """() => [...document.querySelectorAll(
    '.strip, .screen h1, .screen-progress, .screen-list li, .screen-list .name,'
    + ' .screen-list .figures, .screen-list .bar, .screen-foot')]
  .filter((one) => {
    const { top, bottom, left, right, height } = one.getBoundingClientRect();
    return height === 0 || top < -0.5 || left < -0.5
      || bottom > innerHeight + 0.5 || right > innerWidth + 0.5;
  }).map((one) => one.className || one.tagName)"""
OVERLAPPING = """() => [...document.querySelectorAll('.screen-list li')].filter((row) => {
    const foot = document.querySelector('.screen-foot').getBoundingClientRect();
    return row.getBoundingClientRect().bottom > foot.top + 0.5
      || [...row.querySelectorAll('.who, .figures')].some((one) =>
        one.getBoundingClientRect().top < row.getBoundingClientRect().top - 4);
  }).length"""


def _contest(site, id_):
    return next(shown for shown in site.night.manifest.contests if shown.id == id_)


@pytest.mark.parametrize("size", WALLS, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("contest", ["PRES", "SEN", "DIP_FED"])
def test_all_of_it_is_on_the_screen(nation, open_tab, contest, size):
    tab = open_tab(f"{nation.url}#/pantalla/{contest}", size=size)
    tab.locator(".screen-list li").first.wait_for()
    tab.wait_for_function("() => document.querySelector('.screen-list li').clientHeight > 40")
    assert tab.evaluate(OUTSIDE) == []
    assert tab.evaluate(OVERLAPPING) == 0
    high = "() => document.documentElement.scrollHeight"
    assert tab.evaluate(high) == size[1]
    assert "Resultados preliminares, sin efectos jurídicos. Corte" in text_of(tab, ".screen-foot")
    votes = _contest(nation, contest).votes.candidacies
    rows = tab.locator(".screen-list li").count()
    assert rows >= min(len(votes), 6)
    more = len(votes) - rows
    assert (f"y {more} candidaturas más" in text_of(tab, ".screen-foot")) == (more > 1)
    ranked = sorted((candidacy.votes for candidacy in votes), reverse=True)
    assert f"{ranked[rows - 1]:,}" in tab.locator(".screen-list li").last.inner_text()


def test_with_more_rows_than_fit_it_says_how_many_more(nation, open_tab):
    votes = _contest(nation, "DIP_FED").votes.candidacies
    tab = open_tab(f"{nation.url}#/pantalla/DIP_FED", size=(1280, 500))
    tab.locator(".screen-foot", has_text="más").wait_for()
    rows = tab.locator(".screen-list li").count()
    assert 0 < rows < len(votes)
    assert text_of(tab, ".screen-foot").startswith(f"y {len(votes) - rows} ")
    assert tab.evaluate(OUTSIDE) == []
    assert tab.evaluate(OVERLAPPING) == 0


def test_a_larger_window_shows_more_at_once(nation, open_tab):
    tab = open_tab(f"{nation.url}#/pantalla/DIP_FED", size=(1280, 500))
    tab.locator(".screen-foot", has_text="más").wait_for()
    before = tab.locator(".screen-list li").count()
    tab.set_viewport_size({"width": 1920, "height": 1080})
    tab.wait_for_function(
        "before => document.querySelectorAll('.screen-list li').length > before", arg=before
    )
    assert tab.evaluate(OUTSIDE) == []


def test_on_a_phone_every_candidacy_is_listed(nation, open_tab):
    tab = open_tab(f"{nation.url}#/pantalla/DIP_FED", size=PHONE)
    tab.locator(".screen-list li").first.wait_for()
    votes = _contest(nation, "DIP_FED").votes.candidacies
    assert tab.locator(".screen-list li").count() == len(votes)
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


# Rotation


def test_it_goes_through_all_contests_and_begins_again(nation, open_tab):
    tab = open_tab(f"{nation.url}#/pantalla?rotar=5", size=(1280, 720))
    entries = None
    for heading in ("PRESIDENCIA", "SENADUR", "DIPUTACIONES", "PRESIDENCIA"):
        tab.locator(".screen h1", has_text=heading).wait_for(timeout=40_000)
        entries = entries or tab.evaluate("history.length")
        assert tab.evaluate("history.length") == entries
        assert tab.evaluate("location.hash").endswith("?rotar=5")


def test_it_can_be_stopped(nation, open_tab):
    tab = open_tab(f"{nation.url}#/pantalla/SEN?rotar=3600", size=(1280, 720))
    tab.get_by_role("button", name="Detener la rotación").click()
    tab.get_by_role("button", name="Detener la rotación").wait_for(state="detached")
    assert tab.evaluate("location.hash") == "#/pantalla/SEN"


@pytest.mark.parametrize("said", ["0", "4", "-20", "x", "99999", "1e9", ""])
def test_no_time_that_cannot_be_turns_it(nation, open_tab, said):
    tab = open_tab(f"{nation.url}#/pantalla/SEN?rotar={said}", size=(1280, 720))
    tab.locator(".screen h1", has_text="SENADUR").wait_for()
    assert tab.get_by_role("button", name="Detener la rotación").count() == 0
    open_route(tab, "#/pantalla", "Pantalla grande")
