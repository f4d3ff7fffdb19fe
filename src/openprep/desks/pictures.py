"""The pictures of a house: what is published, what a screen shows, and what came.

What came keeps all that a camera wrote into it: it stays in the house, as evidence, and only its
digest leaves.
"""

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from openprep.durable import make_folder, write_durably
from openprep.record.codes import RecordCode, RecordTrouble, reporting
from openprep.record.images import name_of
from openprep.transmission.station.images import ImageOutbox


class Shot(NamedTuple):
    """One picture of a paper: as it is published, as a screen shows it, and as it came.

    ``straight`` says that it was laid straight by the corners of its form: fields are where the
    form has them.
    """

    image: bytes
    rendition: bytes
    original: bytes
    straight: bool = False


class KeptShot(NamedTuple):
    """Digests of a shot that is kept: of what is published, and of what came."""

    image: str
    original: str


class Pictures:
    """A folder of pictures; ``outgoing`` are those that leave for the centre.

    Raises:
        RecordTrouble: the folder cannot be written.
    """

    def __init__(self, root: Path) -> None:
        self.outgoing = ImageOutbox(root / "published")
        self._renditions = root / "renditions"
        self._originals = root / "originals"
        self._straight = root / "straight"
        with reporting(root):
            for folder in (self._renditions, self._originals, self._straight):
                make_folder(folder)
                folder.chmod(0o700)

    def keep(self, shot: Shot) -> KeptShot:
        """Keep a shot, durable when this returns: before any step names it.

        Raises:
            ImageUnusable: what would be published is no JPEG that the centre takes.
            RecordTrouble: the disk refused.
        """
        image = sha256(shot.image).hexdigest()
        original = sha256(shot.original).hexdigest()
        with reporting(self._originals):
            write_durably(self._originals / original, shot.original)
            write_durably(self._renditions / name_of(image), shot.rendition)
            if shot.straight:
                write_durably(self._straight / image, b"")
        self.outgoing.put(shot.image)
        return KeptShot(image, original)

    def is_straight(self, image: str) -> bool:
        """Whether fields are on this image where its form has them."""
        return (self._straight / image).exists()

    def rendition(self, image: str) -> bytes:
        """What a screen shows of an image.

        Raises:
            RecordTrouble: UNREADABLE, it is not here.
        """
        path = self._renditions / name_of(image)
        try:
            return path.read_bytes()
        except OSError as error:
            raise RecordTrouble(
                RecordCode.UNREADABLE, "{path}: {error}", path=path, error=error
            ) from error
