"""What a test reads of a published tree: its current manifest, and objects by reference."""

from openprep.hosting import TreeDirectory
from openprep.publication.page import Page
from openprep.tree import manifest as wire
from openprep.tree.objects import PublishedObject, Ref, decode_object


class Published:
    """A tree with a page, of which the cut ``cut`` was published last."""

    tree: TreeDirectory
    page: Page
    cut: int

    @property
    def manifest(self) -> wire.Manifest:
        data = self.tree.read(wire.manifest_path(self.cut))
        assert data is not None
        return wire.decode(data, wire.Manifest)

    def object(self, ref: Ref) -> PublishedObject:
        data = self.tree.read_object(ref)
        assert data is not None
        return decode_object(data)
