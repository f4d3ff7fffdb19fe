"""The digitalizador's desk: what a person keeps is the acta's, durable, and nothing else is."""

import asyncio
import logging
import os
from hashlib import sha256
from threading import Event

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desks.web.paper.scans import KEY, scan_of
from desks.web.paper.slow import Slow
from desks.web.room import SmallRoom, browsing
from openprep.capture.paper import Stage
from openprep.desks.web.paper import held_images
from openprep.desks.web.paper import scanner as scanners
from openprep.desks.web.paper.scanner import ScannerFolder
from openprep.digitising.digitised import MOST_BYTES
from openprep.digitising.digitiser import Digitiser
from openprep.election import Digitization, DocumentKind, Origin
from small.image import jpeg

CHOICES = {"medio": "escaner", "origen": "catd", "documento": "acta_prep"}


@pytest.fixture
async def room(tmp_path):
    async with Digitiser(running=1) as digitiser:
        room = SmallRoom(tmp_path, label_key=KEY, digitiser=digitiser)
        yield room
        room.close()


def sealed(room):
    return room.small.steps


async def at_scanner(browser, name="dino", place="D01"):
    dino = browser()
    await dino.sign_in(name, place, "digitalizador")
    return dino


async def brought(dino, data):
    page = await dino.get("/digitalizacion")
    return await dino.bring("/digitalizacion/archivo", data, page.hidden("ficha"))


def form_of(page, **more):
    return {"ficha": page.hidden("ficha"), "imagen": page.hidden("imagen"), **CHOICES, **more}


async def test_a_scan_is_kept_as_the_acta_s_whose_code_is_on_it(room):
    data = scan_of()
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await brought(dino, data)
        assert "A0" in page.text
        shown = await dino.get(f"/digitalizacion/imagen/{page.hidden('imagen')}")
        assert shown.header("Content-Type") == "image/jpeg"
        done = await dino.post("/digitalizacion/guardar", form_of(page))
        assert "Imagen guardada" in done.text
    (step,) = sealed(room)
    assert (step.acta, step.image) == ("A0", page.hidden("imagen"))
    assert step.original == sha256(data).hexdigest()
    assert (step.origin, step.digitization, step.document) == (
        Origin.CATD,
        Digitization.ESCANER,
        DocumentKind.ACTA_PREP,
    )
    assert room.pictures.outgoing.pending() == [step.image]
    assert room.pictures.rendition(step.image) == shown.body
    assert room.small.house.paper("AYUN", "A0").stage is Stage.DIGITISED


async def test_an_image_without_a_code_asks_whose_it_is(room):
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await brought(dino, jpeg(1, (1200, 900)))
        assert "Quizá no se lea" in page.text
        assert "Guardarla de todos modos" in page.text
        none = await dino.post("/digitalizacion/guardar", form_of(page, que="9999"))
        assert "No hay ningún acta" in none.text
        several = await dino.post("/digitalizacion/guardar", form_of(page, que="1"))
        assert 'value="AYUN/A1"' in several.text
        assert not sealed(room)
        await dino.post("/digitalizacion/guardar", form_of(several, de="AYUN/A1"))
    (step,) = sealed(room)
    assert step.acta == "A1"


async def test_an_image_of_nobody_knows_what_goes_the_way_of_identification(room):
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await brought(dino, jpeg(1, (1200, 900)))
        await dino.post("/digitalizacion/guardar", form_of(page, de="ninguna", eleccion="AYUN"))
    (step,) = sealed(room)
    assert (step.acta, step.contest) == (None, "AYUN")


async def test_the_code_on_an_image_is_not_replaced_by_another_acta(room):
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await brought(dino, scan_of("A0"))
        await dino.post("/digitalizacion/guardar", form_of(page, de="AYUN/A1", que="A1"))
    assert [step.acta for step in sealed(room)] == ["A0"]


async def test_a_paper_that_is_not_its_code_s_is_kept_as_nobody_s(room):
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await brought(dino, scan_of("A0"))
        await dino.post("/digitalizacion/guardar", form_of(page, de="ninguna"))
    assert [step.acta for step in sealed(room)] == [None]


