"""Two people open and close a house: what is done before, between and after."""

import re

import pytest

from capture.walking import pseudonym
from desks.small_house import image_of, reading, steps_of
from desks.web.matrix import asked, give_session, rows_reached, said_by, typed_by
from desks.web.room import SmallRoom, all_of, browsing, form_of
from openprep.capture.acts import HouseAct, HouseClosed, HouseOpened
from openprep.capture.steps import ActaCaptured
from openprep.desks.house import Hours, NotSealed
from openprep.desks.web.routes import Open
from openprep.people.permissions import FOUR_EYES, WHILE_CLOSED, Act, allows
from openprep.people.roles import Role
from openprep.record.codes import RecordCode, RecordTrouble


@pytest.fixture
def room(tmp_path):
    room = SmallRoom(tmp_path)
    yield room
    room.close()


@pytest.fixture
def closed(tmp_path):
    room = SmallRoom(tmp_path, opened=False)
    yield room
    room.close()


@pytest.fixture
def rows(monkeypatch):
    return rows_reached(monkeypatch)


def acts(room):
    return [fact for _, fact, _ in room.small.journal if isinstance(fact, HouseAct)]


async def signed_in(browser, name, role, place="D01"):
    who = browser()
    await who.sign_in(name, place, role)
    return who


async def ask(who, path):
    page = await who.get("/sesiones")
    return await who.post(path, {"ficha": page.hidden("ficha")})


async def agree(who):
    page = await who.get("/sesiones")
    form = {"ficha": page.hidden("ficha"), "acuerdo": page.hidden("acuerdo")}
    return await who.post("/sesiones/acordar", form)


async def test_two_people_open_a_house_and_the_act_says_who_and_when(closed):
    async with browsing(closed) as browser:
        jose = await signed_in(browser, "jose", "coordinador")
        hugo = await signed_in(browser, "hugo", "cotejador", "COTEJO")
        await ask(jose, "/sesiones/abrir")
        assert closed.small.house.hours is Hours.CLOSED, "one alone opens nothing"
        assert (await agree(jose)).status == 422
        await agree(hugo)
        assert closed.small.house.hours is Hours.OPEN
    (opened,) = acts(closed)
    assert isinstance(opened, HouseOpened)
    assert (opened.by, opened.agreed_by) == (pseudonym("jose"), pseudonym("hugo"))
    assert opened.session != opened.agreed_session
    assert opened.places == tuple(sorted(closed.small.house.places))


async def test_a_house_that_is_not_open_does_nothing_for_any_role(closed, rows):
    """The whole matrix again: every route with every role that may ask for it in an open house."""
    async with browsing(closed) as browser:
        for role in Role:
            one = browser()
            await one.get("/entrar")
            give_session(one, (await closed.people.sign_in(typed_by(role))).token)
            for row in rows:
                if isinstance(row.needs, Act) and not allows(role, row.needs):
                    continue
                got = await asked(one, row)
                there = isinstance(row.needs, Open) or row.needs in WHILE_CLOSED
                assert (said_by(got) == "reached") is there, (row.method, row.path, role)
                assert there or (got.status, "K411" in got.text) == (409, True)


def test_what_there_is_in_a_closed_house_is_neither_work_nor_a_change_of_figures():
    power = FOUR_EYES - {Act.CORRECT_AFTER_PUBLICATION}
    looks = {Act.PRACTISE, Act.SEE_PROGRESS, Act.DRAW_SAMPLE, Act.CONSENT}
    assert power | looks == WHILE_CLOSED


async def test_people_come_in_before_it_opens_and_are_told(closed):
    async with browsing(closed) as browser:
        ana = browser()
        home = await ana.sign_in("ana")
        assert "La sala no está abierta" in home.text
        assert "/captura" not in home.text
        told = await ana.get("/captura")
        assert (told.status, "K411" in told.text) == (409, True)


async def test_closing_takes_two_and_what_is_being_typed_can_be_saved_for_a_while(room):
    await room.digitised("A0", "A1", "A2")
    async with browsing(room) as browser:
        ana = await signed_in(browser, "ana", "capturista", "CCV1")
        jose = await signed_in(browser, "jose", "coordinador")
        luz = await signed_in(browser, "luz", "coordinador")
        page = await ana.get("/captura")
        await ask(jose, "/sesiones/cerrar")
        assert room.small.house.hours is Hours.OPEN
        await agree(luz)
        assert room.small.house.hours is Hours.CLOSING
        ahead = await ana.save(page, all_of(page))
        assert "La sala se cerró" in ahead.text
        last = await ana.save(ahead, all_of(ahead))
        assert "No hay actas" in last.text, "nothing more is handed out"
    closing = acts(room)[-1]
    assert isinstance(closing, HouseClosed)
    assert closing.grace_seconds == room.small.house.policy.closing_grace_seconds == 600
    assert len([step for step in room.small.steps if isinstance(step, ActaCaptured)]) == 2


