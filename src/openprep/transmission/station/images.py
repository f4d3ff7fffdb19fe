"""A station's images on their way: what was saved is delivered sooner or later, after its envelope.

Beside the outbox, in two folders: ``pending``, and ``delivered`` once the centre has it. An image
goes from the one to the other by a rename, so that a station killed at any instruction sends it
again rather than not at all. Delivered images stay, as the station's own evidence.
"""

from hashlib import sha256
from pathlib import Path

from openprep.coded import CodedError
from openprep.durable import sync_folder
from openprep.election.image import MAX_IMAGE_BYTES, NotAnImage, picture_in
from openprep.record.codes import reporting
from openprep.record.images import ImageFolder
from openprep.transmission.codes import StationCode


class ImageUnusable(CodedError[StationCode]):
    """A file is not an image that the centre would take; it was not saved."""

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(StationCode.IMAGE_UNUSABLE, template, **facts)


def beside(outbox: Path) -> Path:
    """Where the images of the outbox in file ``outbox`` are."""
    return outbox.with_name(f"{outbox.stem}.images")


def image_files(folder: Path) -> list[Path]:
    """The JPEG files of ``folder`` by their names, as scanners and cameras write them."""
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in (".jpg", ".jpeg"))


class ImageOutbox:
    """The images of one station. One process at a time, as with its outbox.

    Raises:
        RecordTrouble: the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._pending = ImageFolder(folder / "pending")
        self._delivered = ImageFolder(folder / "delivered")
        with reporting(folder):
            for queue in (self._pending, self._delivered):
                queue.root.mkdir(parents=True, exist_ok=True)
            sync_folder(folder)
            self._pending.sweep()

    def put(self, data: bytes, name: str = "an image") -> str:
        """Save an image, durable when this returns; its digest. ``name`` is for complaints.

        Raises:
            ImageUnusable: it is no JPEG, or too large: the centre would refuse it.
            RecordTrouble: the disk refused; it was not saved.
        """
        if len(data) > MAX_IMAGE_BYTES:
            raise ImageUnusable(
                "{name} has {size} bytes, at most {limit}",
                name=name,
                size=len(data),
                limit=MAX_IMAGE_BYTES,
            )
        try:
            picture_in(data)
        except NotAnImage as error:
            raise ImageUnusable("{name}: {reason}", name=name, reason=error.text) from error
        digest = sha256(data).hexdigest()
        if not self._delivered.has(digest, len(data)):
            self._pending.keep(data)
        return digest

    def pending(self) -> list[str]:
        """Digests of the images that the centre has not acknowledged, in a fixed order."""
        return self._pending.digests()

    def read(self, digest: str) -> bytes:
        """The bytes of a pending image.

        Raises:
            RecordTrouble: UNREADABLE, the disk damaged it: copy it here again.
        """
        return self._pending.read(digest)

    def mark_delivered(self, digest: str) -> None:
        """The centre acknowledged the image."""
        self._move(digest, self._pending, self._delivered)

    def rewind(self) -> None:
        """The centre came back from an older copy: everything is offered to it once more."""
        for digest in self._delivered.digests():
            self._move(digest, self._delivered, self._pending)

    def _move(self, digest: str, source: ImageFolder, target: ImageFolder) -> None:
        with reporting(source.path(digest)):
            source.path(digest).replace(target.path(digest))
            sync_folder(target.root)
            sync_folder(source.root)


def pending_beside(outbox: Path) -> int:
    """How many images of the outbox in file ``outbox`` are still to be delivered."""
    return len(ImageFolder(beside(outbox) / "pending").digests())
