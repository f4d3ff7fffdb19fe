"""The shared test vectors: what the tool writes, and what every implementation of ours gives."""

import base64
import json
import re
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from openprep.audit import receipt as receipts
from openprep.audit.checks.log import AuditedLog, read_log
from openprep.audit.codes import AuditRefused
from openprep.audit.counting.arithmetic import share
from openprep.audit.counting.declared import Declared
from openprep.audit.counting.versions import ContestVersions
from openprep.audit.keys import Keys
from openprep.audit.report import Findings
from openprep.election import Acta, Candidacy, Contest, ExpectedActa, Rules, count
from openprep.election.summary import share as share_of_the_centre
from openprep.hosting import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.verify.declared import load_declared
from openprep.mirror.verify.log import MirroredLog
from openprep.mirror.verify.standing import Standing
from openprep.tabulation import (
    Contributions,
    ballots_of,
    distribute,
    lay_out,
    parties_of,
    summarise,
    tabulate,
)
from openprep.wire.cut import description as wire
from openprep.wire.cut.objects import decode_object, parts_of
from openprep.wire.cut.ref import digest_of, hex_digest, ref_to
from openprep.wire.log.checkpoint import CheckpointError, open_checkpoint
from openprep.wire.log.growth import LogCopy
from openprep.wire.log.leaf import LeafError, decode_leaf, encode_leaf
from openprep.wire.log.merkle import (
    EMPTY_ROOT,
    MerkleTree,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from openprep.wire.log.tiles import ENTRIES, Tile, encode_bundle
from openprep.wire.note import NoteError, Verifier, open_signatures
from openprep.wire.trust import LogKey

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "tools"))

import write_vectors


def load(name):
    return json.loads((write_vectors.VECTORS / f"{name}.json").read_text())


def vectors(name, part=None):
    found = load(name) if part is None else load(name)[part]
    assert found
    return pytest.mark.parametrize("vector", found, ids=[vector["name"] for vector in found])


def b64(text):
    return base64.b64decode(text, validate=True)


def keys(texts):
    return [Verifier.parse(text) for text in texts]


@pytest.mark.parametrize("name", write_vectors.FILES)
def test_the_files_are_what_the_tool_writes(name):
    path = write_vectors.VECTORS / f"{name}.json"
    assert path.read_text() == write_vectors.render(name), (
        "run: uv run python tools/write_vectors.py"
    )


@pytest.mark.parametrize("name", write_vectors.FILES)
def test_every_vector_says_why_and_is_named_once(name):
    found = load(name)
    for part in [found] if isinstance(found, list) else found.values():
        assert all(vector["why"] for vector in part)
        assert len({vector["name"] for vector in part}) == len(part)


def opened(signatures):
    return {
        "signed_by": [
            str(signature.verifier) for signature in signatures if signature.time is None
        ],
        "cosigned": [
            {"key": str(signature.verifier), "time": signature.time}
            for signature in signatures
            if signature.time is not None
        ],
    }


@vectors("notes")
def test_notes(vector):
    given = vector["input"]
    try:
        text, signatures = open_signatures(b64(given["note"]), keys(given["keys"]))
        found = {"text": text, **opened(signatures)}
    except NoteError:
        found = None
    assert found == vector["expected"]


@vectors("checkpoints")
def test_checkpoints(vector):
    given = vector["input"]
    try:
        found = open_checkpoint(
            b64(given["note"]),
            origin=given["origin"],
            log=keys(given["log"]),
            witnesses=keys(given["witnesses"]),
        )
    except (NoteError, CheckpointError):
        assert vector["expected"] is None
        return
    signed = found.checkpoint
    says = {"origin": signed.origin, "size": signed.size}
    says |= {"root": base64.b64encode(signed.root).decode()}
    assert says | {"cosigned": opened(found.cosignatures)["cosigned"]} == vector["expected"]


@vectors("merkle", "leaf_hashes")
def test_leaf_hashes(vector):
    assert leaf_hash(b64(vector["input"])).hex() == vector["expected"]


@vectors("merkle", "roots")
def test_roots(vector):
    tree = MerkleTree()
    tree.extend(leaf_hash(b64(leaf)) for leaf in vector["input"])
    assert (tree.root() if tree.size else EMPTY_ROOT).hex() == vector["expected"]


