"""The ceremony: what it refuses, what survives a crash, and what a real one looks like."""

import csv
import io
import lzma
import re
import shutil
import stat
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import msgspec
import pyrage
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata

from openprep.ceremony.codes import CeremonyCode, CeremonyRefused
from openprep.ceremony.enrolment import (
    Changes,
    change,
    check_remits,
    declare_again,
    from_enrolled,
    nobody_reports,
    rules_digest,
)
from openprep.ceremony.folder import (
    finish,
    load_standing,
    read_proposal,
    refresh,
    write_proposal,
)
from openprep.ceremony.keys import (
    load_member_key,
    load_online_key,
    make_member_key,
    make_online_key,
    read_public_half,
)
from openprep.ceremony.passphrase import check_passphrase, draw_passphrase
from openprep.ceremony.proposal import check_proposal, merge, sign
from openprep.ceremony.readiness import readiness
from openprep.ceremony.summary import summary
from openprep.cli.main import main
from openprep.clock import system_clock
from openprep.election import ColumnKind
from openprep.mirror.trust.root import TrustRoot
from openprep.transmission.keys import Enrolled, load_enrolment, public_half
from openprep.wire.cut.manifest import Manifest, decode
from openprep.wire.distribution.enrolment import write_request
from openprep.wire.trust import LogKey, StationEnrolment, encode_trust, fingerprint
from small.election import CATALOGUE, OPENS, small_election
from small.trust import (
    EXPIRES,
    NOW,
    SmallTrust,
    base64_public,
    from_folder,
    new_key,
    publisher,
    request,
    verifier,
)

PUEBLA = Path(__file__).parent.parent.parent / "elections/puebla-2019"
PASSPHRASE = "seis palabras que nadie adivina nunca"


@pytest.fixture
def trust(tmp_path):
    return SmallTrust(tmp_path / "trust")


def refused(code):
    return pytest.raises(CeremonyRefused, match=f"^{code.code} ")


# keys


def test_a_member_key_is_encrypted_private_and_opened_by_its_passphrase_only(tmp_path):
    path = tmp_path / "auditor.key"
    made = make_member_key(path, "auditor", PASSPHRASE)
    assert path.read_bytes().startswith(b"age-encryption.org/v1\n-> scrypt ")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_public_half(tmp_path / "auditor.key.pub") == made
    opened = load_member_key(path, PASSPHRASE)
    assert verifier("auditor", opened) == made
    with refused(CeremonyCode.PASSPHRASE_WRONG):
        load_member_key(path, PASSPHRASE + " ")


@pytest.mark.parametrize(
    "guessed",
    [
        "quince letras..",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabcabc",
        "contraseñacontraseña",
        "presidencia presidencia presidencia",
        "12345678901234567890",
        "qwertyuiopasdfghjkl",
        "ABCDEFGHIJKLMNOPQRST",
    ],
)
def test_a_passphrase_that_is_guessed_first_makes_no_key_and_is_not_shown(tmp_path, guessed):
    with refused(CeremonyCode.PASSPHRASE_WEAK) as refusal:
        make_member_key(tmp_path / "k", "auditor", guessed)
    assert guessed not in str(refusal.value)
    assert not list(tmp_path.iterdir())


def test_a_passphrase_that_is_drawn_is_never_the_same_and_always_good():
    drawn = {draw_passphrase() for _ in range(200)}
    assert len(drawn) == 200
    for passphrase in drawn:
        check_passphrase(passphrase)


def test_a_key_with_a_drawn_passphrase_is_opened_by_what_was_shown_once(tmp_path):
    answer = CliRunner().invoke(
        main, ["ceremony", "key", "--name", "notary", "--out", str(tmp_path / "k"), "--draw"]
    )
    shown = re.search(r"passphrase, shown this once: (.+)", answer.output)[1]
    assert verifier("notary", load_member_key(tmp_path / "k", shown)) == read_public_half(
        tmp_path / "k.pub"
    )


def test_a_members_key_is_an_age_file_of_one_costly_scrypt_stanza(tmp_path):
    make_member_key(tmp_path / "k", "auditor", PASSPHRASE)
    stanza = (tmp_path / "k").read_bytes().splitlines()[1].split()
    assert stanza[:2] == [b"->", b"scrypt"]
    assert int(stanza[3]) >= 15


def test_a_key_is_never_replaced_nor_read_where_others_may(tmp_path):
    make_member_key(tmp_path / "k", "auditor", PASSPHRASE)
    with refused(CeremonyCode.KEY_EXISTS):
        make_member_key(tmp_path / "k", "auditor", PASSPHRASE)
    (tmp_path / "k").chmod(0o640)
    with refused(CeremonyCode.KEY_EXPOSED):
        load_member_key(tmp_path / "k", PASSPHRASE)


def test_keys_of_other_kinds_are_refused(tmp_path):
    make_online_key(tmp_path / "online", "online")
    with refused(CeremonyCode.KEY_UNUSABLE):
        load_member_key(tmp_path / "online", PASSPHRASE)
    make_member_key(tmp_path / "member", "auditor", PASSPHRASE)
    with refused(CeremonyCode.KEY_UNUSABLE):
        load_online_key(tmp_path / "member")
    other = X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "other").write_bytes(other)
    (tmp_path / "other").chmod(0o600)
    with refused(CeremonyCode.KEY_UNUSABLE):
        load_online_key(tmp_path / "other")
    with refused(CeremonyCode.KEY_UNUSABLE):
        load_online_key(tmp_path / "nowhere")


