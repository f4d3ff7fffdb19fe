"""Making cuts: whole or not at all, in steps that may be interrupted anywhere.

A cut is *made* (objects, pack, databases, manifest and note on disk; nobody points at them),
then *recorded* by the centre, then *activated* by one rename. Killed before the record, the next
start makes the number again; killed after it, the next start activates what is on disk.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from msgspec import structs

from openprep.databases.package import PackageWriter
from openprep.databases.writer import ContestDatabase
from openprep.election import Election
from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.publication.describe import describe
from openprep.publication.page import Page
from openprep.publication.results import ContestResults, encode
from openprep.record.state import Version
from openprep.tree import manifest as wire
from openprep.tree.note import Signer, sign_note
from openprep.tree.objects import SCHEMA, Ref, object_path
from openprep.tree.pack import write_pack
from openprep.tree.statement import CutStatement


@dataclass(frozen=True)
class CutOrder:
    """A cut to be made. ``database_time`` is the official time of its databases, if it has any."""

    number: int
    kind: CutKind
    time: datetime
    covers: int
    previous: str | None
    database_time: datetime | None = None


@dataclass(frozen=True)
class MadeCut:
    """A cut on disk that nobody points at yet; ``placed`` are its new files."""

    order: CutOrder
    manifest_sha256: str
    head: Mapping[str, bytes]
    placed: Sequence[str]


class Cutter:
    """Turns versions of actas into cuts of the published tree.

    Not thread safe: one call at a time, from any thread.
    """

    def __init__(
        self, election: Election, tree: TreeDirectory, signer: Signer, page: Page | None = None
    ) -> None:
        self.election = election
        self.tree = tree
        self._signer = signer
        self._page = page
        self._contests = {
            contest.id: ContestResults(election, contest) for contest in election.contests.values()
        }
        self._description = describe(election)
        self._packages = PackageWriter(election)
        self._files: dict[str, wire.TreeFile] = {}
        self._database: str | None = None

    def learn(self, versions: Iterable[Version]) -> None:
        """Take versions of actas, each once, in the order of the record."""
        for version in versions:
            self._contests[version.acta.contest].learn(version)

    def resume(self, manifest: wire.Manifest) -> None:
        """Go on from the last cut: its databases stay listed, its results are what is standing."""
        kept = {n: f for n, f in manifest.files.items() if f.kind is wire.FileKind.DATABASE}
        self._files.update(kept)
        self._database = manifest.database
        closing = manifest.kind is CutKind.CLOSING
        for results in self._contests.values():
            for data in results.objects(closing=closing):
                self.tree.place_object(wire.digest(data), data)

    def make(self, order: CutOrder) -> MadeCut:
        """Put the cut on disk, durable, without pointing at it."""
        description, description_data = encode(self._description)
        new = [(description.sha256, description_data)]
        for results in self._contests.values():
            changed = results.objects(closing=order.kind is CutKind.CLOSING)
            new += [(sha256(data).hexdigest(), data) for data in changed]
        self._place_databases(order)
        self._place_assets()
        manifest = self._manifest(order, description)
        page = self._render(manifest)
        if page is not None:
            manifest = _with_page(manifest, page)
            self.tree.place(wire.page_path(order.number), page)
        return self._place(order, manifest, new, page)

    def activate(self, made: MadeCut) -> None:
        """Point the tree at a made cut, in one rename."""
        self.tree.flip(made.order.number, made.head)

    def _place(
        self,
        order: CutOrder,
        manifest: wire.Manifest,
        new: Sequence[tuple[str, bytes]],
        page: bytes | None,
    ) -> MadeCut:
        self.tree.place(wire.pack_path(order.number), write_pack(new))
        for digest, data in new:
            self.tree.place_object(digest, data)
        data = wire.encode(manifest)
        ref = wire.ref_to(data)
        statement = CutStatement(self.election.id, order.number, manifest.time, ref)
        self.tree.place(wire.manifest_path(order.number), data)
        note = sign_note(statement.text(), [self._signer])
        self.tree.place(wire.note_path(order.number), note)
        head = {wire.POINTER_PATH: wire.encode(wire.point_at(manifest, ref))}
        if page is not None:
            head["index.html"] = page
        placed = [object_path(digest) for digest, _ in new]
        placed += [wire.manifest_path(order.number), wire.pack_path(order.number)]
        return MadeCut(order, ref.sha256, head, placed)

    def _manifest(self, order: CutOrder, description: Ref) -> wire.Manifest:
        return wire.Manifest(
            schema=SCHEMA,
            election=self.election.id,
            drill=self.election.drill,
            cut=order.number,
            time=self.election.window.local(order.time),
            kind=order.kind,
            previous=order.previous,
            record_position=order.covers,
            description=description,
            contests=tuple(
                wire.ContestCut(contest, results.contest.title, results.summary, results.root)
                for contest, results in self._contests.items()
            ),
            files=dict(self._files),
            database=self._database,
        )

    def _render(self, manifest: wire.Manifest) -> bytes | None:
        if self._page is None:
            return None
        roots = {contest: results.landing for contest, results in self._contests.items()}
        return self._page.render(manifest, self._description, roots)

    def _place_assets(self) -> None:
        if self._page is None:
            return
        for name, data in self._page.assets.items():
            self.tree.place(name, data)
            self._files[name] = _file(wire.FileKind.ASSET, data)

    def _place_databases(self, order: CutOrder) -> None:
        if order.database_time is None:
            return
        databases = {
            contest: ContestDatabase(results.actas(), results.out_of_catalogue, results.summary)
            for contest, results in self._contests.items()
        }
        local = self.election.window.local(order.database_time)
        name, data = self._packages.write(local, databases)
        self._database = f"databases/{name}"
        self.tree.place(self._database, data)
        self._files[self._database] = _file(wire.FileKind.DATABASE, data)


def _file(kind: wire.FileKind, data: bytes) -> wire.TreeFile:
    return wire.TreeFile(kind, sha256(data).hexdigest(), len(data))


def _with_page(manifest: wire.Manifest, page: bytes) -> wire.Manifest:
    files = {**manifest.files, "index.html": _file(wire.FileKind.PAGE, page)}
    return structs.replace(manifest, files=files)
