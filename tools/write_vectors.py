"""Write the test vectors that every implementation must pass, the browser's among them.

    uv run python tools/write_vectors.py

Each file of ``tests/vectors`` has vectors with a name, an input, the expected result, and why. Keys
are made from fixed seeds and must never be used for anything else. A test holds that the files are
what this writes, and that our own code gives every expected result.
"""

import base64
import hashlib
import json
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.audit import receipt as receipts
from openprep.audit.checks.log import AuditedLog, read_log
from openprep.audit.counting.arithmetic import (
    BY_KIND,
    CAPTURED,
    COUNTED,
    EXPECTED,
    LISTA_NOMINAL,
    NOBODY,
    VOTES,
    WITH_LIST,
    Actas,
    Casillas,
    Running,
    leading,
    share,
    summary,
)
from openprep.audit.counting.composing import Counted
from openprep.audit.counting.declared import Declared
from openprep.audit.counting.versions import ContestVersions
from openprep.audit.report import Findings
from openprep.election import (
    Acta,
    Candidacy,
    CasillaKind,
    Column,
    ColumnKind,
    ExpectedActa,
    FieldState,
    Level,
    Location,
    Observation,
    Participation,
    Party,
    RpActas,
    Seats,
)
from openprep.election.cut import CutKind
from openprep.wire.cut import description as wire
from openprep.wire.cut.objects import encode_object
from openprep.wire.cut.ref import Ref, hex_digest, ref_to
from openprep.wire.log.checkpoint import (
    Checkpoint,
    add_cosignature,
    cosign_checkpoint,
    sign_checkpoint,
)
from openprep.wire.log.growth import LogCopy
from openprep.wire.log.leaf import decode_leaf
from openprep.wire.log.merkle import (
    EMPTY_ROOT,
    MerkleTree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
)
from openprep.wire.log.proof import LogProof
from openprep.wire.note import MAX_TIME, Cosigner, Signer, sign_note

VECTORS = Path(__file__).parent.parent / "tests" / "vectors"
ORIGIN = "openprep.example/prueba-2024"
NAME = "Elección de prueba"


