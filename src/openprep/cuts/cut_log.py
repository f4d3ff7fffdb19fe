"""The publication log as the cuts of a centre extend it.

A cut first adds the versions of actas that it is the first to publish, then which images came, then
itself; once the record has the log's size and root, which is the lock, its checkpoint is signed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import structs

from openprep.cuts.leaves import (
    Announced,
    Logged,
    LogOrder,
    cut_leaf,
    images_leaves,
    leaves_of,
    rules_leaf,
    version_leaf,
)
from openprep.election import Election
from openprep.hosting import TreeDirectory
from openprep.hosting.log import EntryOffsets, LogFault, LogTrouble, LogWriter
from openprep.record.events import CutMade
from openprep.record.state import HeldImage, State, Version
from openprep.wire.cut.manifest import note_path
from openprep.wire.log.checkpoint import (
    Checkpoint,
    CheckpointError,
    open_checkpoint,
    sign_checkpoint,
)
from openprep.wire.log.tiles import CHECKPOINT_PATH, TileError
from openprep.wire.note import NoteError, Signer
from openprep.wire.trust import LogIdentity


class Appended(NamedTuple):
    """What a cut added to the log before itself.

    ``leaf`` is the index that its own leaf will have, ``told`` the images that it tells of, and
    ``strayed`` what the record must keep of those that it does not.
    """

    leaf: int
    told: Sequence[Announced]
    strayed: tuple[str, ...]


class CutLog:
    """The log of one centre, with what was learnt and stands in no leaf yet."""

    def __init__(
        self,
        election: Election,
        tree: TreeDirectory,
        signer: Signer,
        identity: LogIdentity | None,
    ) -> None:
        """Begin. ``identity`` has the keys that signed before ``signer``; without it, none did."""
        self._election = election
        self._tree = tree
        self._signer = signer
        self._identity = identity or LogIdentity.of_one_key(signer.verifier)
        self._writer = LogWriter(tree, signer.name)
        self._order = LogOrder()
        self._unlogged: list[Logged] = []

    def take(self, version: Version) -> Logged:
        """A version, in the order of the record, with the leaf that it has or will have."""
        logged = self._order.take(version)
        self._unlogged.append(logged)
        return logged

    def take_again(self, version: Version) -> Logged:
        """As :meth:`take`, of a version that a cut of the record has in the log already."""
        return self._order.take(version)

    def hold(self, images: Iterable[HeldImage]) -> None:
        """Take images that the record holds, in its order; a cut tells of them once."""
        for image in images:
            self._order.hold(image)

    def ready(self) -> list[Announced]:
        """The images that a cut made now tells of, if the disk has them."""
        return self._order.ready()

    @property
    def told(self) -> Mapping[str, int]:
        """The sizes of the images that the log tells of, by digest."""
        return self._order.told

    def pass_by(self, cut: CutMade) -> list[Announced]:
        """Go past a cut of the record, which has in the log what was taken before it, and itself.

        The images that it told of.
        """
        told = self._order.announce(cut.strayed)
        self._order.next_leaf = cut.log_size
        return told

    def resume(self, state: State, rules_sha256: str) -> None:
        """Go on from the log that ends in the record's last cut, its files whole on disk.

        They are read from the disk and made again from the record only if they do not give the root
        that it holds.

        Raises:
            LogTrouble: the record does not give the log that it says was signed, or the tree shows
                a checkpoint of another one.
        """
        locked = [self._checkpoint_of(cut) for cut in state.cuts]
        published = self._published()
        origin = self._writer.origin
        try:
            self._writer = LogWriter.rebuild(self._tree, origin, None, locked, published)
        except (LogTrouble, TileError, OSError):
            leaves = leaves_of(self._election, rules_sha256, state)
            self._writer = LogWriter.rebuild(self._tree, origin, leaves, locked, published)

    def _published(self) -> Checkpoint | None:
        note = self._tree.read(f"live/{CHECKPOINT_PATH}")
        if note is None:
            return None
        known = self._identity.verifiers
        try:
            return open_checkpoint(note, origin=self._writer.origin, log=known).checkpoint
        except (NoteError, CheckpointError) as error:
            raise LogTrouble(LogFault.OTHER_THAN_PUBLISHED, str(error)) from error

    def append(self, rules_sha256: str, lost: Collection[str]) -> Appended:
        """Append what a cut brings: before anything else the rules, then versions, then images.

        ``lost`` are the digests of those that are ready and that the disk does not have.
        """
        strayed = self._order.strayed(lost)
        told = self._order.announce(strayed)
        entries = [] if self._writer.size else [rules_leaf(self._election, rules_sha256)]
        entries += [version_leaf(self._election, logged) for logged in self._unlogged]
        self._writer.append([*entries, *images_leaves(told)])
        self._unlogged.clear()
        return Appended(self._writer.size, told, strayed)

    @property
    def offsets(self) -> EntryOffsets:
        """Where the entries of the log begin in their bundles."""
        return self._writer.offsets

    def end_in(self, cut: CutMade) -> tuple[CutMade, Sequence[str]]:
        """End the log in ``cut``, durably: it with its size and root, and the log's new files."""
        self._writer.append([cut_leaf(self._election, cut)])
        staged = self._writer.stage()
        self._order.next_leaf = self._writer.size
        size, root = staged.checkpoint.size, staged.checkpoint.root
        return structs.replace(cut, log_size=size, log_root=root), staged.placed

    def sign(self, cut: CutMade) -> bytes:
        """The signed checkpoint of a cut that was recorded, kept in the tree too."""
        note = sign_checkpoint(self._checkpoint_of(cut), [self._signer])
        self._tree.place(note_path(cut.number), note)
        return note

    def note_of(self, cut: CutMade) -> bytes | None:
        """The checkpoint of ``cut`` as it was signed, by a key that may still sign that cut.

        Signed again where it is lost; ``None`` where that is for a key that was replaced.
        """
        return self._note_on_disk(cut) or (self.sign(cut) if self._may_sign(cut) else None)

    def _may_sign(self, cut: CutMade) -> bool:
        return self._signer.verifier in self._identity.verifiers_at(cut.number)

    def _note_on_disk(self, cut: CutMade) -> bytes | None:
        note = self._tree.read(note_path(cut.number))
        if note is None:
            return None
        keys = self._identity.verifiers_at(cut.number)
        try:
            opened = open_checkpoint(note, origin=self._writer.origin, log=keys)
        except (NoteError, CheckpointError):
            return None
        return note if opened.checkpoint == self._checkpoint_of(cut) else None

    def _checkpoint_of(self, cut: CutMade) -> Checkpoint:
        return Checkpoint(self._writer.origin, cut.log_size, cut.log_root)
