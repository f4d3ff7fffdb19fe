"""What a task has for another: only the newest arrives, and nobody waits longer than was said."""

import asyncio

import pytest

from openprep.waiting import Latest, happens_within


async def test_the_newest_is_taken_and_only_once():
    latest = Latest()
    latest.put("old")
    latest.put("new")
    assert await latest.take() == "new"
    taking = asyncio.create_task(latest.take())
    await asyncio.sleep(0)
    assert not taking.done()
    latest.put(None)
    assert await taking is None


async def test_who_waits_is_told_when_something_comes():
    latest = Latest()
    taking = asyncio.create_task(latest.take())
    await asyncio.sleep(0)
    latest.put("first")
    assert await taking == "first"


async def test_what_is_put_back_is_taken_again_unless_there_is_a_newer_one():
    latest = Latest()
    latest.put("first")
    first = await latest.take()
    latest.put_back(first)
    assert await latest.take() == "first"
    latest.put("second")
    latest.put_back(first)
    assert await latest.take() == "second"


async def test_a_task_that_is_cancelled_while_it_waits_loses_nothing():
    latest = Latest()
    taking = asyncio.create_task(latest.take())
    await asyncio.sleep(0)
    latest.put("first")
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert await latest.take() == "first"


async def test_an_event_that_happens_is_told_from_one_that_does_not():
    event = asyncio.Event()
    assert not await happens_within(0.01, event)
    asyncio.get_running_loop().call_soon(event.set)
    assert await happens_within(600, event)
    assert await happens_within(0, event)
