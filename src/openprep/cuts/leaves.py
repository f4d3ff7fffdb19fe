"""The leaves of the publication log, as the record gives them: a pure function of it.

The log begins with the rules. Then each cut adds, in the order of the record, every version of an
acta that it is the first to publish, then which images came, and last itself: so the tree that a
checkpoint signs always ends in a cut, and a version's place in the log is told by its place in the
record. An image is told of once, when the record holds it and a leaf names it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec import Struct

from openprep.election import Election
from openprep.record.events import CutMade
from openprep.record.state import HeldImage, Place, State, Version
from openprep.wire.log.leaf import (
    IMAGES_IN_A_LEAF,
    SCHEMA,
    ActaLeaf,
    CutLeaf,
    ImageCame,
    ImagesLeaf,
    RulesLeaf,
    encode_leaf,
)

FIRST_VERSION = 1
"""Index of the first leaf after the rules."""


class Logged(Struct, frozen=True, gc=False):
    """A version of an acta with the index of its leaf in the publication log.

    ``identifies`` is the leaf of the acta out of catalogue that it identifies, if it does, and
    ``image`` the size of the image that it names, if the log tells of that already.
    """

    leaf: int
    version: Version
    identifies: int | None = None
    image: int = 0


class Announced(NamedTuple):
    """An image that a cut tells of: its digest and size, and the leaves that name it by then."""

    sha256: str
    size: int
    leaves: Sequence[int]


@dataclass
class LogOrder:
    """Gives each version its leaf, and each image its cut, in the order of the record.

    ``next_leaf`` is moved on past a cut by whoever makes or replays it. ``_naming`` has the first
    leaf that names an image which was not told of, and ``_named_again`` the others, of the few that
    have any. Images that are held and named wait in ``_ready``; of those, ``_astray`` are such as
    the disk had lost at the last cut. ``told`` has the size of every image that the log tells of,
    by its digest.
    """

    next_leaf: int = FIRST_VERSION
    told: dict[str, int] = field(default_factory=dict)
    _outside: dict[Place, int] = field(default_factory=dict)
    _naming: dict[str, int] = field(default_factory=dict)
    _named_again: dict[str, list[int]] = field(default_factory=dict)
    _held: dict[str, int] = field(default_factory=dict)
    _ready: set[str] = field(default_factory=set)
    _astray: set[str] = field(default_factory=set)

    def take(self, version: Version) -> Logged:
        """The version with the leaf that is next."""
        leaf, self.next_leaf = self.next_leaf, self.next_leaf + 1
        acta, identifies = version.acta, version.identifies
        if acta.acta is None:
            self._outside[version.place] = leaf
        return Logged(
            leaf,
            version,
            None if identifies is None else self._outside.pop(identifies),
            0 if acta.image_sha256 is None else self._name(acta.image_sha256, leaf),
        )

    def _name(self, image: str, leaf: int) -> int:
        """A leaf names an image: its size, if the log tells of it already."""
        if image in self.told:
            return self.told[image]
        if self._naming.setdefault(image, leaf) != leaf:
            self._named_again.setdefault(image, []).append(leaf)
        if image in self._held:
            self._ready.add(image)
        return 0

    def hold(self, image: HeldImage) -> None:
        """The record holds an image from here on."""
        self._held[image.sha256] = image.size
        if image.sha256 in self._naming:
            self._ready.add(image.sha256)

    def ready(self) -> list[Announced]:
        """The images that a cut made now tells of, if the disk has them, by their first leaf."""
        found = (Announced(each, self._held[each], self._leaves_of(each)) for each in self._ready)
        return sorted(found, key=lambda image: image.leaves[0])

    def _leaves_of(self, image: str) -> list[int]:
        return [self._naming[image], *self._named_again.get(image, ())]

    def strayed(self, lost: Collection[str]) -> tuple[str, ...]:
        """Of the images that are ready, those newly ``lost`` and those that are there again."""
        return tuple(sorted(self._astray.symmetric_difference(lost)))

    def announce(self, strayed: Collection[str]) -> list[Announced]:
        """What a cut tells of, which found that of the images that are ready these had strayed."""
        self._astray.symmetric_difference_update(strayed)
        told = [image for image in self.ready() if image.sha256 not in self._astray]
        for image in told:
            self.told[image.sha256] = image.size
            self._ready.remove(image.sha256)
            del self._naming[image.sha256], self._held[image.sha256]
            self._named_again.pop(image.sha256, None)
        return told


def rules_leaf(election: Election, description_sha256: str) -> bytes:
    """The first leaf: the election folder, and the description that every cut shows."""
    seed = None if election.seed is None else str(election.seed)
    return encode_leaf(
        RulesLeaf(SCHEMA, election.id, election.drill, seed, election.digest, description_sha256)
    )


def version_leaf(election: Election, logged: Logged) -> bytes:
    """The leaf of one version of one acta."""
    version = logged.version
    at = election.window.local(version.at)
    return encode_leaf(
        ActaLeaf.of(version.acta, version.number, at, version.reason or None, logged.identifies)
    )


def images_leaves(announced: Sequence[Announced]) -> Iterator[bytes]:
    """The leaves that tell of images."""
    came = [ImageCame(image.leaves[0], image.size) for image in announced]
    for start in range(0, len(came), IMAGES_IN_A_LEAF):
        yield encode_leaf(ImagesLeaf(SCHEMA, tuple(came[start : start + IMAGES_IN_A_LEAF])))


def cut_leaf(election: Election, cut: CutMade) -> bytes:
    """The leaf that ends a cut."""
    return encode_leaf(
        CutLeaf(
            schema=SCHEMA,
            cut=cut.number,
            kind=cut.kind,
            time=election.window.local(cut.at),
            manifest_sha256=cut.manifest_sha256,
            manifest_size=cut.manifest_size,
        )
    )


def leaves_of(election: Election, description_sha256: str, state: State) -> Iterator[bytes]:
    """Every leaf up to the last cut of the record."""
    if state.cuts:
        yield rules_leaf(election, description_sha256)
    order, versions, images = LogOrder(), iter(state.versions), iter(state.images)
    version, image = next(versions, None), next(images, None)
    for cut in state.cuts:
        while version is not None and version.position <= cut.covers:
            yield version_leaf(election, order.take(version))
            version = next(versions, None)
        while image is not None and image.position <= cut.covers:
            order.hold(image)
            image = next(images, None)
        yield from images_leaves(order.announce(cut.strayed))
        yield cut_leaf(election, cut)
        order.next_leaf = cut.log_size
