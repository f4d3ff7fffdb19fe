"""Finding one thing in a published tree: an acta for its receipt, a file by its digest."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec

from openprep.audit.checks.election import Unreadable, load_declared
from openprep.audit.checks.log import OUT_OF_CATALOGUE, fetch_log, read_log, read_tile
from openprep.audit.checks.results import Packs
from openprep.audit.checks.tree import MAX_MANIFEST_BYTES, Audit
from openprep.audit.codes import AuditCode, AuditRefused
from openprep.audit.keys import Keys
from openprep.audit.place import Missing, Place
from openprep.audit.receipt import CutProof, Named, Receipt, make
from openprep.audit.report import Findings
from openprep.coded import Text, said
from openprep.databases import Limits, UnreadableDatabase, digests_within
from openprep.election import Level
from openprep.election.area_path import ids_of
from openprep.wire.cut.description import ElectionDescription
from openprep.wire.cut.manifest import Manifest, decode, manifest_path
from openprep.wire.cut.objects import NOBODY
from openprep.wire.cut.pack import MAX_ENTRY_BYTES, PackError
from openprep.wire.cut.ref import Link, Location, pack_path
from openprep.wire.cut.results import ResultsReader
from openprep.wire.log.checkpoint import CheckpointError, open_checkpoint
from openprep.wire.log.leaf import ActaLeaf, CutLeaf, Leaf, LeafError, RulesLeaf, decode_leaf
from openprep.wire.log.merkle import inclusion_proof, leaf_hash, verify_inclusion
from openprep.wire.log.proof import LogProof
from openprep.wire.log.tiles import (
    CHECKPOINT_PATH,
    ENTRIES,
    WIDTH,
    Tile,
    TileError,
    decode_bundle,
    tile_reader,
)
from openprep.wire.note import MAX_NOTE_BYTES, NoteError


class SignedLog:
    """Single entries of a signed log, each with its proof: few tiles are read, none is believed."""

    def __init__(self, place: Place, keys: Keys) -> None:
        self._place = place
        try:
            self.note = place.read(CHECKPOINT_PATH, MAX_NOTE_BYTES)
            opened = open_checkpoint(
                self.note, origin=keys.origin, log=keys.verifiers, witnesses=keys.witnesses
            )
        except Missing as error:
            raise AuditRefused(
                AuditCode.UNREACHABLE, "{name}: {error}", name=place.name, error=error
            ) from error
        except (NoteError, CheckpointError) as error:
            raise AuditRefused(AuditCode.CHECKPOINT, "{error}", error=error) from error
        self.checkpoint = opened.checkpoint
        self._node = tile_reader(self.size, lambda tile: read_tile(place, tile))

    @property
    def size(self) -> int:
        """Leaves of the log."""
        return self.checkpoint.size

    def entry(self, index: int) -> tuple[bytes, Leaf, list[bytes]]:
        """Leaf ``index``: its bytes, what it says, and its proof.

        Raises:
            AuditRefused: LOG_ENTRIES.
        """
        try:
            number = index // WIDTH
            width = min(WIDTH, self.size - number * WIDTH)
            bundle = read_tile(self._place, Tile(ENTRIES, number, width))
            data = decode_bundle(bundle, width)[index % WIDTH]
            proof = inclusion_proof(index, self.size, self._node)
            leaf = decode_leaf(data)
        except (Missing, TileError, LeafError, ValueError) as error:
            raise AuditRefused(
                AuditCode.LOG_ENTRIES, "leaf {index}: {error}", index=index, error=error
            ) from error
        root = self.checkpoint.root
        if not verify_inclusion(leaf_hash(data), index, self.size, proof, root):
            raise AuditRefused(
                AuditCode.LOG_ENTRIES, "leaf {index} is not under the signed root", index=index
            )
        return data, leaf, proof


@dataclass(frozen=True)
class Wanted:
    """An acta to be found; ``area`` is where to look, a unit or a section, if it is known."""

    contest: str
    acta: str
    area: str | None = None

    def may_be_in(self, path: str) -> bool:
        """Whether the acta can be inside the area at ``path``."""
        if self.area is None:
            return True
        own, wanted = ids_of(path), ids_of(self.area)
        shared = min(len(own), len(wanted))
        return own[:shared] == wanted[:shared]


def make_receipt(place: Place, keys: Keys, wanted: Wanted) -> Receipt:
    """The receipt of an acta in the newest cut of a tree, every part of it verified.

    Raises:
        AuditRefused: UNREACHABLE, CHECKPOINT, LOG_ENTRIES, MANIFESTS, OBJECTS, NO_SUCH_ACTA or
            ACTAS_IN_LOG.
    """
    log = SignedLog(place, keys)
    cut_entry, cut, cut_proof = log.entry(log.size - 1)
    if not isinstance(cut, CutLeaf):
        raise AuditRefused(AuditCode.LOG_RULES, "the log does not end in a cut")
    manifest = _manifest(place, cut)
    try:
        ref = manifest.description
        shown = load_declared(place, ref.sha256, ref.size, ElectionDescription)
        index = _standing_leaf(place, manifest, wanted)
    except (Unreadable, PackError) as error:
        raise AuditRefused(AuditCode.OBJECTS, "{error}", error=error) from error
    if index is None:
        raise AuditRefused(
            AuditCode.NO_SUCH_ACTA, "{contest} {acta}", contest=wanted.contest, acta=wanted.acta
        )
    entry, leaf, proof = log.entry(index)
    if not isinstance(leaf, ActaLeaf) or (leaf.contest, leaf.acta) != (wanted.contest, wanted.acta):
        raise AuditRefused(
            AuditCode.ACTAS_IN_LOG, "{contest} {acta}", contest=wanted.contest, acta=wanted.acta
        )
    bundle = LogProof(index, tuple(proof), log.note)
    return make(Named(shown.id, shown.name), entry, bundle, CutProof.of(cut_entry, cut_proof))


def _standing_leaf(place: Place, manifest: Manifest, wanted: Wanted) -> int | None:
    """The leaf of the standing version of an acta, by the objects of the cut.

    Raises:
        PackError: this tree does not have them whole.
    """
    findings = Findings()
    roots = Packs(place, findings).where(manifest.cut, newest=True)
    contest = next((one for one in manifest.contests if one.id == wanted.contest), None)
    if contest is None:
        return None
    if roots is None or wanted.contest not in roots:
        raise PackError(said("this tree does not say where cut {cut} stands", cut=manifest.cut))

    def read(at: Location) -> bytes:
        try:
            return place.read_range(pack_path(at.pack), at.offset, min(at.size, MAX_ENTRY_BYTES))
        except Missing as missing:
            raise PackError(*missing.args) from missing

    return _search(ResultsReader(read), Link(contest.results, roots[wanted.contest]), wanted)


def _search(reader: ResultsReader, root: Link, wanted: Wanted) -> int | None:
    waiting: list[tuple[Link, Level]] = [(root, Level.ENTITY)]
    while waiting:
        link, level = waiting.pop()
        if level is not Level.RUN:
            children = reader.area(link).children
            waiting += [
                (child.object, child.level)
                for child in children
                if child.level is Level.RUN or wanted.may_be_in(child.path)
            ]
            continue
        run, catalogue = reader.run(link)
        for acta, leaf in zip(catalogue.expected.ids, run.leaves, strict=False):
            if acta == wanted.acta:
                return None if leaf == NOBODY else leaf
    return None


def _manifest(place: Place, cut: CutLeaf) -> Manifest:
    try:
        return decode(_manifest_in_log(place, cut), Manifest)
    except (Missing, msgspec.MsgspecError) as error:
        raise AuditRefused(AuditCode.MANIFESTS, "{error}", error=error) from error


def _manifest_in_log(place: Place, cut: CutLeaf) -> bytes:
    path = manifest_path(cut.cut)
    data = place.read(path, min(cut.manifest_size, MAX_MANIFEST_BYTES))
    if hashlib.sha256(data).hexdigest() != cut.manifest_sha256:
        raise Missing(said("{path} is not the one in the log", path=path))
    return data


@dataclass(frozen=True)
class Listing:
    """Where a digest is listed, and what that says."""

    where: str
    what: str


def find_file(place: Place, keys: Keys, sha256: str) -> list[Listing]:
    """Everywhere in the signed log, and in the manifests that it names, where a digest stands.

    Raises:
        AuditRefused: UNREACHABLE, CHECKPOINT, LOG_ENTRIES or MANIFESTS.
    """
    found: list[Listing] = []

    def seen(index: int, leaf: Leaf) -> None:
        found.extend(_in_leaf(index, leaf, sha256))

    audit = Audit(place, keys)
    opened = audit.checkpoint()
    log = None if opened is None else fetch_log(place, opened.checkpoint, audit.findings)
    if log is not None:
        read_log(log, None, audit.findings, seen=seen)
    manifests = [] if log is None else audit.manifests(log)
    for outcome in audit.findings.outcomes():
        if outcome.failed and outcome.code != AuditCode.COSIGNATURES.code:
            code = next(code for code in AuditCode if code.code == outcome.code)
            raise AuditRefused(code, "{place}", place=outcome.places[0])
    for manifest in manifests:
        found.extend(_in_manifest(manifest, sha256))
    return found or list(islice(_in_databases(place, manifests, sha256), 1))


def _in_databases(place: Place, manifests: Sequence[Manifest], sha256: str) -> Iterator[Listing]:
    """Where a file stands inside a listed official ZIP, the newest first."""
    listed = {path: file for manifest in manifests for path, file in manifest.files.items()}
    for path, file in sorted(listed.items(), reverse=True):
        try:
            data = place.read(path, min(file.size, Limits().file_bytes))
            within = digests_within(data) if hashlib.sha256(data).hexdigest() == file.sha256 else {}
        except (Missing, UnreadableDatabase):
            continue
        for inner, digest in within.items():
            if digest == sha256:
                yield Listing(path, str(said("database, inside it as {inner}", inner=inner)))


def _in_leaf(index: int, leaf: Leaf, sha256: str) -> Iterator[Listing]:
    what = _of_leaf(leaf, sha256)
    if what is not None:
        yield Listing(str(said("leaf {index}", index=index)), str(what))


def _of_leaf(leaf: Leaf, sha256: str) -> Text | None:
    """What a digest is to a leaf."""
    match leaf:
        case ActaLeaf() if leaf.image_sha256 == sha256:
            return said(
                "image of the acta of {contest} {acta}, version {version}, recorded {at}",
                contest=leaf.contest,
                acta=leaf.acta or OUT_OF_CATALOGUE,
                version=leaf.version,
                at=leaf.at.isoformat(),
            )
        case CutLeaf() if leaf.manifest_sha256 == sha256:
            return said("manifest of cut {cut}", cut=leaf.cut)
        case RulesLeaf() if sha256 in (leaf.folder_sha256, leaf.rules_sha256):
            return said("rules of {election}", election=leaf.election)
    return None


def _in_manifest(manifest: Manifest, sha256: str) -> Iterator[Listing]:
    where = str(said("cut {cut}", cut=manifest.cut))
    for what in _of_manifest(manifest, sha256):
        yield Listing(where, str(what))


def _of_manifest(manifest: Manifest, sha256: str) -> Iterator[Text]:
    """What a digest is to a manifest."""
    for path, file in manifest.files.items():
        if file.sha256 == sha256:
            yield said("{kind} {path}", kind=file.kind.value, path=path)
    if manifest.description.sha256 == sha256:
        yield said("the election, {path}", path=manifest.description.path)
