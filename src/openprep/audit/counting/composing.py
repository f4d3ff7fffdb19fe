"""A contest as it must be shown at a cut: its figures and its objects, from the log.

Who holds the log makes every object of a cut (:mod:`openprep.wire.cut.objects`). So does an audit,
with its own arithmetic: trees and manifests are held against what comes out here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from openprep.audit.counting.arithmetic import (
    CAPTURED,
    COUNTED,
    EXPECTED,
    LISTA_NOMINAL,
    VOTES,
    WITH_LIST,
    Actas,
    Numbers,
    leading,
    share,
    summary,
)
from openprep.audit.counting.declared import Declared, Made
from openprep.election import ActaGroup, ColumnKind, Level, Summary
from openprep.wire.cut.manifest import ContestCut
from openprep.wire.cut.objects import (
    NOBODY,
    Area,
    AreaCatalogue,
    AreaVotes,
    GroupRow,
    Identified,
    Outside,
    Places,
    ProportionalVotes,
    Run,
    SummaryRow,
    WonRow,
)
from openprep.wire.cut.ref import SCHEMA, Digest, Link, Location
from openprep.wire.cut.results import AreaResults, CandidacyVotes, UnitsWon, Votes, area_results


@dataclass(frozen=True)
class Standing:
    """What the log says of a contest at one moment.

    ``rows`` are the captured actas, by their positions in the catalogue, and ``actas`` what their
    standing versions say. ``leaves``, ``offsets`` and ``images`` are of every expected acta, as a
    :class:`~openprep.wire.cut.objects.Run` has them; ``earlier`` are superseded versions, by
    position.
    """

    rows: Numbers
    actas: Actas
    leaves: Numbers
    offsets: Numbers
    images: Numbers
    earlier: dict[int, list[int]] = field(default_factory=dict)
    outside: Sequence[tuple[int, int, int]] = ()
    """Of each acta out of catalogue: its leaf, offset, and the size of its image."""
    identified: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True)
class MadeArea:
    """An area or run as it must be, with the areas in it; the root with the actas outside."""

    own: Made
    catalogue: Made
    children: Sequence["MadeArea"] = ()
    outside: Made | None = None


NOWHERE = Location(0, 0, 0)


def as_read(made: MadeArea) -> AreaResults:
    """An area as a reader has it who joins its objects; of nothing it says where it stands."""
    area, catalogue = made.own.object, made.catalogue.object
    assert isinstance(area, Area)
    assert isinstance(catalogue, AreaCatalogue)
    children = [Link(child.own.digest, NOWHERE) for child in made.children]
    outside = None if made.outside is None else Link(made.outside.digest, NOWHERE)
    return area_results(area, catalogue, children, outside)


WonAreas = list[list[tuple[int, int, int]]]
"""Of each area: contender, in how many constituencies it comes first, in how many second."""


class Counted:
    """A contest counted at one moment; ``closing`` says whether its cut is the last one."""

    def __init__(self, declared: Declared, standing: Standing, *, closing: bool) -> None:
        self.declared = declared
        self.standing = standing
        self._closing = closing
        self._actas, self._apart = declared.casillas.figures(standing.rows, standing.actas)

    # Sums: a table a level, from the root to the units

    @cached_property
    def _sections(self) -> Numbers:
        return self.declared.by_section(self._actas)

    @cached_property
    def _runs(self) -> Numbers:
        return self.declared.up(self._sections, self.declared.areas.sections)

    @cached_property
    def _areas(self) -> list[Numbers]:
        declared = self.declared
        return declared.all_up(declared.up(self._runs, declared.areas.depths[-1]))

    def _by_contender(self, areas: list[Numbers]) -> list[Numbers]:
        units = areas[-1][:, VOTES:]
        votes = self.declared.ballots.by_contender(units, np.arange(len(units)))
        return self.declared.all_up(votes)

    @cached_property
    def _contenders(self) -> list[Numbers]:
        return self._by_contender(self._areas)

    @cached_property
    def _parties(self) -> list[Numbers]:
        units = self._areas[-1][:, VOTES:]
        return self.declared.all_up(self.declared.ballots.by_party(units))

    @cached_property
    def _proportional(self) -> list[Numbers] | None:
        apart = self.declared.casillas.apart.any()
        return self.declared.from_actas(self._apart) if apart else None

    @cached_property
    def _groups(self) -> dict[ActaGroup, tuple[list[Numbers], list[Numbers]]]:
        """Figures, and votes by contender, of each group's actas."""
        found = {}
        for group, own in self.declared.casillas.groups.items():
            sums = self.declared.from_actas(self._actas * own[:, np.newaxis])
            found[group] = sums, self._by_contender(sums)
        return found

    @cached_property
    def _won(self) -> list[WonAreas]:
        """At each level above the constituencies, who won how many in each area."""
        depths = self.declared.areas.depths
        levels = [depth.level for depth in depths[:-1]]
        elected = self.declared.contest.constituency
        if elected not in levels[1:]:
            return []
        depth = levels.index(elected)
        who = leading(self._contenders[depth][:, :-1])
        many = len(self.declared.running.contenders)
        rows = np.zeros((len(who.first), 2 * many), np.int64)
        for place, begin in ((who.first, 0), (who.second, many)):
            decided = np.flatnonzero(place != NOBODY)
            rows[decided, begin + place[decided]] = 1
        found: list[WonAreas] = []
        for below in reversed(depths[1 : depth + 1]):
            rows = self.declared.up(rows, below)
            found.insert(0, [_won(row[:many], row[many:]) for row in rows.tolist()])
        return found

    # The line of the manifest

    def as_listed(self, results: Digest) -> ContestCut:
        """The contest as a manifest has it, whose results are named by this digest."""
        declared = self.declared
        root, contenders = self._areas[0][0].tolist(), self._contenders[0][0].tolist()
        columns, total = root[VOTES:], sum(root[VOTES:])
        keys = declared.running.contenders
        won = self._won[0][0] if self._won else []
        return ContestCut(
            id=declared.contest.id,
            title=declared.contest.title,
            summary=self._summary(root, root=True),
            votes=Votes(
                total=total,
                unregistered=self._of_kind(ColumnKind.UNREGISTERED, columns),
                null=self._of_kind(ColumnKind.NULL, columns),
                off_ballot=contenders[-1],
                columns=tuple(columns),
                candidacies=tuple(
                    CandidacyVotes(
                        key, name, parties, contenders[rank], share(contenders[rank], total)
                    )
                    for rank, key, name, parties in declared.running.in_area("")
                ),
            ),
            won=tuple(UnitsWon(keys[who], first, second) for who, first, second in won),
            results=results,
        )

    def _summary(self, figures: list[int], *, root: bool) -> Summary:
        outside = len(self.standing.outside) if root else 0
        rule = self.declared.description.rules.participation
        return summary(figures, outside, rule, root=root, closing=self._closing)

    def _of_kind(self, kind: ColumnKind, columns: Sequence[int]) -> int:
        """Votes of the one column of a kind: unregistered, or null."""
        of = zip(self.declared.contest.columns, columns, strict=True)
        return sum(votes for column, votes in of if column.kind is kind)

    # Objects

    def made(self) -> MadeArea:
        """Every object of the contest, from the root down."""
        depths = self.declared.areas.depths
        below = self._made_runs()
        for depth in range(len(depths) - 2, -1, -1):
            groups = depths[depth + 1].groups
            inside = [below[begin:end] for begin, end in groups]
            below = self._made_areas(depth, inside)
        (root,) = below
        return root

    def _made_areas(self, depth: int, inside: Sequence[Sequence[MadeArea]]) -> list[MadeArea]:
        own, catalogues = self.declared.areas.depths[depth], self.declared.catalogues[depth]
        figures, contenders = self._areas[depth].tolist(), self._contenders[depth].tolist()
        parties = self._parties[depth].tolist()
        outside = None if depth else self._outside()
        places = self._places_below(depth)
        won = self._won[depth] if depth < len(self._won) else None
        found = []
        for area, children in enumerate(inside):
            running = self.declared.runners[depth][area]
            votes = contenders[area]
            made = Area(
                schema=SCHEMA,
                election=self.declared.description.id,
                contest=self.declared.contest.id,
                level=own.level,
                path=own.paths[area],
                catalogue=catalogues[area].digest,
                summary=SummaryRow.of(self._summary(figures[area], root=depth == 0)),
                votes=AreaVotes(
                    tuple(figures[area][VOTES:]),
                    tuple(votes[runner.contender] for runner in running),
                    votes[-1],
                ),
                parties=tuple(parties[area]),
                groups=tuple(self._group_rows(depth, area)),
                children=tuple(child.own.digest for child in children),
                places=places[area],
                won=() if won is None else tuple(WonRow(*row) for row in won[area]),
                proportional=self._proportional_votes(depth, area),
                outside=None if outside is None else outside.digest,
            )
            found.append(MadeArea(Made.of(made), catalogues[area], children, outside))
        return found

    def _group_rows(self, depth: int, area: int) -> list[GroupRow]:
        running = self.declared.runners[depth][area]
        found = []
        for group, expected in self.declared.groups.items():
            if not expected[depth][area]:
                continue
            sums, contenders = self._groups[group]
            figures, votes = sums[depth][area].tolist(), contenders[depth][area].tolist()
            columns = figures[VOTES:]
            row = GroupRow(
                expected=figures[EXPECTED],
                captured=figures[CAPTURED],
                counted=figures[COUNTED],
                lista_nominal=figures[LISTA_NOMINAL],
                votes_with_list=figures[WITH_LIST],
                total=sum(columns),
                unregistered=self._of_kind(ColumnKind.UNREGISTERED, columns),
                null=self._of_kind(ColumnKind.NULL, columns),
                off_ballot=votes[-1],
                candidacies=tuple(votes[runner.contender] for runner in running),
            )
            found.append(row)
        return found

    def _proportional_votes(self, depth: int, area: int) -> ProportionalVotes | None:
        """The actas of proportional representation that enter no total: of the entity only."""
        if self._proportional is None:
            return None
        figures = self._proportional[depth][area].tolist()
        entity = self.declared.areas.depths[depth].level is Level.ENTITY
        if not entity or not figures[EXPECTED]:
            return None
        return ProportionalVotes(
            expected=figures[EXPECTED],
            captured=figures[CAPTURED],
            counted=figures[COUNTED],
            total=sum(figures[VOTES:]),
            columns=tuple(figures[VOTES:]),
        )

    def _places_below(self, depth: int) -> list[Places]:
        """What each area of a level shows of those inside it."""
        areas, unit = self.declared.areas, len(self._areas) - 1
        below = areas.depths[depth + 1]
        if depth < unit:
            return self._places(self._areas[depth + 1], self._contenders[depth + 1], below.groups)
        contenders = self.declared.ballots.by_contender(self._runs[:, VOTES:], below.above)
        return self._places(self._runs, contenders, below.groups)

    def _places(
        self, figures: Numbers, contenders: Numbers, groups: Sequence[tuple[int, int]]
    ) -> list[Places]:
        who = leading(contenders[:, :-1])
        columns = [
            column.tolist()
            for column in (
                figures[:, CAPTURED],
                figures[:, COUNTED],
                figures[:, VOTES:].sum(axis=1),
                who.first,
                who.most,
            )
        ]
        return [Places(*(tuple(column[begin:end]) for column in columns)) for begin, end in groups]

    def _made_runs(self) -> list[MadeArea]:
        areas, standing = self.declared.areas, self.standing
        votes = self._sections[:, VOTES:]
        contenders = self.declared.ballots.by_contender(votes, areas.unit_of_section)
        places = self._places(self._sections, contenders, areas.sections.groups)
        columns = [
            column[areas.order].tolist()
            for column in (standing.leaves, standing.offsets, standing.images)
        ]
        bounds = areas.actas_of_runs
        earlier = self._earlier_by_run(bounds)
        found = []
        for run, (path, catalogue) in enumerate(
            zip(areas.depths[-1].paths, self.declared.catalogues[-1], strict=True)
        ):
            begin, end = bounds[run]
            leaves, offsets, images = (tuple(column[begin:end]) for column in columns)
            made = Run(
                schema=SCHEMA,
                election=self.declared.description.id,
                contest=self.declared.contest.id,
                path=path,
                catalogue=catalogue.digest,
                places=places[run],
                leaves=leaves,
                offsets=offsets,
                images=images,
                earlier=earlier.get(run, {}),
            )
            found.append(MadeArea(Made.of(made), catalogue))
        return found

    def _earlier_by_run(
        self, bounds: Sequence[tuple[int, int]]
    ) -> dict[int, dict[str, tuple[int, ...]]]:
        """Superseded versions by run, and by the acta's position in it."""
        areas, found = self.declared.areas, dict[int, dict[str, tuple[int, ...]]]()
        begins = [begin for begin, _ in bounds]
        for position, leaves in self.standing.earlier.items():
            at = int(areas.place[position])
            run = int(np.searchsorted(begins, at, side="right")) - 1
            found.setdefault(run, {})[str(at - begins[run])] = tuple(leaves)
        return found

    def _outside(self) -> Made | None:
        standing = self.standing
        if not standing.outside and not standing.identified:
            return None
        leaves, offsets, images = (
            zip(*standing.outside, strict=True) if standing.outside else ((),) * 3
        )
        return Made.of(
            Outside(
                schema=SCHEMA,
                election=self.declared.description.id,
                contest=self.declared.contest.id,
                leaves=tuple(leaves),
                offsets=tuple(offsets),
                images=tuple(images),
                identified=tuple(Identified(*each) for each in standing.identified),
            )
        )


def _won(first: Sequence[int], second: Sequence[int]) -> list[tuple[int, int, int]]:
    both = enumerate(zip(first, second, strict=True))
    return [(who, won, other) for who, (won, other) in both if won or other]
