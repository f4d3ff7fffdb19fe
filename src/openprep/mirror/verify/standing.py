"""What stands after every leaf of the log: which version of each acta, and which images came.

A state that only the log changes, leaf by leaf, each by a rule; a log that breaks one is refused,
and what was made of it is of no use any more. Pure.
"""

from collections.abc import Sequence
from typing import NamedTuple

from openprep.coded import Text, said
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.verify.declared import Declared, DeclaredContest
from openprep.wire.cut.objects import NOBODY, Identified
from openprep.wire.log.leaf import (
    IMAGES_IN_A_LEAF,
    ActaLeaf,
    CutLeaf,
    ImagesLeaf,
    Leaf,
    RulesLeaf,
)

OUTSIDE = -1
"""In place of a slot: the acta is out of catalogue."""


class LeafAt(NamedTuple):
    """Which leaf of the log it is, and where its entry begins in the bundle that holds it."""

    leaf: int
    offset: int


class OutsideActa(NamedTuple):
    """An acta out of catalogue that stands: where its entry begins, and the size of its image."""

    offset: int
    image: int


class StandingContest:
    """One contest: by slot the leaf of the standing version, its offset, and its image's size.

    ``earlier`` has the leaves of superseded versions, ``outside`` by leaf the actas out of
    catalogue, ``identified`` those that stood there before. ``fresh`` are versions that were not
    counted yet, ``dirty`` the slots of which anything changed that is published, ``outside_dirty``
    whether anything outside did; who counts and who publishes empties them.
    """

    def __init__(self, declared: DeclaredContest) -> None:
        actas = len(declared.catalogue)
        self.leaves, self.offsets, self.images = [NOBODY] * actas, [0] * actas, [0] * actas
        self.earlier: dict[int, list[int]] = {}
        self.outside: dict[int, OutsideActa] = {}
        self.identified: list[Identified] = []
        self.fresh: dict[int, ActaLeaf] = {}
        self.dirty: set[int] = set()
        self.outside_dirty = False
        self._id, self._slots = declared.contest.id, declared.slots
        self._columns = len(declared.contest.columns)

    def take(self, at: LeafAt, leaf: ActaLeaf, image: int) -> int:
        """A version, the size of whose image is known; its slot.

        Raises:
            Refused: LOG_FACTS.
        """
        if len(leaf.votes) != self._columns:
            raise self._against(at, said("votes in {count} columns", count=len(leaf.votes)))
        if leaf.acta is None:
            return self._take_outside(at, leaf, image)
        slot = self._slots.get(leaf.acta)
        if slot is None:
            raise self._against(at, said("acta {acta!r} is not expected", acta=leaf.acta))
        before = self.leaves[slot]
        number = 1 if before == NOBODY else 2 + len(self.earlier.get(slot, ()))
        if leaf.version != number:
            told = said("version {version} of {acta}", version=leaf.version, acta=leaf.acta)
            follows = said("{told}, where {number} follows", told=told, number=number)
            raise self._against(at, follows)
        if leaf.reason is None and (number > 1 or leaf.identifies is not None):
            raise self._against(at, said("{acta} is corrected without a reason", acta=leaf.acta))
        if leaf.identifies is not None:
            self._identify(at, leaf.identifies)
        if before != NOBODY:
            self.earlier.setdefault(slot, []).append(before)
        self.leaves[slot], self.offsets[slot], self.images[slot] = at.leaf, at.offset, image
        self.fresh[slot] = leaf
        self.dirty.add(slot)
        return slot

    def _take_outside(self, at: LeafAt, leaf: ActaLeaf, image: int) -> int:
        if leaf.version != 1 or leaf.identifies is not None or leaf.reason is not None:
            raise self._against(at, said("a later version of an acta out of catalogue"))
        self.outside[at.leaf] = OutsideActa(at.offset, image)
        self.outside_dirty = True
        return OUTSIDE

    def _identify(self, at: LeafAt, outside: int) -> None:
        if self.outside.pop(outside, None) is None:
            told = said("it identifies leaf {leaf}, which does not stand outside", leaf=outside)
            raise self._against(at, told)
        self.identified.append(Identified(outside, at.leaf))
        self.outside_dirty = True

    def set_image(self, slot: int, leaf: int, size: int) -> None:
        """The image came that the version at ``leaf`` names."""
        if slot == OUTSIDE:
            if leaf in self.outside:
                self.outside[leaf] = self.outside[leaf]._replace(image=size)
                self.outside_dirty = True
        elif self.leaves[slot] == leaf:
            self.images[slot] = size
            self.dirty.add(slot)

    def _against(self, at: LeafAt, what: Text) -> Refused:
        return _against(at.leaf, said("{contest}: {what}", contest=self._id, what=what))