def key(seed):
    """A key pair that everybody knows."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())


LOG = Signer(ORIGIN, key("log"))
OTHER_LOG = Signer(ORIGIN, key("another log"))
WITNESSES = [Cosigner(f"{name}.example/w1", key(name)) for name in ("uni", "diario")]


def vector(name, given, expected, why):
    return {"name": name, "input": given, "expected": expected, "why": why}


def b64(data):
    return base64.b64encode(data).decode()


def flipped(data, position):
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


# Signed notes


def notes():
    text = "Uno dos tres\nacentos: ñandú\n"
    good = sign_note(text, [LOG])
    both = sign_note(text, [OTHER_LOG, LOG])
    log, other = str(LOG.verifier), str(OTHER_LOG.verifier)
    witness = str(WITNESSES[0].verifier)
    cosigned = (good.decode() + WITNESSES[0].cosign(text.encode(), 1717387200)).encode()
    later = cosigned.replace(b"\xe2\x80\x94 uni", b"\xe2\x80\x94 uno")
    line = good.split(b"\n\n")[1]
    opened = {"text": text, "signed_by": [log], "cosigned": []}
    timed = {**opened, "cosigned": [{"key": witness, "time": 1717387200}]}
    last = {**opened, "cosigned": [{"key": witness, "time": MAX_TIME}]}
    zero_time = flip_time(cosigned)

    def case(name, note, known, expected, why):
        return vector(name, {"note": b64(note), "keys": known}, expected, why)

    return [
        case("good", good, [log], opened, "One Ed25519 signature over the text."),
        case("two keys", both, [log, other], {**opened, "signed_by": [other, log]}, "Both known."),
        case(
            "an unknown key beside", both, [log], opened, "Signatures by unknown keys do not count."
        ),
        case("cosigned", cosigned, [log, witness], timed, "Type 0x04: a time and the text."),
        *(
            case(
                name,
                good + cosigned_at(WITNESSES[0], text, seconds),
                [log, witness],
                expected,
                "A time after the year 3000 counts as none.",
            )
            for name, seconds, expected in (
                ("cosigned in the year 3000", MAX_TIME, last),
                ("cosigned after the year 3000", MAX_TIME + 1, opened),
                ("cosigned at the last of all times", 2**64 - 1, opened),
            )
        ),
        case("unknown cosigner", cosigned, [log], opened, "As any unknown key."),
        case("renamed cosigner", later, [log, witness], opened, "Another name is another key."),
        case("no known key", good, [other], None, "Nobody who is known signed."),
        case("altered text", good.replace(b"dos", b"dO5"), [log], None, "Signature of other text."),
        case("altered time", zero_time, [log, witness], None, "The time is signed too."),
        case(
            "bad signature beside a good one",
            good + flip_signature(line) + b"",
            [log],
            None,
            "A known key's wrong signature makes the note worthless, wherever it stands.",
        ),
        case(
            "a cosigner's signature under the note's type",
            (text + "\n" + Signer("uni.example/w1", key("uni")).sign(text.encode())).encode(),
            [witness],
            None,
            "The key's hash has its type in it: this is an unknown key.",
        ),
        case("no newline at the end", good[:-1], [log], None, "Every line ends."),
        case("no blank line", good.replace(b"\n\n", b"\n"), [log], None, "No signature block."),
        case("carriage returns", good.replace(b"\n", b"\r\n"), [log], None, "Control characters."),
        case("not base64", good[:-3] + b"!!\n", [log], None, "A signature line is not base64."),
        case("no signature", (text + "\n").encode(), [log], None, "There is none."),
        case("not UTF-8", b"\xff" + good, [log], None, "A note is UTF-8."),
    ]


def flip_signature(line):
    head, _, blob = line.strip().rpartition(b" ")
    return head + b" " + base64.b64encode(flipped(base64.b64decode(blob), 10)) + b"\n"


def cosigned_at(cosigner, text, seconds):
    """The line of a cosigner that minds no clock and no calendar."""
    signed = cosigner.private.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
    blob = cosigner.verifier.key_hash + seconds.to_bytes(8, "big") + signed
    return f"\N{EM DASH} {cosigner.name} {b64(blob)}\n".encode()


def flip_time(note):
    head, _, blob = note[:-1].rpartition(b" ")
    return head + b" " + base64.b64encode(flipped(base64.b64decode(blob), 11)) + b"\n"


# Checkpoints


def checkpoints():
    root = hashlib.sha256(b"a root").digest()
    checkpoint = Checkpoint(ORIGIN, 70_000, root)
    good = sign_checkpoint(checkpoint, [LOG])
    cosigned = good
    for witness, time in zip(WITNESSES, (1717387200, 1717387260), strict=True):
        line = cosign_checkpoint(checkpoint, witness, time)
        cosigned = add_cosignature(cosigned, line, [witness.verifier])
    says = {"origin": ORIGIN, "size": 70_000, "root": b64(root), "cosigned": []}
    names = [
        {"key": str(witness.verifier), "time": time}
        for witness, time in zip(WITNESSES, (1717387200, 1717387260), strict=True)
    ]

    def case(name, note, expected, why):
        given = {
            "note": b64(note),
            "origin": ORIGIN,
            "log": [str(LOG.verifier)],
            "witnesses": [str(witness.verifier) for witness in WITNESSES],
        }
        return vector(name, given, expected, why)

    def signed(text, signer=LOG):
        return sign_note(text, [signer])

    size_root = f"70000\n{b64(root)}\n"
    only = "".join(WITNESSES[0].cosign(checkpoint.text().encode(), 1717387200))
    elsewhere = Signer("openprep.example/otra", LOG.private)
    return [
        case("good", good, says, "Origin, size, root; signed by the log."),
        case("cosigned twice", cosigned, {**says, "cosigned": names}, "With two publishers."),
        case(
            "another log's key", signed(checkpoint.text(), OTHER_LOG), None, "Not this log's key."
        ),
        case(
            "only cosigned",
            (checkpoint.text() + "\n" + only).encode(),
            None,
            "A publisher's cosignature does not stand for the log's signature.",
        ),
        case("another origin", signed("otra\n" + size_root), None, "A checkpoint of another log."),
        case("another key name", signed(checkpoint.text(), elsewhere), None, "An unknown key."),
        case(
            "extension line", signed(checkpoint.text() + "extra\n"), None, "Three lines, no more."
        ),
        case("leading zero", signed(f"{ORIGIN}\n070000\n{b64(root)}\n"), None, "Exact form."),
        case("negative", signed(f"{ORIGIN}\n-1\n{b64(root)}\n"), None, "A size counts leaves."),
        case("size of words", signed(f"{ORIGIN}\nmany\n{b64(root)}\n"), None, "Not a number."),
        case("size beyond", signed(f"{ORIGIN}\n{2**63}\n{b64(root)}\n"), None, "Not below 2^63."),
        case(
            "short root", signed(f"{ORIGIN}\n7\n{b64(root[:31])}\n"), None, "A root has 32 bytes."
        ),
        case("two lines", signed(f"{ORIGIN}\n70000\n"), None, "There is no root."),
        case("altered size", good.replace(b"70000", b"70001"), None, "Other than was signed."),
    ]


# Merkle trees


def merkle():
    tree = MerkleTree()
    leaves = [f"leaf {index}".encode() for index in range(300)]
    tree.extend(map(leaf_hash, leaves))
    return {
        "leaf_hashes": [
            vector("empty", b64(b""), leaf_hash(b"").hex(), "SHA-256 of the byte 0 and nothing."),
            vector(
                "text", b64(leaves[7]), leaf_hash(leaves[7]).hex(), "SHA-256 of 0 and the leaf."
            ),
        ],
        "roots": [
            vector(
                f"{size} leaves",
                [b64(leaf) for leaf in leaves[:size]],
                (tree.root(size) if size else EMPTY_ROOT).hex(),
                "Root of RFC 6962.",
            )
            for size in (0, 1, 2, 3, 4, 5, 7, 8, 13)
        ],
        "inclusion": list(inclusion(tree, leaves)),
        "consistency": list(consistency(tree)),
    }


def inclusion(tree, leaves):
    def case(name, expected, why, leaf, index, size, proof, root=None):
        given = {
            "leaf": b64(leaf),
            "index": index,
            "size": size,
            "proof": [b64(each) for each in proof],
            "root": b64(tree.root(size) if root is None else root),
        }
        return vector(name, given, expected, why)

    for index, size in ((0, 1), (0, 2), (1, 2), (2, 3), (4, 5), (6, 13), (12, 13), (255, 256)):
        proof = inclusion_proof(index, size, tree.node)
        yield case(f"{index} of {size}", True, "It is there.", leaves[index], index, size, proof)
    for index in (0, 255, 256, 299):
        proof = inclusion_proof(index, 300, tree.node)
        yield case(f"{index} of 300", True, "It is there.", leaves[index], index, 300, proof)
    leaf, proof = leaves[6], inclusion_proof(6, 13, tree.node)
    yield case("another leaf", False, "Not what is under the root.", leaves[7], 6, 13, proof)
    yield case("another place", False, "It stands elsewhere.", leaf, 7, 13, proof)
    yield case("another root", False, "Of another tree.", leaf, 6, 13, proof, tree.root(12))
    yield case("another size", False, "Proof of another size.", leaf, 6, 29, proof, tree.root(13))
    yield case("a hash missing", False, "Too short.", leaf, 6, 13, proof[:-1])
    yield case("a hash too many", False, "Too long.", leaf, 6, 13, [*proof, proof[0]])
    yield case("in another order", False, "From the leaf upwards.", leaf, 6, 13, proof[::-1])
    yield case(
        "an altered hash", False, "One bit.", leaf, 6, 13, [flipped(proof[0], 3), *proof[1:]]
    )
    yield case("a short hash", False, "31 bytes.", leaf, 6, 13, [proof[0][:31], *proof[1:]])
    yield case("beyond the end", False, "The tree has no such leaf.", leaf, 13, 13, proof)
    yield case("before the beginning", False, "There is no leaf -1.", leaf, -1, 13, proof)
    yield case("empty tree", False, "It has no leaf.", leaf, 0, 0, [], EMPTY_ROOT)
    inner = b"\x01" + tree.node(0, 0) + tree.node(0, 1)
    upper = inclusion_proof(0, 4, tree.node)[1:]
    yield case(
        "an inner node as leaf", False, "Leaves hash apart.", inner[1:], 0, 2, upper, tree.root(4)
    )


def consistency(tree):
    def case(name, expected, why, old, new, proof, old_root=None, new_root=None):
        given = {
            "old": old,
            "new": new,
            "old_root": b64(tree.root(old) if old_root is None else old_root),
            "new_root": b64(tree.root(new) if new_root is None else new_root),
            "proof": [b64(each) for each in proof],
        }
        return vector(name, given, expected, why)

    pairs = (
        (0, 5),
        (1, 1),
        (1, 2),
        (2, 3),
        (3, 7),
        (4, 8),
        (6, 13),
        (7, 300),
        (256, 300),
        (299, 300),
    )
    for old, new in pairs:
        proof = consistency_proof(old, new, tree.node)
        yield case(f"{old} to {new}", True, "The same leaves and more.", old, new, proof)
    proof = consistency_proof(6, 13, tree.node)
    yield case("another past", False, "History was changed.", 6, 13, proof, tree.root(5))
    yield case("another present", False, "Not what was signed.", 6, 13, proof, None, tree.root(12))
    yield case("a hash missing", False, "Too short.", 6, 13, proof[1:])
    yield case("a hash too many", False, "Too long.", 6, 13, [*proof, proof[0]])
    yield case("an altered hash", False, "One bit.", 6, 13, [flipped(proof[0], 0), *proof[1:]])
    yield case("in another order", False, "From the leaves upwards.", 6, 13, proof[::-1])
    yield case("shrunk", False, "A log does not shrink.", 13, 6, proof)
    yield case("same size, other root", False, "A fork.", 6, 6, [], None, tree.root(7))
    yield case("same size, with a proof", False, "Nothing is left to prove.", 6, 6, proof)
    yield case("from nothing, with a proof", False, "Nothing is left to prove.", 0, 13, proof)
    yield case(
        "from nothing, not empty", False, "The empty tree has one root.", 0, 13, [], tree.root(1)
    )
    yield case("negative", False, "There is no such tree.", -1, 13, proof, tree.root(1))


# Leaves

AWKWARD = {
    "quotes and backslash": 'dijo "así\\así"',
    "control characters": "a\b\t\n\f\r\u0001\u001f\u007fz",
    "slash": "a/b</script>",
    "accents, combined and not": "ñandú n\u0303 é e\u0301",
    "beyond the first plane": "\U0001f5f3 \U00020000",
    "line separators": "a\u2028b\u2029c",
    "byte order mark": "\ufeffa\u200bb",
}


FIGURES = [1, 2, 3, 4, 5, 6, 7, 8]


def acta_leaf(**changes):
    fields = {
        "leaf": "acta",
        "schema": 2,
        "contest": "PRES",
        "acta": "21-0001-B01",
        "version": 1,
        "at": "2024-06-02T20:31:05.123456-06:00",
        "reason": None,
        "identifies": None,
        "votes": FIGURES,
        "surplus_ballots": 100,
        "people_voted": 36,
        "representatives_voted": 0,
        "ballots_taken": 36,
        "total_written": 36,
        "observations": [],
        "transfer": "",
        "image_sha256": None,
        "received_at": None,
        "captured_at": None,
        "verified_at": None,
        "origin": None,
        "digitization": None,
        "document": None,
        "cotejada": None,
    }
    assert changes.keys() <= fields.keys()
    return list({**fields, **changes}.values())


CUT_LEAF = ["cut", 2, 12, "live", "2024-06-02T20:40:00-06:00", "cd" * 32, 51234]
RULES_LEAF = ["rules", 2, "prueba-2024", True, "18446744073709551615", "01" * 32, "23" * 32]
IMAGES_LEAF = ["images", 2, [[5, 183_422], [9, 1]]]


def stringify(value):
    """What JSON.stringify gives."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def leaves():
    whole = acta_leaf(
        observations=["ilegible", "excede_lista_nominal"],
        votes=[
            0,
            "ilegible",
            "sin_dato",
            "sin_acta",
            "no_capturado",
            "no_en_boleta",
            7,
            99_999_999,
        ],
        ballots_taken="no_aplica",
        transfer="F-I",
        image_sha256="0f" * 32,
        received_at="2024-06-02T20:05:00-06:00",
        captured_at="2024-06-02T20:06:00.500000-06:00",
        verified_at="2024-06-03T02:07:00Z",
        origin="casilla",
        digitization="movil",
        document="acta_prep",
        cotejada=1,
    )
    samples = [
        ("rules", RULES_LEAF, "The first leaf; a seed is a string."),
        ("cut", CUT_LEAF, "A cut ends what it shows."),
        ("images", IMAGES_LEAF, "Of which actas' images the tree has, and how many bytes."),
        ("acta", acta_leaf(), "The first version of an acta; null where there is nothing."),
        ("acta, every value", whole, "States instead of figures, times as they were written."),
        (
            "corrected",
            acta_leaf(version=2, image_sha256="ef" * 32, reason="Cotejo"),
            "With image and reason.",
        ),
        (
            "out of catalogue",
            acta_leaf(acta=None, at="2024-06-03T02:31:05Z", observations=["fuera_de_catalogo"]),
            "No identity; UTC.",
        ),
        (
            "identified",
            acta_leaf(reason="Es esta", identifies=3, observations=["identificada_por_pto"]),
            "It is the acta that stood out of catalogue at leaf 3.",
        ),
        *(
            (f"reason: {name}", acta_leaf(version=2, reason=text), "Escaped as by stringify.")
            for name, text in AWKWARD.items()
        ),
    ]
    encoded = [vector(name, leaf, leaf_result(leaf), why) for name, leaf, why in samples]
    return {"encode": encoded, "decode": list(refused_leaves())}


