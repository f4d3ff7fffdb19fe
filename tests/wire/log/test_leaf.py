"""Leaves: one form for one fact, the same in a browser."""

import json
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openprep.election import Acta
from openprep.election.acta import (
    Cotejada,
    Digitization,
    DocumentKind,
    Observation,
    Origin,
)
from openprep.election.cut import CutKind
from openprep.election.votes import MAX_COUNT, FieldState
from openprep.wire.log.leaf import (
    IMAGES_IN_A_LEAF,
    SCHEMA,
    ActaLeaf,
    CutLeaf,
    ImageCame,
    ImagesLeaf,
    LeafError,
    RulesLeaf,
    decode_leaf,
    decode_leaves,
    encode_leaf,
)
from openprep.wire.log.tiles import MAX_ENTRY_BYTES

REPOSITORY = Path(__file__).parents[3]
NODE = REPOSITORY / ".venv/bin/node"
AT = datetime(2024, 6, 2, 21, 0, 5, 120000, timezone(timedelta(hours=-6)))
CAPTURED = Acta(
    "gubernatura",
    "21-0338-B1",
    votes=(10, FieldState.ILEGIBLE, 0),
    surplus_ballots=1,
    people_voted=2,
    representatives_voted=3,
    ballots_taken=4,
    total_written=FieldState.SIN_DATO,
    observations=(Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO,),
    transfer="D-F",
    image_sha256="cd" * 32,
    received_at=AT,
    captured_at=AT,
    verified_at=AT,
    origin=Origin.CASILLA,
    digitization=Digitization.MOVIL,
    document=DocumentKind.ACTA_PREP,
    cotejada=Cotejada.CHANGED,
)
BARE = Acta("gubernatura", None, (), 0, 0, 0, 0, 0)
ACTA = ActaLeaf.of(CAPTURED, 2, AT, "Cotejo: 1→7", 18)
IMAGES = ImagesLeaf(SCHEMA, (ImageCame(18, 200_000), ImageCame(2, 1)))
RULES = RulesLeaf(SCHEMA, "puebla-2024", True, "18446744073709551615", "ab" * 32, "cd" * 32)
CUT = CutLeaf(SCHEMA, 7, CutKind.CLOSING, AT, "ab" * 32, 1234)
LEAVES = [ACTA, IMAGES, RULES, CUT]

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
moments = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - what is refused
    datetime(2100, 1, 1),  # noqa: DTZ001 - what is refused
    timezones=st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours))),
)
numbers = st.integers(0, 2**53 - 1)
figures = st.integers(0, MAX_COUNT) | st.sampled_from(FieldState)
acta_leaves = st.builds(
    ActaLeaf,
    schema=st.just(SCHEMA),
    contest=words,
    acta=st.none() | words,
    version=st.integers(1, 2**53 - 1),
    at=moments,
    reason=st.none() | words.filter(bool),
    identifies=st.none() | numbers,
    votes=st.lists(figures, max_size=8).map(tuple),
    surplus_ballots=figures,
    people_voted=figures,
    representatives_voted=figures,
    ballots_taken=figures,
    total_written=figures,
    observations=st.lists(st.sampled_from(Observation), max_size=3).map(tuple),
    transfer=st.sampled_from(("", "D", "F-I", "D-F-I")),
    image_sha256=st.none() | digests,
    received_at=st.none() | moments,
    captured_at=st.none() | moments,
    verified_at=st.none() | moments,
    origin=st.none() | st.sampled_from(Origin),
    digitization=st.none() | st.sampled_from(Digitization),
    document=st.none() | st.sampled_from(DocumentKind),
    cotejada=st.none() | st.sampled_from(Cotejada),
)
came = st.builds(ImageCame, numbers, st.integers(1, 2**23))
other_leaves = (
    st.builds(ImagesLeaf, st.just(SCHEMA), st.lists(came, max_size=8).map(tuple))
    | st.builds(
        CutLeaf, st.just(SCHEMA), numbers, st.sampled_from(CutKind), moments, digests, numbers
    )
    | st.builds(RulesLeaf, st.just(SCHEMA), words, st.booleans(), st.none(), digests, digests)
)
leaves = acta_leaves | other_leaves


