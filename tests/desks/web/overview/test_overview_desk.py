"""The coordinador's desk: the figures of the house, as a page and as CSV, and no person in them."""

import csv
import re
from datetime import timedelta

import pytest

from capture.walking import pseudonym
from desks.small_house import image_of, reading, steps_of
from desks.web.room import SmallRoom, browsing
from openprep.capture.codes import StepCode
from openprep.capture.steps import HintCode
from openprep.capture.work.spans import Span
from openprep.desks.delivery_note import DeliveryNote
from openprep.desks.serving.codes import HouseCode
from openprep.desks.web.overview.sight import DELIVERY_STOPS, SET_ASIDE, TABLES
from openprep.desks.web.texts.all import TEXTS
from openprep.digitising.codes import DigitisingCode, NotDigitised
from openprep.record.codes import RecordCode, RecordTrouble
from small.election import OPENS
from transmission.small_center import ELECTION

PEOPLE = ("ana", "beto", "carla", "luz")
HINTS = (HintCode.TOTAL_OTHERWISE, HintCode.FOUR_DIGITS)


@pytest.fixture
async def room(tmp_path):
    room = SmallRoom(tmp_path)
    house = room.small
    steps = await house.digitised("A0")
    await house.take(
        steps.capture("ana", reading("A0"), image_of("A0"), hints=HINTS, overruled=True), "CCV1"
    )
    await house.take(steps.capture("ana", reading("A0"), image_of("A0"), session="b"), "CCV2")
    await house.digitised("A1")
    await house.take(steps_of(None).digitise("ee" * 32), "D01")
    disputed = await house.digitised("A2")
    for person, vote in (("ana", 3), ("beto", 4)):
        step = disputed.capture(person, reading("A2", vote), image_of("A2"), hints=HINTS[:1])
        await house.take(step, "CCV1")
    yield room
    room.close()


@pytest.fixture
async def jose(room):
    async with browsing(room) as browser:
        jose = browser()
        await jose.sign_in("jose", "D01", "coordinador")
        yield jose


async def rows_of(browser, table):
    got = await browser.get(f"/coordinacion/{table}.csv")
    return list(csv.DictReader(got.text.splitlines()))


async def test_progress_is_shown_and_taken_away_as_csv(jose):
    page = await jose.get("/coordinacion")
    (row,) = await rows_of(jose, "avance")
    assert row["contest"] == "AYUN"
    assert row["expected_actas"] == str(len(ELECTION.catalogues["AYUN"]))
    assert (row["captured_once"], row["digitised"], row["disputed"]) == ("1", "2", "1")
    assert row["expected"] == str(len(ELECTION.catalogues["AYUN"]) - 3)
    assert "Por enviar al centro" in page.text


async def test_no_person_is_in_the_page_or_in_any_file(jose):
    shown = [await jose.get("/coordinacion")]
    shown += [await jose.get(f"/coordinacion/{table}.csv") for table in TABLES]
    assert {got.status for got in shown} == {200}
    for got in shown:
        for person in PEOPLE:
            assert pseudonym(person) not in got.text
            assert pseudonym(f"{person}-1") not in got.text


async def test_every_table_is_in_the_page_with_the_figures_of_its_file(room, jose):
    room.small.house.clock = lambda: OPENS + timedelta(hours=1)
    page = (await jose.get("/coordinacion")).text
    shown = re.findall(r'<table class="figures">.*?</table>', page, re.DOTALL)
    files = re.findall(r'href="/coordinacion/(\w+)\.csv"', page)
    assert set(files) == set(TABLES)
    for table, name in zip(shown, files, strict=True):
        body = table.partition("<tbody>")[2]
        lines = re.findall(r"<tr>.*?</tr>", body, re.DOTALL)
        for line, row in zip(lines, await rows_of(jose, name), strict=True):
            cells = re.findall(r"<t[dh][^>]*>\s*(.*?)\s*</t[dh]>", line, re.DOTALL)
            for cell, (column, said) in zip(cells, row.items(), strict=True):
                if said == "":
                    assert cell in ("–", ""), (name, column)
                elif said.isdigit() and "seconds" not in column:
                    assert cell == said, (name, column)


async def test_what_waits_too_long_and_nobody_has_is_stuck_by_the_policy(room, jose):
    room.small.house.clock = lambda: OPENS + timedelta(minutes=10)
    (waits, *_) = await rows_of(jose, "tareas")
    assert (waits["task"], waits["waiting"], waits["stuck"]) == ("capture", "3", "0")
    room.small.house.clock = lambda: OPENS + timedelta(minutes=40)
    stuck = await rows_of(jose, "detenidas")
    assert {row["acta"]: row["task"] for row in stuck} == {
        "A0": "capture",
        "A1": "capture",
        "A2": "arbitrate",
        "ee" * 32: "capture",
    }
    assert [row["seconds"] for row in stuck] == [str(39 * 60)] * 3 + [str(37 * 60)]
    async with browsing(room) as browser:
        luz = browser()
        await luz.sign_in("luz", "CCV2")
        await luz.get("/captura")
        (waits, *_) = await rows_of(jose, "tareas")
        held = {row["acta"] for row in await rows_of(jose, "detenidas")}
    assert (waits["at_work"], waits["stuck"]) == ("2", "1")
    assert len(held) == 2
    room.small.seconds += 1_000
    (waits, *_) = await rows_of(jose, "tareas")
    assert (waits["at_work"], waits["stuck"]) == ("0", "3"), "its lease ran out"


