"""The centre: cuts from its ledger, and recovery that is the same code as starting."""

import asyncio
import errno
import json
import shutil
import threading
from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from center.bench import NIGHT, SIGNER, Bench, snapshot
from openprep.center.center import TreeTrouble
from openprep.cuts.codes import PublicationCode
from openprep.cuts.composing import Composer
from openprep.cuts.cut_log import CutLog
from openprep.cuts.cutter import Cutter
from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.hosting.log import entries_on_disk
from openprep.record.facts import ActaReported
from openprep.wire.cut import manifest as wire
from openprep.wire.log.checkpoint import open_checkpoint
from openprep.wire.log.leaf import decode_leaf
from openprep.wire.log.tiles import CHECKPOINT_PATH
from openprep.wire.note import Signer
from openprep.wire.trust import LogIdentity, LogKey
from small.election import OPENS, acta


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.stop()


async def test_nothing_is_published_before_the_opening(bench):
    await bench.report(ActaReported(acta(0)))
    assert not await bench.is_anything_due()
    assert bench.tree.pointer() is None


async def test_cut_zero_has_every_expected_acta_and_no_vote_whatever_has_arrived(bench):
    await bench.report(ActaReported(acta(0)))
    bench.now = OPENS
    zero = await bench.cut()
    assert (zero.cut, zero.kind, zero.previous) == (0, CutKind.ZERO, None)
    summary = zero.contests[0].summary
    assert summary.expected == 7
    assert summary.captured == summary.registered == summary.votes_with_special == 0
    first = await bench.cut()
    assert first.contests[0].summary.captured == 1


async def test_cuts_are_numbered_without_gap_and_chained_by_digest(bench):
    await bench.night()
    previous = None
    for number, made in enumerate(bench.ledger.state.cuts):
        data = bench.tree.read(wire.manifest_path(number))
        manifest = wire.decode(data, wire.Manifest)
        assert (manifest.cut, manifest.previous) == (number, previous)
        previous = sha256(data).hexdigest()
        assert previous == made.manifest_sha256
        note = bench.tree.read(wire.note_path(number))
        checkpoint = open_checkpoint(note, origin=SIGNER.name, log=[SIGNER.verifier]).checkpoint
        assert (checkpoint.size, checkpoint.root) == (made.log_size, made.log_root)
        last = decode_leaf(list(entries_on_disk(bench.tree, checkpoint.size))[manifest.leaf])
        assert manifest.leaf == checkpoint.size - 1
        assert (last.cut, last.manifest_sha256) == (number, previous)


async def test_special_casillas_enter_participation_in_the_closing_cut_only(bench):
    closing = await bench.night()
    assert closing.kind is CutKind.CLOSING
    data = bench.tree.read(wire.manifest_path(closing.cut - 1))
    before = wire.decode(data, wire.Manifest).contests[0].summary
    after = closing.contests[0].summary
    assert after.votes_with_special == before.votes_with_special > before.votes_without_special
    assert after.participation > before.participation


async def test_after_closing_no_cut_is_ever_due_again(bench):
    await bench.night()
    bench.now += timedelta(hours=5)
    assert not await bench.is_anything_due()


async def test_a_correction_is_published_with_its_reason_and_both_versions(bench):
    await bench.night()
    corrected = bench.reading().section("001/0001").actas[0]
    assert [version.reason for version in corrected.versions] == [None, "cotejo"]
    assert corrected.acta.votes == (1,) * 11


async def test_an_object_is_written_again_only_where_something_changed(bench):
    bench.now = OPENS
    await bench.cut()
    before = bench.reading().digests()
    await bench.report(ActaReported(acta(0)))
    await bench.cut()
    after = bench.reading().digests()
    assert len(after - before) == 3  # its run, its municipality and the root
    first, second = (bench.tree.read(f"packs/{number}.pack") for number in bench.tree.packs())
    assert second.count(b'{"kind":') == 3 < first.count(b'{"kind":')
    declared = [path.stem for path in (bench.tree.root / "objects").rglob("*.json")]
    assert len(declared) == 3  # the election, who runs, what is expected


