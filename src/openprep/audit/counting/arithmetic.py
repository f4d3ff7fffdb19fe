"""The arithmetic of PREP, written plainly from the specification, to be read in one sitting.

It shares no line with the rooms that count (``tabulation``, ``mirror``): whole numbers in tables,
a row for each acta or area. Sources: section B.4 (the 13 figures), A.4 (which actas count), G.1
(actas of proportional representation) and G.3 (coalitions, LGIPE 311.1.c) of the specification of
PREP.

Each acta gives a row of figures; the figures of an area are those of the actas inside it, added up
(:func:`added_up`); and what is published is read off them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from openprep.election import (
    ANYWHERE,
    NOBODYS,
    AboveList,
    ActaGroup,
    Basis,
    Candidacy,
    CasillaKind,
    ColumnKind,
    Location,
    Observation,
    Participation,
    RpActas,
    Summary,
    VoteField,
    VotesOverList,
)
from openprep.election.area_path import parent
from openprep.wire.cut.description import ExpectedColumns, PublishedContest, PublishedRules

Numbers = NDArray[np.int64]
Marks = NDArray[np.bool_]

NOBODY: Final = -1

INCONSISTENT: Final = frozenset(
    Observation(name)
    for name in (
        "ilegible",
        "sin_dato",
        "algun_campo_ilegible_o_sin_dato",
        "todos_ilegibles",
        "todos_sin_dato",
        "todos_ilegibles_o_sin_dato",
        "excede_lista_nominal",
    )
)
"""Observations that enter PORCENTAJE_ACTAS_INCONSISTENCIAS (A.4, B.4 #8)."""

NO_ACTA: Final = frozenset(
    Observation(name)
    for name in (
        "sin_acta_paquete_no_entregado",
        "sin_acta_casilla_no_instalada",
        "sin_acta_paquete_sin_bolsa",
        "sin_acta_contingencia_urna",
    )
)
"""Captured, and never counted (A.4)."""

BY_KIND: Final = {
    CasillaKind("S"): ActaGroup("especial"),
    CasillaKind("M"): ActaGroup("extranjero"),
    CasillaKind("A"): ActaGroup("anticipado"),
    CasillaKind("P"): ActaGroup("prision_preventiva"),
    CasillaKind("U"): ActaGroup("urna_electronica"),
}
"""Groups by TIPO_CASILLA (B.3); the other kinds are of none."""

EXPECTED, CAPTURED, COUNTED, INCONSISTENCIES, LISTA_NOMINAL, WITHOUT_SPECIAL, WITH_LIST = range(7)
"""Columns of a table of figures: actas; the list of those counted; and votes."""

VOTES: Final = 7
"""Where in a table of figures the votes by column begin."""


def share(part: int, whole: int) -> int:
    """``part`` of ``whole`` in ten-thousandths of a percent, truncated; 0 of nothing (B.4)."""
    return part * 1_000_000 // whole if whole else 0


def added_up(rows: Numbers, area: Numbers, areas: int) -> Numbers:
    """Sums of rows by area: ``area`` says of which each row is, and never falls."""
    sums = np.zeros((areas, rows.shape[1]), np.int64)
    if len(rows):
        first = np.flatnonzero(np.diff(area, prepend=-1))
        sums[area[first]] = np.add.reduceat(rows, first, axis=0)
    return sums


# Actas


class HasFigures(Protocol):
    """What is counted of an acta."""

    @property
    def votes(self) -> Sequence[VoteField]:
        """By column."""

    @property
    def observations(self) -> Sequence[Observation]:
        """What was observed."""


@dataclass(frozen=True)
class Actas:
    """Captured actas as columns, a row for each: what their fields and observations come to.

    ``votes`` has 0 for a field without a number (B.3); ``numbered`` says whether any has one.
    """

    votes: NDArray[np.int32]
    numbered: Marks
    without_acta: Marks
    inconsistent: Marks

    @classmethod
    def of(cls, actas: Sequence[HasFigures], columns: int) -> "Actas":
        """The columns of these actas, each of which has ``columns`` votes."""
        told = [vote for acta in actas for vote in acta.votes]
        plain = [vote if isinstance(vote, int) else 0 for vote in told]
        votes = np.array(plain, np.int32).reshape(len(actas), columns)
        numbered = np.asarray(votes.any(axis=1))
        for row in np.flatnonzero(~numbered).tolist():  # nothing but 0, or no number at all
            numbered[row] = any(isinstance(vote, int) for vote in actas[row].votes)
        without, inconsistent = np.zeros((2, len(actas)), np.bool_)
        for row, acta in enumerate(actas):
            if acta.observations:
                without[row] = not NO_ACTA.isdisjoint(acta.observations)
                inconsistent[row] = not INCONSISTENT.isdisjoint(acta.observations)
        return cls(votes, numbered, without, inconsistent)

    @classmethod
    def joined(cls, parts: Sequence["Actas"], columns: int) -> "Actas":
        """All of these, one after the other."""
        parts = parts or [cls.of((), columns)]
        return cls(
            np.concatenate([part.votes for part in parts]),
            np.concatenate([part.numbered for part in parts]),
            np.concatenate([part.without_acta for part in parts]),
            np.concatenate([part.inconsistent for part in parts]),
        )

    def only(self, rows: Numbers) -> "Actas":
        """Some of them."""
        return Actas(
            self.votes[rows], self.numbered[rows], self.without_acta[rows], self.inconsistent[rows]
        )

    @property
    def totals(self) -> Numbers:
        """TOTAL_VOTOS_CALCULADO of each."""
        totals: Numbers = self.votes.sum(axis=1, dtype=np.int64)
        return totals


class Casillas:
    """Expected actas as columns, in the catalogue's order."""

    def __init__(
        self, contest: PublishedContest, rules: PublishedRules, expected: ExpectedColumns
    ) -> None:
        kinds = expected.kinds
        self.lista_nominal = np.array(expected.lista_nominal, np.int64)
        more = np.array([number or 0 for number in expected.representatives], np.int64)
        self.limit = self.lista_nominal + more
        self.exempt = np.array([kind in rules.excess_exempt for kind in kinds], np.bool_)
        self.special = np.array([kind is CasillaKind.ESPECIAL for kind in kinds], np.bool_)
        federal, tipos = contest.rp_actas is RpActas.ENTITY_ONLY, set(contest.rp_tipos)
        self.apart = np.array([federal and tipo in tipos for tipo in expected.tipos], np.bool_)
        """Extra actas of proportional representation: they enter no total (G.1)."""
        self._expected = expected

    def __len__(self) -> int:
        return len(self.lista_nominal)

    @cached_property
    def groups(self) -> dict[ActaGroup, Marks]:
        """The actas of each group: by UBICACION_CASILLA (E.1), and by TIPO_CASILLA (B.3)."""
        urban = np.array([at is Location.URBAN for at in self._expected.locations], np.bool_)
        found = {ActaGroup("urbana"): urban, ActaGroup("no_urbana"): ~urban}
        for kind, group in BY_KIND.items():
            found[group] = np.array([own is kind for own in self._expected.kinds], np.bool_)
        return {group: found[group] for group in ActaGroup if found[group].any()}

    def counted(self, rows: Numbers, actas: Actas) -> Marks:
        """CONTABILIZADA of the captured actas of these rows (A.4).

        Not counted: there is no acta; no field has a number; or there are more votes than the
        lista nominal and the representatives (in special casillas, the ballots) together.
        """
        exceeds = (actas.totals > self.limit[rows]) & ~self.exempt[rows]
        counted: Marks = ~actas.without_acta & actas.numbered & ~exceeds
        return counted

    def figures(self, rows: Numbers, actas: Actas) -> tuple[Numbers, Numbers]:
        """A row of figures for each expected acta, ``actas`` being those of ``rows``.

        Then, in the same columns, the figures of the actas that stand apart.
        """
        figures = np.zeros((len(self), VOTES + actas.votes.shape[1]), np.int64)
        counted, totals = self.counted(rows, actas), actas.totals
        in_total = counted & ~self.apart[rows]
        figures[:, EXPECTED] = 1
        figures[rows, CAPTURED] = 1
        figures[rows, COUNTED] = counted
        figures[rows, INCONSISTENCIES] = actas.inconsistent
        figures[rows, LISTA_NOMINAL] = self.lista_nominal[rows] * counted
        figures[rows, WITHOUT_SPECIAL] = totals * (in_total & ~self.special[rows])
        figures[rows, WITH_LIST] = totals * (in_total & (self.lista_nominal[rows] > 0))
        figures[rows, VOTES:] = actas.votes * in_total[:, np.newaxis]
        apart = np.zeros_like(figures)
        if self.apart.any():
            apart[self.apart, :VOTES] = figures[self.apart, :VOTES]
            apart[rows, VOTES:] = actas.votes * (counted & self.apart[rows])[:, np.newaxis]
        return figures, apart


# Who runs


class Runner(NamedTuple):
    """Who runs in an area: rank among the contenders, key, name where it is one person's."""

    rank: int
    key: str
    name: str | None
    parties: tuple[str, ...]


class Running:
    """Who runs where in a contest.

    ``units`` are as :class:`~openprep.wire.cut.description.Candidacies` has them.

    Raises:
        ValueError: a candidacy or combination names a column or party that there is not.
    """

    def __init__(self, contest: PublishedContest, units: Mapping[str, Sequence[Candidacy]]) -> None:
        self.columns = contest.columns
        self.parties = [
            column.parties[0]
            for column in contest.columns
            if column.kind in (ColumnKind.PARTY, ColumnKind.INDEPENDENT)
        ]
        self._units = units
        self._at = {column.id: position for position, column in enumerate(contest.columns)}
        self._every = {candidacy.key: candidacy for some in units.values() for candidacy in some}
        unknown = {name for some in units.values() for one in some for name in one.columns}
        unknown -= self._at.keys()
        unknown |= {party for one in contest.columns for party in one.parties} - {*self.parties}
        if unknown:
            raise ValueError(", ".join(sorted(unknown)))
        self.contenders = self._contenders()
        self._rank = {key: rank for rank, key in enumerate(self.contenders)}

    def _contenders(self) -> list[str]:
        """Keys of every candidacy, in the order of the first column of each."""
        first: dict[str, int] = {}
        for candidacies in self._units.values():
            for candidacy in candidacies:
                position = min((self._at[name] for name in candidacy.columns), default=0)
                first[candidacy.key] = min(position, first.get(candidacy.key, position))
        return sorted(first, key=lambda key: (first[key], key))

    def _declared_for(self, area: str) -> str:
        """The area for which it is declared who runs in the whole of ``area``."""
        while area and area not in self._units:
            area = parent(area)
        return area or ANYWHERE

    def in_area(self, area: str) -> list[Runner]:
        """Every candidacy of the area; without names where they differ in the units below."""
        own = self._units.get(self._declared_for(area), ())
        return sorted(
            Runner(
                self._rank[candidacy.key],
                candidacy.key,
                candidacy.name if own else None,
                self._members(candidacy),
            )
            for candidacy in own or self._every.values()
        )

    def _members(self, candidacy: Candidacy) -> tuple[str, ...]:
        of = [self.columns[self._at[name]].parties for name in candidacy.columns]
        return tuple(parties[0] for parties in of if len(parties) == 1)

    def ballots(self, units: Sequence[str]) -> "Ballots":
        """The ballots of these units."""
        declared = [self._declared_for(unit) for unit in units]
        kinds = {name: kind for kind, name in enumerate(dict.fromkeys(declared))}
        of_unit = np.array([kinds[name] for name in declared], np.int64)
        given = np.array([self._given(name) for name in kinds], np.int64)
        return Ballots(self, of_unit, given)

    def _given(self, declared_for: str) -> Numbers:
        """Which contender gets the votes of which column; the last place is off the ballot."""
        given = np.zeros((len(self.columns), len(self.contenders) + 1), np.int64)
        for candidacy in self._units.get(declared_for, ()):
            for name in candidacy.columns:
                given[self._at[name], self._rank[candidacy.key]] = 1
        for position, column in enumerate(self.columns):
            given[position, -1] = column.kind not in NOBODYS and not given[position].any()
        return given


@dataclass(frozen=True)
class Ballots:
    """The ballots of a contest's units, of which many may be alike."""

    running: Running
    of_unit: Numbers
    given: Numbers
    """By kind of ballot: columns by contenders, and off the ballot."""

    def by_contender(self, columns: Numbers, unit: Numbers) -> Numbers:
        """Votes of each contender, and off the ballot, from those by column of areas in units."""
        kinds = self.of_unit[unit]
        votes = np.empty((len(columns), self.given.shape[2]), np.int64)
        for kind in np.unique(kinds).tolist():
            rows = np.flatnonzero(kinds == kind)
            votes[rows] = columns[rows] @ self.given[kind]
        return votes

    def by_party(self, columns: Numbers) -> Numbers:
        """Votes by party of every unit (LGIPE 311.1.c; G.3).

        The votes of each combination are divided equally among its parties; what is left over goes
        one each to those with most votes of their own, ties in the order of the ballot.
        """
        on_ballot = self.given[:, :, :-1].max(axis=2)
        columns = columns * on_ballot[self.of_unit]
        parties = self.running.parties
        own = np.zeros((len(columns), len(parties)), np.int64)
        for position, column in enumerate(self.running.columns):
            if column.kind in (ColumnKind.PARTY, ColumnKind.INDEPENDENT):
                own[:, parties.index(column.parties[0])] = columns[:, position]
        given = own.copy()
        for position, column in enumerate(self.running.columns):
            if column.kind is ColumnKind.COMBINATION:
                members = [parties.index(party) for party in column.parties]
                each, left_over = np.divmod(columns[:, position], len(members))
                strongest = np.argsort(-own[:, members], axis=1, kind="stable")
                rank = np.argsort(strongest, axis=1)
                given[:, members] += each[:, np.newaxis] + (rank < left_over[:, np.newaxis])
        return given


class Leading(NamedTuple):
    """Of each area: who comes first and second (:data:`NOBODY`), and the most that anybody has."""

    first: Numbers
    second: Numbers
    most: Numbers


def leading(contenders: Numbers) -> Leading:
    """Who comes first and who second; nobody where there is no vote, or a tie."""
    padded = np.pad(contenders, ((0, 0), (2, 0)))
    next_most, most = np.sort(padded, axis=1)[:, -2:].T
    first = _alone(padded, most)
    second = np.where(first == NOBODY, NOBODY, _alone(padded, next_most))
    return Leading(first, second, most)


def _alone(padded: Numbers, votes: Numbers) -> Numbers:
    """Who alone has so many votes."""
    holders = padded == votes[:, np.newaxis]
    decided = (holders.sum(axis=1) == 1) & (votes > 0)
    return np.where(decided, holders.argmax(axis=1) - 2, NOBODY)


# What is published


def summary(
    figures: Sequence[int], outside: int, rule: Participation, *, root: bool, closing: bool
) -> Summary:
    """The 13 figures (B.4): of the ``root`` of the contest, or of an area below it.

    ``outside`` are actas out of catalogue, which only the root has; ``closing`` says whether the
    cut is the last one.
    """
    expected, captured, counted = figures[EXPECTED], figures[CAPTURED], figures[COUNTED]
    listed = figures[LISTA_NOMINAL]
    made_of = basis(figures, rule, root=root, closing=closing)
    official = share(made_of.votes, listed)
    return Summary(
        expected=expected,
        registered=captured + outside,
        out_of_catalogue=outside,
        captured=captured,
        captured_share=share(captured, expected),
        counted=counted,
        counted_share=share(counted, expected),
        inconsistent_share=share(figures[INCONSISTENCIES], expected),
        not_counted=captured - counted,
        lista_nominal=listed,
        votes_with_special=sum(figures[VOTES:]),
        votes_without_special=figures[WITHOUT_SPECIAL],
        participation=official if root or listed else None,
        basis=made_of,
    )


def basis(figures: Sequence[int], rule: Participation, *, root: bool, closing: bool) -> Basis:
    """What the participation is made of (B.4 #13 and decision 0020).

    In the whole of the contest, votes without special casillas, or with them where the rule or the
    last cut has it so. In an area below, the votes of casillas and mesas that have a list.
    """
    last = closing and rule is Participation.SPECIAL_CASILLAS_IN_LAST_CUT
    if not root:
        of, votes = "with_list", figures[WITH_LIST]
    elif last or rule is Participation.SPECIAL_CASILLAS_ALWAYS:
        of, votes = "with_special", sum(figures[VOTES:])
    else:
        of, votes = "without_special", figures[WITHOUT_SPECIAL]
    listed, above = figures[LISTA_NOMINAL], None
    if votes > listed:
        above = AboveList("beyond_list" if figures[WITH_LIST] > listed else "without_list")
    return Basis(VotesOverList(of), votes, above)
