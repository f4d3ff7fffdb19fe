"""Stable codes for everything an operator may see.

A code never changes its meaning and is never reused. Each room declares its own codes as a
:class:`Coded` enum, with the meaning beside the code; ``docs/codes.md`` lists them all and a test
holds that list.
"""

from enum import Enum
from typing import Generic, TypeVar

from openprep.masking import masked


class Coded(Enum):
    """An enum whose members are ``("A012", "what it means, for the person who can act")``."""

    def __init__(self, code: str, meaning: str) -> None:
        self.code = code
        self.meaning = meaning

    def of(self, detail: object) -> str:
        """A line for a person: the code, what was wrong and where, and what the code means."""
        return f"{self.code} {detail} — {self.meaning}"


Code = TypeVar("Code", bound=Coded)


class CodedError(Exception, Generic[Code]):
    """What a person must act upon: a code, what was wrong and where, and what the code means.

    ``detail`` never shows the password or the signature of an address.
    """

    def __init__(self, code: Code, detail: str) -> None:
        self.code = code
        self.detail = masked(detail)
        super().__init__(code.of(self.detail))
