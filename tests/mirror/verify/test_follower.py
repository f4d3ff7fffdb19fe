"""A mirror of an honest centre, and what each attack of a dishonest one comes to."""

import asyncio
import re
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from mirror.lying import (
    entries_of,
    refused_and_unmoved,
    resign,
    roll_back,
    sign_log,
)
from mirror.night import public_files
from openprep.cuts.results import CannotAdopt
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.process import following as run
from openprep.mirror.process.status import Status
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.description import MAX_DECLARED_BYTES
from openprep.wire.cut.objects import decode_object, parts_of
from openprep.wire.cut.pack import links_to, packed_object
from openprep.wire.cut.ref import Link
from openprep.wire.cut.results import ResultsReader
from openprep.wire.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from openprep.wire.log.leaf import decode_leaf, encode_leaf
from openprep.wire.note import Cosigner, Signer
from small.election import OPENS, acta, small_election
from small.election import version as version_of


async def test_every_cut_is_mirrored_byte_for_byte(pair):
    for cut in range(4):
        pair.center.next_cut()
        shown = await pair.follower.step()
        assert shown.cut == cut
        assert public_files(pair.follower.tree.root) == public_files(pair.center.tree.root)


async def test_each_tree_has_every_object_of_a_cut_where_it_says(pair):
    """Whichever packs it wrote: the same digests from the manifest down to every run."""
    for _ in range(4):
        pair.center.next_cut()
        manifest = await pair.follower.step()
    shown = [dict(objects_of(tree, manifest)) for tree in (pair.center.tree, pair.follower.tree)]
    assert shown[0] == shown[1]
    assert {kind.__name__ for kind in map(type, shown[1].values())} == {
        "Area",
        "AreaCatalogue",
        "Outside",
        "Run",
        "RunCatalogue",
    }


def objects_of(tree, manifest):
    """Every object of a cut by digest, as a reader finds it in a tree's packs."""
    places = tree.where(manifest.cut).roots
    waiting = [Link(contest.results, places[contest.id]) for contest in manifest.contests]
    while waiting:
        link = waiting.pop()
        data, at = packed_object(tree.read_at(link.at), link.digest)
        found = decode_object(data)
        yield link.digest, found
        waiting += links_to(parts_of(found), at)


async def test_nothing_new_costs_one_conditional_request(pair):
    pair.center.next_cut()
    await pair.follower.step()
    pair.requests.clear()
    assert await pair.follower.step() is None
    assert pair.requests == ["/current.json"]


async def test_a_new_cut_costs_its_entries_its_manifest_and_its_note(pair):
    pair.center.next_cut()
    await pair.follower.step()
    pair.requests.clear()
    pair.center.next_cut()
    await pair.follower.step()
    assert pair.requests == [
        "/current.json",
        "/cuts/1.note",
        "/tile/entries/000.p/6",
        "/cuts/1.json",
    ]


async def test_a_mirror_that_slept_through_cuts_comes_straight_to_the_last(pair):
    for _ in range(4):
        pair.center.next_cut()
    assert (await pair.follower.step()).cut == 3


async def test_a_mirror_that_joins_late_has_all_that_was_published_and_signed(pair):
    for _ in range(3):
        pair.center.next_cut()
    assert (await pair.follower.step()).cut == 2
    for name in ("json", "note"):
        for cut in range(3):
            path = f"cuts/{cut}.{name}"
            assert pair.follower.tree.read(path) == pair.center.tree.read(path)


async def test_a_mirror_that_joins_late_at_one_who_lost_old_notes_shows_the_cut(pair):
    for _ in range(3):
        pair.center.next_cut()
    pair.center.tree.path("cuts/1.note").unlink()
    assert (await pair.follower.step()).cut == 2
    assert pair.follower.tree.read("cuts/1.note") is None
    assert pair.follower.tree.read("cuts/0.note") == pair.center.tree.read("cuts/0.note")


async def test_an_old_note_of_another_history_is_refused_and_kept_as_evidence(pair):
    """A thief of the log's key who signed another past for those who were not looking."""
    for _ in range(3):
        pair.center.next_cut()
    honest = open_checkpoint(
        pair.center.tree.read("cuts/1.note"),
        origin=pair.center.signer.verifier.name,
        log=[pair.center.signer.verifier],
    ).checkpoint
    other = Checkpoint(honest.origin, honest.size, b"\x07" * 32)
    forged = sign_checkpoint(other, [pair.center.signer])
    pair.center.tree.path("cuts/1.note").write_bytes(forged)
    await refused_and_unmoved(pair, MirrorCode.SPLIT_VIEW)
    evidence = [path.read_bytes() for path in pair.data.glob("evidence/*.note")]
    assert forged in evidence


