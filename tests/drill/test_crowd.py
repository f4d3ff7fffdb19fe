"""Simulated people: what they read on a page, what they type, and what they make of it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from drill.small_drill import FEDERAL
from openprep.capture.asked import asked_of
from openprep.clock import system_clock
from openprep.drill.crowd.browser import Browser, Pass
from openprep.drill.crowd.crowd import Crowd
from openprep.drill.crowd.district import District, DistrictOrder, make_district
from openprep.drill.crowd.eyes import CONSENTS, Capturista, choices_in
from openprep.drill.crowd.page import Page
from openprep.drill.crowd.papers import Album, Papers, exchanged
from openprep.drill.crowd.shift import Pace, Shift
from openprep.drill.demo.captured import CaptureDemo, CaptureOrder, NightIsOver
from openprep.drill.demo.folder import AnotherDrill
from openprep.drill.demo.network import Ports
from openprep.election import FieldState
from openprep.election.declared.folder import load_election
from openprep.people.roles import Role
from small.trust import new_key

FORM = """<h1>SENADURÍAS<br>Acta 030069B01003 · 0069 B 1</h1>
<form method="post" action="/captura"><input type="hidden" name="ficha" value="a&amp;b">
<input id="votes.0" name="votes.0" value="">
<input type="checkbox" name="noted" value="solo_letra">
<input type="checkbox" name="noted" value="solo_numero" checked>
<select name="medio"><option value="escaner">E</option><option value="movil">M</option></select>
<p><button name="idioma" value="en">English</button></p></form>
<table><tr><th>PAN</th><td> 12 </td></tr><tr><th>PRI</th><td>Ilegible</td></tr></table>"""


def test_a_page_is_read_as_a_browser_reads_it():
    page = Page(200, FORM)
    assert page.title == "SENADURÍAS\nActa 030069B01003 · 0069 B 1"
    assert page.cells == ["12", "Ilegible"]
    form = page.form("/captura")
    assert form.options["noted"] == ["solo_letra", "solo_numero"]
    sent = form.filled({"votes.0": "7"}, ("noted", "solo_letra"))
    assert sent == b"ficha=a%26b&votes.0=7&noted=solo_numero&medio=escaner&noted=solo_letra"
    assert page.form("/otra") is None


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    made = District(tmp_path_factory.mktemp("district") / "made")
    opens = datetime(2026, 11, 29, 22, tzinfo=UTC)
    make_district(DistrictOrder(FEDERAL, 11, 3, 1), made, opens)
    return made


@pytest.fixture(scope="module")
def shift(district):
    election = load_election(district.election)
    papers = Papers.load(district.papers)
    album = Album(district.folder / "photographs", election, new_key(), 11)
    return Shift(election, papers, album, lambda: election.window.opens, Pace(1e9), 1.0)


def test_a_district_is_an_election_whose_papers_have_what_its_forms_ask_for(district, shift):
    election = shift.election
    assert election.drill
    assert election.rules.capture_places == 2
    assert sum(paper.for_visitor for paper in shift.papers) == 1
    assert not District(district.folder.with_name(".made.partial")).folder.exists()
    for paper in shift.papers:
        if paper.is_there:
            expected = election.expected[paper.contest][paper.id]
            asked = asked_of(election.contests[paper.contest], expected)
            assert list(paper.keys) == list(asked.fields)


def test_the_same_photograph_comes_of_the_same_seed_and_is_drawn_once(district, shift):
    paper = next(paper for paper in shift.papers if paper.is_there)
    photo = shift.album.photo(paper)
    path = shift.album.path(paper)
    drawn = path.stat().st_mtime_ns
    assert shift.album.photo(paper) == photo
    assert path.stat().st_mtime_ns == drawn
    path.unlink()
    assert shift.album.photo(paper) == photo


def test_a_capturista_types_what_stands_there_but_for_one_figure_in_the_stated_part(shift):
    paper = next(paper for paper in shift.papers if paper.is_there)
    clumsy = Capturista(None, shift, Random(1))
    typed = clumsy.typed_of(paper)
    assert sum(typed[name] != paper.keys[name] for name in paper.keys) == 1
    shift.mistakes = 0.0
    assert clumsy.typed_of(paper) == paper.keys
    shift.mistakes = 1.0


def test_a_verificador_takes_the_value_on_the_image_or_says_that_it_is_neither(shift):
    paper = next(paper for paper in shift.papers if paper.is_there)
    name, right = next(iter(paper.keys.items()))
    wrong = str(int(right) + 1)
    template = '<form action="/arbitraje">{}<input name="{}" value=""></form>'
    for values, chosen in (((wrong, right), right), ((wrong, "9999"), "otra")):
        radios = "".join(
            f'<input type="radio" name="elige.{name}" value="{value}">'
            for value in (*values, "*", "otra")
        )
        form = Page(200, template.format(radios, name)).form("/arbitraje")
        made = choices_in(form, paper)
        assert made[f"elige.{name}"] == chosen
        assert (name in made) == (chosen == "otra")
        assert bool(made.get("motivo")) == (chosen == "otra")


def test_a_demo_whose_night_is_over_is_not_begun_again(tmp_path, monkeypatch):
    order = CaptureOrder(DistrictOrder(FEDERAL, 11, 3, 1), 1.0, 2, 0.1, Ports())
    folder = tmp_path / "demo"
    CaptureDemo(folder, order).prepare()
    left = sorted(path.name for path in folder.iterdir())
    later = system_clock() + timedelta(days=2)
    monkeypatch.setattr("openprep.drill.demo.captured.system_clock", lambda: later)
    with pytest.raises(NightIsOver, match="N015"):
        CaptureDemo(folder, order).prepare()
    assert sorted(path.name for path in folder.iterdir()) == left
    with pytest.raises(AnotherDrill):
        CaptureDemo(folder, replace(order, district=DistrictOrder(FEDERAL, 11, 4, 1))).prepare()


def test_figures_are_exchanged_where_there_are_two():
    assert [exchanged(value) for value in (7, 12, 345, 100)] == [7, 21, 354, 100]
    assert exchanged(FieldState.ILEGIBLE) is FieldState.ILEGIBLE


async def test_a_crowd_asks_again_where_a_house_does_not_answer_in_time(shift, monkeypatch):
    """One time-out at the door would end the work of everybody."""
    asked = []

    async def sign_in(self, one, clock):
        asked.append(one)
        if len(asked) == 1:
            raise TimeoutError

    async def get(self, path):
        asked.append(path)
        if asked.count(path) == 1:
            raise TimeoutError
        return Page(200, "")

    monkeypatch.setattr(Browser, "sign_in", sign_in)
    monkeypatch.setattr(Browser, "get", get)
    jose = Pass("j001", "clave", "SECRET", "CATD1", Role.COORDINADOR)
    crowd = Crowd(shift, "http://localhost", [jose], 1)
    working = asyncio.create_task(crowd.work())
    while asked.count(CONSENTS) < 3 and not working.done():
        await asyncio.sleep(0.01)
    assert not working.done()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert asked.count(jose) == 2
