"""Conditional and range requests for one file (RFC 9110, sections 13 and 14). Pure."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import NamedTuple

Headers = Mapping[bytes, bytes]
"""Request headers by lower-case name."""

_NUMBER = rb"[ \t]*([0-9]{1,18})[ \t]*"
_RANGE = re.compile(rb"%(n)s-(?:%(n)s)?|[ \t]*-%(n)s" % {b"n": _NUMBER})

CONDITIONAL = frozenset(
    (b"if-match", b"if-unmodified-since", b"if-none-match", b"if-modified-since", b"range")
)
"""Headers without which every answer is the whole file."""


class Facts(NamedTuple):
    """What a file is compared by: a strong tag, its date as it is sent, and its bytes."""

    etag: bytes
    modified: bytes
    size: int


class Part(NamedTuple):
    """The status of an answer and the bytes of the file in it: from ``start`` up to ``end``."""

    status: HTTPStatus
    start: int
    end: int


def part_asked_for(headers: Headers, facts: Facts, *, ranged: bool) -> Part:
    """What to answer: the file, a part of it (if ``ranged``), or why not.

    Preconditions come in the order of RFC 9110, 13.2.2. Dates are compared exactly, as nginx does:
    a file with another date is another file, even with an earlier one. Several ranges at once are
    answered with the whole file.
    """
    status = _precondition(headers, facts)
    if status is not None:
        return Part(status, 0, 0)
    wanted = headers.get(b"range")
    if wanted is None or not ranged or not _is_same(headers.get(b"if-range"), facts):
        return Part(HTTPStatus.OK, 0, facts.size)
    unit, _, ranges = wanted.partition(b"=")
    if unit.strip().lower() != b"bytes" or b"," in ranges:
        return Part(HTTPStatus.OK, 0, facts.size)
    return _single(ranges, facts.size)


def _precondition(headers: Headers, facts: Facts) -> HTTPStatus | None:
    match = headers.get(b"if-match")
    if match is not None:
        if match.strip() != b"*" and facts.etag not in _tags(match):
            return HTTPStatus.PRECONDITION_FAILED
    elif _changed_since(headers.get(b"if-unmodified-since"), facts):
        return HTTPStatus.PRECONDITION_FAILED
    none_match = headers.get(b"if-none-match")
    if none_match is not None:
        held = none_match.strip() == b"*" or facts.etag in (
            tag.removeprefix(b"W/") for tag in _tags(none_match)
        )
    else:
        held = headers.get(b"if-modified-since") == facts.modified
    return HTTPStatus.NOT_MODIFIED if held else None


def _tags(value: bytes) -> list[bytes]:
    """Entity tags of a list; ours have no comma in them."""
    return [tag.strip() for tag in value.split(b",")]


def _changed_since(value: bytes | None, facts: Facts) -> bool:
    if value is None:
        return False
    try:
        since = parsedate_to_datetime(value.decode("ascii"))
        return parsedate_to_datetime(facts.modified.decode("ascii")) > since
    except (ValueError, TypeError):  # not a date, or one without a zone: RFC 9110, 13.1.4
        return False


def _is_same(if_range: bytes | None, facts: Facts) -> bool:
    return if_range is None or if_range.strip() in (facts.etag, facts.modified)


def _single(text: bytes, size: int) -> Part:
    found = _RANGE.fullmatch(text)
    nothing = Part(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, 0, 0)
    if found is None:
        return nothing
    first, last, suffix = (None if text is None else int(text) for text in found.groups())
    if first is None:
        start, end = max(0, size - (suffix or 0)), size
    else:
        start, end = first, size if last is None else min(size, last + 1)
    return Part(HTTPStatus.PARTIAL_CONTENT, start, end) if start < end else nothing


def accepts(accept_encoding: bytes, coding: str) -> bool:
    """Whether ``Accept-Encoding`` names ``coding`` with a weight above zero (RFC 9110, 12.5.3)."""
    for choice in accept_encoding.lower().split(b","):
        name, _, parameter = choice.partition(b";")
        if name.strip() == coding.encode():
            weight = parameter.strip().removeprefix(b"q=").strip()
            return not weight or weight.strip(b"0.") != b""
    return False