@pytest.mark.parametrize("cut", [0, 2])
async def test_an_old_note_of_another_cut_is_refused(pair, cut):
    for _ in range(3):
        pair.center.next_cut()
    swapped = pair.center.tree.read(f"cuts/{cut}.note")
    pair.center.tree.path("cuts/1.note").write_bytes(swapped)
    await refused_and_unmoved(pair, MirrorCode.LOG_FACTS)


async def test_an_earlier_manifest_that_the_signed_one_does_not_name_is_refused(pair):
    for _ in range(3):
        pair.center.next_cut()
    path = pair.center.tree.path("cuts/1.json")
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Refused) as refused:
        await pair.follower.step()
    assert refused.value.code is MirrorCode.BROKEN_CHAIN


async def test_before_the_opening_there_is_nothing_to_show(pair):
    with pytest.raises(Refused) as refused:
        await pair.follower.step()
    assert refused.value.code is MirrorCode.NOT_FOUND
    assert pair.follower.tree.pointer() is None


async def test_when_the_centre_goes_dark_the_last_cut_stays_up(pair):
    pair.center.next_cut()
    await pair.follower.step()
    await pair.server.close()
    with pytest.raises(Refused) as refused:
        await pair.follower.step()
    assert refused.value.code is MirrorCode.UNREACHABLE
    assert pair.follower.tree.pointer().cut == 0


@pytest.fixture
async def following(pair):
    """The mirror shows cut 1, and the centre is about to make cut 2."""
    for _ in range(2):
        pair.center.next_cut()
        await pair.follower.step()
    return pair


async def test_a_cut_signed_by_another_key_is_refused(following):
    following.center.next_cut()
    impostor = Signer(following.center.signer.name, Ed25519PrivateKey.generate())
    resign(following.center, lambda manifest: manifest, impostor)
    await refused_and_unmoved(following, MirrorCode.SIGNATURE)


async def test_a_manifest_changed_after_it_was_signed_is_refused(following):
    following.center.next_cut()
    path = following.center.tree.path("cuts/2.json")
    path.write_bytes(path.read_bytes().replace(b'"captured":', b'"captured" :', 1)[:-1] + b" ")
    with pytest.raises(Refused) as refused:
        await following.follower.step()
    assert refused.value.code in (MirrorCode.MANIFEST, MirrorCode.OVERSIZE)


async def test_rollback_to_an_older_cut_is_refused(following):
    roll_back(following.center, 0)
    await refused_and_unmoved(following, MirrorCode.ROLLBACK)


async def test_rollback_is_refused_even_after_the_mirror_was_restarted(following):
    roll_back(following.center, 0)
    following.follower = following.restarted()
    await refused_and_unmoved(following, MirrorCode.ROLLBACK)


async def test_two_truths_under_one_number_are_refused(following):
    resign(following.center, lambda manifest: structs.replace(manifest, record_position=99))
    await refused_and_unmoved(following, MirrorCode.SPLIT_VIEW)


async def test_a_cut_that_does_not_follow_the_one_shown_is_refused(following):
    following.center.next_cut()
    resign(following.center, lambda m: structs.replace(m, previous="00" * 32))
    await refused_and_unmoved(following, MirrorCode.BROKEN_CHAIN)


async def test_two_histories_signed_for_one_number_leave_both_notes_as_evidence(following):
    first = following.follower.tree.read("checkpoint")
    resign(following.center, lambda manifest: structs.replace(manifest, record_position=99))
    await refused_and_unmoved(following, MirrorCode.SPLIT_VIEW)
    kept = {path.read_bytes() for path in (following.data / "evidence").iterdir()}
    assert kept == {first, following.center.tree.read("checkpoint")}


@pytest.mark.parametrize("index", [0, 1, 2, 3])
async def test_a_history_rewritten_under_later_cuts_is_refused(following, index):
    """The log key is stolen: a leaf that the mirror holds is another one in a longer log."""
    following.center.next_cut()
    entries = entries_of(following.center)
    entries[index] = entries[index].replace(b'",2,', b'",2, ')
    sign_log(following.center, entries)
    await refused_and_unmoved(following, MirrorCode.LOG_ENTRIES)


async def test_a_fork_is_found_at_a_checkpoint_that_was_seen_and_never_shown(following):
    """The mirror saw the true cut 2 but could not show it; then it is offered another history."""
    following.center.next_cut()
    manifest = following.center.tree.path("cuts/2.json")
    whole = manifest.read_bytes()
    manifest.write_bytes(whole[:-5])
    with pytest.raises(Refused):
        await following.follower.step()
    manifest.write_bytes(whole)
    following.center.next_cut()
    entries = entries_of(following.center)
    victim = next(i for i, entry in enumerate(entries) if entry.startswith(b'["cut",2,2,'))
    entries[victim] = encode_leaf(
        structs.replace(decode_leaf(entries[victim]), manifest_sha256="ab" * 32)
    )
    sign_log(following.center, entries)
    following.follower = following.restarted()
    await refused_and_unmoved(following, MirrorCode.SPLIT_VIEW)