@pytest.mark.parametrize("load", [lambda path: load_member_key(path, PASSPHRASE), load_online_key])
def test_a_public_half_given_for_a_private_key_is_called_one_and_not_exposed(tmp_path, load):
    make_member_key(tmp_path / "k", "auditor", PASSPHRASE)
    with refused(CeremonyCode.KEY_UNUSABLE) as said:
        load(tmp_path / "k.pub")
    assert "public half" in str(said.value)
    assert "BEGIN" not in str(said.value)


def test_a_key_of_another_kind_is_called_what_it_is(tmp_path):
    make_online_key(tmp_path / "online", "online")
    make_member_key(tmp_path / "member", "auditor", PASSPHRASE)
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "recipient").write_text(f"{identity.to_public()}\n")
    (tmp_path / "empty").write_text("\n")
    sealed = pyrage.encrypt(b"anything", [identity.to_public()])
    (tmp_path / "sealed").write_bytes(sealed)
    (tmp_path / "sealed").chmod(0o600)
    for name, read, words in [
        ("online", lambda path: load_member_key(path, PASSPHRASE), "another private key"),
        ("sealed", lambda path: load_member_key(path, PASSPHRASE), "sealed to a key"),
        ("member", load_online_key, "a member's key"),
        ("member", read_public_half, "this is a private key"),
        ("online", read_public_half, "this is a private key"),
        ("recipient", read_public_half, "a key of age"),
        ("empty", read_public_half, "nothing is there"),
    ]:
        with refused(CeremonyCode.KEY_UNUSABLE) as said:
            read(tmp_path / name)
        assert words in str(said.value), name
        assert "codec" not in str(said.value)


def test_a_public_half_saved_by_a_windows_editor_is_read(tmp_path):
    made = make_online_key(tmp_path / "k", "online")
    (tmp_path / "k.pub").write_bytes(b"\xef\xbb\xbf" + f"{made}\r\n".encode())
    assert read_public_half(tmp_path / "k.pub") == made


# proposing


@pytest.mark.parametrize("threshold", [-1, 0, 4])
def test_a_threshold_of_none_or_of_more_than_the_members_is_refused(trust, threshold):
    with refused(CeremonyCode.THRESHOLD):
        trust.proposal(terms=trust.terms(threshold=threshold))


def test_one_key_or_one_name_for_two_members_is_refused(trust):
    first, *_ = trust.terms().members
    for second in (verifier("other", trust.keys["authority"]), verifier("authority", new_key())):
        with refused(CeremonyCode.DUPLICATE_KEY):
            trust.proposal(terms=trust.terms(members=[first, second]))


def test_a_member_does_not_hold_the_online_key_too(trust):
    with refused(CeremonyCode.DUPLICATE_KEY):
        trust.proposal(terms=trust.terms(online=[verifier("online", trust.keys["notary"])]))
    with refused(CeremonyCode.ONLINE_KEY):
        trust.proposal(terms=trust.terms(online=[]))


@pytest.mark.parametrize("until", [NOW - timedelta(days=1), NOW, OPENS + timedelta(hours=23)])
def test_trust_that_would_end_before_the_results_close_is_refused(trust, until):
    with refused(CeremonyCode.EXPIRED):
        trust.proposal(expires=until)
    with refused(CeremonyCode.EXPIRED):
        trust.proposal(terms=trust.terms(expires=until))


def test_a_request_for_another_election_or_for_a_drill_is_refused(trust):
    for wrong in (request("tec", election="otra-2024"), request("tec", drill=True)):
        with refused(CeremonyCode.REQUEST) as said:
            trust.proposal(Changes(requests=[wrong]))
        assert "this ceremony is of the election chica-2024" in str(said.value)


def test_what_contradicts_itself_is_not_proposed(trust):
    trust.version(Changes(requests=[request("tec")]))
    theirs = load_standing(trust.folder).data.publishers[0]
    copied = request("unam", recipient=theirs.recipient)
    with refused(CeremonyCode.ENROLMENT):
        trust.proposal(Changes(requests=[copied]))


def test_what_is_not_enrolled_cannot_be_revoked(trust):
    for changes in (
        Changes(revoked_publishers=["tec"]),
        Changes(revoked_stations=["D01"]),
        Changes(ended_log_keys={"log+00000000+AA": 3}),
    ):
        with refused(CeremonyCode.UNKNOWN):
            trust.proposal(changes)


def test_a_folder_of_another_election_cannot_take_the_place(trust):
    data = load_standing(trust.folder).data
    with refused(CeremonyCode.OUT_OF_TURN):
        declare_again(data, small_election(id="otra-2024"))
    corrected = declare_again(data, small_election(digest="cd" * 32))
    assert corrected.election_digest == "cd" * 32


# signing


def test_nobody_but_a_member_signs(trust):
    proposal = trust.proposal()
    for stranger in (new_key(), trust.online):
        with refused(CeremonyCode.NOT_A_MEMBER):
            sign(proposal, stranger, proposal.fingerprint, NOW)


def test_nobody_signs_what_has_another_number(trust):
    proposal, other = trust.proposal(), trust.proposal(Changes(requests=[request("tec")]))
    for spoken in (other.fingerprint, "", "12345"):
        with refused(CeremonyCode.FINGERPRINT):
            sign(proposal, trust.keys["auditor"], spoken, NOW)