def test_the_bytes_of_each_leaf_are_these_for_ever():
    at = "2024-06-02T21:00:05.120000-06:00"
    assert encode_leaf(ACTA).decode() == (
        f'["acta",2,"gubernatura","21-0338-B1",2,"{at}","Cotejo: 1→7",18,'
        '[10,"ilegible",0],1,2,3,4,"sin_dato",["algun_campo_ilegible_o_sin_dato"],"D-F",'
        f'"{"cd" * 32}","{at}","{at}","{at}","casilla","movil","acta_prep",2]'
    )
    assert encode_leaf(ActaLeaf.of(BARE, 1, AT, None, None)).decode() == (
        f'["acta",2,"gubernatura",null,1,"{at}",null,null,'
        '[],0,0,0,0,0,[],"",null,null,null,null,null,null,null,null]'
    )
    assert encode_leaf(IMAGES).decode() == '["images",2,[[18,200000],[2,1]]]'
    assert encode_leaf(RULES).decode() == (
        f'["rules",2,"puebla-2024",true,"18446744073709551615","{"ab" * 32}","{"cd" * 32}"]'
    )
    assert encode_leaf(CUT).decode() == f'["cut",2,7,"closing","{at}","{"ab" * 32}",1234]'


@given(leaves)
def test_a_leaf_survives_being_written_and_read(leaf):
    assert decode_leaf(encode_leaf(leaf)) == leaf


@given(acta_leaves)
def test_a_leaf_is_the_acta_whole(leaf):
    again = ActaLeaf.of(leaf.captured, leaf.version, leaf.at, leaf.reason, leaf.identifies)
    assert again == leaf


