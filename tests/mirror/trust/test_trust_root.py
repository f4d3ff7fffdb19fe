"""Attacks on a mirror's trust root: each changes what the mirror is served, and is repelled."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from tuf.api.metadata import MetaFile, TargetFile
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.updater import Updater

from openprep.ceremony.enrolment import Changes
from openprep.ceremony.folder import load_standing
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.sources.source import Source
from openprep.mirror.trust.root import LIMITS, TrustRoot
from openprep.wire.trust import TARGET, encode_trust
from small.trust import EXPIRES, NOW, SmallTrust, new_key, publisher, request, verifier


@pytest.fixture
def trust(tmp_path):
    return SmallTrust(tmp_path / "center")


@pytest.fixture
def mirror(tmp_path, trust):
    mirror = TrustRoot(tmp_path / "mirror")
    mirror.join(trust.root_bytes, trust.fingerprint, drill=False)
    return mirror


def refused(code):
    return pytest.raises(Refused, match=f"^{code.code} ")


def standing(mirror, trust, now=NOW):
    """What the mirror trusts once nobody meddles any more."""
    trust.served.clear()
    return mirror.refresh(trust.fetch, now)


def ids(data, now=NOW):
    return [publisher.id for publisher in data.publishers_at(now)]


def test_what_the_members_signed_reaches_the_mirror_whole(mirror, trust):
    trust.version(Changes(requests=[request("tec"), request("unam")]))
    data = mirror.refresh(trust.fetch, NOW)
    assert data == load_standing(trust.folder).data
    assert ids(data) == ["tec", "unam"]
    assert data == mirror.trusted()


def test_the_same_trust_comes_from_any_source_and_is_not_fetched_twice(mirror, trust):
    mirror.refresh(trust.fetch, NOW)
    trust.asked.clear()
    mirror.refresh(trust.fetch, NOW)
    assert trust.asked == ["trust/2.root.json", "trust/timestamp.json"]


@pytest.mark.parametrize("moved", ["time", "files"])
def test_a_python_tuf_that_keeps_time_or_files_elsewhere_is_not_used(
    mirror, trust, monkeypatch, moved
):
    """Else the machine's clock would judge, or files be renamed unflushed, without a word."""
    if moved == "time":
        monkeypatch.setattr(TrustedMetadataSet, "reference_time", None, raising=False)
        monkeypatch.setattr(TrustedMetadataSet, "__setattr__", _without_reference_time)
    else:
        monkeypatch.delattr(Updater, "_persist_file")
    with pytest.raises(RuntimeError, match="keeps its time or its files elsewhere"):
        mirror.refresh(trust.fetch, NOW)


def _without_reference_time(self, name, value):
    if name != "reference_time":
        object.__setattr__(self, name, value)


def test_time_is_the_argument_and_not_the_machine_clock(mirror, trust):
    trust.refresh(NOW)
    mirror.refresh(trust.fetch, NOW + timedelta(hours=23))
    with refused(MirrorCode.TRUST_EXPIRED):
        mirror.refresh(trust.fetch, NOW + timedelta(hours=25))


# joining


def test_a_root_whose_number_was_not_spoken_is_not_joined(tmp_path, trust):
    other = SmallTrust(tmp_path / "other")
    mirror = TrustRoot(tmp_path / "mirror")
    with refused(MirrorCode.TRUST_FINGERPRINT):
        mirror.join(other.root_bytes, trust.fingerprint, drill=False)
    with refused(MirrorCode.TRUST_NOT_JOINED):
        mirror.refresh(trust.fetch, NOW)


@pytest.mark.parametrize(
    "spell", [str, lambda n: n.replace(" ", "-"), lambda n: n.replace(" ", "\n")]
)
def test_spaces_and_dashes_do_not_matter_in_a_spoken_number(tmp_path, trust, spell):
    mirror = TrustRoot(tmp_path / "mirror")
    identity = mirror.join(trust.root_bytes, spell(trust.fingerprint), drill=False)
    assert (identity.election, identity.drill) == ("chica-2024", False)


