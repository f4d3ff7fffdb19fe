"""Making cuts: whole or not at all, in steps that may be interrupted anywhere.

A cut is *staged* (objects in a pack, databases, manifest and the log's new tiles on disk; nobody
points at them), then *recorded* by the centre, then *activated*: its checkpoint is signed and one
rename shows it. Killed before the record, the next start makes the number again; killed after it,
the next start signs the same bytes and activates what is on disk.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import TypeAlias

from openprep.cuts.cut_log import Appended, CutLog
from openprep.cuts.databases import OfficialDatabases
from openprep.cuts.description import declared_files
from openprep.cuts.head import HeadMaker
from openprep.cuts.images import TreeImages
from openprep.cuts.leaves import Announced, Logged
from openprep.cuts.results import CannotAdopt, ContestResults
from openprep.cuts.schedule import database_time_of
from openprep.cuts.shelf import DatabaseFile, Shelf, Snapshot
from openprep.election import Election
from openprep.election.cut import CutKind
from openprep.hosting import TreeDirectory
from openprep.pages.kit import Kit
from openprep.record.events import CutMade
from openprep.record.images import ImageFolder
from openprep.record.state import HeldImage, State, Version
from openprep.wire.cut.manifest import ContestCut, Manifest, encode, manifest_path
from openprep.wire.cut.pack import Where
from openprep.wire.cut.ref import SCHEMA, Ref, object_path, ref_to
from openprep.wire.log.tiles import CHECKPOINT_PATH
from openprep.wire.note import Signer
from openprep.wire.trust import LogIdentity

TAKEN_AT_ONCE = 8_192
"""Versions after which the contests learn of them: few enough to be at hand still in the cache."""

Take: TypeAlias = Callable[[Version], Logged]
"""Gives a version its leaf."""


@dataclass(frozen=True)
class CutOrder:
    """A cut to be made. ``databases`` are finished ones that this cut is the first to list."""

    number: int
    kind: CutKind
    time: datetime
    covers: int
    previous: str | None
    databases: Sequence[DatabaseFile] = ()


@dataclass(frozen=True)
class StagedCut:
    """A cut on disk that nobody points at yet.

    ``head`` are the files that turn with it, and ``placed`` are its new files.
    """

    event: CutMade
    head: Mapping[str, bytes]
    placed: Sequence[str] = ()


class Cutter:
    """Turns versions of actas, and the images that ``folder`` holds, into cuts of the tree.

    After a start it goes on from the record by :meth:`replay`, then shows its last cut again.
    From then on it is told what is new, :meth:`make` stages a cut, and once that is recorded
    :meth:`activate` shows it.

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
        self._contests = {
            contest.id: ContestResults(election, contest) for contest in election.contests.values()
        }
        self._declared = declared_files(election)
        self._description = ref_to(list(self._declared.values())[-1])
        self._images = TreeImages(tree, folder)
        self._shelf = Shelf(election)
        self._heads = HeadMaker(tree, kit)
        self._log = CutLog(election, tree, signer, identity)
        self._versions: list[Version] = []
        self._taken: defaultdict[str, list[Logged]] = defaultdict(list)
        self._told: list[Announced] = []
        self._learned = 0
        self._held = 0
        self._declared_placed = False
        self._staged: StagedCut | None = None

    def learn(self, versions: Iterable[Version]) -> None:
        """Take versions of actas, each once, in the order of the record."""
        self._take(versions, self._log.take)
        self._settle()

    def _take(self, versions: Iterable[Version], take: Take) -> None:
        """Give versions their leaves; the contests learn of them with all that is taken by then."""
        for version in versions:
            self._versions.append(version)
            self._taken[version.acta.contest].append(take(version))

    def _settle(self) -> None:
        """Have the contests learn what was taken, and which images the log told of."""
        for contest, results in self._contests.items():
            results.learn(self._taken[contest])
            results.show(self._told)
        self._taken.clear()
        self._told.clear()

    def hold(self, images: Sequence[HeldImage]) -> None:
        """Take images that the centre holds: the next cut tells of those that a leaf names."""
        self._log.hold(images)

    def learn_until(self, state: State, position: int) -> None:
        """Take what ``state`` has up to ``position`` of the record and was not taken before."""
        self._take_until(state, position, self._log.take)
        self._settle()

    def _take_until(self, state: State, position: int, take: Take) -> None:
        end = _end_at(position, state.versions, self._learned)
        for start in range(self._learned, end, TAKEN_AT_ONCE):
            self._learned = min(start + TAKEN_AT_ONCE, end)
            self._take(state.versions[start : self._learned], take)
            if sum(map(len, self._taken.values())) >= TAKEN_AT_ONCE:
                self._settle()
        end = _end_at(position, state.images, self._held)
        self.hold(state.images[self._held : end])
        self._held = end

    def lacks(self, state: State) -> bool:
        """Whether ``state`` has anything that :meth:`learn_until` did not take."""
        return len(state.versions) > self._learned or len(state.images) > self._held

    def replay(self, state: State, database_of: CutMade | None = None) -> Snapshot | None:
        """Take what the cuts of the record published, and go on from the log that they made.

        The snapshot is that of the official database of the cut ``database_of``.

        Raises:
            LogTrouble: the record does not give the log that it says was signed, or the tree shows
                a checkpoint of another one.
        """
        snapshot = None
        for cut in state.cuts:
            self._take_until(state, cut.covers, self._log.take_again)
            self._told += self._log.pass_by(cut)
            if cut is database_of:
                self._settle()
                snapshot = self.snapshot(database_time_of(self.election, cut.at))
        self._settle()
        self._log.resume(state, self._description.sha256)
        self._images.place(self._log.told)
        return snapshot

    def resume(self, manifest: Manifest) -> None:
        """Go on from the last cut: its databases stay listed, its results are packed anew.

        Nothing is taken from the packs that are there: what a disk did to them is mended by it.

        Raises:
            CannotAdopt: its results are not what its log gives. The next cut shows what is.
        """
        self.list_databases(manifest)
        self._place_declared()
        number = self.tree.next_pack()
        # First, since a disk that was full may have no room for both.
        self.tree.drop_packs(self.tree.spare_packs(manifest.cut))
        where = self._pack(number, manifest.cut, closing=manifest.kind is CutKind.CLOSING)
        try:
            self._compare(manifest)
        except CannotAdopt:
            # No reader is ever sent to this pack: a next one that needed it would lose it.
            for results in self._contests.values():
                results.forget_packs()
            raise
        self.tree.place_where(where)

    def list_databases(self, manifest: Manifest) -> None:
        """Have cuts list the official databases that a cut of the record listed."""
        self._shelf.resume(manifest)

    def _compare(self, manifest: Manifest) -> None:
        """See that a cut shows what its log gives."""
        if manifest.description != self._description:
            raise CannotAdopt("the election is declared otherwise")
        for cut in manifest.contests:
            if cut.results != self._contests[cut.id].root.digest:
                raise CannotAdopt(f"{cut.id}: the log gives other results")

    def _pack(self, number: int, cut: int, *, closing: bool) -> Where:
        """Pack what is new in the results; where a cut has them."""
        with self.tree.writing_pack(number) as pack:
            for results in self._contests.values():
                results.publish(pack, self._log.offsets, closing=closing)
        roots = {contest: results.root.at for contest, results in self._contests.items()}
        return Where(SCHEMA, cut, roots)

    def show_again(self, cut: CutMade, manifest: Manifest, ref: Ref) -> None:
        """Show a cut that was recorded, with what the installed page makes of it now.

        Raises:
            CannotAdopt: a key that was ended should have signed it, and its signature is lost.
        """
        head = self._heads.make(manifest, ref)
        note = self._log.note_of(cut)
        if note is None:
            raise CannotAdopt(f"cut {cut.number} was for a key that has been replaced to sign")
        self._show(cut, head, note)

    def make(self, order: CutOrder) -> StagedCut:
        """Put the cut on disk, durable, without pointing at it or signing it.

        If it fails, or what it gives is not recorded, this cutter is done: its log is ahead.

        Raises:
            RuntimeError: the cut before was staged here and not activated.
        """
        if self._staged is not None:
            raise RuntimeError(f"cut {self._staged.event.number} is staged and was not activated")
        self._shelf.add(order.databases)
        ready = {image.sha256: image.size for image in self._log.ready()}
        appended = self._log.append(self._description.sha256, self._images.place(ready))
        self._told += appended.told
        self._settle()
        where = self._pack(
            self.tree.next_pack(), order.number, closing=order.kind is CutKind.CLOSING
        )
        self.tree.place_where(where)
        placed = self._place_declared()
        self._staged = self._stage(order, appended, placed)
        return self._staged

    def _place_declared(self) -> list[str]:
        """Have what is declared in the tree, once for each start; the names of what was placed."""
        if self._declared_placed:
            return []
        for sha256, data in self._declared.items():
            self.tree.place_object(sha256, data)
        self._declared_placed = True
        return list(map(object_path, self._declared))

    def _stage(self, order: CutOrder, appended: Appended, placed: Sequence[str]) -> StagedCut:
        manifest = self._manifest(order, appended.leaf)
        data, path = encode(manifest), manifest_path(order.number)
        ref = ref_to(data)
        self.tree.place(path, data)
        head = self._heads.make(manifest, ref)
        ended, tiles = self._log.end_in(
            CutMade(
                at=order.time,
                number=order.number,
                kind=order.kind,
                covers=order.covers,
                manifest_sha256=ref.sha256,
                manifest_size=ref.size,
                log_size=0,
                log_root=b"",
                strayed=appended.strayed,
            )
        )
        return StagedCut(ended, head, [*placed, *tiles, path])

    def activate(self, staged: StagedCut) -> None:
        """Sign the checkpoint of a recorded cut and point the tree at it, in one rename."""
        note = self._log.sign(staged.event)
        self._show(staged.event, staged.head, note)
        self._staged = None

    def _show(self, cut: CutMade, head: Mapping[str, bytes], note: bytes) -> None:
        self.tree.flip(cut.number, {**head, CHECKPOINT_PATH: note})

    def snapshot(self, time: datetime, *, closing: bool = False) -> Snapshot:
        """The contests with all that was learnt so far, under the official time ``time``."""
        contests = self._contests.items()
        return Snapshot(
            self.election.window.local(time),
            self._versions,
            len(self._versions),
            {name: contest.summarise(closing=closing) for name, contest in contests},
        )

    def lists_database(self, time: datetime) -> bool:
        """Whether the official database of ``time`` is listed already."""
        return self._shelf.lists(time)

    @cached_property
    def _databases(self) -> OfficialDatabases:
        return OfficialDatabases(self.election, self.tree)

    def write_database(self, snapshot: Snapshot) -> DatabaseFile:
        """Put the official database of ``snapshot`` on disk; a later cut lists it.

        Every cut goes on meanwhile, but for the interpreter's lock: this reads nothing but the
        snapshot. A process of its own may do the same (:mod:`openprep.center.databases`).
        """
        return self._databases.show(snapshot)

    def _manifest(self, order: CutOrder, leaf: int) -> Manifest:
        return Manifest(
            schema=SCHEMA,
            election=self.election.id,
            drill=self.election.drill,
            cut=order.number,
            time=self.election.window.local(order.time),
            kind=order.kind,
            previous=order.previous,
            record_position=order.covers,
            leaf=leaf,
            description=self._description,
            contests=tuple(
                ContestCut(
                    contest,
                    results.contest.title,
                    results.summary,
                    results.landing.votes,
                    results.landing.won,
                    results.root.digest,
                )
                for contest, results in self._contests.items()
            ),
            files=self._shelf.listed,
            database=self._shelf.newest,
        )


def _end_at(position: int, recorded: Sequence[Version] | Sequence[HeldImage], begin: int) -> int:
    """The end of what stands in the record up to ``position``, from index ``begin`` on."""
    return bisect_right(recorded, position, begin, key=attrgetter("position"))
