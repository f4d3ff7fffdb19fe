"""The lesson: the same form before made images, told side by side, and nothing of it is kept."""

import re

import pytest

from desks.web.room import SmallRoom, all_of, browsing, form_of
from openprep.capture.asked import asked_of
from openprep.capture.hints import hints_of
from openprep.capture.steps import HintCode
from openprep.desks.figures import key_of
from openprep.desks.lesson import Teaches, lesson_of
from openprep.election import FieldState
from openprep.people.roles import Role
from transmission.small_center import ELECTION


@pytest.fixture(scope="module")
def exercises():
    return lesson_of(ELECTION)


@pytest.fixture
def room(tmp_path):
    room = SmallRoom(tmp_path)
    yield room
    room.close()


def asked(exercise):
    expected = ELECTION.expected[exercise.contest][exercise.acta]
    return asked_of(ELECTION.contests[exercise.contest], expected)


def typed(exercise, **otherwise):
    """What somebody types who copies what is there."""
    there = dict(exercise.truth.fields())
    return {name: key_of(there[name]) for name in asked(exercise).fields} | otherwise


async def practise(one, page, exercise, **otherwise):
    return await one.post("/practica", form_of(page) | typed(exercise, **otherwise))


async def next_one(one, page):
    return await one.post("/practica/siguiente", {"ficha": page.hidden("ficha")})


def test_the_actas_teach_figures_and_zeros_then_signs_then_sending_back_and_copying(exercises):
    figures, signs, unreadable, copying = exercises
    kinds = [one.teaches for one in exercises]
    assert kinds == list(Teaches)
    assert [one.number for one in exercises] == [1, 2, 3, 3]
    assert 0 in figures.truth.votes
    assert not hints(figures)
    assert {FieldState.ILEGIBLE, FieldState.SIN_DATO} <= set(signs.truth.votes)
    assert not hints(signs)
    assert unreadable.truth is None
    assert [hint.code for hint in hints(copying)] == [HintCode.TOTAL_OTHERWISE]
    assert all(len(one.image) <= 200_000 for one in exercises)


def hints(exercise):
    expected = ELECTION.expected[exercise.contest][exercise.acta]
    return hints_of(exercise.truth, expected, ELECTION.rules)


def test_the_lesson_is_the_same_for_the_same_election(exercises):
    assert lesson_of(ELECTION) == exercises


async def test_a_lesson_is_done_to_its_end_and_nothing_of_it_is_in_the_house(room, exercises):
    figures, signs, _, copying = exercises
    await room.digitised("A0", "A1")
    before = list(room.small.journal)
    async with browsing(room) as browser:
        ana = browser()
        home = await ana.sign_in("ana")
        assert "/practica" in home.text
        page = await ana.get("/practica")
        assert "Acta 1 de 3" in page.text
        image = await ana.get(re.search(r'src="(/practica/imagen/[^"]+)"', page.text)[1])
        assert image.body == figures.image
        room.small.seconds += 95
        told = await practise(ana, page, figures, teclas="40")
        assert "Todos los campos son como en el acta" in told.text
        assert "Tiempo: 1:35" in told.text
        assert "Teclas en el formulario: 40" in told.text

        page = await next_one(ana, told)
        assert "Acta 2 de 3" in page.text
        first = asked(signs).fields
        first = next(iter(first))
        told = await practise(ana, page, signs, **{first: "7"}, teclas="30")
        assert "Campos distintos de lo que dice el acta: 1" in told.text
        assert "<td>7</td><td>*</td>" in told.text

        page = await next_one(ana, told)
        form = {name: page.hidden(name) for name in ("ficha", "boleto")}
        told = await ana.post("/practica/otra-imagen", form | {"motivo": "ilegible"})
        assert "nadie la puede leer" in told.text

        page = await next_one(ana, told)
        asks = await practise(ana, page, copying, teclas="30")
        assert "total_otherwise" in asks.text
        form = {name: asks.hidden(name) for name in ("ficha", "boleto", "borrador")}
        told = await ana.post("/practica/confirmar", form)
        assert "Sus tres actas" in told.text
        assert "Repetir la lección" in told.text
        assert "<td>1:35</td><td>40</td><td>0</td>" in told.text
        page = await next_one(ana, told)
        assert "Acta 1 de 3" in page.text
        capture = await ana.get("/captura")
        assert capture.hidden("boleto")
    assert list(room.small.journal) == before
    assert room.drafts.confirmed() == []


async def test_a_ticket_of_the_lesson_captures_nothing_and_one_of_an_acta_is_no_lesson(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        lesson, acta = await ana.get("/practica"), await ana.get("/captura")
        for path, page in (("/captura", lesson), ("/practica", acta)):
            got = await ana.send(path, form_of(page) | all_of(page))
            assert (got.status, "K404" in got.text) == (403, True)
        of_lesson, of_acta = (
            re.search(r'src="[^"]*/imagen/([^"]+)"', page.text)[1] for page in (lesson, acta)
        )
        got = await ana.get(f"/imagen/{of_lesson}")
        assert got.status == 403
        got = await ana.get(f"/practica/imagen/{of_acta}")
        assert got.status == 403
        beto = browser()
        await beto.sign_in("beto")
        got = await beto.get(f"/practica/imagen/{of_lesson}")
        assert got.status == 403
    assert [fact for _, fact, _ in room.small.journal if "capt" in type(fact).__name__] == []


async def test_what_is_sent_twice_counts_once_and_a_restart_begins_the_lesson_anew(room, exercises):
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/practica")
        told = await practise(ana, page, exercises[0], teclas="40")
        again = await practise(ana, page, exercises[0], teclas="40")
        assert again.text == told.text
        second = await next_one(ana, told)
        assert (await next_one(ana, told)).text == second.text
        stale = await practise(ana, page, exercises[0], teclas="9")
        assert stale.text == second.text
    room.restart()
    async with browsing(room) as browser:
        url = browser().url
        ana.url, ana.session = url, browser().session
        assert "Acta 1 de 3" in (await ana.post("/practica", form_of(second))).text


async def test_guessing_at_the_unreadable_and_sending_a_readable_one_back_are_told(room, exercises):
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/practica")
        form = {name: page.hidden(name) for name in ("ficha", "boleto")}
        told = await ana.post("/practica/otra-imagen", form | {"motivo": "ilegible"})
        assert "sí se podía leer" in told.text
        page = await next_one(ana, told)
        page = await next_one(ana, await practise(ana, page, exercises[1]))
        told = await ana.post("/practica", form_of(page) | all_of(page) | {"teclas": ""})
        assert "había que pedir otra" in told.text
        assert "sin contar" in told.text, "no script counted"


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
async def test_everybody_may_practise_before_the_house_is_open(tmp_path, role):
    room = SmallRoom(tmp_path, opened=False)
    async with browsing(room) as browser:
        who = browser()
        home = await who.sign_in("ana", "CCV1", role.value)
        assert 'href="/practica"' in home.text
        assert "Acta 1 de 3" in (await who.get("/practica")).text
    room.close()


async def test_what_was_typed_when_the_session_ended_comes_back(room):
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/practica")
        first = next(iter(page.fields))
        room.people.live.clear()
        await ana.post("/practica", form_of(page) | {first: "17"})
        await ana.sign_in("ana")
        assert (await ana.get("/practica")).fields[first] == "17"
