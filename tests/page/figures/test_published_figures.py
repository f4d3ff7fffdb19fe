"""What electoral QA compares on the night: the page's text with the head of the official CSV."""

import lzma
import re
from collections.abc import Iterator

import pytest

from openprep.databases.read.preamble import Figure
from openprep.databases.read.reader import read_database
from openprep.drill.nights.puebla_2024 import LAST_FILE
from openprep.drill.nights.shipped import shipped_election
from page.bench.puebla import Puebla
from page.bench.reading import number, open_route, share, text_of
from page.bench.serving import Site, serving_mirror

SHARES = {
    Figure.CAPTURED_SHARE,
    Figure.COUNTED_SHARE,
    Figure.INCONSISTENT_SHARE,
    Figure.PARTICIPATION,
}


@pytest.fixture(scope="module")
def puebla(built, tmp_path_factory) -> Iterator[Site[Puebla]]:
    """Puebla's opening and its closing cut, as a mirror serves them."""
    night = Puebla(tmp_path_factory.mktemp("puebla"), built).relive()
    with serving_mirror(night, tmp_path_factory.mktemp("mirror")) as site:
        night.compress()
        yield site


def _official(site: Site[Puebla], contest: str) -> dict[Figure, int]:
    folder = shipped_election("puebla-2024") / "night" / LAST_FILE
    stem = site.night.declared.databases.shapes[contest].stem
    data = lzma.decompress((folder / f"{stem}.csv.xz").read_bytes())
    preamble = read_database(data).preamble
    assert preamble is not None
    return preamble.figures


def test_the_page_says_the_official_figures_as_the_official_site_writes_them(puebla, open_tab):
    tab = open_tab(puebla.url)
    tab.locator(".status[data-state=closed]").wait_for()
    still = open_tab(puebla.url, java_script_enabled=False)
    for contest in puebla.night.manifest.contests:
        figures = _official(puebla, contest.id)
        assert len(figures) == 13
        open_route(tab, f"#/{contest.id}", contest.title)
        still.goto(f"{puebla.url}{contest.id}.html")
        for figure, value in figures.items():
            written = share(value) if figure in SHARES else number(value)
            for page in (tab, still):
                found = page.locator(f"[data-figure={figure.name.lower()}]").first
                assert found.text_content() == written, f"{contest.id} {figure.value}"


def test_the_landing_needs_no_more_than_the_manifest_and_a_small_object(puebla, open_tab):
    before = len(puebla.asked)
    tab = open_tab(puebla.url)
    tab.locator(".status[data-state=closed]").wait_for()
    objects = [path for path, _ in puebla.asked[before:] if "/objects/" in path]
    assert len(objects) == 1
    assert "82.1694 %" in text_of(tab)


def test_the_first_view_weighs_less_than_50_kb_headers_included(puebla, open_tab):
    tab = open_tab("about:blank")
    devtools = tab.context.new_cdp_session(tab)
    devtools.send("Network.enable")
    weights: list[int] = []
    devtools.on(
        "Network.loadingFinished", lambda done: weights.append(int(done["encodedDataLength"]))
    )
    with tab.expect_response("**/frame.json"):
        tab.goto(puebla.url)
    tab.locator(".status[data-state=closed]").wait_for()
    assert len(weights) >= 6
    assert sum(weights) < 50_000


def test_counting_again_announces_what_it_will_fetch(puebla, open_tab):
    tab = open_tab(f"{puebla.url}#/comprobar/GUB", complaining=False)
    section = tab.locator("[data-check=recount]")
    announced = section.locator(".note", has_text="Baja alrededor de ")
    announced.wait_for()
    section.get_by_role("button", name="Volver a contar").click()
    tab.locator("[data-check=recount][data-verdict=good]").wait_for(timeout=120_000)
    fetched = _megabytes(section.locator(".note", has_text=" MB.").last.inner_text())
    assert 0.9 * fetched <= _megabytes(announced.inner_text()) <= 1.15 * fetched


def _megabytes(text: str) -> float:
    found = re.search(r"([0-9.]+) MB", text)
    assert found is not None, text
    return float(found[1])
