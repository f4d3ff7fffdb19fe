"""What one contest publishes: its standing actas, its totals, and only the objects that changed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Protocol

import msgspec
import numpy as np

from openprep.cuts.composing import Composer, Figures
from openprep.cuts.leaves import Logged
from openprep.election import Acta, Contest, Election, Summary
from openprep.record.state import Version
from openprep.tabulation import Contributions, Totals, lay_out, summarise, tabulate
from openprep.tabulation.layout import Integers
from openprep.wire.cut.objects import (
    Identified,
    OutOfCatalogue,
    PublishedObject,
    decode_object,
    encode_object,
)
from openprep.wire.cut.ref import SCHEMA, Ref
from openprep.wire.cut.results import AreaResults, ChildArea

ReadObject = Callable[[Ref], bytes | None]
"""An object of the tree whose digest was checked; ``None`` where it is not whole."""


class CannotAdopt(Exception):
    """The tree does not hold the results that a cut of this contest showed."""


class Store(Protocol):
    """Where the objects of a cut are put."""

    def add(self, sha256: str, data: bytes) -> Ref:
        """Keep an object in the cut's pack; where it is."""

    def add_file(self, sha256: str, data: bytes) -> Ref:
        """Keep an object as a file of its own, and in the cut's pack."""


def put_file(store: Store, published: PublishedObject) -> Ref:
    """Encode an object and keep it as a file of its own."""
    data = encode_object(published)
    return store.add_file(sha256(data).hexdigest(), data)


@dataclass(frozen=True)
class Standing:
    """A contest at one moment: what its official database shows, whatever is learnt later."""

    versions: Mapping[int, Version]
    out_of_catalogue: tuple[Acta, ...]
    summary: Summary

    def actas(self, election: Election, contest: str) -> dict[str, Acta]:
        """The standing version of every captured acta, by its catalogue id."""
        catalogue = election.catalogues[contest]
        return {catalogue[i].id: version.acta for i, version in self.versions.items()}


@dataclass(frozen=True)
class _Publishing:
    """What a cut of one contest is published from, and where to."""

    store: Store
    figures: Figures
    images: Mapping[str, int]


