"""Leaves: one form for one fact, the same in a browser."""

import json
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openprep.election import Acta, acta_digest
from openprep.election.cut import CutKind
from openprep.election.votes import FieldState
from openprep.wire.log.leaf import (
    SCHEMA,
    ActaLeaf,
    CutLeaf,
    LeafError,
    RulesLeaf,
    decode_leaf,
    encode_leaf,
)

NODE = Path(__file__).parents[3] / ".venv/bin/node"
AT = datetime(2024, 6, 2, 21, 0, 5, 120000, timezone(timedelta(hours=-6)))
ACTA = ActaLeaf(SCHEMA, "gubernatura", "21-0338-B1", 2, AT, "ab" * 32, "cd" * 32, "Cotejo: 1→7")
RULES = RulesLeaf(SCHEMA, "puebla-2024", True, "18446744073709551615", "ab" * 32, "cd" * 32)
CUT = CutLeaf(SCHEMA, 7, CutKind.CLOSING, AT, "ab" * 32, 1234)

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
moments = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - what is refused
    datetime(2100, 1, 1),  # noqa: DTZ001 - what is refused
    timezones=st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours))),
)
acta_leaves = st.builds(
    ActaLeaf,
    st.just(SCHEMA),
    words,
    st.none() | words,
    st.integers(1, 2**53 - 1),
    moments,
    digests,
    st.none() | digests,
    st.none() | words,
)


def test_the_bytes_of_each_leaf_are_these_for_ever():
    assert encode_leaf(ACTA).decode() == (
        '{"leaf":"acta","schema":1,"contest":"gubernatura","acta":"21-0338-B1","version":2,'
        '"at":"2024-06-02T21:00:05.120000-06:00",'
        f'"acta_sha256":"{"ab" * 32}","image_sha256":"{"cd" * 32}","reason":"Cotejo: 1→7"}}'
    )
    assert encode_leaf(RULES).decode() == (
        '{"leaf":"rules","schema":1,"election":"puebla-2024","drill":true,'
        f'"seed":"18446744073709551615","folder_sha256":"{"ab" * 32}",'
        f'"rules_sha256":"{"cd" * 32}"}}'
    )
    assert encode_leaf(CUT).decode() == (
        '{"leaf":"cut","schema":1,"cut":7,"kind":"closing",'
        f'"time":"2024-06-02T21:00:05.120000-06:00","manifest_sha256":"{"ab" * 32}",'
        '"manifest_size":1234}'
    )


@given(acta_leaves)
def test_a_leaf_survives_being_written_and_read(leaf):
    assert decode_leaf(encode_leaf(leaf)) == leaf


@pytest.mark.parametrize("leaf", [ACTA, RULES, CUT])
def test_each_kind_of_leaf_survives(leaf):
    assert decode_leaf(encode_leaf(leaf)) == leaf


@settings(max_examples=3, deadline=None)
@given(st.lists(acta_leaves, min_size=20, max_size=60))
def test_a_browser_makes_the_same_bytes_with_json_stringify(leaves):
    """The engine of Chromium builds each object anew from its values, and writes it."""
    program = """
      const lines = require("fs").readFileSync(0, "utf8").split("\\n");
      for (const line of lines) {
        const l = JSON.parse(line);
        const { contest, acta, version, at, acta_sha256, image_sha256, reason } = l;
        const made = { leaf: "acta", schema: 1, contest, acta, version, at, acta_sha256,
          image_sha256, reason };
        const bytes = new TextEncoder().encode(JSON.stringify(made));
        console.log(require("crypto").createHash("sha256").update(bytes).digest("hex"));
      }
    """
    leaves.append(msgspec.structs.replace(ACTA, reason="".join(map(chr, range(0x250)))))
    leaves.append(
        msgspec.structs.replace(ACTA, reason='\u2028\u2029\ufeff\uffff😀/"\\\x7f</script>')
    )
    # The values reach the engine escaped in another way than ours, so that none is passed through.
    sent = "\n".join(json.dumps(json.loads(encode_leaf(leaf))) for leaf in leaves)
    made = subprocess.run(
        [NODE, "-e", program], input=sent, capture_output=True, text=True, check=True
    )
    assert made.stdout.split() == [sha256(encode_leaf(leaf)).hexdigest() for leaf in leaves]