async def test_closing_time_that_passes_while_typing_keeps_what_was_typed(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = await signed_in(browser, "ana", "capturista", "CCV1")
        page = await ana.get("/captura")
        await room.small.close_for_work(grace_seconds=60)
        room.small.seconds += 61
        home = await ana.save(page, all_of(page))
        assert "La sala no está abierta" in home.text
        assert (await ana.get("/captura")).status == 409
    assert not [step for step in room.small.steps if isinstance(step, ActaCaptured)]
    room.restart()
    await room.small.open_for_work()
    async with browsing(room) as browser:
        ana = await signed_in(browser, "ana", "capturista", "CCV1")
        assert (await ana.get("/captura")).fields == all_of(page)
        beto = await signed_in(browser, "beto", "capturista", "CCV2")
        assert set((await beto.get("/captura")).fields.values()) == {""}, "it is nobody else's"


async def test_the_figures_under_a_hint_wait_as_they_were_when_it_closed_before_the_answer(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = await signed_in(browser, "ana", "capturista", "CCV1")
        page = await ana.get("/captura")
        wrong = all_of(page) | {"total_written": "1"}
        hints = await ana.save(page, wrong)
        await room.small.close_for_work(grace_seconds=0)
        form = {name: hints.hidden(name) for name in ("ficha", "boleto", "borrador")}
        assert "no está abierta" in (await ana.post("/captura/confirmar", form)).text
        await room.small.open_for_work()
        again = await ana.get("/captura")
        assert again.hidden("borrador") == form["borrador"]


async def test_a_step_that_was_confirmed_before_it_closed_is_sealed_after_a_kill(room, monkeypatch):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = await signed_in(browser, "ana", "capturista", "CCV1")
        page = await ana.get("/captura")

        def die(*_):
            raise RecordTrouble(RecordCode.DISK_FAILED, "{path}", path="x")

        with monkeypatch.context() as patched:
            patched.setattr(room.small.journal, "seal", die)
            assert (await ana.save(page, all_of(page))).status == 503
    await room.small.close_for_work(grace_seconds=0)
    room.restart()
    assert room.small.house.hours is Hours.CLOSED
    async with browsing(room):
        captured = [step for step in room.small.steps if isinstance(step, ActaCaptured)]
        assert [step.reading.votes[0] for step in captured] == [3]


async def test_what_somebody_asked_for_ends_with_their_session(closed):
    async with browsing(closed) as browser:
        jose = await signed_in(browser, "jose", "coordinador")
        luz = await signed_in(browser, "luz", "coordinador")
        await ask(jose, "/sesiones/abrir")
        page = await luz.get("/sesiones")
        form = {"ficha": page.hidden("ficha"), "acuerdo": page.hidden("acuerdo")}
        await jose.post("/salir", {"ficha": (await jose.get("/")).hidden("ficha")})
        assert "Ya nadie lo pide" in (await luz.post("/sesiones/acordar", form)).text
    assert not acts(closed)


async def test_opened_twice_it_is_opened_once(closed):
    async with browsing(closed) as browser:
        jose = await signed_in(browser, "jose", "coordinador")
        luz = await signed_in(browser, "luz", "coordinador")
        await ask(jose, "/sesiones/abrir")
        await ask(jose, "/sesiones/abrir")
        page = await luz.get("/sesiones")
        for named in re.findall(r'name="acuerdo" value="(\w+)"', page.text):
            form = {"ficha": page.hidden("ficha"), "acuerdo": named}
            assert (await luz.post("/sesiones/acordar", form)).status == 200
    assert len(acts(closed)) == 1


async def test_a_full_disk_opens_nothing_and_says_so(closed, monkeypatch):
    def refuse(*_):
        raise RecordTrouble(RecordCode.DISK_FULL, "{path}", path="journal")

    async with browsing(closed) as browser:
        jose = await signed_in(browser, "jose", "coordinador")
        luz = await signed_in(browser, "luz", "coordinador")
        await ask(jose, "/sesiones/abrir")
        with monkeypatch.context() as patched:
            patched.setattr(closed.small.journal, "seal", refuse)
            assert (await agree(luz)).status == 503
        assert closed.small.house.hours is Hours.CLOSED


async def test_a_draft_posted_to_a_desk_that_closed_is_no_step_of_anybody_s(room):
    """Whatever is posted after the grace: it is kept for its person, and sealed by nobody."""
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = await signed_in(browser, "ana", "capturista", "CCV1")
        page = await ana.get("/captura")
        await room.small.close_for_work(grace_seconds=0)
        form = form_of(page) | {"motivo": "ilegible"}
        assert (await ana.send("/captura/otra-imagen", form)).status == 303
        step = steps_of("A0").capture("ana", reading(), image_of("A0"))
        with pytest.raises(NotSealed):
            await room.small.take(step, "CCV1")
    assert len(room.small.steps) == 1
