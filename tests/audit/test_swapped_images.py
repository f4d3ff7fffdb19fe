"""Two images that were swapped, by a place or by a centre, and whoever finds it by what."""

import io

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from PIL import Image

from audit.liar import Liar, failed
from digitising.hostile_files import jpeg_cut, jpeg_saying
from openprep.audit.checks.images import OfImages
from openprep.audit.checks.tree import Audit
from openprep.audit.codes import AuditCode, AuditRefused
from openprep.audit.identities import claim_in, key_of_identities
from openprep.audit.keys import from_verifiers
from openprep.audit.place import open_place
from openprep.audit.report import Findings, State
from openprep.cli.main import main
from openprep.digitising.codes import DigitisingCode, NotDigitised
from openprep.digitising.digitiser import CodeReader
from openprep.election import Observation
from openprep.forms.blank import blank_for
from openprep.forms.camera import Camera, photograph
from openprep.forms.filled import figures_of, filled
from openprep.forms.identity import Identity, sign_identity
from openprep.forms.label import LabelSize, label_png
from openprep.record.state import HeldImage, Version
from openprep.wire.cut.ref import image_path
from openprep.wire.log.leaf import ActaLeaf, ImageCame, ImagesLeaf, decode_leaf, encode_leaf
from small.center import SmallCenter
from small.election import acta, outside, small_election, version
from small.image import digest_of, jpeg

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
IDENTITIES = KEY.public_key()
ELECTION = small_election()
PLAIN = jpeg(5)


def blank_of(number, election=ELECTION):
    return blank_for(election, "AYUN", f"A{number}")


def photo_of(number):
    """The acta as somebody filled it in, and a telephone sees it."""
    blank = blank_of(number)
    figures = figures_of(acta(number))
    form = filled(blank, sign_identity(blank.identity, KEY), figures, seed=number)
    return photograph(form, Camera.somebodys(number)).jpeg


def label_of(number, key=KEY, election=ELECTION):
    """A picture that has hardly more than a code, made in a moment."""
    blank = blank_of(number, election)
    text = sign_identity(blank.identity, key)
    return as_jpeg([Image.open(io.BytesIO(label_png(blank, text, LabelSize(100, 60, 150))))])


def as_jpeg(pictures):
    """A JPEG of pictures, one below the other."""
    wide, high = max(one.width for one in pictures), sum(one.height for one in pictures)
    whole, at = Image.new("RGB", (wide, high), "white"), 0
    for one in pictures:
        whole.paste(one, (0, at))
        at += one.height
    out = io.BytesIO()
    whole.save(out, "JPEG")
    return out.getvalue()


@pytest.fixture(scope="module")
def photos():
    return {number: photo_of(number) for number in (0, 3)}


def center_of(folder, shown, **changes):
    """A tree whose actas, by their number, have these images."""
    versions = [
        version(number + 1, acta(number, image_sha256=digest_of(picture), **changes))
        for number, picture in shown.items()
    ]
    return published(folder, versions, shown)


def published(folder, versions, images):
    center = SmallCenter(folder)
    center.next_cut()
    for number, picture in images.items():
        center.hold(number, picture)
    center.next_cut(versions)
    return center


def report_of(folder, signer, identities=None, images=OfImages.CODES):
    keys = from_verifiers([str(signer.verifier)])
    with open_place(str(folder)) as place:
        return Audit(place, keys, Findings(9), images=images, identities=identities).cut()


def codes_of(report):
    (outcome,) = (one for one in report.outcomes if one.code == "X038")
    return outcome


def audited_with(tmp_path, shown, identities=None, **changes):
    center = center_of(tmp_path / "tree", shown, **changes)
    return report_of(tmp_path / "tree", center.signer, identities)


@pytest.mark.parametrize("identities", [None, IDENTITIES], ids=["ids", "signed"])
def test_each_photograph_with_the_code_of_its_own_acta_passes(tmp_path, photos, identities):
    report = audited_with(tmp_path, {**photos, 5: PLAIN}, identities)
    assert failed(report) == set()
    codes = codes_of(report)
    assert (codes.state, codes.looked_at) == (State.PASS, 2)
    held = "signatures not looked at" if identities is None else "held against the key given"
    assert f"2 images have a code ({held}), 1 have none that can be read" in codes.note


def test_two_papers_that_a_place_digitised_each_as_the_other_are_told_by_their_codes(
    tmp_path, photos
):
    """Every digest is right, in the acta, in the leaf and on the disk: only the paper knows."""
    report = audited_with(tmp_path, {0: photos[3], 3: photos[0]})
    assert failed(report) == {"X038"}
    assert sorted(codes_of(report).places) == [
        "AYUN A0: its image and that of AYUN A3 were swapped, each has the other's code",
        "AYUN A3: its image and that of AYUN A0 were swapped, each has the other's code",
    ]


