"""A whole page, read: its shell, what in it is more than plain, and what it says."""

from dataclasses import dataclass

from openprep.reading.markup import (
    HEAD_ELEMENTS,
    Taken,
    not_plain,
    not_plain_document,
    take_apart,
)
from openprep.reading.text import Said, said_in


@dataclass(frozen=True)
class PageRead:
    """A page as it was read. ``taken`` is ``None`` where it has not the marks of a shell.

    ``said`` is nothing where something is more than plain (``more``): nobody can say what a
    browser makes of that.
    """

    taken: Taken | None
    more: list[str]
    said: list[Said]


def read_page(data: bytes, *, alone: bool = False) -> PageRead:
    """Read a page; ``alone`` is one that was never put into a shell."""
    page = data.decode(errors="replace")
    taken = None if alone else take_apart(page)
    if taken is None:
        more, put_in = not_plain_document(page), page
    else:
        more = [*not_plain(taken.head, HEAD_ELEMENTS), *not_plain(taken.results)]
        put_in = taken.head + taken.results
    return PageRead(taken, more, [] if more else said_in(put_in))
