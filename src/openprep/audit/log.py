"""The whole publication log, read entry by entry, and held against its own rules."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from msgspec import UNSET, UnsetType

from openprep.audit.codes import AuditCode
from openprep.audit.place import Missing, Place
from openprep.audit.report import Findings
from openprep.coded import Text, said
from openprep.election.cut import CutKind
from openprep.wire.log.checkpoint import Checkpoint
from openprep.wire.log.growth import GrowthError, LogCopy
from openprep.wire.log.leaf import ActaLeaf, CutLeaf, Leaf, LeafError, RulesLeaf, decode_leaf
from openprep.wire.log.merkle import HASH_BYTES, inclusion_proof, leaf_hash
from openprep.wire.log.tiles import ENTRIES, MAX_BUNDLE_BYTES, WIDTH, Tile, TileError, decode_bundle

MOST_LEAVES = 50_000_000
"""Some eighty nights of a nation: a log that claims more is not read."""

OUT_OF_CATALOGUE = said("out of catalogue")

SeenLeaf = Callable[[int, Leaf], None]
"""Takes each leaf, with its index."""


class Logged(NamedTuple):
    """A version of an acta in the log: index of its leaf, when it was recorded, why.

    ``identifies`` is the leaf of the acta out of catalogue that it identifies, if it does.
    """

    leaf: int
    at: datetime
    reason: str | None
    identifies: int | UnsetType = UNSET


class Identified(NamedTuple):
    """An acta that was out of catalogue: what it turned out to be, by which leaf; its own time."""

    acta: str
    by: int
    at: datetime


@dataclass(frozen=True)
class CutInLog:
    """A cut in the log, and the index of its leaf."""

    index: int
    leaf: CutLeaf


@dataclass
class AuditedLog:
    """What the first ``size`` leaves say, all of them under a signed root.

    ``actas`` holds, by contest and identity, the versions of each acta in order; ``outside`` the
    actas out of catalogue of each contest, by leaf, and ``identified`` those that were it until a
    version of an acta identified them.
    """

    copy: LogCopy
    size: int
    rules: RulesLeaf | None = None
    cuts: list[CutInLog] = field(default_factory=list)
    actas: dict[str, dict[str, list[Logged]]] = field(default_factory=dict)
    outside: dict[str, dict[int, Logged]] = field(default_factory=dict)
    identified: dict[str, dict[int, Identified]] = field(default_factory=dict)

    def root_at(self, size: int) -> bytes:
        """Root of the first ``size`` leaves."""
        return self.copy.hashes.root(size)

    def holds(self, index: int, entry: bytes) -> bool:
        """Whether ``entry`` is leaf ``index``."""
        return 0 <= index < self.size and self.copy.hashes.node(0, index) == leaf_hash(entry)

    def proof(self, index: int, size: int) -> tuple[bytes, ...]:
        """Proof that leaf ``index`` is in the tree of the first ``size`` leaves."""
        return tuple(inclusion_proof(index, size, self.copy.hashes.node))


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


def read_log(
    place: Place,
    checkpoint: Checkpoint,
    cut: int | None,
    findings: Findings,
    seen: SeenLeaf | None = None,
) -> AuditedLog | None:
    """The log up to cut ``cut`` (the last one if ``None``) of the tree that was signed.

    Every entry of the signed tree is read and hashed, also those after that cut. ``None`` where the
    entries do not give the signed root: then nothing of them is believed.
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
    log = AuditedLog(copy, checkpoint.size)
    _Reader(log, findings, seen).take(_entries(bundles), cut)
    return log


def _entries(bundles: list[bytes]) -> Iterator[bytes]:
    bundles.reverse()
    while bundles:  # each bundle is let go when it was read
        data = bundles.pop()
        position = 0
        while position < len(data):
            end = position + 2 + int.from_bytes(data[position : position + 2], "big")
            yield data[position + 2 : end]
            position = end


class _Reader:
    """Takes leaves one by one, and notes where they break the rules of a log."""

    def __init__(self, log: AuditedLog, findings: Findings, seen: SeenLeaf | None) -> None:
        self._log = log
        self._seen = seen
        self._findings = findings

    def take(self, entries: Iterator[bytes], cut: int | None) -> None:
        """Take the leaves up to cut ``cut``, or all."""
        for index, entry in enumerate(entries):
            self._take(index, entry)
            cuts = self._log.cuts
            if cuts and cuts[-1].index == index and cuts[-1].leaf.cut == cut:
                self._log.size = index + 1
                return
        ends_in_cut = bool(self._log.cuts) and self._log.cuts[-1].index == self._log.size - 1
        last = self._log.size - 1
        self._expect(ends_in_cut, "leaf {index}: the log does not end in a cut", index=last)

    def _take(self, index: int, entry: bytes) -> None:
        try:
            leaf = decode_leaf(entry)
        except LeafError as error:
            self._expect(False, "leaf {index}: {error}", index=index, error=error)
            return
        if self._seen is not None:
            self._seen(index, leaf)
        is_rules = isinstance(leaf, RulesLeaf)
        first = (index == 0) is is_rules
        self._expect(first, "leaf {index}: the rules stand first, and only so", index=index)
        match leaf:
            case RulesLeaf():
                self._log.rules = self._log.rules or leaf
            case CutLeaf():
                self._take_cut(index, leaf)
            case ActaLeaf():
                self._take_acta(index, leaf)

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
            self._expect(
                False, "{where}: something was published before the opening at zero", where=where
            )
        cuts.append(CutInLog(index, leaf))

    def _take_acta(self, index: int, leaf: ActaLeaf) -> None:
        where = said(
            "leaf {index}: {contest} {acta}",
            index=index,
            contest=leaf.contest,
            acta=leaf.acta or OUT_OF_CATALOGUE,
        )
        logged = Logged(index, leaf.at, leaf.reason, leaf.identifies)
        if leaf.acta is None:
            self._log.outside.setdefault(leaf.contest, {})[index] = logged
            number = 1
        else:
            versions = self._log.actas.setdefault(leaf.contest, {}).setdefault(leaf.acta, [])
            versions.append(logged)
            number = len(versions)
        self._expect(
            leaf.version == number,
            "{where}: version {version}, after {before}",
            where=where,
            version=leaf.version,
            before=number - 1,
        )
        explained = leaf.reason is not None or (number == 1 and leaf.identifies is UNSET)
        self._expect(explained, "{where}: corrected, and no reason given", where=where)
        once = leaf.acta is not None or leaf.reason is None
        self._expect(once, "{where}: corrected", where=where)
        if leaf.identifies is not UNSET:
            self._identify(index, leaf, leaf.identifies, where)

    def _identify(self, index: int, leaf: ActaLeaf, outside: int, where: Text) -> None:
        """What is identified stood out of catalogue until now."""
        before = self._log.outside.get(leaf.contest, {}).pop(outside, None)
        sound = before is not None and leaf.acta is not None
        self._expect(
            sound,
            "{where}: identifies leaf {outside}, which is not out of catalogue",
            where=where,
            outside=outside,
        )
        if before is not None and leaf.acta is not None:
            known = self._log.identified.setdefault(leaf.contest, {})
            known[outside] = Identified(leaf.acta, index, before.at)

    def _expect(self, holds: bool, template: str, /, **facts: object) -> None:
        self._findings.expect(holds, AuditCode.LOG_RULES, template, **facts)
