"""What a house sealed comes to the centre: in order, once, and whatever happens on the way."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing

import pytest
from aiohttp.test_utils import TestServer

from desks.serving.running import make_places, plan_of, running
from desks.small_house import reading, steps_of
from openprep.capture.steps import Verdict
from openprep.desks.delivery_note import read_note
from openprep.desks.journal import Journal
from openprep.desks.pictures import Shot
from openprep.desks.serving import delivery
from openprep.desks.serving.leaving import InOrder
from openprep.transmission.inbox.http import inbox_application
from small.image import digest_of, jpeg
from small.publishers import free_port, until
from transmission.small_center import ELECTION, KEYS, NOW, REMITS, SmallCenter

ONE = jpeg(1)


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    monkeypatch.setattr(delivery, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(delivery, "TRY_AGAIN_AFTER", 0.05)


@pytest.fixture
def center(tmp_path):
    center = SmallCenter(tmp_path / "center" / "record.sqlite")
    yield center
    center.record.close()


@pytest.fixture
def places(tmp_path):
    return make_places(tmp_path / "places")


@asynccontextmanager
async def inbox(center, port):
    async with TestServer(inbox_application(center.inbox, center.images), port=port):
        yield


async def captured(house, acta="A0", picture=ONE):
    """An acta of which two people read the same, on an image that the house has."""
    steps, image = steps_of(acta), digest_of(picture)
    house.opened.pictures.keep(Shot(picture, b"small", b"as it came"))
    await house.take(steps.digitise(image), "D01")
    await house.take(steps.capture("ana", reading(acta), image), "CCV1")
    await house.take(steps.capture("beto", reading(acta), image), "CCV2")


def stands(center, acta="A0"):
    paper = center.ledger.state.papers.by_key.get(("AYUN", acta))
    return paper is not None and paper.stands is not None


async def everything_left(house):
    await until(lambda: house.house.pending == 0, "the envelopes")
    await until(lambda: not house.opened.pictures.outgoing.pending(), "the images")


@pytest.mark.usefixtures("places")
async def test_steps_arrive_in_their_order_and_images_after_them(tmp_path, center):
    port = free_port()
    async with inbox(center, port), running(plan_of(tmp_path, center=url(port))) as house:
        await captured(house)
        await everything_left(house)
    assert center.ledger.state.papers == house.house.floor.papers
    assert digest_of(ONE) in center.ledger.state.held


def url(port):
    return f"http://127.0.0.1:{port}"


@pytest.mark.usefixtures("places")
async def test_a_centre_that_is_away_keeps_no_desk_waiting_and_gets_all_when_it_is_back(
    tmp_path, center
):
    port = free_port()
    async with running(plan_of(tmp_path, center=url(port))) as house:
        await captured(house)
        assert house.house.pending == 4
        async with inbox(center, port):
            await everything_left(house)
        await captured(house, "A1", jpeg(2))
        async with inbox(center, port):
            await everything_left(house)
    assert center.ledger.state.papers == house.house.floor.papers


@pytest.mark.usefixtures("places")
async def test_a_house_without_centre_keeps_all_until_it_is_started_with_one(tmp_path, center):
    async with running(plan_of(tmp_path)) as house:
        await captured(house)
    port = free_port()
    async with inbox(center, port), running(plan_of(tmp_path, center=url(port))) as house:
        await everything_left(house)
    assert center.ledger.state.papers == house.house.floor.papers


@pytest.mark.usefixtures("places")
async def test_what_the_centre_refuses_for_good_is_told_once_and_stops_no_desk(
    tmp_path, center, caplog
):
    stations = {name: key for name, key in KEYS.items() if name != "CCV1"}
    center.keys = stations
    center.restart()
    port = free_port()
    async with running(plan_of(tmp_path, center=url(port))) as house:
        async with inbox(center, port):
            await captured(house)
            note = house.folder.delivery
            await until(lambda: read_note(note).stopped_by, "the refusal")
            await asyncio.sleep(0.3)
            assert caplog.text.count("K459") == 1
            await captured(house, "A1", jpeg(2))
        assert "T003" in read_note(note).stopped_by
        center.keys = KEYS
        center.restart()
        async with inbox(center, port):
            await everything_left(house)
            await until(lambda: not read_note(note).stopped_by)
    assert center.ledger.state.papers == house.house.floor.papers


@pytest.mark.usefixtures("places")
async def test_a_place_that_is_refused_keeps_no_other_s_figures_from_leaving(
    tmp_path, center, caplog
):
    center.keys = {name: key for name, key in KEYS.items() if name != "COTEJO"}
    center.restart()
    port = free_port()
    async with inbox(center, port), running(plan_of(tmp_path, center=url(port))) as house:
        await captured(house)
        check = steps_of("A0").check(Verdict.ACCEPTED, None, digest_of(ONE))
        await house.take(check, "COTEJO")
        await until(lambda: read_note(house.folder.delivery).stopped_by, "the refusal")
        await captured(house, "A1", jpeg(2))
        await until(lambda: stands(center, "A1"), "figures of another acta")
        assert house.house.pending == 1
        await until(lambda: digest_of(jpeg(2)) in center.ledger.state.held, "its image")
        assert "K459 COTEJO" in caplog.text
        assert caplog.text.count("K459") == 1
        assert "withdraw" not in caplog.text, "that is a station's command"


@pytest.mark.usefixtures("places")
async def test_another_server_at_the_address_is_told_and_stops_no_desk(tmp_path, caplog):
    async with running(plan_of(tmp_path)) as other:
        plan = plan_of(tmp_path, root=tmp_path / "second", center=url(other.opened.plan.port))
        async with running(plan) as house:
            await captured(house)
            await until(lambda: read_note(house.folder.delivery).stopped_by)
            assert "T113" in caplog.text
            await captured(house, "A1", jpeg(2))
            assert house.house.pending == 7


@pytest.mark.usefixtures("places")
async def test_what_the_centre_sets_aside_is_told_with_its_code(
    tmp_path, center, caplog, monkeypatch
):
    monkeypatch.setitem(REMITS, "D01", REMITS["CCV1"])
    center.restart()
    port = free_port()
    async with inbox(center, port), running(plan_of(tmp_path, center=url(port))) as house:
        await captured(house)
        await until(lambda: house.house.pending == 0)
        await until(lambda: read_note(house.folder.delivery).aside)
    assert "K460" in caplog.text
    assert "R025" in caplog.text


@pytest.mark.usefixtures("places")
async def test_an_image_that_no_step_names_keeps_no_other_from_leaving(tmp_path, center):
    port = free_port()
    async with inbox(center, port), running(plan_of(tmp_path, center=url(port))) as house:
        house.opened.pictures.keep(Shot(jpeg(9), b"small", b"as it came"))
        await captured(house)
        pending = house.opened.pictures.outgoing.pending
        await until(lambda: pending() == [digest_of(jpeg(9))], "all images but one")


async def test_nothing_leaves_before_it_is_on_disk(tmp_path):
    path = tmp_path / "journal.sqlite"
    journal = Journal(path, ELECTION.id, KEYS, lambda: NOW)
    leaving = InOrder(Journal(path, ELECTION.id, KEYS, lambda: NOW))
    values = "VALUES ('D01', 1, x'00')"
    with closing(sqlite3.connect(path, isolation_level=None)) as sealing:
        sealing.execute("BEGIN IMMEDIATE")
        sealing.execute(f"INSERT INTO sealed (place, sequence, body) {values}")
        assert leaving.next_pending() is None
        sealing.execute("ROLLBACK")
    journal.seal(("D01", steps_of().receive()))
    assert leaving.next_pending().sequence == 1
