"""The cotejador's desk: what stands is accepted, or goes back with its reason, once."""

import re

import msgspec
import pytest

from capture.walking import pseudonym
from desks.small_house import image_of, reading, steps_of
from desks.web.room import SmallRoom, browsing
from openprep.capture.paper import Stage
from openprep.capture.steps import ActaChecked, Verdict
from openprep.record.codes import RecordCode, RecordTrouble


@pytest.fixture
async def room(tmp_path):
    room = SmallRoom(tmp_path)
    await room.digitised("A0")
    steps = steps_of("A0")
    image = image_of("A0")
    await room.small.take(steps.capture("ana", reading("A0"), image), "CCV1")
    await room.small.take(steps.capture("beto", reading("A0"), image), "CCV2")
    yield room
    room.close()


def checks(room):
    return [fact for _, fact, _ in room.small.journal if isinstance(fact, ActaChecked)]


def stage(room):
    return room.small.house.paper("AYUN", "A0").stage


async def at_paper(browser):
    hugo = browser()
    await hugo.sign_in("hugo", "COTEJO", "cotejador")
    return hugo, await hugo.get("/cotejo")


def form_of(page, **more):
    return {"ficha": page.hidden("ficha"), "boleto": page.hidden("boleto"), **more}


async def test_figures_that_are_the_paper_s_are_accepted(room):
    async with browsing(room) as browser:
        hugo, page = await at_paper(browser)
        assert "<td>3</td>" in page.text
        after = await hugo.post("/cotejo", form_of(page, fallo="accepted"))
        assert "boleto" not in after.text, "nothing waits any more"
    (step,) = checks(room)
    assert (step.verdict, step.reason, step.image) == (Verdict.ACCEPTED, None, image_of("A0"))
    assert stage(room) is Stage.ACCEPTED


async def signed_in(browser, name, role, place):
    who = browser()
    await who.sign_in(name, place, role)
    return who


async def agree(who):
    page = await who.get("/sesiones")
    form = {"ficha": page.hidden("ficha"), "acuerdo": page.hidden("acuerdo")}
    return await who.post("/sesiones/acordar", form)


@pytest.mark.parametrize(
    ("verdict", "then"), [("recapture", Stage.RECAPTURE), ("redigitise", Stage.REDIGITISE)]
)
@pytest.mark.parametrize("role", ["coordinador", "cotejador"])
async def test_what_differs_goes_back_when_a_second_person_agrees(room, verdict, then, role):
    async with browsing(room) as browser:
        hugo, page = await at_paper(browser)
        luz = await signed_in(browser, "luz", role, "D01")
        told = await hugo.post("/cotejo", form_of(page, fallo=verdict, motivo=" "))
        assert (told.status, checks(room)) == (422, [])
        assert "Falta el motivo" in told.text
        await hugo.post("/cotejo", form_of(page, fallo=verdict, motivo="dice 31 y no 37"))
        assert (checks(room), stage(room)) == ([], Stage.STANDING), "one alone sends nothing back"
        assert "boleto" not in (await hugo.get("/cotejo")).text, "they go on with the next"
        seen = await luz.get("/sesiones")
        assert "dice 31 y no 37" in seen.text
        image = re.search(r'href="(/imagen/[^"]+)"', seen.text)[1]
        assert (await luz.ask("GET", image)).header("Content-Type") == "image/jpeg"
        await agree(luz)
    (step,) = checks(room)
    assert (step.by, step.agreed_by) == (pseudonym("hugo"), pseudonym("luz"))
    assert step.session != step.agreed_session
    assert step.reason == "dice 31 y no 37"
    assert stage(room) is then
    stands = room.small.house.paper("AYUN", "A0").stands
    assert pseudonym("luz").encode() not in msgspec.json.encode(stands), "no person is published"


async def test_who_found_it_does_not_agree_to_it(room):
    async with browsing(room) as browser:
        hugo, page = await at_paper(browser)
        await hugo.post("/cotejo", form_of(page, fallo="recapture", motivo="otra cifra"))
        again = await signed_in(browser, "hugo", "coordinador", "D01")
        assert "/sesiones/acordar" not in (await again.get("/sesiones")).text
        assert (await agree(again)).status == 422
    assert not checks(room)


