"""What one contest publishes: its standing actas, its totals, and only the objects that changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from openprep.cuts.composing import Below, Composer, Figures, StandingLeaves
from openprep.cuts.leaves import Announced, Logged
from openprep.election import Acta, Contest, Election, Summary
from openprep.hosting.log import EntryOffsets
from openprep.tabulation import Contributions, Totals, lay_out, summarise, tabulate, tabulate_again
from openprep.tabulation.layout import Integers
from openprep.wire.cut.objects import (
    NOBODY,
    AreaCatalogue,
    Identified,
    Outside,
    Places,
    ResultObject,
    RunCatalogue,
    encode_object,
)
from openprep.wire.cut.pack import PackWriter
from openprep.wire.cut.ref import SCHEMA, Digest, Link, Location, digest_of
from openprep.wire.cut.results import AreaResults, area_results


class CannotAdopt(Exception):
    """A cut of the record cannot be shown again as it was."""


class Added(NamedTuple):
    """What a contest adds up to: by area, by run and group of actas, and what is shown of it."""

    totals: Totals
    groups: Integers
    figures: Figures


@dataclass
class _Depth:
    """The areas or runs of one depth as the tree has them: their catalogues and their objects.

    ``table`` has a row for each, as the area above shows it.
    """

    table: Integers
    catalogues: list[Link] = field(default_factory=list)
    objects: list[Digest] = field(default_factory=list)
    places: list[Location] = field(default_factory=list)

    @cached_property
    def catalogue_digests(self) -> list[Digest]:
        """What the objects name as their catalogues."""
        return [link.digest for link in self.catalogues]

    @property
    def below(self) -> Below:
        """As the areas above take them."""
        return Below(self.table, self.objects)


@dataclass
class ContestResults:
    """The standing results of one contest, and the objects that show them.

    ``learn`` takes new versions of actas in the order of the record; ``publish`` then packs the
    objects that a cut must add. Everything is derived: a restart learns the record again, and packs
    all of the same objects anew.

    Actas stand section by section (their *slot*), as runs list them.
    """

    election: Election
    contest: Contest
    root: Link = field(init=False)
    landing: AreaResults = field(init=False)
    _captured: set[int] = field(default_factory=set)
    """Positions in the catalogue of the actas that stand."""

    _earlier: dict[int, list[int]] = field(default_factory=dict)
    _outside: dict[int, Acta] = field(default_factory=dict)
    _outside_images: dict[int, int] = field(default_factory=dict)
    _identified: list[Identified] = field(default_factory=list)
    _outside_link: Link | None = None
    """The object of the actas out of catalogue, as long as it is what they say."""

    _touched: list[Integers] = field(default_factory=list)
    _added: Added | None = None
    """What is added up, as far as it was published."""
    _stale: bool = True
    """Whether anything was learnt since."""

    def __post_init__(self) -> None:
        catalogue = self.election.catalogues[self.contest.id]
        self.layout = lay_out(self.contest, catalogue, self.election.root.level)
        self._contributions = Contributions(self.contest, catalogue, self.election.rules)
        self._composer = Composer(self.election, self.contest, self.layout)
        self._leaves = np.full(len(catalogue), NOBODY, np.int64)
        self._images = np.zeros(len(catalogue), np.int64)
        self._depths: list[_Depth] = []

    @property
    def summary(self) -> Summary:
        """The 13 figures of the contest as it was published last."""
        return self.landing.summary

    @cached_property
    def _position(self) -> Mapping[str, int]:
        catalogue = self.election.catalogues[self.contest.id]
        return {acta.id: position for position, acta in enumerate(catalogue)}

    def learn(self, versions: Iterable[Logged]) -> None:
        """Take versions of actas of this contest."""
        newest: dict[int, Logged] = {}
        position_of, captured = self._position, self._captured
        for logged in versions:
            acta = logged.version.acta.acta
            if acta is None:
                self._put_outside(logged)
                continue
            position = position_of[acta]
            if position in newest or position in captured:
                self._supersede(position, newest.get(position))
            newest[position] = logged
            if logged.identifies is not None:
                self._identify(logged.identifies, logged.leaf)
        self._contributions.out_of_catalogue = len(self._outside)
        self._stand(newest)

    def _put_outside(self, logged: Logged) -> None:
        self._outside[logged.leaf] = logged.version.acta
        if logged.image:
            self._outside_images[logged.leaf] = logged.image
        self._outside_link = None
        self._stale = True

    def _identify(self, leaf: int, by: int) -> None:
        """Take off what a version says it was out of catalogue."""
        del self._outside[leaf]
        self._outside_images.pop(leaf, None)
        self._outside_link = None
        self._identified.append(Identified(leaf, by))

    def _supersede(self, position: int, newest: Logged | None) -> None:
        """Another version of an acta comes: the one before is an earlier one."""
        slot = int(self.layout.slots[position])
        leaf = int(self._leaves[slot]) if newest is None else newest.leaf
        self._earlier.setdefault(slot, []).append(leaf)

    def _stand(self, newest: Mapping[int, Logged]) -> None:
        if not newest:
            return
        self._stale = True
        positions = np.fromiter(newest, np.int64, len(newest))
        slots = self.layout.slots[positions]
        self._leaves[slots] = [logged.leaf for logged in newest.values()]
        self._images[slots] = [logged.image for logged in newest.values()]
        self._captured.update(newest)
        self._contributions.capture({i: logged.version.acta for i, logged in newest.items()})
        self._touched.append(self.layout.section_of[positions])

    def show(self, images: Sequence[Announced]) -> None:
        """The log tells of images: the actas that stand by the leaves which name them show them."""
        if not images:
            return
        sizes = {leaf: image.size for image in images for leaf in image.leaves}
        slots = np.flatnonzero(np.isin(self._leaves, list(sizes)))
        if len(slots):
            self._images[slots] = [sizes[leaf] for leaf in self._leaves[slots].tolist()]
            self._touched.append(self.layout.section_of[self.layout.actas[slots]])
        for leaf in self._outside.keys() & sizes.keys():
            self._outside_images[leaf] = sizes[leaf]
            self._outside_link = None

    def summarise(self, *, closing: bool) -> Summary:
        """The 13 figures of the contest with all that was learnt so far."""
        tally, rules = self._contributions.tally(), self.election.rules
        return summarise(tally, rules.participation, root=True, closing=closing)

    def publish(self, pack: PackWriter, offsets: EntryOffsets, *, closing: bool) -> None:
        """Recompute the contest and pack each object that is not as before.

        ``offsets`` are those of the log's entries, up to all that was learnt. Afterwards
        ``summary``, ``root`` and ``landing`` are of this cut.
        """
        changed = self._changed()
        figures = self._figures(changed)
        if not self._depths:
            self._pack_catalogues(pack)
        for depth, areas in enumerate(changed):
            if depth and len(areas):
                table = self._composer.table(figures, depth, areas)
                self._depths[depth].table[areas] = table
        run = self.layout.unit_depth + 1
        runs = self._composer.runs(
            changed[run],
            self._depths[run].catalogue_digests,
            self._depths[-1].table,
            self._stand_at(offsets),
        )
        self._pack(pack, run, changed[run], runs)
        self._pack_outside(pack, offsets)
        for depth in range(self.layout.unit_depth, -1, -1):
            self._pack_areas(pack, figures, depth, changed[depth], closing=closing)
        self._touched.clear()

    def forget_packs(self) -> None:
        """Have the next cut pack all anew: it needs no pack but its own."""
        self._depths = []
        self._outside_link = None

    def _changed(self) -> list[Integers]:
        """Areas of each depth to publish again; the root always, which the last cut's rule changes.

        A total changes only where a section below is touched.
        """
        if not self._depths:
            return [np.arange(len(depth.paths)) for depth in self.layout.depths]
        return self.layout.holding(np.concatenate((np.empty(0, np.int64), *self._touched)))

    def _figures(self, changed: Sequence[Integers]) -> Figures:
        """All that is added up: at a start everything, then what changed."""
        added, contributions = self._added, self._contributions
        if added is not None and not self._stale:
            return added.figures
        composer, layout = self._composer, self.layout
        if added is None:
            totals = tabulate(layout, contributions)
            groups = composer.grouping.tabulate(contributions)
        else:
            totals, groups = added.totals, added.groups
            tabulate_again(totals, layout, contributions, changed)
            runs = changed[layout.unit_depth + 1]
            composer.grouping.tabulate_again(groups, contributions, runs)
        figures = composer.figures(totals, groups, contributions)
        self._added, self._stale = Added(totals, groups, figures), False
        return figures

    def _stand_at(self, offsets: EntryOffsets) -> StandingLeaves:
        there = self._leaves != NOBODY
        found = np.zeros(len(self._leaves), np.int64)
        found[there] = offsets.of(self._leaves[there])
        return StandingLeaves(self._leaves, found, self._images, self._earlier)

    def _pack_catalogues(self, pack: PackWriter) -> None:
        """Pack what never changes, once for each start."""
        run = self.layout.unit_depth + 1
        for index, depth in enumerate(self.layout.depths):
            shown = _Depth(np.zeros((len(depth.paths), len(Places.__struct_fields__)), np.int64))
            if index <= run:
                of_runs = index == run
                catalogues: Iterable[AreaCatalogue | RunCatalogue] = (
                    self._composer.catalogues.runs()
                    if of_runs
                    else self._composer.catalogues.areas(index)
                )
                shown.catalogues = [_put(pack, each) for each in catalogues]
            self._depths.append(shown)

    def _pack(
        self, pack: PackWriter, depth: int, areas: Integers, composed: Iterator[ResultObject]
    ) -> None:
        """Pack the objects of ``areas``, each that is not as it stands."""
        shown = self._depths[depth]
        first = not shown.objects
        for area, published in zip(areas.tolist(), composed, strict=True):
            data = encode_object(published)
            digest = digest_of(data)
            if first:
                shown.objects.append(digest)
                shown.places.append(pack.add(data, self._parts(depth, area)))
            elif shown.objects[area] != digest:
                shown.objects[area] = digest
                shown.places[area] = pack.add(data, self._parts(depth, area))

    def _parts(self, depth: int, area: int) -> list[Location]:
        """Where the parts of an object stand."""
        parts = [self._depths[depth].catalogues[area].at]
        if depth <= self.layout.unit_depth:
            children = self.layout.children_of(depth, area)
            parts += self._depths[depth + 1].places[children.start : children.stop]
        if depth == 0 and self._outside_link is not None:
            parts.append(self._outside_link.at)
        return parts

    def _pack_areas(
        self, pack: PackWriter, figures: Figures, depth: int, areas: Integers, *, closing: bool
    ) -> None:
        shown, below = self._depths[depth], self._depths[depth + 1]
        outside = self._outside_link if depth == 0 else None
        composed = list(
            self._composer.areas(
                figures,
                depth,
                areas,
                shown.catalogue_digests,
                below.below,
                closing=closing,
                outside=None if outside is None else outside.digest,
            )
        )
        self._pack(pack, depth, areas, iter(composed))
        if depth == 0:
            self.root = Link(shown.objects[0], shown.places[0])
            links = list(map(Link, below.objects, below.places))
            self.landing = area_results(composed[0], self._root_catalogue, links, outside)

    @cached_property
    def _root_catalogue(self) -> AreaCatalogue:
        return next(self._composer.catalogues.areas(0))

    def _pack_outside(self, pack: PackWriter, offsets: EntryOffsets) -> None:
        """Pack the actas out of catalogue, if they changed: they may be many."""
        if self._outside_link is not None or not (self._outside or self._identified):
            return
        leaves = np.fromiter(self._outside, np.int64, len(self._outside))
        outside = Outside(
            schema=SCHEMA,
            election=self.election.id,
            contest=self.contest.id,
            leaves=tuple(leaves.tolist()),
            offsets=tuple(offsets.of(leaves).tolist()),
            images=tuple(self._outside_images.get(leaf, 0) for leaf in self._outside),
            identified=tuple(self._identified),
        )
        self._outside_link = _put(pack, outside)


def _put(pack: PackWriter, published: ResultObject) -> Link:
    """Pack an object without parts."""
    data = encode_object(published)
    return Link(digest_of(data), pack.add(data))
