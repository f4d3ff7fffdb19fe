"""Publishers' own pages: the centre gives figures, and nothing of what shows them."""

import os

import msgspec
import pytest
from click.testing import CliRunner

from audit.liar import audited, failed
from mirror.lying import refused_and_unmoved, resign
from openprep.cli import main
from openprep.mirror.codes import MirrorCode, Refused
from openprep.pages.codes import PageCode, PageTrouble
from openprep.pages.kit import Kit
from openprep.wire.cut import manifest as wire
from served.kits import FOREIGN, deceiving, installed, made, renamed
from small.center import SmallCenter

PAGES = ("index.html", "AYUN.html", "texto.html")


@pytest.fixture
def kit():
    return installed()


@pytest.fixture
async def deceived(pair, tmp_path):
    """A centre that shows false pages, two cuts on."""
    center = SmallCenter(pair.center.tree.root, kit=deceiving(tmp_path / "deceiving"))
    pair.center = center
    for _ in range(2):
        center.next_cut()
    return pair


def shown(tree):
    """What readers get at the tree's root, by name."""
    return {path.name: path.read_bytes() for path in (tree.root / "live").iterdir()}


async def test_what_a_centre_makes_of_its_own_pages_reaches_no_reader_of_a_publisher(deceived, kit):
    at_centre = shown(deceived.center.tree)
    assert all(b"999,999" in at_centre[name] for name in PAGES)
    follower = deceived.restarted(kit=kit)
    await follower.step()
    at_mirror = shown(follower.tree)
    for name in PAGES:
        assert b"999,999" not in at_mirror[name]
        assert b"LILA" in at_mirror[name]
    for path in (*follower.tree.root.glob("assets/*"), *follower.tree.root.glob("*.js")):
        assert FOREIGN.encode() not in path.read_bytes()
    asked = [path for path in deceived.requests if path.endswith((".html", ".js", ".css", "/"))]
    assert asked == []


async def test_a_publisher_of_a_deceiving_centre_passes_the_audit_that_the_centre_fails(
    deceived, kit
):
    follower = deceived.restarted(kit=kit)
    await follower.step()
    key = deceived.center.signer.verifier
    assert failed(audited(follower.tree.root, key)) == set()
    assert {"X050", "X053"} <= failed(audited(deceived.center.tree.root, key))


async def test_every_file_of_the_page_is_the_installed_kit_s(pair, kit):
    pair.center.next_cut()
    follower = pair.restarted(kit=kit)
    await follower.step()
    for name, data in {**kit.assets, **kit.standing}.items():
        assert follower.tree.read(name) == data
    assert follower.tree.read("cuts/0.html") == follower.tree.read("index.html")


async def test_a_page_altered_on_the_disk_is_put_right_at_the_next_start(pair, kit):
    pair.center.next_cut()
    follower = pair.restarted(kit=kit)
    await follower.step()
    tree = follower.tree
    tree.compress_cut(wire.decode(tree.read("cuts/0.json"), wire.Manifest))
    script = next(name for name in kit.assets if name.endswith(".js"))
    names = [*PAGES, "sw.js", "release.json", "cuts/0.html", script]
    names += [f"{name}{end}" for name in ("index.html", script) for end in (".br", ".gz")]
    before = shown(tree)
    for name in names:
        path = tree.path(name).resolve() if tree.path(name).exists() else tree.path(f"live/{name}")
        data = path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        again = pair.restarted(kit=kit)
        await again.start()
        assert shown(tree) == before, name
        assert tree.read("cuts/0.html") == before["index.html"]
        assert tree.read(script) == kit.assets[script]


async def test_a_cut_that_is_up_as_it_must_be_is_left_alone_at_the_start(pair, kit):
    pair.center.next_cut()
    await pair.restarted(kit=kit).step()
    head = (pair.data / "public" / "live").resolve()
    await pair.restarted(kit=kit).start()
    assert (pair.data / "public" / "live").resolve() == head


async def test_an_upgrade_in_mid_night_shows_the_cut_that_stands_in_the_new_form(
    pair, kit, tmp_path
):
    pair.center.next_cut()
    pair.center.next_cut()
    await pair.restarted(kit=kit).step()
    newer = renamed(tmp_path / "newer", "99.0.0")
    follower = pair.restarted(kit=newer)
    await follower.start()
    assert follower.tree.read("release.json") == newer.standing["release.json"]
    assert b"9900abcde.js" in follower.tree.read("index.html")
    assert follower.trusted.seen.trusted.cut == 1
    for name, data in {**kit.assets, **newer.assets}.items():  # tabs that are open go on
        assert follower.tree.read(name) == data
    pair.center.next_cut()
    assert (await follower.step()).cut == 2
    assert b"9900abcde.js" in follower.tree.read("index.html")


