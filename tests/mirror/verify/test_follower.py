"""A mirror of an honest centre, and what each attack of a dishonest one comes to."""

import asyncio
import contextlib
import json
import re
from datetime import timedelta
from hashlib import sha256

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mirror.lying import entries_of, refused_and_unmoved, resign, roll_back, sign_log
from mirror.night import public_files
from openprep.cuts.composing import Composer
from openprep.cuts.description import describe
from openprep.cuts.leaves import rules_leaf, version_leaf
from openprep.durable import write_durably
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.process import following as run
from openprep.mirror.process.status import Status
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.objects import encode_object
from openprep.wire.cut.pack import PackWriter
from openprep.wire.cut.ref import object_path
from openprep.wire.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from openprep.wire.log.leaf import decode_leaf, encode_leaf
from openprep.wire.note import Cosigner, Signer
from small.election import OPENS, acta, outside, small_election
from small.election import version as version_of

RULES = rules_leaf(small_election(), "ab" * 32)


async def test_every_cut_is_mirrored_byte_for_byte(pair):
    for cut in range(4):
        pair.center.next_cut()
        shown = await pair.follower.step()
        assert shown.cut == cut
        assert public_files(pair.follower.tree.root) == public_files(pair.center.tree.root)


async def test_nothing_new_costs_one_conditional_request(pair):
    pair.center.next_cut()
    await pair.follower.step()
    pair.requests.clear()
    assert await pair.follower.step() is None
    assert pair.requests == ["/current.json"]


async def test_a_new_cut_costs_its_pack_and_no_object_one_by_one(pair):
    pair.center.next_cut()
    await pair.follower.step()
    pair.requests.clear()
    pair.center.next_cut()
    await pair.follower.step()
    assert not [path for path in pair.requests if path.startswith("/objects/")]


async def test_a_mirror_that_slept_through_cuts_comes_straight_to_the_last(pair):
    for _ in range(4):
        pair.center.next_cut()
    assert (await pair.follower.step()).cut == 3


async def test_a_mirror_that_joins_late_has_all_that_was_published_and_signed(pair):
    for _ in range(3):
        pair.center.next_cut()
    assert (await pair.follower.step()).cut == 2
    for name in ("pack", "json", "note"):
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


async def test_a_pack_of_an_earlier_cut_that_was_changed_is_refused(pair):
    for _ in range(3):
        pair.center.next_cut()
    path = pair.center.tree.path("cuts/1.pack")
    path.write_bytes(path.read_bytes().replace(b'"counted":1', b'"counted":2', 1))
    with pytest.raises(Refused) as refused:
        await pair.follower.step()
    assert refused.value.code is MirrorCode.DIGEST
    assert pair.follower.tree.pointer() is None


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
    resign(following.center, lambda manifest: msgspec.structs.replace(manifest, record_position=99))
    await refused_and_unmoved(following, MirrorCode.SPLIT_VIEW)


async def test_a_cut_that_does_not_follow_the_one_shown_is_refused(following):
    following.center.next_cut()
    resign(following.center, lambda m: msgspec.structs.replace(m, previous="00" * 32))
    await refused_and_unmoved(following, MirrorCode.BROKEN_CHAIN)


async def test_two_histories_signed_for_one_number_leave_both_notes_as_evidence(following):
    first = following.follower.tree.read("checkpoint")
    resign(following.center, lambda manifest: msgspec.structs.replace(manifest, record_position=99))
    await refused_and_unmoved(following, MirrorCode.SPLIT_VIEW)
    kept = {path.read_bytes() for path in (following.data / "evidence").iterdir()}
    assert kept == {first, following.center.tree.read("checkpoint")}


@pytest.mark.parametrize("index", [0, 1, 2, 3])
async def test_a_history_rewritten_under_later_cuts_is_refused(following, index):
    """The log key is stolen: a leaf that the mirror holds is another one in a longer log."""
    following.center.next_cut()
    entries = entries_of(following.center)
    entries[index] = entries[index].replace(b'"schema":1', b'"schema":1 ')
    sign_log(following.center, entries)
    await refused_and_unmoved(following, MirrorCode.LOG_ENTRIES)