def test_one_wrong_digit_says_in_which_group_it_is(tmp_path, trust):
    groups = trust.fingerprint.split()
    groups[2] = f"{(int(groups[2]) + 1) % 10**5:05}"
    with pytest.raises(Refused, match="groups 3 differ"):
        TrustRoot(tmp_path / "mirror").join(trust.root_bytes, " ".join(groups), drill=False)


def test_a_root_that_too_few_members_signed_is_not_joined(tmp_path, trust):
    trust.forge("1.root.json", lambda root: None, trust.keys["notary"])
    with refused(MirrorCode.TRUST_SIGNATURES):
        TrustRoot(tmp_path / "m").join(trust.served["1.root.json"], trust.fingerprint, drill=False)


def test_another_root_never_replaces_the_joined_one(tmp_path, mirror, trust):
    other = SmallTrust(tmp_path / "other")
    with refused(MirrorCode.TRUST_ALREADY_JOINED):
        mirror.join(other.root_bytes, other.fingerprint, drill=False)
    mirror.join(trust.root_bytes, trust.fingerprint, drill=False)
    assert mirror.refresh(trust.fetch, NOW).election == "chica-2024"


# drills


@pytest.mark.parametrize("drill", [True, False])
def test_a_drill_is_never_joined_as_real_nor_the_other_way_round(tmp_path, drill):
    trust = SmallTrust(tmp_path / "center", drill=drill)
    with refused(MirrorCode.TRUST_OTHER):
        TrustRoot(tmp_path / "mirror").join(trust.root_bytes, trust.fingerprint, drill=not drill)


def test_a_drill_of_the_same_members_cannot_follow_an_election(tmp_path, mirror, trust):
    mirror.refresh(trust.fetch, NOW)
    drill = SmallTrust(tmp_path / "drill", drill=True, keys=trust.keys)
    drill.online = trust.online
    drill.version(Changes(requests=[request("tec", drill=True)]), terms=drill.terms())
    with refused(MirrorCode.TRUST_OTHER):
        mirror.refresh(drill.fetch, NOW)
    assert standing(mirror, trust).drill is False


def test_an_enrolment_of_a_drill_is_not_taken_even_if_the_members_signed_it(mirror, trust):
    data = load_standing(trust.folder).data
    other = encode_trust(type(data)(**{**_fields(data), "drill": True}))
    _serve_enrolment(trust, other)
    with refused(MirrorCode.TRUST_OTHER):
        mirror.refresh(trust.fetch, NOW)


def _fields(data):
    return {name: getattr(data, name) for name in data.__struct_fields__}


def _serve_enrolment(trust, enrolment, *signers):
    """Serve another enrolment, listed all the way up, its targets signed by ``signers``."""
    target = TargetFile.from_data(TARGET, enrolment, ["sha256"])
    trust.served[f"{target.hashes['sha256']}.{TARGET}"] = enrolment

    def list_it(targets):
        targets.targets = {TARGET: target}
        targets.version += 1

    members = signers or [trust.keys["authority"], trust.keys["auditor"]]
    targets = trust.forge("1.targets.json", list_it, *members, under="2.targets.json")
    _serve_snapshot(trust, MetaFile(targets.signed.version))


def _serve_snapshot(trust, listed):
    def list_targets(snapshot):
        snapshot.meta = {"targets.json": listed}
        snapshot.version += 1

    def list_snapshot(timestamp):
        timestamp.snapshot_meta = MetaFile(2)
        timestamp.version += 1

    trust.forge("1.snapshot.json", list_targets, trust.online, under="2.snapshot.json")
    trust.forge("timestamp.json", list_snapshot, trust.online)


# arbitrary and endless data


@pytest.mark.parametrize("name", ["2.root", "timestamp", "1.snapshot", "1.targets"])
@pytest.mark.parametrize(
    "data", [b"", b"{}", b"\xff\x00", b"[" * 10_000, b'{"signed": {}, "signatures": []}']
)
def test_arbitrary_bytes_are_refused_in_every_role(mirror, trust, name, data):
    trust.served[f"{name}.json"] = data
    with pytest.raises(Refused) as refusal:
        mirror.refresh(trust.fetch, NOW)
    assert refusal.value.code in {MirrorCode.TRUST_FORMAT, MirrorCode.TRUST_MIXED}
    assert standing(mirror, trust).election == "chica-2024"


