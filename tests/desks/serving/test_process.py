"""A house's process beside a real centre: what is taken is published, and a killed house loses
nothing."""

import asyncio
import os
import signal
import socket
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from msgspec import structs

from desks.serving.center import published
from desks.serving.running import make_places, plan_of, running
from desks.small_house import reading, steps_of
from openprep.desks.house import Hours
from openprep.desks.pictures import Shot
from openprep.desks.serving.codes import HouseCode, HouseTrouble
from openprep.desks.serving.process import check_secure
from openprep.wire.cut.ref import image_path
from served.certificates import certificate
from small.election import small_election
from small.image import digest_of, jpeg
from small.publishers import until
from transmission.small_center import ELECTION

ONE = jpeg(1)
HERE = Path(__file__)


@pytest.fixture(autouse=True)
def places(tmp_path):
    return make_places(tmp_path / "places")


async def captured(house, acta="A0"):
    steps, image = steps_of(acta), digest_of(ONE)
    house.opened.pictures.keep(Shot(ONE, b"small", b"as it came"))
    await house.take(steps.receive(), "D01")
    await house.take(steps.digitise(image), "D01")
    await house.take(steps.capture("ana", reading(acta), image), "CCV1")
    await house.take(steps.capture("beto", reading(acta), image), "CCV2")


async def test_what_two_people_read_in_a_house_is_published_with_its_image(tmp_path):
    async with (
        published(tmp_path / "center") as (url, tree),
        running(plan_of(tmp_path, center=url)) as house,
    ):
        await captured(house)
        await until(lambda: tree.path(image_path(digest_of(ONE))).exists(), "the image in the tree")


async def test_a_house_killed_before_it_delivered_delivers_all_when_it_starts_again(tmp_path):
    paths = os.pathsep.join(str(HERE.parents[up]) for up in (2, 3))
    child = subprocess.Popen(
        [sys.executable, __file__, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
    )
    assert child.stdout.readline() == b"all is said to be sealed\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    async with (
        published(tmp_path / "center") as (url, tree),
        running(plan_of(tmp_path, center=url), opened=False) as house,
    ):
        assert house.house.hours is Hours.OPEN, "it was opened before it was killed"
        await until(lambda: house.house.pending == 0)
        await until(lambda: tree.path(image_path(digest_of(ONE))).exists(), "the image in the tree")


async def test_desks_answer_while_the_house_runs_and_a_second_process_is_refused(tmp_path):
    plan = plan_of(tmp_path)
    async with running(plan) as house, aiohttp.ClientSession() as session:
        await captured(house)
        async with session.get(f"http://127.0.0.1:{plan.port}/") as answer:
            assert await answer.text() == "5"
        with pytest.raises(HouseTrouble) as refusal:
            async with running(plan_of(tmp_path)):
                pass
        assert refusal.value.code is HouseCode.TAKEN


async def test_a_step_that_was_begun_is_finished_when_the_house_is_told_to_stop(tmp_path):
    async with running(plan_of(tmp_path)) as house:
        step = steps_of().receive()
        taking = asyncio.create_task(house.take(step, "D01"))
        await asyncio.sleep(0)
        house.task.cancel()
        await taking
        await asyncio.wait([house.task])
    async with running(plan_of(tmp_path)) as house:
        assert house.house.paper("AYUN", "A0").received == step


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "ccv.example.mx", "127.example"])
def test_no_house_listens_to_other_machines_without_tls(host):
    with pytest.raises(HouseTrouble, match="--certificate") as refusal:
        check_secure(host, None)
    assert refusal.value.code is HouseCode.NOT_SECURE
    check_secure(host, ssl.create_default_context(ssl.Purpose.CLIENT_AUTH))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_needs_no_certificate(host):
    check_secure(host, None)


async def test_a_house_speaks_tls_to_other_machines(tmp_path):
    pair = certificate(tmp_path, datetime.now(UTC) + timedelta(days=30))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(pair)
    plan = plan_of(tmp_path, tls=tls, host="0.0.0.0")
    trusted = ssl.create_default_context(cafile=str(pair))
    async with running(plan), aiohttp.ClientSession() as session:
        url = f"https://127.0.0.1:{plan.port}/"
        async with session.get(url, ssl=trusted) as answer:
            assert answer.status == 200


async def test_an_address_that_is_taken_has_a_code(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        plan = plan_of(tmp_path, port=taken.getsockname()[1])
        with pytest.raises(HouseTrouble) as refusal:
            async with running(plan):
                pass
    assert refusal.value.code is HouseCode.ADDRESS_TAKEN


async def test_a_house_says_at_its_start_what_it_is_and_what_it_lacks(tmp_path, caplog):
    caplog.set_level("INFO")
    asked = small_election(rules=structs.replace(ELECTION.rules, capture_places=2))
    async with running(plan_of(tmp_path, election=asked)) as house:
        port = house.opened.plan.port
    for part in (
        ELECTION.id,
        f"http://127.0.0.1:{port}/",
        "4 places: CCV1, CCV2, COTEJO, D01",
        "none, all waits here; 0 envelopes pending",
        "K458 AYUN: 4 actas",
    ):
        assert part in caplog.text


def take_and_wait(folder: Path) -> None:
    """What a process does that is killed: a house without centre takes an acta."""

    async def work():
        async with running(plan_of(folder)) as house:
            await captured(house)
            print("all is said to be sealed", flush=True)
            await asyncio.Event().wait()

    asyncio.run(work())


if __name__ == "__main__":
    take_and_wait(Path(sys.argv[1]))