async def test_a_code_that_nobody_signed_says_nothing(room):
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await brought(dino, scan_of("A0", Ed25519PrivateKey.generate()))
        assert "Nadie de esta elección firmó" in page.text
        assert 'name="que"' in page.text


async def test_the_same_image_twice_is_recognised(room):
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await brought(dino, scan_of())
        await dino.post("/digitalizacion/guardar", form_of(page))
        again = await brought(dino, scan_of())
        assert again.status == 409
        assert "A0" in again.text
    assert len(sealed(room)) == 1


async def test_a_double_enter_keeps_once(room):
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await brought(dino, scan_of())
        form = form_of(page)
        await asyncio.gather(*(dino.send("/digitalizacion/guardar", form) for _ in range(3)))
    assert len(sealed(room)) == 1


async def test_what_is_taken_again_leaves_nothing(room):
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await brought(dino, scan_of())
        after = await dino.post("/digitalizacion/otra", form_of(page))
        assert 'type="file"' in after.text
    assert not sealed(room)
    assert not room.pictures.outgoing.pending()


async def test_nobody_sees_or_keeps_what_another_brought(room):
    async with browsing(room) as browser:
        dino, dora = await at_scanner(browser), await at_scanner(browser, "dora")
        page = await brought(dino, scan_of())
        digest = page.hidden("imagen")
        assert (await dora.get(f"/digitalizacion/imagen/{digest}")).status == 404
        own = (await dora.get("/digitalizacion")).hidden("ficha")
        await dora.post("/digitalizacion/guardar", {**CHOICES, "ficha": own, "imagen": digest})
    assert not sealed(room)


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        (b"", 422, "Elija un archivo"),
        (b"<html>", 422, "No es JPEG"),
        (jpeg(1, (800, 900))[:200], 422, "dañada"),
    ],
)
async def test_what_is_no_picture_is_told_and_the_next_one_is_taken(room, data, status, said):
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await brought(dino, data)
        assert (page.status, said in page.text) == (status, True)
        assert "A0" in (await brought(dino, scan_of())).text


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(room):
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await brought(dino, b"\xff" * (MOST_BYTES + 1024 * 1024))
        assert (page.status, "demasiado grande" in page.text) == (422, True)


async def test_a_file_is_read_of_nobody_who_may_not_bring_one(room):
    async with browsing(room) as browser:
        ana = browser()
        page = await ana.sign_in("ana")
        told = await ana.bring("/digitalizacion/archivo", scan_of(), page.hidden("ficha"))
        assert told.status == 404
        dino = await at_scanner(browser)
        assert (await dino.bring("/digitalizacion/archivo", scan_of(), "x")).status == 403


async def test_the_acta_of_another_place_is_refused_with_its_code(room):
    async with browsing(room) as browser:
        dino = await at_scanner(browser, place="CCV1")
        page = await brought(dino, scan_of())
        told = await dino.post("/digitalizacion/guardar", form_of(page))
        assert told.status == 422
        assert "Este lugar no puede" in told.text
        assert told.hidden("imagen") == page.hidden("imagen"), "it is still before the person"
    assert not sealed(room)
    assert not room.pictures.outgoing.pending(), "no image leaves that no step names"


@pytest.fixture
def scanner(room, tmp_path):
    """A scanner's folder with three files that are whole: a scan, no picture, the scan again."""
    folder = tmp_path / "scanner"
    folder.mkdir()
    for age, (name, data) in enumerate(
        [("c.png", scan_of()), ("b.pdf", b"no picture"), ("a.png", scan_of())]
    ):
        (folder / name).write_bytes(data)
        os.utime(folder / name, (1000 + age, 1000 + age))
    (folder / "half.png").write_bytes(b"being written")
    room.scanners["D01"] = ScannerFolder(folder)
    return folder


async def next_scanned(dino):
    page = await dino.get("/digitalizacion")
    return await dino.post("/digitalizacion/escaner", {"ficha": page.hidden("ficha")})


