"""A person or a place is shut out by two others: at once, for good, and until two let them in."""

import asyncio

import pytest

from capture.walking import pseudonym
from desks.small_house import OPENED, image_of, reading, steps_of
from desks.web.room import SmallRoom, all_of, browsing
from openprep.capture.acts import HouseAct, LetIn, ShutOut, Who
from openprep.capture.steps import ActaCaptured
from openprep.desks.codes import DeskCode
from openprep.desks.house import NotSealed
from openprep.record.codes import RecordCode, RecordTrouble

TWO = ("by", "session", "agreed_by", "agreed_session", "at")
PERSON = "/sesiones/fuera-persona"
PLACE = "/sesiones/fuera-lugar"
LET_IN = "/sesiones/readmitir"


@pytest.fixture
def room(tmp_path):
    room = SmallRoom(tmp_path)
    yield room
    room.close()


async def signed_in(browser, name, role="capturista", place="CCV1"):
    who = browser()
    await who.sign_in(name, place, role)
    return who


@pytest.fixture
async def browser(room):
    async with browsing(room) as browser:
        yield browser


@pytest.fixture
async def jose(browser):
    return await signed_in(browser, "jose", "coordinador", "D01")


@pytest.fixture
async def hugo(browser):
    return await signed_in(browser, "hugo", "cotejador", "COTEJO")


async def ask(who, path, **form):
    page = await who.get("/sesiones")
    return await who.post(path, {"ficha": page.hidden("ficha"), **form})


async def agree(who):
    page = await who.get("/sesiones")
    form = {"ficha": page.hidden("ficha"), "acuerdo": page.hidden("acuerdo")}
    return await who.post("/sesiones/acordar", form)


def acts(room):
    found = (fact for _, fact, _ in room.small.journal)
    return [fact for fact in found if isinstance(fact, HouseAct)][1:]


def captured(room):
    return [step.by for step in room.small.steps if isinstance(step, ActaCaptured)]


async def test_a_person_is_out_in_every_role_and_place_at_once(room, browser, jose, hugo):
    await room.digitised("A0")
    ana = await signed_in(browser, "ana")
    other = await signed_in(browser, "ana", "verificador", "CCV2")
    await ana.get("/captura")
    await ask(jose, PERSON, usuario=" ANA ")
    assert (await ana.ask("GET", "/captura")).status == 200, "one alone shuts nobody out"
    page = await agree(hugo)
    for one in (ana, other):
        assert (await one.ask("GET", "/")).header("Location") == "/entrar"
    assert room.small.house.floor.at_work().total() == 0, "what was lent is given back"
    assert "K330" in (await signed_in(browser, "ana")).seen[-1].text
    (act,) = acts(room)
    assert isinstance(act, ShutOut)
    assert (act.who, act.which) == (Who.PERSON, pseudonym("ana"))
    assert (act.by, act.agreed_by) == (pseudonym("jose"), pseudonym("hugo"))
    assert "ana" in page.text
    assert pseudonym("ana") not in page.text, "a page has sign-in names only"


async def test_a_place_is_out_with_all_its_people_and_seals_nothing_more(room, browser, jose, hugo):
    await room.digitised("A0", "A1")
    ana = await signed_in(browser, "ana")
    beto = await signed_in(browser, "beto", place="CCV2")
    page = await ana.get("/captura")
    await ask(jose, PLACE, lugar="CCV1")
    await agree(hugo)
    got = await ana.send("/captura", {**all_of(page), "boleto": page.hidden("boleto")})
    assert got.status == 403
    form = {"ficha": page.hidden("ficha"), "boleto": page.hidden("boleto"), **all_of(page)}
    assert (await ana.send("/captura", form)).header("Location") == "/entrar?otra-vez"
    own = await beto.get("/captura")
    await beto.save(own, all_of(own))
    step = steps_of("A0").capture("carla", reading(), image_of("A0"))
    with pytest.raises(NotSealed) as refusal:
        await room.small.take(step, "CCV1")
    assert refusal.value.code is DeskCode.SHUT_OUT
    assert captured(room) == [pseudonym("beto")]


