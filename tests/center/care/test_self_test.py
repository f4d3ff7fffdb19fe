"""What `center self-test` says of a centre that is ready, and of every way in which it is not."""

import asyncio
import socket
import sqlite3
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest

from center.publisher_site import cut, publisher
from openprep.center.care.self_test import Subject, self_test
from openprep.center.process import Plan, run_center
from openprep.ceremony.enrolment import Changes, from_enrolled
from openprep.cuts.signing_key import load_signer, make_key
from openprep.doors.addresses import telling
from openprep.hosting.verdicts import Verdict
from openprep.pages.kit import Kit
from openprep.record.sqlite import Record
from openprep.transmission.keys import Enrolled
from openprep.wire.note import Signer
from small.election import OPENS, small_election
from small.publishers import free_port
from small.trust import NOW, SmallTrust, new_key, request
from transmission.small_center import KEYS

ELECTION = small_election()
STATIONS = from_enrolled(
    Enrolled(name, name, key.public_key().public_bytes_raw().hex(), reports=("*",))
    for name, key in KEYS.items()
)


@pytest.fixture
def ready(tmp_path):
    """A centre's folder as the ceremony leaves it, with a publisher at each address given."""
    make_key(tmp_path / "center.key")
    signer = load_signer(tmp_path / "center.key", ELECTION.id)

    def enrol(*addresses, log=signer):
        trust = SmallTrust(tmp_path / "public/trust", log=log, expires=OPENS + timedelta(days=9))
        requests = [request(f"p{n}", addresses=(url,)) for n, url in enumerate(addresses)]
        trust.version(Changes(requests=requests, stations=STATIONS, quorum=len(addresses)))
        return tmp_path, signer

    return enrol


async def verdicts(folder, **changes):
    values = {"election": ELECTION, "data": folder, "with_page": False}
    return {check.name: check for check in await self_test(Subject(**{**values, **changes}))}


def failed(checks):
    return {name for name, check in checks.items() if check.verdict is Verdict.NO_GO}


async def test_a_centre_that_is_ready_is_a_go_on_every_line(ready):
    async with publisher() as site:
        folder, _ = ready(site.url)
        checks = await verdicts(folder)
    wanted = {"disk, free", "key", "log", "trust root", "stations", "publishers", "clock", "record"}
    assert wanted <= set(checks)
    assert {name for name in wanted if checks[name].verdict is not Verdict.GO} == set()
    assert not failed(checks)


@pytest.mark.parametrize("ahead", [7200, -7200])
async def test_a_clock_that_most_publishers_contradict_is_a_no_go_that_says_by_how_much(
    ready, ahead
):
    async with publisher(ahead=ahead) as one, publisher(ahead=ahead) as two, publisher() as three:
        folder, _ = ready(one.url, two.url, three.url)
        checks = await verdicts(folder)
    assert failed(checks) == {"clock"}
    side = "-7" if ahead > 0 else "+7"
    assert f"by {side}" in checks["clock"].found


async def test_where_no_publisher_answers_somebody_should_look_at_the_clock(ready):
    folder, _ = ready("http://127.0.0.1:9")
    checks = await verdicts(folder)
    assert checks["clock"].verdict is Verdict.LOOK
    assert not failed(checks)


async def test_a_trust_root_that_is_past_by_this_clock_says_so_beside_its_date(ready):
    folder, _ = ready("http://127.0.0.1:9")
    before = await verdicts(folder, clock=lambda: OPENS)
    after = await verdicts(folder, clock=lambda: OPENS + timedelta(days=730))
    for name in ("trust root, root", "trust root, targets"):
        assert before[name].verdict is Verdict.GO
        assert after[name].verdict is Verdict.LOOK
        assert after[name].found.startswith(f"{before[name].found}: past, this clock says 20")