async def test_files_of_a_scanner_are_taken_one_by_one_and_none_is_removed(room, scanner):
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        assert "Siguiente del escáner (3)" in (await dino.get("/digitalizacion")).text
        page = await next_scanned(dino)
        assert "A0" in page.text
        await dino.post("/digitalizacion/guardar", form_of(page))
        assert "No es JPEG" in (await next_scanned(dino)).text
        assert (await next_scanned(dino)).status == 409
    assert len(sealed(room)) == 1
    left = sorted(str(path.relative_to(scanner)) for path in scanner.rglob("*") if path.is_file())
    assert left == ["descartadas/a.png", "guardadas/c.png", "half.png", "rechazadas/b.pdf"]


async def test_two_people_at_a_scanner_never_have_one_file(room, scanner):
    async with browsing(room) as browser:
        dino, dora = await at_scanner(browser), await at_scanner(browser, "dora")
        assert "A0" in (await next_scanned(dino)).text
        assert "No es JPEG" in (await next_scanned(dora)).text
    assert (scanner / "c.png").exists(), "it waits for who has it on the screen"


async def test_a_file_that_somebody_left_on_the_screen_is_another_s_again(
    room, scanner, monkeypatch
):
    async with browsing(room) as browser:
        dino, dora = await at_scanner(browser), await at_scanner(browser, "dora")
        await next_scanned(dino)
        monkeypatch.setattr(held_images, "LONGEST_HELD", -1.0)
        assert "A0" in (await next_scanned(dora)).text


async def test_a_scanner_whose_folder_is_gone_keeps_nobody_from_uploading(room, tmp_path):
    room.scanners["D01"] = ScannerFolder(tmp_path / "unplugged")
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        assert "no responde" in (await dino.get("/digitalizacion")).text
        assert "A0" in (await brought(dino, scan_of())).text


async def test_a_place_without_a_scanner_has_no_files(room):
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        assert (await next_scanned(dino)).status == 404


def test_a_file_of_a_name_that_is_there_is_kept_beside_it(tmp_path):
    folder = ScannerFolder(tmp_path)
    for _ in range(3):
        (tmp_path / "a.png").write_bytes(b"x")
        folder.put_by(tmp_path / "a.png", "guardadas")
    kept = sorted(path.name for path in (tmp_path / "guardadas").iterdir())
    assert kept == ["a-2.png", "a-3.png", "a.png"]


async def test_another_photograph_asked_for_while_it_is_kept_is_told_as_kept(room, monkeypatch):
    disk = Slow(room.small.journal, "seal", monkeypatch)
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await brought(dino, scan_of())
        keeping = asyncio.create_task(dino.send("/digitalizacion/guardar", form_of(page)))
        await disk.begun()
        again = asyncio.create_task(dino.send("/digitalizacion/otra", form_of(page)))
        await asyncio.wait({again}, timeout=1)
        disk.go_on()
        kept = await keeping
        assert (kept.status, kept.header("Location")) == (303, "/digitalizacion")
        assert (await again).status == 303
    assert len(sealed(room)) == 1


async def test_a_photograph_brought_while_another_is_kept_waits_for_its_own_turn(room, monkeypatch):
    disk = Slow(room.small.journal, "seal", monkeypatch)
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await brought(dino, scan_of("A0"))
        keeping = asyncio.create_task(dino.send("/digitalizacion/guardar", form_of(page)))
        await disk.begun()
        bringing = asyncio.create_task(
            dino.bring("/digitalizacion/archivo", scan_of("A1"), page.hidden("ficha"))
        )
        await asyncio.wait({bringing}, timeout=2)
        disk.go_on()
        assert (await keeping).status == 303
        assert "A1" in (await bringing).text
        second = await dino.get("/digitalizacion")
        assert second.hidden("imagen") != page.hidden("imagen")
        await dino.post("/digitalizacion/guardar", form_of(second))
    assert [step.acta for step in sealed(room)] == ["A0", "A1"]


async def test_a_slow_disk_of_one_digitiser_keeps_no_other_waiting(room, monkeypatch):
    disk = Slow(room.pictures, "keep", monkeypatch)
    async with browsing(room) as browser:
        dino, dora = await at_scanner(browser), await at_scanner(browser, "dora")
        of_dino, of_dora = await brought(dino, scan_of("A0")), await brought(dora, scan_of("A1"))
        slow = asyncio.create_task(dino.send("/digitalizacion/guardar", form_of(of_dino)))
        await disk.begun()
        async with asyncio.timeout(60):
            done = await dora.post("/digitalizacion/guardar", form_of(of_dora))
        assert "Imagen guardada" in done.text
        assert [step.acta for step in sealed(room)] == ["A1"]
        disk.go_on()
        await slow


