"""A tree on disk: turned in one rename, whole at every instant."""

import os
from hashlib import sha256
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from hostile.killing import deaths, new_folders
from openprep.durable import write_durably
from openprep.hosting.directory import TreeDirectory
from openprep.hosting.http.application import serve_tree
from openprep.hosting.rules import DOCUMENT_HEADERS
from openprep.wire.cut.pack import MAX_ENTRY_BYTES, Where
from openprep.wire.cut.ref import SCHEMA, Location, object_path, pack_path, where_path


@pytest.fixture
def tree(tmp_path):
    return TreeDirectory(tmp_path / "public")


def test_killed_at_any_call_of_a_flip_the_tree_shows_one_cut_whole(tmp_path):
    head = {
        name: {"current.json": f"cut {name}".encode(), "index.html": f"page {name}".encode()}
        for name in (1, 2)
    }
    folder, seen = new_folders(tmp_path), []

    def begin():
        tree = TreeDirectory(folder())
        tree.flip(1, head[1])
        return tree

    for tree in deaths(begin, lambda tree: tree.flip(2, head[2])):
        seen.append({name: tree.read(name) for name in head[1]})
        assert seen[-1] in (head[1], head[2])
        tree.flip(2, head[2])
        assert {name: tree.read(name) for name in head[2]} == head[2]
    assert len(seen) > 6
    assert [seen[0], seen[-1]] == [head[1], head[2]]


def test_an_immutable_file_is_never_half_written(tmp_path):
    path = tmp_path / "file"
    each = deaths(lambda: write_durably(path, b"first"), lambda _: write_durably(path, b"second"))
    seen = [path.read_bytes() for _ in each]
    assert set(seen) == {b"first", b"second"}
    assert len(seen) >= 3


@pytest.mark.parametrize(
    "name", ["../../out.html", "sub/x.html", "a\0b.html", "", ".html", "x.svg"]
)
def test_nothing_but_a_file_of_the_root_stands_in_a_head(tree, name):
    tree.flip(0, {"current.json": b"{}"})
    before = set(tree.root.parent.rglob("*"))
    with pytest.raises(ValueError, match="no place"):
        tree.flip(1, {"current.json": b"1", name: b"elsewhere"})
    assert set(tree.root.parent.rglob("*")) == before
    assert tree.read("current.json") == b"{}"


def test_old_heads_are_dropped_and_the_current_one_is_kept(tree):
    for cut in range(6):
        tree.flip(cut, {"current.json": b"%d" % cut})
    kept = {path.name for path in (tree.root / "heads").iterdir()}
    assert kept == {"3", "4", "5"}
    assert tree.read("current.json") == b"5"


@pytest.mark.parametrize("damaged", ["", ".gz", ".br"])
def test_a_file_is_placed_again_where_it_or_a_copy_of_it_was_damaged(tree, damaged):
    name, data = object_path("ab" * 32), b"un acta y otra " * 1000
    tree.place(name, data)
    tree.compress([name])
    tree.path(name + damaged).write_bytes(b"?")
    tree.place(name, data)
    assert tree.read(name) == data
    assert tree.read(name + ".gz") is tree.read(name + ".br") is None


# Packs, which are this tree's own.


def test_packs_are_numbered_from_one_as_this_tree_writes_them(tree):
    assert (tree.packs(), tree.next_pack()) == ([], 1)
    for number in (1, 2, 11):
        with tree.writing_pack(number) as pack:
            pack.add(b"{}")
    (tree.root / "packs/notes.txt").write_text("x")
    assert (tree.packs(), tree.next_pack()) == ([1, 2, 11], 12)
    tree.drop_packs([1, 2, 3])
    assert (tree.packs(), tree.next_pack()) == ([11], 12)


def test_what_stands_at_a_place_is_read_and_no_more(tree):
    with tree.writing_pack(1) as pack:
        first, second = pack.add(b'{"a":1}'), pack.add(b'{"b":2}', [Location(1, 0, 10)])
    assert tree.read_at(first) == b'[]\n{"a":1}'
    assert tree.read_at(second) == b'[[1,0,10]]\n{"b":2}'
    end = tree.size_of(pack_path(1))
    assert tree.read_at(Location(1, end, 10)) == b""
    assert tree.read_at(Location(1, end - 2, 1000)) == b"}\n"
    nowhere = [Location(2, 0, 10), Location(1, -1, 10), Location(1, 0, 0), Location(1, 0, -1)]
    nowhere.append(Location(1, 0, MAX_ENTRY_BYTES + 1))
    assert [tree.read_at(place) for place in nowhere] == [None] * len(nowhere)


def test_killed_at_any_call_a_pack_is_whole_under_its_name_or_not_there(tmp_path):
    folder, seen = new_folders(tmp_path), []

    def write(tree):
        with tree.writing_pack(1) as pack:
            pack.add(b"{}")
            pack.add(b"[]")

    for tree in deaths(lambda: TreeDirectory(folder()), write):
        seen.append(tree.read(pack_path(1)))
        tree.sweep()
        write(tree)
    assert set(seen) == {None, b"[]\n{}\n[]\n[]\n"}


