"""What must be digitised again is listed at the digitalizador's desk, and goes the usual way."""

import re

import pytest

from capture.walking import pseudonym
from desks.small_house import image_of, reading, steps_of
from desks.web.paper.scans import KEY, scan_of
from desks.web.room import SmallRoom, browsing
from openprep.capture.paper import Stage
from openprep.capture.steps import Verdict
from openprep.digitising.digitiser import Digitiser

CHOICES = {"medio": "escaner", "origen": "catd", "documento": "acta_prep"}
REASON = 'le falta la mitad <derecha> y "más"'


@pytest.fixture
async def room(tmp_path):
    async with Digitiser(running=1) as digitiser:
        room = SmallRoom(tmp_path, label_key=KEY, digitiser=digitiser)
        await in_cotejo(room.small, "A3")
        await sent_back(room.small, "A0", REASON)
        yield room
        room.close()


async def in_cotejo(small, acta):
    """Cotejo asks for another image of an acta that stands."""
    steps, image = await small.digitised(acta), image_of(acta)
    for person in ("ana", "beto"):
        await small.take(steps.capture(person, reading(acta), image), "CCV1")
    check = steps.check(Verdict.REDIGITISE, "otra hoja encima", image, by="hugo")
    await small.take(check, "COTEJO")


async def sent_back(small, acta, reason):
    steps = await small.digitised(acta)
    for _ in range(7):
        steps.receive()  # its minutes go by
    await small.take(steps.send_back(reason, image_of(acta)), "CCV1")


def listed(page):
    return re.findall(r"<li><strong>(\w+)", page.text)


async def at_scanner(browser, place="D01"):
    dino = browser()
    await dino.sign_in("dino", place, "digitalizador")
    return dino, await dino.get("/digitalizacion")


async def test_they_are_listed_with_where_and_why_the_oldest_first(room):
    async with browsing(room) as browser:
        _, page = await at_scanner(browser)
    assert "Esperan otra imagen: 2" in page.text
    assert listed(page) == ["A3", "A0"]
    assert "A3 · 0003 Básica" in page.text
    assert "002 DOS" in page.text
    assert "otra hoja encima" in page.text
    assert "le falta la mitad &lt;derecha&gt; y &#34;más&#34;" in page.text
    for person in ("ana", "beto", "hugo"):
        assert pseudonym(person) not in page.text


async def test_a_place_sees_those_that_it_digitises_alone(room):
    async with browsing(room) as browser:
        _, page = await at_scanner(browser, "CCV1")
    assert listed(page) == []
    assert "Esperan otra imagen" not in page.text


async def test_its_new_image_goes_the_usual_way_and_it_waits_no_more(room):
    async with browsing(room) as browser:
        dino, page = await at_scanner(browser)
        page = await dino.bring("/digitalizacion/archivo", scan_of("A0"), page.hidden("ficha"))
        form = {"ficha": page.hidden("ficha"), "imagen": page.hidden("imagen"), **CHOICES}
        done = await dino.post("/digitalizacion/guardar", form)
    assert "Imagen guardada" in done.text
    assert listed(done) == ["A3"]
    assert room.small.house.paper("AYUN", "A0").stage is Stage.RECAPTURE


async def test_a_paper_without_identity_is_told_by_its_image(room):
    steps, image = steps_of(None), "ee" * 32
    await room.small.take(steps.digitise(image), "D01")
    await room.small.take(steps.send_back("no se lee", image), "CCV1")
    async with browsing(room) as browser:
        _, page = await at_scanner(browser)
    assert "sin identificar · eeeeeeee" in page.text
    assert "Esperan otra imagen: 3" in page.text


async def test_the_list_is_as_it_was_after_a_restart(room):
    async with browsing(room) as browser:
        _, before = await at_scanner(browser)
    room.restart()
    async with browsing(room) as browser:
        _, after = await at_scanner(browser)
    assert listed(after) == listed(before) == ["A3", "A0"]
