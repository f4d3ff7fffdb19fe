"""Stable codes for everything an operator may see.

A code never changes its meaning and is never reused. Each room declares its own codes as a
:class:`Coded` enum, with the meaning beside the code; ``docs/codes.md`` lists them all and a test
holds that list.

What was wrong is said by a template and its facts, ``"{path}: more than {limit} bytes"`` with
``path`` and ``limit``: a template is a literal of the code, so that a catalogue can have it in
another language (``docs/decisions/0028-texts-and-facts.md``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from openprep.masking import masked


@dataclass(frozen=True)
class Text:
    """What is said of something: a template with its facts, among which texts may be again."""

    template: str
    facts: Mapping[str, object]

    def __str__(self) -> str:
        """In words, without the password or the signature of an address."""
        return masked(self.template.format_map(self.facts))


def said(template: str, /, **facts: object) -> Text:
    """A part of what a message says."""
    return Text(template, facts)


def counted(count: int, one: str) -> str:
    """So many of what ``one`` names, as ``1 fact`` or ``1,432 facts``."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


@dataclass(frozen=True)
class Lines:
    """Texts among the facts of another, each on a line of its own."""

    texts: tuple[Text, ...]

    def __str__(self) -> str:
        """In words."""
        return "\n".join(map(str, self.texts))


class Coded(Enum):
    """An enum whose members are ``("A012", "what it means, for the person who can act")``."""

    def __init__(self, code: str, meaning: str) -> None:
        self.code = code
        self.meaning = meaning

    def of(self, template: str, /, **facts: object) -> str:
        """A line for a person: the code, what was wrong and where, and what the code means."""
        return self.line(Text(template, facts))

    def line(self, detail: Text) -> str:
        """The line of what is said already."""
        return f"{self.code} {detail} — {self.meaning}"


Code = TypeVar("Code", bound=Coded)


class CodedError(Exception, Generic[Code]):
    """What a person must act upon: a code, what was wrong and where, and what the code means.

    ``text`` says what was wrong and where; ``detail`` is the same in words.
    """

    def __init__(self, code: Code, template: str, /, **facts: object) -> None:
        self.code = code
        self.text = Text(template, facts)
        super().__init__(self.in_a_line())

    @property
    def detail(self) -> str:
        """What was wrong and where."""
        return str(self.text)

    def in_a_line(self) -> str:
        """All of it, as it is shown."""
        return self.code.line(self.text)