def test_an_enrolment_that_was_changed_is_not_signed(trust):
    proposal = trust.proposal(Changes(requests=[request("tec")]))
    data = msgspec.structs.replace(proposal.data, publishers=(publisher("thief"),))
    with refused(CeremonyCode.ALTERED):
        check_proposal(replace(proposal, enrolment=encode_trust(data)), NOW)


def test_a_proposal_changed_after_somebody_signed_is_not_signed(trust):
    proposal = trust.proposal(terms=trust.terms())
    signed = sign(proposal, trust.keys["auditor"], proposal.fingerprint, NOW)
    for part in ("root", "targets"):
        copy = Metadata.from_bytes(getattr(signed, part).to_bytes())
        copy.signed.expires += timedelta(days=1)
        with refused(CeremonyCode.ALTERED):
            check_proposal(replace(signed, **{part: copy}), NOW)


def test_a_target_slipped_in_is_not_signed(trust):
    proposal = trust.proposal()
    targets = Metadata.from_bytes(proposal.targets.to_bytes())
    targets.signed.targets["other.json"] = targets.signed.targets["enrolment.json"]
    with refused(CeremonyCode.ALTERED):
        check_proposal(replace(proposal, targets=targets), NOW)


def test_a_root_whose_threshold_was_lowered_by_hand_is_not_signed(trust):
    proposal = trust.proposal(terms=trust.terms())
    root = Metadata.from_bytes(proposal.root.to_bytes())
    root.signed.roles["targets"].threshold = 1
    with refused(CeremonyCode.ALTERED):
        check_proposal(replace(proposal, root=root), NOW)


@pytest.mark.parametrize("version", [1, 3])
def test_a_root_that_skips_or_repeats_a_number_is_not_signed(trust, version):
    proposal = trust.proposal(terms=trust.terms())
    root = Metadata.from_bytes(proposal.root.to_bytes())
    root.signed.version = version
    with refused(CeremonyCode.OUT_OF_TURN):
        check_proposal(replace(proposal, root=root), NOW)


def test_one_key_under_two_ids_is_not_signed(trust):
    proposal = trust.proposal(terms=trust.terms())
    root = Metadata.from_bytes(proposal.root.to_bytes())
    key = next(iter(root.signed.keys.values()))
    root.signed.keys["ab" * 32] = type(key).from_dict("ab" * 32, key.to_dict())
    for role in ("root", "targets"):
        root.signed.roles[role].keyids.append("ab" * 32)
    with refused(CeremonyCode.DUPLICATE_KEY):
        check_proposal(replace(proposal, root=root), NOW)


def test_a_proposal_that_waited_too_long_is_not_signed(trust):
    proposal = trust.proposal()
    with refused(CeremonyCode.EXPIRED):
        sign(proposal, trust.keys["auditor"], proposal.fingerprint, EXPIRES)


@pytest.mark.parametrize("name", ["targets.json", "enrolment.json", "root.json"])
def test_a_proposal_with_a_malformed_file_is_refused(trust, tmp_path, name):
    write_proposal(tmp_path / "proposal", trust.proposal(terms=trust.terms()))
    (tmp_path / "proposal" / name).write_bytes(b"{}")
    with refused(CeremonyCode.ALTERED):
        read_proposal(tmp_path / "proposal")


@pytest.mark.parametrize("name", ["targets.json", "enrolment.json"])
def test_a_proposal_that_lacks_a_file_is_refused(trust, tmp_path, name):
    write_proposal(tmp_path / "proposal", trust.proposal(terms=trust.terms()))
    (tmp_path / "proposal" / name).unlink()
    with refused(CeremonyCode.ALTERED):
        read_proposal(tmp_path / "proposal")