@vectors("merkle", "inclusion")
def test_inclusion(vector):
    given = vector["input"]
    proof = [b64(digest) for digest in given["proof"]]
    leaf, root = leaf_hash(b64(given["leaf"])), b64(given["root"])
    found = verify_inclusion(leaf, given["index"], given["size"], proof, root)
    assert found is vector["expected"]


@vectors("merkle", "consistency")
def test_consistency(vector):
    given = vector["input"]
    roots = b64(given["old_root"]), b64(given["new_root"])
    proof = [b64(digest) for digest in given["proof"]]
    assert verify_consistency(given["old"], given["new"], *roots, proof) is vector["expected"]


@vectors("leaves", "encode")
def test_leaves_are_made(vector):
    data = b64(vector["expected"]["bytes"])
    assert json.loads(data) == vector["input"]
    assert encode_leaf(decode_leaf(data)) == data
    assert leaf_hash(data).hex() == vector["expected"]["leaf_hash"]


@vectors("leaves", "decode")
def test_leaves_are_read_in_their_exact_form_only(vector):
    try:
        decode_leaf(b64(vector["input"]))
        found = True
    except LeafError:
        found = False
    assert found is vector["expected"]


@vectors("shares")
def test_shares(vector):
    given = vector["input"]
    assert share(given["part"], given["whole"]) == vector["expected"]
    assert share_of_the_centre(given["part"], given["whole"]) == vector["expected"]


def test_the_shares_of_puebla_are_the_official_ones():
    official = {991000, 821694, 182385, 644492, 639765, 666666}
    assert official <= {vector["expected"] for vector in load("shares")}


@vectors("countings")
def test_which_actas_count(vector):
    given = vector["input"]
    expected = msgspec.convert(given["expected"], ExpectedActa)
    acta = msgspec.convert(given["acta"], Acta)
    published = msgspec.convert(given["rules"], wire.PublishedRules)
    rules = Rules(published.participation, frozenset(published.excess_exempt))
    counting, total = count(acta, expected, rules)
    assert {"counting": counting.value, "total": total} == vector["expected"]
    assert write_vectors.counting_result(given) == vector["expected"]


@vectors("tallies")
def test_tallies(vector):
    assert write_vectors.tally_result(vector["input"]) == vector["expected"]


@vectors("tallies")
def test_tallies_are_what_the_centre_counts(vector):
    """The centre's arithmetic, in arrays, shares no line with the auditor's."""
    given, must = vector["input"], vector["expected"]
    contest, rules = the_centres(given)
    expected = [msgspec.convert(shown["expected"], ExpectedActa) for shown in given["actas"]]
    contributions = Contributions(contest, expected, rules)
    told = enumerate(shown["acta"] for shown in given["actas"])
    contributions.capture({i: msgspec.convert(acta, Acta) for i, acta in told if acta is not None})
    layout = lay_out(contest, expected, write_vectors.Level.ENTITY)
    totals = tabulate(layout, contributions)
    votes = totals.votes(layout.unit_depth)
    tally, rule, closing = contributions.tally(), rules.participation, given["closing"]
    summary = summarise(tally, rule, root=True, closing=closing)
    below = summarise(tally, rule, root=False, closing=closing)
    ballots = ballots_of(contest, [given["unit"]])
    by_receiver = ballots.by_receiver(votes)[0].tolist()
    parties = distribute(votes, contest, np.asarray(ballots.on_ballot))[0].tolist()
    assert msgspec.to_builtins(summary) == must["summary"]
    assert msgspec.to_builtins(below) == must["summary_below"]
    assert votes[0].tolist() == must["columns"]
    nobody = [must["unregistered"], must["null"], must["off_ballot"]]
    assert by_receiver[-3:] == nobody
    by_key = dict(zip(contest.contenders, by_receiver, strict=False))
    assert {
        candidacy["key"]: candidacy["votes"] for candidacy in must["candidacies"]
    }.items() <= by_key.items()
    must_parties = [(party["party"], party["votes"]) for party in must["parties"]]
    assert list(zip(parties_of(contest), parties, strict=True)) == must_parties