async def test_conflicts_and_overruled_hints_are_counted(jose):
    (dispute,) = await rows_of(jose, "diferencias")
    assert (dispute["opened"], dispute["open"], dispute["neither_share"]) == ("1", "1", "")
    hints = {row["hint"]: row for row in await rows_of(jose, "avisos")}
    assert hints["total_otherwise"]["shown"] == "3"
    assert hints["total_otherwise"]["overruled"] == "1"
    assert hints["total_otherwise"]["overruled_share"] == "0.3333"
    assert (hints["four_digits"]["shown"], hints["four_digits"]["overruled"]) == ("1", "1")
    assert (hints["any"]["shown"], hints["any"]["overruled"]) == ("3", "1")


async def test_places_have_what_came_there_and_what_their_people_did(jose):
    places = {row["place"]: row for row in await rows_of(jose, "lugares")}
    assert places["D01"]["reports"] == str(len(ELECTION.catalogues["AYUN"]))
    assert (places["D01"]["came"], places["D01"]["standing"]) == ("4", "0")
    assert places["CCV1"]["work_captured"] == "3"
    assert (places["CCV2"]["work_captured"], places["CCV2"]["reports"]) == ("0", "")


async def test_incidents_are_told_by_code_in_plain_words(room, jose):
    house = room.small.house
    with pytest.raises(NotDigitised), house.incidents.noting():
        raise NotDigitised(DigitisingCode.NOT_A_PICTURE, "a file")
    incidents = {row["incident"]: row["count"] for row in await rows_of(jose, "incidencias")}
    assert (incidents["R030"], incidents["K102"], incidents["sent_back"]) == ("1", "1", "0")
    page = await jose.get("/coordinacion")
    assert "R030 · La misma persona en dos partes" in page.text


async def test_what_the_centre_refuses_is_told_with_why(room):
    room.note = lambda: DeliveryNote("T10 no such station", 3)
    async with browsing(room) as browser:
        jose = browser()
        await jose.sign_in("jose", "D01", "coordinador")
        page = await jose.get("/coordinacion")
        incidents = {row["incident"]: row["count"] for row in await rows_of(jose, "incidencias")}
    assert "T10 no such station" in page.text
    assert (incidents["K459"], incidents["K460"]) == ("1", "3")


async def test_a_full_disk_is_an_incident(room, jose, monkeypatch):
    house = room.small.house
    steps = steps_of("A1")

    def full(*_):
        raise RecordTrouble(RecordCode.DISK_FULL, "{path}", path="journal")

    monkeypatch.setattr(room.small.journal, "seal", full)
    with pytest.raises(RecordTrouble):
        await room.small.take(steps.capture("beto", reading("A1"), image_of("A1")), "CCV1")
    assert house.incidents.count == {"R004": 1}
    incidents = {row["incident"]: row["count"] for row in await rows_of(jose, "incidencias")}
    assert incidents["R004"] == "1"


def test_every_code_that_may_come_up_has_plain_words():
    codes = [
        *(code.code for code in StepCode),
        *(code.code for code in DigitisingCode),
        *(code.code for code in RecordCode),
        *(HouseCode.DELIVERY_STOPS.code, HouseCode.SET_ASIDE.code),
    ]
    assert [code for code in codes if f"incident.{code}" not in TEXTS] == []
    told = (HouseCode.DELIVERY_STOPS.code, HouseCode.SET_ASIDE.code)
    assert told == (DELIVERY_STOPS, SET_ASIDE)
    assert {f"span.{span.value}" for span in Span} <= set(TEXTS)
    assert {f"of_hint.{hint.value}" for hint in HintCode} <= set(TEXTS)


async def test_the_page_has_charts_with_titles_and_nothing_inline(jose):
    page = (await jose.get("/coordinacion")).text
    charts = re.findall(r'<svg class="chart"[^>]*aria-labelledby="(\S+) (\S+)"', page)
    assert len(charts) == 7
    for title, desc in charts:
        assert f'<title id="{title}">' in page
        assert f'<desc id="{desc}">' in page
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]* src=)", page)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


async def test_a_table_that_there_is_not_is_no_page(jose):
    assert (await jose.get("/coordinacion/personas.csv")).status == 404


@pytest.mark.parametrize("role", ["capturista", "verificador", "digitalizador", "acopiador"])
async def test_progress_is_for_the_coordinador_alone(room, role):
    async with browsing(room) as browser:
        who = browser()
        await who.sign_in("ana", "CCV1", role)
        assert (await who.get("/coordinacion")).status == 404
        assert (await who.get("/coordinacion/avance.csv")).status == 404