def test_a_folder_without_any_proposal_is_called_so(trust, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with refused(CeremonyCode.NO_PROPOSAL) as said:
        read_proposal(Path())
    assert str(tmp_path) in str(said.value)
    write_proposal(tmp_path / "proposal", trust.proposal(terms=trust.terms()))
    (tmp_path / "proposal/targets.json").unlink()
    with refused(CeremonyCode.ALTERED) as said:
        read_proposal(tmp_path / "proposal")
    assert "targets.json: No such file" in str(said.value)
    assert "Errno" not in str(said.value)


@pytest.mark.parametrize("spoiled", [b"contrase\xf1a de la auditora 7391\n", None])
def test_a_passphrase_file_that_cannot_be_read_is_refused_and_not_shown(tmp_path, spoiled):
    file = tmp_path / "passphrase"
    if spoiled is None:
        file.symlink_to("/proc/self/mem")
    else:
        file.write_bytes(spoiled)
    words = ("key", "--name", "x", "--out", str(tmp_path / "k"), "--passphrase-file", str(file))
    answer = CliRunner().invoke(main, ["ceremony", *words], catch_exceptions=False)
    assert answer.exit_code == 2
    assert "C023" in answer.output
    assert "contrase" not in answer.output
    assert not (tmp_path / "k").exists()


def test_a_proposal_from_which_the_new_root_was_taken_has_another_number(trust, tmp_path):
    proposal = trust.proposal(terms=trust.terms())
    write_proposal(tmp_path / "proposal", proposal)
    (tmp_path / "proposal/root.json").unlink()
    with refused(CeremonyCode.FINGERPRINT):
        stripped = read_proposal(tmp_path / "proposal")
        sign(stripped, trust.keys["auditor"], proposal.fingerprint, NOW)


# finishing


def test_one_signature_of_two_is_not_enough(trust):
    proposal = trust.proposal(Changes(requests=[request("tec")]))
    signed = sign(proposal, trust.keys["auditor"], proposal.fingerprint, NOW)
    with pytest.raises(CeremonyRefused, match=r"C012 targets: 1 of 2 .* authority, notary"):
        finish(signed, trust.folder, trust.online, NOW)
    assert load_standing(trust.folder).data.publishers == ()


def test_copies_signed_apart_are_put_together(trust, tmp_path):
    proposal = trust.proposal(Changes(requests=[request("tec")]), terms=trust.terms())
    copies = []
    for name in ("auditor", "notary"):
        folder = tmp_path / name
        write_proposal(folder, proposal)
        mine = sign(read_proposal(folder), trust.keys[name], proposal.fingerprint, NOW)
        write_proposal(folder, mine)
        copies.append(read_proposal(folder))
    done = finish(merge(copies, NOW), trust.folder, trust.online, NOW)
    assert (done.root_version, done.targets_version) == (2, 2)
    assert [publisher.id for publisher in load_standing(trust.folder).data.publishers] == ["tec"]


def test_copies_of_two_proposals_are_not_put_together(trust):
    with refused(CeremonyCode.ALTERED):
        merge([trust.proposal(), trust.proposal(Changes(requests=[request("tec")]))], NOW)


def test_a_new_root_needs_the_old_members_and_the_new_ones(trust):
    new = {name: new_key() for name in ("uno", "dos")}
    terms = trust.terms(members=[verifier(n, k) for n, k in new.items()])
    proposal = trust.proposal(terms=terms)

    def signed_by(*keys):
        signed = proposal
        for key in keys:
            signed = sign(signed, key, proposal.fingerprint, NOW)
        return signed

    old = [trust.keys["authority"], trust.keys["auditor"]]
    for too_few in (old, list(new.values()), [*old, new["uno"]], [old[0], *new.values()]):
        with refused(CeremonyCode.TOO_FEW):
            finish(signed_by(*too_few), trust.folder, trust.online, NOW)
    finish(signed_by(*old, *new.values()), trust.folder, trust.online, NOW)
    with refused(CeremonyCode.NOT_A_MEMBER):
        later = trust.proposal()
        sign(later, trust.keys["authority"], later.fingerprint, NOW)


def test_a_proposal_made_before_another_was_finished_comes_out_of_turn(trust):
    late = trust.proposal(Changes(requests=[request("tec")]))
    for name in ("authority", "auditor"):
        late = sign(late, trust.keys[name], late.fingerprint, NOW)
    trust.version(Changes(requests=[request("unam")]))
    with refused(CeremonyCode.OUT_OF_TURN):
        finish(late, trust.folder, trust.online, NOW)
    assert [publisher.id for publisher in load_standing(trust.folder).data.publishers] == ["unam"]


def test_a_proposal_for_another_trust_comes_out_of_turn(trust, tmp_path):
    other = SmallTrust(tmp_path / "other", keys=trust.keys)
    proposal = other.proposal()
    for name in ("authority", "auditor"):
        proposal = sign(proposal, trust.keys[name], proposal.fingerprint, NOW)
    with refused(CeremonyCode.OUT_OF_TURN):
        finish(proposal, trust.folder, other.online, NOW)


@pytest.mark.parametrize("step", range(1, 6))
@pytest.mark.parametrize("happened", [False, True])
def test_finishing_is_cut_short_at_any_write_and_goes_on(
    trust, tmp_path, monkeypatch, step, happened
):
    """A mirror sees the version before or the new one throughout."""
    mirror = TrustRoot(tmp_path / "mirror")
    mirror.join(trust.root_bytes, trust.fingerprint, drill=False)
    before = mirror.refresh(trust.fetch, NOW)
    proposal = trust.proposal(Changes(requests=[request("tec")]), terms=trust.terms())
    for name in ("authority", "auditor"):
        proposal = sign(proposal, trust.keys[name], proposal.fingerprint, NOW)
    rename, done = Path.replace, []

    def failing(path, target):
        done.append(target.name)
        if len(done) < step or happened:
            rename(path, target)
        if len(done) == step:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match="No space"):
        finish(proposal, trust.folder, trust.online, NOW)
    monkeypatch.undo()
    seen = mirror.refresh(trust.fetch, NOW)
    assert seen == (proposal.data if (step, happened) == (5, True) else before)
    finish(proposal, trust.folder, trust.online, NOW)
    assert mirror.refresh(trust.fetch, NOW) == proposal.data
    assert not list(trust.folder.glob(".*"))


def test_finishing_twice_is_finishing_once(trust):
    proposal = trust.proposal(Changes(requests=[request("tec")]))
    for name in ("authority", "auditor"):
        proposal = sign(proposal, trust.keys[name], proposal.fingerprint, NOW)
    finish(proposal, trust.folder, trust.online, NOW)
    first = trust.read("2.targets.json")
    more = sign(proposal, trust.keys["notary"], proposal.fingerprint, NOW)
    assert finish(more, trust.folder, trust.online, NOW).targets_version == 2
    assert trust.read("2.targets.json") == first  # snapshots hold its digest


# refreshing