def leaf_result(fields):
    data = stringify(fields).encode()
    decode_leaf(data)  # the text is one of ours, or this raises
    return {"bytes": b64(data), "leaf_hash": leaf_hash(data).hex()}


def refused_leaves():
    good = stringify(acta_leaf(image_sha256="ab" * 32))
    yield vector("good", b64(good.encode()), True, "In its exact form.")
    escaped = stringify(acta_leaf(reason="ñ", version=2)).replace("ñ", "\\u00f1")
    begin, at = '["acta",2,"PRES","21-0001-B01",1,', ',"2024-06-02T20:31:05.123456-06:00"'
    refusals = {
        "a space": (good.replace(",", ", ", 1), "Without spaces."),
        "an object": ('{"leaf":"acta","schema":2}', "A leaf is an array."),
        "escaped without need": (escaped, "Other bytes that mean the same are not a leaf."),
        "a value too many": (good[:-1] + ",null]", "Unknown values are refused."),
        "a value missing": (good.removesuffix(",null]") + "]", "None may be left out."),
        "schema 1": (good.replace('"acta",2,', '"acta",1,'), "Of an earlier version."),
        "schema 3": (good.replace('"acta",2,', '"acta",3,'), "Of a later version."),
        "version 0": (good.replace(begin, begin[:-2] + "0,"), "Versions begin at 1."),
        "version 1.0": (good.replace(begin, begin[:-2] + "1.0,"), "Whole numbers."),
        "version beyond": (
            good.replace(begin, begin[:-2] + f"{2**53},"),
            "More than a browser can hold.",
        ),
        "a vote below 0": (good.replace("[1,2,", "[-1,2,"), "Votes are counts."),
        "votes beyond": (good.replace("[1,2,", f"[{10**8},2,"), "No acta has so many."),
        "a state nobody knows": (good.replace("[1,2,", '["roto",2,'), "States have names."),
        "digest in capitals": (good.replace("ab" * 32, "AB" * 32), "Lower case."),
        "time without offset": (
            good.replace(at, at.replace("-06:00", "")),
            "When it was recorded has its offset.",
        ),
        "a time in another form": (
            good.replace(at, at.replace("-06:00", "-0600")),
            "Times have one form.",
        ),
        "not JSON": (good[:-1], "Cut short."),
        "two leaves": (f"{good},{good}", "One array, and nothing after it."),
        "another leaf": (good.replace('["acta"', '["voto"'), "Not known."),
        "an empty reason": (
            stringify(acta_leaf(reason="", version=2)),
            "What is not said is null.",
        ),
        "an image too large": ('["images",2,[[5,8388609]]]', "More than 8 MiB."),
        "an image of 0 bytes": ('["images",2,[[5,0]]]', "It would be none."),
        "an image of no leaf": ('["images",2,[[-1,5]]]', "Leaves count from 0."),
    }
    for name, (text, why) in refusals.items():
        assert text != good
        yield vector(name, b64(text.encode()), False, why)


