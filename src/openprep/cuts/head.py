"""The files that turn with a cut: its pointer and, where a kit is installed, its pages."""

from openprep.hosting import TreeDirectory
from openprep.pages.kit import Kit
from openprep.pages.rendering import Renderer, TreeReader, place_assets
from openprep.wire.cut.manifest import POINTER_PATH, Manifest, encode, point_at
from openprep.wire.cut.ref import Ref


class HeadMaker:
    """Makes the heads of a tree's cuts, one after the other; without ``kit`` the tree has no page.

    The kit's scripts and styles are in the tree before the first page that asks for them.
    """

    def __init__(self, tree: TreeDirectory, kit: Kit | None) -> None:
        self._tree = tree
        self._renderer = None if kit is None else Renderer(kit, TreeReader(tree))
        self._assets_placed = False

    def make(self, manifest: Manifest, ref: Ref) -> dict[str, bytes]:
        """The head of a cut whose objects are in the tree, by names.

        Raises:
            PageTrouble: NOT_RENDERED.
        """
        head = {POINTER_PATH: encode(point_at(manifest, ref))}
        if self._renderer is None:
            return head
        if not self._assets_placed:
            place_assets(self._tree, self._renderer.kit)
            self._assets_placed = True
        return head | self._renderer.render(manifest)
