"""The images of actas that a centre's tree has."""

import logging
from collections.abc import Iterator, Mapping, Sequence

from openprep.cuts.codes import PublicationCode
from openprep.hosting import TreeDirectory
from openprep.record.images import ImageFolder
from openprep.record.state import HeldImage
from openprep.wire.cut.ref import image_path

log = logging.getLogger("openprep.center")


class TreeImages:
    """What the tree has of the images in ``folder``; of none, where there is no folder."""

    def __init__(self, tree: TreeDirectory, folder: ImageFolder | None) -> None:
        self._tree = tree
        self._folder = folder
        self._sizes: dict[str, int] = {}

    @property
    def sizes(self) -> Mapping[str, int]:
        """The size of each, by its digest."""
        return self._sizes

    def take(self, images: Sequence[HeldImage]) -> Iterator[HeldImage]:
        """Have images that the centre holds in the tree, durable; those that came.

        One whose file is lost is published as if it had not come, and said so.
        """
        if self._folder is None or not images:
            return
        sources = {image_path(image.sha256): self._folder.path(image.sha256) for image in images}
        placed = self._tree.link_files(sources)
        for image in images:
            if placed.get(image_path(image.sha256)) != image.size:
                code = PublicationCode.IMAGE_LOST
                log.error("%s", code.of("{path}", path=self._folder.path(image.sha256)))
                continue
            self._sizes[image.sha256] = image.size
            yield image
