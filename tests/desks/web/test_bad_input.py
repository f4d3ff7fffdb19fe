"""What goes wrong at three in the morning: nothing is lost, and nothing counts twice.

The table of these, and of those that other modules test, is docs/capture-bad-input.md.
"""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from desks.small_house import image_of, reading, steps_of
from desks.web.paper.scans import KEY, scan_of
from desks.web.room import SmallRoom, all_of, browsing
from openprep.capture.paper import Stage
from openprep.capture.steps import ActaCaptured, ActaDigitised, HintCode
from openprep.digitising.digitiser import Digitiser
from openprep.election import Observation
from openprep.record.codes import RecordCode, RecordTrouble
from transmission.small_center import NOW

KEEP = "/digitalizacion/guardar"


@pytest.fixture
async def room(tmp_path):
    async with Digitiser(running=1) as digitiser:
        room = SmallRoom(tmp_path, label_key=KEY, digitiser=digitiser)
        yield room
        room.close()


def sealed(room, kind):
    return [step for step in room.small.steps if isinstance(step, kind)]


async def capturing(browser, name, place="CCV1"):
    who = browser()
    await who.sign_in(name, place)
    return who, await who.get("/captura")


async def digitising(browser):
    dino = browser()
    await dino.sign_in("dino", "D01", "digitalizador")
    return dino, await dino.get("/digitalizacion")


def form_of(page):
    choices = {"medio": "escaner", "origen": "catd", "documento": "acta_prep"}
    return {"ficha": page.hidden("ficha"), "imagen": page.hidden("imagen"), **choices}


async def test_letters_that_differ_from_numbers_are_noted_with_the_figures_in_letters(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana, page = await capturing(browser, "ana")
        await ana.save(page, all_of(page), noted="letra_distinta_de_numero")
    (step,) = sealed(room, ActaCaptured)
    assert step.reading.observations == (Observation.LETRA_DISTINTA_DE_NUMERO,)


async def test_more_votes_than_the_list_has_are_asked_about_saved_as_typed_and_said_by_the_rule(
    room,
):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana, page = await capturing(browser, "ana")
        hints = await ana.save(page, all_of(page, "900"))
        assert "over_the_list" in hints.text
        form = {name: hints.hidden(name) for name in ("ficha", "boleto", "borrador")}
        await ana.post("/captura/confirmar", form)
    (step,) = sealed(room, ActaCaptured)
    assert HintCode.OVER_THE_LIST in step.hints
    assert step.reading.votes[0] == 900
    assert Observation.EXCEDE_LISTA_NOMINAL in step.reading.observations


async def test_an_acta_that_two_people_captured_is_given_to_no_third(room):
    await room.digitised("A0")
    for person, place in (("ana", "CCV1"), ("beto", "CCV2")):
        step = steps_of("A0").capture(person, reading("A0"), image_of("A0"))
        await room.small.take(step, place)
    async with browsing(room) as browser:
        _, page = await capturing(browser, "carla")
        assert "No hay actas" in page.text


async def test_a_blank_page_is_told_and_kept_only_if_somebody_says_so(room):
    stream = BytesIO()
    Image.new("L", (1700, 2200), 250).save(stream, "JPEG")
    async with browsing(room) as browser:
        dino, page = await digitising(browser)
        shown = await dino.bring("/digitalizacion/archivo", stream.getvalue(), page.hidden("ficha"))
        assert "la hoja está en blanco" in shown.text
        assert "Guardarla de todos modos" in shown.text
        assert not sealed(room, ActaDigitised)
        again = {name: shown.hidden(name) for name in ("ficha", "imagen")}
        assert "Subir la imagen" in (await dino.post("/digitalizacion/otra", again)).text
    assert not sealed(room, ActaDigitised)


async def test_an_image_that_another_tab_replaced_is_not_kept_under_the_first_one_s_page(room):
    async with browsing(room) as browser:
        dino, page = await digitising(browser)
        ficha = page.hidden("ficha")
        first = await dino.bring("/digitalizacion/archivo", scan_of("A0"), ficha)
        second = await dino.bring("/digitalizacion/archivo", scan_of("A1"), ficha)
        shown = await dino.post(KEEP, form_of(first))
        assert shown.hidden("imagen") == second.hidden("imagen")
        assert not sealed(room, ActaDigitised)
        await dino.post(KEEP, form_of(shown))
    assert [step.acta for step in sealed(room, ActaDigitised)] == ["A1"]


async def test_an_image_is_kept_once_where_the_disk_fails_and_where_the_house_is_killed(
    room, monkeypatch
):
    async def die(*_):
        raise RecordTrouble(RecordCode.DISK_FAILED, "{path}", path="x")

    async with browsing(room) as browser:
        dino, page = await digitising(browser)
        shown = await dino.bring("/digitalizacion/archivo", scan_of(), page.hidden("ficha"))
        with monkeypatch.context() as patched:
            patched.setattr(room.small.house, "take", die)
            told = await dino.post(KEEP, form_of(shown))
        assert (told.status, told.hidden("imagen")) == (503, shown.hidden("imagen"))
    room.restart()
    async with browsing(room) as browser:
        dino, page = await digitising(browser)
        shown = await dino.bring("/digitalizacion/archivo", scan_of(), page.hidden("ficha"))
        for _ in range(2):
            await dino.post(KEEP, form_of(shown))
    assert len(sealed(room, ActaDigitised)) == 1


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_clock_that_jumps_by_an_hour_while_people_work_loses_nothing(room, hours):
    async with browsing(room) as browser:
        dino, page = await digitising(browser)
        shown = await dino.bring("/digitalizacion/archivo", scan_of(), page.hidden("ficha"))
        room.small.now = NOW + timedelta(hours=hours)
        await dino.post(KEEP, form_of(shown))
        ana, page = await capturing(browser, "ana")
        room.small.now = NOW
        await ana.save(page, all_of(page))
        beto, page = await capturing(browser, "beto", "CCV2")
        room.small.now = NOW + timedelta(hours=hours)
        assert (await beto.get("/captura")).hidden("boleto") == page.hidden("boleto"), "still lent"
        await beto.save(page, all_of(page))
    assert room.small.house.paper("AYUN", "A0").stage is Stage.STANDING
    assert room.small.house.floor.progress.aside.total() == 0
    room.restart()
    assert room.small.house.paper("AYUN", "A0").stage is Stage.STANDING