async def test_what_is_sealed_is_told_as_that_though_its_scanner_is_gone(room, scanner, caplog):
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await next_scanned(dino)
        scanner.rename(scanner.with_name("unplugged"))
        with caplog.at_level(logging.ERROR):
            done = await dino.post("/digitalizacion/guardar", form_of(page))
        assert "Imagen guardada" in done.text
    assert len(sealed(room)) == 1
    assert "K414" in caplog.text


@pytest.mark.parametrize("told", ["otra", "siguiente"])
async def test_a_scanner_that_goes_away_is_told_and_no_fault(room, scanner, told):
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        page = await (next_scanned(dino) if told == "otra" else dino.get("/digitalizacion"))
        scanner.rename(scanner.with_name("unplugged"))
        if told == "otra":
            after = await dino.post("/digitalizacion/otra", form_of(page))
            assert 'type="file"' in after.text
        else:
            after = await dino.post("/digitalizacion/escaner", {"ficha": page.hidden("ficha")})
            assert after.status == 503
        assert "no responde" in after.text


async def test_a_scanner_that_hangs_keeps_the_house_going_and_is_asked_once(
    room, scanner, monkeypatch
):
    monkeypatch.setattr(scanners, "LONGEST_ASKED", 0.5)
    answers, asked = Event(), []

    class Hanging(ScannerFolder):
        def waiting(self):
            asked.append(1)
            answers.wait(20)
            return super().waiting()

    room.scanners["D01"] = Hanging(scanner)
    async with browsing(room) as browser:
        dino = await at_scanner(browser)
        assert "no responde" in (await dino.get("/digitalizacion")).text
        assert "A0" in (await brought(dino, scan_of())).text
        dora = await at_scanner(browser, "dora")
        assert len(asked) == 1
        assert not answers.is_set()
        answers.set()
        async with asyncio.timeout(60):
            while "(3)" not in (await dora.get("/digitalizacion")).text:
                await asyncio.sleep(0.01)


async def test_what_somebody_uploaded_is_never_another_s_however_long_it_waits(
    room, scanner, monkeypatch
):
    async with browsing(room) as browser:
        dino, dora = await at_scanner(browser), await at_scanner(browser, "dora")
        page = await brought(dino, scan_of())
        monkeypatch.setattr(held_images, "LONGEST_HELD", -1.0)
        await next_scanned(dora)
        await dino.post("/digitalizacion/guardar", form_of(page))
    assert len(sealed(room)) == 1


async def test_a_file_is_put_by_in_the_folder_of_the_scanner_that_it_came_from(
    room, scanner, tmp_path
):
    other = tmp_path / "other"
    other.mkdir()
    room.scanners["CCV1"] = ScannerFolder(other)
    async with browsing(room) as browser:
        page = await next_scanned(await at_scanner(browser))
        elsewhere = await at_scanner(browser, place="CCV1")
        await elsewhere.post(
            "/digitalizacion/otra",
            {**form_of(page), "ficha": (await elsewhere.get("/digitalizacion")).hidden("ficha")},
        )
    assert (scanner / "descartadas" / "c.png").exists()
    assert not [*other.iterdir()]


async def test_what_is_held_is_bounded_by_its_bytes_and_the_newest_is_held(room, monkeypatch):
    async with browsing(room) as browser:
        dino, dora = await at_scanner(browser), await at_scanner(browser, "dora")
        first = await brought(dino, scan_of("A0"))
        monkeypatch.setattr(held_images, "MOST_HELD_BYTES", len(scan_of("A1")))
        second = await brought(dora, scan_of("A1"))
        await dino.post("/digitalizacion/guardar", form_of(first))
        await dora.post("/digitalizacion/guardar", form_of(second))
    assert [step.acta for step in sealed(room)] == ["A1"]
