"""Every attack on a cut, against a centre in memory that the test corrupts.

``docs/attacks.md`` lists them all, these and those that other tests repel.
"""

import asyncio
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostile.killing import Stop
from mirror.lying import resign
from mirror.night import MemorySource, Night, files_of
from openprep.hosting import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.follow.follower import Follower
from openprep.mirror.verify.trusted import MAX_LOG_SIZE, Identity
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.objects import ResultObject, decode_object, parts_of
from openprep.wire.cut.pack import links_to, packed_object
from openprep.wire.cut.ref import Link, hex_digest
from openprep.wire.log.checkpoint import Checkpoint, sign_checkpoint
from openprep.wire.note import Cosigner, Signer
from openprep.wire.trust import LogIdentity, LogKey
from small.center import SmallCenter

SAMPLES = 8
"""Bytes altered of each file, its first and its last among them."""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Nothing here loses its power: what is flushed when is tested where it matters."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    return Night(SmallCenter(tmp_path_factory.mktemp("night")))


@pytest.fixture(scope="module")
def saved(night, tmp_path_factory):
    """A mirror's folder that shows cut 1."""
    folder = tmp_path_factory.mktemp("saved") / "mirror"
    mirror = Follower(MemorySource(night.at[1]), folder, night.identity)
    assert asyncio.run(mirror.step()).cut == 1
    return folder


@pytest.fixture(scope="module")
def taken(night, saved, tmp_path_factory):
    """The files that a mirror at cut 1 takes for cut 2."""
    folder = copy_of(saved, tmp_path_factory.mktemp("taken"))
    source = MemorySource(night.at[2])
    assert asyncio.run(Follower(source, folder, night.identity).step()).cut == 2
    return sorted(set(source.asked))


def copy_of(saved, place):
    shutil.rmtree(place / "mirror", ignore_errors=True)
    shutil.copytree(saved, place / "mirror", symlinks=True)
    return place / "mirror"


def shows_whole(folder, night):
    """The cut that a reader is shown; fails if any byte of it is not the centre's."""
    public = folder / "public"
    pointer = wire.decode((public / "current.json").read_bytes(), wire.Pointer)
    genuine = night.at[pointer.cut]
    assert (public / "current.json").read_bytes() == genuine["current.json"]
    for name in (wire.manifest_path(pointer.cut), wire.note_path(pointer.cut)):
        assert (public / name).read_bytes() == genuine[name]
    text = genuine["checkpoint"].split(b"\n\n")[0]
    assert (public / "checkpoint").read_bytes().split(b"\n\n")[0] == text
    for name, data in genuine.items():
        if name.startswith("tile/") and (public / name).exists():
            assert (public / name).read_bytes() == data
    for path in (public / "objects").rglob("*.json"):
        assert hex_digest(path.read_bytes()) == path.stem
    assert list(objects_of(public, pointer.cut))
    return pointer.cut


def objects_of(public: Path, cut: int) -> Iterator[ResultObject]:
    """Every object of a cut's results, from the manifest down, each held against its digest."""
    tree = TreeDirectory(public)
    manifest = wire.decode(tree.read(wire.manifest_path(cut)), wire.Manifest)
    roots = tree.where(cut).roots
    waiting = [Link(contest.results, roots[contest.id]) for contest in manifest.contests]
    while waiting:
        link = waiting.pop()
        data, at = packed_object(tree.read_at(link.at), link.digest)
        found = decode_object(data)
        waiting += links_to(parts_of(found), at)
        yield found


def attacked(night, folder, files):
    """What a mirror at cut 1 shows after two looks at a centre with these files, and why."""
    source, codes = MemorySource(files), []

    async def look():
        mirror = Follower(source, folder, night.identity)
        await mirror.start()
        for _ in range(2):
            try:
                await mirror.step()
            except Refused as refused:
                codes.append(refused.code)

    asyncio.run(look())
    return shows_whole(folder, night), codes


def recovers(night, folder):
    """Whether the mirror goes on with the genuine centre after the attack."""

    async def look():
        mirror = Follower(MemorySource(night.at[3]), folder, night.identity)
        await mirror.start()
        await mirror.step()

    asyncio.run(look())
    return shows_whole(folder, night) == 3


def test_the_files_of_a_cut_are_those_that_are_attacked_below(taken):
    kinds = {path.split("/")[0] for path in taken}
    assert kinds == {"current.json", "cuts", "tile", "databases"}
    assert {"cuts/2.note", "cuts/2.json"} <= set(taken)
    assert not [path for path in taken if path.endswith((".where", ".pack"))]


