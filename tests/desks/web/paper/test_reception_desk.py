"""The acopiador's desk: a paper is stamped once, under the acta that was scanned or typed."""

import asyncio
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desks.small_house import image_of, steps_of
from desks.web.paper.scans import KEY
from desks.web.paper.slow import Slow
from desks.web.room import SmallRoom, browsing
from openprep.capture.paper import Stage
from openprep.capture.steps import ActaMissing, ActaReceived
from openprep.election import Observation
from openprep.forms.identity import Identity, sign_identity
from transmission.small_center import ELECTION

A0 = {"eleccion": "AYUN", "acta": "A0"}


@pytest.fixture
def room(tmp_path):
    room = SmallRoom(tmp_path, label_key=KEY)
    yield room
    room.close()


async def at_reception(browser, place="D01"):
    rosa = browser()
    await rosa.sign_in("rosa", place, "acopiador")
    return rosa


def sealed(room):
    return room.small.steps


def code_of(acta="A0", key=KEY, election=ELECTION.id):
    return sign_identity(Identity(election, "AYUN", acta), key)


async def test_a_scanned_code_leads_to_its_acta_and_enter_stamps_it(room):
    async with browsing(room) as browser:
        rosa = await at_reception(browser)
        page = await rosa.get(f"/acopio?que={quote(code_of())}")
        assert "A0" in page.text
        done = await rosa.post(
            "/acopio/recibir", {**A0, "ficha": page.hidden("ficha"), "traslado": "F"}
        )
    (step,) = sealed(room)
    assert isinstance(step, ActaReceived)
    assert (step.acta, step.transfer) == ("A0", "F")
    assert "Recibida a las 23:00:00" in done.text
    assert done.focused == "que", "the next paper can be scanned at once"
    assert room.small.house.paper("AYUN", "A0").stage is Stage.RECEIVED


async def test_an_acta_is_found_by_its_id_and_by_its_section(room):
    async with browsing(room) as browser:
        rosa = await at_reception(browser)
        assert "Básica" in (await rosa.get("/acopio?que=a0")).text
        several = await rosa.get("/acopio?que=1")
        assert "Actas encontradas: 2" in several.text
        assert "acta=A0" in several.text
        assert "acta=A1" in several.text
        assert "No hay ningún acta" in (await rosa.get("/acopio?que=9999")).text


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            code_of(key=Ed25519PrivateKey.from_private_bytes(b"x" * 32)),
            "Nadie de esta elección firmó",
        ),
        (code_of(election="otra-2024"), "es de otra elección"),
        ("OPREP1:X", "no es de un acta"),
        (code_of()[:-1] + "?", "no es de un acta"),
        (code_of("Z9"), "No hay ningún acta"),
    ],
)
async def test_a_code_that_is_not_believed_stamps_nothing(room, code, said):
    async with browsing(room) as browser:
        rosa = await at_reception(browser)
        assert said in (await rosa.get(f"/acopio?que={quote(code)}")).text
    assert not sealed(room)


async def test_a_double_enter_stamps_once(room):
    async with browsing(room) as browser:
        rosa = await at_reception(browser)
        ficha = (await rosa.get("/acopio")).hidden("ficha")
        for _ in range(2):
            await rosa.post("/acopio/recibir", {**A0, "ficha": ficha})
    assert len(sealed(room)) == 1


@pytest.mark.parametrize(
    "cause",
    [
        Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO,
        Observation.SIN_ACTA_PAQUETE_SIN_BOLSA,
        Observation.SIN_ACTA_CASILLA_NO_INSTALADA,
    ],
)
async def test_that_there_is_no_acta_is_sealed_with_its_cause(room, cause):
    async with browsing(room) as browser:
        rosa = await at_reception(browser)
        ficha = (await rosa.get("/acopio")).hidden("ficha")
        for _ in range(2):
            await rosa.post("/acopio/sin-acta", {**A0, "ficha": ficha, "causa": cause.value})
    (step,) = sealed(room)
    assert isinstance(step, ActaMissing)
    assert step.cause is cause
    assert room.small.house.paper("AYUN", "A0").stage is Stage.WITHOUT_ACTA


