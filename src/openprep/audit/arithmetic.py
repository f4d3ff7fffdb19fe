"""The arithmetic of PREP, written plainly from the specification, to be read in one sitting.

It shares no line with the rooms that count (``tabulation``, ``mirror``): whole numbers, and
counters by name. Sources: section B.4 (the 13 figures), A.4 (which actas count), G.1 (actas of
proportional representation) and G.3 (coalitions, LGIPE 311.1.c) of the specification of PREP.

Actas are added up to the :class:`Sums` of a section; the sums of an area are those of the areas
inside it, added up; and the published figures are read off them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from openprep.election import (
    ANYWHERE,
    NOBODYS,
    AboveList,
    Acta,
    ActaGroup,
    Basis,
    Candidacy,
    CasillaKind,
    ColumnKind,
    Counting,
    ExpectedActa,
    Level,
    Location,
    Observation,
    Participation,
    RpActas,
    Summary,
    VoteField,
    VotesOverList,
)
from openprep.election.area_path import own_id, parent, unit_of
from openprep.wire.cut.description import PublishedContest, PublishedRules
from openprep.wire.cut.objects import ProportionalVotes, PublishedActa
from openprep.wire.cut.results import CandidacyVotes, GroupResults, PartyVotes, UnitsWon

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


def share(part: int, whole: int) -> int:
    """``part`` of ``whole`` in ten-thousandths of a percent, truncated; 0 of nothing (B.4)."""
    return part * 1_000_000 // whole if whole else 0


def votes_of(field: VoteField) -> int:
    """What a field of an acta adds: its number, or 0 where it has none (B.3)."""
    return field if isinstance(field, int) else 0


def counting_of(
    acta: Acta, expected: ExpectedActa, exempt: Sequence[CasillaKind]
) -> tuple[Counting, int]:
    """CONTABILIZADA and TOTAL_VOTOS_CALCULADO of a captured acta of the catalogue (A.4).

    Not counted: there is no acta; no field has a number; or there are more votes than the lista
    nominal and the representatives (in special casillas, the ballots) together.
    """
    total = sum(votes_of(vote) for vote in acta.votes)
    limit = expected.lista_nominal + (expected.representatives or 0)
    without_acta = any(observation in NO_ACTA for observation in acta.observations)
    without_number = not any(isinstance(vote, int) for vote in acta.votes)
    exceeds = total > limit and expected.kind not in exempt
    if without_acta or without_number or exceeds:
        return Counting.NOT_COUNTED, total
    return Counting.COUNTED, total


def groups_of(expected: ExpectedActa) -> set[ActaGroup]:
    """The groups of an acta: by UBICACION_CASILLA (E.1), and by TIPO_CASILLA where it has one."""
    urban = expected.location is Location.URBAN
    located = ActaGroup("urbana") if urban else ActaGroup("no_urbana")
    return {located, BY_KIND.get(expected.kind, located)}


@dataclass
class Sums:
    """What the actas of an area add up to; every counter is by name, and what is absent is 0.

    ``figures``: actas and votes that the 13 figures are made of. ``columns``: votes by column.
    ``candidacies``: by key. ``parties``: after 311.1.c, from the unit up. ``first`` and ``second``:
    in how many constituencies a candidacy comes first and second. ``apart``: the actas of
    proportional representation that enter no total (``expected``, ``captured``, ``counted``), with
    their votes by column in ``apart_columns``. ``secciones``: those with actas. ``groups``: the
    sums of the actas of each group.
    """

    figures: Counter[str] = field(default_factory=Counter)
    columns: Counter[str] = field(default_factory=Counter)
    candidacies: Counter[str] = field(default_factory=Counter)
    parties: Counter[str] = field(default_factory=Counter)
    off_ballot: int = 0
    first: Counter[str] = field(default_factory=Counter)
    second: Counter[str] = field(default_factory=Counter)
    apart: Counter[str] = field(default_factory=Counter)
    apart_columns: Counter[str] = field(default_factory=Counter)
    secciones: list[str] = field(default_factory=list)
    groups: dict[ActaGroup, "Sums"] = field(default_factory=dict)

    def add(self, other: "Sums") -> None:
        """Add the sums of another area."""
        self.figures.update(other.figures)
        self.columns.update(other.columns)
        self.candidacies.update(other.candidacies)
        self.parties.update(other.parties)
        self.off_ballot += other.off_ballot
        self.first.update(other.first)
        self.second.update(other.second)
        self.apart.update(other.apart)
        self.apart_columns.update(other.apart_columns)
        self.secciones.extend(other.secciones)
        for group, sums in other.groups.items():
            self.groups.setdefault(group, Sums()).add(sums)

    @property
    def total(self) -> int:
        """Votes of every column."""
        return sum(self.columns.values())


class Arithmetic:
    """The arithmetic of one contest in one cut; ``closing`` says whether it is the last one.

    ``units`` says who runs where, as :class:`~openprep.wire.cut.objects.Candidacies` has it.
    """

    def __init__(
        self,
        contest: PublishedContest,
        units: Mapping[str, Sequence[Candidacy]],
        rules: PublishedRules,
        *,
        closing: bool,
    ) -> None:
        self.contest = contest
        self.units = units
        self.rules = rules
        self.closing = closing
        self.names = [column.id for column in contest.columns]
        self.parties = [
            column.parties[0]
            for column in contest.columns
            if column.kind in (ColumnKind.PARTY, ColumnKind.INDEPENDENT)
        ]
        self.contenders = self._contenders()
        self._rank = {key: rank for rank, key in enumerate(self.contenders)}
        self._every = {candidacy.key: candidacy for some in units.values() for candidacy in some}
        self._parties_of = {column.id: column.parties for column in contest.columns}

    def _contenders(self) -> list[str]:
        """Keys of every candidacy, in the order of the first column of each."""
        first: dict[str, int] = {}
        for candidacies in self.units.values():
            for candidacy in candidacies:
                position = min(self.names.index(name) for name in candidacy.columns)
                first[candidacy.key] = min(position, first.get(candidacy.key, position))
        return sorted(first, key=lambda key: (first[key], key))

    def running_in(self, area: str) -> Sequence[Candidacy]:
        """Who runs in the whole of ``area``: as declared for it, or for an area above it."""
        while area:
            if area in self.units:
                return self.units[area]
            area = parent(area)
        return self.units.get(ANYWHERE, ())

    def unit_of(self, path: str) -> str:
        """The unit in which a section or a run of them is; an area above stands for itself."""
        return unit_of(path, len(self.contest.levels))

    # One acta

    def add_acta(self, sums: Sums, published: PublishedActa) -> None:
        """Add one expected acta to the sums of its section."""
        expected, acta, figures = published.expected, published.acta, sums.figures
        apart = self._is_apart(expected)
        figures["expected"] += 1
        sums.apart["expected"] += apart
        if acta is None:
            return
        figures["captured"] += 1
        sums.apart["captured"] += apart
        figures["inconsistent"] += any(
            observation in INCONSISTENT for observation in acta.observations
        )
        counting, total = counting_of(acta, expected, self.rules.excess_exempt)
        if counting is not Counting.COUNTED:
            return
        figures["counted"] += 1
        sums.apart["counted"] += apart
        figures["lista_nominal"] += expected.lista_nominal
        columns = sums.apart_columns if apart else sums.columns
        for name, vote in zip(self.names, acta.votes, strict=False):
            columns[name] += votes_of(vote)
        if not apart:
            figures["with_special"] += total
            figures["without_special"] += 0 if expected.kind is CasillaKind.ESPECIAL else total
            figures["with_list"] += total if expected.lista_nominal > 0 else 0

    def _is_apart(self, expected: ExpectedActa) -> bool:
        """Extra actas of proportional representation enter no total under federal rules (G.1)."""
        federal = self.contest.rp_actas is RpActas.ENTITY_ONLY
        return federal and expected.tipo_acta in self.contest.rp_tipos

    # A section

    def section(self, path: str, actas: Sequence[PublishedActa]) -> Sums:
        """A section: its actas, together and by group."""
        sums = self._added_up(path, actas)
        by_group: dict[ActaGroup, list[PublishedActa]] = {}
        for acta in actas:
            for group in groups_of(acta.expected):
                by_group.setdefault(group, []).append(acta)
        sums.groups = {group: self._added_up(path, some) for group, some in by_group.items()}
        return sums

    def _added_up(self, path: str, actas: Sequence[PublishedActa]) -> Sums:
        """Actas of a section, and their votes by candidacy of its unit's ballot."""
        sums = Sums(secciones=[own_id(path)])
        for acta in actas:
            self.add_acta(sums, acta)
        on_ballot: set[str] = set()
        for candidacy in self.running_in(self.unit_of(path)):
            sums.candidacies[candidacy.key] = sum(sums.columns[name] for name in candidacy.columns)
            on_ballot.update(candidacy.columns)
        sums.off_ballot = sum(
            sums.columns[column.id]
            for column in self.contest.columns
            if column.id not in on_ballot and column.kind not in NOBODYS
        )
        return sums

    # A unit

    def distributed(self, unit: str, columns: Counter[str]) -> Counter[str]:
        """Votes by party of a unit (LGIPE 311.1.c; G.3).

        The votes of each combination are divided equally among its parties; what is left over goes
        one each to those with most votes of their own, ties in the order of the ballot.
        """
        ballot = {name for candidacy in self.running_in(unit) for name in candidacy.columns}
        own: Counter[str] = Counter()
        for column in self.contest.columns:
            if column.kind in (ColumnKind.PARTY, ColumnKind.INDEPENDENT):
                own[column.parties[0]] = columns[column.id] if column.id in ballot else 0
        given = Counter(own)
        for column in self.contest.columns:
            if column.kind is ColumnKind.COMBINATION and column.id in ballot:
                each, left_over = divmod(columns[column.id], len(column.parties))
                given.update(dict.fromkeys(column.parties, each))
                strongest = sorted(column.parties, key=lambda party: -own[party])
                given.update(strongest[:left_over])
        return given

    # A constituency

    def places(self, candidacies: Counter[str]) -> tuple[str | None, str | None]:
        """Who comes first and who second; nobody where there is no vote, or a tie."""
        ranked = sorted((candidacies[key] for key in self.contenders), reverse=True)
        found: list[str | None] = []
        for votes in (*ranked[:2], 0, 0)[:2]:
            holders = [key for key in self.contenders if candidacies[key] == votes]
            decided = votes > 0 and len(holders) == 1 and None not in found
            found.append(holders[0] if decided else None)
        return found[0], found[1]

    # What is published

    def summary(self, figures: Counter[str], *, root: bool) -> Summary:
        """The 13 figures (B.4): of the ``root`` of the contest, or of an area below it."""
        expected, captured, counted = (
            figures[name] for name in ("expected", "captured", "counted")
        )
        listed = figures["lista_nominal"]
        basis = self.basis(figures, root=root)
        official = share(basis.votes, listed)
        return Summary(
            expected=expected,
            registered=captured + figures["out_of_catalogue"],
            out_of_catalogue=figures["out_of_catalogue"],
            captured=captured,
            captured_share=share(captured, expected),
            counted=counted,
            counted_share=share(counted, expected),
            inconsistent_share=share(figures["inconsistent"], expected),
            not_counted=captured - counted,
            lista_nominal=listed,
            votes_with_special=figures["with_special"],
            votes_without_special=figures["without_special"],
            participation=official if root or listed else None,
            basis=basis,
        )

    def basis(self, figures: Counter[str], *, root: bool) -> Basis:
        """What the participation is made of (B.4 #13 and decision 0020).

        In the whole of the contest, votes without special casillas, or with them where the rule or
        the last cut has it so. In an area below, the votes of casillas and mesas that have a list.
        """
        rule = self.rules.participation
        last = self.closing and rule is Participation.SPECIAL_CASILLAS_IN_LAST_CUT
        if not root:
            of = "with_list"
        elif last or rule is Participation.SPECIAL_CASILLAS_ALWAYS:
            of = "with_special"
        else:
            of = "without_special"
        votes, listed = figures[of], figures["lista_nominal"]
        above = None
        if votes > listed:
            above = AboveList("beyond_list" if figures["with_list"] > listed else "without_list")
        return Basis(VotesOverList(of), votes, above)

    def votes_by_candidacy(self, path: str, sums: Sums) -> tuple[CandidacyVotes, ...]:
        """Every candidacy of the area; without names where they differ in the units below."""
        own = self.running_in(self.unit_of(path))
        return tuple(
            CandidacyVotes(
                key=candidacy.key,
                name=candidacy.name if own else None,
                parties=self._members(candidacy),
                votes=sums.candidacies[candidacy.key],
                share=share(sums.candidacies[candidacy.key], sums.total),
            )
            for candidacy in sorted(
                own or self._every.values(), key=lambda candidacy: self._rank[candidacy.key]
            )
        )

    def _members(self, candidacy: Candidacy) -> tuple[str, ...]:
        of = self._parties_of
        return tuple(of[name][0] for name in candidacy.columns if len(of[name]) == 1)

    def votes_by_party(self, sums: Sums) -> tuple[PartyVotes, ...]:
        """Votes of each party, from the unit up."""
        return tuple(
            PartyVotes(party, sums.parties[party], share(sums.parties[party], sums.total))
            for party in self.parties
        )

    def won(self, sums: Sums) -> tuple[UnitsWon, ...]:
        """Constituencies in which each candidacy comes first, and second (first minority)."""
        return tuple(
            UnitsWon(key, sums.first[key], sums.second[key])
            for key in self.contenders
            if sums.first[key] or sums.second[key]
        )

    def proportional(self, level: Level, sums: Sums) -> ProportionalVotes | None:
        """The actas of proportional representation that enter no total: of the entity only."""
        if level is not Level.ENTITY or not sums.apart["expected"]:
            return None
        columns = tuple(sums.apart_columns[name] for name in self.names)
        return ProportionalVotes(
            expected=sums.apart["expected"],
            captured=sums.apart["captured"],
            counted=sums.apart["counted"],
            total=sum(columns),
            columns=columns,
        )

    def by_group(self, path: str, sums: Sums, *, unit: bool) -> tuple[GroupResults, ...]:
        """The groups that an area shows: those of which it expects actas.

        The ``unit`` names the sections of groups by kind.
        """
        own = self.running_in(self.unit_of(path)) or self._every.values()
        keys = sorted((candidacy.key for candidacy in own), key=self._rank.__getitem__)
        return tuple(
            self._group(group, sums.groups[group], keys, named=unit)
            for group in ActaGroup
            if group in sums.groups
        )

    def _group(
        self, group: ActaGroup, sums: Sums, keys: Sequence[str], *, named: bool
    ) -> GroupResults:
        return GroupResults(
            group=group,
            expected=sums.figures["expected"],
            captured=sums.figures["captured"],
            counted=sums.figures["counted"],
            lista_nominal=sums.figures["lista_nominal"],
            votes_with_list=sums.figures["with_list"],
            total=sums.total,
            unregistered=self.of_kind(ColumnKind.UNREGISTERED, sums),
            null=self.of_kind(ColumnKind.NULL, sums),
            off_ballot=sums.off_ballot,
            candidacies=tuple(sums.candidacies[key] for key in keys),
            secciones=tuple(sorted(sums.secciones)) if named and group in BY_KIND.values() else (),
        )

    def of_kind(self, kind: ColumnKind, sums: Sums) -> int:
        """Votes of the one column of ``kind``: unregistered, or null."""
        return sum(
            sums.columns[column.id] for column in self.contest.columns if column.kind is kind
        )