async def test_what_is_declared_is_whole_in_the_tree_after_every_start(bench):
    bench.now = OPENS
    await bench.cut()
    declared = list((bench.tree.root / "objects").rglob("*.json"))
    kept = {path: path.read_bytes() for path in declared}
    bench.stop()
    declared[0].unlink()
    declared[1].write_bytes(b"")
    bench.start()
    assert {path: path.read_bytes() for path in declared} == kept
    assert bench.reading().catalogue().expected.ids == tuple(f"A{number}" for number in range(7))


DAMAGES = {
    "gone": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "turned": lambda path: path.write_bytes(path.read_bytes().replace(b"1", b"2")),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("what", ["packs/1.pack", "packs/2.pack", "cuts/1.where"])
async def test_a_start_packs_the_cut_that_is_up_anew_whatever_became_of_its_packs(
    bench, what, damage
):
    bench.now = OPENS
    await bench.cut()
    await bench.report(ActaReported(acta(0)), ActaReported(acta(4)))
    before = await bench.cut()
    shown = list(bench.reading().areas())
    bench.stop()
    damage(bench.tree.path(what))
    bench.start()
    assert bench.manifest() == before
    again = list(bench.reading().areas())
    assert [structs.replace(area, children=(), out_of_catalogue=None) for area in again] == [
        structs.replace(area, children=(), out_of_catalogue=None) for area in shown
    ]
    assert bench.reading().section("001/0001").captured == 1
    assert not await bench.is_anything_due()


async def test_starting_again_and_again_keeps_no_packs_that_nobody_is_sent_to(bench):
    bench.now = OPENS
    await bench.cut()
    await bench.report(ActaReported(acta(0)))
    await bench.cut()
    for _ in range(5):
        bench.stop()
        bench.start()
    assert len(bench.tree.packs()) <= 3
    for cut in (0, 1):
        assert len(list(bench.reading(cut).sections())) == 5


async def test_results_that_a_release_counts_otherwise_are_shown_by_a_new_cut(bench, monkeypatch):
    """The cut stays as it was signed, since a number never has two manifests; another follows."""
    bench.now = OPENS
    await bench.cut()
    await bench.report(ActaReported(acta(0)))
    before = await bench.cut()
    assert before.contests[0].won
    bench.stop()
    composed = Composer.areas

    def without_won(*given, **named):
        return (structs.replace(area, won=()) for area in composed(*given, **named))

    monkeypatch.setattr(Composer, "areas", without_won)
    bench.start()
    await bench.report(ActaReported(acta(4)))
    after = await bench.cut()
    assert (after.cut, after.contests[0].won) == (before.cut + 1, ())
    assert bench.reading(before.cut).manifest == before
    bench.tree.drop_packs(bench.tree.spare_packs(after.cut))
    assert bench.reading(before.cut).area().won == before.contests[0].won
    assert bench.reading().area().won == ()
    assert len(list(bench.reading().sections())) == 5


async def test_a_cut_that_fails_is_tried_again_and_the_one_before_stays_up(bench, monkeypatch):
    bench.now = OPENS
    await bench.cut()
    await bench.report(ActaReported(acta(0)))
    real = TreeDirectory.writing_pack

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TreeDirectory, "writing_pack", full)
    assert (await bench.cut()).cut == 0
    monkeypatch.setattr(TreeDirectory, "writing_pack", real)
    assert (await bench.cut()).cut == 1
    assert bench.reading().section("001/0001").captured == 1


async def test_a_full_disk_needs_no_room_for_the_packs_of_a_cut_that_failed(bench, monkeypatch):
    bench.now = OPENS
    await bench.cut()
    await bench.report(ActaReported(acta(0)))
    real, before = TreeDirectory.writing_pack, []

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    def writing_pack(tree, number):
        before.append((number, tree.packs()))
        return real(tree, number)

    monkeypatch.setattr(TreeDirectory, "writing_pack", writing_pack)
    with monkeypatch.context() as patch:
        patch.setattr(CutLog, "end_in", full)
        await bench.cut()
    assert before == [(2, [1]), (3, [1])]
    assert len(list(bench.reading().sections())) == 5