def test_a_refresh_changes_the_dates_and_nothing_that_members_signed(trust):
    kept = {p.name: p.read_bytes() for p in trust.folder.iterdir() if p.name != "timestamp.json"}
    done = trust.refresh(NOW + timedelta(hours=1))
    assert done.timestamp_version == 2
    assert done.timestamp_expires == NOW + timedelta(hours=25)
    assert {n: trust.read(n) for n in kept} == kept
    trust.refresh(NOW + timedelta(days=6))
    assert (trust.folder / "2.snapshot.json").exists()


def test_only_the_online_key_that_the_root_names_refreshes(trust):
    for wrong in (new_key(), trust.keys["authority"]):
        with refused(CeremonyCode.ONLINE_KEY):
            refresh(trust.folder, wrong, NOW)


def test_what_expired_is_not_refreshed(trust):
    with refused(CeremonyCode.EXPIRED):
        trust.refresh(EXPIRES)


def test_an_enrolment_changed_on_the_centre_s_disk_is_found(trust):
    trust.version(Changes(requests=[request("tec")]))
    name = next(p for p in trust.folder.glob("*.enrolment.json") if b'"tec"' in p.read_bytes())
    name.write_bytes(name.read_bytes().replace(b"Universidad tec", b"Universidad uno"))
    with refused(CeremonyCode.DAMAGED):
        trust.refresh()


def test_a_lost_timestamp_is_never_silently_begun_anew(trust):
    trust.version(Changes(requests=[request("tec")]))
    (trust.folder / "timestamp.json").unlink()
    with refused(CeremonyCode.DAMAGED):
        trust.refresh()


def test_a_lost_root_is_found(trust):
    for _ in range(2):
        trust.version(terms=trust.terms())
    (trust.folder / "2.root.json").unlink()
    with refused(CeremonyCode.DAMAGED):
        trust.refresh()


def test_a_root_put_there_by_hand_is_found(trust):
    root = Metadata.from_bytes(trust.root_bytes)
    root.signed.version = 2
    root.sign(CryptoSigner(trust.online))
    (trust.folder / "2.root.json").write_bytes(root.to_bytes())
    with refused(CeremonyCode.DAMAGED):
        trust.refresh()


# enrolling


def test_a_log_key_is_ended_at_a_cut_and_another_begins(trust):
    new = verifier("chica-2024/center", new_key())
    old = str(trust.log.verifier)
    trust.version(Changes(ended_log_keys={old: 7}, log_keys=[LogKey(str(new), 8)]))
    log = load_standing(trust.folder).data.log
    assert log.verifiers_at(7) == (trust.log.verifier,)
    assert log.verifiers_at(8) == (new,)


def test_stations_go_to_the_centre_s_list_and_back(trust, tmp_path):
    stations = [
        Enrolled(f"D{n:02}", f"Distrito {n}", public_half(new_key()), ("AYUN",), ("*",))
        for n in range(3)
    ]
    trust.version(Changes(stations=from_enrolled(stations)))
    data = load_standing(trust.folder).data
    assert [
        (station.id, station.name, station.reports, station.corrects) for station in data.stations
    ] == [(station.id, station.name, station.reports, station.corrects) for station in stations]
    (tmp_path / "stations.json").write_bytes(msgspec.json.encode(stations))
    known = load_enrolment(tmp_path / "stations.json")
    assert {n: station.key.public_bytes_raw() for n, station in known.items()} == {
        n: k.public_bytes_raw() for n, k in data.stations_at(NOW).items()
    }
    later = NOW + timedelta(hours=1)
    revoked = change(data, Changes(revoked_stations=["D01"]), later)
    assert set(revoked.stations_at(later)) == {"D00", "D02"}
    assert "D01" in revoked.stations_at(NOW)


def test_the_rule_set_s_digest_is_that_of_the_description_of_every_manifest(tmp_path):
    from small.center import SmallCenter

    center = SmallCenter(tmp_path)
    center.next_cut()
    manifest = decode((tmp_path / "cuts/0.json").read_bytes(), Manifest)
    assert manifest.description.sha256 == rules_digest(center.election)


# what one reads before signing


def test_the_summary_says_who_signs_and_what_changes_against_one_s_own_copy(trust):
    station = StationEnrolment("D01", "Distrito 1", base64_public(new_key()), ("AYUN/001",))
    trust.version(Changes(requests=[request("tec"), request("unam")], stations=[station]))
    before = load_standing(trust.folder).data
    changes = Changes(requests=[request("uam")], revoked_publishers=["tec"], quorum=1)
    proposal = trust.proposal(changes, terms=trust.terms(threshold=3))
    text = "\n".join(summary(proposal, before))
    assert proposal.fingerprint in text
    assert "new root 2: 3 of 3 members must sign" in text
    assert "instead of root 1: 2 of 3" in text
    assert re.search(r"\+ publisher tec .*REVOKED from 2024-06-01", text)
    assert re.search(r"\+ publisher uam ", text)
    assert "publisher unam" not in text
    assert "- a cut is held once 2 publishers" in text
    assert "station D01" not in text
    assert "root, as root 1 (before) asks: 0 of 2 (nobody yet)" in text


