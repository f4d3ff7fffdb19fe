"""The verificador's desk: only what differs, without names, and a third person's word on it."""

import re

import pytest
from msgspec.structs import replace

from capture.walking import pseudonym
from desks.small_house import image_of, reading, steps_of
from desks.web.room import SmallRoom, browsing
from openprep.capture.paper import Stage
from openprep.capture.steps import ActaArbitrated, ActaSentBack
from openprep.election import FieldState, Observation


@pytest.fixture
def room(tmp_path):
    room = SmallRoom(tmp_path)
    yield room
    room.close()


async def dispute(room, first=3, second=4, acta="A0", **noted):
    """Two captures that differ in the first two votes."""
    await room.digitised(acta)
    votes = list(reading(acta, 2).votes)
    one = replace(reading(acta, 2), votes=(first, first, *votes[2:]))
    two = replace(reading(acta, 2), votes=(second, second, *votes[2:]), **noted)
    await room.small.take(steps_of(acta).capture("ana", one, image_of(acta)), "CCV1")
    await room.small.take(steps_of(acta).capture("beto", two, image_of(acta)), "CCV2")
    assert room.small.house.paper("AYUN", acta).stage is Stage.DISPUTED


def said(room):
    return [fact for _, fact, _ in room.small.journal if isinstance(fact, ActaArbitrated)]


def radios(page):
    return re.findall(r'name="elige\.([\w.]+)" value="([^"]*)"', page.text)


async def at_desk(browser, name="dora"):
    dora = browser()
    await dora.sign_in(name, role="verificador")
    return dora, await dora.get("/arbitraje")


def form(page, **choices):
    return {"ficha": page.hidden("ficha"), "boleto": page.hidden("boleto"), **choices}


async def test_only_the_fields_that_differ_are_shown_with_their_two_values(room):
    await dispute(room)
    async with browsing(room) as browser:
        _, page = await at_desk(browser)
    assert {name for name, _ in radios(page)} == {"votes.0", "votes.1"}
    assert {value for name, value in radios(page) if name == "votes.0"} == {"3", "4", "*", "otra"}
    for hidden in ("ana", "beto", "CCV2"):
        assert hidden not in page.text.replace("ventana", "")


async def test_who_captured_the_acta_is_not_its_arbiter(room):
    await dispute(room)
    async with browsing(room) as browser:
        _, page = await at_desk(browser, "beto")
        assert "No hay actas" in page.text


async def test_the_order_of_two_values_is_not_that_of_the_captures(room):
    """Over many tickets each order comes as often as the other, field by field."""
    orders = []
    await dispute(room)
    async with browsing(room) as browser:
        for number in range(40):
            dora, page = await at_desk(browser, f"dora{number}")
            values = dict.fromkeys(["votes.0", "votes.1"])
            for name, value in radios(page):
                values[name] = values[name] or value
            orders.append(tuple(values.values()))
            room.small.house.end_work_of(pseudonym(f"dora{number}"))
            again = await dora.get("/arbitraje")
            assert radios(again) == radios(page), "a reload changes nothing"
            room.small.house.end_work_of(pseudonym(f"dora{number}"))
    assert set(orders) == {("3", "3"), ("3", "4"), ("4", "3"), ("4", "4")}


async def test_one_of_the_two_is_taken_for_each_field(room):
    await dispute(room)
    async with browsing(room) as browser:
        dora, page = await at_desk(browser)
        choices = {"elige.votes.0": "3", "elige.votes.1": "4"}
        after = await dora.post("/arbitraje", form(page, **choices))
        assert "No hay actas" in after.text
        await dora.send("/arbitraje", form(page, **choices))
    (word,) = said(room)
    assert (word.reading.votes[:3], word.reason) == ((3, 4, 2), None)
    assert room.small.house.paper("AYUN", "A0").stage is Stage.STANDING