async def test_rules_that_change_in_the_night_are_refused(following):
    center = following.center
    with suppress(CannotAdopt):  # as a centre starts that is declared otherwise
        center.restart(election=small_election(name="Otra"))
    center.next_cut()
    manifest = wire.decode(center.tree.read("cuts/2.json"), wire.Manifest)
    before = wire.decode(center.tree.read("cuts/1.json"), wire.Manifest)
    assert manifest.description != before.description
    await refused_and_unmoved(following, MirrorCode.LOG_FACTS)


@pytest.mark.parametrize("path", ["tile/entries/000.p"])
async def test_an_altered_entry_is_refused(following, path):
    following.center.next_cut()
    for bundle in following.center.tree.path(path).iterdir():
        bundle.write_bytes(bundle.read_bytes().replace(b'"A4",1,', b'"A4",2,'))
    await refused_and_unmoved(following, MirrorCode.LOG_ENTRIES)


async def test_a_mirror_cosigns_what_it_verified_and_nothing_else(pair):
    said = []
    cosigner = Cosigner("universidad.mx", Ed25519PrivateKey.generate())
    pair.follower = pair.restarted(cosigner=cosigner, on_cosigned=lambda *told: said.append(told))
    pair.center.next_cut()
    await pair.follower.step()
    note = pair.follower.tree.read("checkpoint")
    opened = pair.follower.trusted.open(note, [cosigner.verifier])
    assert [cosignature.verifier for cosignature in opened.cosignatures] == [cosigner.verifier]
    assert said[0][0] == opened.checkpoint
    pair.center.next_cut()
    manifest = pair.center.tree.path("cuts/1.json")
    manifest.write_bytes(manifest.read_bytes()[:-5])
    with pytest.raises(Refused):
        await pair.follower.step()
    assert len(said) == 1


@pytest.mark.parametrize("change", [{"drill": True}, {"election": "other-2024"}])
async def test_a_cut_of_a_drill_or_of_another_election_is_never_shown_as_real(following, change):
    following.center.next_cut()
    resign(following.center, lambda manifest: structs.replace(manifest, **change))
    refused = await refused_and_unmoved(following, MirrorCode.OTHER_ELECTION)
    asked = change.get("election", "chica-2024")
    kind = "the drill" if change.get("drill") else "the election"
    assert f"is of {kind} {asked}, followed is the election chica-2024" in str(refused)


@pytest.mark.parametrize(
    "name", ["../evil", "current.json", "objects/aa/x.json", "databases/../../x.zip", "/etc/x"]
)
async def test_a_file_of_an_unknown_kind_or_place_is_refused(following, name):
    following.center.next_cut()
    evil = wire.TreeFile(wire.FileKind.DATABASE, "ab" * 32, 3)
    resign(following.center, lambda m: structs.replace(m, files={name: evil}, database=name))
    await refused_and_unmoved(following, MirrorCode.FORMAT)


def damage(path):
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def declared_in(tree):
    return sorted((tree.root / "objects").rglob("*.json"))


@pytest.mark.parametrize("size", [MAX_DECLARED_BYTES + 1, 2**60])
async def test_a_description_larger_than_any_is_not_fetched(pair, size):
    pair.center.next_cut()
    resign(
        pair.center,
        lambda m: structs.replace(m, description=structs.replace(m.description, size=size)),
    )
    pair.requests.clear()
    await refused_and_unmoved(pair, MirrorCode.OVERSIZE)
    assert not [path for path in pair.requests if path.startswith("/objects/")]


async def test_declared_objects_that_this_disk_damaged_are_mended_from_the_centre(following):
    tree = following.follower.tree
    whole = {path: path.read_bytes() for path in declared_in(tree)}
    for path in whole:
        damage(path)
    mirror = following.restarted()
    with pytest.raises(Refused) as refused:
        await mirror.start()
    assert refused.value.code is MirrorCode.TREE_DAMAGED
    following.center.next_cut()
    assert (await mirror.step()).cut == 2
    assert {path: path.read_bytes() for path in declared_in(tree)} == whole


async def test_packs_that_this_disk_damaged_are_made_anew_at_the_start(following):
    """Nothing is taken from them, so no network is needed."""
    tree = following.follower.tree
    numbers = tree.packs()
    for number in numbers:
        tree.path(f"packs/{number}.pack").write_bytes(b"")
    tree.path("cuts/1.where").write_bytes(b"{}")
    mirror = following.restarted()
    await mirror.start()
    manifest = wire.decode(tree.read("cuts/1.json"), wire.Manifest)
    assert dict(objects_of(tree, manifest)) == dict(objects_of(following.center.tree, manifest))
    assert tree.packs()[-1] == 1 + numbers[-1]