async def test_a_fork_is_found_at_a_checkpoint_that_was_seen_and_never_shown(following):
    """The mirror saw the true cut 2 but could not show it; then it is offered another history."""
    following.center.next_cut()
    pack = following.center.tree.path("cuts/2.pack")
    whole = pack.read_bytes()
    pack.write_bytes(whole[:-5])
    with pytest.raises(Refused):
        await following.follower.step()
    pack.write_bytes(whole)
    following.center.next_cut()
    entries = entries_of(following.center)
    victim = next(i for i, entry in enumerate(entries) if b'"cut":2' in entry)
    entries[victim] = encode_leaf(
        msgspec.structs.replace(decode_leaf(entries[victim]), manifest_sha256="ab" * 32)
    )
    sign_log(following.center, entries)
    following.follower = following.restarted()
    await refused_and_unmoved(following, MirrorCode.SPLIT_VIEW)


async def test_an_acta_published_without_its_leaf_is_refused(following, monkeypatch):
    monkeypatch.setattr("openprep.cuts.cut_log.version_leaf", lambda *_: RULES)
    following.center.next_cut()
    await refused_and_unmoved(following, MirrorCode.LOG_FACTS)


async def test_a_leaf_that_no_published_acta_has_is_refused(following, monkeypatch):
    """An acta is in the log and in no section: hidden from readers."""
    real = version_leaf
    first = []

    def hiding(election, logged):
        first.append(logged)
        return real(election, first[0])

    monkeypatch.setattr("openprep.cuts.cut_log.version_leaf", hiding)
    following.center.next_cut()
    await refused_and_unmoved(following, MirrorCode.LOG_FACTS)


@pytest.mark.parametrize("field", ["at", "leaf", "reason", "identifies"])
async def test_a_version_shown_otherwise_than_logged_is_refused(following, monkeypatch, field):
    real = Composer.version
    other = {"at": OPENS, "leaf": 1, "reason": "otro", "identifies": 5}

    def lying(self, logged):
        return msgspec.structs.replace(real(self, logged), **{field: other[field]})

    monkeypatch.setattr(Composer, "version", lying)
    following.center.next_cut()
    await refused_and_unmoved(following, MirrorCode.LOG_FACTS)


async def test_rules_that_change_in_the_night_are_refused(following):
    center = following.center
    other = encode_object(msgspec.structs.replace(describe(center.election), name="Otra"))
    center.restart(election=small_election(name="Otra"))
    center.next_cut()
    assert wire.digest(other) in center.tree.read("cuts/2.json").decode()
    await refused_and_unmoved(following, MirrorCode.LOG_FACTS)


@pytest.mark.parametrize("path", ["tile/entries/000.p"])
async def test_an_altered_entry_is_refused(following, path):
    following.center.next_cut()
    for bundle in following.center.tree.path(path).iterdir():
        bundle.write_bytes(bundle.read_bytes().replace(b'"version":1', b'"version":2'))
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
    pack = pair.center.tree.path("cuts/1.pack")
    pack.write_bytes(pack.read_bytes()[:-5])
    with pytest.raises(Refused):
        await pair.follower.step()
    assert len(said) == 1


@pytest.mark.parametrize("change", [{"drill": True}, {"election": "other-2024"}])
async def test_a_cut_of_a_drill_or_of_another_election_is_never_shown_as_real(following, change):
    following.center.next_cut()
    resign(following.center, lambda manifest: msgspec.structs.replace(manifest, **change))
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
    resign(following.center, lambda m: msgspec.structs.replace(m, files={name: evil}))
    await refused_and_unmoved(following, MirrorCode.FORMAT)