@dataclass
class ContestResults:
    """The standing results of one contest, and the objects that show them.

    ``learn`` takes new versions of actas in the order of the record; ``publish`` then stores the
    objects that a cut must add. Everything is derived: a restart learns the record again and
    reaches the same objects, or adopts those that the last cut left in the tree.
    """

    election: Election
    contest: Contest
    summary: Summary = field(init=False)
    root: Ref = field(init=False)
    landing: AreaResults = field(init=False)
    _standing: dict[int, Version] = field(default_factory=dict)
    _logged: dict[int, tuple[Logged, ...]] = field(default_factory=dict)
    _out_of_catalogue: dict[int, Logged] = field(default_factory=dict)
    _identified: list[Identified] = field(default_factory=list)
    _outside_ref: Ref | None = None
    """The object of the actas out of catalogue, as long as it is what they say."""

    _touched: set[int] = field(default_factory=set)
    _children: list[list[ChildArea]] = field(default_factory=list)
    _totals: Totals | None = None

    def __post_init__(self) -> None:
        catalogue = self.election.catalogues[self.contest.id]
        self.layout = lay_out(self.contest, catalogue, self.election.root.level)
        self._contributions = Contributions(self.contest, catalogue, self.election.rules)
        self._composer = Composer(self.election, self.contest, self.layout)

    @cached_property
    def _position(self) -> Mapping[str, int]:
        catalogue = self.election.catalogues[self.contest.id]
        return {acta.id: position for position, acta in enumerate(catalogue)}

    def learn(self, versions: Iterable[Logged]) -> None:
        """Take versions of actas of this contest."""
        newest: dict[int, Version] = {}
        for logged in versions:
            version = logged.version
            if version.acta.acta is None:
                self._out_of_catalogue[logged.leaf] = logged
                self._outside_ref = None
            else:
                position = self._position[version.acta.acta]
                newest[position] = version
                self._logged[position] = (*self._logged.get(position, ()), logged)
                self._identify(logged)
        self._contributions.out_of_catalogue = len(self._out_of_catalogue)
        self._standing.update(newest)
        self._contributions.capture({i: version.acta for i, version in newest.items()})
        self._touched.update(self.layout.section_of[list(newest)].tolist())

    def _identify(self, logged: Logged) -> None:
        """Take off what the version says it was out of catalogue."""
        acta = logged.version.acta.acta
        if logged.identifies is None or acta is None:
            return
        before = self._out_of_catalogue.pop(logged.identifies).version
        at = self.election.window.local(before.at)
        self._outside_ref = None
        self._identified.append(Identified(logged.identifies, at, acta, logged.leaf))

    def _history(self, position: int) -> Sequence[Logged]:
        return self._logged.get(position, ())

    def touch(self, acta: str | None) -> None:
        """Publish the section of an acta again, or those out of catalogue: its image came."""
        if acta is None:
            self._outside_ref = None
            return
        self._touched.add(int(self.layout.section_of[self._position[acta]]))

    def standing(self, *, closing: bool) -> Standing:
        """The contest with all that was learnt so far."""
        tally, rules = self._contributions.tally(), self.election.rules
        summary = summarise(tally, rules.participation, root=True, closing=closing)
        outside = tuple(placed.version.acta for placed in self._out_of_catalogue.values())
        return Standing(dict(self._standing), outside, summary)

    def publish(self, store: Store, images: Mapping[str, int], *, closing: bool) -> None:
        """Recompute the contest and store each object that is not as before.

        ``images`` are the sizes of those that the tree has: of each that came since the last cut,
        :meth:`touch` was told.

        Afterwards ``summary``, ``root`` and ``landing`` (the root's object) are of this cut.
        """
        totals = tabulate(self.layout, self._contributions)
        changed = self._changed(totals)
        figures = self._composer.figures(totals, self._contributions, closing=closing)
        self._totals = totals
        if self._outside_ref is None:  # they may be many: of those that stand nothing is written
            self._outside_ref = put_file(store, self._outside(images))
        for depth in range(len(self.layout.depths) - 1, 0, -1):
            self._publish(_Publishing(store, figures, images), depth, changed[depth])
        only = np.zeros(1, np.int64)
        (self.landing,) = self._composer.areas(
            figures, 0, only, self._children[1], self._outside_ref
        )
        self.root = put_file(store, self.landing)
        self.summary = self.landing.summary
        self._touched.clear()

    def adopt(self, root: Ref, read: ReadObject, *, closing: bool) -> None:
        """Go on from the objects of the last cut, which had learnt the same versions.

        Raises:
            CannotAdopt: an area is missing, or the figures are not what was learnt.
        """
        areas: list[AreaResults] = [_area(root, read)]
        landing, found = areas[0], []
        for _ in self.layout.depths[1:]:
            children = [child for area in areas for child in area.children]
            found.append(children)
            if len(found) < len(self.layout.depths) - 1:
                areas = [_area(child.object, read) for child in children]
        paths = [tuple(child.path for child in children) for children in found]
        totals = tabulate(self.layout, self._contributions)
        self.summary = self.standing(closing=closing).summary
        if paths != [depth.paths for depth in self.layout.depths[1:]]:
            raise CannotAdopt(f"{self.contest.id}: the tree has other areas")
        if self.summary != landing.summary:
            raise CannotAdopt(f"{self.contest.id}: the tree has other figures")
        self._children = [[], *found]
        self._totals = totals
        self.root, self.landing = root, landing
        outside = landing.out_of_catalogue
        whole = outside is not None and read(outside) is not None
        self._outside_ref = outside if whole else None
        self._touched.clear()

    def _changed(self, totals: Totals) -> list[Integers]:
        """Areas of each depth to publish again: with new versions, or with new totals.

        The last cut has another rule for the root alone, which every cut publishes again.
        """
        depths = self.layout.depths
        if self._totals is None:
            self._children = [[] for _ in depths]
            return list(self._composer.everything)
        changed = list(totals.changed_since(self._totals))
        changed[-1] = np.union1d(changed[-1], np.array(sorted(self._touched), np.int64))
        for depth in range(len(depths) - 1, 0, -1):
            parents = self.layout.parents[depth][changed[depth]]
            changed[depth - 1] = np.union1d(changed[depth - 1], parents)
        return changed

    def _publish(self, cut: _Publishing, depth: int, areas: Integers) -> None:
        if not len(areas):
            return
        store, figures = cut.store, cut.figures
        add = store.add if depth > self.layout.unit_depth else store.add_file
        known, refs = self._children[depth], []
        composed = self._compose(cut, depth, areas)
        for area, published in zip(areas.tolist(), composed, strict=True):
            data = encode_object(published)
            digest = sha256(data).hexdigest()
            same = bool(known) and known[area].object.sha256 == digest
            refs.append(known[area].object if same else add(digest, data))
        entries = self._composer.children(figures, depth, areas, refs)
        if not known:
            known.extend(entries)
            return
        for area, entry in zip(areas.tolist(), entries, strict=True):
            known[area] = entry

    def _compose(self, cut: _Publishing, depth: int, areas: Integers) -> Iterator[PublishedObject]:
        if depth == len(self.layout.depths) - 1:
            yield from self._composer.sections(cut.figures, areas, self._history, cut.images)
        else:
            below = self._children[depth + 1]
            yield from self._composer.areas(cut.figures, depth, areas, below)

    def _outside(self, images: Mapping[str, int]) -> OutOfCatalogue:
        outside = self._out_of_catalogue.values()
        digests = (placed.version.acta.image_sha256 for placed in outside)
        named = {digest for digest in digests if digest is not None}
        return OutOfCatalogue(
            schema=SCHEMA,
            election=self.election.id,
            contest=self.contest.id,
            actas=tuple(placed.version.acta for placed in outside),
            versions=tuple(map(self._composer.version, outside)),
            images={digest: images[digest] for digest in sorted(named & images.keys())},
            identified=tuple(self._identified),
        )


def _area(ref: Ref, read: ReadObject) -> AreaResults:
    data = read(ref)
    try:
        found = None if data is None else decode_object(data)
    except msgspec.MsgspecError as error:
        raise CannotAdopt(f"object {ref.sha256}: {error}") from error
    if not isinstance(found, AreaResults):
        raise CannotAdopt(f"object {ref.sha256} is not there whole")
    return found
