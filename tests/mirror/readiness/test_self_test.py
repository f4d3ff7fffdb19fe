"""Go or no-go: each thing that can be wrong is found, and named; what is right is measured."""

import asyncio
import json
import shutil
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner

from openprep.cli.main import main
from openprep.hosting.verdicts import Check, Verdict, table_of
from openprep.mirror.readiness import limits, self_test
from openprep.mirror.readiness import measures as measuring
from openprep.mirror.readiness.self_test import Subject
from openprep.mirror.trust.membership import Member, Membership
from served.certificates import certificate
from small.publishers import free_port, small_network
from small.trust import NOW

SPEEDS = (
    "disk, free",
    "disk, writing",
    "disk, one flush",
    "verifying, SHA-256",
    "verifying, Ed25519",
    "serving, built in",
    "centre, answering",
    "centre, bandwidth",
)
"""Checks whose verdict is this machine's."""


pytestmark = pytest.mark.usefixtures("little_measured")


@pytest.fixture
async def network(tmp_path):
    async with small_network(tmp_path, ("tec",)) as network:
        network.center.next_cut()
        mirror = network.mirrors["tec"]
        mirror.start()
        await mirror.shows(0)
        await mirror.stop()
        yield network


async def checks_of(network):
    mirror = network.mirrors["tec"]
    subject = Subject(mirror.folder, "127.0.0.1", mirror.port, lambda: network.now[0])
    return {check.name: check async for check in self_test.self_test(subject)}


async def test_a_mirror_that_is_ready_is_told_with_numbers(network):
    checks = await checks_of(network)
    assert set(SPEEDS) <= set(checks)
    for name, check in checks.items():
        assert check.found, name
        assert check.limit, name
        if name not in SPEEDS and not name.startswith("http"):
            assert check.verdict is Verdict.GO, check
    assert checks["trust root, joined"].found == network.trust.fingerprint
    left = {path.name for path in network.mirrors["tec"].folder.iterdir()}
    assert not {name for name in left if "self-test" in name}


async def test_a_package_of_the_sample_is_not_kept_from_the_mirror(network):
    """Measuring asks for a package as the mirror does: what follows works as before."""
    await checks_of(network)
    network.center.next_cut()
    await network.mirrors["tec"].start().shows(1)


async def test_a_centre_that_is_dark_is_a_no_go(network):
    await network.close()
    checks = await checks_of(network)
    assert checks["centre, answering"].verdict is Verdict.NO_GO
    assert checks["centre, admission"].verdict is Verdict.NO_GO


async def test_a_revoked_publisher_is_a_no_go_with_the_centre_s_own_words(network):
    network.change(revoked_publishers=["tec"])
    checks = await checks_of(network)
    assert checks["centre, admission"].verdict is Verdict.NO_GO
    assert "S004" in checks["centre, admission"].found


async def test_keys_that_others_may_read_are_a_no_go(network):
    (network.mirrors["tec"].folder / "keys/request.key").chmod(0o644)
    checks = await checks_of(network)
    assert checks["exclusive keys"].verdict is Verdict.NO_GO
    assert "S103" in checks["exclusive keys"].found


async def test_trust_that_expired_is_a_no_go_and_says_which_part(network):
    network.now[0] += timedelta(hours=30)
    checks = await checks_of(network)
    assert checks["trust root, timestamp"].verdict is Verdict.NO_GO
    assert checks["trust root, root"].verdict is Verdict.GO
    assert "past, this clock says" in checks["trust root, timestamp"].found
    assert "past" not in checks["trust root, root"].found
    good_until = checks["trust root, root"].found
    network.now[0] += timedelta(days=90)
    root = (await checks_of(network))["trust root, root"]
    assert root.verdict is Verdict.NO_GO
    assert root.found.startswith(f"{good_until}: past, this clock says ")


async def test_a_port_that_something_else_has_taken_is_a_no_go(network):
    mirror = network.mirrors["tec"]
    other = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", mirror.port)
    async with other:
        checks = await checks_of(network)
    assert checks[f"port {mirror.port}"].verdict is Verdict.NO_GO


async def test_the_mirror_s_own_server_on_its_port_is_not_in_the_way(network):
    mirror = network.mirrors["tec"].start(serving=True)
    await mirror.shows(0)
    async with asyncio.timeout(20):
        while measuring.is_free("127.0.0.1", mirror.port):
            await asyncio.sleep(0.01)
    checks = await checks_of(network)
    assert checks[f"port {mirror.port}"].verdict is Verdict.GO
    assert "own" in checks[f"port {mirror.port}"].found
    assert checks[mirror.base].verdict is Verdict.GO


async def test_another_web_server_on_the_port_is_to_be_looked_at_though_a_mirror_was_there(network):
    mirror = network.mirrors["tec"].start(serving=True)
    await mirror.shows(0)
    async with asyncio.timeout(20):
        while not (mirror.folder / "listening.json").exists():
            await asyncio.sleep(0.01)
    await mirror.stop()
    async with TestServer(web.Application(), port=mirror.port):
        checks = await checks_of(network)
    assert checks[f"port {mirror.port}"].verdict is Verdict.LOOK