@pytest.mark.parametrize("offset", range(0, 4000, 333))
@pytest.mark.parametrize("name", ["timestamp", "1.snapshot", "1.targets", "enrolment"])
def test_one_altered_byte_is_refused_or_changes_nothing(mirror, trust, name, offset):
    """A byte between two fields of JSON may change without any change of meaning."""
    path = next(p for p in trust.folder.iterdir() if p.name.endswith(f"{name}.json"))
    data = bytearray(path.read_bytes())
    data[offset % len(data)] ^= 1
    trust.served[path.name] = bytes(data)
    try:
        found = mirror.refresh(trust.fetch, NOW)
    except Refused:
        found = standing(mirror, trust)
    assert found == load_standing(trust.folder).data


@pytest.mark.parametrize("name", ["2.root", "timestamp", "1.snapshot", "1.targets", "enrolment"])
def test_endless_data_is_cut_off_in_every_role(mirror, trust, name):
    asked = {}

    def endless(path, limit):
        asked[path] = limit
        if path.endswith(f"{name}.json"):
            return b" " * (limit + 1)  # a source that does not keep to the limit it was given
        return trust.fetch(path, limit)

    with refused(MirrorCode.OVERSIZE):
        mirror.refresh(endless, NOW)
    assert max(asked.values()) <= 16 * 1024 * 1024
    assert standing(mirror, trust).election == "chica-2024"


def test_a_source_that_fails_says_so_and_what_was_trusted_stays(mirror, trust):
    before = mirror.refresh(trust.fetch, NOW)

    def dark(path, limit):
        raise Refused(MirrorCode.UNREACHABLE, "nobody there")

    def broken(path, limit):
        raise ConnectionResetError(path)

    for source in (dark, broken):
        with refused(MirrorCode.UNREACHABLE):
            mirror.refresh(source, NOW)
    assert mirror.trusted() == before


@pytest.mark.parametrize("name", ["timestamp.json", "1.snapshot.json", "1.targets.json"])
def test_a_file_that_is_withheld_is_named(mirror, trust, name):
    trust.served[name] = Refused(MirrorCode.NOT_FOUND, name)
    with pytest.raises(Refused, match=f"M002.*{name}"):
        mirror.refresh(trust.fetch, NOW)


# rollback, freeze, mix-and-match


def test_an_older_timestamp_is_a_rollback(mirror, trust):
    old = trust.read("timestamp.json")
    trust.refresh()
    mirror.refresh(trust.fetch, NOW)
    trust.served["timestamp.json"] = old
    with refused(MirrorCode.TRUST_ROLLBACK):
        mirror.refresh(trust.fetch, NOW)


def test_the_whole_trust_of_before_a_revocation_is_a_rollback(mirror, trust):
    trust.version(Changes(requests=[request("tec")]))
    trust.freeze()
    old = dict(trust.served)
    trust.version(Changes(revoked_publishers=["tec"]))
    assert ids(standing(mirror, trust)) == []
    trust.served = old
    with refused(MirrorCode.TRUST_ROLLBACK):
        mirror.refresh(trust.fetch, NOW)
    assert ids(mirror.trusted()) == []


def test_an_older_snapshot_under_a_new_timestamp_is_a_rollback(mirror, trust):
    trust.version(Changes(requests=[request("tec")]))
    mirror.refresh(trust.fetch, NOW)

    def back(timestamp):
        timestamp.snapshot_meta = MetaFile(1)
        timestamp.version += 1

    trust.forge("timestamp.json", back, trust.online)
    with refused(MirrorCode.TRUST_ROLLBACK):
        mirror.refresh(trust.fetch, NOW)