def test_a_declared_object_that_is_not_the_one_named_is_refused(night, tmp_path):
    """Who joins takes them once, each by its digest; afterwards nobody is asked for them."""
    declared = [path for path in night.at[1] if path.startswith("objects/")]
    assert len(declared) == 3
    for path in declared:
        whole = night.at[1][path]
        for data, code in (
            (whole[:-1] + b"!", MirrorCode.DIGEST),
            (b"", MirrorCode.DIGEST),
            (whole + b" ", MirrorCode.OVERSIZE),
            (None, MirrorCode.NOT_FOUND),
        ):
            files = {**night.at[1], path: data}
            source = MemorySource({name: held for name, held in files.items() if held is not None})
            shutil.rmtree(tmp_path / "mirror", ignore_errors=True)
            mirror = Follower(source, tmp_path / "mirror", night.identity)
            with pytest.raises(Refused) as refused:
                asyncio.run(mirror.step())
            assert refused.value.code is code, path
            source.files = night.at[1]
            assert asyncio.run(mirror.step()).cut == 1


def test_packs_of_others_are_asked_of_nobody(night, tmp_path):
    """Whatever stands there at a hostile source."""
    hostile = {path: b"lies" for path in night.at[2] if path.startswith("packs/")}
    hostile |= {path: b"{}" for path in night.at[2] if path.endswith(".where")}
    source = MemorySource({**night.at[2], **hostile})
    asyncio.run(Follower(source, tmp_path / "mirror", night.identity).step())
    assert hostile
    assert not hostile.keys() & set(source.asked)
    assert shows_whole(tmp_path / "mirror", night) == 2


def test_one_altered_byte_in_any_file_of_a_cut_is_refused(night, saved, taken, tmp_path):
    choose = random.Random(2)
    for path in taken:
        data = night.at[2][path]
        offsets = {0, len(data) - 1, *(choose.randrange(len(data)) for _ in range(SAMPLES - 2))}
        for offset in sorted(offsets):
            altered = bytearray(data)
            altered[offset] ^= 1 << choose.randrange(8)
            folder = copy_of(saved, tmp_path)
            files = {**night.at[2], path: bytes(altered)}
            shown, codes = attacked(night, folder, files)
            # Of these, parts are not looked at: a pointer's hints, lines of unknown witnesses, and
            # entries that the mirror holds. Whatever is shown is whole, which was seen above.
            if path not in ("current.json", "cuts/2.note") and not path.startswith("tile/"):
                assert (shown, bool(codes)) == (1, True), (path, offset)
        assert recovers(night, folder), path


def test_an_arbitrary_file_in_place_of_any_is_refused(night, saved, taken, tmp_path):
    choose = random.Random(3)
    for path in taken:
        size = len(night.at[2][path])
        for data in (b"", b"{}", b"null", b"[" * size, choose.randbytes(size), bytes(size)):
            folder = copy_of(saved, tmp_path)
            shown, codes = attacked(night, folder, {**night.at[2], path: data})
            assert shown == 1
            assert codes, path
            assert MirrorCode.UNEXPECTED not in codes
        assert recovers(night, folder), path


def test_any_file_that_is_withheld_keeps_the_last_cut_up(night, saved, taken, tmp_path):
    for path in taken:
        folder = copy_of(saved, tmp_path)
        files = {name: data for name, data in night.at[2].items() if name != path}
        shown, codes = attacked(night, folder, files)
        assert shown == 1
        assert set(codes) == {MirrorCode.NOT_FOUND}
        assert recovers(night, folder)


def test_files_of_two_cuts_do_not_mix(night, saved, tmp_path):
    """Every file of cut 3 that says what cut 2 is, in the place of cut 2's own, and so on."""
    kinds = ("current.json", "checkpoint", "cuts/{}.note", "cuts/{}.json")
    for kind in kinds:
        for told, other in ((2, 3), (3, 2), (2, 1), (3, 1), (2, 0)):
            files = {**night.at[3], **night.at[told]}
            files[kind.format(told)] = night.at[other][kind.format(other)]
            folder = copy_of(saved, tmp_path)
            shown, _ = attacked(night, folder, files)
            assert shown in (1, 2, 3)  # whichever: shown whole, which ``shows_whole`` has seen to
            assert recovers(night, folder)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(choices=st.lists(st.sampled_from([1, 2, 3]), min_size=12, max_size=12))
def test_any_mixture_of_the_trees_of_three_cuts_shows_one_of_them_whole(
    night, saved, taken, tmp_path_factory, choices
):
    names = sorted({name for cut in (1, 2, 3) for name in night.at[cut]})
    volatile = [name for name in names if len({night.at[c].get(name) for c in (1, 2, 3)}) > 1]
    files = dict(night.at[3])
    for index, name in enumerate(volatile):
        data = night.at[choices[index % len(choices)]].get(name)
        if data is None:
            files.pop(name, None)
        else:
            files[name] = data
    folder = copy_of(saved, tmp_path_factory.getbasetemp())
    attacked(night, folder, files)
    assert recovers(night, folder)


