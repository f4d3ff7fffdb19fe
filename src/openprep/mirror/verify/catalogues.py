"""What is known of each area and run before the first acta, as objects. Pure."""

from collections.abc import Sequence

from openprep.election import ActaGroup, Level
from openprep.election.area_path import own_id
from openprep.election.groups import LOCATED, groups_of
from openprep.mirror.verify.ballots import Ballots, Runner, parties_of
from openprep.mirror.verify.declared import DeclaredContest
from openprep.tabulation.layout import section_path
from openprep.wire.cut.description import AreaName, ExpectedColumns
from openprep.wire.cut.objects import AreaCatalogue, GroupInArea, RunCatalogue, RunningRow
from openprep.wire.cut.ref import SCHEMA

Groups = tuple[GroupInArea, ...]


class Catalogues:
    """The catalogues of one contest.

    ``groups`` are those of the actas of each area, by depth from the root to the unit.
    """

    def __init__(self, declared: DeclaredContest, ballots: Ballots) -> None:
        self._declared, self._ballots = declared, ballots
        self._depths, self._unit = declared.layout.depths, declared.layout.unit_depth
        self.groups = self._find_groups()

    def _find_groups(self) -> tuple[tuple[Groups, ...], ...]:
        units = range(len(self._depths[self._unit].paths))
        found = [tuple(map(self._groups_of_unit, units))]
        for depth in reversed(range(self._unit)):
            first, below = self._declared.first_child[depth], found[-1]
            found.append(
                tuple(
                    _together(below[first[area] : first[area + 1]])
                    for area in range(len(self._depths[depth].paths))
                )
            )
        return tuple(reversed(found))

    def _groups_of_unit(self, unit: int) -> Groups:
        declared, first = self._declared, self._declared.first_slot[self._unit]
        sections: dict[ActaGroup, set[str]] = {}
        for expected in declared.expected[first[unit] : first[unit + 1]]:
            for group in groups_of(expected):
                sections.setdefault(group, set()).add(own_id(section_path(expected)))
        located = LOCATED.values()
        return tuple(
            GroupInArea(group, () if group in located else tuple(sorted(sections[group])))
            for group in ActaGroup
            if group in sections
        )

    def running(self, depth: int, area: int) -> tuple[Runner, ...]:
        """Who runs in an area."""
        return self._ballots.running(self._depths[depth].paths[area])

    def of_area(self, depth: int, area: int) -> AreaCatalogue:
        """The catalogue of an area of a depth, from the root to the unit."""
        declared = self._declared
        first, slots = declared.first_child[depth], declared.first_slot[depth + 1]
        below = self._depths[depth + 1]
        children = range(first[area], first[area + 1])
        paths = below.paths[children.start : children.stop]
        return AreaCatalogue(
            schema=SCHEMA,
            election=declared.election,
            contest=declared.contest.id,
            name=declared.area_name(depth, area).name,
            parents=self._parents(depth, area),
            running=tuple(
                RunningRow(who.position, who.key, who.name, who.parties)
                for who in self.running(depth, area)
            ),
            parties=parties_of(declared.contest),
            groups=self.groups[depth][area],
            level=below.level,
            ids=tuple(map(own_id, paths)),
            names=() if below.level is Level.RUN else tuple(map(declared.names.__getitem__, paths)),
            expected=tuple(slots[child + 1] - slots[child] for child in children),
        )

    def _parents(self, depth: int, area: int) -> tuple[AreaName, ...]:
        parents: list[AreaName] = []
        for lower in range(depth, 0, -1):
            area = int(self._declared.layout.parents[lower][area])
            parents.insert(0, self._declared.area_name(lower - 1, area))
        return tuple(parents)

    def of_run(self, run: int) -> RunCatalogue:
        """The catalogue of a run."""
        declared, depth = self._declared, self._unit + 1
        first, slots = declared.first_child[depth], declared.first_slot[depth]
        sections = range(first[run], first[run + 1])
        actas = declared.first_slot[depth + 1]
        paths = self._depths[depth + 1].paths
        return RunCatalogue(
            schema=SCHEMA,
            election=declared.election,
            contest=declared.contest.id,
            path=self._depths[depth].paths[run],
            secciones=tuple(own_id(paths[section]) for section in sections),
            actas=tuple(actas[section + 1] - actas[section] for section in sections),
            expected=ExpectedColumns.of(declared.expected[slots[run] : slots[run + 1]]),
        )


def _together(areas: Sequence[Groups]) -> Groups:
    """The groups of an area, from those below it."""
    found = {own.group for groups in areas for own in groups}
    return tuple(GroupInArea(group, ()) for group in ActaGroup if group in found)