def the_centres(given):
    published = msgspec.convert(given["contest"], wire.PublishedContest)
    rules = msgspec.convert(given["rules"], wire.PublishedRules)
    fields = {name: getattr(published, name) for name in published.__struct_fields__}
    del fields["running"], fields["catalogue"]
    units = msgspec.convert(given["candidacies"], dict[str, tuple[Candidacy, ...]])
    tipos = frozenset(published.rp_tipos)
    contest = Contest(**{**fields, "candidacies": units, "rp_tipos": tipos})
    return contest, Rules(rules.participation, frozenset(rules.excess_exempt))


@vectors("objects")
def test_objects(vector):
    leaves = vector["input"]["leaves"]
    assert write_vectors.objects_result(vector["input"], len(leaves) - 1) == vector["expected"]


@vectors("objects")
def test_objects_name_each_other_by_their_digests(vector):
    texts = [text.encode() for text in vector["expected"]["objects"]]
    named = {vector["expected"]["contest"]["results"]}
    for text in texts:
        assert digest_of(text) in named, "each stands after what names it"
        named.update(parts_of(decode_object(text)))
    assert named == set(map(digest_of, texts))


@vectors("logs")
def test_logs_that_break_a_rule_by_an_audit(vector):
    declared, entries = write_vectors.log_of(vector["input"])
    decoded = {name: wire.decode_declared(data) for name, data in declared.items()}
    description = decoded["description"]
    contest = Declared(
        description, description.contests[0], decoded["candidacies"], decoded["catalogue"]
    )
    log = AuditedLog(LogCopy(), len(entries), [encode_bundle(entries)])
    findings = Findings()
    read_log(log, None, findings, {"DIP": ContestVersions(contest)})
    (outcome,) = (found for found in findings.outcomes() if found.looked_at)
    assert first_leaf_in(outcome.places) == vector["expected"], outcome


@vectors("logs")
def test_logs_that_break_a_rule_by_a_publisher(vector, tmp_path):
    declared, entries = write_vectors.log_of(vector["input"])
    files = {hex_digest(data): data for data in declared.values()}
    tile = Tile(ENTRIES, 0, len(entries))
    log, told = MirroredLog(TreeDirectory(tmp_path), "prueba-2024"), []
    rules = {MirrorCode.LOG_FACTS, MirrorCode.FORMAT}
    try:
        log.extend({tile: encode_bundle(entries)})
        standing = Standing(
            load_declared(ref_to(declared["description"]), lambda ref: files[ref.sha256])
        )
        for leaves, offsets in log.leaves_from(0):
            for leaf, offset in zip(leaves, offsets, strict=True):
                standing.take([leaf], [offset])
    except Refused as refused:
        told = [str(refused) if refused.code in rules else ""]
    assert (first_leaf_in(told) is None) is (vector["expected"] is None), told
    if "not a leaf" not in "".join(told):
        assert first_leaf_in(told) == vector["expected"], told


def first_leaf_in(places):
    """Which leaf the first of some words are about; 0 of words that name none."""
    found = [re.search(r"leaf (\d+):", place) for place in places[:1]]
    return next((int(one[1]) if one else 0 for one in found), None)


class Witnessed(Keys):
    """Keys of a log with witnesses that no trust root names."""

    def __init__(self, origin, log, witnesses):
        super().__init__(origin, tuple(LogKey(text) for text in log), "vectors")
        object.__setattr__(self, "_own", tuple(keys(witnesses)))

    @property
    def witnesses(self):
        return self._own

    def standing(self, cosignatures):
        return tuple(cosignatures)


@vectors("receipts")
def test_receipts(vector):
    given = vector["input"]
    believed = Witnessed(given["origin"], given["log"], given["witnesses"])
    assert proved_by(given["receipt"], believed) == vector["expected"]


def proved_by(receipt, believed):
    """What a receipt proves, or the code of its refusal."""
    try:
        found = receipts.verify(receipts.parse(json.dumps(receipt).encode()), believed)
    except AuditRefused as refused:
        return refused.code.code
    return {
        "contest": found.leaf.contest,
        "acta": found.leaf.acta,
        "version": found.leaf.version,
        "votes": msgspec.to_builtins(list(found.leaf.votes)),
        "image_sha256": found.leaf.image_sha256,
        "index": found.index,
        "size": found.checkpoint.size,
        "cut": found.cut and found.cut.cut,
        "cosigned": [cosignature.name for cosignature in found.cosigned],
    }
