"""The landing as rendered into each cut: whole without JavaScript, taken over unmoved."""

from openprep.tree.objects import AreaResults
from page.reading import number, share, text_of


def test_the_landing_reads_whole_without_javascript(standing, open_tab):
    tab = open_tab(standing.url, java_script_enabled=False)
    text = text_of(tab)
    assert "Resultados preliminares, sin efectos jurídicos" in text
    assert "Corte 1 2 jun 2024, 20:15:01 (UTC-6)" in text
    assert "Vuelva a cargar para ver cortes nuevos" in text
    for contest in standing.night.manifest.contests:
        root = standing.night.object(contest.results)
        assert isinstance(root, AreaResults)
        assert f"{share(contest.summary.captured_share)} {contest.summary.captured:,} de" in text
        assert f"{share(contest.summary.counted_share)} {contest.summary.counted:,} de" in text
        assert share(contest.summary.participation) in text
        for candidacy in root.votes.candidacies:
            assert f"{candidacy.votes:,} votos {share(candidacy.share)}" in text
        assert number(root.votes.total) in text


def test_its_units_unfold_without_javascript(standing, open_tab):
    tab = open_tab(standing.url, java_script_enabled=False)
    tab.locator("summary", has_text="2 distritos").click()
    table = text_of(tab, ".areas")
    assert "001 XICOTEPEC DE JUÁREZ 6 de 6 100.0000 % 4 de 6 66.6666 %" in table
    assert tab.locator(".areas a").first.get_attribute("href") == "#/GUB/000"


def test_names_in_the_rendered_landing_are_escaped(standing, open_tab):
    tab = open_tab(standing.url, java_script_enabled=False)
    assert "BRUNO <b>DÍAZ</b> & CÍA" in text_of(tab)


def _words(tab):
    """The landing's text apart from the one line that tells the two ways of reading apart."""
    return (
        text_of(tab)
        .replace("Vuelva a cargar para ver cortes nuevos", "")
        .replace("Se actualiza sola", "")
    )


def test_the_script_takes_over_with_the_same_words(standing, open_tab):
    still = open_tab(standing.url, java_script_enabled=False)
    live = open_tab(standing.url)
    live.locator(".status[data-state]").wait_for()
    assert _words(live) == _words(still)
    for tab in (still, live):
        for summary in tab.locator("summary").all():
            summary.click()
    assert live.locator(".areas").first.locator("tbody tr").count() == 3
    rows = [text_of(tab, ".areas tbody") for tab in (still, live)]
    names = [
        area.name
        for area in standing.night.object(standing.night.manifest.contests[0].results).children
    ]
    for name in names:
        assert all(name in text for text in rows)


def test_taking_over_moves_nothing(standing, open_tab):
    tab = open_tab("about:blank")
    tab.add_init_script(
        "window.moved = 0; new PerformanceObserver((list) => {"
        " for (const entry of list.getEntries()) window.moved += entry.value;"
        "}).observe({ type: 'layout-shift', buffered: true });"
    )
    for size in ((360, 740), (1440, 900)):
        tab.set_viewport_size({"width": size[0], "height": size[1]})
        tab.goto(standing.url)
        tab.locator(".status[data-state]").wait_for()
        tab.wait_for_function(
            "() => new Promise((done) => requestAnimationFrame(() => done(true)))"
        )
        assert tab.evaluate("window.moved") < 0.001