@settings(max_examples=3)
@given(st.lists(leaves, min_size=20, max_size=60))
def test_a_browser_makes_the_same_bytes_with_json_stringify(leaves):
    """The engine of Chromium reads each leaf, and writes it again."""
    program = """
      const lines = require("fs").readFileSync(0, "utf8").split("\\n");
      for (const line of lines) {
        const bytes = new TextEncoder().encode(JSON.stringify(JSON.parse(line)));
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


NOT_EXACT = [
    lambda data: b"",
    lambda data: data + b"\n",
    lambda data: b" " + data,
    lambda data: data + data,
    lambda data: data[:-1],
    lambda data: data[:-1] + b",null]",
    lambda data: data.replace(b",2]", b"]"),
    lambda data: data.replace(b'"acta",2', b'"acta",1'),
    lambda data: data.replace(b'"acta",2', b'"acta",3'),
    lambda data: data.replace(b'"acta",2', b'"acta",2.0'),
    lambda data: data.replace(b'"acta",2', b'"acta","2"'),
    lambda data: data.replace(b'"acta",2', b'"acta", 2'),
    lambda data: data.replace(b'"acta",2', b'"acta"'),
    lambda data: data.replace(b'"acta",', b'"vote",'),
    lambda data: data.replace(b'"acta",', b""),
    lambda data: data.replace(b'"B1",2,', b'"B1",0,').replace(b'-B1",2', b'-B1",0'),
    lambda data: data.replace(b'-B1",2', b'-B1",-2'),
    lambda data: data.replace(b'-B1",2', b'-B1",02'),
    lambda data: data.replace(b'-B1",2', b'-B1",2e0'),
    lambda data: data.replace(b'-B1",2', b'-B1",9007199254740992'),
    lambda data: data.replace(b",18,", b",-1,"),
    lambda data: data.replace(b"[10,", b"[100000000,"),
    lambda data: data.replace(b"[10,", b"[-1,"),
    lambda data: data.replace(b'"ilegible"', b'"illegible"'),
    lambda data: data.replace(b'"ilegible"', b"null"),
    lambda data: data.replace(b'"D-F"', b'"D-X"'),
    lambda data: data.replace(b'"D-F"', b'"D-F\\n"'),
    lambda data: data.replace(b"gubernatura", b"\\u0067ubernatura"),
    lambda data: data.replace("→".encode(), b"\\u2192"),
    lambda data: data.replace(b"-06:00", b"", 1),
    lambda data: data.replace(b".120000", b".12"),
    lambda data: data.replace(b"T21", b" 21"),
    lambda data: data.replace(b"cd" * 32, b"CD" * 32),
    lambda data: data.replace(b"cd" * 32, b"cd" * 32 + b"\\n"),
    lambda data: data.replace(b"gubernatura", b"\xff"),
    lambda data: b'{"0":' + data + b"}",
    lambda data: b"[" * 60_000,
    lambda data: data.replace(b"gubernatura", b"x" * 66_000),
]


@pytest.mark.parametrize("change", NOT_EXACT)
def test_other_bytes_that_mean_the_same_or_nothing_are_no_leaf(change):
    genuine = encode_leaf(ACTA)
    changed = change(genuine)
    assert changed != genuine
    with pytest.raises(LeafError):
        decode_leaf(changed)
    with pytest.raises(LeafError):
        decode_leaves([genuine, changed, genuine])


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader_of_leaves(data):
    with pytest.raises(LeafError):
        decode_leaf(data)
    with pytest.raises(LeafError):
        decode_leaves([data])


@given(st.lists(leaves, max_size=12))
def test_leaves_in_bulk_are_those_one_by_one(leaves):
    entries = list(map(encode_leaf, leaves))
    assert decode_leaves(entries) == leaves == list(map(decode_leaf, entries))


def one_by_one(entries):
    try:
        return list(map(decode_leaf, entries))
    except LeafError:
        return None


@given(st.lists(leaves, min_size=1, max_size=4), st.data())
def test_entries_that_are_cut_anywhere_are_as_one_by_one_in_bulk_too(leaves, data):
    """Whoever writes a bundle may put its boundaries where it likes, commas and all."""
    stream = b",".join(map(encode_leaf, leaves))
    points = st.lists(st.integers(0, len(stream)), max_size=4, unique=True).map(sorted)
    bounds = [0, *data.draw(points), len(stream)]
    entries = [stream[start:end] for start, end in pairwise(bounds)]
    dropped = [entry.strip(b",") for entry in entries]
    for some in (entries, dropped):
        expected = one_by_one(some)
        if expected is None:
            with pytest.raises(LeafError):
                decode_leaves(some)
        else:
            assert decode_leaves(some) == expected


def test_a_leaf_that_ends_in_the_next_entry_is_none():
    """Joined with commas the two are two leaves: neither entry is one."""
    whole = encode_leaf(ACTA)
    parts = whole.partition(b',"ilegible"')
    first, rest = parts[0], parts[1][1:] + parts[2]
    assert first + b"," + rest == whole
    two_in_one = encode_leaf(IMAGES) + b"," + whole
    for entries in ([first, rest], [first, rest + b"," + whole], [two_in_one], [two_in_one, whole]):
        with pytest.raises(LeafError):
            decode_leaves(entries)
    # As many leaves as entries, and each leaf the other's bytes.
    with pytest.raises(LeafError):
        decode_leaves([two_in_one + b"," + first, rest, whole])


@pytest.mark.parametrize("empty", [b"", b" ", b"null", b"[]"])
def test_an_entry_that_says_nothing_is_no_leaf(empty):
    with pytest.raises(LeafError):
        decode_leaves([encode_leaf(CUT), empty])


def test_a_leaf_that_no_bundle_can_hold_is_not_made():
    with pytest.raises(LeafError, match="65535"):
        encode_leaf(msgspec.structs.replace(ACTA, reason="x" * 65_536))


def test_as_many_images_as_a_leaf_tells_of_fit_into_an_entry():
    largest = ImageCame(2**53 - 1, 8 * 1024 * 1024)
    assert len(encode_leaf(ImagesLeaf(SCHEMA, (largest,) * IMAGES_IN_A_LEAF))) <= MAX_ENTRY_BYTES


def test_a_time_in_utc_is_written_with_z():
    leaf = msgspec.structs.replace(CUT, time=datetime(2024, 6, 3, tzinfo=UTC))
    assert b'"2024-06-03T00:00:00Z"' in encode_leaf(leaf)
    assert decode_leaf(encode_leaf(leaf)) == leaf


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: type(leaf).__name__)
def test_every_place_of_a_leaf_is_explained_in_its_order(leaf):
    page = (REPOSITORY / "docs/formats/log.md").read_text()
    tag = type(leaf).__struct_config__.tag
    table = page.partition(f'\n`"{tag}"`: ')[2].partition("|---|")[2].partition("\n\n")[0]
    told = [line.split("|")[1].strip(" `") for line in table.splitlines() if line.startswith("| `")]
    assert told == list(type(leaf).__struct_fields__)
