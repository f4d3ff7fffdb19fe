"""The images of actas, kept beside the record: one immutable file each, under its own digest.

Like the record they are evidence and derived from nothing: whoever copies the one copies the other.
The same folder serves a station for what it has yet to deliver.
"""

from hashlib import sha256
from pathlib import Path

from openprep.durable import sweep_drafts, sync_folder, writing_whole
from openprep.record.codes import RecordCode, RecordTrouble, reporting


def name_of(digest: str) -> str:
    """The file that holds the image with this digest."""
    return f"{digest}.jpg"


class ImageFolder:
    """A folder of images. Safe for several threads, and for a process killed at any instruction."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """Where the image with this digest is, or would be."""
        return self.root / name_of(digest)

    def has(self, digest: str, size: int) -> bool:
        """Whether the image is here whole: it gets its name when it is, so its size tells."""
        try:
            return self.path(digest).stat().st_size == size
        except OSError:
            return False

    def keep(self, data: bytes) -> str:
        """Keep an image, durable when this returns; its digest.

        Raises:
            RecordTrouble: what the disk refuses; nothing under its name changed.
        """
        digest = sha256(data).hexdigest()
        target = self.path(digest)
        with reporting(target):
            if not self.has(digest, len(data)):
                self.root.mkdir(parents=True, exist_ok=True)
                with writing_whole(target) as stream:
                    stream.write(data)
            sync_folder(self.root)
        return digest

    def read(self, digest: str) -> bytes:
        """The bytes of an image, held against its digest.

        Raises:
            RecordTrouble: UNREADABLE, it is not here, or damaged.
        """
        target = self.path(digest)
        try:
            data = target.read_bytes()
        except OSError as error:
            raise RecordTrouble(
                RecordCode.UNREADABLE, "{target}: {error}", target=target, error=error
            ) from error
        if sha256(data).hexdigest() != digest:
            raise RecordTrouble(
                RecordCode.UNREADABLE, "{target}: it does not match its digest", target=target
            )
        return data

    def digests(self) -> list[str]:
        """Digests of all images that are here, in order."""
        return sorted(path.stem for path in self.root.glob(f"{'[0-9a-f]' * 64}.jpg"))

    def sweep(self) -> None:
        """Remove what an earlier process left half written."""
        sweep_drafts(self.root)