async def test_a_port_of_the_centre_that_runs_is_its_own_and_one_of_anybody_else_is_not(ready):
    folder, _ = ready("http://127.0.0.1:9")
    with (
        socket.create_server(("127.0.0.1", 0)) as own,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        ports = (own.getsockname()[1], other.getsockname()[1])
        names = [f"127.0.0.1:{port}" for port in ports]
        with telling(folder, "127.0.0.1", [ports[0]]):
            runs = await verdicts(folder, ports=ports)
        gone = await verdicts(folder, ports=ports)
        (folder / "listening.json").write_text("[1")
        damaged = await verdicts(folder, ports=ports)
    assert [runs[name].verdict for name in names] == [Verdict.GO, Verdict.LOOK]
    assert "own" in runs[names[0]].found
    for checks in (gone, damaged):
        assert [checks[name].verdict for name in names] == [Verdict.LOOK, Verdict.LOOK]


async def test_a_centre_that_runs_tells_its_ports_beside_it(ready):
    folder, _ = ready()
    ports = (free_port(), free_port())
    plan = Plan(
        ELECTION,
        folder,
        None,
        lambda: OPENS - timedelta(days=1),
        "127.0.0.1",
        *ports,
        with_page=False,
    )
    running = asyncio.create_task(run_center(plan))
    try:
        async with asyncio.timeout(60):
            while not (folder / "listening.json").exists():
                await asyncio.sleep(0.01)
                assert not running.done(), running
        checks = await verdicts(folder, ports=ports)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert [checks[f"127.0.0.1:{port}"].verdict for port in ports] == [Verdict.GO, Verdict.GO]


async def test_a_log_that_the_ceremony_did_not_name_is_a_no_go(ready):
    async with publisher() as site:
        folder, _ = ready(site.url, log=Signer(f"{ELECTION.id}/center", new_key()))
        checks = await verdicts(folder)
    assert failed(checks) == {"log"}


async def test_publishers_that_hold_more_are_a_no_go(tmp_path):
    make_key(tmp_path / "center.key")
    signer = load_signer(tmp_path / "center.key", ELECTION.id)
    async with publisher(size=9, signer=signer) as site:
        trust = SmallTrust(tmp_path / "public/trust", log=signer, expires=OPENS + timedelta(days=9))
        enrolled = [request("tec", addresses=(site.url,))]
        trust.version(Changes(requests=enrolled, stations=STATIONS))
        checks = await verdicts(tmp_path)
    assert failed(checks) == {"publishers' cuts"}
    assert "P042" in checks["publishers' cuts"].found


async def test_without_a_trust_root_the_place_for_it_is_named(tmp_path):
    make_key(tmp_path / "center.key")
    checks = await verdicts(tmp_path)
    assert failed(checks) == {"trust root"}
    assert str(tmp_path / "public/trust") in checks["trust root"].found


async def test_a_folder_that_the_members_did_not_sign_is_a_no_go(ready):
    folder, _ = ready()
    checks = await verdicts(folder, election=small_election(digest="cd" * 32))
    assert failed(checks) == {"trust root"}


async def test_a_key_that_others_may_read_is_a_no_go(ready):
    folder, _ = ready()
    (folder / "center.key").chmod(0o644)
    assert failed(await verdicts(folder)) == {"key"}


async def test_a_damaged_record_is_a_no_go(ready):
    folder, _ = ready()
    path = folder / "record.sqlite"
    record = Record.open(path, ELECTION.id, ELECTION.digest)
    record.append([cut(0, 5)])
    record.close()
    assert not failed(await verdicts(folder))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE events SET body = x'00'")
    checks = await verdicts(folder)
    assert failed(checks) == {"record"}
    assert "R005" in checks["record"].found


async def test_a_page_that_is_not_built_is_a_no_go_unless_none_is_wanted(ready, monkeypatch):
    folder, _ = ready()
    absent = partial(Kit.load, folder / "none")
    monkeypatch.setattr(Kit, "load", absent)
    assert not failed(await verdicts(folder))
    assert failed(await verdicts(folder, with_page=True)) == {"page"}


async def test_stations_that_nobody_enrolled_are_a_no_go(tmp_path):
    make_key(tmp_path / "center.key")
    SmallTrust(tmp_path / "public/trust", log=load_signer(tmp_path / "center.key", ELECTION.id))
    assert "stations" in failed(await verdicts(tmp_path, clock=lambda: NOW))