# Actas


def acta(number="A1", votes=(1, 2, 3, 4, 5, 6, 7, 8), **changes):
    values = {
        "contest": "DIP",
        "acta": number,
        "votes": votes,
        "surplus_ballots": 100,
        "people_voted": 36,
        "representatives_voted": 0,
        "ballots_taken": 36,
        "total_written": 36,
    }
    return Acta(**{**values, **changes})


def plain(value):
    return json.loads(msgspec.json.encode(value, order="deterministic"))


# Shares


def shares():
    cases = [
        (2, 3, "Truncated, never rounded: 66.6666 %."),
        (1, 1, "100.0000 %."),
        (0, 0, "Of nothing, 0."),
        (5, 0, "Of nothing, 0."),
        (0, 7, "0.0000 %."),
        (8259, 8334, "Puebla 2024, captured: 99.1000 %."),
        (6848, 8334, "Puebla 2024, counted: 82.1694 %."),
        (1520, 8334, "Puebla 2024, inconsistent: 18.2385 %."),
        (2658993, 4125717, "Puebla 2024, participation in the last cut: 64.4492 %."),
        (2639492, 4125717, "Puebla 2024, before it: 63.9765 %."),
        (999_999, 1_000_000, "99.9999 %."),
        (29, 100, "29.0000 %: a float gives 28.9999."),
        (57, 100, "57.0000 %: a float gives 56.9999."),
        (99_999_999, 98_765_432, "Over 100 %: 101.2499 %."),
        (9_007_199_253, 9_007_199_254, "The product does not fit in a double."),
    ]
    return [vector(f"{a} of {b}", {"part": a, "whole": b}, share(a, b), why) for a, b, why in cases]


# Tallies

PARTY_IDS = ("AZUL", "ROJO", "VERDE")
COLUMNS = (
    *(Column(party, ColumnKind.PARTY, (party,)) for party in PARTY_IDS),
    Column("AZUL_ROJO", ColumnKind.COMBINATION, ("AZUL", "ROJO")),
    Column("AZUL_ROJO_VERDE", ColumnKind.COMBINATION, PARTY_IDS),
    Column("INDEP", ColumnKind.INDEPENDENT, ("INDEP",)),
    Column("NO_REGISTRADAS", ColumnKind.UNREGISTERED),
    Column("NULOS", ColumnKind.NULL),
)
ALLIANCE = Candidacy("AZUL_ROJO_VERDE", "Ana", "", (*PARTY_IDS, "AZUL_ROJO", "AZUL_ROJO_VERDE"))
PAIR = Candidacy("AZUL_ROJO", "Beto", "", ("AZUL", "ROJO", "AZUL_ROJO"))
ALONE = Candidacy("VERDE", "Vera", "", ("VERDE",))
FREE = Candidacy("INDEP", "Inés", "", ("INDEP",))


def contest(**changes):
    values = {
        "id": "DIP",
        "title": "DIPUTACIONES",
        "office": "Diputaciones",
        "levels": (Level.DISTRICT,),
        "columns": COLUMNS,
        "running": Ref("ab" * 32, 1),
        "catalogue": Ref("cd" * 32, 1),
        "rp_tipos": ("4ERP",),
        "rp_actas": RpActas.ENTITY_ONLY,
        "constituency": Level.DISTRICT,
        "seats": Seats(),
    }
    return wire.PublishedContest(**{**values, **changes})


def expected(number, area="001", kind=CasillaKind.BASICA, **changes):
    values = {
        "id": f"A{number}",
        "area": area,
        "seccion": "0001",
        "kind": kind,
        "number": 1,
        "extension": 0,
        "location": Location.URBAN,
        "tipo_acta": "4",
        "lista_nominal": 700,
        "representatives": 20,
    }
    return ExpectedActa(**{**values, **changes})


SPECIAL = {"kind": CasillaKind.ESPECIAL, "lista_nominal": 0, "representatives": 1000}
EXEMPT = (CasillaKind.EXTRANJERO, CasillaKind.ANTICIPADO, CasillaKind.PRISION_PREVENTIVA)


def rules(participation=Participation.SPECIAL_CASILLAS_IN_LAST_CUT):
    return wire.PublishedRules(participation, EXEMPT)


def countings():
    whole = (0,) * 8
    unread = (FieldState.ILEGIBLE,) * 8
    cases = [
        ("ordinary", expected(1), acta(), "It has figures, and not too many votes."),
        ("all zero", expected(1), acta(votes=whole), "Zero is a figure."),
        ("one legible figure", expected(1), acta(votes=(*unread[1:], 3)), "One is enough."),
        ("one legible 0", expected(1), acta(votes=(*unread[1:], 0)), "Zero is a figure too."),
        ("one illegible", expected(1), acta(votes=(*whole[1:], unread[0])), "The rest is read."),
        ("no figure", expected(1), acta(votes=unread), "Nothing can be added."),
        ("as many as there may be", expected(1), acta(votes=(720, *whole[1:])), "Not exceeded."),
        ("one vote too many", expected(1), acta(votes=(721, *whole[1:])), "Excede lista nominal."),
        (
            "special, up to its ballots",
            expected(1, **SPECIAL),
            acta(votes=(1000, *whole[1:])),
            "A special casilla has a ceiling of ballots.",
        ),
        ("special, above", expected(1, **SPECIAL), acta(votes=(1001, *whole[1:])), "Above it."),
        (
            "from abroad, above",
            expected(1, kind=CasillaKind.EXTRANJERO, representatives=None),
            acta(votes=(5000, *whole[1:])),
            "The rule is not applied to kinds that are exempt.",
        ),
        (
            "no representatives known",
            expected(1, representatives=None),
            acta(votes=(701, *whole[1:])),
            "Then the lista nominal alone is the limit.",
        ),
        (
            "without acta, whatever stands there",
            expected(1),
            acta(observations=(Observation.SIN_ACTA_CASILLA_NO_INSTALADA,)),
            "There is no acta to count.",
        ),
        (
            "observed as exceeding, and not",
            expected(1),
            acta(observations=(Observation.EXCEDE_LISTA_NOMINAL,)),
            "The figures decide, not the observation.",
        ),
        (
            "total written is another",
            expected(1),
            acta(total_written=999),
            "The written total is published and not used.",
        ),
    ]
    for name, place, told, why in cases:
        given = {"expected": plain(place), "acta": plain(told), "rules": plain(rules())}
        yield vector(name, given, counting_result(given), why)


