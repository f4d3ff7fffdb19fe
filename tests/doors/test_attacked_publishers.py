"""Strangers keep no publisher from its cuts, and no reader from a mirror: real ones, attacked."""

import asyncio

import pytest
from benchmarks.attackers import attacked

from doors.night import newer_than
from hostile.publisher import in_a_process, mirror, service
from small.publishers import small_network

UNSIGNED = b"GET /distribution/pointer HTTP/1.1\r\nHost: x\r\n\r\n"
ATTACKS = {
    "half requests": ("half request", 1200),
    "idle connections": ("idle", 1200),
    "readers that do not read": ("slow reader", 300),
    "bodies that trickle": ("trickle", 200),
    "a flood of requests": ("flood", 20, UNSIGNED),
    "a flood that is not HTTP": ("flood", 20, b"\x16\x03\x01 nonsense\r\n\r\n"),
}
CUTS = 3


@pytest.mark.parametrize("attack", ATTACKS)
async def test_the_distribution_service_attacked_hands_every_cut_over(tmp_path, attack):
    async with small_network(tmp_path, names=("tec",)) as network:
        await network.close()
        with (
            in_a_process(service, network.folder, network.port) as log,
            attacked(network.port, *ATTACKS[attack]),
        ):
            publisher = network.mirrors["tec"].start()
            for cut in range(CUTS):
                network.center.next_cut()
                await publisher.shows(cut)
                await asyncio.sleep(0.5)  # attackers go on opening
            await publisher.stop()
        assert log.stat().st_size < 20_000


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_mirror_attacked_goes_on_taking_cuts_and_is_read(tmp_path, attack):
    async with small_network(tmp_path, names=("tec",)) as network:
        tec = network.mirrors["tec"]
        with (
            in_a_process(mirror, tec.folder, tec.port) as log,
            attacked(tec.port, *ATTACKS[attack]),
        ):
            shown = -1
            for _ in range(CUTS):
                network.center.next_cut()
                network.service.distribution.news.announce()
                shown = await newer_than(tec.port, shown)
                await asyncio.sleep(0.5)
        assert log.stat().st_size < 20_000
