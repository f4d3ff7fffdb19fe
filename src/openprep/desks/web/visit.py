"""One request: who asks, in which language, with which form."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl

from aiohttp import web

from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.house import Worker
from openprep.desks.web.texts.said import Language
from openprep.people.session_file import Session

MOST_FIELDS = 500
LONGEST = 2_000
"""Most signs of one value of a form."""

_PART = re.compile(rb'(?i)form-data; name="(?P<name>[^"\r\n]{1,100})"(?P<file>; filename)?')


@dataclass(frozen=True)
class Form:
    """The values of a form, by name; a name may have several."""

    values: Mapping[str, tuple[str, ...]]
    file: bytes = b""

    @classmethod
    def of_parts(cls, body: bytes, boundary: str) -> "Form":
        """A form with one file, in ``multipart/form-data`` (RFC 7578), as browsers write it.

        Of a body of many megabytes only the file is copied, and that once.

        Raises:
            NotGiven: NOT_OF_THIS_PAGE.
        """
        values: dict[str, tuple[str, ...]] = {}
        file = b""
        for start, end in _parts_of(body, boundary.encode()):
            blank = body.find(b"\r\n\r\n", start, end)
            head, content = (end, end) if blank < 0 else (blank, blank + 4)
            named = _PART.search(body, start, head)
            if named is None:
                raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "a part without a name")
            if named["file"] is not None:
                file = body[content:end]
                continue
            if end - content > LONGEST:
                raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "a value is too long")
            name = named["name"].decode(errors="replace")
            value = body[content:end].decode(errors="replace")
            values[name] = (*values.get(name, ()), value)
        return cls(values, file)

    @classmethod
    def of(cls, body: bytes) -> "Form":
        """A form in ``application/x-www-form-urlencoded`` (URL standard).

        Raises:
            NotGiven: NOT_OF_THIS_PAGE.
        """
        try:
            pairs = parse_qsl(
                body.decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=MOST_FIELDS,
            )
        except ValueError as error:
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "no form") from error
        if any(len(value) > LONGEST for _, value in pairs):
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "a value is too long")
        values: dict[str, tuple[str, ...]] = {}
        for name, value in pairs:
            values[name] = (*values.get(name, ()), value)
        return cls(values)

    def one(self, name: str) -> str:
        """The value of a name; ``""`` where there is none.

        Raises:
            NotGiven: NOT_OF_THIS_PAGE, it is there twice.
        """
        found = self.values.get(name, ("",))
        if len(found) > 1:
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "{name} twice", name=name)
        return found[0]

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a name."""
        return self.values.get(name, ())


NO_FORM = Form({})


def _parts_of(body: bytes, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Where each part begins and ends; what no boundary ends is none.

    Raises:
        NotGiven: NOT_OF_THIS_PAGE, there are more than a form has.
    """
    mark = b"\r\n--" + boundary
    first = 0 if body.startswith(mark[2:]) else body.find(mark) + 2
    if not body.startswith(mark[2:], first):
        return
    start, count = first + len(mark) - 2, 0
    while (end := body.find(mark, start)) >= 0:
        count += 1
        if count > MOST_FIELDS:
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "too many parts")
        yield start, end
        start = end + len(mark)


@dataclass(frozen=True)
class Visit:
    """A request that came through the gate: its origin, form and rights were seen to."""

    request: web.Request
    language: Language
    fits: str
    """What a form of the page must send back, so that it is known for a page of this browser."""
    session: Session | None
    form: Form = NO_FORM
    token: str = ""
    """The session's."""

    @cached_property
    def who(self) -> Session:
        """The session, on a route that needs one."""
        assert self.session is not None
        return self.session

    @property
    def worker(self) -> Worker:
        """Who works, as the house knows them."""
        return Worker(self.who.person, self.who.id, self.who.place)
