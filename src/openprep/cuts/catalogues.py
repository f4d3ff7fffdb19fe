"""What is known of the areas and runs of a contest before the first acta comes."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np

from openprep.election import Candidacy, Contest, Election, ExpectedActa
from openprep.election.area_path import own_id
from openprep.tabulation import Grouping, Layout, parties_of
from openprep.tabulation.groups import GROUPS
from openprep.tabulation.layout import Integers
from openprep.wire.cut.description import AreaName, ExpectedColumns
from openprep.wire.cut.objects import AreaCatalogue, GroupInArea, RunCatalogue, RunningRow
from openprep.wire.cut.ref import SCHEMA


class Catalogues:
    """Composes the catalogues of one contest."""

    def __init__(
        self, election: Election, contest: Contest, layout: Layout, grouping: Grouping
    ) -> None:
        self._election = election
        self._contest = contest
        self._layout = layout
        self._grouping = grouping
        self._running: dict[str, tuple[RunningRow, ...]] = {}
        self._above: dict[tuple[int, int], tuple[AreaName, ...]] = {}

    def areas(self, depth: int) -> Iterator[AreaCatalogue]:
        """The catalogue of every area of a depth that is not below the unit."""
        level, layout = self._layout.depths[depth], self._layout
        below, expected = layout.depths[depth + 1], self._expected[depth + 1].tolist()
        ids = list(map(own_id, below.paths))
        named = depth < layout.unit_depth
        names = [self.name(depth + 1, area) for area in range(len(ids))] if named else []
        parties = parties_of(self._contest)
        for area, path in enumerate(level.paths):
            children = layout.children_of(depth, area)
            own = slice(children.start, children.stop)
            yield AreaCatalogue(
                schema=SCHEMA,
                election=self._election.id,
                contest=self._contest.id,
                name=self.name(depth, area),
                parents=self._parents(depth, area),
                running=self.running(path),
                parties=parties,
                groups=tuple(self._groups(depth, area)),
                level=below.level,
                ids=tuple(ids[own]),
                names=tuple(names[own]),
                expected=tuple(expected[own]),
            )

    def runs(self) -> Iterator[RunCatalogue]:
        """The catalogue of every run."""
        depth = self._layout.unit_depth + 1
        columns = self._columns
        secciones = list(map(own_id, self._layout.depths[-1].paths))
        actas = self._expected[-1].tolist()
        begins = self._layout.depths[-1].first_child.tolist()
        ends = self._layout.ends[-1].tolist()
        for run, path in enumerate(self._layout.depths[depth].paths):
            sections = self._layout.children_of(depth, run)
            within = slice(begins[sections.start], ends[sections.stop - 1])
            yield RunCatalogue(
                schema=SCHEMA,
                election=self._election.id,
                contest=self._contest.id,
                path=path,
                secciones=tuple(secciones[sections.start : sections.stop]),
                actas=tuple(actas[sections.start : sections.stop]),
                expected=ExpectedColumns(*(tuple(column[within]) for column in columns)),
            )

    @cached_property
    def _expected(self) -> Sequence[Integers]:
        """How many actas are expected in each area of each depth."""
        layout = self._layout
        counts = [layout.ends[-1] - layout.depths[-1].first_child]
        for depth in reversed(layout.depths[:-1]):
            counts.append(np.add.reduceat(counts[-1], depth.first_child))
        return counts[::-1]

    @property
    def _columns(self) -> list[list[Any]]:
        """The expected actas by column, section by section."""
        catalogue = self._election.catalogues[self._contest.id]
        ordered = [catalogue[position] for position in self._layout.actas.tolist()]
        return [list(map(attrgetter(name), ordered)) for name in ExpectedActa.__struct_fields__]

    def name(self, depth: int, area: int) -> str:
        """The name of an area that is not below the unit, as people read it."""
        if depth == 0:
            return self._election.root.name
        level = self._layout.depths[depth]
        return self._election.areas[level.level, level.paths[area]].name

    def _parents(self, depth: int, area: int) -> tuple[AreaName, ...]:
        if depth == 0:
            return ()
        above = int(self._layout.parents[depth][area])
        known = self._above.get((depth - 1, above))
        if known is None:
            level = self._layout.depths[depth - 1]
            own = AreaName(level.level, level.paths[above], self.name(depth - 1, above))
            known = self._above[depth - 1, above] = (*self._parents(depth - 1, above), own)
        return known

    def _groups(self, depth: int, area: int) -> Iterator[GroupInArea]:
        unit = depth == self._layout.unit_depth
        expected = self._grouping.expected[depth][area].tolist()
        for group, actas in zip(GROUPS, expected, strict=True):
            if actas:
                secciones = self._grouping.secciones.get((area, group), ()) if unit else ()
                yield GroupInArea(group, secciones)

    def running(self, path: str) -> tuple[RunningRow, ...]:
        """Everybody who runs in an area, in the order of the contenders."""
        known = self._running.get(path)
        if known is None:
            known = self._running[path] = self._find_running(path)
        return known

    def _find_running(self, path: str) -> tuple[RunningRow, ...]:
        own = self._contest.candidacies_in(path)
        one_person = bool(own)
        if not own:
            every = (one for unit in self._contest.candidacies.values() for one in unit)
            own = tuple({candidacy.key: candidacy for candidacy in every}.values())
        rows = (
            RunningRow(
                self._position[candidacy.key],
                candidacy.key,
                candidacy.name if one_person else None,
                self._members(candidacy),
            )
            for candidacy in own
        )
        return tuple(sorted(rows, key=lambda row: row.contender))

    @cached_property
    def _position(self) -> dict[str, int]:
        return {key: index for index, key in enumerate(self._contest.contenders)}

    def _members(self, candidacy: Candidacy) -> tuple[str, ...]:
        index, columns = self._contest.column_index, self._contest.columns
        singles = (columns[index[name]].parties for name in candidacy.columns)
        return tuple(parties[0] for parties in singles if len(parties) == 1)