def test_older_targets_under_a_new_snapshot_are_a_rollback(mirror, trust):
    trust.version(Changes(requests=[request("tec")]))
    mirror.refresh(trust.fetch, NOW)

    def back(snapshot):
        snapshot.meta = {"targets.json": MetaFile(1)}
        snapshot.version += 1

    def follow(timestamp):
        timestamp.snapshot_meta = MetaFile(3)
        timestamp.version += 1

    trust.forge("2.snapshot.json", back, trust.online, under="3.snapshot.json")
    trust.forge("timestamp.json", follow, trust.online)
    with refused(MirrorCode.TRUST_ROLLBACK):
        mirror.refresh(trust.fetch, NOW)


def test_a_root_under_the_number_of_another_is_refused(mirror, trust):
    trust.served["2.root.json"] = trust.root_bytes
    with refused(MirrorCode.TRUST_ROLLBACK):
        mirror.refresh(trust.fetch, NOW)


def test_a_newer_root_once_seen_is_never_forgotten(mirror, trust):
    old = trust.keys.pop("notary")
    trust.keys["new-notary"] = new_key()
    trust.version(terms=trust.terms(), by=[*trust.keys.values()])
    mirror.refresh(trust.fetch, NOW)
    trust.served["2.root.json"] = Refused(MirrorCode.NOT_FOUND, "withheld")
    trust.forge("2.targets.json", lambda targets: None, old, trust.keys["authority"])
    assert mirror.refresh(trust.fetch, NOW) == load_standing(trust.folder).data


def test_a_fast_forward_by_a_stolen_online_key_ends_when_the_key_is_rotated(mirror, trust):
    def jump(timestamp):
        timestamp.version = 2**31

    trust.forge("timestamp.json", jump, trust.online)
    mirror.refresh(trust.fetch, NOW)
    with refused(MirrorCode.TRUST_ROLLBACK):
        standing(mirror, trust)
    trust.online = new_key()
    trust.version(Changes(requests=[request("tec")]), terms=trust.terms())
    assert ids(standing(mirror, trust)) == ["tec"]


def test_a_freeze_ends_with_the_timestamp(mirror, trust):
    trust.version(Changes(requests=[request("tec")]))
    trust.freeze()
    trust.version(Changes(revoked_publishers=["tec"]))
    assert ids(mirror.refresh(trust.fetch, NOW + timedelta(hours=23))) == ["tec"]
    with refused(MirrorCode.TRUST_EXPIRED):
        mirror.refresh(trust.fetch, NOW + timedelta(hours=24, minutes=1))


def test_a_freeze_under_the_newest_root_ends_with_the_root(mirror, trust):
    later = EXPIRES + timedelta(minutes=90)
    with pytest.raises(Refused, match=r"M034 root was good until .* 1 h 30 min later"):
        mirror.refresh(trust.fetch, later)


def test_files_of_two_versions_do_not_mix(mirror, trust):
    old = trust.read("1.targets.json"), trust.read("1.snapshot.json")
    trust.version(Changes(requests=[request("tec")]))
    trust.served = {"2.snapshot.json": old[1]}
    with refused(MirrorCode.TRUST_MIXED):
        mirror.refresh(trust.fetch, NOW)
    trust.served = {"2.targets.json": old[0]}
    with refused(MirrorCode.TRUST_MIXED):
        mirror.refresh(trust.fetch, NOW)
    assert ids(standing(mirror, trust)) == ["tec"]


def test_another_enrolment_under_the_signed_digest_is_refused(mirror, trust):
    name = next(p.name for p in trust.folder.iterdir() if p.name.endswith(TARGET))
    trust.served[name] = trust.read(name).replace(b'"quorum": 2', b'"quorum": 0')
    assert trust.served[name] != trust.read(name)
    with refused(MirrorCode.TRUST_MIXED):
        mirror.refresh(trust.fetch, NOW)


# keys


def _enrolling(trust, newcomer):
    data = load_standing(trust.folder).data
    return encode_trust(type(data)(**{**_fields(data), "publishers": (newcomer,)}))


