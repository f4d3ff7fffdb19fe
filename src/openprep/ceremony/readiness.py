"""Whether an election may open: every contest × casilla has a row, a form and a zero. Pure.

The zero is not assumed: the opening objects are composed as the first cut will have them, and read
back as a publisher reads them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from openprep.ceremony.codes import CeremonyCode
from openprep.cuts.opening import opening_of
from openprep.election import NOBODYS, Contest, Election, ExpectedActa, Level
from openprep.election.area_path import ids_of, path_of
from openprep.election.casillas import CasillaKey, SectionKey, casillas_of
from openprep.wire.cut.objects import NOBODY
from openprep.wire.cut.results import AreaResults, RunResults


@dataclass(frozen=True)
class Missing:
    """One thing that is missing before the election may open."""

    code: CeremonyCode
    contest: str
    what: str

    def __str__(self) -> str:
        return f"{self.code.code} {self.contest}: {self.what}"


def readiness(election: Election) -> list[Missing]:
    """All that is missing; nothing, if the election may open."""
    missing = list(_missing_rows(election))
    for contest in election.contests.values():
        missing += _missing_forms(election, contest)
        missing += _missing_zeros(election, contest)
    return missing


def _missing_rows(election: Election) -> Iterator[Missing]:
    """Casillas that some contest has and another lacks, though it is held there.

    A contest is held in a section where it expects any acta, and in all sections of a unit that it
    shares, level and area, with another contest. Mesas are each contest's own.
    """
    own = {name: casillas_of(election, contest) for name, contest in election.contests.items()}
    sections = {name: _units(election.contests[name], found) for name, found in own.items()}
    units: dict[str, set[str]] = {name: set(found.values()) for name, found in sections.items()}
    for name, contest in election.contests.items():
        for casilla in sorted(set().union(*own.values()) - own[name].keys()):
            held = casilla.section in sections[name] or any(
                other.levels[-1:] == contest.levels[-1:]
                and sections[key].get(casilla.section) in units[name]
                for key, other in election.contests.items()
                if key != name
            )
            if held:
                yield Missing(CeremonyCode.NO_ROW, name, _spell(casilla))


def _spell(casilla: CasillaKey) -> str:
    entity, seccion = casilla.section
    place = f"{entity}{'/' if entity else ''}{seccion}"
    return f"{place} {casilla.kind}{casilla.number:02d} extension {casilla.extension}"


def _units(contest: Contest, casillas: Mapping[CasillaKey, ExpectedActa]) -> dict[SectionKey, str]:
    """The unit, as all contests write it, of every section of a contest."""
    levels = contest.levels
    above = levels.index(Level.ENTITY) if Level.ENTITY in levels else 0
    return {
        casilla.section: path_of(ids_of(acta.area)[above:]) for casilla, acta in casillas.items()
    }


def _missing_forms(election: Election, contest: Contest) -> Iterator[Missing]:
    kinds = {column.kind for column in contest.columns}
    for kind in NOBODYS:
        if kind not in kinds:
            yield Missing(CeremonyCode.NO_FORM, contest.id, f"no column for votes {kind.value}")
    for area in dict.fromkeys(acta.area for acta in election.catalogues[contest.id]):
        if not contest.candidacies_in(area):
            yield Missing(CeremonyCode.NO_FORM, contest.id, f"nobody runs in unit {area or 'root'}")
    if not election.catalogues[contest.id]:
        yield Missing(CeremonyCode.NO_ROW, contest.id, "its catalogue is empty")


def _missing_zeros(election: Election, contest: Contest) -> Iterator[Missing]:
    catalogue = election.catalogues[contest.id]
    if not catalogue:
        return
    opening = _Opening.of(election, contest)
    for area in opening.not_at_zero:
        yield Missing(CeremonyCode.NO_ZERO, contest.id, f"{area} does not open at zero")
    for acta in catalogue:
        if opening.actas[acta.id] != 1:
            times = opening.actas[acta.id]
            yield Missing(CeremonyCode.NO_ZERO, contest.id, f"acta {acta.id} stands there {times}×")


@dataclass
class _Opening:
    """What the opening cut says of a contest: areas beyond zero, and actas not captured."""

    actas: Counter[str] = field(default_factory=Counter)
    not_at_zero: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, election: Election, contest: Contest) -> "_Opening":
        """Read from the root down to the last run."""
        (reader, root), opening = opening_of(election, contest), cls()
        waiting = [root]
        while waiting:
            area = reader.area(waiting.pop())
            opening._read(area)
            for child in area.children:
                if child.level is Level.RUN:
                    opening._read_run(reader.run(child.object))
                else:
                    waiting.append(child.object)
        return opening

    def _read(self, area: AreaResults) -> None:
        if area.votes.total or any(area.votes.columns) or area.summary.captured:
            self.not_at_zero.append(f"{area.level.value} {area.path}")

    def _read_run(self, found: RunResults) -> None:
        run, catalogue = found
        if any((*run.places.total, *run.places.captured)):
            self.not_at_zero.append(f"{Level.RUN.value} {run.path}")
        rows = zip(catalogue.expected.ids, run.leaves, strict=True)
        self.actas.update(acta for acta, leaf in rows if leaf == NOBODY)