async def test_an_acta_with_a_paper_is_not_missing(room):
    await room.small.take(steps_of("A0").digitise(image_of("A0")), "D01")
    async with browsing(room) as browser:
        rosa = await at_reception(browser)
        page = await rosa.get("/acopio?eleccion=AYUN&acta=A0")
        assert "/acopio/sin-acta" not in page.text
        ficha = page.hidden("ficha")
        cause = Observation.SIN_ACTA_PAQUETE_NO_ENTREGADO.value
        told = await rosa.post("/acopio/sin-acta", {**A0, "ficha": ficha, "causa": cause})
    assert (told.status, len(sealed(room))) == (409, 1)
    assert "no falta" in told.text


async def test_another_cause_is_told_and_not_sealed(room):
    async with browsing(room) as browser:
        rosa = await at_reception(browser)
        ficha = (await rosa.get("/acopio")).hidden("ficha")
        for cause in ("sin_acta_paquete_no_entregado", "sin_acta_casilla_no_instalada"):
            told = await rosa.post("/acopio/sin-acta", {**A0, "ficha": ficha, "causa": cause})
    assert told.status == 409
    assert len(sealed(room)) == 1


async def test_the_acta_of_another_place_is_refused_with_its_code(room):
    async with browsing(room) as browser:
        rosa = await at_reception(browser, "CCV1")
        ficha = (await rosa.get("/acopio")).hidden("ficha")
        told = await rosa.post("/acopio/recibir", {**A0, "ficha": ficha})
    assert told.status == 422
    assert "Este lugar no puede" in told.text
    assert not sealed(room)


@pytest.mark.parametrize(
    "form",
    [
        {"eleccion": "AYUN", "acta": "Z9"},
        {"eleccion": "NADA", "acta": "A0"},
        {**A0, "traslado": "X"},
        {},
    ],
)
async def test_what_the_page_does_not_send_is_not_taken(room, form):
    async with browsing(room) as browser:
        rosa = await at_reception(browser)
        ficha = (await rosa.get("/acopio")).hidden("ficha")
        assert (await rosa.post("/acopio/recibir", {**form, "ficha": ficha})).status == 400
    assert not sealed(room)


async def test_the_label_is_printed_after_reception(room):
    async with browsing(room) as browser:
        rosa = await at_reception(browser)
        ficha = (await rosa.get("/acopio")).hidden("ficha")
        done = await rosa.post("/acopio/recibir", {**A0, "ficha": ficha})
        assert "/acopio/etiqueta?" in done.text
        label = await rosa.get("/acopio/etiqueta?eleccion=AYUN&acta=A0")
        assert label.header("Content-Type") == "application/pdf"
        assert label.body.startswith(b"%PDF-")


async def test_without_a_key_no_code_is_believed_and_no_label_is_printed(tmp_path):
    room = SmallRoom(tmp_path)
    async with browsing(room) as browser:
        rosa = await at_reception(browser)
        assert "No hay ningún acta" in (await rosa.get(f"/acopio?que={quote(code_of())}")).text
        assert (await rosa.get("/acopio/etiqueta?eleccion=AYUN&acta=A0")).status == 404
    room.close()


async def test_papers_that_come_while_the_disk_writes_wait_for_it_together(room, monkeypatch):
    disk = Slow(room.small.journal, "seal", monkeypatch)
    take, asked = room.small.house.take, []

    def taking(worker, step):
        asked.append(step.acta)
        return take(worker, step)

    monkeypatch.setattr(room.small.house, "take", taking)
    async with browsing(room) as browser:
        rosa = await at_reception(browser)
        ficha = (await rosa.get("/acopio")).hidden("ficha")

        def receiving(acta):
            form = {"eleccion": "AYUN", "acta": acta, "ficha": ficha}
            return asyncio.create_task(rosa.send("/acopio/recibir", form))

        first = receiving("A0")
        await disk.begun()
        others = [receiving("A1"), receiving("A2"), receiving("A1"), receiving("A0")]
        try:
            async with asyncio.timeout(20):
                while len(asked) < 3:
                    await asyncio.sleep(0.01)
        finally:
            disk.go_on()
        answers = await asyncio.gather(first, *others)
    assert {answer.status for answer in answers} == {303}
    assert sorted(step.acta for step in sealed(room)) == ["A0", "A1", "A2"]
