"""A house that was killed seals what was confirmed, though its disk or clock failed with it."""

import asyncio
from datetime import timedelta

import pytest

from capture.walking import pseudonym
from desks import small_house
from desks.web.room import SmallRoom, all_of, browsing
from openprep.capture.steps import ActaCaptured
from openprep.desks.web import resuming
from openprep.record.codes import RecordCode, RecordTrouble
from transmission.small_center import NOW


@pytest.fixture
def room(tmp_path, monkeypatch):
    monkeypatch.setattr(resuming, "AGAIN_EVERY", 0.02)
    room = SmallRoom(tmp_path)
    yield room
    room.close()


def full(*_):
    raise RecordTrouble(RecordCode.DISK_FULL, "{path}", path="journal")


def captured(room):
    return [step for step in room.small.steps if isinstance(step, ActaCaptured)]


async def until(holds):
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.02)


async def confirm_and_kill(room, monkeypatch, *people):
    """What each of them confirmed is on disk, and the power is cut before it is sealed."""
    await room.digitised("A0", "A1")
    async with browsing(room) as browser:
        with monkeypatch.context() as patched:
            patched.setattr(room.small.journal, "seal", full)
            for name in people:
                who = browser()
                await who.sign_in(name)
                page = await who.get("/captura")
                assert (await who.save(page, all_of(page))).status == 503
    room.restart()
    assert len(room.drafts.confirmed()) == len(people)


@pytest.mark.parametrize("people", [["ana"], ["ana", "eva"]])
async def test_a_disk_that_is_full_when_it_starts_leaves_it_confirmed_until_there_is_room(
    room, monkeypatch, caplog, people
):
    await confirm_and_kill(room, monkeypatch, *people)
    tries = 0

    def count_and_refuse(*_):
        nonlocal tries
        tries += 1
        full()

    with monkeypatch.context() as patched:
        patched.setattr(room.small.journal, "seal", count_and_refuse)
        async with browsing(room):
            await until(lambda: tries > 3)
            assert len(room.drafts.confirmed()) == len(people)
            assert not captured(room)
            patched.undo()
            await until(lambda: not room.drafts.confirmed())
    assert sorted(step.by for step in captured(room)) == sorted(map(pseudonym, people))
    assert sum("waits to be sealed" in line.message for line in caplog.records) == 1


@pytest.mark.parametrize("behind", [timedelta(hours=1), timedelta(days=400)])
async def test_a_clock_that_is_behind_when_it_starts_leaves_it_confirmed_until_it_is_set(
    room, monkeypatch, behind
):
    await confirm_and_kill(room, monkeypatch, "ana")
    room.small.now = NOW - behind
    async with browsing(room):
        await asyncio.sleep(0.1)
        assert len(room.drafts.confirmed()) == 1
        room.small.now = NOW
        await until(lambda: not room.drafts.confirmed())
    assert len(captured(room)) == 1


async def test_a_disk_of_drafts_that_is_full_keeps_no_house_from_starting(room, monkeypatch):
    await confirm_and_kill(room, monkeypatch, "ana")
    with monkeypatch.context() as patched:
        patched.setattr(room.drafts, "write", full)
        async with browsing(room) as browser:
            ana = browser()
            await ana.sign_in("ana")
            assert set((await ana.get("/captura")).fields.values()) == {""}, "it is another acta"
    assert len(captured(room)) == 1
    room.restart()
    async with browsing(room):
        assert not room.drafts.confirmed()
    assert len(captured(room)) == 1


async def test_what_its_person_took_in_hand_meanwhile_is_theirs_to_seal(room, monkeypatch):
    await confirm_and_kill(room, monkeypatch, "ana")
    with monkeypatch.context() as patched:
        patched.setattr(room.small.journal, "seal", full)
        async with browsing(room) as browser:
            ana = browser()
            await ana.sign_in("ana")
            page = await ana.get("/captura")
            changed = all_of(page, "5")
            assert (await ana.save(page, changed)).status == 503
            patched.undo()
            await asyncio.sleep(0.2)
            assert not captured(room), "what they did not confirm any more is not sealed"
            await ana.save(page, changed)
    assert [step.reading.votes[0] for step in captured(room)] == [5]


async def test_what_is_of_a_place_that_is_no_longer_of_the_house_waits_for_its_person(
    room, monkeypatch
):
    await confirm_and_kill(room, monkeypatch, "ana")
    monkeypatch.setattr(small_house, "PLACES", ("D01", "COTEJO", "CCV2"))
    room.restart()
    async with browsing(room):
        assert not room.drafts.confirmed()
    (kept,) = room.drafts.of(pseudonym("ana"))
    assert kept.draft.step is None
    assert kept.draft.fields