def acta(**changes):
    values = {
        "contest": "gubernatura",
        "acta": "21-0338-B1",
        "votes": (10, FieldState.ILEGIBLE, 0),
        "surplus_ballots": 1,
        "people_voted": 2,
        "representatives_voted": 3,
        "ballots_taken": 4,
        "total_written": FieldState.SIN_DATO,
        "received_at": AT,
    }
    return Acta(**{**values, **changes})


def test_the_digest_of_an_acta_is_that_of_its_bytes_in_a_published_object():
    inside = msgspec.json.Encoder(order="deterministic").encode({"acta": acta()})
    assert acta_digest(acta()) == sha256(inside[len(b'{"acta":') : -1]).hexdigest()


@pytest.mark.parametrize(
    "changes",
    [{"votes": (10, 0, 0)}, {"acta": None}, {"total_written": 0}, {"cotejada": 2}],
)
def test_any_change_of_an_acta_changes_its_digest(changes):
    assert acta_digest(acta(**changes)) != acta_digest(acta())


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data + b"\n",
        lambda data: b" " + data,
        lambda data: data.replace(b'"schema":1', b'"schema":2'),
        lambda data: data.replace(b'"schema":1', b'"schema":1.0'),
        lambda data: data.replace(b'"schema":1,', b""),
        lambda data: data.replace(b'"schema":1', b'"schema": 1'),
        lambda data: data.replace(b'"leaf":"acta"', b'"leaf":"vote"'),
        lambda data: data.replace(b'"leaf":"acta",', b""),
        lambda data: data.replace(b'"version":2', b'"version":2,"version":2'),
        lambda data: data.replace(b'"version":2', b'"version":0'),
        lambda data: data.replace(b'"version":2', b'"version":9007199254740993'),
        lambda data: data.replace(b'"version":2', b'"more":1,"version":2'),
        lambda data: data.replace(b"gubernatura", b"\\u0067ubernatura"),
        lambda data: data.replace(b"-06:00", b""),
        lambda data: data.replace(b".120000", b".12"),
        lambda data: data.replace(b"ab" * 32, b"AB" * 32),
        lambda data: data.replace(b"ab" * 32, b"ab" * 32 + b"\\n"),
        lambda data: data.replace(b"gubernatura", b"\xff"),
        lambda data: b"[" * 60_000,
        lambda data: data.replace(b"gubernatura", b"x" * 66_000),
    ],
)
def test_other_bytes_that_mean_the_same_or_nothing_are_no_leaf(change):
    with pytest.raises(LeafError):
        decode_leaf(change(encode_leaf(ACTA)))


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader_of_leaves(data):
    with pytest.raises(LeafError):
        decode_leaf(data)


def test_a_leaf_that_no_bundle_can_hold_is_not_made():
    with pytest.raises(LeafError, match="65535"):
        encode_leaf(msgspec.structs.replace(ACTA, reason="x" * 65_536))


def test_a_time_in_utc_is_written_with_z_as_the_tree_writes_it():
    leaf = msgspec.structs.replace(CUT, time=datetime(2024, 6, 3, tzinfo=UTC))
    assert b'"time":"2024-06-03T00:00:00Z"' in encode_leaf(leaf)
    assert decode_leaf(encode_leaf(leaf)) == leaf


@pytest.mark.parametrize("kind", [RulesLeaf, ActaLeaf, CutLeaf])
def test_every_field_of_a_leaf_is_explained(kind):
    page = (Path(__file__).parents[3] / "docs/formats/log.md").read_text()
    tag = msgspec.structs.fields(kind) and kind.__struct_config__.tag
    table = page.partition(f'`"leaf":"{tag}"`')[2].partition('"leaf"')[0]
    for field in msgspec.structs.fields(kind):
        assert f"\n| `{field.name}` |" in table