def test_two_files_that_a_centre_or_publisher_swaps_are_not_what_was_signed(tmp_path, photos):
    center = center_of(tmp_path / "tree", photos)
    first, second = (tmp_path / "tree" / image_path(digest_of(photos[n])) for n in (0, 3))
    aside = first.rename(tmp_path / "aside")
    second.rename(first)
    aside.rename(second)
    report = report_of(tmp_path / "tree", center.signer)
    assert failed(report) == {"X036"}
    assert next(one.failed for one in report.outcomes if one.code == "X036") == 2


def test_two_digests_that_a_centre_swaps_and_signs_anew_are_another_history(tmp_path, photos):
    """An acta and the digest of its image are one leaf: who swaps two writes both anew."""
    center = center_of(tmp_path / "honest", photos)
    center.next_cut([])
    liar = Liar.after(center, tmp_path / "tree")
    other = {"A0": photos[3], "A3": photos[0]}

    def swapped(entry):
        leaf = decode_leaf(entry)
        if isinstance(leaf, ImagesLeaf):
            (first, one), (second, two) = map(structs.astuple, leaf.images)
            return encode_leaf(ImagesLeaf(2, (ImageCame(first, two), ImageCame(second, one))))
        if not isinstance(leaf, ActaLeaf):
            return entry
        return encode_leaf(structs.replace(leaf, image_sha256=digest_of(other[leaf.acta])))

    liar.relog([swapped(entry) for entry in liar.entries()])
    codes = failed(report_of(liar.folder, liar.signer))
    assert codes >= {"X014", "X038"}


def test_the_image_of_one_acta_shown_for_another_is_told_by_both_ids(tmp_path):
    report = audited_with(tmp_path, {0: label_of(3), 3: PLAIN})
    assert failed(report) == {"X038"}
    assert codes_of(report).places == ("AYUN A0: its image has the code of AYUN A3",)


def test_one_image_shown_for_two_actas_is_wrong_for_one_of_them(tmp_path):
    report = audited_with(tmp_path, {0: label_of(3), 3: label_of(3)})
    assert codes_of(report).places == ("AYUN A0: its image has the code of AYUN A3",)


def test_a_second_code_laid_beside_the_first_does_not_hide_it(tmp_path):
    both = as_jpeg([Image.open(io.BytesIO(label_of(number))) for number in (0, 3)])
    report = audited_with(tmp_path, {0: both})
    assert codes_of(report).places == ("AYUN A0: its image has the code of AYUN A3",)


def test_a_code_that_somebody_printed_alone_is_found_only_with_the_key(tmp_path):
    forged = label_of(0, Ed25519PrivateKey.generate())
    center = center_of(tmp_path / "tree", {0: forged})
    assert failed(report_of(tmp_path / "tree", center.signer)) == set()
    report = report_of(tmp_path / "tree", center.signer, IDENTITIES)
    assert codes_of(report).places == (
        "AYUN A0: its image has a code of AYUN A0 that the key given did not sign",
    )


def test_a_paper_of_another_election_is_told(tmp_path):
    rehearsal = label_of(0, election=small_election(id="ensayo-2024"))
    report = audited_with(tmp_path, {0: rehearsal})
    assert codes_of(report).places == ("AYUN A0: its image has a code of AYUN A0 in ensayo-2024",)


def test_images_without_a_code_and_hostile_ones_are_counted_and_alarm_nobody(tmp_path):
    bomb = jpeg_saying(60_000, 60_000)
    report = audited_with(tmp_path, {0: PLAIN, 3: jpeg_cut(), 4: bomb, 5: label_of(5)})
    assert failed(report) == set()
    assert codes_of(report).looked_at == 1
    assert "1 have none that can be read, 2 cannot be decoded" in codes_of(report).note


def reading_as(monkeypatch, code, times):
    """The machine answers so for the first times that it is asked."""
    read, asked = CodeReader.codes_on, []

    async def codes_on(reader, data):
        asked.append(data)
        if len(asked) <= times:
            raise NotDigitised(code, "{size} bytes", size=len(data))
        return await read(reader, data)

    monkeypatch.setattr(CodeReader, "codes_on", codes_on)


MACHINES = [
    DigitisingCode.TOO_LONG,
    DigitisingCode.TOO_MUCH_MEMORY,
    DigitisingCode.DECODER_DIED,
    DigitisingCode.UNFIT_ANSWER,
    DigitisingCode.BUSY,
    DigitisingCode.NO_DECODER,
]