def test_a_thief_of_the_online_keys_cannot_enrol_a_publisher(mirror, trust):
    _serve_enrolment(trust, _enrolling(trust, publisher("thief")), trust.online)
    with refused(MirrorCode.TRUST_SIGNATURES):
        mirror.refresh(trust.fetch, NOW)
    _serve_enrolment(trust, _enrolling(trust, publisher("thief")), trust.online, new_key())
    with refused(MirrorCode.TRUST_SIGNATURES):
        mirror.refresh(trust.fetch, NOW)


def test_one_member_alone_cannot_enrol_a_publisher(mirror, trust):
    authority = trust.keys["authority"]
    _serve_enrolment(trust, _enrolling(trust, publisher("thief")), authority, trust.online)
    with refused(MirrorCode.TRUST_SIGNATURES):
        mirror.refresh(trust.fetch, NOW)


def test_two_members_can_which_shows_that_the_attacks_above_are_whole(mirror, trust):
    _serve_enrolment(trust, _enrolling(trust, publisher("tec")))
    assert ids(mirror.refresh(trust.fetch, NOW)) == ["tec"]


@pytest.mark.parametrize(
    "signers", [["authority"], ["intruder", "other"], ["authority", "intruder"]]
)
def test_a_new_root_that_the_old_members_did_not_sign_is_refused(mirror, trust, signers):
    intruders = {"intruder": new_key(), "other": new_key()}
    everybody = {**trust.keys, **intruders}
    terms = trust.terms(members=[verifier(n, k) for n, k in intruders.items()], threshold=2)
    proposal = trust.proposal(terms=terms)
    trust.served["2.root.json"] = proposal.root.to_bytes()
    trust.forge("2.root.json", lambda root: None, *(everybody[name] for name in signers))
    with refused(MirrorCode.TRUST_SIGNATURES):
        mirror.refresh(trust.fetch, NOW)


def test_one_member_cannot_count_twice_under_two_key_ids(mirror, trust):
    """TUF counts key ids: the same public key under two would be two of them."""

    def double(root):
        key = root.keys[root.roles["root"].keyids[0]]
        root.keys["ab" * 32] = type(key).from_dict("ab" * 32, key.to_dict())
        for role in ("root", "targets"):
            root.roles[role].keyids.append("ab" * 32)
        root.version += 1

    forged = trust.forge("1.root.json", double, trust.keys["authority"], under="2.root.json")
    ((_, signature),) = forged.signatures.items()
    forged.signatures["ab" * 32] = type(signature)("ab" * 32, signature.signature)
    trust.served["2.root.json"] = forged.to_bytes()
    with refused(MirrorCode.TRUST_SIGNATURES):
        mirror.refresh(trust.fetch, NOW)


def test_a_mirror_that_slept_follows_a_chain_of_roots(mirror, trust):
    for turn in range(5):
        gone = next(iter(trust.keys))
        old = trust.keys.pop(gone)
        trust.keys[f"member-{turn}"] = new_key()
        trust.version(terms=trust.terms(), by=[old, *trust.keys.values()])
    trust.version(Changes(requests=[request("tec")]))
    assert ids(mirror.refresh(trust.fetch, NOW)) == ["tec"]
    history = sorted(path.name for path in (mirror.folder / "metadata/root_history").iterdir())
    assert history == [f"{number}.root.json" for number in range(1, 7)]


def test_a_chain_of_roots_that_lacks_one_stops_before_it(mirror, trust):
    for _ in range(3):
        trust.version(terms=trust.terms())
    trust.served["3.root.json"] = trust.read("4.root.json")
    with refused(MirrorCode.TRUST_ROLLBACK):
        mirror.refresh(trust.fetch, NOW)


def test_a_revoked_publisher_disappears_and_its_past_stays(mirror, trust):
    trust.version(Changes(requests=[request("tec"), request("unam")]))
    assert ids(mirror.refresh(trust.fetch, NOW)) == ["tec", "unam"]
    later = NOW + timedelta(hours=1)
    trust.version(Changes(revoked_publishers=["tec"]), now=later)
    data = mirror.refresh(trust.fetch, later)
    assert ids(data, later) == ["unam"]
    assert data.publisher("tec", later) is None
    assert data.publisher("tec", NOW).id == "tec"