def counting_result(given):
    """Whether the arithmetic counts one acta, and what its votes come to."""
    place, told = (msgspec.convert(given[name], kind) for name, kind in GIVEN)
    casillas = Casillas(
        contest(),
        msgspec.convert(given["rules"], wire.PublishedRules),
        wire.ExpectedColumns.of([place]),
    )
    actas = Actas.of([told], len(told.votes))
    (counted,), (total,) = casillas.counted(np.zeros(1, np.int64), actas), actas.totals.tolist()
    return {"counting": int(counted), "total": total}


GIVEN = (("expected", ExpectedActa), ("acta", Acta))


RUNNING = {"001": (ALLIANCE, FREE), "002": (PAIR, ALONE)}


def tally(name, why, own, unit, actas_, *, closing=False, own_rules=None):
    given = {
        "contest": plain(own),
        "candidacies": plain(RUNNING if own.levels else {"*": (ALLIANCE, FREE)}),
        "rules": plain(own_rules or rules()),
        "closing": closing,
        "unit": unit,
        "actas": [
            {"expected": plain(place), "acta": None if told is None else plain(told)}
            for place, told in actas_
        ],
    }
    return vector(name, given, tally_result(given), why)


def tally_result(given):
    """What the arithmetic gives for the actas of one unit, in plain JSON."""
    own, own_rules = (
        msgspec.convert(given[name], kind)
        for name, kind in (("contest", wire.PublishedContest), ("rules", wire.PublishedRules))
    )
    running = Running(own, msgspec.convert(given["candidacies"], dict[str, tuple[Candidacy, ...]]))
    places = [msgspec.convert(shown["expected"], ExpectedActa) for shown in given["actas"]]
    told = [shown["acta"] for shown in given["actas"]]
    rows = np.array([row for row, each in enumerate(told) if each is not None], np.int64)
    captured = [msgspec.convert(told[row], Acta) for row in rows.tolist()]
    casillas = Casillas(own, own_rules, wire.ExpectedColumns.of(places))
    figures, apart = casillas.figures(rows, Actas.of(captured, len(own.columns)))
    ballots, unit = running.ballots([given["unit"]]), np.zeros(1, np.int64)

    def received(table):
        return ballots.by_contender(table.sum(axis=0, keepdims=True)[:, VOTES:], unit)

    def of_kind(kind, columns):
        of = zip(own.columns, columns, strict=True)
        return sum(votes for column, votes in of if column.kind is kind)

    sums, extra = figures.sum(axis=0).tolist(), apart.sum(axis=0).tolist()
    columns, total, votes = sums[VOTES:], sum(sums[VOTES:]), received(figures)[0].tolist()
    who, runners = leading(received(figures)[:, :-1]), running.in_area(given["unit"])
    first, second = (
        None if place == NOBODY else running.contenders[place]
        for place in (int(who.first[0]), int(who.second[0]))
    )
    parties = ballots.by_party(figures.sum(axis=0, keepdims=True)[:, VOTES:])[0].tolist()

    def group(name, own_actas):
        table = figures * own_actas[:, np.newaxis]
        its = table.sum(axis=0).tolist()
        its_votes = received(table)[0].tolist()
        return {
            "group": name.value,
            "expected": its[EXPECTED],
            "captured": its[CAPTURED],
            "counted": its[COUNTED],
            "lista_nominal": its[LISTA_NOMINAL],
            "votes_with_list": its[WITH_LIST],
            "total": sum(its[VOTES:]),
            "unregistered": of_kind(ColumnKind.UNREGISTERED, its[VOTES:]),
            "null": of_kind(ColumnKind.NULL, its[VOTES:]),
            "off_ballot": its_votes[-1],
            "candidacies": [its_votes[runner.rank] for runner in runners],
            "secciones": ["0001"] if name in BY_KIND.values() else [],
        }

    def whole(*, root):
        rule = own_rules.participation
        return plain(summary(sums, 0, rule, root=root, closing=given["closing"]))

    return {
        "summary": whole(root=True),
        "summary_below": whole(root=False),
        "columns": columns,
        "total": total,
        "unregistered": of_kind(ColumnKind.UNREGISTERED, columns),
        "null": of_kind(ColumnKind.NULL, columns),
        "off_ballot": votes[-1],
        "candidacies": [
            {
                "key": runner.key,
                "name": runner.name,
                "parties": list(runner.parties),
                "votes": votes[runner.rank],
                "share": share(votes[runner.rank], total),
            }
            for runner in runners
        ],
        "parties": [
            {"party": party, "votes": each, "share": share(each, total)}
            for party, each in zip(running.parties, parties, strict=True)
        ],
        "first": first,
        "second": second,
        "proportional": {
            "expected": extra[EXPECTED],
            "captured": extra[CAPTURED],
            "counted": extra[COUNTED],
            "total": sum(extra[VOTES:]),
            "columns": extra[VOTES:],
        }
        if extra[EXPECTED]
        else None,
        "groups": [group(*each) for each in casillas.groups.items()],
    }


