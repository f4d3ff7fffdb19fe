"""The coordinador's desk: the figures of the house, as a page and as CSV, and no person in them."""

import csv

import pytest

from capture.walking import pseudonym
from desks.small_house import image_of, reading, steps_of
from desks.web.room import SmallRoom, browsing
from transmission.small_center import ELECTION


@pytest.fixture
async def room(tmp_path):
    room = SmallRoom(tmp_path)
    steps = await room.small.digitised("A0")
    await room.small.take(steps.capture("ana", reading("A0"), image_of("A0")), "CCV1")
    await room.small.digitised("A1")
    await room.small.take(steps_of(None).digitise("ee" * 32), "D01")
    yield room
    room.close()


async def test_progress_is_shown_and_taken_away_as_csv(room):
    async with browsing(room) as browser:
        jose = browser()
        await jose.sign_in("jose", "D01", "coordinador")
        page = await jose.get("/coordinacion")
        table = await jose.get("/coordinacion/avance.csv")
    (row,) = csv.DictReader(table.text.splitlines())
    assert row["contest"] == "AYUN"
    assert row["expected_actas"] == str(len(ELECTION.catalogues["AYUN"]))
    assert (row["captured_once"], row["digitised"]) == ("1", "2")
    assert row["expected"] == str(len(ELECTION.catalogues["AYUN"]) - 2)
    assert "Por enviar al centro" in page.text
    for shown in (page, table):
        assert pseudonym("ana") not in shown.text


@pytest.mark.parametrize("role", ["capturista", "verificador", "digitalizador", "acopiador"])
async def test_progress_is_for_the_coordinador_alone(room, role):
    async with browsing(room) as browser:
        who = browser()
        await who.sign_in("ana", "CCV1", role)
        assert (await who.get("/coordinacion")).status == 404
        assert (await who.get("/coordinacion/avance.csv")).status == 404
