"""The technical procedure: an image without identity becomes an acta's, with the reason."""

import re

import pytest

from desks.small_house import image_of, reading, steps_of
from desks.web.room import SmallRoom, all_of, browsing, picture
from openprep.capture.paper import Stage
from openprep.capture.papers import Papers
from openprep.capture.steps import ActaIdentified
from openprep.record.images import name_of

IMAGE = "ee" * 32


@pytest.fixture
async def room(tmp_path):
    room = SmallRoom(tmp_path)
    await room.small.take(steps_of(None).digitise(IMAGE), "D01")
    (tmp_path / "house/pictures/renditions" / name_of(IMAGE)).write_bytes(picture("A0"))
    yield room
    room.close()


def identities(room):
    return [fact for _, fact, _ in room.small.journal if isinstance(fact, ActaIdentified)]


async def at_procedure(browser, place="COTEJO"):
    hugo = browser()
    await hugo.sign_in("hugo", place, "cotejador")
    return hugo, await hugo.get(f"/identificacion?imagen={IMAGE}")


def form_of(page, **more):
    return {"ficha": page.hidden("ficha"), "imagen": page.hidden("imagen"), **more}


async def test_an_image_becomes_the_acta_s_with_the_reason(room):
    async with browsing(room) as browser:
        hugo, page = await at_procedure(browser)
        assert f"imagen={IMAGE}" in (await hugo.get("/identificacion")).text
        assert (await hugo.get(f"/identificacion/imagen/{IMAGE}")).status == 200
        several = await hugo.post(
            "/identificacion", form_of(page, que="1", motivo="por la sección")
        )
        assert 'value="A1"' in several.text
        assert not identities(room)
        after = await hugo.post(
            "/identificacion", form_of(several, de="A1", motivo="por la sección")
        )
        assert "No hay imágenes sin identidad" in after.text
    (step,) = identities(room)
    assert (step.acta, step.image, step.reason) == ("A1", IMAGE, "por la sección")
    assert room.small.house.paper("AYUN", "A1").stage is Stage.DIGITISED


async def test_who_had_the_image_when_it_was_identified_saves_what_they_typed(room):
    """Else it is set aside, and the person is led on as if it was saved."""
    async with browsing(room) as browser:
        ana, beto, vera = browser(), browser(), browser()
        await ana.sign_in("ana")
        await beto.sign_in("beto", "CCV2")
        first, second = await ana.get("/captura"), await beto.get("/captura")
        await ana.save(first, all_of(first))
        await room.small.take(steps_of("A1").identify(image=IMAGE), "COTEJO")
        await beto.save(second, all_of(second, "4"))
        paper = room.small.house.paper("AYUN", "A1")
        assert paper.stage is Stage.DISPUTED
        assert room.small.house.paper("AYUN", IMAGE) is paper
        assert not room.small.house.floor.progress.aside
        await vera.sign_in("vera", "CCV1", "verificador")
        assert (await vera.get("/arbitraje")).hidden("boleto")


async def test_a_dispute_of_an_image_is_decided_after_it_was_identified(room):
    steps = steps_of(None)
    for person, place, vote in (("ana", "CCV1", 3), ("beto", "CCV2", 4)):
        await room.small.take(steps.capture(person, reading("A1", vote), IMAGE), place)
    async with browsing(room) as browser:
        vera = browser()
        await vera.sign_in("vera", "CCV1", "verificador")
        page = await vera.get("/arbitraje")
        await room.small.take(steps_of("A1").identify(image=IMAGE), "COTEJO")
        names = set(re.findall(r'name="(elige[.][^"]+)"', page.text))
        form = {name: page.hidden(name) for name in ("ficha", "boleto")}
        got = await vera.post("/arbitraje", form | dict.fromkeys(names, "3"))
        assert (got.status, "K410" in got.text) == (200, False)
    assert room.small.house.paper("AYUN", "A1").stage is Stage.STANDING


async def test_without_a_reason_or_an_acta_nothing_is_identified(room):
    async with browsing(room) as browser:
        hugo, page = await at_procedure(browser)
        for form in ({"que": "A1", "motivo": " "}, {"que": "9999", "motivo": "x"}, {}):
            assert (await hugo.post("/identificacion", form_of(page, **form))).status == 422
    assert not identities(room)


async def test_an_acta_that_has_a_paper_does_not_get_another_s(room):
    steps = await room.small.digitised("A0")
    await room.small.take(steps.capture("ana", reading("A0"), image_of("A0")), "CCV1")
    async with browsing(room) as browser:
        hugo, page = await at_procedure(browser)
        told = await hugo.post("/identificacion", form_of(page, que="A0", motivo="por la firma"))
    assert told.status == 409
    assert "ya tiene la imagen de otro papel" in told.text


async def test_an_image_with_an_identity_is_not_shown_here(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        hugo, _ = await at_procedure(browser)
        assert (await hugo.get(f"/identificacion?imagen={image_of('A0')}")).status == 404
        assert (await hugo.get(f"/identificacion/imagen/{image_of('A0')}")).status == 404


async def test_a_place_that_does_not_check_the_contest_identifies_nothing(room):
    async with browsing(room) as browser:
        hugo, page = await at_procedure(browser, "D01")
        told = await hugo.post("/identificacion", form_of(page, que="A1", motivo="por la firma"))
    assert (told.status, identities(room)) == (422, [])


async def test_the_list_of_images_without_identity_walks_no_other_papers(room, monkeypatch):
    """Of 8,352 papers 36 have none: the page takes as long as those."""
    await room.digitised("A0", "A1")

    def walk(_):
        raise AssertionError("every paper is walked")

    monkeypatch.setattr(Papers, "__iter__", walk)
    async with browsing(room) as browser:
        hugo, page = await at_procedure(browser)
        listed = (await hugo.get("/identificacion")).text
        assert listed.count("imagen=") == 1
        assert f"imagen={IMAGE}" in listed
        await hugo.post("/identificacion", form_of(page, que="A2", motivo="por la sección"))
        assert "No hay imágenes sin identidad" in (await hugo.get("/identificacion")).text
    assert len(identities(room)) == 1


async def test_images_without_identity_are_listed_after_a_restart_too(room):
    room.restart()
    async with browsing(room) as browser:
        hugo, _ = await at_procedure(browser)
        assert f"imagen={IMAGE}" in (await hugo.get("/identificacion")).text
