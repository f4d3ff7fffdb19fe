"""The landing as rendered into each cut: whole without JavaScript, taken over unmoved."""

from page.bench.reading import number, share, squeeze, text_of


def test_the_landing_reads_whole_without_javascript(standing, open_tab):
    tab = open_tab(standing.url, java_script_enabled=False)
    text = text_of(tab)
    assert "Resultados preliminares, sin efectos jurídicos" in text
    assert "Corte 1 2 jun 2024, 20:15:01 (UTC-6)" in text
    assert "Vuelva a cargar para ver cortes nuevos" in text
    for contest in standing.night.manifest.contests:
        root = standing.night.area(contest.id)
        assert f"{share(contest.summary.captured_share)} {contest.summary.captured:,} de" in text
        assert f"{share(contest.summary.counted_share)} {contest.summary.counted:,} de" in text
        assert share(contest.summary.participation) in text
        for candidacy in root.votes.candidacies:
            assert f"{candidacy.votes:,} votos {share(candidacy.share)}" in text
        assert number(root.votes.total) in text


def test_without_javascript_nothing_that_needs_it_is_offered(standing, open_tab):
    for page in ("", "GUB.html"):
        tab = open_tab(standing.url + page, java_script_enabled=False)
        assert tab.evaluate("matchMedia('(scripting: none)').matches")
        assert not tab.locator(".menu").is_visible()
        for link in tab.locator("a[href^='#/']").all():
            assert link.evaluate("one => getComputedStyle(one).pointerEvents") == "none"
        tab.get_by_role("link", name="el corte en palabras").click()
        tab.wait_for_url("**/texto.html")
        tab.goto(standing.url + page)
        tab.locator("a.brand").click()
        tab.wait_for_url(standing.url)


def test_a_contest_reads_whole_without_javascript(standing, open_tab):
    tab = open_tab(f"{standing.url}GUB.html", java_script_enabled=False)
    text = text_of(tab)
    root = standing.night.area("GUB")
    for candidacy in root.votes.candidacies:
        assert f"{candidacy.votes:,} votos {share(candidacy.share)}" in text
    table = text_of(tab, ".areas")
    assert "001 XICOTEPEC DE JUÁREZ 6 de 6 100.0000 % 4 de 6 66.6666 %" in table
    assert tab.locator(".areas a").first.get_attribute("href") == "#/GUB/000"


def test_every_entity_of_a_nation_reads_whole_without_javascript(nation, open_tab):
    tab = open_tab(f"{nation.url}DIP_FED.html#4/21", java_script_enabled=False)
    entity = nation.night.area("DIP_FED", "4/21")
    block = tab.locator('[id="4/21"]')
    tab.locator('[id="4/21"] summary').first.click()
    text = squeeze(block.inner_text())
    assert f"{entity.summary.lista_nominal:,}" in text
    for candidacy in sorted(entity.votes.candidacies, key=lambda candidacy: -candidacy.votes)[:3]:
        assert f"{candidacy.votes:,} votos {share(candidacy.share)}" in text
    assert tab.locator(".entity").count() == 37


def test_a_contest_s_own_page_becomes_its_address_where_scripts_run(standing, nation, open_tab):
    tab = open_tab(f"{standing.url}GUB.html")
    tab.locator(".status[data-state]").wait_for()
    assert tab.url == f"{standing.url}#/GUB"
    tab = open_tab(f"{nation.url}PRES.html#21")
    tab.locator("h1", has_text="PUEBLA").wait_for()
    assert tab.url == f"{nation.url}#/PRES/21"


def test_the_page_in_words_alone_fits_in_the_first_answer(standing, nation, open_tab):
    for site in (standing, nation):
        before = len(site.asked)
        tab = open_tab(f"{site.url}texto.html", java_script_enabled=False)
        assert len(tab.content().encode()) < 14_000
        text = text_of(tab, "body")
        for contest in site.night.manifest.contests:
            assert f"{contest.summary.captured:,} de {contest.summary.expected:,}" in text
            assert share(contest.summary.participation) in text
        assert len(site.asked[before:]) == 1


DESCRIPTION = "document.querySelector('meta[property=\"og:description\"]').content"


def test_a_link_that_is_shared_shows_the_cut_and_both_shares(standing, nation, open_tab):
    """Messengers and searchers run no script: they show the title and description as served."""
    manifest = standing.night.manifest
    tab = open_tab(standing.url, java_script_enabled=False)
    assert tab.title() == "PREP · Elección de prueba de Puebla 2024"
    said = tab.evaluate(DESCRIPTION)
    assert said.startswith("Corte 1, 2 jun 2024, 20:15:01 (UTC-6). ")
    assert said.endswith("sin efectos jurídicos.")
    for contest in manifest.contests:
        assert (
            f"{contest.title}: {share(contest.summary.captured_share)} de las actas capturadas"
            f" y {share(contest.summary.counted_share)} contabilizadas" in said
        )
    tab = open_tab(f"{nation.url}SEN.html", java_script_enabled=False)
    assert tab.title().startswith("SIMULACRO · SENADURÍAS · PREP · ")
    said = tab.evaluate(DESCRIPTION)
    assert said.startswith("SIMULACRO. Corte 1")
    assert "SENADURÍAS" in said
    assert "PRESIDENCIA" not in said


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