def tallies():
    base = contest()
    ordinary = [
        (expected(1), acta("A1", (100, 50, 7, 5, 8, 3, 1, 9))),
        (expected(2), acta("A2", (10, 20, 30, 4, 2, 0, 0, FieldState.ILEGIBLE))),
        (expected(3), None),
    ]
    special = [*ordinary, (expected(4, **SPECIAL), acta("A4", (60, 0, 0, 0, 0, 0, 0, 0)))]
    above = [
        (expected(1), acta("A1", (400, 0, 0, 0, 0, 0, 0, 0))),
        (expected(2, **SPECIAL), acta("A2", (900, 0, 0, 0, 0, 0, 0, 0))),
    ]
    alone = [(expected(1, **SPECIAL), acta("A1", (60, 0, 0, 0, 0, 0, 0, 0)))]
    listless = [
        (expected(1), acta("A1", (600, 0, 0, 0, 0, 0, 0, 0))),
        (
            expected(2, kind=CasillaKind.EXTRANJERO, lista_nominal=0),
            acta("A2", (300, 0, 0, 0, 0, 0, 0, 0)),
        ),
    ]
    beyond = [(expected(1), acta("A1", (715, 0, 0, 0, 0, 0, 0, 0)))]
    tied = [(expected(1), acta("A1", (10, 10, 10, 1, 2, 32, 0, 0)))]
    off = [(expected(1, "002"), acta("A1", (5, 6, 7, 3, 4, 2, 1, 1)))]
    apart = [
        *ordinary,
        (
            expected(5, tipo_acta="4ERP", **SPECIAL),
            acta("A5", (11, 12, 13, *[FieldState.NOT_ON_BALLOT] * 2, 0, 1, 2)),
        ),
    ]
    elsewhere = [
        (
            expected(1, location=Location.NOT_URBAN),
            acta("A1", (10, 20, 30, 4, 2, 0, 5, 1)),
        ),
        (expected(2, location=Location.NOT_URBAN), None),
        *(
            (expected(n, kind=kind), acta(f"A{n}", (n, n + 1, n + 2, n, 0, 1, 0, 2)))
            for n, kind in enumerate(CasillaKind, 3)
        ),
    ]
    observed = [
        (expected(1), acta("A1", observations=(Observation.ILEGIBLE, Observation.SIN_DATO))),
        (expected(2), acta("A2", observations=(Observation.LETRA_DISTINTA_DE_NUMERO,))),
        (
            expected(3),
            acta(
                "A3", (800, 0, 0, 0, 0, 0, 0, 0), observations=(Observation.EXCEDE_LISTA_NOMINAL,)
            ),
        ),
        (
            expected(4),
            acta(
                "A4",
                (FieldState.SIN_ACTA,) * 8,
                observations=(Observation.SIN_ACTA_PAQUETE_SIN_BOLSA,),
            ),
        ),
    ]
    large = [
        (expected(n, lista_nominal=99_999_999), acta(f"A{n}", (99_999_999 - n, *[0] * 7)))
        for n in range(60)
    ]
    always, never = (
        rules(Participation.SPECIAL_CASILLAS_ALWAYS),
        rules(Participation.SPECIAL_CASILLAS_NEVER),
    )
    everywhere = contest(levels=(), constituency=None)
    nowhere = [(expected(1, ""), acta("A1"))]
    three = [(expected(1), acta("A1", (3, 9, 3, 0, 5, 0, 0, 0)))]
    return [
        tally("nothing captured", "At the opening.", base, "001", [(expected(1), None)]),
        tally("ordinary", "Fields without a figure add 0.", base, "001", ordinary),
        tally("special, during the night", "S_CS over the list.", base, "001", special),
        tally("special, last cut", "C_CS over the list.", base, "001", special, closing=True),
        tally("special, always", "By rule.", base, "001", special, own_rules=always),
        tally("special, never", "By rule.", base, "001", special, closing=True, own_rules=never),
        tally("special, above the list", "In the whole only.", base, "001", above, closing=True),
        tally("special alone", "Nothing to divide by.", base, "001", alone, closing=True),
        tally("a mesa without a list", "Its votes are of no list.", base, "001", listless),
        tally("beyond its own list", "Its representatives voted there.", base, "001", beyond),
        tally("tied", "Left over to the first of the ballot; nobody leads.", base, "001", tied),
        tally(
            "left over", "Two of five left: to the strongest, then the first.", base, "001", three
        ),
        tally("off the ballot", "A combination that does not run there.", base, "002", off),
        tally("proportional apart", "It enters no total.", base, "001", apart),
        tally(
            "proportional counted",
            "It enters, where the rules have it so.",
            contest(rp_actas=RpActas.COUNTED),
            "001",
            apart,
        ),
        tally("every kind of casilla", "Which group each is in.", base, "001", elsewhere),
        tally("observed", "Which observations are inconsistencies.", base, "001", observed),
        tally("large", "More than 32 bits.", base, "001", large),
        tally("one unit", "The root is the unit.", everywhere, "", nowhere),
    ]


# Objects, and logs


AREAS = (("001", "UNO"), ("002", "DOS"))
AT = "2024-06-02T20:31:05-06:00"


def told(number, votes=FIGURES, **changes):
    return acta_leaf(**{"contest": "DIP", "acta": number, "at": AT, "votes": votes, **changes})


def cut(number, kind, minute=None):
    time = f"2024-06-02T20:{20 + (number if minute is None else minute)}:00-06:00"
    return ["cut", 2, number, kind, time, "cd" * 32, 51234]


def images(*leaves):
    return ["images", 2, [[leaf, 5000] for leaf in leaves]]


def night():
    """The leaves of a night of five cuts, in which everything happens that changes an object."""
    outside = told(None, observations=["fuera_de_catalogo"], image_sha256="0e" * 32)
    without = ["sin_acta"] * 8
    return [
        cut(0, "zero"),
        told("A1", image_sha256="0a" * 32),
        outside,
        ["images", 2, [[3, 5000]]],
        cut(1, "live"),
        told(
            "A2",
            [5, 6, 7, "ilegible", 0, 1, 2, 3],
            observations=["algun_campo_ilegible_o_sin_dato"],
        ),
        told("A3", without, observations=["sin_acta_paquete_sin_bolsa"]),
        told("A17", [0, 90, 0, 0, 0, 0, 0, 9]),
        told("A20", [800, 1, 0, 0, 0, 0, 0, 0], observations=["excede_lista_nominal"]),
        told(None, [1] * 8, observations=["fuera_de_catalogo"]),
        ["images", 2, [[2, 183_422]]],
        cut(2, "live"),
        told("A1", [9, 2, 3, 4, 5, 6, 7, 8], version=2, reason="Cotejo", image_sha256="0a" * 32),
        told(
            "A18",
            reason="Es la de esta casilla",
            identifies=3,
            observations=["identificada_por_pto"],
            image_sha256="0e" * 32,
        ),
        told("A21", [30, 0, 0, 0, 0, 0, 0, 1]),
        told("A22", [3, 0, 0, 0, 0, 0, 0, 1]),
        cut(3, "database"),
        told("A1", [8, 2, 3, 4, 5, 6, 7, 8], version=3, reason="Otra vez"),
        told("A19", [0, 0, 60, 0, 0, 0, 0, 0]),
        cut(4, "closing"),
    ]


def whole_catalogue():
    """A unit with more sections than a run has, and one with every other thing."""
    sections = [expected(n, seccion=f"{n:04}") for n in range(1, 18)]
    return [
        *sections,
        expected(18, "002", seccion="0101"),
        expected(20, "002", seccion="0100", location=Location.NOT_URBAN),
        expected(19, "002", seccion="0100", kind=CasillaKind.CONTIGUA),
        expected(21, "002", seccion="0100", **SPECIAL),
        expected(22, "002", seccion="0100", tipo_acta="4ERP", **SPECIAL),
        expected(23, "002", seccion="", kind=CasillaKind.ANTICIPADO, representatives=None),
    ]


