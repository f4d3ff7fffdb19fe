"""Bytes that somebody else chose end no reader: every decoder tells them in one way."""

import msgspec
import pytest

from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.verify.declared import load_declared
from openprep.record.facts import decode_envelope, decode_fact
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.description import decode_declared
from openprep.wire.cut.objects import decode_object
from openprep.wire.cut.pack import PackError, packed_object
from openprep.wire.cut.ref import digest_of, ref_to
from openprep.wire.log.leaf import LeafError, decode_leaf, decode_leaves
from openprep.wire.trust import TrustError, parse_trust

HOSTILE = {
    "wrong UTF-8 in a value": b'{"kind":"area","schema":2,"contest":"\xff\xfe"}',
    "wrong UTF-8 in a name": b'{"\xc3(":1}',
    "too deep": b'{"kind":"area","x":' + b"[" * 500_000,
    "cut short": b'{"kind":"area"',
    "empty": b"",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize(
    "decode",
    [
        decode_envelope,
        decode_fact,
        decode_object,
        decode_declared,
        lambda data: wire.decode(data, wire.Manifest),
        lambda data: wire.decode(data, wire.Pointer),
    ],
    ids=["envelope", "fact", "object", "declared", "manifest", "pointer"],
)
def test_hostile_bytes_are_refused_as_msgspec_refuses_them(decode, data):
    with pytest.raises(msgspec.DecodeError):
        decode(data)


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bytes_are_refused_in_the_words_of_who_reads_them(data):
    with pytest.raises(LeafError):
        decode_leaf(data)
    with pytest.raises(LeafError):
        decode_leaves([data])
    with pytest.raises(PackError):
        packed_object(data + b"\n{}", digest_of(b"{}"))
    with pytest.raises(TrustError):
        parse_trust(data)
    with pytest.raises(Refused) as refused:
        load_declared(ref_to(data), lambda _: data)
    assert refused.value.code is MirrorCode.FORMAT
