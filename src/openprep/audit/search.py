"""Finding one thing in a published tree: an acta for its receipt, a file by its digest."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec

from openprep.audit.codes import AuditCode, AuditRefused
from openprep.audit.keys import Keys
from openprep.audit.log import OUT_OF_CATALOGUE, AuditedLog, read_log, read_tile
from openprep.audit.place import Missing, Place
from openprep.audit.receipt import CutProof, Named, Receipt, make
from openprep.audit.report import Findings
from openprep.audit.results import Objects, Unreadable
from openprep.audit.tree import MAX_MANIFEST_BYTES, Audit
from openprep.coded import Text, said
from openprep.databases import Limits, UnreadableDatabase, digests_within
from openprep.election import Level
from openprep.election.area_path import ids_of
from openprep.wire.cut import objects
from openprep.wire.cut.manifest import FileKind, Manifest, decode, manifest_path
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

    def may_be_in(self, child: objects.ChildArea) -> bool:
        """Whether the acta can be inside an area."""
        if self.area is None or child.level is Level.RUN:
            return True
        own, wanted = ids_of(child.path), ids_of(self.area)
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
    findings = Findings()
    reader = Objects(place, findings)
    try:
        shown = reader.load(manifest.description, objects.ElectionDescription, said("the election"))
        published = next(_actas(reader, manifest, wanted), None)
    except Unreadable as error:
        raise AuditRefused(AuditCode.OBJECTS, "{error}", error=error) from error
    if published is None or published.acta is None or not published.versions:
        raise AuditRefused(
            AuditCode.NO_SUCH_ACTA, "{contest} {acta}", contest=wanted.contest, acta=wanted.acta
        )
    index = published.versions[-1].leaf
    entry, leaf, proof = log.entry(index)
    acta = msgspec.json.encode(published.acta, order="deterministic")
    digest = hashlib.sha256(acta).hexdigest()
    own = isinstance(leaf, ActaLeaf) and leaf.acta_sha256 == digest
    if not own:
        raise AuditRefused(
            AuditCode.ACTAS_IN_LOG, "{contest} {acta}", contest=wanted.contest, acta=wanted.acta
        )
    bundle = LogProof(index, tuple(proof), log.note)
    election = Named(shown.id, shown.name)
    return make(election, acta, entry, bundle, CutProof.of(cut_entry, cut_proof))


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


def _actas(reader: Objects, manifest: Manifest, wanted: Wanted) -> Iterator[objects.PublishedActa]:
    """The published acta that is wanted, wherever it stands."""
    waiting = [cut.results for cut in manifest.contests if cut.id == wanted.contest]
    while waiting:
        found = reader.find(waiting.pop(), wanted.contest)
        if isinstance(found, objects.SeccionResults):
            yield from (acta for acta in found.actas if acta.expected.id == wanted.acta)
        elif isinstance(found, objects.AreaResults):
            waiting += [child.object for child in found.children if wanted.may_be_in(child)]


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
    log: AuditedLog | None = None
    if opened is not None:
        log = read_log(place, opened.checkpoint, None, audit.findings, seen)
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
        if file.kind is not FileKind.DATABASE:
            continue
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
        case ActaLeaf() if leaf.acta_sha256 == sha256:
            return said("the acta of {contest} {acta}", contest=leaf.contest, acta=leaf.acta)
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
    if manifest.pack.sha256 == sha256:
        yield said("pack {path}", path=objects.pack_path(manifest.cut))
    if manifest.description.sha256 == sha256:
        yield said("the election, {path}", path=manifest.description.path)
    for contest in manifest.contests:
        if contest.results.sha256 == sha256:
            yield said(
                "results of {contest}, {path}", contest=contest.id, path=contest.results.path
            )
