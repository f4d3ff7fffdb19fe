"""From a request to an answer: which copy, which part of it, under which headers.

Pure but for the file cache that it asks.
"""

import os
from http import HTTPStatus
from typing import NamedTuple

from openprep.hosting.http.cache import (
    SECURITY_LINES,
    STATUS_LINES,
    FileCache,
    Held,
    Stored,
    header_lines,
)
from openprep.hosting.http.conditions import CONDITIONAL, Headers, Part, accepts, part_asked_for
from openprep.hosting.rules import (
    CODINGS,
    METHODS,
    NOT_FOUND_PAGE,
    NOT_KEPT,
    RETRY_SECONDS,
    content_type_of,
    shows_not_found_page,
)

# Members of an enum are looked up slowly.
_OK, _NOT_MODIFIED = HTTPStatus.OK, HTTPStatus.NOT_MODIFIED
_REFUSED_HEADERS = SECURITY_LINES + header_lines(
    {"Cache-Control": NOT_KEPT, "Content-Type": "text/plain; charset=utf-8"}
)
_REFUSED_PAGE_HEADERS = SECURITY_LINES + header_lines(
    {"Cache-Control": NOT_KEPT, "Content-Type": content_type_of(NOT_FOUND_PAGE)}
)
_COME_AGAIN = header_lines({"Retry-After": str(RETRY_SECONDS)})


class Answer(NamedTuple):
    """``head`` up to the last header line; ``body``, or the part of a file that is to follow.

    The blank line, ``Date`` and ``Connection`` are the connection's own.
    """

    head: bytes
    body: bytes = b""
    file: str | None = None
    start: int = 0
    end: int = 0


def refusal(status: HTTPStatus, *, with_body: bool = True, more: bytes = b"") -> Answer:
    """An answer without a file: the reason in a line of text."""
    body = f"{status.value} {status.phrase}\n".encode()
    length = b"Content-Length: %d\r\n" % len(body)
    head = STATUS_LINES[status] + _REFUSED_HEADERS + more + length
    return Answer(head, body if with_body else b"")


def answer(files: FileCache, method: str, path: bytes, headers: Headers) -> Answer:
    """Answer a request for ``path``, as it came on the request line without its query.

    Nothing in a tree needs percent-encoding, so nothing is decoded: what is not literally a path of
    a tree is not there.
    """
    with_body = method == "GET"
    if method not in METHODS:
        more = f"Allow: {', '.join(METHODS)}\r\n".encode()
        return refusal(HTTPStatus.METHOD_NOT_ALLOWED, more=more)
    held = None
    if path.startswith(b"/") and path.isascii():
        held = files.get(path[1:].decode("ascii"))
    if held is None:
        return _not_there(files, path, headers, with_body=with_body)
    # A part is of the file, never of a compressed copy.
    by_part = held.ranged and b"range" in headers
    stored = held.plain if by_part else _copy_for(held, headers)
    if CONDITIONAL.isdisjoint(headers):
        return _whole(stored, with_body=with_body)
    part = part_asked_for(headers, stored.facts, ranged=held.ranged)
    return _answer_with(stored, part, with_body=with_body)


def _not_there(files: FileCache, path: bytes, headers: Headers, *, with_body: bool) -> Answer:
    status = files.status_of_nothing
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        return refusal(status, with_body=with_body, more=_COME_AGAIN)
    name = path[1:].decode("ascii", "replace")
    accepted = headers.get(b"accept", b"")
    page = files.get(NOT_FOUND_PAGE) if shows_not_found_page(name, accepted) else None
    if page is None:
        return refusal(status, with_body=with_body)
    stored = page.plain
    length = b"Content-Length: %d\r\n" % stored.facts.size
    return Answer(
        STATUS_LINES[status] + _REFUSED_PAGE_HEADERS + length, *_body(stored, with_body=with_body)
    )


def _body(stored: Stored, *, with_body: bool) -> tuple[bytes, str | None, int, int]:
    if not with_body:
        return b"", None, 0, 0
    if stored.data is None:
        return b"", stored.path, 0, stored.facts.size
    return stored.data, None, 0, 0


def _copy_for(held: Held, headers: Headers) -> Stored:
    accepted = headers.get(b"accept-encoding")
    if accepted and held.copies:
        for coding in CODINGS:
            if coding in held.copies and accepts(accepted, coding):
                return held.copies[coding]
    return held.plain


def _answer_with(stored: Stored, part: Part, *, with_body: bool) -> Answer:
    if part.status is _NOT_MODIFIED:
        return Answer(stored.unchanged)
    if part.status is _OK:
        return _whole(stored, with_body=with_body)
    size = stored.facts.size
    if part.status is not HTTPStatus.PARTIAL_CONTENT:
        failed = part.status is HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        more = b"Content-Range: bytes */%d\r\n" % size if failed else b""
        return refusal(part.status, with_body=with_body, more=more)
    length = b"Content-Length: %d\r\n" % (part.end - part.start)
    where = b"Content-Range: bytes %d-%d/%d\r\n" % (part.start, part.end - 1, size)
    head = STATUS_LINES[part.status] + stored.headers + length + where
    if not with_body:
        return Answer(head)
    if stored.data is None:
        return Answer(head, b"", stored.path, part.start, part.end)
    return Answer(head, stored.data[part.start : part.end])


def _whole(stored: Stored, *, with_body: bool) -> Answer:
    return Answer(stored.whole, *_body(stored, with_body=with_body))


def read_part(descriptor: int, start: int, end: int) -> bytes:
    """Bytes of an open file.

    Raises:
        OSError: it ends before ``end``.
    """
    data = os.pread(descriptor, end - start, start)
    if not data:
        raise OSError(f"the file ends at byte {start}")
    return data
