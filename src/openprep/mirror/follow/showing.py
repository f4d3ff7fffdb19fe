"""What readers of a mirror see: the cut that is trusted, on the pages of the installed kit."""

from collections.abc import Mapping
from contextlib import suppress

from openprep.hosting.directory import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused, writing
from openprep.mirror.follow.cosigning import Cosigning
from openprep.mirror.verify.trusted import TrustedCut
from openprep.pages.codes import PageTrouble
from openprep.pages.kit import Kit
from openprep.pages.rendering import Renderer, TreeReader, place_assets
from openprep.wire.cut.manifest import (
    POINTER_PATH,
    Manifest,
    Pointer,
    decode,
    encode,
    note_path,
    point_at,
)
from openprep.wire.log.checkpoint import Checkpoint, CheckpointError
from openprep.wire.log.tiles import CHECKPOINT_PATH
from openprep.wire.note import NoteError, split_note


class Showing:
    """Turns a tree from one trusted cut to the next; without ``kit`` it has no page.

    ``origin`` is the log's name.
    """

    def __init__(
        self,
        tree: TreeDirectory,
        origin: str,
        kit: Kit | None,
        cosigning: Cosigning,
    ) -> None:
        self._tree = tree
        self._origin = origin
        self._cosigning = cosigning
        self._renderer = None if kit is None else Renderer(kit, TreeReader(tree))
        self._assets_placed = False

    @property
    def note(self) -> bytes:
        """The note that readers are shown; empty where they are shown none."""
        return self._tree.read_if_whole(f"live/{CHECKPOINT_PATH}") or b""

    def shows(self, cut: TrustedCut) -> bool:
        """Whether the tree shows this very cut."""
        data = self._tree.read_if_whole(f"live/{POINTER_PATH}") or b""
        with suppress(ValueError):  # msgspec's own is one
            live = decode(data, Pointer)
            return (live.cut, live.manifest) == (cut.cut, cut.manifest)
        return False

    def render(self, manifest: Manifest) -> dict[str, bytes]:
        """The pages of a cut that was counted again, by name; none without a kit.

        Raises:
            Refused: PAGE, or DISK.
        """
        if self._renderer is None:
            return {}
        if not self._assets_placed:
            with writing():
                place_assets(self._tree, self._renderer.kit)
            self._assets_placed = True
        try:
            return self._renderer.render(manifest)
        except PageTrouble as trouble:
            raise Refused(MirrorCode.PAGE, "{detail}", detail=trouble.text) from trouble

    def show(self, cut: TrustedCut, manifest: Manifest, pages: Mapping[str, bytes]) -> None:
        """Turn the tree to a cut with these pages, unless it shows all of it.

        Raises:
            Refused: TREE_DAMAGED, the cut is not whole on this disk, or DISK.
        """
        pointer = encode(point_at(manifest, cut.manifest))
        note = self._cosigned_before(cut) or self._cosigned(cut)
        head = {POINTER_PATH: pointer, **pages, CHECKPOINT_PATH: note}
        with writing():
            self._tree.flip(manifest.cut, head)

    def _cosigned_before(self, cut: TrustedCut) -> bytes | None:
        """The note of the cut, with all its cosignatures, if it is up already."""
        note, kept = self.note, self._tree.read_if_whole(note_path(cut.cut)) or b""
        if not (self.shows(cut) and _is_of(note, cut) and _is_of(kept, cut)):
            return None
        signed = set(split_note(kept)[1])
        return note if signed <= set(split_note(note)[1]) else None

    def _cosigned(self, cut: TrustedCut) -> bytes:
        """The note of the cut, with this publisher's own cosignature."""
        note = self._tree.read_if_whole(note_path(cut.cut)) or b""
        if not _is_of(note, cut):
            raise Refused(
                MirrorCode.TREE_DAMAGED,
                "{path} is not the one that was trusted",
                path=note_path(cut.cut),
            )
        return self._cosigning.sign(note, Checkpoint(self._origin, cut.size, cut.root))


def _is_of(note: bytes, cut: TrustedCut) -> bool:
    """Whether a note is of the checkpoint of a cut that is trusted."""
    try:
        checkpoint = Checkpoint.parse(split_note(note)[0])
    except (NoteError, CheckpointError):
        return False
    return (checkpoint.size, checkpoint.root) == (cut.size, cut.root)
