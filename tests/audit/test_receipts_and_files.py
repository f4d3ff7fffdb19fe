"""Receipts out of real trees, files looked for in them, and the commands as people type them."""

import asyncio
import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner
from msgspec import structs

from audit.liar import LAST
from openprep.audit import receipt as receipts
from openprep.audit.checks.search import Wanted, find_file, make_receipt
from openprep.audit.codes import AuditCode, AuditRefused
from openprep.audit.keys import Keys, from_verifiers
from openprep.audit.place import open_place
from openprep.cli.main import main
from openprep.cuts.description import describe
from openprep.hosting.http.application import serve_tree
from openprep.wire.cut import manifest as wire
from openprep.wire.trust import LogIdentity, LogKey, Policy, TrustData
from small.election import OPENS, acta


def keys_of(center):
    return from_verifiers([str(center.signer.verifier)])


def made(center, identity, place=None, area=None):
    with open_place(str(place or center.tree.root)) as opened:
        return make_receipt(opened, keys_of(center), Wanted("AYUN", identity, area))


@pytest.mark.parametrize(("identity", "version"), [("A0", 2), ("A1", 1), ("A4", 1), ("A6", 1)])
def test_a_receipt_made_from_a_tree_proves_the_acta_as_it_stands(honest, identity, version):
    receipt = receipts.parse(receipts.encode(made(honest, identity)))
    proved = receipts.verify(receipt, keys_of(honest))
    assert (proved.leaf.acta, proved.leaf.version) == (identity, version)
    assert proved.cut.cut == LAST
    assert proved.checkpoint.size == honest.tree_size()


def test_the_figures_are_those_that_were_reported(honest):
    proved = receipts.verify(made(honest, "A3"), keys_of(honest))
    shown = structs.asdict(proved.leaf.captured)
    times = {"received_at", "captured_at", "verified_at"}
    assert shown == structs.asdict(acta(3))
    assert all(shown[time].utcoffset() is not None for time in times)


@pytest.mark.parametrize("area", ["002", "002/0003"])
def test_an_acta_is_found_sooner_where_its_area_is_known(honest, area):
    assert made(honest, "A3", area=area) == made(honest, "A3")


@pytest.mark.parametrize(("identity", "area"), [("A2", None), ("A99", None), ("A3", "001")])
def test_no_receipt_of_an_acta_that_is_not_there(honest, identity, area):
    with pytest.raises(AuditRefused) as refused:
        made(honest, identity, area=area)
    assert refused.value.code is AuditCode.NO_SUCH_ACTA


async def test_a_receipt_made_over_http_reads_little(honest):
    app = web.Application()
    asked = []

    @web.middleware
    async def note(request, handler):
        asked.append((request.path, request.headers.get("Range")))
        return await handler(request)

    app = web.Application(middlewares=[note])
    app.router.add_get("/{path:.*}", serve_tree(honest.tree))
    async with TestServer(app) as server:
        place = str(server.make_url("/"))
        receipt = await asyncio.to_thread(made, honest, "A3", place, "002")
    assert receipt == made(honest, "A3")
    assert all(wanted for path, wanted in asked if path.endswith(".pack")), "by range only"


def test_every_receipt_of_the_night_fits_a_qr_code_in_the_short_form(honest):
    for number in (0, 1, 3, 4, 5, 6, 7):
        short = receipts.shorten(made(honest, f"A{number}"), [honest.signer.verifier])
        assert len(receipts.encode(short)) < 1_200
        assert receipts.verify(short, keys_of(honest)).leaf.acta == f"A{number}"


def test_what_cannot_fit_is_refused(honest):
    with pytest.raises(AuditRefused) as refused:
        receipts.shorten(made(honest, "A0"), [honest.signer.verifier], 300)
    assert refused.value.code is AuditCode.TOO_LARGE


def test_a_key_that_was_ended_before_the_cut_proves_nothing(honest):
    receipt = made(honest, "A0")
    short = receipts.shorten(receipt, [honest.signer.verifier])
    text = str(honest.signer.verifier)
    for until, good in ((LAST, True), (LAST - 1, False)):
        keys = Keys(honest.signer.name, (LogKey(text, until_cut=until),), "ended")
        if good:
            receipts.verify(receipt, keys)
        else:
            with pytest.raises(AuditRefused):
                receipts.verify(receipt, keys)
        with pytest.raises(AuditRefused):
            receipts.verify(short, keys)


