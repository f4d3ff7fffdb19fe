"""Making cuts: whole or not at all, in steps that may be interrupted anywhere.

A cut is *made* (objects, pack, databases, manifest and the log's new tiles on disk; nobody points
at them), then *recorded* by the centre, then *activated*: its checkpoint is signed and one rename
shows it. Killed before the record, the next start makes the number again; killed after it, the next
start signs the same bytes and activates what is on disk.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from msgspec import structs

from openprep.cuts.codes import PublicationCode
from openprep.cuts.description import describe, running_in
from openprep.cuts.leaves import (
    Logged,
    LogOrder,
    cut_leaf,
    leaves_of,
    rules_leaf,
    version_leaf,
)
from openprep.cuts.results import (
    CannotAdopt,
    ContestResults,
    Standing,
    put_file,
)
from openprep.databases.write.official_zip import PackageWriter
from openprep.databases.write.writer import ContestDatabase
from openprep.election import Election
from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.hosting.log import LogFault, LogTrouble, LogWriter, entries_on_disk
from openprep.pages.kit import Kit
from openprep.pages.rendering import Renderer, place_assets, reading_whole
from openprep.record.events import CutMade
from openprep.record.images import ImageFolder
from openprep.record.state import HeldImage, State, Version
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.objects import (
    SCHEMA,
    Ref,
    encode_object,
    image_path,
    pack_path,
)
from openprep.wire.cut.pack import PackWriter, files_in
from openprep.wire.log.checkpoint import (
    Checkpoint,
    CheckpointError,
    open_checkpoint,
    sign_checkpoint,
)
from openprep.wire.log.tiles import CHECKPOINT_PATH, TileError
from openprep.wire.note import NoteError, Signer
from openprep.wire.trust import LogIdentity

log = logging.getLogger("openprep.center")

FLUSHED_AFTER = 120.0
"""Seconds after which the system has written by itself what was not flushed (Linux: 30)."""


@dataclass(frozen=True)
class CutOrder:
    """A cut to be made. ``databases`` are finished ones that this cut is the first to list."""

    number: int
    kind: CutKind
    time: datetime
    covers: int
    previous: str | None
    databases: Sequence["DatabaseFile"] = ()


@dataclass(frozen=True)
class MadeCut:
    """A cut on disk that nobody points at yet.

    ``head`` are the files that turn with it, and ``placed`` are its new files.
    """

    event: CutMade
    head: Mapping[str, bytes]
    placed: Sequence[str] = ()


@dataclass(frozen=True)
class Snapshot:
    """What the official database of one moment shows, whatever is learnt while it is written."""

    time: datetime
    contests: Mapping[str, Standing]


@dataclass(frozen=True)
class DatabaseFile:
    """An official database on disk that no cut lists yet."""

    path: str
    file: wire.TreeFile


@dataclass(frozen=True)
class CutStore:
    """Puts the objects of a cut into its pack and its files into the tree, noting their names."""

    tree: TreeDirectory
    pack: PackWriter
    placed: list[str]

    def add(self, sha256: str, data: bytes) -> Ref:
        """Keep an object in the pack only."""
        return self.pack.add(sha256, data)

    def add_file(self, sha256: str, data: bytes) -> Ref:
        """Keep an object as a file of its own too."""
        self.tree.place_object(sha256, data)
        ref = self.pack.add_file(sha256, data)
        self.placed.append(ref.path)
        return ref


class Cutter:
    """Turns versions of actas, and the images that ``folder`` holds, into cuts of the tree.

    Not thread safe: one call at a time, from any thread; :meth:`write_database` alone may run
    beside the others.
    """

    def __init__(
        self,
        election: Election,
        tree: TreeDirectory,
        signer: Signer,
        kit: Kit | None = None,
        folder: ImageFolder | None = None,
        identity: LogIdentity | None = None,
    ) -> None:
        """Begin. ``identity`` has the keys that signed before ``signer``; without it, none did."""
        self.election = election
        self.tree = tree
        self._signer = signer
        self._identity = identity or LogIdentity.of_one_key(signer.verifier)
        self._renderer = None if kit is None else Renderer(kit, reading_whole(tree))
        self._folder = folder
        self._images: dict[str, int] = {}
        self._contests = {
            contest.id: ContestResults(election, contest, self._images)
            for contest in election.contests.values()
        }
        self._description = describe(election)
        self._packages = PackageWriter(election)
        self._files: dict[str, wire.TreeFile] = {}
        self._database: str | None = None
        self._log = LogWriter(tree, signer.name)
        self._unlogged: list[Logged] = []
        self._candidacies_put = False
        self._assets_placed = False
        self._order = LogOrder()

    def learn(self, versions: Iterable[Version]) -> None:
        """Take versions of actas, each once, in the order of the record."""
        by_contest: dict[str, list[Logged]] = {contest: [] for contest in self._contests}
        for version in versions:
            logged = self._order.take(version)
            by_contest[version.acta.contest].append(logged)
            self._unlogged.append(logged)
        for contest, own in by_contest.items():
            self._contests[contest].learn(own)

    def hold(self, images: Sequence[HeldImage]) -> None:
        """Take images that the centre holds: they are in the tree when this returns, durable.

        One whose file is lost is published as if it had not come, and said so.
        """
        if self._folder is None or not images:
            return
        sources = {image_path(one.sha256): self._folder.path(one.sha256) for one in images}
        placed = self.tree.link_files(sources)
        for image in images:
            if placed.get(image_path(image.sha256)) != image.size:
                code = PublicationCode.IMAGE_LOST
                log.error("%s", code.of(self._folder.path(image.sha256)))
                continue
            self._images[image.sha256] = image.size
            for contest, acta in image.actas:
                self._contests[contest].touch(acta)

    def recall(self, cut: CutMade) -> None:
        """Pass by a cut of the record: what was learnt before it is in the log, and it itself."""
        self._unlogged.clear()
        self._order.next_leaf = cut.log_size

    def resume_log(self, state: State) -> None:
        """Go on from the log that ends in the record's last cut, its files whole on disk.

        They are read from the disk and made again from the record only if they do not give the root
        that it holds.

        Raises:
            LogTrouble: the record does not give the log that it says was signed, or the tree shows
                a checkpoint of another one.
        """
        locked = [Checkpoint(self._log.origin, one.log_size, one.log_root) for one in state.cuts]
        published = self._published_checkpoint()
        size = locked[-1].size if locked else 0
        try:
            leaves = entries_on_disk(self.tree, size)
            self._log = LogWriter.rebuild(self.tree, self._log.origin, leaves, locked, published)
        except (LogTrouble, TileError, OSError):
            digest = sha256(encode_object(self._description)).hexdigest()
            leaves = leaves_of(self.election, digest, state.versions, state.cuts)
            self._log = LogWriter.rebuild(self.tree, self._log.origin, leaves, locked, published)

    def _published_checkpoint(self) -> Checkpoint | None:
        note = self.tree.read(f"live/{CHECKPOINT_PATH}")
        if note is None:
            return None
        known = self._identity.verifiers
        try:
            return open_checkpoint(note, origin=self._log.origin, log=known).checkpoint
        except (NoteError, CheckpointError) as error:
            raise LogTrouble(LogFault.OTHER_THAN_PUBLISHED, str(error)) from error

    def resume(self, manifest: wire.Manifest) -> None:
        """Go on from the last cut: its databases stay listed, its results are what is standing.

        Raises:
            CannotAdopt: the tree does not hold all of that cut. The next cut makes it whole.
        """
        self._files.update(wire.databases_of(manifest))
        self._database = manifest.database
        self._restore_files(manifest.cut)
        if reading_whole(self.tree)(manifest.description) is None:
            raise CannotAdopt(f"{manifest.description.path} is not whole on this disk")
        closing = manifest.kind is CutKind.CLOSING
        for cut in manifest.contests:
            self._contests[cut.id].adopt(cut.results, reading_whole(self.tree), closing=closing)

    def _restore_files(self, cut: int) -> None:
        """See that every pack is there, and place again the files that the newest ones hold.

        A pack is flushed to disk, a file under ``objects/`` is not: what a power cut left of the
        last minutes' files is put right here.
        """
        newest = self.tree.written_at(pack_path(cut)) or 0.0
        for number in range(cut, -1, -1):
            written = self.tree.written_at(pack_path(number))
            if written is None:
                raise CannotAdopt(f"the pack of cut {number} is not on this disk")
            if written >= newest - FLUSHED_AFTER:
                for digest, data in files_in(self.tree.read(pack_path(number)) or b""):
                    self.tree.restore_object(digest, data)

    def make(self, order: CutOrder) -> MadeCut:
        """Put the cut on disk, durable, without pointing at it or signing it.

        If it fails, or what it gives is not recorded, this cutter is done: its log is ahead.
        """
        for database in order.databases:
            self._files[database.path] = database.file
            self._database = database.path
        placed: list[str] = []
        closing = order.kind is CutKind.CLOSING
        with self.tree.writing_pack(order.number) as pack:
            store = CutStore(self.tree, pack, placed)
            description = put_file(store, self._description)
            for results in self._contests.values():
                results.publish(store, closing=closing)
            self._put_candidacies(store)
        self._log_versions(description)
        return self._place(order, self._manifest(order, pack.ref, description), placed)

    def _put_candidacies(self, store: CutStore) -> None:
        """Store who runs, once for each start: it never changes, and it is heavy.

        Last in the pack, so that a restart moves no other object in it.
        """
        if not self._candidacies_put:
            for contest in self.election.contests.values():
                put_file(store, running_in(self.election, contest))
        self._candidacies_put = True

    def snapshot(self, time: datetime, *, closing: bool = False) -> Snapshot:
        """The contests with all that was learnt so far, under the official time ``time``."""
        local, contests = self.election.window.local(time), self._contests.items()
        return Snapshot(local, {name: one.standing(closing=closing) for name, one in contests})

    def lists_database(self, time: datetime) -> bool:
        """Whether the official database of ``time`` is listed already."""
        local = self.election.window.local(time)
        return f"databases/{self._packages.name_at(local)}" in self._files

    def write_database(self, snapshot: Snapshot) -> DatabaseFile:
        """Put the official database of ``snapshot`` on disk; a later cut lists it.

        Every cut goes on meanwhile: this reads nothing but the snapshot.
        """
        databases = {
            contest: ContestDatabase(
                standing.actas(self.election, contest), standing.out_of_catalogue, standing.summary
            )
            for contest, standing in snapshot.contests.items()
        }
        name, data = self._packages.write(snapshot.time, databases)
        path = f"databases/{name}"
        self.tree.place(path, data)
        return DatabaseFile(path, _file(wire.FileKind.DATABASE, data))

    def _log_versions(self, description: Ref) -> None:
        """Append what is new to the log; before anything else, the rules."""
        entries = [] if self._log.size else [rules_leaf(self.election, description.sha256)]
        entries += [version_leaf(self.election, logged) for logged in self._unlogged]
        self._log.append(entries)
        self._unlogged.clear()

    def activate(self, made: MadeCut) -> None:
        """Sign the checkpoint of a recorded cut and point the tree at it, in one rename."""
        note = sign_checkpoint(self._checkpoint_of(made.event), [self._signer])
        self.tree.place(wire.note_path(made.event.number), note)
        self._show(made, note)

    def show_again(self, cut: CutMade, manifest: wire.Manifest, ref: Ref) -> None:
        """Show a cut that was recorded, with what the installed page makes of it now.

        Raises:
            CannotAdopt: a key that was ended should have signed it, and its signature is lost.
        """
        made = MadeCut(cut, self._head(manifest, ref))
        note = self._note_on_disk(cut)
        if note is not None:
            self._show(made, note)
        elif self._signer.verifier in self._identity.verifiers_at(cut.number):
            self.activate(made)
        else:
            raise CannotAdopt(f"cut {cut.number} was for a key that has been replaced to sign")

    def _note_on_disk(self, cut: CutMade) -> bytes | None:
        """The checkpoint of ``cut`` as it was signed, by a key that may still sign that cut."""
        note = self.tree.read(wire.note_path(cut.number))
        if note is None:
            return None
        keys = self._identity.verifiers_at(cut.number)
        try:
            opened = open_checkpoint(note, origin=self._log.origin, log=keys)
        except (NoteError, CheckpointError):
            return None
        return note if opened.checkpoint == self._checkpoint_of(cut) else None

    def _checkpoint_of(self, cut: CutMade) -> Checkpoint:
        return Checkpoint(self._log.origin, cut.log_size, cut.log_root)

    def _show(self, made: MadeCut, note: bytes) -> None:
        self.tree.flip(made.event.number, {**made.head, CHECKPOINT_PATH: note})

    def _place(self, order: CutOrder, manifest: wire.Manifest, objects: Sequence[str]) -> MadeCut:
        data = wire.encode(manifest)
        ref = wire.ref_to(data)
        self.tree.place(wire.manifest_path(order.number), data)
        head = self._head(manifest, ref)
        event, tiles = self._log_cut(order, ref)
        return MadeCut(event, head, [*objects, *tiles, wire.manifest_path(order.number)])

    def _head(self, manifest: wire.Manifest, ref: Ref) -> dict[str, bytes]:
        head = {wire.POINTER_PATH: wire.encode(wire.point_at(manifest, ref))}
        if self._renderer is None:
            return head
        if not self._assets_placed:
            place_assets(self.tree, self._renderer.kit)
            self._assets_placed = True
        return head | self._renderer.render(manifest)

    def _log_cut(self, order: CutOrder, manifest: Ref) -> tuple[CutMade, Sequence[str]]:
        """End the log in this cut: the event to record, and the log's new files."""
        event = CutMade(
            at=order.time,
            number=order.number,
            kind=order.kind,
            covers=order.covers,
            manifest_sha256=manifest.sha256,
            manifest_size=manifest.size,
            log_size=self._log.size + 1,
            log_root=b"",
        )
        self._log.append([cut_leaf(self.election, event)])
        staged = self._log.stage()
        self._order.next_leaf = self._log.size
        return structs.replace(event, log_root=staged.checkpoint.root), staged.placed

    def _manifest(self, order: CutOrder, pack: Ref, description: Ref) -> wire.Manifest:
        return wire.Manifest(
            schema=SCHEMA,
            election=self.election.id,
            drill=self.election.drill,
            cut=order.number,
            time=self.election.window.local(order.time),
            kind=order.kind,
            previous=order.previous,
            record_position=order.covers,
            leaf=self._log.size,
            pack=pack,
            description=description,
            contests=tuple(
                wire.ContestCut(
                    contest,
                    results.contest.title,
                    results.summary,
                    results.landing.votes,
                    results.landing.won,
                    results.root,
                )
                for contest, results in self._contests.items()
            ),
            files=dict(self._files),
            database=self._database,
        )


def _file(kind: wire.FileKind, data: bytes) -> wire.TreeFile:
    return wire.TreeFile(kind, sha256(data).hexdigest(), len(data))