@pytest.mark.parametrize("number", [3, 10**6, 10**9])
def test_a_pointer_that_runs_ahead_changes_nothing(night, saved, tmp_path, number):
    pointer = wire.decode(night.at[2]["current.json"], wire.Pointer)
    ahead = wire.encode(msgspec.structs.replace(pointer, cut=number))
    folder = copy_of(saved, tmp_path)
    shown, codes = attacked(night, folder, {**night.at[2], "current.json": ahead})
    assert shown == 1
    assert set(codes) == {MirrorCode.NOT_FOUND}
    assert recovers(night, folder)


def forged(night, size, signer=None):
    """A signed checkpoint of a log that nobody has, announced as cut 2."""
    checkpoint = Checkpoint(night.center.signer.name, size, b"\x5a" * 32)
    note = sign_checkpoint(checkpoint, [signer or night.center.signer])
    return {**night.at[2], "cuts/2.note": note, "checkpoint": note}


def test_a_log_larger_than_any_is_refused_and_not_remembered(night, saved, tmp_path):
    """The log's key is stolen; nothing is allocated for what it announces."""
    folder = copy_of(saved, tmp_path)
    for size in (MAX_LOG_SIZE + 1, 10**12, 2**63 - 1):
        shown, codes = attacked(night, folder, forged(night, size))
        assert (shown, set(codes)) == (1, {MirrorCode.OVERSIZE})
    assert recovers(night, folder)


def rotated(night, last_cut):
    """The log's identity once its key was ended, and the key that signs from there on."""
    old = night.center.signer
    new = Signer(old.name, Ed25519PrivateKey.generate())
    keys = (LogKey(str(old.verifier), 0, last_cut), LogKey(str(new.verifier), last_cut + 1))
    election = night.center.election
    return Identity(election.id, election.drill, LogIdentity(old.name, keys)), new


def test_a_fast_forward_by_a_stolen_log_key_ends_when_the_key_is_ended(night, saved, tmp_path):
    """The thief announces a log that is longer by far: the genuine one then looks like a rollback.

    The mirror stays where it is until the members end the key; then it goes on by itself, and keeps
    what the thief signed as evidence.
    """
    folder = copy_of(saved, tmp_path)
    files = forged(night, 50_000)
    shown, _ = attacked(night, folder, files)
    assert shown == 1
    _, codes = attacked(night, folder, night.at[2])
    assert set(codes) == {MirrorCode.ROLLBACK}, "bounded, not repelled, while the key stands"

    identity, new = rotated(night, last_cut=1)
    genuine = Checkpoint.parse(night.at[2]["cuts/2.note"].decode().partition("\n\n")[0] + "\n")
    note = sign_checkpoint(genuine, [new])

    async def look():
        mirror = Follower(MemorySource({**night.at[2], "cuts/2.note": note}), folder, identity)
        await mirror.start()
        return await mirror.step()

    assert asyncio.run(look()).cut == 2
    kept = {path.read_bytes() for path in (folder / "evidence").iterdir()}
    assert files["cuts/2.note"] in kept


def test_a_key_that_was_ended_cannot_sign_a_later_cut(night, saved, tmp_path):
    folder = copy_of(saved, tmp_path)
    identity, new = rotated(night, last_cut=1)
    source = MemorySource(night.at[2])

    async def look():
        mirror = Follower(source, folder, identity)
        await mirror.start()
        with pytest.raises(Refused) as refused:
            await mirror.step()
        assert refused.value.code is MirrorCode.SIGNATURE
        checkpoint = Checkpoint.parse(
            night.at[2]["cuts/2.note"].decode().partition("\n\n")[0] + "\n"
        )
        source.files["cuts/2.note"] = sign_checkpoint(checkpoint, [new])
        assert (await mirror.step()).cut == 2

    asyncio.run(look())


def test_a_key_does_not_sign_before_its_first_cut(night, saved, tmp_path):
    folder = copy_of(saved, tmp_path)
    identity, new = rotated(night, last_cut=2)
    checkpoint = Checkpoint.parse(night.at[2]["cuts/2.note"].decode().partition("\n\n")[0] + "\n")
    files = {**night.at[2], "cuts/2.note": sign_checkpoint(checkpoint, [new])}

    async def look():
        mirror = Follower(MemorySource(files), folder, identity)
        await mirror.start()
        await mirror.step()

    with pytest.raises(Refused) as refused:
        asyncio.run(look())
    assert refused.value.code is MirrorCode.SIGNATURE