def test_any_byte_of_a_receipt_that_is_altered_is_found(honest):
    """All but what is for people: the election's id and name."""
    receipt = made(honest, "A0")
    data = receipts.encode(receipt)
    start = data.index(b'"leaf"')
    for position in range(start, len(data) - 1, 7):
        altered = data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
        try:
            proved = receipts.verify(receipts.parse(altered), keys_of(honest))
        except AuditRefused:
            continue
        assert proved == receipts.verify(receipt, keys_of(honest)), position


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        b"\xff",
        b"null",
        b'{"format":"openprep/receipt/v2"}',
        b"x" * 2**20,
    ],
    ids=["empty", "nothing", "deep", "bytes", "null", "bare", "large"],
)
def test_what_is_no_receipt_is_refused(data):
    with pytest.raises(AuditRefused) as refused:
        receipts.parse(data)
    assert refused.value.code is AuditCode.RECEIPT_FORMAT


def test_under_a_trust_root_the_receipt_must_be_of_its_election(honest):
    receipt = made(honest, "A0")
    other = structs.replace(receipt, election="otra-2024")
    description = describe(honest.election)
    rules = wire.decode(honest.tree.read("cuts/0.json"), wire.Manifest).description.sha256
    trust = TrustData(
        schema=1,
        election=honest.election.id,
        drill=False,
        election_digest=description.digest,
        rules_digest=rules,
        log=LogIdentity.of_one_key(honest.signer.verifier),
        stations=(),
        publishers=(),
        policy=Policy(0, OPENS, OPENS + timedelta(days=1), OPENS + timedelta(days=9)),
    )
    believed = Keys(trust.log.origin, trust.log.keys, "a trust root", trust)
    assert receipts.verify(receipt, believed).leaf.acta == "A0"
    with pytest.raises(AuditRefused) as refused:
        receipts.verify(other, believed)
    assert refused.value.code is AuditCode.RECEIPT_KEYS
    assert "the receipt is of 'otra-2024'" in str(refused.value)
    by_hand = receipts.verify(other, keys_of(honest))
    assert by_hand.leaf.acta == "A0", "a key by hand vouches for a log, not for an id"


# Files


def found(center, data):
    with open_place(str(center.tree.root)) as place:
        digest = hashlib.sha256(data).hexdigest()
        return [(shown.where, shown.what) for shown in find_file(place, keys_of(center), digest)]


def test_a_database_is_found_in_every_cut_that_lists_it(honest):
    name = "databases/20240602_2040_PREP.zip"
    listed = found(honest, honest.tree.read(name))
    assert listed == [("cut 3", f"database {name}"), ("cut 4", f"database {name}")]


def test_what_people_unpack_from_a_database_is_found_inside_it(honest):
    name = "databases/20240602_2040_PREP.zip"
    with zipfile.ZipFile(io.BytesIO(honest.tree.read(name))) as outer:
        (inner,) = outer.namelist()
        inner_zip = outer.read(inner)
    with zipfile.ZipFile(io.BytesIO(inner_zip)) as archive:
        csv = archive.read("CHI_AYUN_2024.csv")
    inside = "database, inside it as"
    assert found(honest, inner_zip) == [(name, f"{inside} {inner}")]
    assert found(honest, csv) == [(name, f"{inside} {inner}/CHI_AYUN_2024.csv")]
    assert found(honest, csv + b"x") == []


def test_manifests_and_the_election_are_found(honest):
    (leaf,) = found(honest, honest.tree.read("cuts/1.json"))
    assert leaf[1] == "manifest of cut 1"
    manifest = wire.decode(honest.tree.read("cuts/1.json"), wire.Manifest)
    listed = found(honest, honest.tree.read(manifest.description.path))
    assert listed[0] == ("leaf 0", "rules of chica-2024")
    assert listed[1] == ("cut 0", f"the election, {manifest.description.path}")


