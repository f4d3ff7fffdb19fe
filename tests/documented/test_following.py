"""The commands that follow the results from cut to cut, run as their page has them."""

import csv
import json
import subprocess
from base64 import b64encode
from hashlib import sha256

import msgspec
import pytest

from documented.blocks import blocks_of
from openprep.election.votes import summable
from openprep.wire.cut.objects import Area, decode_object
from openprep.wire.cut.pack import PackWriter, Where
from openprep.wire.cut.ref import SCHEMA, digest_of, pack_path, where_path
from openprep.wire.log.leaf import ActaLeaf, decode_leaf, encode_leaf
from openprep.wire.log.merkle import MerkleTree, leaf_hash
from openprep.wire.log.tiles import ENTRIES, Tile, decode_bundle, encode_bundle, tiles_between
from served.tree import built_in
from small.center import SmallCenter

PAGE = "docs/deltas.md"
COMMANDS = [block.text for block in blocks_of(PAGE) if block.language == "sh"]


def follow(port, folder):
    """Run all of them in one shell."""
    folder.mkdir(exist_ok=True)
    site = f"http://127.0.0.1:{port}/"
    script = "set -euo pipefail\n" + "".join(COMMANDS).replace(
        "https://difusor.example/prep/", site
    )
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )


def followed(port, folder):
    done = follow(port, folder)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def rows_of(entries):
    leaves = map(decode_leaf, entries)
    return [
        [leaf.contest, leaf.acta or "", str(leaf.version), str(sum(map(summable, leaf.votes)))]
        for leaf in leaves
        if isinstance(leaf, ActaLeaf)
    ]


def new_in(folder):
    with (folder / "new.csv").open(newline="") as stream:
        return list(csv.reader(stream))


@pytest.fixture
def center(tmp_path):
    center = SmallCenter(tmp_path / "public")
    center.next_cut()
    center.next_cut()
    return center


def entries_of(center, size):
    (tile,) = (tile for tile in tiles_between(0, size) if tile.level == ENTRIES)
    return decode_bundle(center.tree.read(tile.path), tile.width)


def size_at(center, cut):
    return json.loads(center.tree.read(f"cuts/{cut}.json"))["leaf"] + 1


def test_they_follow_the_night_and_tell_only_what_is_new(center, tmp_path):
    folder = tmp_path / "follower"
    with built_in(center.tree.root) as port:
        assert "1.json: OK" in followed(port, folder)
        held = entries_of(center, size_at(center, 1))
        assert (folder / "leaves").read_bytes().splitlines() == held
        assert new_in(folder) == rows_of(held)
        data = (folder / "results.json").read_bytes()
        assert isinstance(decode_object(data), Area)
        assert (
            digest_of(data) == json.loads(center.tree.read("cuts/1.json"))["contests"][0]["results"]
        )

        followed(port, folder)
        assert new_in(folder) == []
        for _ in range(2):
            center.next_cut()
        said = followed(port, folder)
        assert all(f"{cut}.json: OK" in said for cut in (1, 2, 3))
        entries = entries_of(center, size_at(center, 3))
        assert (folder / "leaves").read_bytes().splitlines() == entries
        assert new_in(folder) == rows_of(entries[len(held) :])


def test_a_leaf_that_was_altered_stops_them(center, tmp_path):
    size = size_at(center, 1)
    (tile,) = (tile for tile in tiles_between(0, size) if tile.level == ENTRIES)
    path = center.tree.path(tile.path)
    path.write_bytes(path.read_bytes().replace(b"[3,10,", b"[4,10,", 1))
    with built_in(center.tree.root) as port:
        done = follow(port, tmp_path / "follower")
    assert done.returncode != 0
    assert not (tmp_path / "follower/new.csv").exists()


def test_an_object_that_was_altered_stops_them(center, tmp_path):
    at = next(iter(center.tree.where(1).roots.values()))
    path = center.tree.path(pack_path(at.pack))
    data = bytearray(path.read_bytes())
    data[at.offset + at.size - 2] ^= 1
    path.write_bytes(data)
    with built_in(center.tree.root) as port:
        done = follow(port, tmp_path / "follower")
    assert done.returncode != 0
    assert '"places"' not in done.stdout


def long_log(tree, cut, size):
    """A cut of a log of many leaves, as far as a follower looks."""
    leaf = decode_leaf(
        b'["acta",2,"GUB","A",1,"2024-06-02T20:00:00Z",null,null,[1,2],0,0,0,0,0,[],"",'
        b"null,null,null,null,null,null,null,null]"
    )
    entries = [
        encode_leaf(msgspec.structs.replace(leaf, acta=f"A{number}", reason="ñ\n" * (number % 300)))
        for number in range(size)
    ]
    for tile in tiles_between(0, size):
        if tile.level == ENTRIES:
            start = 256 * tile.index
            tree.place(tile.path, encode_bundle(entries[start : start + tile.width]))
    log = MerkleTree()
    log.extend(map(leaf_hash, entries))
    root = b64encode(log.root()).decode()
    tree.place(f"cuts/{cut}.note", f"origin\n{size}\n{root}\n\nsignature\n".encode())
    before = tree.read(f"cuts/{cut - 1}.json")
    with tree.writing_pack(tree.next_pack()) as pack:
        assert isinstance(pack, PackWriter)
        at = pack.add(b'{"votes":{},"places":{}}')
    manifest = msgspec.json.encode(
        {
            "leaf": size - 1,
            "previous": before and sha256(before).hexdigest(),
            "contests": [{"id": "GUB", "results": digest_of(b'{"votes":{},"places":{}}')}],
        }
    )
    tree.place(f"cuts/{cut}.json", manifest)
    tree.place(where_path(cut), msgspec.json.encode(Where(SCHEMA, cut, {"GUB": at})))
    pointer = {"cut": cut, "manifest": {"sha256": sha256(manifest).hexdigest()}}
    tree.flip(cut, {"current.json": msgspec.json.encode(pointer)})
    return entries


def test_a_log_of_many_bundles_is_followed_whatever_was_held(center, tmp_path):
    folder, held = tmp_path / "follower", 0
    center.tree.path("tile").rename(tmp_path / "elsewhere")
    for path in center.tree.root.glob("cuts/*"):
        path.unlink()
    with built_in(center.tree.root, budget=0) as port:
        for cut, size in enumerate((1, 255, 256, 257, 700, 700, 1024)):
            entries = long_log(center.tree, cut, size)
            followed(port, folder)
            assert (folder / "leaves").read_bytes().splitlines() == entries
            assert [row[1] for row in new_in(folder)] == [f"A{n}" for n in range(held, size)]
            held = size


def test_the_path_of_a_bundle_is_the_log_s():
    (line,) = (line for line in "".join(COMMANDS).splitlines() if line.strip().startswith("tile="))
    numbers = (0, 7, 999, 1000, 2047, 999_999, 1_000_000, 1_234_067)
    for number in numbers:
        said = subprocess.run(
            ["bash", "-c", f"n={number}\n{line}\necho tile/entries/$tile"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout.strip() == Tile(ENTRIES, number).path
