"""Ranges and preconditions, held against what RFC 9110 says in the plainest form."""

from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.hosting.http.conditions import Facts, accepts, part_asked_for

MODIFIED = b"Mon, 03 Jun 2024 02:00:00 GMT"
EARLIER, LATER = b"Mon, 03 Jun 2024 01:59:59 GMT", b"Mon, 03 Jun 2024 02:00:01 GMT"
NUMBERS = st.integers(0, 30)


def asked(headers, size=20, *, ranged=True):
    encoded = {name.encode(): value for name, value in headers.items()}
    return part_asked_for(encoded, Facts(b'"1-14"', MODIFIED, size), ranged=ranged)


def plainly(size, first, last):
    """Positions that are meant, one by one."""
    if first is None:
        return [place for place in range(size) if place >= size - last]
    return [place for place in range(size) if place >= first and (last is None or place <= last)]


@given(NUMBERS, st.none() | NUMBERS, st.none() | NUMBERS)
def test_a_range_is_the_bytes_it_names(size, first, last):
    if first is None and last is None:
        return
    text = b"bytes=%s-%s" % tuple(
        b"" if bound is None else b"%d" % bound for bound in (first, last)
    )
    meant = plainly(size, first, last)
    part = asked({"range": text}, size)
    if meant:
        assert part.status is HTTPStatus.PARTIAL_CONTENT
        assert list(range(part.start, part.end)) == meant
    else:
        assert part.status is HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE


@given(st.binary(max_size=30))
def test_no_range_however_malformed_gives_more_than_the_file(text):
    part = asked({"range": b"bytes=" + text})
    assert 0 <= part.start <= part.end <= 20


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if-none-match": b'"1-14"'}, 304),
        ({"if-none-match": b'"0-0", W/"1-14"'}, 304),
        ({"if-none-match": b'"0-0"'}, 200),
        ({"if-none-match": b'"0-0"', "if-modified-since": MODIFIED}, 200),
        ({"if-none-match": b"*"}, 304),
        ({"if-modified-since": MODIFIED}, 304),
        ({"if-modified-since": LATER}, 200),
        ({"if-modified-since": EARLIER}, 200),
        ({"if-match": b'"1-14"'}, 200),
        ({"if-match": b"*"}, 200),
        ({"if-match": b'W/"1-14"'}, 412),
        ({"if-match": b'"0-0"', "if-none-match": b'"1-14"'}, 412),
        ({"if-unmodified-since": MODIFIED}, 200),
        ({"if-unmodified-since": EARLIER}, 412),
        ({"if-unmodified-since": b"yesterday"}, 200),
        ({"range": b"bytes=0-1", "if-none-match": b'"1-14"'}, 304),
        ({"range": b"bytes=0-1", "if-range": b'"1-14"'}, 206),
        ({"range": b"bytes=0-1", "if-range": MODIFIED}, 206),
        ({"range": b"bytes=0-1", "if-range": LATER}, 200),
        ({"range": b"bytes=0-1", "if-range": b'W/"1-14"'}, 200),
        ({"range": b"bytes=0-1,3-4"}, 200),
        ({"range": b"lines=0-1"}, 200),
        ({"range": b"bytes=" + b"9" * 5000 + b"-"}, 416),
    ],
)
def test_preconditions_come_in_their_order(headers, status):
    part = asked(headers)
    assert part.status == status
    if status in (304, 412):
        assert (part.start, part.end) == (0, 0), "such an answer has no body"


def test_a_file_that_is_read_whole_has_no_ranges():
    assert asked({"range": b"bytes=0-1"}, ranged=False).status == 200


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        (b"br", True),
        (b"gzip, deflate, br", True),
        (b"BR;q=0.5", True),
        (b"br;q=0", False),
        (b"br; q=0.000", False),
        (b"br;q=0.001", True),
        (b"gzip", False),
        (b"brotli", False),
        (b"", False),
    ],
)
def test_a_coding_is_taken_if_it_is_named_and_not_refused(accepted, takes):
    assert accepts(accepted, "br") is takes
