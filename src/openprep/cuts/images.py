"""The images of actas that a centre's tree has."""

import logging
from collections.abc import Mapping

from openprep.cuts.codes import PublicationCode
from openprep.hosting import TreeDirectory
from openprep.record.images import ImageFolder
from openprep.wire.cut.ref import image_path

log = logging.getLogger("openprep.center")


class TreeImages:
    """Has the images in ``folder`` in the tree; none, where there is no folder."""

    def __init__(self, tree: TreeDirectory, folder: ImageFolder | None) -> None:
        self._tree = tree
        self._folder = folder
        self._lost: set[str] = set()

    def place(self, sizes: Mapping[str, int]) -> set[str]:
        """Have images of these sizes, by digest, in the tree, durable; those whose file is lost.

        That one is lost is said once.
        """
        if self._folder is None:
            return set(sizes)
        sources = {image_path(sha256): self._folder.path(sha256) for sha256 in sizes}
        placed = self._tree.link_files(sources)
        lost = {own for own, size in sizes.items() if placed.get(image_path(own)) != size}
        for sha256 in sorted(lost - self._lost):
            code = PublicationCode.IMAGE_LOST
            log.error("%s", code.of("{path}", path=self._folder.path(sha256)))
        self._lost = self._lost.difference(sizes) | lost
        return lost