UNREADABLE = [
    ("cuts/1.json", MirrorCode.TREE_DAMAGED),
    ("cuts/1.note", MirrorCode.TREE_DAMAGED),
    ("objects/", MirrorCode.TREE_DAMAGED),
    ("tile/entries/000.p/6", MirrorCode.TREE_DAMAGED),
    ("live/checkpoint", None),
    ("live/current.json", None),
    ("cuts/0.json", None),
    ("cuts/0.note", None),
    ("cuts/1.where", None),
]
"""Files that the disk cannot read any more, and what a start says of each."""


@pytest.mark.parametrize(("name", "code"), UNREADABLE)
async def test_a_file_that_this_disk_cannot_read_is_damage(following, monkeypatch, name, code):
    """It is fetched or made again; a new file stands where the disk is whole."""
    root = following.follower.tree.root
    found = [root / name] if (root / name).is_file() else (root / name).rglob("*")
    bad = {path.resolve() for path in found if path.is_file()}
    assert bad
    kind = type(root)
    read_bytes, replace = kind.read_bytes, kind.replace

    def read(path):
        if path.resolve() in bad:
            raise OSError(5, "Input/output error", str(path))
        return read_bytes(path)

    def mended(path, target):
        bad.discard(target.resolve())
        return replace(path, target)

    monkeypatch.setattr(kind, "read_bytes", read)
    monkeypatch.setattr(kind, "replace", mended)
    mirror = following.restarted()
    if code is None:
        await mirror.start()
        await mirror.fill_gaps()
    else:
        with pytest.raises(Refused) as refused:
            await mirror.start()
        assert refused.value.code is code
    following.center.next_cut()
    assert (await mirror.step()).cut == 2


async def test_starting_again_and_again_does_not_fill_the_disk(following):
    tree = following.follower.tree
    for _ in range(4):
        await following.restarted().start()
        kept = len(tree.packs())
    for _ in range(3):
        await following.restarted().start()
    assert len(tree.packs()) == kept
    manifest = wire.decode(tree.read("cuts/1.json"), wire.Manifest)
    assert dict(objects_of(tree, manifest)) == dict(objects_of(following.center.tree, manifest))


async def test_a_cut_that_brings_nothing_writes_no_pack(following):
    tree = following.follower.tree
    before, numbers = tree.where(1), tree.packs()
    following.center.next_cut([])
    assert (await following.follower.step()).cut == 2
    assert tree.packs() == numbers
    assert tree.where(2).roots == before.roots


async def test_what_did_not_change_stays_where_it_is(following):
    tree = following.follower.tree
    (before,) = tree.packs()[-1:]
    following.center.next_cut([version_of(4, acta(4))])
    manifest = await following.follower.step()
    root = ResultsReader(tree.read_at).area(
        Link(manifest.contests[0].results, tree.where(2).roots["AYUN"])
    )
    places = {child.path: child.object.at.pack for child in root.children}
    assert places["002"] == before + 1
    assert places["001"] <= before


async def test_what_was_seen_but_damaged_is_not_taken_for_a_first_start(following):
    (following.data / "seen.json").write_bytes(b"{}x")
    with pytest.raises(Refused) as refused:
        following.restarted()
    assert refused.value.code is MirrorCode.TREE_DAMAGED


async def test_a_full_disk_keeps_the_last_cut_and_says_so(following, monkeypatch):
    following.center.next_cut()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(following.follower.tree), "place", full)
    await refused_and_unmoved(following, MirrorCode.DISK)


async def test_many_looks_at_once_do_no_harm(pair):
    pair.center.next_cut()
    await asyncio.gather(*(pair.follower.step() for _ in range(3)))
    assert pair.restarted().tree.pointer().cut == 0


async def test_a_refusal_that_lasts_is_told_again_in_the_log(following, caplog, monkeypatch):
    """A centre put back from an older copy: one line, and then a log that was silent all night."""
    following.center.next_cut()
    entries = entries_of(following.center)
    entries[1] = entries[1].replace(b'",2,', b'",2, ')
    sign_log(following.center, entries)
    path = following.data / "status.json"
    mirror = run.Following(
        following.follower,
        following.source,
        Status(publisher="tec", election="chica-2024", drill=False),
        path,
        lambda: OPENS,
        0.01,
    )
    caplog.set_level("WARNING")
    for _ in range(3):
        await mirror.look()
    assert caplog.text.count("M019") == 1
    assert re.search(r"M019 .*; (cut 0 stays up|nothing was shown yet)", caplog.text)
    assert "None" not in caplog.text
    monkeypatch.setattr(run, "SAID_AGAIN", 0.0)
    await mirror.look()
    assert caplog.text.count("M019") == 2