async def test_envelopes_are_taken_while_a_centre_recovers_from_a_cut_that_failed(
    bench, monkeypatch
):
    bench.now = OPENS
    await bench.cut()
    await bench.report(ActaReported(acta(0)))
    begun, may, recover, waited = threading.Event(), threading.Event(), bench.center.recover, []

    def waiting():
        begun.set()
        waited.append(may.wait(5))
        recover()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    await bench.rest()
    with monkeypatch.context() as patch:
        patch.setattr(bench.center, "recover", waiting)
        patch.setattr(Cutter, "make", full)
        step = asyncio.create_task(bench.center.step())
        await asyncio.to_thread(begun.wait, 5)
        await bench.report(ActaReported(acta(4)))
        may.set()
        await step
    assert waited == [True]
    assert (await bench.cut()).contests[0].summary.captured == 2


async def test_a_full_disk_in_the_middle_of_a_cut_is_told_as_one(bench, monkeypatch, caplog):
    bench.now = OPENS
    await bench.cut()
    await bench.report(ActaReported(acta(0)))

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(TreeDirectory, "writing_pack", full)
    await bench.cut()
    said = [record.getMessage() for record in caplog.records if "P005" in record.getMessage()]
    assert said
    assert all("R004" in line for line in said)
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("closed", [False, True])
async def test_a_lost_tree_is_shown_again_under_a_new_number(bench, closed):
    if closed:
        before = await bench.night()
    else:
        bench.now = OPENS
        await bench.cut()
        await bench.report(ActaReported(acta(0)), ActaReported(acta(4)))
        before = await bench.cut()
    bench.stop()
    shutil.rmtree(bench.folder / "public")
    bench.start()
    again = await bench.cut()
    assert (again.cut, again.previous) == (before.cut + 1, sha256(wire.encode(before)).hexdigest())
    figures = [[contest.summary for contest in cut.contests] for cut in (again, before)]
    assert figures[0] == figures[1]
    assert bench.reading().section("001/0001").actas[0].acta is not None
    assert not await bench.is_anything_due()


def without_a_manifest(bench, patch):
    bench.tree.path(wire.manifest_path(bench.tree.pointer().cut)).unlink()


def counted_otherwise(bench, patch):
    composed = Composer.areas
    patch.setattr(
        Composer,
        "areas",
        lambda *given, **named: (
            structs.replace(area, won=()) for area in composed(*given, **named)
        ),
    )


@pytest.mark.parametrize("what", [without_a_manifest, counted_otherwise])
async def test_a_cut_that_is_shown_again_as_a_new_one_loses_no_database(bench, what, monkeypatch):
    for moment in NIGHT[:4]:
        await bench.reach(moment)
        await bench.cut()
    await bench.cut()
    (first,) = bench.manifest().files
    bench.now += timedelta(minutes=25)
    await bench.rest()
    await bench.center.step()
    assert bench.manifest().kind is CutKind.DATABASE
    await bench.center.end()
    bench.stop()
    what(bench, monkeypatch)
    bench.start()
    assert first in (await bench.cut()).files
    assert len((await bench.cut()).files) == 2


def replace_key(bench, last_cut):
    """End the log's key at a cut, as a ceremony does; the centre starts with another."""
    bench.stop()
    bench.signer = Signer(SIGNER.name, Ed25519PrivateKey.generate())
    ended = LogKey(str(SIGNER.verifier), until_cut=last_cut)
    begun = LogKey(str(bench.signer.verifier), from_cut=last_cut + 1)
    bench.identity = LogIdentity(SIGNER.name, (ended, begun))
    bench.start()


def signed_by(bench):
    """Who signed what the tree shows: each by a key that may sign that cut."""
    note = bench.tree.read(f"live/{CHECKPOINT_PATH}")
    keys = bench.identity.verifiers_at(bench.tree.pointer().cut)
    return open_checkpoint(note, origin=SIGNER.name, log=keys).signed_by


