"""What a tree's cut shows, read as a reader does: from the manifest by digests, down to an acta."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from openprep.election import Acta, Counting, ExpectedActa, Level, count
from openprep.election.area_path import own_id
from openprep.hosting import TreeDirectory
from openprep.wire.cut.description import (
    Candidacies,
    Catalogue,
    ElectionDescription,
    PublishedContest,
    decode_declared,
)
from openprep.wire.cut.manifest import ContestCut, Manifest, decode, manifest_path
from openprep.wire.cut.objects import NOBODY, Area, Outside, Places, Run, encode_object
from openprep.wire.cut.ref import Digest, Link, Ref, digest_of
from openprep.wire.cut.results import AreaResults, ResultsReader, RunResults
from openprep.wire.log.leaf import ActaLeaf, Leaf, decode_leaf
from openprep.wire.log.tiles import ENTRIES, WIDTH, Tile

Kind = TypeVar("Kind", ElectionDescription, Candidacies, Catalogue)


@dataclass(frozen=True)
class ShownVersion:
    """A version of an acta, and the leaf of the log that it is."""

    leaf: int
    content: ActaLeaf

    @property
    def reason(self) -> str | None:
        return self.content.reason

    @property
    def acta(self) -> Acta:
        return self.content.captured


@dataclass(frozen=True)
class ShownActa:
    """An expected acta as its section shows it, or one out of catalogue (without ``expected``).

    ``versions`` are oldest first, ``image`` is the size of the image that the tree has.
    """

    expected: ExpectedActa | None
    versions: tuple[ShownVersion, ...]
    image: int | None
    counting: Counting
    total: int

    @property
    def acta(self) -> Acta | None:
        """The standing version."""
        return self.versions[-1].acta if self.versions else None


@dataclass(frozen=True)
class ShownSection:
    """A section: its row in the run, and its actas in the order of the catalogue."""

    path: str
    captured: int
    counted: int
    total: int
    leader: int
    leader_votes: int
    actas: tuple[ShownActa, ...]


class Reading:
    """One cut of a tree: the one that is current, if no number is given."""

    def __init__(self, tree: TreeDirectory, cut: int | None = None) -> None:
        self.tree = tree
        if cut is None:
            pointer = tree.pointer()
            assert pointer is not None
            cut = pointer.cut
        data = tree.read(manifest_path(cut))
        assert data is not None
        self.manifest = decode(data, Manifest)
        self.results = ResultsReader(tree.read_at)

    @cached_property
    def description(self) -> ElectionDescription:
        return self._declared(self.manifest.description, ElectionDescription)

    def running(self, contest: str | None = None) -> Candidacies:
        return self._declared(self._published(contest).running, Candidacies)

    def catalogue(self, contest: str | None = None) -> Catalogue:
        return self._declared(self._published(contest).catalogue, Catalogue)

    def _published(self, contest: str | None) -> PublishedContest:
        own = self.contest(contest).id
        return next(each for each in self.description.contests if each.id == own)

    def _declared(self, ref: Ref, kind: type[Kind]) -> Kind:
        data = self.tree.read_object(ref)
        assert data is not None
        found = decode_declared(data)
        assert isinstance(found, kind)
        return found

    def contest(self, contest: str | None = None) -> ContestCut:
        """A contest of the cut: the first, if none is named."""
        own = self.manifest.contests
        return own[0] if contest is None else next(each for each in own if each.id == contest)

    def root(self, contest: str | None = None) -> Link:
        """Where a contest's results begin in this tree."""
        where = self.tree.where(self.manifest.cut)
        assert where is not None
        own = self.contest(contest)
        return Link(own.results, where.roots[own.id])

    def area(self, path: str = "", contest: str | None = None) -> AreaResults:
        """The area at ``path``; that of the contest's root is empty."""
        found = self.results.area(self.root(contest))
        while found.path != path:
            child = next(each for each in found.children if f"{path}/".startswith(f"{each.path}/"))
            found = self.results.area(child.object)
        return found

    def areas(self, contest: str | None = None) -> Iterator[AreaResults]:
        """Every area down to the units, each before those below it."""
        waiting = [self.root(contest)]
        while waiting:
            found = self.results.area(waiting.pop())
            yield found
            waiting += [each.object for each in found.children if each.level is not Level.RUN]

    def objects(self, contest: str | None = None) -> dict[str, Area | Run]:
        """Every area and run as it is written, by path."""
        found: dict[str, Area | Run] = {"": self.results.object(self.root(contest), Area)}
        for area in self.areas(contest):
            for child in area.children:
                if child.level is Level.RUN:
                    found[child.path] = self.results.object(child.object, Run)
                else:
                    found[child.path] = self.results.object(child.object, Area)
        return found

    def digests(self, contest: str | None = None) -> set[Digest]:
        """What names the objects of all areas and runs."""
        return {digest_of(encode_object(each)) for each in self.objects(contest).values()}

    def runs(self, contest: str | None = None) -> Iterator[RunResults]:
        """Every run of sections."""
        for area in self.areas(contest):
            for child in area.children:
                if child.level is Level.RUN:
                    yield self.results.run(child.object)

    def sections(self, contest: str | None = None) -> Iterator[ShownSection]:
        """Every section."""
        for run in self.runs(contest):
            yield from self._sections_of(run)

    def section(self, path: str, contest: str | None = None) -> ShownSection:
        """The section at ``path``."""
        unit, _, seccion = path.rpartition("/")
        for child in self.area(unit, contest).children:
            first, _, last = own_id(child.path).partition("-")
            if first <= seccion <= last:
                run = self.results.run(child.object)
                return next(each for each in self._sections_of(run) if each.path == path)
        raise LookupError(path)

    def outside(self, contest: str | None = None) -> Outside | None:
        """The object of the actas out of catalogue, while there are any."""
        link = self.area("", contest).out_of_catalogue
        return None if link is None else self.results.object(link, Outside)

    def outside_actas(self, contest: str | None = None) -> tuple[ShownActa, ...]:
        """The actas that stand out of catalogue."""
        found = self.outside(contest)
        if found is None:
            return ()
        return tuple(
            ShownActa(None, (self._version(leaf, at),), size or None, Counting.OUT_OF_CATALOGUE, 0)
            for leaf, at, size in zip(found.leaves, found.offsets, found.images, strict=True)
        )

    def images(self) -> dict[str, int]:
        """The images of standing actas that the cut says the tree has: sizes by digest."""
        every = [
            acta
            for contest in self.manifest.contests
            for acta in (
                *(acta for section in self.sections(contest.id) for acta in section.actas),
                *self.outside_actas(contest.id),
            )
        ]
        return {
            shown.acta.image_sha256: shown.image
            for shown in every
            if shown.acta is not None and shown.acta.image_sha256 and shown.image
        }

    def entry(self, leaf: int, offset: int | None = None) -> bytes:
        """An entry of the log, from where it stands in its bundle if that is given."""
        size = self.manifest.leaf + 1
        full = size // WIDTH
        index = leaf // WIDTH
        bundle = Tile(ENTRIES, index, WIDTH if index < full else size % WIDTH)
        data = self.tree.read(bundle.path) or self.tree.read(Tile(ENTRIES, index).path)
        assert data is not None, bundle.path
        at = 0
        for _ in range(leaf % WIDTH):
            at += 2 + int.from_bytes(data[at : at + 2], "big")
        assert offset is None or offset == at, (leaf, offset, at)
        return data[at + 2 : at + 2 + int.from_bytes(data[at : at + 2], "big")]

    def leaf(self, leaf: int) -> Leaf:
        """A leaf of the log."""
        return decode_leaf(self.entry(leaf))

    def leaves(self) -> list[Leaf]:
        """The log up to the cut's own leaf."""
        return [self.leaf(index) for index in range(self.manifest.leaf + 1)]

    def _version(self, leaf: int, offset: int | None = None) -> ShownVersion:
        found = decode_leaf(self.entry(leaf, offset))
        assert isinstance(found, ActaLeaf)
        return ShownVersion(leaf, found)

    def _sections_of(self, found: RunResults) -> Iterator[ShownSection]:
        run, known = found
        unit = run.path.rpartition("/")[0]
        expected, begin = known.expected.actas(), 0
        rows = (getattr(run.places, name) for name in Places.__struct_fields__)
        for seccion, size, row in zip(
            known.secciones, known.actas, zip(*rows, strict=True), strict=True
        ):
            own = range(begin, begin + size)
            actas = tuple(self._acta(found, position, expected[position]) for position in own)
            path = f"{unit}/{seccion}" if unit else seccion
            captured, counted, total, leader, votes = row
            yield ShownSection(path, captured, counted, total, leader, votes, actas)
            begin += size

    def _acta(self, found: RunResults, position: int, expected: ExpectedActa) -> ShownActa:
        run = found.run
        leaf = run.leaves[position]
        if leaf == NOBODY:
            return ShownActa(expected, (), None, Counting.NOT_CAPTURED, 0)
        versions = (
            *map(self._version, run.earlier.get(str(position), ())),
            self._version(leaf, run.offsets[position]),
        )
        rules = self.description.counting_rules
        counted = count(versions[-1].acta, expected, rules)
        return ShownActa(expected, versions, run.images[position] or None, *counted)
