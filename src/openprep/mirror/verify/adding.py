"""What the actas of a contest add up to, kept up with the log: by its differences, from below.

A new version of an acta adds what it differs by to its section, run, unit and every area above, and
to the groups of actas that it is in. Nothing is added up anew, so a cut costs what changed in it;
that the sums are right at any time follows from each difference being added everywhere once. The
centre adds up again the areas in which an acta changed, each from all that is in it, by matrices of
its own, so that the two can disagree.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openprep.election import (
    ActaGroup,
    ExpectedActa,
    Level,
    RpActas,
    count_of_total,
    counts_of,
    groups_of,
)
from openprep.mirror.verify.ballots import Ballots, Combinations, Integers, UnitBallots
from openprep.mirror.verify.declared import DeclaredContest
from openprep.tabulation import Tally, tally_of_count, votes_enter_totals
from openprep.tabulation.tally import EXPECTED
from openprep.wire.cut.objects import NOBODY
from openprep.wire.log.leaf import ActaLeaf

TALLIES = len(Tally._fields)
"""A row of figures is a tally, then votes by column."""

_SHOWN = [Tally._fields.index(name) for name in ("captured", "counted")]
SHOWN = 1 + len(_SHOWN)
"""Figures of a section or run: captured and counted actas and all votes; then by who runs there."""

GROUPS = tuple(ActaGroup)
CELLS = 1 + len(GROUPS)
"""Rows of an area: all of its actas, then those of each group."""


class Leading(NamedTuple):
    """Who comes first and second in each of some areas, and what the first has."""

    first: Integers
    votes: Integers
    second: Integers

    def some(self, which: slice) -> "Leading":
        """Some of the areas."""
        return Leading(*(figures[which] for figures in self))


class Places:
    """What a table of areas shows of all areas of one depth."""

    def __init__(self, areas: int) -> None:
        self.captured, self.counted, self.total = [0] * areas, [0] * areas, [0] * areas
        self.leader, self.leader_votes = [NOBODY] * areas, [0] * areas

    def set(self, areas: Integers, rows: Integers, leading: Leading) -> None:
        """Take the figures of ``areas``, whose rows begin with captured, counted and total."""
        for area, captured, counted, total, leader, votes in zip(
            areas.tolist(),
            *rows[:, :SHOWN].T.tolist(),
            leading.first.tolist(),
            leading.votes.tolist(),
            strict=True,
        ):
            self.captured[area], self.counted[area], self.total[area] = captured, counted, total
            self.leader[area], self.leader_votes[area] = leader, votes


class Apart:
    """Actas whose votes enter no total: by area of one depth, and by slot.

    A row is of expected, captured and counted actas, then votes by column.
    """

    def __init__(self, area_of: Mapping[int, int], columns: int) -> None:
        self._area_of = area_of
        self._rows = {slot: [1, 0, 0, *[0] * columns] for slot in area_of}
        self.areas: dict[int, list[int]] = {}
        for slot, area in area_of.items():
            self._add(area, self._rows[slot])

    def take(self, slot: int, counted: int, votes: Sequence[int]) -> None:
        """The standing version of one of these actas; of any other, nothing."""
        if slot not in self._area_of:
            return
        row = [1, 1, counted, *(counted * votes_ for votes_ in votes)]
        before, self._rows[slot] = self._rows[slot], row
        self._add(self._area_of[slot], [now - then for now, then in zip(row, before, strict=True)])

    def _add(self, area: int, difference: Sequence[int]) -> None:
        known = self.areas.get(area, [0] * len(difference))
        self.areas[area] = [now + more for now, more in zip(known, difference, strict=True)]


class Adding:
    """The figures of one contest.

    By depth from the root to the unit: ``cells`` has :data:`CELLS` rows of figures for each area,
    ``votes`` for each of these the votes of contenders (at the unit, of those who run in it, in
    their order), ``parties`` a row for each area. ``places`` are of every depth, down to the
    sections. ``led`` and ``second`` are, above the constituencies, in how many of an area each
    contender comes first and second.
    """

    def __init__(self, declared: DeclaredContest) -> None:
        contest, layout = declared.contest, declared.layout
        self._declared, self._unit = declared, layout.unit_depth
        self._depths, self._parents = layout.depths, layout.parents
        self._enters = [votes_enter_totals(acta, contest) for acta in declared.expected]
        self.ballots = Ballots(contest)
        self._units = UnitBallots(self.ballots, layout.depths[self._unit].paths)
        self._combinations = Combinations(contest)
        self._section_of = layout.section_of[layout.actas]
        self._unit_of = layout.units[-1][self._section_of]
        self._groups_of = _groups(declared.expected)
        self._rows = np.zeros((len(declared.expected), TALLIES + len(contest.columns)), np.int64)
        contenders, self._seats = len(contest.contenders), _depth(declared, contest.constituency)
        above = [len(depth.paths) for depth in layout.depths[: self._unit]]
        units, running = self._units.contenders.shape
        width = self._rows.shape[1]
        self.cells = [np.zeros((areas * CELLS, width), np.int64) for areas in (*above, units)]
        self.votes = [np.zeros((areas * CELLS, contenders), np.int64) for areas in above]
        self.votes.append(np.zeros((units * CELLS, running), np.int64))
        parties = self._combinations.distribute(np.zeros((1, width - TALLIES), np.int64)).shape[1]
        self.parties = [np.zeros((areas, parties), np.int64) for areas in (*above, units)]
        self._below = [
            np.zeros((len(depth.paths), SHOWN + running), np.int64) for depth in layout.depths[-2:]
        ]
        self.places = [Places(len(depth.paths)) for depth in layout.depths]
        led_in = above[: self._seats or 0]
        self.led = [np.zeros((areas, contenders), np.int64) for areas in led_in]
        self.second = [np.zeros((areas, contenders), np.int64) for areas in led_in]
        self._first_in: dict[int, tuple[int, int]] = {}
        self.apart = self._find_apart()
        self._no_votes = [0] * len(contest.columns)
        slots = np.arange(len(declared.expected))
        self._add(slots, np.tile([*EXPECTED, *self._no_votes], (len(slots), 1)))

    @property
    def tally(self) -> Tally:
        """The tally of all actas of the catalogue."""
        return Tally(*self.cells[0][0, :TALLIES].tolist())

    @property
    def entity_depth(self) -> int | None:
        """Where actas apart are shown."""
        return _depth(self._declared, Level.ENTITY) if self.apart.areas else None

    def _find_apart(self) -> Apart:
        contest = self._declared.contest
        depth = _depth(self._declared, Level.ENTITY)
        areas: dict[int, int] = {}
        if depth is not None and contest.rp_actas is RpActas.ENTITY_ONLY:
            apart = [slot for slot, enters in enumerate(self._enters) if not enters]
            found = self._unit_of[apart]
            for lower in range(self._unit, depth, -1):
                found = self._parents[lower][found]
            areas = dict(zip(apart, found.tolist(), strict=True))
        return Apart(areas, len(contest.columns))

    def take(self, standing: Mapping[int, ActaLeaf]) -> None:
        """Take new standing versions, by slot."""
        if not standing:
            return
        slots = sorted(standing)
        figures = array("q")
        for slot in slots:
            figures.extend(self._contribution(slot, standing[slot]))
        rows = np.frombuffer(figures, np.int64).reshape(len(slots), -1)
        self._add(np.array(slots, np.int64), rows)

    def _contribution(self, slot: int, leaf: ActaLeaf) -> tuple[int, ...]:
        """What an acta adds to its section, by the rule that all share."""
        declared, votes = self._declared, counts_of(leaf.votes)
        expected = declared.expected[slot]
        counted = count_of_total(sum(votes), leaf, expected, declared.rules)
        tally = tally_of_count(counted, leaf, expected, declared.contest)
        if not self._enters[slot]:
            self.apart.take(slot, tally.counted, votes)
        elif tally.counted:
            return (*tally, *votes)
        return (*tally, *self._no_votes)

    def _add(self, slots: Integers, rows: Integers) -> None:
        """Put ``rows`` in the place of what these slots, which are in order, added before."""
        difference = rows - self._rows[slots]
        self._rows[slots] = rows
        units, columns = self._unit_of[slots], difference[:, TALLIES:]
        votes = self._units.divide(units, columns)
        shown = (difference[:, _SHOWN], columns.sum(axis=1), votes)
        self._add_below(*_add_up(self._section_of[slots], np.column_stack(shown)))
        groups = self._groups_of[slots]
        member = groups != NOBODY
        cells = ((units * CELLS)[:, np.newaxis] + groups)[member]
        of_slot = np.nonzero(member)[0]
        self._add_cells(*_add_up(cells, np.hstack((difference, votes))[of_slot], in_order=False))

    def _add_below(self, sections: Integers, difference: Integers) -> None:
        """Sections and runs: what a table shows of them."""
        last = len(self._depths) - 1
        of_runs, of_sections = self._below
        of_sections[sections] += difference
        runs, difference = _add_up(self._parents[last][sections], difference)
        of_runs[runs] += difference
        rows = np.vstack((of_sections[sections], of_runs[runs]))
        of_run, of_section = self._declared.layout.units[1:]
        units = np.concatenate((of_section[sections], of_run[runs]))
        leading = _leading(rows[:, SHOWN:], self._units.contenders[units])
        first, then = slice(len(sections)), slice(len(sections), None)
        self.places[last].set(sections, rows[first], leading.some(first))
        self.places[last - 1].set(runs, rows[then], leading.some(then))

    def _add_cells(self, cells: Integers, difference: Integers) -> None:
        """Units and the groups in them, then the areas above."""
        depth, width = self._unit, self._rows.shape[1]
        of_votes = difference[:, width:]
        self.cells[depth][cells] += difference[:, :width]
        self.votes[depth][cells] += of_votes
        units = cells[cells % CELLS == 0] // CELLS
        more_parties = self._distribute(units)
        self._set_places(depth, units)
        by_contender = self._by_contender(cells // CELLS, of_votes)
        difference = np.hstack((difference[:, :width], by_contender))
        while depth:
            cells, difference = _add_up(
                self._parents[depth][cells // CELLS] * CELLS + cells % CELLS,
                difference,
                in_order=False,
            )
            units, more_parties = _add_up(self._parents[depth][units], more_parties)
            depth -= 1
            self.cells[depth][cells] += difference[:, :width]
            self.votes[depth][cells] += difference[:, width:]
            self.parties[depth][units] += more_parties
            self._set_places(depth, units)

    def _by_contender(self, units: Integers, votes: Integers) -> Integers:
        """Votes by contender of the contest, from those of the contenders of each unit."""
        found = np.zeros((len(votes), self._units.nobody + 1), np.int64)
        np.put_along_axis(found, self._units.contenders[units], votes, axis=1)
        return found[:, :-1]

    def _distribute(self, units: Integers) -> Integers:
        """Distribute the combinations of ``units`` anew; what each party has more than before."""
        columns = self.cells[self._unit][units * CELLS, TALLIES:]
        found = self._combinations.distribute(np.where(self._units.on_ballot[units], columns, 0))
        known = self.parties[self._unit]
        more = found - known[units]
        known[units] = found
        return more

    def _set_places(self, depth: int, areas: Integers) -> None:
        votes = self.votes[depth][areas * CELLS]
        whose = self._units.contenders[areas] if depth == self._unit else None
        leading = _leading(votes, whose)
        rows = self.cells[depth][areas * CELLS]
        shown = np.column_stack((rows[:, _SHOWN], rows[:, TALLIES:].sum(axis=1)))
        self.places[depth].set(areas, shown, leading)
        if depth == self._seats:
            places = zip(leading.first.tolist(), leading.second.tolist(), strict=True)
            for area, place in zip(areas.tolist(), places, strict=True):
                self._win(area, place)

    def _win(self, area: int, place: tuple[int, int]) -> None:
        """A constituency whose first and second are these: all areas above count them."""
        before = self._first_in.get(area, (NOBODY, NOBODY))
        if before == place or self._seats is None:
            return
        self._first_in[area] = place
        for depth in range(self._seats, 0, -1):
            area = int(self._parents[depth][area])
            for table, was, now in zip((self.led, self.second), before, place, strict=True):
                for contender, more in ((was, -1), (now, 1)):
                    if contender != NOBODY:
                        table[depth - 1][area, contender] += more


def _depth(declared: DeclaredContest, level: Level | None) -> int | None:
    """The depth of a level, above the runs."""
    levels = [depth.level for depth in declared.layout.depths[: declared.run_depth]]
    return levels.index(level) if level in levels else None


def _groups(expected: Sequence[ExpectedActa]) -> Integers:
    """By slot the cells of its unit that an acta is in: all actas, and its groups."""
    return np.array(list(_cells_of(expected)), np.int64)


def _cells_of(expected: Sequence[ExpectedActa]) -> Iterator[tuple[int, int, int]]:
    cell = {group: 1 + index for index, group in enumerate(GROUPS)}
    for acta in expected:
        located, *modality = groups_of(acta)
        yield 0, cell[located], cell[modality[0]] if modality else NOBODY


def _add_up(areas: Integers, rows: Integers, *, in_order: bool = True) -> tuple[Integers, Integers]:
    """Each area once, in order, with the sum of its rows."""
    if not in_order:
        order = np.argsort(areas, kind="stable")
        areas, rows = areas[order], rows[order]
    first = np.empty(len(areas), np.bool_)
    first[:1] = True
    np.not_equal(areas[1:], areas[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    if len(starts) == len(areas):
        return areas, rows
    return areas[starts], np.add.reduceat(rows, starts, axis=0)


def _leading(votes: Integers, whose: Integers | None) -> Leading:
    """Who leads in each row of votes; ``whose`` they are, the contenders' in order if not given.

    Nobody leads while there is no vote or a tie; nobody is second where nobody leads, or where as
    many are.
    """
    if not votes.shape[1]:
        nobody = np.full(len(votes), NOBODY, np.int64)
        return Leading(nobody, np.zeros(len(votes), np.int64), nobody)
    rows = np.arange(len(votes))
    best = votes.argmax(axis=1)
    most = votes[rows, best]
    leads = (most > 0) & _alone(votes, most)
    others = votes.copy()
    others[rows, best] = 0
    next_best = others.argmax(axis=1)
    runner_up = others[rows, next_best]
    follows = leads & (runner_up > 0) & _alone(others, runner_up)
    if whose is not None:
        best, next_best = whose[rows, best], whose[rows, next_best]
    return Leading(np.where(leads, best, NOBODY), most, np.where(follows, next_best, NOBODY))


def _alone(votes: Integers, most: Integers) -> NDArray[np.bool_]:
    """Whether only one has so many votes."""
    alone: NDArray[np.bool_] = np.count_nonzero(votes == most[:, np.newaxis], axis=1) == 1
    return alone