async def test_a_centre_goes_on_with_a_new_key_in_mid_night(bench):
    bench.now = OPENS
    await bench.cut()
    await bench.report(ActaReported(acta(0)))
    before = await bench.cut()
    replace_key(bench, before.cut)
    assert bench.manifest() == before
    assert signed_by(bench) == (SIGNER.verifier,)
    await bench.report(ActaReported(acta(4)))
    after = await bench.cut()
    assert (after.cut, after.contests[0].summary.captured) == (before.cut + 1, 2)
    assert signed_by(bench) == (bench.signer.verifier,)


async def test_a_cut_that_the_ended_key_signed_too_late_is_signed_by_the_new_one(bench):
    bench.now = OPENS
    await bench.cut()
    await bench.report(ActaReported(acta(0)))
    late = await bench.cut()
    replace_key(bench, late.cut - 1)
    assert bench.manifest() == late
    assert signed_by(bench) == (bench.signer.verifier,)


async def test_a_signature_of_an_ended_key_that_was_lost_makes_a_new_cut(bench):
    bench.now = OPENS
    await bench.cut()
    await bench.report(ActaReported(acta(0)))
    before = await bench.cut()
    bench.tree.path(wire.note_path(before.cut)).unlink()
    replace_key(bench, before.cut)
    after = await bench.cut()
    assert (after.cut, after.contests[0].summary) == (before.cut + 1, before.contests[0].summary)
    assert signed_by(bench) == (bench.signer.verifier,)


async def test_a_tree_that_a_stranger_signed_is_refused(bench):
    bench.now = OPENS
    await bench.cut()
    bench.stop()
    bench.signer = Signer(SIGNER.name, Ed25519PrivateKey.generate())
    with pytest.raises(TreeTrouble, match=PublicationCode.LOG_AHEAD_OF_RECORD.code):
        bench.start()


async def test_a_tree_that_shows_more_than_the_record_knows_is_refused(bench):
    await bench.night()
    bench.stop()
    for path in bench.folder.glob("record.sqlite*"):
        path.unlink()
    with pytest.raises(TreeTrouble, match=PublicationCode.TREE_AHEAD_OF_RECORD.code):
        bench.start()


async def test_the_same_record_gives_the_same_objects_on_any_machine(tmp_path):
    first, second = Bench(tmp_path / "1"), Bench(tmp_path / "2")
    await first.night()
    await second.night()
    assert snapshot(first.tree) == snapshot(second.tree)
    first.stop()
    second.stop()


async def test_published_json_carries_numbers_as_numbers(bench):
    closing = await bench.night()
    root = bench.reading().root()
    data = json.loads(bench.tree.read_at(root.at).partition(b"\n")[2])
    *figures, basis = data["summary"]
    assert len(figures) == 13
    assert all(isinstance(value, int) for value in (*figures, basis["votes"]))
    assert closing.contests[0].votes.total == sum(data["votes"]["columns"])


DAMAGED = [b"", b"\0" * 300, b"[]", b'{"cut":"1"}', b"[" * 60_000]


@pytest.mark.parametrize("damaged", DAMAGED)
async def test_a_pointer_that_the_disk_damaged_does_not_keep_the_centre_from_starting(
    bench, damaged
):
    bench.now = OPENS
    await bench.cut()
    await bench.report(ActaReported(acta(0)))
    await bench.cut()
    whole = bench.tree.read("live/current.json")
    bench.stop()
    bench.tree.path("live/current.json").write_bytes(damaged)
    assert bench.tree.pointer() is None
    bench.start()
    assert bench.tree.read("live/current.json") == whole
    await bench.report(ActaReported(acta(4)))
    assert (await bench.cut()).cut == 2


async def test_an_empty_record_is_not_begun_beside_a_tree_whose_pointer_is_damaged(bench):
    bench.now = OPENS
    await bench.cut()
    bench.stop()
    bench.tree.path("live/current.json").write_bytes(b"")
    for path in bench.folder.glob("record.sqlite*"):
        path.unlink()
    with pytest.raises(TreeTrouble, match="P004"):
        bench.start()