async def test_two_kits_side_by_side_show_the_same_figures_of_one_centre(pair, kit, tmp_path):
    older = renamed(tmp_path / "older", "0.0.1")
    pair.center.kit = older
    pair.center.cutter = pair.center.new_cutter()
    for _ in range(3):
        pair.center.next_cut()
    trees = []
    for number, chosen in enumerate((kit, older, None)):
        pair.data = tmp_path / f"mirror-{number}"
        follower = pair.restarted(kit=chosen)
        assert (await follower.step()).cut == 2
        trees.append(follower.tree)
    newer_tree, older_tree, data_only = trees
    assert newer_tree.read("texto.html") == older_tree.read("texto.html")
    assert newer_tree.read("index.html") != older_tree.read("index.html")
    assert older_tree.read("index.html") == pair.center.tree.read("index.html")
    assert data_only.read("index.html") is None
    assert {tree.read("current.json") for tree in trees} == {pair.center.tree.read("current.json")}


@pytest.mark.parametrize("name", ["index.html", "assets/index-abc.js", "sw.js"])
async def test_pages_that_an_older_centre_lists_are_nobody_s_to_take(pair, kit, name):
    pair.center.next_cut()
    file = wire.TreeFile(wire.FileKind.DATABASE, "ab" * 32, 3)
    resign(pair.center, lambda m: msgspec.structs.replace(m, files={name: file}, database=name))
    pair.follower = pair.restarted(kit=kit)
    await refused_and_unmoved(pair, MirrorCode.FORMAT)
    assert f"/{name}" not in pair.requests


async def test_a_cut_that_the_kit_cannot_show_leaves_the_last_one_up(pair, kit, tmp_path):
    pair.center.next_cut()
    await pair.restarted(kit=kit).step()
    before = shown(pair.follower.tree)
    broken = made(tmp_path / "broken", {"text.html.j2": "{{ manifest.cut.no_such_thing }}"})
    follower = pair.restarted(kit=broken)
    for look in (follower.start, follower.step, follower.step):
        if look != follower.start and pair.center.cut == 0:
            pair.center.next_cut()
        with pytest.raises(Refused) as refused:
            await look()
        assert refused.value.code is MirrorCode.PAGE
        assert shown(pair.follower.tree) == before
    assert (await pair.restarted(kit=kit).step()).cut == 1


async def test_what_does_not_change_keeps_its_date_from_cut_to_cut(pair, kit):
    pair.center.next_cut()
    follower = pair.restarted(kit=kit)
    await follower.step()
    script = follower.tree.path("live/openprep-results.js")
    os.utime(script, (1, 1))
    pair.center.next_cut()
    await follower.step()
    assert follower.tree.path("live/openprep-results.js").stat().st_mtime == 1
    assert follower.tree.path("live/index.html").stat().st_mtime > 1


def test_a_page_that_is_not_built_or_not_whole_is_said_with_its_code(tmp_path):
    with pytest.raises(PageTrouble) as missing:
        Kit.load(tmp_path)
    assert missing.value.code is PageCode.MISSING
    made(tmp_path / "kit")
    for name in ("sw.js", "landing.html.j2", "index.html"):
        path = tmp_path / "kit" / name
        before = path.read_bytes()
        path.write_bytes(before + b" ")
        with pytest.raises(PageTrouble) as damaged:
            Kit.load(tmp_path / "kit")
        assert damaged.value.code is PageCode.DAMAGED
        assert name in str(damaged.value)
        path.write_bytes(before)
    assert Kit.load(tmp_path / "kit")


def test_a_publisher_does_not_start_without_a_page_unless_it_is_told_to(tmp_path, monkeypatch):
    load = Kit.load
    monkeypatch.setattr(Kit, "load", lambda: load(tmp_path / "nothing"))
    data = ["--data", str(tmp_path / "data")]
    for command in (["run", *data], ["import", *data, __file__]):
        ended = CliRunner().invoke(main, ["mirror", *command])
        assert (ended.exit_code, "P001" in ended.output) == (2, True)
        ended = CliRunner().invoke(main, ["mirror", *command, "--without-page"])
        assert (ended.exit_code, "P001" in ended.output) == (2, False)  # it never joined
