"""Strangers cannot close the inbox, the tree or the making of cuts: a real centre, attacked."""

import asyncio
from contextlib import suppress

import aiohttp
import pytest
from benchmarks.attackers import attacked
from msgspec import json

from hostile.center import INBOX, TREE, real_center
from openprep.record.facts import ActaReported
from small.election import acta
from transmission.small_center import sealed

PATIENCE = aiohttp.ClientTimeout(total=30)


async def deliver(inbox, sequence):
    """One acta, as a courier without a connection delivers it: at once, whatever goes on."""
    body = sealed(sequence, ActaReported(acta(sequence - 1)))
    async with aiohttp.ClientSession(timeout=PATIENCE) as session:
        answer = await session.post(f"http://127.0.0.1:{inbox}/inbox", data=body)
        assert answer.status == 200, await answer.text()


async def shown(tree):
    async with aiohttp.ClientSession(timeout=PATIENCE) as session:
        answer = await session.get(f"http://127.0.0.1:{tree}/current.json")
        return json.decode(await answer.read())["cut"] if answer.status == 200 else -1


async def newer_than(tree, cut):
    """As soon as a publisher sees it, who asks again and again."""
    async with asyncio.timeout(30):
        while True:
            with suppress(aiohttp.ClientConnectionError):
                if (now := await shown(tree)) > cut:
                    return now
            await asyncio.sleep(0.05)


async def night(inbox, tree):
    """Actas are delivered one by one; each is taken at once, and a cut shows it."""
    cut = -1
    for sequence in range(1, 5):
        await deliver(inbox, sequence)
        cut = await newer_than(tree, cut)
        await asyncio.sleep(0.3)  # attackers go on opening


@pytest.mark.parametrize("attack", INBOX)
async def test_the_inbox_attacked_takes_every_envelope_and_cuts_go_on(tmp_path, attack):
    with real_center(tmp_path / "center") as (inbox, tree), attacked(inbox, *INBOX[attack]):
        await night(inbox, tree)
    assert (tmp_path / "center" / "log").stat().st_size < 20_000


@pytest.mark.parametrize("attack", TREE)
async def test_the_tree_attacked_is_still_read_and_reception_and_cuts_go_on(tmp_path, attack):
    with real_center(tmp_path / "center") as (inbox, tree), attacked(tree, *TREE[attack]):
        await night(inbox, tree)


async def test_both_ports_attacked_at_once(tmp_path):
    half = ("half request", 700)
    with (
        real_center(tmp_path / "center") as (inbox, tree),
        attacked(inbox, *half),
        attacked(tree, *half),
    ):
        await night(inbox, tree)
