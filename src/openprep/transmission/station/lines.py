"""Lines of facts, held against the centre's own checks before a station seals them.

An envelope is taken whole or not at all, and envelopes leave in order: one wrong field would keep
all that was saved after it from leaving. What the centre knows and a station does not (earlier
reports, who is responsible) is left to it.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import NamedTuple

import msgspec
from msgspec import inspect

from openprep.capture.acts import HouseAct
from openprep.coded import Coded
from openprep.election import Election
from openprep.record.aside import Why, figures_of
from openprep.record.facts import Fact, decode_fact
from openprep.transmission.codes import Refused, StationCode
from openprep.transmission.inbox.checks import CLOCK_SKEW, check_alone, check_fact, refusal_of
from openprep.transmission.inbox.judging import doubt_of

NO_OBJECT = "it is no JSON object, {…}: a table or a document is no file of facts"


class Mistake(NamedTuple):
    """What is wrong with a line. ``where`` is its file and number."""

    where: str
    code: Coded
    detail: str

    @property
    def is_held(self) -> bool:
        """Whether the centre takes it all the same, and keeps it unpublished for a person."""
        return isinstance(self.code, Why)

    @property
    def is_empty(self) -> bool:
        """Whether it is no line's, but of a file that has none: nothing of it is refused."""
        return self.code is StationCode.NO_FACTS

    def __str__(self) -> str:
        return self.code.of("{where}: {detail}", where=self.where, detail=self.detail)


class Lines(NamedTuple):
    """The facts of a file, and what is wrong with it."""

    facts: tuple[Fact, ...]
    mistakes: tuple[Mistake, ...]


def read_lines(name: str, data: bytes, election: Election | None, now: datetime) -> Lines:
    """The facts in ``data``, one a line, blank lines apart, and the mistakes of all lines.

    A file without a line is a mistake of its own: a copy that was cut short has none. Without the
    ``election`` a line is held against what needs none: the format, words that
    contradict figures, values that no law has.
    """
    whole = _no_lines_of_facts(name, data)
    if whole is not None:
        return Lines((), (whole,))
    facts, mistakes = [], []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        where = f"{name}:{number}"
        try:
            fact = decode_fact(line)
        except msgspec.DecodeError as error:
            if refused := refusal_of(error, where):
                mistakes.append(_mistake(where, refused))
                continue
            said = explained(error) if line.lstrip().startswith(b"{") else NO_OBJECT
            mistakes.append(Mistake(where, StationCode.NOT_A_FACT, said))
            continue
        facts.append(fact)
        mistakes += _mistakes_of(fact, where, election, now)
    if not facts and not mistakes:
        mistakes.append(Mistake(name, StationCode.NO_FACTS, f"{len(data)} bytes, no line of JSON"))
    return Lines(tuple(facts), tuple(mistakes))


def _no_lines_of_facts(name: str, data: bytes) -> Mistake | None:
    """The one mistake of a file that is of another kind; its lines have nothing more to say."""
    if b"\0" in data:
        return Mistake(name, StationCode.NOT_A_FACT, "it is binary, no text of UTF-8")
    lines = data.splitlines()
    first = next((number for number, line in enumerate(lines, 1) if line.strip()), None)
    if first is None or any(line.lstrip().startswith(b"{") for line in lines):
        return None
    return Mistake(f"{name}:{first}", StationCode.NOT_A_FACT, f"{NO_OBJECT}; nor is any other line")


def _mistakes_of(
    fact: Fact, where: str, election: Election | None, now: datetime
) -> Iterator[Mistake]:
    try:
        if election is None:
            check_alone(fact, where)
        else:
            check_fact(fact, election, now + CLOCK_SKEW, where)
    except Refused as refused:
        yield _mistake(where, refused)
        return
    figures = None if isinstance(fact, HouseAct) else figures_of(fact)
    doubt = None if election is None or figures is None else doubt_of(figures, election)
    if doubt is not None:
        yield Mistake(where, doubt.why, str(doubt.words))


def _mistake(where: str, refused: Refused) -> Mistake:
    return Mistake(where, refused.code, refused.detail.removeprefix(f"{where}: "))


def explained(error: msgspec.DecodeError) -> str:
    """A parser's complaint, with what would have been right where that is one of a few words."""
    words = str(error)
    place = re.search(r"at `\$(.*)`\Z", words)
    valid = list(_valid_at(_FACT, _steps(place[1]))) if place and "nvalid" in words else []
    return f"{words}; valid: {', '.join(valid)}" if valid else words


_FACT = inspect.type_info(Fact)


def _steps(path: str) -> Sequence[str]:
    """``.acta.votes[0]`` as ``acta``, ``votes``, ``[``."""
    return re.findall(r"[^.\[\]]+|\[", re.sub(r"\[[^\]]*\]", "[", path))


def _valid_at(kind: inspect.Type, steps: Sequence[str]) -> Iterator[str]:
    """The words that may stand at the end of ``steps`` below a type, each once."""
    yield from dict.fromkeys(_words_at(kind, steps))


def _words_at(kind: inspect.Type, steps: Sequence[str]) -> Iterator[str]:
    if isinstance(kind, inspect.UnionType):
        for member in kind.types:
            yield from _words_at(member, steps)
    elif isinstance(kind, inspect.StructType) and steps:
        if steps[0] == kind.tag_field:
            yield str(kind.tag)
        for field in kind.fields:
            if field.encode_name == steps[0]:
                yield from _words_at(field.type, steps[1:])
    elif isinstance(kind, inspect.VarTupleType) and steps:
        yield from _words_at(kind.item_type, steps[1:])
    elif isinstance(kind, inspect.EnumType):
        members: type[Enum] = kind.cls
        yield from (str(member.value) for member in members)
