"""Two people end a third one's session: at once, and never one of them alone."""

import re

import pytest

from desks.web.room import SmallRoom, browsing


@pytest.fixture
def room(tmp_path):
    room = SmallRoom(tmp_path)
    yield room
    room.close()


async def signed_in(browser, name, role, place="D01"):
    who = browser()
    await who.sign_in(name, place, role)
    return who


async def asked_to_end(jose, name):
    page = await jose.get("/sesiones")
    row = re.search(rf">{name}</th>.*?name=\"sesion\" value=\"(\w+)\"", page.text, re.DOTALL)
    return await jose.post("/sesiones/pedir", {"ficha": page.hidden("ficha"), "sesion": row[1]})


async def agreed(who):
    page = await who.get("/sesiones")
    form = {"ficha": page.hidden("ficha"), "acuerdo": page.hidden("acuerdo")}
    return await who.post("/sesiones/acordar", form)


async def test_a_session_is_over_at_once_when_a_second_person_agrees(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = await signed_in(browser, "ana", "capturista", "CCV1")
        jose = await signed_in(browser, "jose", "coordinador")
        hugo = await signed_in(browser, "hugo", "cotejador", "COTEJO")
        assert (await ana.ask("GET", "/captura")).status == 200
        await asked_to_end(jose, "ana")
        assert (await ana.ask("GET", "/captura")).status == 200, "one alone ends nothing"
        await agreed(hugo)
        assert (await ana.ask("GET", "/captura")).status == 303
        assert room.small.house.floor.at_work().total() == 0, "what was lent is given back"


async def test_who_asks_does_not_agree(room):
    async with browsing(room) as browser:
        ana = await signed_in(browser, "ana", "capturista", "CCV1")
        jose = await signed_in(browser, "jose", "coordinador")
        await asked_to_end(jose, "ana")
        told = await agreed(jose)
        assert (told.status, "Quien lo pide no lo acuerda" in told.text) == (422, True)
        assert (await ana.ask("GET", "/captura")).status == 200


async def test_the_same_person_in_another_session_is_no_second_person(room):
    async with browsing(room) as browser:
        await signed_in(browser, "ana", "capturista", "CCV1")
        jose = await signed_in(browser, "jose", "coordinador")
        again = await signed_in(browser, "jose", "cotejador", "COTEJO")
        await asked_to_end(jose, "ana")
        page = await again.get("/sesiones")
        assert "/sesiones/acordar" not in page.text
        assert (await agreed(again)).status == 422


async def test_what_was_withdrawn_is_not_agreed_to(room):
    async with browsing(room) as browser:
        ana = await signed_in(browser, "ana", "capturista", "CCV1")
        jose = await signed_in(browser, "jose", "coordinador")
        hugo = await signed_in(browser, "hugo", "cotejador", "COTEJO")
        asked = await asked_to_end(jose, "ana")
        form = {"ficha": asked.hidden("ficha"), "acuerdo": asked.hidden("acuerdo")}
        seen = await hugo.get("/sesiones")
        await jose.post("/sesiones/retirar", form)
        told = await hugo.post("/sesiones/acordar", {**form, "ficha": seen.hidden("ficha")})
        assert "Ya nadie lo pide" in told.text
        assert (await ana.ask("GET", "/captura")).status == 200


@pytest.mark.parametrize("role", ["capturista", "verificador", "digitalizador", "acopiador"])
async def test_nobody_else_sees_who_is_signed_in(room, role):
    async with browsing(room) as browser:
        who = await signed_in(browser, "ana", role, "CCV1")
        assert (await who.get("/sesiones")).status == 404


async def test_a_cotejador_agrees_and_does_not_ask(room):
    async with browsing(room) as browser:
        hugo = await signed_in(browser, "hugo", "cotejador", "COTEJO")
        page = await hugo.get("/sesiones")
        assert "/sesiones/pedir" not in page.text
        form = {"ficha": page.hidden("ficha"), "sesion": "0" * 32}
        assert (await hugo.post("/sesiones/pedir", form)).status == 404
