"""Findings: each departure from the norm once per kind, with a count and its first places."""

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec import Struct

from openprep.coded import Text
from openprep.databases.codes import HABITS, DatabaseCode

LONGEST_QUOTE = 120
"""Characters of a cell that a finding quotes."""


@dataclass(frozen=True)
class Place:
    """Where something was found; ``line`` counts from 1, 0 where the whole file is meant.

    ``what`` stands there: a cell as it was read, or a text of what is wrong with it.
    """

    line: int
    column: str
    what: str | Text

    @property
    def value(self) -> str:
        """What stands there, in words and no longer than a finding quotes."""
        return str(self.what)[:LONGEST_QUOTE]


class Finding(Struct, frozen=True):
    """One kind of departure: how often, and where first."""

    code: DatabaseCode
    count: int
    places: tuple[Place, ...]

    @property
    def is_habit(self) -> bool:
        """Whether it is what generators and people do, and puts no figure in doubt."""
        return self.code in HABITS


class Findings:
    """Collects findings while a file is read."""

    def __init__(self, most_places: int) -> None:
        self._most_places = most_places
        self._counts: dict[DatabaseCode, int] = {}
        self._places: dict[DatabaseCode, list[Place]] = {}

    def note(
        self, code: DatabaseCode, line: int = 0, column: str = "", value: str | Text = ""
    ) -> None:
        """Note one departure, at one place; a ``value`` that is no text is a cell of the file."""
        self._counts[code] = self._counts.get(code, 0) + 1
        places = self._places.setdefault(code, [])
        if len(places) < self._most_places:
            what = value[:LONGEST_QUOTE] if isinstance(value, str) else value
            places.append(Place(line, column, what))

    def __contains__(self, code: DatabaseCode) -> bool:
        return code in self._counts

    def add(self, findings: Iterable[Finding]) -> None:
        """Take over what another reading found."""
        for finding in findings:
            self._counts[finding.code] = self._counts.get(finding.code, 0) + finding.count
            places = self._places.setdefault(finding.code, [])
            places.extend(finding.places[: self._most_places - len(places)])

    def drop(self, codes: Iterable[DatabaseCode]) -> None:
        """Forget what was noted of ``codes``."""
        for code in codes:
            self._counts.pop(code, None)
            self._places.pop(code, None)

    def found(self) -> tuple[Finding, ...]:
        """Everything noted, ordered by code."""
        ordered = sorted(self._counts, key=lambda code: code.code)
        return tuple(
            Finding(code, self._counts[code], tuple(self._places[code])) for code in ordered
        )
