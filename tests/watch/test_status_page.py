"""The status page, the JSON and the metrics of a report: right, escaped, readable, whole."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from axe_playwright_python.async_playwright import Axe
from click.testing import CliRunner
from playwright.async_api import async_playwright
from prometheus_client.parser import text_string_to_metric_families

from openprep.cli.main import main
from openprep.drill.nights.replay_clock import Conductor
from openprep.election.cut import CutKind
from openprep.watch.codes import WatchCode as W
from openprep.watch.page import duration, metrics, moment, status_page, write_status
from openprep.watch.process import describe_change
from openprep.watch.report import NetworkReport, State
from openprep.watch.words import ALARMS, KINDS, STATES
from page.bench.browser import CHROMIUM, DESKTOP, PHONE
from small.election import acta, outside, version
from watch.small_network import impostor, small_network


@pytest.fixture
async def network(tmp_path):
    async with small_network(tmp_path) as network:
        yield network


async def troubled(network):
    """A publisher frozen and altered, one down, one on another history."""
    network.cut()
    network.cut(network.tec, network.unam)
    await network.look()
    lie = [version(1, acta(0, votes=(1,) * 11)), version(2, acta(3)), version(3, outside())]
    network.uv.copy(impostor(network, 1, lie).tree)
    await network.unam.server.close()
    network.tec.instead["cuts/1.where"] = b"<script>alert(1)</script>"
    return await network.look(timedelta(minutes=6))


def test_every_state_and_code_has_its_words():
    assert set(STATES) == set(State)
    assert set(ALARMS) == set(W)
    assert set(KINDS) == set(CutKind)
    assert len({words.spanish for words in STATES.values()}) == len(STATES)


async def test_the_page_tells_an_honest_night_without_alarm(network):
    network.cut()
    page = status_page(await network.look(), 10)
    assert "Todo en orden" in page
    assert re.search(r"lo respaldan <b>3 de 3</b> difusores; se requieren 2", page)
    assert page.count("Al día</span>") == 4
    assert "W0" not in page
    assert '<meta http-equiv="refresh" content="10">' in page
    assert "<script" not in page


async def test_the_page_shows_both_notes_of_a_fork_and_every_alarm(network):
    report = await troubled(network)
    page = status_page(report, 10)
    assert "Se firmaron dos historias distintas" in page
    for site in report.sites:
        for alarm in site.alarms:
            assert f"<b>{alarm.code}</b>" in page
    for fork in report.forks:
        for side in (fork.smaller, fork.larger):
            assert side.note.splitlines()[2].replace("+", "&#43;") in page.replace("+", "&#43;")


async def test_what_others_wrote_is_text_and_never_markup(network):
    network.cut()
    report = await network.look()
    evil = msgspec.structs.replace(report.sites[1], name="<img src=x onerror=alert(1)>")
    page = status_page(msgspec.structs.replace(report, sites=(evil,)), 10)
    assert "<img" not in page
    assert "&lt;img" in page


async def test_a_drill_is_unmistakable(network):
    report = msgspec.structs.replace(await network.look(), drill=True)
    assert "SIMULACRO" in status_page(report, 10)
    assert "SIMULACRO" not in status_page(msgspec.structs.replace(report, drill=False), 10)


async def test_the_json_is_the_report(network, tmp_path):
    report = await troubled(network)
    write_status(report, tmp_path / "status", 10)
    again = msgspec.json.decode((tmp_path / "status/status.json").read_bytes(), type=NetworkReport)
    assert again == report
    assert sorted(path.name for path in (tmp_path / "status").iterdir()) == [
        "index.html",
        "status.json",
        "still.html",
    ]


async def test_the_metrics_are_read_by_prometheus_own_parser(network):
    families = text_string_to_metric_families(metrics(await troubled(network)).decode())
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }
    assert samples["openprep_watch_newest_cut",] == 1
    assert samples["openprep_watch_forks",] == 1
    up = {key[-1]: value for key, value in samples.items() if key[0] == "openprep_watch_site_up"}
    assert up == {"center": 1, "tec": 1, "unam": 0, "uv": 1}
    alarms = {key[1:] for key in samples if key[0] == "openprep_watch_alarm"}
    assert ("", W.SPLIT_VIEW.code, "") in alarms


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_axe_finds_no_barrier_and_nothing_overflows(network, tmp_path, size):
    """Of ``still.html``: ``index.html`` is for those who want it to reload, and links there."""
    write_status(await troubled(network), tmp_path / "status", 3600)
    assert 'href="still.html"' in (tmp_path / "status/index.html").read_text()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM)
        for scheme in ("light", "dark"):
            tab = await browser.new_page(
                viewport={"width": size[0], "height": size[1]},
                color_scheme=scheme,
                bypass_csp=True,
            )
            await tab.goto((tmp_path / "status/still.html").as_uri())
            found = await Axe().run(tab)
            assert found.violations_count == 0, found.generate_report()
            width = await tab.evaluate("document.documentElement.scrollWidth")
            assert width <= size[0]
        await browser.close()


def test_times_and_spans_as_they_are_written():
    zone = timezone(timedelta(hours=-6))
    at = datetime(2024, 6, 3, 2, 5, 9, tzinfo=UTC)
    assert moment(at, zone) == "2 jun 2024, 20:05:09\N{NO-BREAK SPACE}(UTC−6)"
    assert moment(at, timezone(timedelta(hours=-3, minutes=-30))).endswith("(UTC−3:30)")
    assert moment(at, UTC).endswith("(UTC)")
    spans = {0: "0 s", 59: "59 s", 60: "1 min", 61: "1 min 1 s", 3600: "1 h", 90061: "1 d 1 h"}
    assert {seconds: duration(seconds) for seconds in spans} == spans


async def test_what_began_and_what_ended_is_told_once(network):
    network.cut()
    quiet = await network.look()
    assert describe_change(None, quiet) == []
    network.uv.instead["cuts/0.where"] = None
    alarmed = await network.look()
    (line,) = describe_change(quiet, alarmed)
    assert line.startswith(f"! uv {network.uv.address} W017: cuts/0.where")
    assert describe_change(alarmed, alarmed) == []
    del network.uv.instead["cuts/0.where"]
    assert describe_change(alarmed, await network.look()) == [
        f"✓ uv {network.uv.address} W017: no longer"
    ]


# the command


def arguments(network, *more):
    """As an operator types them; the watch is then at the time of the replay."""
    path = network.folder / "clock.json"
    path.unlink(missing_ok=True)
    Conductor(path, network.now, 1.0)
    return [
        "watch", "--trust", str(network.root.folder), "--evidence", str(network.folder / "seen"),
        "--center", network.host.address, "--replay-clock", str(path), "--once", *map(str, more),
    ]  # fmt: skip


async def run(network, *more):
    words = arguments(network, *more)
    return await asyncio.to_thread(CliRunner().invoke, main, words)


async def test_the_command_leaves_with_0_when_all_is_well_and_writes_its_files(network, tmp_path):
    network.cut()
    folder, prom = tmp_path / "page", tmp_path / "watch.prom"
    answer = await run(network, "--status-page", folder, "--metrics", prom)
    assert answer.exit_code == 0, answer.output
    assert "held by 3 of 3" in answer.output
    assert "Todo en orden" in (folder / "index.html").read_text()
    assert b"openprep_watch_holders 3.0" in prom.read_bytes()


async def test_the_command_leaves_with_1_and_names_the_alarm(network):
    network.cut()
    network.uv.instead["cuts/0.where"] = None
    answer = await run(network)
    assert answer.exit_code == 1
    assert "W017" in answer.output
    answer = await run(network, "--json")
    assert answer.exit_code == 1
    (uv,) = [site for site in json.loads(answer.stdout)["sites"] if site["publisher"] == "uv"]
    assert {alarm["code"] for alarm in uv["alarms"]} == {"W017"}


async def test_a_folder_where_nothing_was_joined_is_refused_with_2(network):
    network.root.folder.joinpath("joined.root.json").unlink()
    answer = await run(network)
    assert answer.exit_code == 2
    assert "M030" in answer.output


async def test_a_root_that_was_only_joined_is_completed_from_the_centre(network):
    network.cut()
    network.root.folder.joinpath("enrolment.json").unlink()
    answer = await run(network)
    assert answer.exit_code == 0, answer.output
