"""The cotejador's desk: what stands is accepted, or goes back with its reason, once."""

import pytest

from desks.small_house import image_of, reading
from desks.web.room import SmallRoom, browsing
from openprep.capture.paper import Stage
from openprep.capture.steps import ActaChecked, Verdict
from openprep.record.codes import RecordCode, RecordTrouble


@pytest.fixture
async def room(tmp_path):
    room = SmallRoom(tmp_path)
    steps = await room.small.digitised("A0")
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


@pytest.mark.parametrize(
    ("verdict", "then"), [("recapture", Stage.RECAPTURE), ("redigitise", Stage.REDIGITISE)]
)
async def test_what_differs_goes_back_with_its_reason(room, verdict, then):
    async with browsing(room) as browser:
        hugo, page = await at_paper(browser)
        told = await hugo.post("/cotejo", form_of(page, fallo=verdict, motivo=" "))
        assert (told.status, checks(room)) == (422, [])
        assert "Falta el motivo" in told.text
        await hugo.post("/cotejo", form_of(page, fallo=verdict, motivo="dice 31 y no 37"))
    (step,) = checks(room)
    assert step.reason == "dice 31 y no 37"
    assert stage(room) is then


async def test_no_verdict_is_preset_and_none_is_guessed(room):
    async with browsing(room) as browser:
        hugo, page = await at_paper(browser)
        assert " checked" not in page.text
        assert (await hugo.post("/cotejo", form_of(page, fallo="bien"))).status == 422
        assert (await hugo.post("/cotejo", form_of(page))).status == 422
    assert not checks(room)


async def test_a_double_enter_is_one_check(room):
    async with browsing(room) as browser:
        hugo, page = await at_paper(browser)
        for _ in range(2):
            await hugo.post("/cotejo", form_of(page, fallo="recapture", motivo="otra cifra"))
    assert len(checks(room)) == 1


async def test_a_full_disk_leaves_what_was_said_on_the_page(room, monkeypatch):
    def refuse(*_):
        raise RecordTrouble(RecordCode.DISK_FULL, "{path}", path="journal")

    async with browsing(room) as browser:
        hugo, page = await at_paper(browser)
        with monkeypatch.context() as patched:
            patched.setattr(room.small.journal, "seal", refuse)
            told = await hugo.post("/cotejo", form_of(page, fallo="recapture", motivo="otra cifra"))
        assert told.status == 503
        assert 'value="otra cifra"' in told.text
        await hugo.post("/cotejo", form_of(page, fallo="recapture", motivo="otra cifra"))
    assert len(checks(room)) == 1


async def test_who_captures_sees_no_figures_that_stand(room):
    async with browsing(room) as browser:
        carla = browser()
        await carla.sign_in("carla")
        assert (await carla.get("/cotejo")).status == 404
