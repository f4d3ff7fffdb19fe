"""The whole publication log, read entry by entry, and held against its own rules."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from openprep.audit.codes import AuditCode
from openprep.audit.counting.versions import ContestVersions
from openprep.audit.place import Missing, Place
from openprep.audit.report import Findings
from openprep.coded import Text, said
from openprep.election.cut import CutKind
from openprep.wire.log.checkpoint import Checkpoint
from openprep.wire.log.growth import GrowthError, LogCopy
from openprep.wire.log.leaf import (
    IMAGES_IN_A_LEAF,
    ActaLeaf,
    CutLeaf,
    ImagesLeaf,
    Leaf,
    LeafError,
    RulesLeaf,
    decode_leaf,
    decode_leaves,
)
from openprep.wire.log.merkle import HASH_BYTES
from openprep.wire.log.tiles import ENTRIES, MAX_BUNDLE_BYTES, WIDTH, Tile, TileError, decode_bundle

MOST_LEAVES = 50_000_000
"""Some eighty nights of a nation: a log that claims more is not read."""

OUT_OF_CATALOGUE = said("out of catalogue")

SeenLeaf = Callable[[int, Leaf], None]
"""Takes each leaf, with its index."""


@dataclass(frozen=True)
class CutInLog:
    """A cut in the log, and the index of its leaf."""

    index: int
    leaf: CutLeaf


@dataclass
class AuditedLog:
    """A log whose entries give the root that was signed; what they say, once they were read.

    ``contests`` has what is said of each contest whose catalogue is known; ``images`` the size of
    each image that the tree has, with the index of the leaf that says so.
    """

    copy: LogCopy
    size: int
    bundles: list[bytes]
    rules: RulesLeaf | None = None
    cuts: list[CutInLog] = field(default_factory=list)
    contests: Mapping[str, ContestVersions] = field(default_factory=dict)
    images: dict[str, tuple[int, int]] = field(default_factory=dict)

    def root_at(self, size: int) -> bytes:
        """Root of the first ``size`` leaves."""
        return self.copy.hashes.root(size)

    def images_at(self, size: int) -> dict[str, int]:
        """Sizes of the images that the tree had when the log had ``size`` leaves."""
        return {digest: many for digest, (leaf, many) in self.images.items() if leaf < size}


def read_tile(place: Place, tile: Tile) -> bytes:
    """A tile or bundle; of a partial one that was dropped, the beginning of the full one.

    Raises:
        Missing: neither is there.
    """
    limit = MAX_BUNDLE_BYTES if tile.level == ENTRIES else WIDTH * HASH_BYTES
    try:
        return place.read(tile.path, limit)
    except Missing:
        if tile.full:
            raise
    full = place.read(Tile(tile.level, tile.index).path, limit)
    if tile.level != ENTRIES:
        return full[: tile.width * HASH_BYTES]
    entries = decode_bundle(full, WIDTH)[: tile.width]
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def fetch_log(place: Place, checkpoint: Checkpoint, findings: Findings) -> AuditedLog | None:
    """The whole log, every entry hashed; ``None`` where they do not give the signed root.

    Then nothing of them is believed.
    """
    copy, bundles = LogCopy(), list[bytes]()
    if checkpoint.size > MOST_LEAVES:
        findings.expect(
            False,
            AuditCode.LOG_ENTRIES,
            "the log claims {size} leaves, more than {most}",
            size=checkpoint.size,
            most=MOST_LEAVES,
        )
        return None

    def read(tile: Tile) -> bytes:
        findings.looked(AuditCode.LOG_ENTRIES)
        data = read_tile(place, tile)
        if tile.level == ENTRIES:
            bundles.append(data)
        return data

    try:
        copy.grow(checkpoint, read)
    except (GrowthError, TileError, Missing) as error:
        findings.fail(AuditCode.LOG_ENTRIES, "{error}", error=error)
        return None
    return AuditedLog(copy, checkpoint.size, bundles, _rules_in(bundles))


def _rules_in(bundles: Sequence[bytes]) -> RulesLeaf | None:
    """The first leaf, if it is what it must be."""
    try:
        first = decode_leaf(next(_entries(bundles[0]))) if bundles else None
    except LeafError:
        return None
    return first if isinstance(first, RulesLeaf) else None


def read_log(
    log: AuditedLog,
    cut: int | None,
    findings: Findings,
    contests: Mapping[str, ContestVersions | None] | None = None,
    seen: SeenLeaf | None = None,
) -> None:
    """Read what the log says, up to cut ``cut`` (the last one if ``None``).

    ``contests`` are those of the election, without what takes their actas where that cannot be
    read; where nothing is known of them, only the log's order is looked at.
    """
    log.contests = {name: own for name, own in (contests or {}).items() if own is not None}
    known = None if contests is None else frozenset(contests)
    _Reader(log, findings, known, seen).take(cut)


def _entries(bundle: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(bundle):
        end = position + 2 + int.from_bytes(bundle[position : position + 2], "big")
        yield bundle[position + 2 : end]
        position = end


class _Reader:
    """Takes leaves one by one, and notes where they break the rules of a log."""

    def __init__(
        self,
        log: AuditedLog,
        findings: Findings,
        known: frozenset[str] | None,
        seen: SeenLeaf | None,
    ) -> None:
        self._log = log
        self._seen = seen
        self._findings = findings
        self._known = known
        self._named: dict[int, str | None] = {}
        """The image that each acta leaf names, of those that name one."""
        self._images_begun = False
        """Whether images were told since the last cut."""

    def take(self, cut: int | None) -> None:
        """Take the leaves up to cut ``cut``, or all."""
        log = self._log
        for bundle in range(len(log.bundles)):
            data, log.bundles[bundle] = log.bundles[bundle], b""  # let go when it was read
            if self._take_bundle(bundle * WIDTH, list(_entries(data)), cut):
                break
        else:
            ends_in_cut = bool(log.cuts) and log.cuts[-1].index == log.size - 1
            last = log.size - 1
            self._expect(ends_in_cut, "leaf {index}: the log does not end in a cut", index=last)
        log.bundles.clear()
        for contest in log.contests.values():
            contest.end()

    def _take_bundle(self, first: int, entries: Sequence[bytes], cut: int | None) -> bool:
        """Take a bundle's leaves; whether they reach the cut."""
        offset = 0
        for index, (entry, leaf) in enumerate(self._decoded(first, entries), first):
            if leaf is not None:
                self._take(index, offset, leaf)
            offset += 2 + len(entry)
            cuts = self._log.cuts
            if cuts and cuts[-1].index == index and cuts[-1].leaf.cut == cut:
                self._log.size = index + 1
                return True
        return False

    def _decoded(self, first: int, entries: Sequence[bytes]) -> Iterator[tuple[bytes, Leaf | None]]:
        """Each entry with what it says; those that are no leaf are noted."""
        self._findings.looked(AuditCode.LOG_RULES, len(entries))
        try:
            leaves: Sequence[Leaf | None] = decode_leaves(entries)
        except LeafError:
            leaves = [self._one(index, entry) for index, entry in enumerate(entries, first)]
        return zip(entries, leaves, strict=True)

    def _one(self, index: int, entry: bytes) -> Leaf | None:
        try:
            return decode_leaf(entry)
        except LeafError as error:
            self._fail("leaf {index}: {error}", index=index, error=error)
            return None

    def _take(self, index: int, offset: int, leaf: Leaf) -> None:
        if self._seen is not None:
            self._seen(index, leaf)
        if (index == 0) is not isinstance(leaf, RulesLeaf):
            self._fail("leaf {index}: the rules stand first, and only so", index=index)
        match leaf:
            case ActaLeaf():
                self._take_acta(index, offset, leaf)
            case ImagesLeaf():
                self._take_images(index, leaf)
            case CutLeaf():
                self._take_cut(index, leaf)
                self._images_begun = False

    def _take_cut(self, index: int, leaf: CutLeaf) -> None:
        cuts = self._log.cuts
        where = said("leaf {index}: cut {cut}", index=index, cut=leaf.cut)
        follows, number = leaf.cut == len(cuts), len(cuts)
        self._expect(follows, "{where} stands after {number} cuts", where=where, number=number)
        zero_first = (leaf.kind is CutKind.ZERO) is (not cuts)
        self._expect(zero_first, "{where}: zero is the first", where=where)
        if cuts:
            before = cuts[-1].leaf
            in_order, closed = before.time <= leaf.time, before.kind is CutKind.CLOSING
            self._expect(in_order, "{where} is before the one before", where=where)
            self._expect(not closed, "{where} is after the closing", where=where)
        elif index != 1:
            self._fail("{where}: something was published before the opening at zero", where=where)
        cuts.append(CutInLog(index, leaf))

    def _take_acta(self, index: int, offset: int, leaf: ActaLeaf) -> None:
        if self._images_begun:
            self._fail("{where}: after the images of its cut", where=_where(index, leaf))
        if leaf.image_sha256 is not None:
            self._named[index] = leaf.image_sha256
        if self._known is not None and leaf.contest not in self._known:
            self._fail("{where}: of no such contest", where=_where(index, leaf))
        contest = self._log.contests.get(leaf.contest)
        for text in () if contest is None else contest.take(index, offset, leaf):
            self._fail("{where}: {text}", where=_where(index, leaf), text=text)

    def _take_images(self, index: int, leaf: ImagesLeaf) -> None:
        self._images_begun = True
        where = said("leaf {index}: images", index=index)
        few = len(leaf.images) <= IMAGES_IN_A_LEAF
        self._expect(few, "{where}: {many} of them", where=where, many=len(leaf.images))
        for came in leaf.images:
            digest = self._named.get(came.leaf)
            if digest is None:
                self._fail("{where}: leaf {of} names none", where=where, of=came.leaf)
            elif digest in self._log.images:
                self._fail("{where}: that of leaf {of} twice", where=where, of=came.leaf)
            else:
                self._log.images[digest] = (index, came.size)

    def _expect(self, holds: bool, template: str, /, **facts: object) -> None:
        self._findings.expect(holds, AuditCode.LOG_RULES, template, **facts)

    def _fail(self, template: str, /, **facts: object) -> None:
        self._findings.fail(AuditCode.LOG_RULES, template, **facts)


def _where(index: int, leaf: ActaLeaf) -> Text:
    return said(
        "leaf {index}: {contest} {acta}",
        index=index,
        contest=leaf.contest,
        acta=leaf.acta or OUT_OF_CATALOGUE,
    )
