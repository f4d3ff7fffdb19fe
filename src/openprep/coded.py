"""Stable codes for everything an operator may see.

A code never changes its meaning and is never reused. Each room declares its own codes as a
:class:`Coded` enum, with the meaning beside the code; ``docs/codes.md`` lists them all and a test
holds that list.
"""

from enum import Enum


class Coded(Enum):
    """An enum whose members are ``("A012", "what it means, for the person who can act")``."""

    def __init__(self, code: str, meaning: str) -> None:
        self.code = code
        self.meaning = meaning