def declared_texts():
    """The declared objects of a small election, as the bytes of their files."""
    running = wire.Candidacies(2, "prueba-2024", "DIP", RUNNING)
    names = tuple(wire.AreaName(Level.DISTRICT, path, name) for path, name in AREAS)
    columns = wire.ExpectedColumns.of(whole_catalogue())
    catalogue = wire.Catalogue(2, "prueba-2024", "DIP", names, columns)
    texts = {
        "candidacies": wire.encode_declared(running),
        "catalogue": wire.encode_declared(catalogue),
    }
    opens, closes = (datetime.fromisoformat(f"2024-06-0{day}T20:00:00-06:00") for day in (2, 3))
    description = wire.ElectionDescription(
        schema=2,
        id="prueba-2024",
        name=NAME,
        authority="Instituto de Pruebas",
        drill=True,
        digest="01" * 32,
        root=wire.AreaName(Level.ENTITY, "21", "CHICA"),
        window=wire.PublishedWindow(opens, closes, "America/Mexico_City"),
        rules=rules(),
        parties=tuple(Party(party, party.title(), "#336699") for party in (*PARTY_IDS, "INDEP")),
        contests=(
            contest(running=ref_to(texts["candidacies"]), catalogue=ref_to(texts["catalogue"])),
        ),
        seed=2**64 - 1,
    )
    return {"description": wire.encode_declared(description), **texts}


def objects():
    declared = declared_texts()
    rules_leaf = [*RULES_LEAF[:-1], hex_digest(declared["description"])]
    entries = [stringify(leaf).encode() for leaf in (rules_leaf, *night())]
    given = {name: data.decode() for name, data in declared.items()}
    given["leaves"] = [entry.decode() for entry in entries]
    names = (
        "the opening",
        "actas, one out of catalogue",
        "observed, without acta, with images",
        "corrected and identified",
        "the last cut",
    )
    cuts = [index for index, entry in enumerate(entries) if entry.startswith(b'["cut"')]
    why = "Every object of the cut, the root first, each before what it names."
    return [
        vector(
            name, {**given, "leaves": given["leaves"][: cut + 1]}, objects_result(given, cut), why
        )
        for name, cut in zip(names, cuts, strict=True)
    ]


def objects_result(given, cut):
    """What an audit composes of the log up to the leaf of a cut."""
    description, candidacies, catalogue = (
        wire.decode_declared(given[name].encode())
        for name in ("description", "candidacies", "catalogue")
    )
    declared = Declared(description, description.contests[0], candidacies, catalogue)
    declared.check()
    entries = [leaf.encode() for leaf in given["leaves"][: cut + 1]]
    bundle = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
    log, findings = AuditedLog(LogCopy(), len(entries), [bundle]), Findings()
    read_log(log, None, findings, {"DIP": ContestVersions(declared)})
    assert not findings.failed, findings.outcomes()
    standing = log.contests["DIP"].at(cut, log.images_at(cut))
    counted = Counted(declared, standing, closing=log.cuts[-1].leaf.kind is CutKind.CLOSING)
    found = {}

    def note(made):
        for each in (made.own, made.catalogue, made.outside):
            if each is not None:
                found.setdefault(each.digest, encode_object(each.object).decode())
        for child in made.children:
            note(child)

    root = counted.made()
    note(root)
    listed = plain(counted.as_listed(root.own.digest))
    return {"contest": listed, "objects": list(found.values())}


# Receipts


def receipt_vectors():
    own = acta_leaf(contest="DIP", acta="A1", image_sha256="0f" * 32)
    entry = stringify(own).encode()
    cut = stringify(CUT_LEAF).encode()
    entries = [stringify(RULES_LEAF).encode()]
    entries += [stringify(acta_leaf(acta=f"B{n}")).encode() for n in range(9)]
    entries += [entry, cut]
    good = receipt_over(entries, 10)
    short = receipts.shorten(good, [LOG.verifier])
    trimmed = receipts.shorten(good, [LOG.verifier], len(receipts.encode(short)) - 1)
    says = {
        "contest": "DIP",
        "acta": "A1",
        "version": 1,
        "votes": FIGURES,
        "image_sha256": "0f" * 32,
        "index": 10,
        "size": 12,
        "cut": 12,
        "cosigned": [witness.verifier.name for witness in WITNESSES],
    }
    in_short = {**says, "cut": None}

    def case(name, receipt, expected_, why, log=LOG):
        given = {
            "receipt": receipt,
            "origin": ORIGIN,
            "log": [str(log.verifier)],
            "witnesses": [str(witness.verifier) for witness in WITNESSES],
        }
        return vector(name, given, expected_, why)

    full = plain(good)
    altered = full["leaf"].replace("[1,2,", "[9,2,")
    later = stringify(acta_leaf(contest="DIP", acta="A1", version=2, reason="x"))
    other = stringify(acta_leaf(contest="DIP", acta="A2", image_sha256="0f" * 32))
    moved = full["proof"].replace("index 10", "index 9")
    return [
        case("good", full, says, "Leaf, proof, signature, cosignatures, cut."),
        case("short", plain(short), in_short, "For a QR code: without cut."),
        case(
            "short, one cosignature left out",
            plain(trimmed),
            {**in_short, "cosigned": in_short["cosigned"][:1]},
            "As many cosignatures as fit.",
        ),
        case("altered figure", {**full, "leaf": altered}, "X042", "Not under the root."),
        case("a leaf with a space", {**full, "leaf": full["leaf"] + " "}, "X040", "Exact bytes."),
        case("another version of it", {**full, "leaf": later}, "X042", "Not under the root."),
        case("another casilla", {**full, "leaf": other}, "X042", "Not under the root."),
        case("another index", {**full, "proof": moved}, "X042", "The leaf stands elsewhere."),
        case(
            "another log's key", full, "X043", "Not signed by the key that is trusted.", OTHER_LOG
        ),
        case(
            "altered root",
            {**full, "proof": full["proof"].replace("\n12\n", "\n13\n")},
            "X043",
            "The checkpoint is not what was signed.",
        ),
        case(
            "another cut",
            {**full, "cut": {**full["cut"], "leaf": full["cut"]["leaf"].replace("12", "13", 1)}},
            "X042",
            "The cut is not the last leaf.",
        ),
        case(
            "a member too many", {**full, "seal": "valid"}, "X040", "Unknown members are refused."
        ),
        case("version 1", {**full, "format": "openprep/receipt/v1"}, "X040", "Not known."),
        case("version 3", {**full, "format": "openprep/receipt/v3"}, "X040", "Not known."),
        case("a leaf that is no acta", {**full, "leaf": cut.decode()}, "X040", "It is a cut."),
        case("no proof", {**full, "proof": "c2sp.org/tlog-proof@v1\n"}, "X042", "Cut short."),
    ]


