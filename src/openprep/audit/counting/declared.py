"""What is declared of an election, joined; and the objects that follow from it and never change."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from openprep.audit.counting.areas import Areas, Depth
from openprep.audit.counting.arithmetic import (
    BY_KIND,
    Ballots,
    Casillas,
    Numbers,
    Running,
    added_up,
)
from openprep.coded import said
from openprep.election import ActaGroup, Level
from openprep.election.area_path import own_id
from openprep.election.declared.identifiers import trouble_with_contest_id
from openprep.wire.cut.description import (
    AreaName,
    Candidacies,
    Catalogue,
    ElectionDescription,
    ExpectedColumns,
    PublishedContest,
)
from openprep.wire.cut.objects import (
    AreaCatalogue,
    GroupInArea,
    ResultObject,
    RunCatalogue,
    RunningRow,
    encode_object,
)
from openprep.wire.cut.ref import SCHEMA, Digest, digest_of


class Made(NamedTuple):
    """An object as it must be, and its digest."""

    object: ResultObject
    digest: Digest

    @classmethod
    def of(cls, made: ResultObject) -> "Made":
        """An object with its digest."""
        return cls(made, digest_of(encode_object(made)))


@dataclass(frozen=True)
class Declared:
    """A contest with all that is declared of it. :meth:`check` says whether the parts fit."""

    description: ElectionDescription
    contest: PublishedContest
    candidacies: Candidacies
    catalogue: Catalogue

    def check(self) -> None:
        """Look whether the parts fit together.

        Raises:
            ValueError: they do not.
        """
        why = trouble_with_contest_id(self.contest.id)
        if why is not None:
            raise ValueError(why)
        self.expected.actas()
        if len(self.position) != len(self.expected.ids):
            raise ValueError(said("an acta is expected twice"))
        for depth in self.areas.depths[1:-1]:
            for path in depth.paths:
                if (depth.level, path) not in self.names:
                    raise ValueError(said("{area} has no name", area=f"{depth.level.value} {path}"))
        if not self.running.contenders:
            raise ValueError(said("nobody runs"))
        if len(self.casillas) != len(self.position) or not self.ballots.of_unit.size:
            raise ValueError(said("the catalogue is of another form"))

    @property
    def expected(self) -> ExpectedColumns:
        """The actas that are expected."""
        return self.catalogue.expected

    @cached_property
    def position(self) -> dict[str, int]:
        """Where in the catalogue each acta stands."""
        return {acta: position for position, acta in enumerate(self.expected.ids)}

    @cached_property
    def casillas(self) -> Casillas:
        """The expected actas, as columns that are counted with."""
        return Casillas(self.contest, self.description.rules, self.expected)

    @cached_property
    def running(self) -> Running:
        """Who runs where."""
        return Running(self.contest, self.candidacies.units)

    @cached_property
    def areas(self) -> Areas:
        """The areas that follow from the catalogue."""
        return Areas.of(self.description.root.level, self.contest.levels, self.expected)

    @cached_property
    def ballots(self) -> Ballots:
        """What there is to vote for in each unit."""
        return self.running.ballots(self.areas.depths[-2].paths)

    @cached_property
    def names(self) -> dict[tuple[Level, str], str]:
        """The names of the areas below the root."""
        return {(area.level, area.path): area.name for area in self.catalogue.areas}

    # Sums by area

    def up(self, rows: Numbers, of: Depth) -> Numbers:
        """Rows of all areas of a level, added up to those of the level above."""
        return added_up(rows, of.above, int(of.above[-1]) + 1)

    def all_up(self, units: Numbers) -> list[Numbers]:
        """Rows of the units, added up to every level from the root down to them."""
        sums = [units]
        for depth in reversed(self.areas.depths[1:-1]):
            sums.insert(0, self.up(sums[0], depth))
        return sums

    def by_section(self, actas: Numbers) -> Numbers:
        """Rows of actas, in the order of the catalogue, added up to those of sections."""
        areas = self.areas
        return added_up(actas[areas.order], areas.section, len(areas.sections.paths))

    def from_actas(self, actas: Numbers) -> list[Numbers]:
        """Rows of actas, in the order of the catalogue, added up to every level to the units."""
        runs = self.up(self.by_section(actas), self.areas.sections)
        return self.all_up(self.up(runs, self.areas.depths[-1]))

    # What never changes

    @cached_property
    def runners(self) -> list[list[list[RunningRow]]]:
        """Who runs in each area, by level from the root to the units."""
        known: dict[str, list[RunningRow]] = {}
        found = []
        for depth in self.areas.depths[:-1]:
            for path in depth.paths:
                known[path] = [RunningRow(*runner) for runner in self.running.in_area(path)]
            found.append([known[path] for path in depth.paths])
        return found

    @cached_property
    def groups(self) -> dict[ActaGroup, list[list[int]]]:
        """How many actas of each group every area expects, by level from the root to the units."""
        marks = self.casillas.groups.items()
        counted = {
            group: self.from_actas(own[:, np.newaxis].astype(np.int64)) for group, own in marks
        }
        return {group: [rows[:, 0].tolist() for rows in sums] for group, sums in counted.items()}

    @cached_property
    def catalogues(self) -> list[list[Made]]:
        """The catalogue of every area, by level from the root to the runs."""
        ones = np.ones((len(self.position), 1), np.int64)
        runs = self.up(self.by_section(ones), self.areas.sections)
        above = self.all_up(self.up(runs, self.areas.depths[-1]))
        children = [rows[:, 0].tolist() for rows in (*above[1:], runs)]
        return [*map(self._catalogues_at, range(len(children)), children), self._of_runs()]

    def _catalogues_at(self, depth: int, children: Sequence[int]) -> list[Made]:
        own, below = self.areas.depths[depth], self.areas.depths[depth + 1]
        parties = tuple(self.running.parties)
        of_runs = below.level is Level.RUN
        found = []
        for area, (begin, end) in enumerate(below.groups):
            inside = below.paths[begin:end]
            catalogue = AreaCatalogue(
                schema=SCHEMA,
                election=self.description.id,
                contest=self.contest.id,
                name=self._name(own.level, own.paths[area]),
                parents=self._parents(depth, area),
                running=tuple(self.runners[depth][area]),
                parties=parties,
                groups=tuple(self._groups(depth, area, of_unit=of_runs)),
                level=below.level,
                ids=tuple(map(own_id, inside)),
                names=() if of_runs else tuple(self._name(below.level, path) for path in inside),
                expected=tuple(children[begin:end]),
            )
            found.append(Made.of(catalogue))
        return found

    def _name(self, level: Level, path: str) -> str:
        return self.names[level, path] if path else self.description.root.name

    def _parents(self, depth: int, area: int) -> tuple[AreaName, ...]:
        found: list[AreaName] = []
        while depth:
            area = int(self.areas.depths[depth].above[area])
            depth -= 1
            above = self.areas.depths[depth]
            path = above.paths[area]
            found.insert(0, AreaName(above.level, path, self._name(above.level, path)))
        return tuple(found)

    def _groups(self, depth: int, area: int, *, of_unit: bool) -> list[GroupInArea]:
        """The groups that an area has; a unit names the sections of those by kind."""
        return [
            GroupInArea(
                group,
                tuple(self._secciones[group].get(area, ()))
                if of_unit and group in self._secciones
                else (),
            )
            for group, expected in self.groups.items()
            if expected[depth][area]
        ]

    @cached_property
    def _secciones(self) -> dict[ActaGroup, dict[int, list[str]]]:
        """Of the groups by kind, the sections with such actas, by the unit's position."""
        areas = self.areas
        found: dict[ActaGroup, dict[int, list[str]]] = {}
        for group in self.groups.keys() & {*BY_KIND.values()}:
            own = self.casillas.groups[group][areas.order]
            for section in np.unique(areas.section[own]).tolist():
                unit = int(areas.unit_of_section[section])
                named = found.setdefault(group, {}).setdefault(unit, [])
                named.append(own_id(areas.sections.paths[section]))
        return {
            group: {unit: sorted(named) for unit, named in units.items()}
            for group, units in found.items()
        }

    def _of_runs(self) -> list[Made]:
        areas, columns = self.areas, self.expected
        sizes = np.bincount(areas.section).tolist()
        ordered = [
            [column[position] for position in areas.order.tolist()]
            for column in (getattr(columns, name) for name in columns.__struct_fields__)
        ]
        found = []
        for path, (begin, end), (first, last) in zip(
            areas.depths[-1].paths, areas.sections.groups, areas.actas_of_runs, strict=True
        ):
            run = RunCatalogue(
                schema=SCHEMA,
                election=self.description.id,
                contest=self.contest.id,
                path=path,
                secciones=tuple(map(own_id, areas.sections.paths[begin:end])),
                actas=tuple(sizes[begin:end]),
                expected=ExpectedColumns(*(tuple(column[first:last]) for column in ordered)),
            )
            found.append(Made.of(run))
        return found