@pytest.mark.parametrize("code", MACHINES)
def test_swapped_images_that_an_overloaded_machine_did_not_read_pass_no_audit(
    tmp_path, monkeypatch, code
):
    reading_as(monkeypatch, code, 4)
    report = audited_with(tmp_path, {0: label_of(3), 3: label_of(0)})
    assert failed(report) == {"X039"}
    (told,) = (one for one in report.outcomes if one.code == "X039")
    assert (told.looked_at, told.failed) == (2, 2)
    assert all(code.code in place for place in told.places)
    assert "0 cannot be decoded" in codes_of(report).note


def test_an_image_that_was_not_read_in_the_crowd_is_read_alone(tmp_path, monkeypatch):
    reading_as(monkeypatch, DigitisingCode.TOO_LONG, 2)
    report = audited_with(tmp_path, {0: label_of(3), 3: label_of(0)})
    assert failed(report) == {"X038"}
    assert codes_of(report).looked_at == 2


def test_where_no_decoder_can_be_started_digests_are_looked_at_and_codes_told_as_unread(
    tmp_path, monkeypatch
):
    async def start(_):
        raise NotDigitised(DigitisingCode.NO_DECODER, "no process")

    monkeypatch.setattr(CodeReader, "__aenter__", start)
    report = audited_with(tmp_path, {0: label_of(3), 3: label_of(0)})
    assert failed(report) == {"X039"}
    assert next(one.looked_at for one in report.outcomes if one.code == "X036") >= 2


def test_an_image_with_two_codes_of_others_counts_once_where_it_was_identified(tmp_path):
    both = as_jpeg([Image.open(io.BytesIO(label_of(number))) for number in (3, 4)])
    identified = (Observation.IDENTIFICADA_POR_PTO,)
    report = audited_with(tmp_path, {0: both}, observations=identified)
    assert "1 identified by the technical procedure" in codes_of(report).note


def test_who_identified_a_paper_in_public_against_its_code_is_counted(tmp_path):
    identified = (Observation.IDENTIFICADA_POR_PTO,)
    report = audited_with(tmp_path, {0: label_of(3)}, observations=identified)
    assert failed(report) == set()
    assert "1 identified by the technical procedure" in codes_of(report).note


def test_a_paper_out_of_catalogue_that_has_an_acta_s_code_is_counted(tmp_path):
    picture = label_of(3)
    told = structs.replace(outside(), image_sha256=digest_of(picture))
    versions = [Version(1, told.received_at, "D01", told)]
    center = SmallCenter(tmp_path / "tree")
    center.next_cut()
    digest = center.images.keep(picture)
    center.cutter.hold([HeldImage(1, digest, len(picture), frozenset({("AYUN", None)}))])
    center.next_cut(versions)
    report = report_of(tmp_path / "tree", center.signer)
    assert failed(report) == set()
    assert "1 out of catalogue" in codes_of(report).note


def test_codes_are_not_read_where_nobody_asks_for_them(tmp_path, monkeypatch):
    center = center_of(tmp_path / "tree", {0: label_of(3)})
    monkeypatch.setattr(CodeReader, "codes_on", None)
    for looked in (OfImages.BYTES, OfImages.NOTHING):
        report = report_of(tmp_path / "tree", center.signer, images=looked)
        assert failed(report) == set()
        assert codes_of(report).state is State.NOT_REACHED


def test_the_command_takes_the_key_that_forms_key_printed(tmp_path):
    center = center_of(tmp_path / "tree", {0: label_of(0, Ed25519PrivateKey.generate())})
    command = ["audit", "tree", str(tmp_path / "tree"), "--key", str(center.signer.verifier)]
    asked = [*command, "--identities", IDENTITIES.public_bytes_raw().hex()]
    answer = CliRunner().invoke(main, asked)
    assert answer.exit_code == 1
    assert "that the key given did not sign" in answer.output
    assert CliRunner().invoke(main, [*asked, "--no-codes"]).exit_code == 0
    assert CliRunner().invoke(main, command).exit_code == 0


@pytest.mark.parametrize("text", ["", "ab", "AB" * 32, "ff" * 32 + "\n"])
def test_what_is_no_key_of_identities_is_refused(text):
    with pytest.raises(AuditRefused) as refused:
        key_of_identities(text)
    assert refused.value.code is AuditCode.TRUST


IDS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)


@given(IDS, IDS, IDS)
def test_an_audit_reads_in_a_code_what_the_authority_wrote(election, contest, acta):
    identity = Identity(election, contest, acta)
    claim = claim_in(sign_identity(identity, KEY))
    assert claim[:3] == (election, contest, acta)
    assert claim.is_signed_by(IDENTITIES)
    assert not claim._replace(acta=acta + "1").is_signed_by(IDENTITIES)


@given(st.text(max_size=200) | st.from_regex(r"OPREP1:[%+A-Z0-9]{1,9}:.:.:[A-Z2-7]{103}"))
def test_no_text_of_a_code_stops_an_audit(text):
    claim = claim_in(text)
    assert claim is None or text.startswith("OPREP1:")