class _Naming(NamedTuple):
    """A version that names an image."""

    contest: StandingContest
    slot: int
    leaf: int


class Standing:
    """All contests of an election, as the log leaves them; ``size`` leaves were taken.

    ``images`` are those that came, size by digest, since somebody emptied it.
    """

    def __init__(self, declared: Declared) -> None:
        self.contests = {
            name: StandingContest(contest) for name, contest in declared.contests.items()
        }
        self.size = 0
        self.images: dict[str, int] = {}
        self._named: list[bytes | None] = []
        self._announced: dict[bytes, int] = {}
        self._waiting: dict[bytes, list[_Naming]] = {}
        self._images_came = False

    def take(self, leaves: Sequence[Leaf], offsets: Sequence[int]) -> None:
        """The next leaves of the log, whose entries begin at ``offsets`` in their bundles.

        Raises:
            Refused: LOG_FACTS; nothing here is of use any more.
        """
        for leaf, offset in zip(leaves, offsets, strict=True):
            at, digest = LeafAt(self.size, offset), None
            match leaf:
                case ActaLeaf():
                    digest = self._take_acta(at, leaf)
                case ImagesLeaf():
                    self._take_images(at.leaf, leaf)
                case CutLeaf():
                    self._images_came = False
                case RulesLeaf() if at.leaf:
                    raise _against(at.leaf, said("the rules stand twice"))
            self._named.append(digest)
            self.size += 1

    def _take_acta(self, at: LeafAt, leaf: ActaLeaf) -> bytes | None:
        """Take a version; the digest of the image that it names."""
        contest = self.contests.get(leaf.contest)
        if contest is None or self._images_came:
            told = said("an acta of {contest!r} has no place here", contest=leaf.contest)
            raise _against(at.leaf, told)
        if leaf.image_sha256 is None:
            contest.take(at, leaf, 0)
            return None
        digest = bytes.fromhex(leaf.image_sha256)
        size = self._announced.get(digest, 0)
        slot = contest.take(at, leaf, size)
        if not size:
            self._waiting.setdefault(digest, []).append(_Naming(contest, slot, at.leaf))
        return digest

    def _take_images(self, index: int, leaf: ImagesLeaf) -> None:
        self._images_came = True
        if len(leaf.images) > IMAGES_IN_A_LEAF:
            raise _against(index, said("{count} images in one leaf", count=len(leaf.images)))
        for came in leaf.images:
            digest = self._named[came.leaf] if came.leaf < index else None
            if digest is None:
                told = said("an image of leaf {leaf}, which names none", leaf=came.leaf)
                raise _against(index, told)
            if digest in self._announced:
                raise _against(index, said("the image of leaf {leaf} came before", leaf=came.leaf))
            self._announced[digest] = came.size
            self.images[digest.hex()] = came.size
            for naming in self._waiting.pop(digest, ()):
                naming.contest.set_image(naming.slot, naming.leaf, came.size)


def _against(index: int, what: Text) -> Refused:
    """The log breaks a rule at one of its leaves."""
    return Refused(MirrorCode.LOG_FACTS, "leaf {index}: {what}", index=index, what=what)