# clocks


def test_a_clock_that_is_hours_ahead_is_told_by_how_much(mirror, trust):
    wrong = NOW + timedelta(hours=24 + 7, minutes=20)
    with pytest.raises(Refused, match=r"M034 timestamp was good until .* 7 h 20 min later"):
        mirror.refresh(trust.fetch, wrong)


def test_a_clock_that_is_hours_behind_is_told_by_how_much(mirror, trust):
    wrong = NOW - timedelta(hours=6, minutes=5)
    with pytest.raises(Refused, match=r"M035 .* at least 6 h 05 min behind"):
        mirror.refresh(trust.fetch, wrong)
    mirror.refresh(trust.fetch, NOW - timedelta(minutes=4))


# other sources


async def test_trust_comes_over_http_and_refusals_with_it(mirror, trust):
    trust.version(Changes(requests=[request("tec")]), terms=trust.terms())
    app = web.Application()
    app.router.add_static("/trust", trust.folder)
    async with TestServer(app) as server, Source(str(server.make_url("/"))) as source:
        data = await mirror.refresh_from(source, NOW)
        assert ids(data) == ["tec"]
        with refused(MirrorCode.TRUST_EXPIRED):
            await mirror.refresh_from(source, NOW + timedelta(days=2))
        path = trust.folder / "timestamp.json"
        path.write_bytes(b" " * (LIMITS.timestamp_max_length + 1))
        with refused(MirrorCode.OVERSIZE):
            await mirror.refresh_from(source, NOW)
        path.unlink()
        with refused(MirrorCode.NOT_FOUND):
            await mirror.refresh_from(source, NOW)
        await server.close()
        with refused(MirrorCode.UNREACHABLE):
            await mirror.refresh_from(source, NOW)


# the mirror's own disk


def test_everything_trusted_is_flushed_before_it_is_answered(mirror, trust, monkeypatch):
    flushed, renamed = set(), set()
    fsync, replace = os.fsync, type(mirror.folder).replace

    def note_fsync(descriptor):
        flushed.add(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    def note_replace(path, target):
        assert str(path) in flushed
        renamed.add(target.name)
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(type(mirror.folder), "replace", note_replace)
    mirror.refresh(trust.fetch, NOW)
    assert renamed >= {"1.root.json", "timestamp.json", "snapshot.json", "targets.json", TARGET}


@pytest.mark.parametrize("step", range(1, 7))
@pytest.mark.parametrize("happened", [False, True])
def test_a_disk_that_fails_at_any_write_leaves_what_was_trusted(
    mirror, trust, monkeypatch, step, happened
):
    """Each rename fails once, without and with having happened; the next refresh makes it good."""
    before = mirror.refresh(trust.fetch, NOW)
    trust.version(Changes(requests=[request("tec")]), terms=trust.terms())
    replace, done = type(mirror.folder).replace, []

    def failing(path, target):
        done.append(target.name)
        if len(done) < step or happened:
            replace(path, target)
        if len(done) == step:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(mirror.folder), "replace", failing)
    with refused(MirrorCode.DISK):
        mirror.refresh(trust.fetch, NOW)
    monkeypatch.undo()
    if done[-1] != TARGET or not happened:
        assert mirror.trusted() == before
    assert ids(TrustRoot(mirror.folder).refresh(trust.fetch, NOW)) == ["tec"]


@pytest.mark.parametrize("name", ["metadata/timestamp.json", "metadata/targets.json", TARGET])
def test_a_damaged_file_of_the_mirror_is_fetched_again(mirror, trust, name):
    before = mirror.refresh(trust.fetch, NOW)
    (mirror.folder / name).write_bytes(b"\x00" * 100)
    assert mirror.refresh(trust.fetch, NOW) == before


def test_limits_are_above_what_a_nation_needs():
    assert LIMITS.root_max_length >= 100_000
    assert LIMITS.max_root_rotations >= 100