def test_where_a_cut_begins_is_replaced_whole_and_damage_says_nothing(tmp_path):
    folder, seen = new_folders(tmp_path), []
    first, second = (Where(SCHEMA, 3, {"GUB": Location(k, 5, 10)}) for k in (1, 2))

    def begin():
        tree = TreeDirectory(folder())
        assert tree.where(3) is None
        tree.place_where(first)
        return tree

    for tree in deaths(begin, lambda tree: tree.place_where(second)):
        seen.append(tree.where(3))
    assert [seen[0], seen[-1]] == [first, second]
    assert set(map(str, seen)) == {str(first), str(second)}
    deep = b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}"
    for damaged in (b"", b"{}", b"[" * 60_000, deep):
        tree.path(where_path(3)).write_bytes(damaged)
        assert tree.where(3) is None


@pytest.fixture
async def client(tree):
    app = web.Application()
    app.router.add_get("/{path:.*}", serve_tree(tree))
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_immutable_files_are_cached_for_ever_and_the_pointer_for_a_moment(tree, client):
    data = b"{}" * 600
    digest = sha256(data).hexdigest()
    tree.place_object(digest, data)
    tree.flip(0, {"current.json": b"{}"})
    immutable = await client.get("/" + object_path(digest))
    assert "immutable" in immutable.headers["Cache-Control"]
    assert immutable.headers["Content-Type"] == "application/json"
    pointer = await client.get("/current.json")
    assert "max-age=1," in pointer.headers["Cache-Control"]
    again = await client.get("/current.json", headers={"If-None-Match": pointer.headers["ETag"]})
    assert again.status == 304


async def test_compressed_copies_are_served_to_those_who_take_them(tree, client):
    data = b'{"votes": 0}' * 500
    path = object_path(sha256(data).hexdigest())
    tree.place_object(sha256(data).hexdigest(), data)
    tree.compress([path])
    answer = await client.get("/" + path, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert await answer.read() == data


async def test_before_the_first_cut_nothing_is_visible(client):
    for path in ("/", "/current.json", "/index.html", "/cuts/0.json"):
        assert (await client.get(path)).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/heads/0/current.json",
        "/live/current.json",
        "/../secret",
        "/objects/../../secret",
        "/%2e%2e/secret",
        "/objects/ab/.hidden.json",
        "/databases/%2e%2e%2fcurrent.json",
        "/assets/.tmp",
        "/objects/",
        "/cuts/",
    ],
)
async def test_nothing_but_the_published_tree_can_be_reached(tree, client, path):
    (tree.root.parent / "secret").write_text("secret")
    tree.flip(0, {"current.json": b"{}"})
    answer = await client.get(URL(path, encoded=True))
    assert answer.status == 404
    assert b"secret" not in await answer.read()


async def test_what_is_shown_or_run_carries_every_security_header(tree, client):
    tree.flip(0, {"index.html": b"<html>", "sw.js": b"self", "current.json": b"{}"})
    for path in ("/", "/index.html", "/sw.js", "/nothing"):
        headers = (await client.get(path)).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_data_carries_only_what_means_something_on_it(tree, client):
    tree.flip(0, {"current.json": b"{}"})
    headers = (await client.get("/current.json")).headers
    assert DOCUMENT_HEADERS.isdisjoint(headers)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Access-Control-Allow-Origin"] == "*"


def test_a_tree_is_found_again_after_a_restart(tmp_path):
    TreeDirectory(tmp_path).flip(3, {"current.json": b"three"})
    assert TreeDirectory(Path(tmp_path)).read("current.json") == b"three"


def test_a_compressed_copy_is_on_disk_before_it_has_its_name(tree, monkeypatch):
    """A server would send an empty copy, which a power cut left behind, in place of the file."""
    name = object_path("ab" * 32)
    tree.place(name, b"un acta y otra " * 1000)
    flushed, named = set(), []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(descriptor):
        real_fsync(descriptor)
        flushed.add(os.fstat(descriptor).st_ino)

    def replace(source, target):
        assert Path(source).stat().st_ino in flushed
        named.append(Path(target).name)
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    tree.compress([name])
    assert sorted(named) == [f"{'ab' * 32}.json.br", f"{'ab' * 32}.json.gz"]


def test_killed_at_any_call_of_compressing_a_copy_is_whole_or_not_there(tmp_path):
    name, data = object_path("cd" * 32), b"un acta y otra " * 1000
    folder = new_folders(tmp_path)

    def begin():
        tree = TreeDirectory(folder())
        tree.place(name, data)
        return tree

    found = [
        [tree.read(name + suffix) for suffix in (".br", ".gz")]
        for tree in deaths(begin, lambda tree: tree.compress([name]))
    ]
    assert len(found) > 4
    for copies in found:
        assert all(copy in (None, whole) for copy, whole in zip(copies, found[-1], strict=True))