async def test_what_a_person_typed_who_was_shut_out_is_kept_and_never_sealed(
    room, browser, jose, hugo
):
    await room.digitised("A0")
    ana = await signed_in(browser, "ana")
    page = await ana.get("/captura")
    await ask(jose, PERSON, usuario="ana")
    await agree(hugo)
    await ana.save(page, all_of(page))
    assert not captured(room)
    room.restart()
    async with browsing(room) as again:
        assert not captured(room)
        jose, hugo = (
            await signed_in(again, "jose", "coordinador", "D01"),
            await signed_in(again, "hugo", "cotejador", "COTEJO"),
        )
        quien = (await jose.get("/sesiones")).hidden("quien")
        await ask(jose, LET_IN, quien=quien)
        await agree(hugo)
        ana = await signed_in(again, "ana")
        assert (await ana.get("/captura")).fields == all_of(page)
        assert not captured(room), "it waits for its person's own hand"
    assert [type(act) for act in acts(room)] == [ShutOut, LetIn]


async def test_what_was_confirmed_at_a_place_that_was_shut_out_since_is_not_sealed_by_a_restart(
    room, browser, jose, hugo, monkeypatch
):
    await room.digitised("A0")
    ana = await signed_in(browser, "ana")
    page = await ana.get("/captura")

    def refuse(*_):
        raise RecordTrouble(RecordCode.DISK_FAILED, "{path}", path="x")

    with monkeypatch.context() as patched:
        patched.setattr(room.small.journal, "seal", refuse)
        await ana.save(page, all_of(page))
    await ask(jose, PLACE, lugar="CCV1")
    await agree(hugo)
    room.restart()
    async with browsing(room):
        assert not captured(room)
        (kept,) = room.drafts.of(pseudonym("ana"))
        assert kept.draft.fields == all_of(page)


async def test_a_step_that_waits_while_its_place_is_shut_out_is_not_sealed_after_it(room, browser):
    """Nothing of the place stands in the journal after the act that shut it out."""
    await room.digitised("A0")
    step = steps_of("A0").capture("ana", reading(), image_of("A0"))
    house = room.small.house
    said = {name: getattr(OPENED, name) for name in TWO}
    act = ShutOut(**said, who=Who.PLACE, which="CCV1")
    shutting = asyncio.create_task(house.act("D01", act))
    await asyncio.sleep(0)
    with pytest.raises(NotSealed):
        await room.small.take(step, "CCV1")
    await shutting
    assert not captured(room)


@pytest.mark.parametrize(
    ("path", "form"), [(PERSON, {"usuario": "jose"}), (PLACE, {"lugar": "D01"})]
)
async def test_nobody_shuts_out_themselves_nor_their_place(room, jose, path, form):
    told = await ask(jose, path, **form)
    assert (told.status, "no queda fuera por eso" in told.text) == (422, True)
    assert not acts(room)
    assert "/sesiones/retirar" not in (await jose.get("/sesiones")).text


async def test_who_is_to_be_shut_out_does_not_agree_to_it(room, browser, jose, hugo):
    """Nor does whoever works at the place that it is about."""
    for path, form in ((PERSON, {"usuario": "hugo"}), (PLACE, {"lugar": "COTEJO"})):
        await ask(jose, path, **form)
        assert (await agree(hugo)).status == 422
    assert not acts(room)


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        (PERSON, {"usuario": "nadie"}, 422),
        (PERSON, {}, 422),
        (PLACE, {"lugar": "D99"}, 400),
        (LET_IN, {"quien": "0" * 64}, 400),
    ],
)
async def test_who_is_not_there_is_not_shut_out_or_let_in(room, jose, path, form, status):
    assert (await ask(jose, path, **form)).status == status
    assert not acts(room)


async def test_where_the_journal_s_disk_is_full_they_are_out_all_the_same_and_it_is_told(
    room, browser, jose, hugo, monkeypatch
):
    def refuse(*_):
        raise RecordTrouble(RecordCode.DISK_FULL, "{path}", path="journal")

    ana = await signed_in(browser, "ana")
    await ask(jose, PERSON, usuario="ana")
    with monkeypatch.context() as patched:
        patched.setattr(room.small.journal, "seal", refuse)
        assert (await agree(hugo)).status == 503
    assert (await ana.ask("GET", "/captura")).header("Location") == "/entrar"