async def test_what_was_withdrawn_or_not_agreed_to_in_time_comes_back_with_its_words(room):
    async with browsing(room) as browser:
        hugo, page = await at_paper(browser)
        await hugo.post("/cotejo", form_of(page, fallo="recapture", motivo="dice 31"))
        own = await hugo.get("/sesiones")
        form = {"ficha": own.hidden("ficha"), "acuerdo": own.hidden("acuerdo")}
        await hugo.post("/sesiones/retirar", form)
        back = await hugo.get("/cotejo")
        assert 'value="dice 31"' in back.text
        assert 'value="recapture" required checked' in back.text
        await hugo.post("/cotejo", form_of(back, fallo="accepted"))
    assert [step.verdict for step in checks(room)] == [Verdict.ACCEPTED]


async def test_what_a_restart_forgot_is_asked_for_again(room):
    async with browsing(room) as browser:
        hugo, page = await at_paper(browser)
        await hugo.post("/cotejo", form_of(page, fallo="recapture", motivo="dice 31"))
    room.restart()
    async with browsing(room) as browser:
        hugo, page = await at_paper(browser)
        assert 'value="dice 31"' in page.text
        luz = await signed_in(browser, "luz", "coordinador", "D01")
        assert "dice 31" not in (await luz.get("/sesiones")).text
        await hugo.post("/cotejo", form_of(page, fallo="recapture", motivo="dice 31"))
        await agree(luz)
    assert stage(room) is Stage.RECAPTURE


async def test_what_went_back_meanwhile_does_not_go_back_again(room):
    async with browsing(room) as browser:
        hugo, page = await at_paper(browser)
        luz = await signed_in(browser, "luz", "coordinador", "D01")
        await hugo.post("/cotejo", form_of(page, fallo="recapture", motivo="otra cifra"))
        seen = await luz.get("/sesiones")
        form = {"ficha": seen.hidden("ficha"), "acuerdo": seen.hidden("acuerdo")}
        steps = steps_of("A0")
        check = steps.check(Verdict.RECAPTURE, "otra", image_of("A0"), by="dora")
        await room.small.take(check, "COTEJO")
        told = await luz.post("/sesiones/acordar", form)
        assert (told.status, "K410" in told.text) == (409, True)
        assert "boleto" not in (await hugo.get("/cotejo")).text
    assert [step.by for step in checks(room)] == [pseudonym("dora")]


async def test_no_verdict_is_preset_and_none_is_guessed(room):
    async with browsing(room) as browser:
        hugo, page = await at_paper(browser)
        assert " checked" not in page.text
        assert (await hugo.post("/cotejo", form_of(page, fallo="bien"))).status == 422
        assert (await hugo.post("/cotejo", form_of(page))).status == 422
    assert not checks(room)


@pytest.mark.parametrize("verdict", ["accepted", "recapture"])
async def test_a_double_enter_is_one_check(room, verdict):
    async with browsing(room) as browser:
        hugo, page = await at_paper(browser)
        luz = await signed_in(browser, "luz", "coordinador", "D01")
        for _ in range(2):
            await hugo.post("/cotejo", form_of(page, fallo=verdict, motivo="otra cifra"))
        if verdict == "recapture":
            await agree(luz)
            assert "acuerdo" not in (await luz.get("/sesiones")).text
            await hugo.post("/cotejo", form_of(page, fallo=verdict, motivo="otra cifra"))
    assert len(checks(room)) == 1


async def test_a_full_disk_leaves_what_was_said_on_the_page(room, monkeypatch):
    def refuse(*_):
        raise RecordTrouble(RecordCode.DISK_FULL, "{path}", path="journal")

    async with browsing(room) as browser:
        hugo, page = await at_paper(browser)
        with monkeypatch.context() as patched:
            patched.setattr(room.small.journal, "seal", refuse)
            told = await hugo.post("/cotejo", form_of(page, fallo="accepted", motivo="se ve bien"))
            assert told.status == 503
            assert 'value="se ve bien"' in told.text
            await hugo.post("/cotejo", form_of(page, fallo="recapture", motivo="otra cifra"))
            luz = await signed_in(browser, "luz", "coordinador", "D01")
            assert (await agree(luz)).status == 503
        again = await hugo.get("/cotejo")
        assert 'value="otra cifra"' in again.text
        await hugo.post("/cotejo", form_of(again, fallo="accepted"))
    assert len(checks(room)) == 1


async def test_who_captures_sees_no_figures_that_stand(room):
    async with browsing(room) as browser:
        carla = browser()
        await carla.sign_in("carla")
        assert (await carla.get("/cotejo")).status == 404
