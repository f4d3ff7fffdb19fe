"""The acta on the screen: its rows in the order of the form, with what was typed in each."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

from openprep.capture.asked import Asked, asked_of
from openprep.capture.reading import FieldName
from openprep.desks.figures import NotAFigure, read_figure
from openprep.desks.ticket import Ticket
from openprep.desks.web.texts.all import text
from openprep.desks.web.texts.said import Language
from openprep.election import Column, ColumnKind, Election, ExpectedActa, VoteField

VOTES = "votes."
SHEETS_KEPT = 500
"""Sheets that are kept made: of more people than one house has at work."""


class Box(NamedTuple):
    """Where a field stands on an image: left, top, width and height, each as a part of it."""

    x: float
    y: float
    width: float
    height: float


class FieldPlaces(Protocol):
    """Who knows where the fields of an acta stand on its image."""

    def __call__(self, ticket: Ticket) -> Mapping[FieldName, Box]:
        """The places that are known; those of an image that nobody laid straight are not."""


class Row(NamedTuple):
    """One field: its name, its label, what was typed, and what is the matter with it."""

    name: FieldName
    label: str
    typed: str
    trouble: str

    @property
    def is_vote(self) -> bool:
        """Whether it is of a column of the form, which has three boxes."""
        return self.name.startswith(VOTES)


class Figures(NamedTuple):
    """What was typed as figures, and what is the matter with the fields that are none."""

    values: Mapping[FieldName, VoteField]
    troubles: Mapping[FieldName, str]


class Sheet:
    """The form of the acta that a ticket is of."""

    def __init__(self, election: Election, ticket: Ticket) -> None:
        self._election = election
        self.ticket = ticket
        self.contest = election.contests[ticket.contest]
        self.expected: ExpectedActa | None = election.expected[ticket.contest].get(
            ticket.acta or ""
        )
        self.asked: Asked = asked_of(self.contest, self.expected, election.databases.flavour)

    def figures(self, typed: Mapping[FieldName, str]) -> Figures:
        """What was typed, field by field; an empty field is none of the four."""
        values, troubles = {}, {}
        for name in self.asked.fields:
            try:
                value = read_figure(typed.get(name, ""))
            except NotAFigure:
                troubles[name] = "wrong"
                continue
            if value is None:
                troubles[name] = "empty"
            else:
                values[name] = value
        return Figures(values, troubles)

    def rows(
        self, typed: Mapping[FieldName, str], troubles: Mapping[FieldName, str], language: Language
    ) -> list[Row]:
        """All rows of the form."""
        return [
            Row(name, self.label(name, language), typed.get(name, ""), troubles.get(name, ""))
            for name in self.asked.fields
        ]

    def label(self, name: FieldName, language: Language) -> str:
        """What a field is called."""
        if not name.startswith(VOTES):
            return text(language, f"field.{name}")
        return self._column(self.contest.columns[int(name.removeprefix(VOTES))], language)

    def _column(self, column: Column, language: Language) -> str:
        if column.kind in (ColumnKind.UNREGISTERED, ColumnKind.NULL):
            return text(language, f"field.{column.kind.value}")
        parties = [self._election.parties[party] for party in column.parties]
        if len(parties) != 1:
            return " + ".join(party.id for party in parties) or column.id
        (party,) = parties
        return party.id if party.name == party.id else f"{party.id} · {party.name}"

    def title(self, language: Language) -> str:
        """What the acta is called."""
        if self.expected is None:
            return text(language, "unidentified")
        one = self.expected
        casilla = f"{one.kind.value} {one.number}"
        return f"{one.id} · {one.seccion} {casilla}" if one.seccion else f"{one.id} · {casilla}"


class Sheets:
    """The forms of an election's actas, each made once while it is at work."""

    def __init__(self, election: Election) -> None:
        self._election = election
        self.of = lru_cache(SHEETS_KEPT)(self._made)
        """The form of the acta that a ticket is of."""

    def _made(self, ticket: Ticket) -> Sheet:
        return Sheet(self._election, ticket)
