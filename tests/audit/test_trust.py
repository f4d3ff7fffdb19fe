"""An audit under a trust root: chain of roots, cosignatures and quorum, revoked publishers."""

import shutil
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from msgspec import structs

from audit.liar import HonestCenter, audited, failed
from openprep.audit.checks.search import Wanted, make_receipt
from openprep.audit.codes import AuditCode, AuditRefused
from openprep.audit.keys import Keys, from_trust
from openprep.audit.place import Folder, open_place
from openprep.audit.receipt import verify
from openprep.cuts.description import describe
from openprep.mirror.process.joining import join_trust
from openprep.wire.log.checkpoint import add_cosignature, cosign_checkpoint, open_checkpoint
from openprep.wire.note import MAX_TIME, Cosigner, split_note
from openprep.wire.trust import JOINED_NUMBER, encode_trust, fingerprint
from small.election import OPENS
from small.trust import NOW, SmallTrust, cosignature_at, cosigner_text, new_key, publisher

NAMES = ("uni", "diario", "radio")


@pytest.fixture(scope="module")
def witnessed(tmp_path_factory):
    """A centre, a trust root that vouches for it, and three publishers' cosigning keys."""
    folder = tmp_path_factory.mktemp("witnessed")
    center = HonestCenter(folder / "tree").night()
    cosigners = {name: Cosigner(f"{name}.example/w", new_key()) for name in NAMES}
    return center, cosigners


def trusting(center, cosigners, **changes):
    """Keys of a trust root in force for the centre."""
    from openprep.wire.trust import LogIdentity, Policy, TrustData

    description = describe(center.election)
    manifest_rules = _rules_of(center)
    publishers = tuple(
        publisher(name, cosigner=cosigner_text(f"{name}.example/w", cosigners[name].private))
        for name in NAMES
    )
    data = TrustData(
        schema=1,
        election=center.election.id,
        drill=False,
        election_digest=description.digest,
        rules_digest=manifest_rules,
        log=LogIdentity.of_one_key(center.signer.verifier),
        stations=(),
        publishers=publishers,
        policy=Policy(2, OPENS, OPENS + timedelta(days=1), OPENS + timedelta(days=9)),
    )
    data = structs.replace(data, **changes)
    encode_trust(data)
    return Keys(data.log.origin, data.log.keys, "a trust root", data)


def _rules_of(center):
    from openprep.wire.cut import manifest as wire

    return wire.decode(center.tree.read("cuts/0.json"), wire.Manifest).description.sha256


def cosigned(center, cosigners, names, folder, at=OPENS):
    """A copy of the tree whose checkpoint carries cosignatures."""
    shutil.copytree(center.tree.root, folder, symlinks=True)
    path = (folder / "checkpoint").resolve()
    note = path.read_bytes()
    keys = [center.signer.verifier]
    checkpoint = open_checkpoint(note, origin=center.signer.name, log=keys).checkpoint
    for name in names:
        line = cosign_checkpoint(checkpoint, cosigners[name], int(at.timestamp()))
        note = add_cosignature(note, line, [cosigners[name].verifier])
    path.write_bytes(note)
    return folder


@pytest.mark.parametrize(("names", "codes"), [(NAMES, set()), (NAMES[:2], set())])
def test_a_cut_that_enough_publishers_hold(witnessed, tmp_path, names, codes):
    tree = cosigned(*witnessed, names, tmp_path / "tree")
    report = audited(tree, believed=trusting(*witnessed))
    assert failed(report) == codes
    note = next(outcome.note for outcome in report.outcomes if outcome.code == "X011")
    assert f"held by {len(names)} of 3" in note


def test_a_cut_that_too_few_publishers_hold(witnessed, tmp_path):
    tree = cosigned(*witnessed, NAMES[:1], tmp_path / "tree")
    assert failed(audited(tree, believed=trusting(*witnessed))) == {"X011"}


def test_a_cosignature_of_a_publisher_that_was_revoked_before_does_not_count(witnessed, tmp_path):
    tree = cosigned(*witnessed, NAMES[:2], tmp_path / "tree")
    keys = trusting(*witnessed)
    first, *rest = keys.trust.publishers
    for revoked, codes in ((OPENS, {"X011"}), (OPENS + timedelta(seconds=1), set())):
        changed = (structs.replace(first, revoked=revoked), *rest)
        believed = trusting(*witnessed, publishers=changed)
        assert failed(audited(tree, believed=believed)) == codes


def test_a_cosignature_that_is_wrong_spoils_the_checkpoint(witnessed, tmp_path):
    center, cosigners = witnessed
    tree = cosigned(center, cosigners, NAMES, tmp_path / "tree")
    path = (tree / "checkpoint").resolve()
    lines = path.read_bytes().split(b"\n")
    other = cosign_checkpoint(
        open_checkpoint(
            path.read_bytes(), origin=center.signer.name, log=[center.signer.verifier]
        ).checkpoint,
        cosigners["uni"],
        int(OPENS.timestamp()) + 9,
    ).encode()
    mixed = other.strip()[:-8] + lines[-2][-8:]
    path.write_bytes(b"\n".join([*lines[:-2], mixed, b""]))
    assert failed(audited(tree, believed=trusting(center, cosigners))) == {"X010"}