def test_packs_are_each_tree_s_own_and_listed_nowhere(honest):
    assert found(honest, honest.tree.read("packs/1.pack")) == []


def test_the_digest_of_an_image_is_found_in_the_log(honest):
    with open_place(str(honest.tree.root)) as place:
        listed = find_file(place, keys_of(honest), f"{3:064x}")
    assert [shown.what for shown in listed] == [
        "image of the acta of AYUN A3, version 1, recorded 2024-06-02T20:02:00-06:00"
    ]


def test_a_file_that_nobody_published_is_listed_nowhere(honest):
    assert found(honest, b"") == []


# Commands


def run(*words):
    return CliRunner().invoke(main, ["audit", *map(str, words)])


@pytest.fixture
def key(honest):
    return ("--key", honest.signer.verifier)


def test_audit_tree_prints_a_table_and_leaves_with_its_verdict(honest, liar, key):
    good = run("tree", honest.tree.root, *key)
    assert good.exit_code == 0
    *_, verdict, age = good.output.splitlines()
    assert verdict == "PASS: everything holds."
    assert age.startswith("Of this copy: cut ")
    assert age.endswith(" days old by this clock; elsewhere there may be a newer one.")
    database = "databases/20240602_2040_PREP.zip"
    (liar.folder / database).write_bytes(b"")
    bad = run("tree", liar.folder, *key)
    assert bad.exit_code == 1
    assert f"{database} is not what was signed" in bad.output
    assert "\nFAIL: see the checks that failed.\n" in bad.output


def test_audit_tree_as_json(honest, key):
    report = json.loads(run("tree", honest.tree.root, *key, "--json", "--cut", 2).output)
    assert report["passed"] is True
    assert report["cut"] == 2
    assert {"code", "check", "state", "looked_at", "failed", "places", "note"} == set(
        report["outcomes"][0]
    )


HIDING = "\x1b[2K\x1b]0;\x07\u202e\u2066\u200b\u3164\u2028\r\n"


def test_what_a_receipt_calls_its_election_writes_no_line_and_hides_none(honest, tmp_path, key):
    receipt, file = made(honest, "A0"), tmp_path / "a.receipt"
    lie = f"Chica{HIDING}PASS: the acta was published so."
    file.write_bytes(receipts.encode(structs.replace(receipt, name=lie, election=lie)))
    told = run("receipt", file, *key)
    assert told.exit_code == 0, told.output
    assert not (set(HIDING) - set("\n[2K]0;")) & set(told.output)
    assert told.output.count("\nPASS: ") == 1
    first = told.output.split("\n")[0]
    assert first.count("Chica") == first.count("PASS: the acta was published so.") == 2


def test_audit_receipt_makes_verifies_and_refuses(honest, tmp_path, key):
    path, drawing = tmp_path / "r.json", tmp_path / "r.svg"
    make = ("--make", "AYUN", "A0", "--from", honest.tree.root)
    assert run("receipt", path, *key, *make, "--qr", drawing).exit_code == 0
    assert drawing.read_bytes().startswith(b"<?xml")
    good = run("receipt", path, *key)
    assert good.exit_code == 0
    assert "acta        A0, version 2" in good.output
    assert "figures     votes [9,9,9,9,9,9,9,9,9,9,9]" in good.output
    path.write_bytes(path.read_bytes().replace(b"[9,9,", b"[8,9,", 1))
    bad = run("receipt", path, *key)
    assert bad.exit_code == 1
    assert "X042" in bad.output


def test_audit_file_says_where_or_that_nowhere(honest, tmp_path, key):
    database = honest.tree.root / "databases/20240602_2040_PREP.zip"
    good = run("file", honest.tree.root, database, *key)
    assert good.exit_code == 0
    assert "cut 3: database" in good.output
    (tmp_path / "x").write_bytes(b"x")
    bad = run("file", honest.tree.root, tmp_path / "x", *key)
    assert bad.exit_code == 1
    assert "X044" in bad.output


@pytest.mark.parametrize("words", [(), ("--key", "nonsense"), ("--trust", ".", "--key", "a")])
def test_without_keys_that_can_be_used_nothing_is_audited(honest, words):
    assert run("tree", honest.tree.root, *words).exit_code == 2
