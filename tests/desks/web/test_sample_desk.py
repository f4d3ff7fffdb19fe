"""The sample at its two desks: drawn by a public checkpoint, read by a third person, and stated."""

import base64
import csv
import re

import pytest

from capture.walking import pseudonym
from desks.small_house import image_of, steps_of
from desks.web.room import SmallRoom, all_of, browsing, figures_of, form_of
from openprep.capture.paper import Stage
from openprep.capture.sample import is_drawn
from openprep.capture.steps import ActaCaptured, ActaSampled, SampleDrawn, Verdict
from openprep.capture.work.policy import Policy
from openprep.wire.log.checkpoint import Checkpoint, sign_checkpoint
from openprep.wire.note import Signer
from small.trust import new_key

ROOT = bytes(range(32))
ONES = bytes([1] * 32)
TABLES = ("muestra", "sorteos", "diferencias")


def checkpoint(root=ROOT):
    return f"openprep.mx/chica-2024\n70000\n{base64.b64encode(root).decode()}\n\n— openprep.mx x\n"


async def stands(room, *actas, vote=3):
    """Ana and Beto captured these and read the same."""
    for acta in actas:
        await room.digitised(acta)
        steps = steps_of(acta)
        for person, place in (("ana", "CCV1"), ("beto", "CCV2")):
            step = steps.capture(person, figures_of(acta, vote), image_of(acta))
            await room.small.take(step, place)


@pytest.fixture
async def room(tmp_path):
    room = SmallRoom(tmp_path)
    room.small.house.policy = Policy(sample_one_in=1)
    await stands(room, "A0", "A1")
    yield room
    room.close()


async def draw(browser, text=None, place="D01"):
    jose = browser()
    await jose.sign_in("jose", place, "coordinador")
    page = await jose.get("/sorteo")
    form = {"ficha": page.hidden("ficha"), "punto": checkpoint() if text is None else text}
    return jose, await jose.post("/sorteo", form)


def steps_in(room, kind):
    return [fact for _, fact, _ in room.small.journal if isinstance(fact, kind)]


async def test_a_third_person_reads_what_was_drawn_blind_and_nothing_moves(room):
    async with browsing(room) as browser:
        eva = browser()
        home = await eva.sign_in("eva")
        assert 'href="/muestra"' in home.text
        assert "Las capturas y las diferencias van primero" in (await eva.get("/muestra")).text
        _, drawn = await draw(browser)
        assert "Actas por leer: 2." in drawn.text
        before = [room.small.house.paper("AYUN", acta).stands for acta in ("A0", "A1")]
        page = await eva.get("/muestra")
        assert set(page.fields.values()) == {""}
        assert "No se lee" not in page.text
        got = await eva.get(re.search(r'src="(/imagen/[^"]+)"', page.text)[1])
        assert got.header("Content-Type") == "image/jpeg"
        asks = await eva.post("/muestra", form_of(page) | all_of(page) | {"votes.0": "4"})
        form = {name: asks.hidden(name) for name in ("ficha", "boleto", "borrador")}
        second = await eva.post("/muestra/confirmar", form)
        assert second.hidden("boleto") != page.hidden("boleto")
        await eva.post("/muestra", form_of(second) | all_of(second))
        again = await eva.post("/muestra", form_of(second) | all_of(second))
        assert "No hay actas" in again.text
    assert len(steps_in(room, ActaSampled)) == 2
    assert [room.small.house.paper("AYUN", acta).stands for acta in ("A0", "A1")] == before
    assert room.small.house.paper("AYUN", "A0").stage is Stage.STANDING


async def test_the_result_is_stated_by_contest_and_in_all_with_its_interval_and_no_person(room):
    async with browsing(room) as browser:
        jose, _ = await draw(browser)
        eva = browser()
        await eva.sign_in("eva")
        page = await eva.get("/muestra")
        asks = await eva.post("/muestra", form_of(page) | all_of(page) | {"votes.0": "4"})
        form = {name: asks.hidden(name) for name in ("ficha", "boleto", "borrador")}
        page = await eva.post("/muestra/confirmar", form)
        await eva.post("/muestra", form_of(page) | all_of(page))
        shown = await jose.get("/sorteo")
        files = [await jose.get(f"/sorteo/{name}.csv") for name in TABLES]
        result, draws, differences = files
        assert (await jose.get("/sorteo/nada.csv")).status == 404
    ayun, everything = csv.DictReader(result.text.splitlines())
    fields = int(ayun["fields"])
    assert (ayun["actas"], ayun["wrong"]) == ("2", "1")
    assert float(ayun["wrong_per_1000"]) == pytest.approx(1000 / fields, abs=1e-4)
    assert float(ayun["low_95"]) < 1000 / fields < float(ayun["high_95"])
    assert {**everything, "contest": "AYUN"} == ayun
    (drawn,) = csv.DictReader(draws.text.splitlines())
    assert (drawn["root"], drawn["size"], drawn["one_in"]) == (ROOT.hex(), "70000", "1")
    assert [one["field"] for one in csv.DictReader(differences.text.splitlines())] == ["votes.0"]
    assert ROOT.hex() in shown.text
    for got in (shown, result, draws, differences):
        assert not any(pseudonym(one) in got.text for one in ("ana", "beto", "eva", "jose"))


