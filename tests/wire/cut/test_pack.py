"""Packs: what a hostile centre might send."""

import contextlib
import io
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.wire.cut.pack import PackError, PackWriter, entries_of, files_in, object_in
from openprep.wire.cut.ref import Ref, object_path

objects = st.lists(st.binary(max_size=300), max_size=6).map(
    lambda all_bytes: [(sha256(data).hexdigest(), data) for data in all_bytes]
)


def _pack(pairs):
    """The pack of cut 7, every second object a file too, and the references into it."""
    stream = io.BytesIO()
    pack = PackWriter(7, stream)
    refs = [
        pack.add_file(*pair) if index % 2 else pack.add(*pair) for index, pair in enumerate(pairs)
    ]
    assert pack.ref == Ref(sha256(stream.getvalue()).hexdigest(), len(stream.getvalue()))
    return stream.getvalue(), refs


def _objects(pack):
    return [(entry.sha256, object_in(pack, entry)) for entry in entries_of(pack)]


@given(objects)
def test_a_pack_gives_back_its_objects(pairs):
    pack, _ = _pack(pairs)
    assert _objects(pack) == pairs
    assert list(files_in(pack)) == pairs[1::2]


@given(objects)
def test_a_reference_leads_to_its_bytes_in_the_pack_or_to_a_file(pairs):
    pack, refs = _pack(pairs)
    for index, (ref, (digest, data)) in enumerate(zip(refs, pairs, strict=True)):
        assert (ref.sha256, ref.size) == (digest, len(data))
        if index % 2:
            assert ref.path == object_path(digest)
        else:
            assert ref.path == "cuts/7.pack"
            assert pack[ref.offset : ref.offset + ref.size] == data


@given(objects.filter(bool), st.data())
def test_a_pack_cut_short_anywhere_is_refused_or_holds_whole_objects_only(pairs, data):
    pack, _ = _pack(pairs)
    length = data.draw(st.integers(0, len(pack) - 1))
    read = []
    try:
        read.extend(_objects(pack[:length]))
    except PackError:
        pass
    else:
        assert _pack(read)[0] == pack[:length]
    assert read == pairs[: len(read)]


@given(objects.filter(bool), st.data())
def test_no_byte_of_an_object_in_a_pack_can_be_changed_unseen(pairs, data):
    pack = bytearray(_pack(pairs)[0])
    index = data.draw(st.integers(0, len(pack) - 1))
    pack[index] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(PackError):
        assert set(_objects(bytes(pack))) <= set(pairs)


@pytest.mark.parametrize(
    "pack",
    [
        b"nonsense",
        b"aa 5\nhello\n",
        ("0" * 64 + " -1\n\n").encode(),
        ("0" * 64 + " 99999999999999\n").encode(),
        ("0" * 64 + " 5\nhello\n").encode(),
        ("0" * 64 + " 5 dir\nhello\n").encode(),
        b"\xff" * 200,
    ],
)
def test_what_is_not_a_pack_is_refused(pack):
    with pytest.raises(PackError):
        _objects(pack)