@pytest.mark.parametrize(
    ("third", "value"), [("07", 7), ("*", FieldState.ILEGIBLE), ("-", FieldState.SIN_DATO)]
)
async def test_a_third_figure_needs_a_reason(room, third, value):
    await dispute(room)
    async with browsing(room) as browser:
        dora, page = await at_desk(browser)
        choices = {"elige.votes.0": "otra", "votes.0": third, "elige.votes.1": "4"}
        again = await dora.post("/arbitraje", form(page, **choices))
        assert "Falta el motivo" in again.text
        assert f'value="{third}"' in again.text
        assert not said(room)
        await dora.post("/arbitraje", form(again, **choices, motivo="se lee así"))
    (word,) = said(room)
    assert (word.reading.votes[:2], word.reason) == ((value, 4), "se lee así")


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"elige.votes.0": "3"},
        {"elige.votes.0": "otra", "elige.votes.1": "4"},
        {"elige.votes.0": "otra", "votes.0": "x", "elige.votes.1": "4", "motivo": "m"},
        {"elige.votes.0": "zzz", "elige.votes.1": "4"},
    ],
)
async def test_a_dispute_is_not_decided_until_every_choice_is_made(room, choices):
    await dispute(room)
    async with browsing(room) as browser:
        dora, page = await at_desk(browser)
        again = await dora.post("/arbitraje", form(page, **choices))
        assert 'class="trouble"' in again.text
        for name, chosen in choices.items():
            if chosen in ("3", "4"):
                assert re.search(rf'name="{name}" value="{chosen}" checked', again.text)
    assert not said(room)


async def test_an_observation_that_one_noted_is_decided_too(room):
    await dispute(room, 3, 3, observations=(Observation.SOLO_LETRA,))
    async with browsing(room) as browser:
        dora, page = await at_desk(browser)
        assert {name for name, _ in radios(page)} == {"solo_letra"}
        await dora.post("/arbitraje", form(page, **{"elige.solo_letra": "si"}))
    (word,) = said(room)
    assert word.reading.observations == (Observation.SOLO_LETRA,)


async def test_what_was_chosen_when_the_session_ended_comes_back(room):
    await dispute(room)
    async with browsing(room) as browser:
        dora, page = await at_desk(browser)
        room.people.live.clear()
        await dora.post("/arbitraje", form(page, **{"elige.votes.0": "3"}, motivo="motivo mío"))
        _ = await dora.sign_in("dora", role="verificador")
        back = await dora.get("/arbitraje")
        assert "motivo mío" in back.text
        assert re.search(r'name="elige.votes.0" value="3" checked', back.text)
    assert not said(room)


async def test_a_dispute_that_another_decided_meanwhile_is_told(room):
    await dispute(room)
    async with browsing(room) as browser:
        dora, page = await at_desk(browser)
        room.small.seconds += 3600
        eva, other = await at_desk(browser, "eva")
        choices = {"elige.votes.0": "3", "elige.votes.1": "3"}
        await eva.post("/arbitraje", form(other, **choices))
        late = await dora.send("/arbitraje", form(page, **choices))
        assert (late.status, "K410" in late.text) == (409, True)
    assert len(said(room)) == 1


async def test_an_image_by_which_nobody_can_tell_goes_back_with_its_reason(room):
    await dispute(room)
    async with browsing(room) as browser:
        dora, page = await at_desk(browser)
        assert 'action="/arbitraje/otra-imagen"' in page.text
        nothing = await dora.post("/arbitraje/otra-imagen", form(page, motivo="otra"))
        assert "K407" in nothing.text
        assert room.small.house.paper("AYUN", "A0").stage is Stage.DISPUTED
        back = form(page, motivo="ilegible", detalle="la mitad está en negro")
        for _ in range(2):
            assert (await dora.post("/arbitraje/otra-imagen", back)).status == 200
        late = await dora.post("/arbitraje", form(page, **{"elige.votes.0": "3"}))
        assert late.status == 200
    paper = room.small.house.paper("AYUN", "A0")
    (step,) = [fact for fact in room.small.steps if isinstance(fact, ActaSentBack)]
    assert (step.by, step.image) == (pseudonym("dora"), image_of("A0"))
    assert step.reason == "La imagen no se puede leer: la mitad está en negro"
    assert (paper.stands, paper.asked) == (None, step)
    assert said(room) == []


async def test_what_was_decided_meanwhile_is_not_sent_back(room):
    await dispute(room)
    async with browsing(room) as browser:
        dora, page = await at_desk(browser)
        word = replace(reading("A0", 2), votes=(3, 3, *reading("A0", 2).votes[2:]))
        await room.small.take(steps_of("A0").arbitrate("eva", word, image_of("A0")), "CCV1")
        got = await dora.post("/arbitraje/otra-imagen", form(page, motivo="ilegible"))
    assert "K410" in got.text
    assert room.small.house.paper("AYUN", "A0").stage is Stage.STANDING
    assert not [fact for fact in room.small.steps if isinstance(fact, ActaSentBack)]
