"""The publisher's first steps, in the order in which the documentation has them."""

import asyncio
import os
import re
import subprocess
import sys
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from click.testing import CliRunner

from openprep.cli.main import main
from openprep.drill.nights.replay_clock import Conductor
from openprep.hosting.http.application import serve_tree
from openprep.hosting.verdicts import Verdict
from openprep.mirror.process import following as run_module
from openprep.mirror.readiness import limits, self_test
from openprep.mirror.trust.membership import Member
from openprep.mirror.trust.root import TrustRoot
from small.election import OPENS
from small.publishers import EVENING, Mirror, free_port, small_network, until
from small.trust import NOW

pytestmark = pytest.mark.usefixtures("little_measured")


@pytest.fixture
async def network(tmp_path):
    async with small_network(tmp_path, ("unam",)) as network:
        Conductor(tmp_path / "clock.json", EVENING, 0.0)
        yield network


@pytest.fixture
def tec(network, tmp_path):
    """A publisher that made its keys and was enrolled, and has not joined."""
    mirror = Mirror("tec", tmp_path / "tec", free_port(), network.now)
    election = network.center.election
    member = Member(election.id, election.drill, "tec", "TEC", (mirror.base,))
    network.change(requests=[mirror.membership.init(member, NOW)])
    return mirror


async def run(mirror, *words):
    clock = ("--replay-clock", str(mirror.folder.parent / "clock.json"))
    asked = ["mirror", *words, "--data", str(mirror.folder), *clock]
    return await asyncio.to_thread(CliRunner().invoke, main, asked)


async def join(network, mirror, center):
    root = mirror.folder / "root.json"
    root.write_bytes(network.trust.root_bytes)
    given = ("--root", str(root), "--fingerprint", network.trust.fingerprint)
    return await run(mirror, "join", "--center", center, *given)


async def checks_of(mirror):
    subject = self_test.Subject(mirror.folder, "127.0.0.1", mirror.port, lambda: mirror.now[0])
    return {check.name: check async for check in self_test.self_test(subject)}


async def test_the_self_test_after_init_says_what_to_do_next(tec):
    checks = await checks_of(tec)
    assert "this check" not in checks
    assert checks["centre"].verdict is Verdict.NO_GO
    assert "openprep mirror join" in checks["centre"].found
    assert "openprep mirror join" in checks["trust root"].found


async def test_the_self_test_after_join_and_before_the_first_run_is_go(network, tec):
    network.center.next_cut()
    assert (await join(network, tec, network.base)).exit_code == 0
    checks = await checks_of(tec)
    for name in ("trust root, joined", "trust root, timestamp", "enrolment", "centre, admission"):
        assert checks[name].verdict is Verdict.GO, checks[name]


async def test_the_self_test_fetches_a_trust_root_that_was_only_joined(network, tec):
    tec.membership.join(network.base, network.trust.root_bytes, network.trust.fingerprint)
    assert (await checks_of(tec))["enrolment"].verdict is Verdict.GO


@pytest.mark.parametrize(
    "address", ["127.0.0.1:8112", "localhost", "ftp://x", "http://", "x y", ""]
)
async def test_an_address_that_is_none_is_told_at_the_join_and_nothing_is_kept(
    network, tec, address
):
    told = await join(network, tec, address)
    assert told.exit_code == 2
    assert "M051" in told.output
    assert tec.membership.member.center == ""


async def test_a_port_where_nobody_answers_is_told_at_the_join(network, tec):
    told = await join(network, tec, f"http://127.0.0.1:{unused_port()}")
    assert told.exit_code == 2
    assert "M052" in told.output
    assert (await join(network, tec, network.base)).exit_code == 0


async def test_the_port_of_the_tree_is_told_at_the_join(network, tec):
    app = web.Application()
    app.router.add_get("/{path:.*}", serve_tree(network.center.tree))
    async with TestServer(app) as tree:
        told = await join(network, tec, str(tree.make_url("/")))
    assert told.exit_code == 2
    assert "M052" in told.output


async def test_a_secret_in_an_address_is_in_no_message(network, tec):
    told = await join(network, tec, f"http://user:verysecret@127.0.0.1:{unused_port()}")
    assert "M052" in told.output
    assert "verysecret" not in told.output


async def test_a_mirror_whose_trust_was_never_fetched_answers_503_with_the_reason(network, tec):
    tec.membership.join(network.base, network.trust.root_bytes, network.trust.fingerprint)
    await network.close()
    tec.start(serving=True)
    await until(lambda: tec.status.trust_trouble is not None)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{tec.base}/current.json") as answer,
    ):
        assert answer.status == 503
        assert "M001" in await answer.text()
    await network.open()
    network.center.next_cut()
    await tec.shows(0)


