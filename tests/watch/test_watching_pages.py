"""The watch reads the landing page of every publisher, and holds what it runs to releases."""

import pytest

from openprep.pages.releases import Releases
from openprep.watch.codes import WatchCode as W
from served.kits import FOREIGN, deceiving, installed, renamed
from watch.small_network import codes, only, small_network


@pytest.fixture
async def network(tmp_path):
    """Three publishers that show the page of the installed kit."""
    async with small_network(tmp_path) as network:
        network.center.kit = installed()
        network.center.cutter = network.center.new_cutter()
        network.restart(releases=Releases.gather(kit=installed()))
        yield network


async def test_an_honest_night_s_pages_raise_nothing(network):
    for _ in range(4):
        network.cut()
        assert await network.codes() == {}


async def test_the_page_of_another_cut_or_a_false_figure_is_told_with_the_figure(network):
    network.cut()
    earlier = network.uv.read("index.html")
    network.cut()
    assert await network.codes() == {}
    network.uv.instead[""] = earlier
    assert await network.codes() == only(network.uv, W.POINTER)
    page = network.uv.read("index.html")
    network.uv.instead[""] = page.replace(b"<dd><b>", b"<dd><b>1", 1)
    report = await network.look()
    assert codes(report) == only(network.uv, W.POINTER)
    told = next(alarm for site in report.sites for alarm in site.alarms)
    assert "AYUNTAMIENTOS, Actas capturadas" in told.detail
    network.uv.instead[""] = None
    assert await network.codes() == only(network.uv, W.MISSING)


@pytest.mark.parametrize(
    ("at", "put"),
    [
        (b"</head>", b'<script src="assets/evil.js"></script></head>'),
        (b"<h2", b"<script>1</script><h2"),
        (b"<h2", b'<p onclick="1">Ver</p><h2'),
    ],
)
async def test_foreign_code_in_a_page_is_told(network, at, put):
    network.cut()
    page = network.uv.read("index.html")
    network.uv.instead[""] = page.replace(at, put, 1)
    assert await network.codes() == only(network.uv, W.ALTERED)


async def test_every_script_of_a_known_page_is_held_against_its_release(network):
    network.cut()
    for name in (*installed().assets, "sw.js", "openprep-results.js", "marco.html"):
        network.uv.instead[name] = network.uv.read(name) + FOREIGN.encode()
        found = await network.codes()
        assert found == only(network.uv, W.ALTERED), name
        del network.uv.instead[name]


async def test_a_release_that_nobody_gave_is_told_until_its_list_is_given(network, tmp_path):
    newer = renamed(tmp_path / "newer", "99.0.0")
    network.center.kit = newer
    network.center.cutter = network.center.new_cutter()
    network.cut()
    assert W.ALTERED.code in (await network.codes())["uv"]
    lists = (tmp_path / "newer" / "release.json",)
    network.restart(releases=Releases.gather(lists, installed()))
    assert await network.codes() == {}
    network.restart(releases=Releases())
    assert await network.codes() == {}


async def test_a_network_of_deceiving_pages_is_seen_even_without_any_list(network, tmp_path):
    network.center.kit = deceiving(tmp_path / "kit")
    network.center.cutter = network.center.new_cutter()
    network.restart(releases=Releases())
    network.cut()
    network.cut()
    assert W.POINTER.code in (await network.codes())["uv"]