@pytest.mark.parametrize("seconds", [MAX_TIME + 1, 253_402_300_800, 2**63 - 1])
def test_a_cosignature_of_a_time_that_does_not_count_spoils_no_audit_and_no_receipt(
    witnessed, tmp_path, seconds
):
    center, cosigners = witnessed
    tree, believed = cosigned(center, cosigners, NAMES[:2], tmp_path / "tree"), trusting(*witnessed)
    path = (tree / "checkpoint").resolve()
    text, _ = split_note(path.read_bytes())
    line = cosignature_at(cosigners[NAMES[2]], text, seconds)
    path.write_bytes(path.read_bytes() + line.encode())
    report = audited(tree, believed=believed)
    assert failed(report) == set()
    note = next(outcome.note for outcome in report.outcomes if outcome.code == "X011")
    assert "held by 2 of 3" in note
    with open_place(str(tree)) as place:
        receipt = make_receipt(place, believed, Wanted("AYUN", "A0"))
    cosigned_by = verify(receipt, believed).cosigned
    assert [one.name for one in cosigned_by] == [f"{name}.example/w" for name in NAMES[:2]]


@pytest.mark.parametrize("field", ["election_digest", "rules_digest"])
def test_rules_that_the_trust_root_does_not_vouch_for(witnessed, tmp_path, field):
    tree = cosigned(*witnessed, NAMES, tmp_path / "tree")
    believed = trusting(*witnessed, **{field: "0" * 64})
    assert failed(audited(tree, believed=believed)) == {"X017"}


# The trust root itself


@pytest.fixture
def trust(tmp_path):
    return SmallTrust(tmp_path / "trust")


def refusal(trust, spoken=None):
    with pytest.raises(AuditRefused) as refused:
        from_trust(Folder(trust.folder), spoken)
    assert refused.value.code is AuditCode.TRUST
    return str(refused.value)


def test_the_keys_of_a_trust_root_years_after_it_expired(trust):
    keys = from_trust(Folder(trust.folder), trust.fingerprint)
    assert keys.origin == trust.log.name
    assert keys.verifiers == (trust.log.verifier,)
    assert trust.fingerprint in keys.said


def test_the_last_of_many_roots_is_what_counts(trust):
    old = dict(trust.keys)
    trust.keys = {name: new_key() for name in old}
    trust.version(terms=trust.terms(), by=[*list(old.values())[:2], *list(trust.keys.values())[:2]])
    trust.version(now=NOW + timedelta(days=1))
    assert from_trust(Folder(trust.folder), trust.fingerprint).trust is not None


async def test_a_root_that_was_joined_later_is_the_first_that_an_audit_believes(trust, tmp_path):
    old = dict(trust.keys)
    trust.keys = {name: new_key() for name in old}
    trust.version(terms=trust.terms(), by=[*list(old.values())[:2], *list(trust.keys.values())[:2]])
    later = trust.read("2.root.json")
    trust.version(terms=trust.terms())
    spoken, joined = fingerprint(later), tmp_path / "joined"
    app = web.Application()
    app.router.add_static("/trust", trust.folder)
    async with TestServer(app) as server:
        await join_trust(joined, later, spoken, str(server.make_url("/")), NOW, drill=False)
    assert spoken in from_trust(Folder(joined), spoken).said
    assert from_trust(Folder(joined)).said.endswith("compared when it was joined")
    with pytest.raises(AuditRefused, match="number"):
        from_trust(Folder(joined), trust.fingerprint)


def test_another_number_than_was_read_aloud(trust):
    wrong = trust.fingerprint[:-1] + str((int(trust.fingerprint[-1]) + 1) % 10)
    assert trust.fingerprint in refusal(trust, wrong)


@pytest.mark.parametrize("name", ["1.root.json", "1.targets.json"])
def test_a_trust_root_signed_by_too_few(trust, name):
    trust.forge(name, lambda signed: None, next(iter(trust.keys.values())))
    (trust.folder / name).write_bytes(trust.served[name])
    refusal(trust)


def test_a_root_that_strangers_signed(trust):
    strangers = [new_key(), new_key(), new_key()]
    trust.forge("1.root.json", lambda root: setattr(root, "version", 2), *strangers, under="2")
    (trust.folder / "2.root.json").write_bytes(trust.served["2"])
    refusal(trust)


def test_an_enrolment_that_was_changed(trust):
    (path,) = trust.folder.glob("*.enrolment.json")
    path.write_bytes(path.read_bytes().replace(b'"quorum": 2', b'"quorum": 0'))
    refusal(trust)


def test_a_folder_that_is_no_trust_root(tmp_path):
    with pytest.raises(AuditRefused):
        from_trust(Folder(tmp_path))


def test_a_number_beside_a_root_that_is_another_s_compares_nothing(trust):
    place = Folder(trust.folder)
    assert "not compared by ear" in from_trust(place).said
    (trust.folder / JOINED_NUMBER).write_text("1111 2222\n")
    assert "not compared by ear" in from_trust(place).said