async def test_before_the_opening_mirrors_do_not_accuse_each_other(
    network, tec, monkeypatch, caplog
):
    monkeypatch.setattr(run_module, "QUIET", 0.0)
    network.now[0] = OPENS - timedelta(minutes=5)
    network.trust.refresh(network.now[0])
    unam = network.mirrors["unam"].start(serving=True)
    tec.membership.join(network.base, network.trust.root_bytes, network.trust.fingerprint)
    tec.start()
    await until(lambda: tec.status.looked is not None and tec.status.answered is not None)
    await until(lambda: unam.status.answered is not None)
    assert not [record for record in caplog.records if "M001" in record.getMessage()]


def test_a_processor_that_is_busy_is_looked_at_and_one_far_too_slow_is_no_go():
    def verdict(rate):
        return limits.capable("x", rate, 2000.0, "/s").verdict

    assert [verdict(rate) for rate in (2000, 1808, 553, 499)] == [
        Verdict.GO,
        Verdict.LOOK,
        Verdict.LOOK,
        Verdict.NO_GO,
    ]


# without being a publisher


async def served(network):
    app = web.Application()
    app.router.add_get("/{path:.*}", serve_tree(network.center.tree))
    return TestServer(app)


async def trust_join(network, folder, number, address):
    root = folder.parent / "spoken.json"
    root.write_bytes(network.trust.root_bytes)
    given = ("--root", str(root), "--fingerprint", number, "--center", address, "--to", str(folder))
    clock = ("--replay-clock", str(network.folder.parent / "clock.json"))
    return await asyncio.to_thread(CliRunner().invoke, main, ["trust", "join", *given, *clock])


async def test_a_newsroom_joins_by_the_number_and_audits_and_watches(network, tmp_path):
    network.center.next_cut()
    folder = tmp_path / "newsroom"
    async with await served(network) as tree:
        address = str(tree.make_url("/"))
        joined = await trust_join(network, folder, network.trust.fingerprint, address)
        assert joined.exit_code == 0, joined.output
    shown = CliRunner().invoke(main, ["trust", "show", "--trust", str(folder)])
    assert network.trust.fingerprint in shown.output
    assert "publisher  unam" in shown.output
    asked = ["tree", str(network.center.tree.root), "--trust", str(folder), "--no-images"]
    audit = CliRunner().invoke(main, ["audit", *asked])
    failed = [line[:4] for line in audit.output.splitlines() if line.endswith("  FAIL")]
    assert failed == ["X011"], audit.output  # no publisher runs here
    assert TrustRoot(folder).number == network.trust.fingerprint


async def test_another_number_joins_nothing(network, tmp_path):
    async with await served(network) as tree:
        number = "00000" + network.trust.fingerprint[5:]
        told = await trust_join(network, tmp_path / "to", number, str(tree.make_url("/")))
    assert told.exit_code == 2
    assert "M031" in told.output
    assert not (tmp_path / "to" / "joined.root.json").exists()


async def test_a_newsroom_that_gives_a_wrong_address_is_told_so_and_joins_by_the_right_one(
    network, tmp_path
):
    number = network.trust.fingerprint
    folder = tmp_path / "newsroom"
    async with TestServer(web.Application()) as nothing_there:
        for wrong in (f"http://u:verysecret@127.0.0.1:{unused_port()}", nothing_there.make_url("")):
            told = await trust_join(network, folder, number, str(wrong))
            assert told.exit_code == 2
            assert "M052" in told.output
            assert "asked again" not in told.output
            assert "verysecret" not in told.output
    async with await served(network) as tree:
        joined = await trust_join(network, folder, number, str(tree.make_url("/")))
    assert joined.exit_code == 0, joined.output


@pytest.mark.parametrize(
    ("words", "code", "missing"),
    [
        (("mirror", "run", "--data"), "M023", "member.json"),
        (("mirror", "show", "--data"), "M023", "member.json"),
        (("trust", "show", "--trust"), "M030", "joined.root.json"),
        (("watch", "--once", "--evidence", "seen", "--trust"), "M030", "joined.root.json"),
    ],
)
def test_a_wrong_folder_is_told_by_what_it_lacks_and_what_to_do(
    tmp_path, monkeypatch, words, code, missing
):
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(main, [*words, "."])
    assert told.exit_code == 2
    assert code in told.output
    assert f"{missing} is not there" in told.output
    assert "Errno" not in told.output


def test_lines_of_the_log_say_the_offset_of_their_hour(tmp_path):
    asked = "import logging, openprep.cli.options as o; o.log_to_stderr(); logging.info('here')"
    done = subprocess.run(
        [sys.executable, "-c", asked],
        env={**os.environ, "TZ": "America/Mexico_City"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0600 root here\n", done.stderr)


def test_a_root_that_was_renamed_and_never_compared_is_refused(network, tmp_path):
    folder = tmp_path / "copied"
    folder.mkdir()
    (folder / "joined.root.json").write_bytes(network.trust.root_bytes)
    evidence = str(tmp_path / "evidence")
    asked = ["watch", "--trust", str(folder), "--evidence", evidence, "--once"]
    told = CliRunner().invoke(main, asked)
    assert told.exit_code == 2
    assert "M053" in told.output
    assert "openprep trust join" in told.output