def test_every_time_that_a_ceremony_says_is_in_the_offset_of_the_election(tmp_path):
    puebla = timezone(timedelta(hours=-6))
    election = small_election()
    window = election.window
    window = msgspec.structs.replace(
        window, opens=window.opens.astimezone(puebla), closes=window.closes.astimezone(puebla)
    )
    trust = SmallTrust(tmp_path, election=msgspec.structs.replace(election, window=window))
    text = "\n".join(summary(trust.proposal(terms=trust.terms()), None))
    with refused(CeremonyCode.EXPIRED) as expired:
        trust.refresh(EXPIRES)
    with refused(CeremonyCode.EXPIRED) as early:
        trust.proposal(expires=window.opens)
    done = trust.refresh()
    said = [text, str(expired.value), str(early.value), done.root_expires.isoformat()]
    for message in said:
        times = re.findall(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{6}", message)
        assert times, message
        assert all(time.endswith("-06:00") for time in times), message


# readiness


def two_contests(**changes):
    election = small_election()
    ayun = election.contests["AYUN"]
    other = msgspec.structs.replace(ayun, id="GUB")
    contests = {"AYUN": ayun, "GUB": other}
    values = {"contests": contests, "catalogues": {"AYUN": CATALOGUE, "GUB": CATALOGUE}}
    return small_election(**{**values, **changes})


def codes(election):
    return [(finding.code, finding.contest) for finding in readiness(election)]


def test_a_whole_election_is_ready():
    assert codes(two_contests()) == []


def test_a_casilla_that_one_contest_lacks_is_named():
    lacking = tuple(acta for acta in CATALOGUE if acta.id != "A1")
    (missing,) = readiness(two_contests(catalogues={"AYUN": CATALOGUE, "GUB": lacking}))
    assert str(missing) == "C030 GUB: 21/0001 C01 extension 0"


def test_a_section_that_a_contest_of_the_same_unit_lacks_is_named():
    lacking = tuple(acta for acta in CATALOGUE if acta.seccion != "0002")
    election = two_contests(catalogues={"AYUN": CATALOGUE, "GUB": lacking})
    assert codes(election) == [(CeremonyCode.NO_ROW, "GUB")]


def test_a_contest_that_is_held_in_some_units_only_lacks_nothing():
    partial = tuple(acta for acta in CATALOGUE if acta.area == "001")
    assert codes(two_contests(catalogues={"AYUN": CATALOGUE, "GUB": partial})) == []


def test_a_unit_where_nobody_runs_has_no_form():
    election = two_contests()
    candidacies = dict(election.contests["GUB"].candidacies)
    del candidacies["002"]
    gub = msgspec.structs.replace(election.contests["GUB"], candidacies=candidacies)
    found = readiness(two_contests(contests={**election.contests, "GUB": gub}))
    assert [str(finding) for finding in found] == ["C031 GUB: nobody runs in unit 002"]


def test_an_acta_without_a_column_for_null_votes_has_no_form():
    ayun = two_contests().contests["AYUN"]
    columns = tuple(column for column in ayun.columns if column.kind is not ColumnKind.NULL)
    without = msgspec.structs.replace(ayun, columns=columns)
    election = small_election(contests={"AYUN": without}, catalogues={"AYUN": ()})
    assert (CeremonyCode.NO_FORM, "AYUN") in codes(election)
    assert (CeremonyCode.NO_ROW, "AYUN") in codes(election)


def test_an_acta_that_stands_twice_in_the_catalogue_has_no_zero_of_its_own():
    election = small_election(catalogues={"AYUN": (*CATALOGUE, CATALOGUE[0])})
    assert "C032 AYUN: acta A0 stands there 2×" in [str(finding) for finding in readiness(election)]


# as its users type it


class Machine:
    """One machine of the ceremony: a folder of its own, and what is carried between them."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        (folder / "passphrase").write_text(f"{PASSPHRASE} {folder.name}\n")

    def run(self, *words, fails=False):
        answer = CliRunner().invoke(main, ["ceremony", *map(str, words)], catch_exceptions=False)
        assert bool(answer.exit_code) is fails, answer.output
        return answer.output

    def key(self, *options):
        return self.run(
            *("key", "--name", self.folder.name, "--out", self.folder / "key"),
            *("--passphrase-file", self.folder / "passphrase", *options),
        )

    def sign(self, proposal, number, **options):
        return self.run(
            *("sign", proposal, "--key", self.folder / "key", "--fingerprint", number),
            *("--passphrase-file", self.folder / "passphrase"),
            **options,
        )


def carry(source, target):
    shutil.copytree(source, target)
    return target


def number_in(output):
    return re.search(r"number to be spoken: ([\d ]+)", output)[1]


LATER = "2030-01-01T00:00:00-06:00"


def test_a_ceremony_on_three_machines_and_a_publisher_that_joins(tmp_path):
    authority, auditor, notary = (
        Machine(tmp_path / name) for name in ("authority", "auditor", "notary")
    )
    assert "auditor+" in auditor.key("--qr")
    authority.key()
    notary.key()
    authority.run("key", "--name", "online", "--out", tmp_path / "online", "--online")
    tec = new_key()
    asked = request("tec", key=tec, election="puebla-2019")
    (tmp_path / "tec.txt").write_bytes(write_request(asked, tec))
    log = verifier("puebla-2019/center", new_key())
    members = [w for m in (authority, auditor, notary) for w in ("--member", m.folder / "key.pub")]
    proposal = authority.folder / "proposal"
    started = authority.run(
        *("start", "--election", PUEBLA, "--out", proposal, *members, "--threshold", 2),
        *("--online", tmp_path / "online.pub", "--root-expires", LATER),
        *("--enrolment-expires", LATER, "--log-key", log, 0),
        *("--request", tmp_path / "tec.txt", "--quorum", 1, "--retain-until", LATER),
    )
    assert asked.fingerprint in started
    number = number_in(started)

    theirs = carry(proposal, auditor.folder / "proposal")
    assert number_in(auditor.run("show", theirs)) == number
    assert "C011" in auditor.sign(theirs, "12345 " * 8, fails=True)
    auditor.sign(theirs, number)
    back = carry(theirs, notary.folder / "proposal")
    finish_words = ("--trust", tmp_path / "trust", "--online-key", tmp_path / "online")
    assert "C012" in authority.run("finish", back, *finish_words, fails=True)
    notary.sign(back, number)
    finished = authority.run("finish", back, *finish_words)

    root = (tmp_path / "trust/1.root.json").read_bytes()
    spoken = re.search(r"publishers join root 1 by ([\d ]+)", finished)[1]
    assert spoken == fingerprint(root)
    assert "timestamp 2" in authority.run("refresh", *finish_words)

    mirror = TrustRoot(tmp_path / "mirror")
    assert mirror.join(root, spoken, drill=False).election == "puebla-2019"
    data = mirror.refresh(from_folder(tmp_path), system_clock())
    assert [publisher.id for publisher in data.publishers] == ["tec"]

    second = auditor.folder / "second"
    shown = auditor.run(
        *("start", "--previous", tmp_path / "trust", "--out", second),
        *("--enrolment-expires", LATER, "--revoke-publisher", "tec"),
    )
    assert "REVOKED" in shown
    for machine in (auditor, authority):
        machine.sign(second, number_in(shown))
    assert "enrolment 2" in authority.run("finish", second, *finish_words)
    assert mirror.refresh(from_folder(tmp_path), system_clock()).publishers_at(system_clock()) == ()


FOUNDING = (
    *("start", "--election", PUEBLA, "--enrolment-expires", LATER, "--root-expires", LATER),
    *("--threshold", 1, "--quorum", 1, "--retain-until", LATER),
)


@pytest.fixture(scope="module")
def founder(tmp_path_factory):
    """An authority with its own key and an online one, ready to found."""
    authority = Machine(tmp_path_factory.mktemp("founder") / "authority")
    authority.key()
    authority.run("key", "--name", "online", "--out", authority.folder / "online", "--online")
    return authority


def own_keys(founder):
    return "--member", founder.folder / "key.pub", "--online", founder.folder / "online.pub"


def test_a_log_key_under_which_the_centre_does_not_sign_is_refused(tmp_path, founder):
    own = own_keys(founder)
    for name in ("puebla-2019/log", "puebla-2024/center", "center"):
        refusal = founder.run(
            *FOUNDING, *own, "--out", tmp_path / "p", "--log-key", verifier(name, new_key()), 0,
            fails=True,
        )  # fmt: skip
        assert "C020" in refusal
        assert name in refusal
    assert not (tmp_path / "p").exists()


PRIVATE = {
    "a member's key": lambda path: make_member_key(path, "auditor", PASSPHRASE),
    "the online key": lambda path: make_online_key(path, "online"),
    "a publisher's recipient": lambda path: path.write_text(str(pyrage.x25519.Identity.generate())),
}


@pytest.mark.parametrize("kind", PRIVATE)
@pytest.mark.parametrize("place", ["--member", "--online", "--request", "--log-key"])
def test_a_private_key_given_for_a_public_one_is_never_printed(tmp_path, founder, kind, place):
    path = tmp_path / "private.key"
    PRIVATE[kind](path)
    secret = path.read_text(errors="replace")
    words = {
        "--member": ("--member", founder.folder / "key.pub"),
        "--online": ("--online", founder.folder / "online.pub"),
        "--log-key": ("--log-key", verifier("puebla-2019/center", new_key()), 0),
        "--request": (),
    }
    words[place] = (place, secret, 0) if place == "--log-key" else (place, path)
    given = [word for group in words.values() for word in group]
    refusal = founder.run(*FOUNDING, "--out", tmp_path / "p", *given, fails=True)
    assert re.search(r"C0\d\d ", refusal)
    for line in secret.splitlines():
        for start in range(0, max(1, len(line) - 12), 6):
            assert len(line) < 12 or "KEY--" in line or line[start : start + 12] not in refusal


def test_what_changes_nothing_is_refused_and_the_date_alone_is_renewed(tmp_path, founder):
    own = own_keys(founder)
    log = verifier("puebla-2019/center", new_key())
    tec = new_key()
    (tmp_path / "tec.txt").write_bytes(
        write_request(request("tec", key=tec, election="puebla-2019"), tec)
    )
    asked = ("--request", tmp_path / "tec.txt")
    first = tmp_path / "first"
    started = founder.run(*FOUNDING, *own, *asked, "--out", first, "--log-key", log, 0)
    founder.sign(first, number_in(started))
    trust = tmp_path / "trust"
    founder.run("finish", first, "--trust", trust, "--online-key", founder.folder / "online")
    again = ("start", "--previous", trust, "--enrolment-expires", LATER)
    for idle in (asked, ("--quorum", 1), ("--retain-until", LATER), ("--election", PUEBLA)):
        refusal = founder.run(*again, *idle, "--out", tmp_path / "second", fails=True)
        assert "C021" in refusal
    renewed = founder.run(*again, "--out", tmp_path / "second")
    assert "nothing changes but the dates" in renewed


def test_a_quorum_that_the_publishers_cannot_reach_is_said_before_anybody_signs(tmp_path, founder):
    own = own_keys(founder)
    log = verifier("puebla-2019/center", new_key())
    shown = founder.run(*FOUNDING, *own, "--out", tmp_path / "p", "--log-key", log, 0)
    assert "NO CUT CAN BE HELD: of 1 publishers, 0 are enrolled" in shown


def test_start_says_what_the_first_version_needs(tmp_path):
    authority = Machine(tmp_path / "authority")
    words = ("start", "--out", tmp_path / "p", "--enrolment-expires", LATER)
    assert "--log-key" in authority.run(*words, fails=True)
    bad = authority.run("start", "--out", tmp_path / "p", "--enrolment-expires", "x", fails=True)
    assert "2024-06-03T20:00:00-06:00" in bad


def test_a_key_that_cannot_be_read_is_refused_before_the_election_is(tmp_path, founder):
    nobody, folder = tmp_path / "nobody.pub", tmp_path / "no-election"
    nobody.write_text("no key")
    folder.mkdir()
    refusal = founder.run(
        *("start", "--election", folder, "--out", tmp_path / "p", "--enrolment-expires", LATER),
        *("--member", nobody, "--online", founder.folder / "online.pub", "--threshold", 1),
        *("--root-expires", LATER),
        fails=True,
    )
    assert "nobody.pub" in refusal
    assert "is ready to open" not in refusal


def test_check_says_ready_or_what_is_missing(tmp_path):
    authority = Machine(tmp_path / "authority")
    assert "puebla-2019 is ready: 7,772 actas" in authority.run("check", "--election", PUEBLA)
    folder = carry(PUEBLA, tmp_path / "election")
    gub, ayun = (folder / f"contests/{name}/catalogue.csv.xz" for name in ("GUB", "AYUN"))
    header, first, *_ = csv.reader(io.StringIO(lzma.decompress(ayun.read_bytes()).decode()))
    place = [header.index(name) for name in ("seccion", "kind", "number", "extension")]
    rows = list(csv.reader(io.StringIO(lzma.decompress(gub.read_bytes()).decode())))
    kept = [row for row in rows if [row[i] for i in place] != [first[i] for i in place]]
    assert len(kept) == len(rows) - 1
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(kept)
    gub.write_bytes(lzma.compress(text.getvalue().encode()))
    output = authority.run("check", "--election", folder, fails=True)
    seccion, kind = first[place[0]], first[place[1]]
    assert re.search(rf"C030 GUB: 21/{seccion} {kind}\d\d extension 0\n1 missing", output)
    refusal = authority.run(
        *("start", "--election", folder, "--out", tmp_path / "p", "--enrolment-expires", LATER),
        *("--log-key", verifier("puebla-2019/center", new_key()), 0, "--quorum", 1),
        *("--retain-until", LATER),
        fails=True,
    )
    assert "C018" in refusal
    assert not (tmp_path / "p").exists()


def station_of(name, *scopes, corrects=()):
    return StationEnrolment(name, f"CATD {name}", base64_public(new_key()), scopes, corrects)


def test_a_station_that_speaks_for_nothing_is_not_enrolled(trust):
    with refused(CeremonyCode.NO_REMIT):
        change(trust.found(), Changes(stations=[station_of("D01")]), NOW)


def test_a_station_of_an_area_that_the_election_lacks_is_not_enrolled():
    stations = [station_of("D01", "AYUN/001"), station_of("D02", "AYUN/001", corrects=("GUB",))]
    with refused(CeremonyCode.NO_SUCH_AREA) as refusal:
        check_remits(stations, small_election())
    assert refusal.value.detail == "D02 GUB"


def test_actas_that_nobody_would_report_are_told(trust):
    data = change(trust.found(), Changes(stations=[station_of("D01", "AYUN/001")]), NOW)
    assert nobody_reports(data, trust.election, NOW) == ["nobody reports 4 actas of AYUN"]


def test_a_summary_names_who_corrects_and_who_reports_everything_among_hundreds(trust):
    stations = [station_of(f"D{n:03}", "AYUN/001", "AYUN/002/0003") for n in range(300)]
    stations += [station_of("COTEJO", corrects=("AYUN/002",)), station_of("ALL", "*")]
    trust.version(Changes(stations=stations), terms=trust.terms())
    text = "\n".join(summary(trust.proposal(Changes(quorum=1)), None))
    assert "COTEJO (CATD COTEJO) CORRECTS AYUN/002" in text
    assert "ALL (CATD ALL) reports THE WHOLE ELECTION" in text
    assert "300 others report 600 areas and actas of AYUN" in text
    assert "D001" not in text


def test_a_station_that_is_given_more_areas_is_a_difference_to_be_read(trust):
    station = station_of("D01", "AYUN/001")
    trust.version(Changes(stations=[station]))
    before = load_standing(trust.folder).data
    more = msgspec.structs.replace(station, reports=("*",))
    text = "\n".join(summary(trust.proposal(Changes(stations=[more])), before))
    assert "- station D01 (CATD D01), reports AYUN/001" in text
    assert "+ station D01 (CATD D01), reports THE WHOLE ELECTION" in text