def test_a_thief_who_shows_two_mirrors_two_truths_is_seen_by_either(tmp_path):
    """The stolen key signs another cut 2 for one mirror: whole, counted right, and in the log.

    Neither mirror alone can tell. As soon as one sees what the other cosigned, both signed notes
    are kept: nobody can deny them, and neither witness has signed both.
    """
    center = SmallCenter(tmp_path / "center")
    for _ in range(2):
        center.next_cut()
    first = files_of(center.tree.root)
    shutil.copytree(center.tree.root, tmp_path / "copy", symlinks=True)
    center.next_cut()
    genuine = files_of(center.tree.root)
    resign(center, lambda manifest: msgspec.structs.replace(manifest, record_position=99))
    other = files_of(center.tree.root)

    cosigners = [Cosigner(f"mirror-{n}", Ed25519PrivateKey.generate()) for n in (1, 2)]
    folders = [tmp_path / "one", tmp_path / "two"]

    async def follow(folder, cosigner, *trees):
        source = MemorySource({})
        mirror = Follower(source, folder, center.identity, cosigner=cosigner)
        for tree in trees:
            source.files = tree
            await mirror.step()
        return mirror

    async def all_of_it():
        one = await follow(folders[0], cosigners[0], first, genuine)
        two = await follow(folders[1], cosigners[1], first, other)
        assert (one.tree.pointer().cut, two.tree.pointer().cut) == (2, 2)
        notes = [mirror.tree.read("checkpoint") for mirror in (one, two)]
        for mirror, shown in ((one, other), (two, genuine)):
            before = mirror.tree.read("live/current.json")
            with pytest.raises(Refused) as refused:
                await mirror.step(MemorySource(shown))
            assert refused.value.code is MirrorCode.SPLIT_VIEW
            assert mirror.tree.read("live/current.json") == before
        return notes

    notes = asyncio.run(all_of_it())
    for folder, own, theirs in ((folders[0], notes[0], other), (folders[1], notes[1], genuine)):
        kept = {path.read_bytes() for path in (folder / "evidence").iterdir()}
        assert {own, theirs["cuts/2.note"]} <= kept


def test_entries_far_larger_than_actas_are_not_taken_into_memory(night, saved, tmp_path):
    """Another publisher needs no key to make bundles as large as the format allows."""
    folder = copy_of(saved, tmp_path)
    checkpoint = Checkpoint(night.center.signer.name, 256 * 20, b"\x5a" * 32)
    note = sign_checkpoint(checkpoint, [night.center.signer])
    huge = (b"\xff\xff" + bytes(65535)) * 256
    bundles = {f"tile/entries/{n:03}": huge for n in range(20)}
    source = MemorySource({**night.at[2], **bundles, "cuts/2.note": note})

    async def look():
        await Follower(source, folder, night.identity).step()

    with pytest.raises(Refused) as refused:
        asyncio.run(look())
    assert refused.value.code in (MirrorCode.OVERSIZE, MirrorCode.FORMAT)
    assert len([path for path in source.asked if path.startswith("tile/")]) <= 3
    assert shows_whole(folder, night) == 1


@pytest.mark.parametrize(
    "name", ["cuts/2.json", "cuts/2.note", "cuts/2.where", "packs/3.pack", "packs/4.pack"]
)
def test_a_symlink_in_the_mirror_s_own_tree_is_not_written_through(night, saved, tmp_path, name):
    """Somebody with a foot in the mirror's folder points a name of the next cut elsewhere."""
    folder = copy_of(saved, tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir(exist_ok=True)
    victim = outside / "victim"
    victim.write_bytes(b"as it was")
    link = folder / "public" / name
    link.symlink_to(victim)
    asyncio.run(Follower(MemorySource(night.at[2]), folder, night.identity).step())
    assert victim.read_bytes() == b"as it was"
    assert not link.is_symlink() or name.startswith("packs/")  # a pack's number is taken


def test_what_was_seen_is_on_disk_before_it_is_acted_upon(night, saved, tmp_path, monkeypatch):
    """Killed right after the note was read, the mirror still refuses to go back behind it."""
    folder = copy_of(saved, tmp_path)
    source = MemorySource(night.at[3])

    async def cut_off(path, limit):
        if path.startswith("tile/"):
            raise Stop
        return night.at[3][path]

    monkeypatch.setattr(source, "get", cut_off)
    with pytest.raises(Stop):
        asyncio.run(Follower(source, folder, night.identity).step())
    _, codes = attacked(night, folder, night.at[2])
    assert set(codes) == {MirrorCode.ROLLBACK}
    assert recovers(night, folder)