def receipt_over(entries, index):
    tree = MerkleTree()
    tree.extend(map(leaf_hash, entries))
    size = len(entries)
    checkpoint = Checkpoint(ORIGIN, size, tree.root())
    note = sign_checkpoint(checkpoint, [LOG])
    for witness in WITNESSES:
        line = cosign_checkpoint(checkpoint, witness, 1717387200)
        note = add_cosignature(note, line, [witness.verifier])
    proof = LogProof(index, tuple(inclusion_proof(index, size, tree.node)), note)
    cut = receipts.CutProof.of(entries[-1], inclusion_proof(size - 1, size, tree.node))
    election = receipts.Named("prueba-2024", NAME)
    return receipts.make(election, entries[index], proof, cut)


def logs():
    """Leaves in the place of those of :func:`night` from one on; the first that breaks a rule."""
    no_zero = [cut(0, "live"), cut(1, "live")]
    reason = {"reason": "Es esta"}
    early = cut(2, "live", minute=0)
    cases = [
        ("as it was", 21, [], None, "Nothing is broken."),
        ("no rules", 0, [cut(0, "zero")], 0, "They are the first leaf."),
        ("rules again", 13, [RULES_LEAF, cut(3, "live")], 13, "They are no other leaf."),
        ("no zero", 1, no_zero, 1, "The first cut is the zero."),
        ("an acta before the zero", 1, [told("A1"), cut(0, "zero")], 2, "The zero is leaf 1."),
        ("the zero again", 6, [cut(2, "zero")], 6, "It is the first cut alone."),
        ("a cut twice", 6, [cut(1, "live")], 6, "Its number is that of the cuts before."),
        ("a cut left out", 6, [cut(3, "live")], 6, "Its number is that of the cuts before."),
        ("an earlier cut", 6, [early], 6, "Times are in order."),
        ("a cut of the same time", 6, [cut(2, "live", minute=1)], None, "None is earlier."),
        ("a cut after the closing", 21, [cut(5, "live")], 21, "The closing is the last."),
        ("another contest", 6, [told("A2", contest="SEN"), cut(2, "live")], 6, "It has none."),
        ("not expected", 6, [told("A99"), cut(2, "live")], 6, "The catalogue has no such acta."),
        ("votes left out", 6, [told("A2", [1] * 7), cut(2, "live")], 6, "Eight columns."),
        ("version 2 first", 6, [told("A2", version=2, **reason), cut(2, "live")], 6, "1 is."),
        ("version 1 again", 6, [told("A1"), cut(2, "live")], 6, "2 follows."),
        ("version left out", 6, [told("A1", version=3, **reason), cut(2, "live")], 6, "2 follows."),
        ("no reason", 6, [told("A1", version=2), cut(2, "live")], 6, "A correction has one."),
        ("an empty reason", 6, [told("A1", version=2, reason=""), cut(2, "live")], 6, "No leaf."),
        ("checked at once", 6, [told("A2", **reason), cut(2, "live")], None, "It may be."),
        (
            "identified at once",
            6,
            [told("A2", identifies=3, **reason), cut(2, "live")],
            None,
            "The leaf stood out of catalogue.",
        ),
        (
            "identified, no reason",
            6,
            [told("A2", identifies=3), cut(2, "live")],
            6,
            "The first version that identifies has a reason, too.",
        ),
        (
            "identified by two",
            6,
            [*(told(f"A{n}", identifies=3, **reason) for n in (2, 3)), cut(2, "live")],
            7,
            "One paper is one acta.",
        ),
        (
            "identified, of the catalogue",
            6,
            [told("A2", identifies=2, **reason), cut(2, "live")],
            6,
            "It did not stand out of catalogue.",
        ),
        (
            "identified before it came",
            6,
            [told("A2", identifies=7, **reason), told(None), cut(2, "live")],
            6,
            "It did not stand yet.",
        ),
        ("outside, reason", 6, [told(None, **reason), cut(2, "live")], 6, "It has none."),
        ("outside, version 2", 6, [told(None, version=2), cut(2, "live")], 6, "Always 1."),
        (
            "outside, identifies",
            6,
            [told(None, identifies=3, **reason), cut(2, "live")],
            6,
            "It is no acta of the catalogue.",
        ),
        ("an image again", 6, [images(3), cut(2, "live")], 6, "It was told of."),
        ("an image told twice", 6, [images(2, 2), cut(2, "live")], 6, "Once, and no more."),
        ("no image named", 7, [images(6), cut(2, "live")], 7, "The acta names none."),
        ("an image of a cut", 6, [images(5), cut(2, "live")], 6, "An acta names it."),
        ("an image to come", 6, [images(7), cut(2, "live")], 6, "The acta comes before."),
        ("an image of 8 MiB", 6, [["images", 2, [[2, 2**23]]], cut(2, "live")], None, "The most."),
        (
            "an image too large",
            6,
            [["images", 2, [[2, 2**23 + 1]]], cut(2, "live")],
            6,
            "No leaf.",
        ),
        (
            "an acta after images",
            6,
            [images(2), told("A2"), cut(2, "live")],
            7,
            "Images come last in a cut.",
        ),
    ]
    return [
        vector(name, {"at": at, "leaves": list(map(stringify, new))}, expected, why)
        for name, at, new, expected, why in cases
    ]


def log_of(given):
    """The declared objects and the entries of a log that a vector of :func:`logs` changes."""
    declared = declared_texts()
    rules_leaf = [*RULES_LEAF[:-1], hex_digest(declared["description"])]
    whole = [stringify(leaf).encode() for leaf in (rules_leaf, *night())]
    return declared, [*whole[: given["at"]], *(leaf.encode() for leaf in given["leaves"])]


FILES = {
    "notes": notes,
    "checkpoints": checkpoints,
    "merkle": merkle,
    "leaves": leaves,
    "shares": shares,
    "countings": lambda: list(countings()),
    "tallies": tallies,
    "objects": objects,
    "logs": logs,
    "receipts": receipt_vectors,
}


def render(name):
    """The bytes of a file of vectors."""
    return json.dumps(FILES[name](), ensure_ascii=True, indent=1) + "\n"


def main():
    """Write them all."""
    VECTORS.mkdir(exist_ok=True)
    for name in FILES:
        (VECTORS / f"{name}.json").write_text(render(name))


if __name__ == "__main__":
    main()
