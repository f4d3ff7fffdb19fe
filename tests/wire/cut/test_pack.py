"""Packs: what stands in them, and what a tree that lies about its own can do."""

import io

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.wire.cut import pack as pack_module
from openprep.wire.cut.pack import (
    PackError,
    PackWriter,
    Where,
    decode_where,
    links_to,
    packed_object,
)
from openprep.wire.cut.ref import SCHEMA, Link, Location, digest_of

locations = st.builds(
    Location, st.integers(1, 10**6), st.integers(0, 2**53 - 1), st.integers(1, 2**40)
)
parts = st.lists(locations, max_size=5).map(tuple)
objects = st.lists(st.tuples(st.binary(max_size=300), parts), max_size=6)


def packed(objects, number=7):
    """A pack of these objects, and where each stands."""
    stream = io.BytesIO()
    writer = PackWriter(number, stream)
    places = [writer.add(data, parts) for data, parts in objects]
    assert writer.size == len(stream.getvalue())
    return stream.getvalue(), places


def at(pack, place):
    return pack[place.offset : place.offset + place.size]


def entry(data=b'{"a":1}', line=b"[[1,2,3]]"):
    return line + b"\n" + data


@given(objects)
def test_a_location_leads_to_the_object_and_to_its_parts(objects):
    pack, places = packed(objects)
    for (data, parts), place in zip(objects, places, strict=True):
        assert place.pack == 7
        assert packed_object(at(pack, place), digest_of(data)) == (data, parts)


NO_PLACES = ((1, -1, 5), (-1, 0, 5), (1, 0, 0), (1, 2**63, 5), (1, 2**53, 5), (2**200, 0, 5))
"""No system seeks there, or no reader counts so far."""


@pytest.mark.parametrize("place", NO_PLACES)
def test_a_place_that_no_file_has_is_refused(place):
    line = f"[[{','.join(map(str, place))}]]"
    with pytest.raises(PackError):
        packed_object(entry(line=line.encode()), digest_of(b'{"a":1}'))
    where = f'{{"schema":{SCHEMA},"cut":1,"roots":{{"AYUN":{line[1:-1]}}}}}'
    with pytest.raises(msgspec.DecodeError):
        decode_where(where.encode())


@pytest.mark.parametrize("data", [b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}", b"\xff", b""])
def test_where_results_begin_is_decoded_within_bounds(data):
    with pytest.raises(msgspec.DecodeError):
        decode_where(data)


@given(objects)
def test_a_pack_is_lines_of_places_and_objects_one_after_the_other(objects):
    pack, _ = packed(objects)
    assert pack == b"".join(
        msgspec.json.encode(parts) + b"\n" + data + b"\n" for data, parts in objects
    )


@given(objects.filter(bool), st.data())
def test_no_byte_of_an_object_can_be_changed_unseen(objects, data):
    pack, places = packed(objects)
    which = data.draw(st.integers(0, len(objects) - 1))
    place, (genuine, parts) = places[which], objects[which]
    altered = bytearray(at(pack, place))
    altered[data.draw(st.integers(0, len(altered) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found = packed_object(bytes(altered), digest_of(genuine))
    except PackError:
        return
    # What a tree says of places is nobody's promise, the object is the digest's.
    assert found.data == genuine
    assert found.parts != parts or bytes(altered) == at(pack, place)


@given(objects.filter(bool), st.data())
def test_an_entry_cut_short_or_taken_too_long_is_refused(objects, data):
    pack, places = packed(objects)
    which = data.draw(st.integers(0, len(objects) - 1))
    place, (genuine, _) = places[which], objects[which]
    shorter = data.draw(st.integers(0, place.size - 1))
    whole = at(pack, place)
    for wrong in (whole[:shorter], whole[1:], whole + b"\n", whole + b" "):
        with pytest.raises(PackError):
            packed_object(wrong, digest_of(genuine))


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader_of_entries(data):
    with pytest.raises(PackError):
        packed_object(data, digest_of(b"another object"))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"nonsense",
        b"null",
        b"{}",
        b"[1,2,3]",
        b"[[1,2]]",
        b"[[1,2,3],null]",
        b'[["1",2,3]]',
        b"[[1,2,3.5]]",
        b"[[1,2,3]] 4",
        b"\xff",
        b"[" * 60_000,
    ],
)
def test_a_line_that_names_no_places_is_refused(line):
    with pytest.raises(PackError, match="places"):
        packed_object(entry(line=line), digest_of(b'{"a":1}'))


def test_another_object_than_was_named_is_refused():
    with pytest.raises(PackError, match="does not stand where"):
        packed_object(entry(), digest_of(b'{"a":2}'))


def test_an_object_without_its_line_is_refused():
    with pytest.raises(PackError, match="does not stand where"):
        packed_object(b'{"a":1}', digest_of(b'{"a":1}'))


def test_more_places_than_an_object_can_have_are_refused(monkeypatch):
    monkeypatch.setattr(pack_module, "MAX_PARTS", 2)
    data = b'{"a":1}'
    assert len(packed_object(entry(line=b"[[1,2,3],[1,2,3]]"), digest_of(data)).parts) == 2
    with pytest.raises(PackError, match="3 parts"):
        packed_object(entry(line=b"[[1,2,3],[1,2,3],[1,2,3]]"), digest_of(data))


def test_a_writer_packs_nothing_that_readers_refuse(monkeypatch):
    monkeypatch.setattr(pack_module, "MAX_PARTS", 2)
    monkeypatch.setattr(pack_module, "MAX_ENTRY_BYTES", 40)
    part = Location(1, 2, 3)
    _, (first, last) = packed([(bytes(37), ()), (b"{}", (part, part))])
    assert (first.size, last.size) == (40, 20)
    for data, parts in [(bytes(38), ()), (b"{}", (part,) * 3)]:
        with pytest.raises(PackError):
            packed([(data, parts)])


@given(st.lists(st.tuples(st.binary(max_size=9), locations), max_size=5))
def test_parts_are_linked_in_their_order(pairs):
    digests, places = [digest_of(data) for data, _ in pairs], [place for _, place in pairs]
    assert links_to(digests, places) == tuple(map(Link, digests, places))
    for wrong in ([*places, Location(1, 2, 3)], places[:-1]):
        if len(wrong) != len(digests):
            with pytest.raises(PackError, match="places for"):
                links_to(digests, wrong)


def test_where_the_results_of_a_cut_begin_is_a_few_bytes_a_contest():
    where = Where(SCHEMA, 7, {"PRES": Location(2, 31_000_000, 5120)})
    data = msgspec.json.encode(where)
    assert data == b'{"schema":2,"cut":7,"roots":{"PRES":[2,31000000,5120]}}'
    assert msgspec.json.decode(data, type=Where) == where