async def test_a_pack_with_a_changed_digit_is_refused(following):
    following.center.next_cut()
    path = following.center.tree.path("cuts/2.pack")
    data = bytearray(path.read_bytes())
    digit = next(i for i in range(len(data) // 2, len(data)) if chr(data[i]).isdigit())
    data[digit] = ord("9") if data[digit] != ord("9") else ord("8")
    path.write_bytes(bytes(data))
    await refused_and_unmoved(following, MirrorCode.DIGEST)


async def test_a_pack_that_is_longer_than_announced_is_refused(following):
    following.center.next_cut()
    path = following.center.tree.path("cuts/2.pack")
    path.write_bytes(path.read_bytes() + b" " * 5000)
    await refused_and_unmoved(following, MirrorCode.OVERSIZE)


async def test_a_pack_full_of_lies_that_the_centre_signed_is_refused(following):
    center = following.center
    center.next_cut()
    lies = b"".join(b"%064x 3 file\nabc\n" % n for n in range(50))
    write_durably(center.tree.path("cuts/2.pack"), lies)
    resign(center, lambda manifest: msgspec.structs.replace(manifest, pack=wire.ref_to(lies)))
    await refused_and_unmoved(following, MirrorCode.FORMAT)


async def test_a_reference_to_bytes_that_are_not_the_object_is_refused(following, monkeypatch):
    real = PackWriter.add

    def misplaced(self, sha256, data):
        ref = real(self, sha256, data)
        return msgspec.structs.replace(ref, offset=ref.offset + 1)

    monkeypatch.setattr(PackWriter, "add", misplaced)
    following.center.next_cut()
    await refused_and_unmoved(following, MirrorCode.TREE_DAMAGED)
    await refused_and_unmoved(following, MirrorCode.DIGEST)  # now every pack was looked at again


def let_the_centre_lie(monkeypatch, edit):
    """Results that it writes from now on are as ``edit`` leaves them: the key is right, the digests
    are right, only the actas say otherwise."""
    real = encode_object

    def lying(published):
        data = json.loads(real(published))
        if data["kind"] == "election":
            return real(published)
        edit(data)
        return json.dumps(data).encode()

    monkeypatch.setattr("openprep.cuts.results.encode_object", lying)


@pytest.mark.parametrize(
    "tamper",
    [
        ("votes", "total"),
        ("votes", "null"),
        ("summary", "counted"),
        ("summary", "participation"),
        ("summary", "lista_nominal"),
    ],
)
@pytest.mark.parametrize("kind", ["area", "seccion"])
async def test_a_figure_changed_and_signed_by_the_centre_itself_is_found(
    following, monkeypatch, kind, tamper
):
    part, name = tamper

    def edit(data):
        if data["kind"] == kind:
            data[part][name] += 1

    let_the_centre_lie(monkeypatch, edit)
    following.center.next_cut()
    await refused_and_unmoved(following, MirrorCode.RECOUNT)


@pytest.mark.parametrize(
    "lie", [{"of": "with_special"}, {"votes": 1}, {"above": "beyond_list"}], ids=str
)
@pytest.mark.parametrize("kind", ["area", "seccion"])
async def test_a_participation_that_says_it_was_made_otherwise_is_found(
    following, monkeypatch, kind, lie
):
    def edit(data):
        if data["kind"] == kind:
            data["summary"]["basis"].update(lie)

    let_the_centre_lie(monkeypatch, edit)
    following.center.next_cut()
    await refused_and_unmoved(following, MirrorCode.RECOUNT)


@pytest.mark.parametrize(
    "field", ["expected", "captured", "counted", "total", "leader_votes", "leader"]
)
async def test_a_table_of_areas_that_flatters_somebody_is_found(following, monkeypatch, field):
    def edit(data):
        for child in data.get("children", []):
            child[field] = "LILA" if field == "leader" else child[field] + 1

    let_the_centre_lie(monkeypatch, edit)
    following.center.next_cut()
    await refused_and_unmoved(following, MirrorCode.RECOUNT)


@pytest.mark.parametrize(
    "field",
    [
        "expected",
        "captured",
        "counted",
        "lista_nominal",
        "votes_with_list",
        "total",
        "null",
        "off_ballot",
    ],
)
async def test_a_group_of_actas_with_other_figures_is_found(following, monkeypatch, field):
    def edit(data):
        for group in data.get("groups", []):
            group[field] += 1

    let_the_centre_lie(monkeypatch, edit)
    following.center.next_cut()
    await refused_and_unmoved(following, MirrorCode.RECOUNT)


async def test_an_acta_out_of_catalogue_shown_twice_in_place_of_another_is_found(
    following, monkeypatch
):
    """As many as the log has, each of them in the log: only one is there twice."""
    other = msgspec.structs.replace(outside(), received_at=OPENS + timedelta(minutes=7))

    def edit(data):
        if data["kind"] == "out_of_catalogue":
            for name in ("actas", "versions"):
                assert len(data[name]) == 2
                data[name] = data[name][:1] * 2

    let_the_centre_lie(monkeypatch, edit)
    following.center.next_cut([version_of(4, acta(4)), version_of(5, other)])
    await refused_and_unmoved(following, MirrorCode.LOG_FACTS)


@pytest.mark.parametrize("field", ["counting", "total"])
async def test_an_acta_declared_counted_against_the_rule_is_found(following, monkeypatch, field):
    def edit(data):
        for shown in data.get("actas", []):
            if "expected" in shown:
                shown[field] = 1 - shown[field] if field == "counting" else shown[field] + 1

    let_the_centre_lie(monkeypatch, edit)
    following.center.next_cut()
    with pytest.raises(Refused) as refused:
        await following.follower.step()
    assert refused.value.code in (MirrorCode.RECOUNT, MirrorCode.FORMAT)
    assert following.follower.tree.pointer().cut == 1


async def test_a_section_listed_twice_is_found(following, monkeypatch):
    real = encode_object

    def lying(published):
        data = json.loads(real(published))
        if data["kind"] == "election":
            return real(published)
        if data.get("level") == "municipality":
            data["children"].append(data["children"][0])
        return json.dumps(data).encode()

    monkeypatch.setattr("openprep.cuts.results.encode_object", lying)
    following.center.next_cut()
    await refused_and_unmoved(following, MirrorCode.RECOUNT)


async def test_the_votes_of_a_party_moved_to_another_are_found(following, monkeypatch):
    moved = []

    def edit(data):
        first, second, *_ = data.get("parties") or [None, None]
        if first and first["votes"]:
            first["votes"] -= 1
            second["votes"] += 1
            moved.append(data["level"])

    let_the_centre_lie(monkeypatch, edit)
    following.center.next_cut()
    assert moved
    await refused_and_unmoved(following, MirrorCode.RECOUNT)


async def test_a_damaged_disk_is_found_at_the_start_and_mended_from_the_centre(following):
    tree = following.follower.tree
    victims = list((tree.root / "objects").rglob("*.json"))[::3]
    for victim in victims:
        victim.write_bytes(victim.read_bytes()[:-1] + b"!")
    mirror = following.restarted()
    with pytest.raises(Refused) as refused:
        await mirror.start()
    assert refused.value.code is MirrorCode.TREE_DAMAGED
    following.center.next_cut()
    shown = None
    while shown is None:  # each look finds one more damaged object, and drops it
        with contextlib.suppress(Refused):
            shown = await mirror.step()
    assert shown.cut == 2
    for path in (tree.root / "objects").rglob("*.json"):
        digest = sha256(path.read_bytes()).hexdigest()
        if path != tree.root / object_path(digest):
            assert path in victims


async def test_what_was_seen_but_damaged_is_not_taken_for_a_first_start(following):
    (following.data / "seen.json").write_bytes(b"{}x")
    with pytest.raises(Refused) as refused:
        following.restarted()
    assert refused.value.code is MirrorCode.TREE_DAMAGED


async def test_a_full_disk_keeps_the_last_cut_and_says_so(following, monkeypatch):
    following.center.next_cut()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(following.follower.tree), "place_object", full)
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
    entries[1] = entries[1].replace(b'"schema":1', b'"schema":1 ')
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