@pytest.mark.parametrize(("hours", "word"), [(-3, "behind"), (5, "ahead of")])
async def test_a_clock_wrong_by_hours_is_told_by_how_much_and_in_which_direction(hours, word):
    async def dated(_):
        theirs = datetime.now(UTC) - timedelta(hours=hours)
        return web.Response(headers={"Date": format_datetime(theirs, usegmt=True)})

    app = web.Application()
    app.router.add_get("/", dated)
    async with TestServer(app) as server:
        line = await measuring.line_to(str(server.make_url("/")), lambda: datetime.now(UTC))
    assert abs(line.ahead - hours * 3600) < 60
    check = limits.clock_off(line.ahead)
    assert check.verdict is Verdict.NO_GO
    assert word in check.found


@pytest.mark.parametrize(
    ("ahead", "verdict"),
    [
        (None, Verdict.LOOK),
        (0.4, Verdict.GO),
        (-4.0, Verdict.GO),
        (-12.0, Verdict.LOOK),
        (31.0, Verdict.NO_GO),
    ],
)
def test_a_clock_that_is_a_little_wrong_is_told_and_let_be(ahead, verdict):
    assert limits.clock_off(ahead).verdict is verdict


@pytest.mark.parametrize(
    ("names", "days", "good"),
    [(["127.0.0.1"], 40, True), (["127.0.0.2"], 40, False), (["127.0.0.1"], -1, False)],
    ids=["right", "of another name", "expired"],
)
async def test_the_certificate_of_an_address_is_looked_at_as_a_reader_would(
    tmp_path, names, days, good
):
    ends = (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0)
    file = certificate(tmp_path, ends, names)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    trusted = ssl.create_default_context(cafile=str(file))
    serving = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0, ssl=context)
    async with serving:
        port = serving.sockets[0].getsockname()[1]
        looked = measuring.certificate_of(f"https://127.0.0.1:{port}", trusted)
        if good:
            assert await looked == ends
        else:
            with pytest.raises(ssl.SSLError):
                await looked


async def test_a_certificate_that_nobody_vouches_for_is_a_no_go(tmp_path):
    file = certificate(tmp_path, datetime.now(UTC) + timedelta(days=40))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    serving = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0, ssl=context)
    async with serving:
        port = serving.sockets[0].getsockname()[1]
        address = f"https://127.0.0.1:{port}"
        checks = {check.name: check async for check in checks_alone(tmp_path / "tec", address)}
    assert checks[f"certificate of {address}"].verdict is Verdict.NO_GO


def checks_alone(folder, *addresses):
    """Of a publisher that has not joined yet: what it can know without a centre."""
    Membership(folder).init(Member("chica-2024", False, "tec", "TEC", addresses), NOW)
    return self_test.self_test(Subject(folder, "127.0.0.1", free_port(), lambda: NOW))


async def test_a_check_that_hangs_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(self_test, "SECONDS_OF_A_CHECK", 0.2)
    let_go = asyncio.Event()

    async def never(reader, writer):
        await reader.read()
        let_go.set()
        writer.close()

    silent = await asyncio.start_server(never, "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        checks = [check async for check in checks_alone(tmp_path / "tec", address)]
        async with asyncio.timeout(60):
            await let_go.wait()
    assert (checks[-1].name, checks[-1].verdict) == ("time", Verdict.NO_GO)


async def test_a_disk_that_cannot_be_written_is_a_no_go(tmp_path):
    found = []
    async for check in checks_alone(tmp_path / "tec"):
        if not found:
            shutil.rmtree(tmp_path / "tec")
        found.append(check)
    checks = {check.name: check for check in found}
    assert checks["disk, writing"].verdict is Verdict.NO_GO
    assert "disk, one flush" not in checks


def test_the_table_says_go_or_what_keeps_it_from_going():
    good = Check("disk", Verdict.GO, "much", "enough")
    bad = Check("clock", Verdict.NO_GO, "3 h behind", "30 s")
    assert table_of([good])[-1] == "GO"
    assert table_of([good, bad])[-1] == "NO-GO: clock"


async def test_the_command_ends_with_1_on_a_no_go_and_its_json_can_be_read(network):
    mirror = network.mirrors["tec"]
    (mirror.folder / "keys/request.key").chmod(0o644)
    command = ["mirror", "self-test", "--data", str(mirror.folder), "--port", str(mirror.port)]
    result = await asyncio.to_thread(CliRunner().invoke, main, command)
    assert result.exit_code == 1
    assert "NO-GO" in result.output.splitlines()[-1]
    result = await asyncio.to_thread(CliRunner().invoke, main, [*command, "--json"])
    assert result.exit_code == 1
    assert {check["verdict"] for check in json.loads(result.output)} <= {"go", "look", "NO-GO"}
    result = await asyncio.to_thread(
        CliRunner().invoke, main, ["mirror", "self-test", "--data", str(mirror.folder.parent)]
    )
    assert result.exit_code == 2
    assert "M023" in result.output
