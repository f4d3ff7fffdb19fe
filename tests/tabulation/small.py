"""Small elections made by hypothesis, and a naive tabulation in plain loops as the oracle."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from hypothesis import strategies as st

from openprep.election import (
    Acta,
    Candidacy,
    CasillaKind,
    Column,
    ColumnKind,
    Contest,
    ExpectedActa,
    FieldState,
    Level,
    Location,
    Observation,
    Participation,
    RpActas,
    Rules,
)

RULES = Rules(
    Participation.SPECIAL_CASILLAS_IN_LAST_CUT,
    frozenset({CasillaKind.EXTRANJERO, CasillaKind.ANTICIPADO, CasillaKind.PRISION_PREVENTIVA}),
)
PARTIES = ("AZUL", "ROJO", "VERDE", "LILA")
COMBINATIONS = (("AZUL", "ROJO", "VERDE"), ("AZUL", "ROJO"), ("AZUL", "VERDE"), ("ROJO", "VERDE"))
COLUMNS = (
    *(Column(party, ColumnKind.PARTY, (party,)) for party in PARTIES),
    *(Column("_".join(c), ColumnKind.COMBINATION, c) for c in COMBINATIONS),
    Column("CAND_IND_1", ColumnKind.INDEPENDENT, ("CAND_IND_1",)),
    Column("NO_REGISTRADAS", ColumnKind.UNREGISTERED),
    Column("NULOS", ColumnKind.NULL),
)
COALITION = Candidacy(
    "AZUL_ROJO_VERDE", "Ana", "", ("AZUL", "ROJO", "VERDE", *("_".join(c) for c in COMBINATIONS))
)
PARTIAL = Candidacy("AZUL_ROJO", "Beto", "", ("AZUL", "ROJO", "AZUL_ROJO"))
CANDIDACIES = {
    "001": (COALITION, Candidacy("LILA", "Luz", "", ("LILA",))),
    "002": (
        PARTIAL,
        Candidacy("VERDE", "Vera", "", ("VERDE",)),
        Candidacy("LILA", "Lola", "", ("LILA",)),
        Candidacy("CAND_IND_1", "Inés", "", ("CAND_IND_1",)),
    ),
    "000": (COALITION,),
}


def contest(rp: RpActas = RpActas.ENTITY_ONLY) -> Contest:
    return Contest(
        id="AYUN",
        title="AYUNTAMIENTOS",
        office="Ayuntamientos",
        levels=(Level.MUNICIPALITY,),
        columns=COLUMNS,
        candidacies=CANDIDACIES,
        rp_tipos=frozenset({"4ERP"}),
        rp_actas=rp,
        constituency=Level.MUNICIPALITY,
    )


fields = st.one_of(st.integers(0, 400), st.sampled_from(list(FieldState)))


sections = st.one_of(st.integers(1, 3), st.integers(1, 60))


@st.composite
def expected_actas(draw: st.DrawFn, least: int = 1, most: int = 40) -> tuple[ExpectedActa, ...]:
    actas = []
    for index in range(draw(st.integers(least, most))):
        kind = draw(st.sampled_from([*CasillaKind]))
        mesa = kind.value in "MAP"
        special = kind is CasillaKind.ESPECIAL
        actas.append(
            ExpectedActa(
                id=f"A{index}",
                area=draw(st.sampled_from(sorted(CANDIDACIES))),
                seccion="" if mesa else f"{draw(sections):04}",
                kind=kind,
                number=1,
                extension=0,
                location=draw(st.sampled_from([*Location])),
                tipo_acta=draw(st.sampled_from(["4E", "4ERP"])) if special else "4",
                lista_nominal=0 if special else draw(st.integers(0, 900)),
                representatives=draw(st.one_of(st.none(), st.integers(0, 1000))),
            )
        )
    return tuple(actas)


@st.composite
def captured(draw: st.DrawFn, expected: ExpectedActa) -> Acta:
    return Acta(
        contest="AYUN",
        acta=expected.id,
        votes=tuple(draw(fields) for _ in COLUMNS),
        surplus_ballots=draw(fields),
        people_voted=draw(fields),
        representatives_voted=draw(fields),
        ballots_taken=draw(fields),
        total_written=draw(fields),
        observations=tuple(draw(st.lists(st.sampled_from([*Observation]), max_size=2))),
    )


SmallNight: TypeAlias = tuple[Contest, tuple[ExpectedActa, ...], dict[str, Acta]]


@st.composite
def nights(draw: st.DrawFn) -> SmallNight:
    """A contest, its catalogue, and the actas captured so far by id."""
    catalogue = draw(expected_actas())
    actas = {expected.id: draw(captured(expected)) for expected in catalogue if draw(st.booleans())}
    return contest(draw(st.sampled_from([*RpActas]))), catalogue, actas


class NaiveTotals:
    """Every figure by plain loops over actas, written from the specification alone."""

    def __init__(
        self, contest: Contest, catalogue: Sequence[ExpectedActa], actas: Mapping[str, Acta]
    ) -> None:
        self.contest = contest
        self.votes: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(contest.columns))
        self.figures: defaultdict[str, defaultdict[str, int]] = defaultdict(
            lambda: defaultdict(int)
        )
        sections: defaultdict[str, set[str]] = defaultdict(set)
        for expected in catalogue:
            sections[expected.area].add(expected.seccion or "0000")
        for expected in catalogue:
            section = expected.seccion or "0000"
            run = self.run_of(section, sorted(sections[expected.area]))
            parts = expected.area.split("/")
            above = ["/".join(parts[:end]) for end in range(len(parts) + 1)]
            for path in (*above, f"{expected.area}/{run}", f"{expected.area}/{section}"):
                self.add(path, expected, actas.get(expected.id))

    def run_of(self, section: str, sections: Sequence[str]) -> str:
        """The sixteen neighbouring sections of an area among which ``section`` is listed."""
        first = sections.index(section) // 16 * 16
        members = sections[first : first + 16]
        return f"{members[0]}-{members[-1]}"

    def add(self, path: str, expected: ExpectedActa, acta: Acta | None) -> None:
        figures = self.figures[path]
        figures["expected"] += 1
        if acta is None:
            return
        figures["captured"] += 1
        if any("ilegible" in o.value or "sin_dato" in o.value for o in acta.observations) or (
            Observation.EXCEDE_LISTA_NOMINAL in acta.observations
        ):
            figures["inconsistent"] += 1
        if not self.counts(acta, expected):
            return
        figures["counted"] += 1
        figures["lista_nominal"] += expected.lista_nominal
        federal = self.contest.rp_actas is RpActas.ENTITY_ONLY
        if federal and expected.tipo_acta in self.contest.rp_tipos:
            return
        for index, field in enumerate(acta.votes):
            if isinstance(field, int):
                self.votes[path][index] += field
                figures["votes_with_special"] += field
                if expected.kind is not CasillaKind.ESPECIAL:
                    figures["votes_without_special"] += field
                if expected.lista_nominal > 0:
                    figures["votes_with_list"] += field

    def counts(self, acta: Acta, expected: ExpectedActa) -> bool:
        """Whether an acta counts (A.4): there is one, it has a figure, and not too many votes."""
        if any(observation.value.startswith("sin_acta") for observation in acta.observations):
            return False
        figures = [field for field in acta.votes if isinstance(field, int)]
        most = expected.lista_nominal + (expected.representatives or 0)
        return bool(figures) and (sum(figures) <= most or expected.kind.value in "MAP")

    def candidacies(self, unit: str) -> dict[str, int]:
        """Votes by candidacy of a unit, and those off its ballot."""
        votes = dict(zip([c.id for c in self.contest.columns], self.votes[unit], strict=True))
        result = {}
        for candidacy in self.contest.candidacies_in(unit):
            result[candidacy.key] = sum(votes.pop(column) for column in candidacy.columns)
        result["unregistered"] = votes.pop("NO_REGISTRADAS")
        result["null"] = votes.pop("NULOS")
        result["off_ballot"] = sum(votes.values())
        return result

    def parties(self, unit: str) -> dict[str, int]:
        """Votes by party of a unit after LGIPE 311.1.c, handing out votes one by one."""
        votes = dict(zip([c.id for c in self.contest.columns], self.votes[unit], strict=True))
        on_ballot = {
            c for candidacy in self.contest.candidacies_in(unit) for c in candidacy.columns
        }
        columns = self.contest.columns
        single = [c.id for c in columns if c.kind in (ColumnKind.PARTY, ColumnKind.INDEPENDENT)]
        alone = {party: votes[party] if party in on_ballot else 0 for party in single}
        result = dict(alone)
        for column in columns:
            if column.kind is not ColumnKind.COMBINATION or column.id not in on_ballot:
                continue
            combination, left = column.parties, votes[column.id]
            while left >= len(combination):
                for party in combination:
                    result[party] += 1
                left -= len(combination)
            for party in sorted(combination, key=lambda p: (-alone[p], single.index(p)))[:left]:
                result[party] += 1
        return result