async def test_a_sample_is_drawn_once_by_a_checkpoint_and_by_nothing_else(room):
    async with browsing(room) as browser:
        for wrong in ("", "hola", "a\nb\nc", "openprep.mx/x\n0\n" + "A" * 44, checkpoint()[:30]):
            _, got = await draw(browser, wrong)
            assert (got.status, "no es un punto de control" in got.text) == (422, True), wrong
        assert steps_in(room, SampleDrawn) == []
        _, got = await draw(browser, checkpoint().replace("\n", "\r\n"))
        assert got.status == 200
        _, got = await draw(browser)
        assert "ya se sorteó" in got.text
        _, got = await draw(browser, place="CCV1")
        assert "ya se sorteó" in got.text
    assert [one.root for one in steps_in(room, SampleDrawn)] == [ROOT.hex()]


async def test_a_house_with_the_log_s_key_draws_by_what_it_signed_and_by_nothing_else(room):
    """Else a coordinador could try roots until the sample suits them."""
    name = f"{room.small.election.id}/center"
    log, other, witness = (Signer(one, new_key()) for one in (name, name, "openprep.mx/testigo"))
    room.log = (log.verifier,)
    asked = Checkpoint(name, 70_000, ROOT)
    signed = sign_checkpoint(asked, [log, witness]).decode()
    of_another = sign_checkpoint(Checkpoint("otra/center", 70_000, ROOT), [log]).decode()
    changed = signed.replace("70000", "70001")
    unsigned = asked.text()
    by_another = sign_checkpoint(asked, [other]).decode()
    async with browsing(room) as browser:
        for wrong in (unsigned, checkpoint(), by_another, changed):
            _, got = await draw(browser, wrong)
            assert (got.status, "no lo firmó la bitácora" in got.text) == (422, True), wrong
        _, got = await draw(browser, of_another)
        assert got.status == 422
        assert steps_in(room, SampleDrawn) == []
        _, got = await draw(browser, signed.replace("\n", "\r\n"))
        assert (got.status, "Sólo se acepta con la firma" in got.text) == (200, True)
    (drawn,) = steps_in(room, SampleDrawn)
    assert (drawn.root, drawn.size) == (ROOT.hex(), 70_000)


async def test_a_house_without_the_log_s_key_says_that_nothing_is_checked(room):
    async with browsing(room) as browser:
        _, got = await draw(browser)
    assert "no tiene la clave de la bitácora" in got.text


async def test_the_sample_is_what_anybody_draws_from_what_is_public(tmp_path):
    room = SmallRoom(tmp_path)
    room.small.house.policy = Policy(sample_one_in=2)
    actas = ["A0", "A1", "A2"]
    await stands(room, *actas)
    async with browsing(room) as browser:
        await draw(browser, checkpoint(ONES))
    expected = {acta for acta in actas if is_drawn(ONES.hex(), 2, "AYUN", acta)}
    assert 0 < len(expected) < 3
    assert room.small.house.floor.to_sample == len(expected)
    room.restart()
    assert room.small.house.floor.to_sample == len(expected)
    room.close()


async def test_whoever_captured_it_is_never_shown_it_and_captures_come_first(room):
    async with browsing(room) as browser:
        await draw(browser)
        ana, eva = browser(), browser()
        await ana.sign_in("ana")
        assert "No hay actas" in (await ana.get("/muestra")).text
        await eva.sign_in("eva")
        await room.digitised("A2")
        assert "No hay actas" in (await eva.get("/muestra")).text
        page = await eva.get("/captura")
        await eva.save(page, all_of(page))
        assert (await eva.get("/muestra")).hidden("boleto")
        vera = browser()
        await vera.sign_in("vera", "CCV1", "verificador")
        vera_s = (await vera.get("/muestra")).hidden("boleto")
        assert vera_s, "a capture waits for CCV1, and she captures none"
    assert len(steps_in(room, ActaCaptured)) == 5


async def test_a_difference_comes_before_the_sample_for_who_decides_it_and_for_nobody_else(room):
    await room.digitised("A2")
    for person, place, vote in (("ana", "CCV1", 3), ("beto", "CCV2", 4)):
        step = steps_of("A2").capture(person, figures_of("A2", vote), image_of("A2"))
        await room.small.take(step, place)
    async with browsing(room) as browser:
        await draw(browser)
        vera, eva = browser(), browser()
        await vera.sign_in("vera", "CCV1", "verificador")
        assert "No hay actas" in (await vera.get("/muestra")).text
        await eva.sign_in("eva")
        assert (await eva.get("/muestra")).hidden("boleto")


async def test_a_draft_of_an_acta_that_is_captured_again_meanwhile_is_let_go(room):
    async with browsing(room) as browser:
        await draw(browser)
        eva = browser()
        await eva.sign_in("eva")
        page = await eva.get("/muestra")
        await eva.post("/muestra", form_of(page) | {"votes.0": "4"})
        for acta in ("A0", "A1"):
            back = steps_of(acta).check(Verdict.RECAPTURE, "no coincide", image_of(acta))
            await room.small.take(back, "COTEJO")
        got = await eva.post("/muestra", form_of(page) | all_of(page))
        assert "K410" in got.text
        assert "No hay actas" in (await eva.get("/muestra")).text
    assert steps_in(room, ActaSampled) == []


async def test_without_a_rate_no_sample_is_drawn(room):
    room.small.house.policy = Policy(sample_one_in=0)
    async with browsing(room) as browser:
        jose = browser()
        await jose.sign_in("jose", "D01", "coordinador")
        page = await jose.get("/sorteo")
        assert "no se sortea ninguna muestra" in page.text
        home = await jose.get("/")
        got = await jose.send("/sorteo", {"ficha": home.hidden("ficha"), "punto": checkpoint()})
        assert got.status == 422
    assert steps_in(room, SampleDrawn) == []
