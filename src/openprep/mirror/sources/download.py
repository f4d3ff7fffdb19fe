"""A download that may break off and goes on: which bytes are here, and which an answer brings.

Nothing here asks or writes: whoever does says what came.
"""

from dataclasses import dataclass
from typing import NamedTuple

from openprep.mirror.codes import MirrorCode, Refused

MAX_SEALED_BYTES = 8 * 1024**3


class Broken(Exception):
    """A download broke off; what came stays."""


class Head(NamedTuple):
    """The head of an answer that was given, 200 or 206."""

    partial: bool
    etag: str
    length: int | None
    content_range: str | None


@dataclass
class Download:
    """A package as far as it has come. ``etag`` names the bytes that there are."""

    target: str
    etag: str = ""
    have: int = 0
    total: int = -1

    @property
    def headers(self) -> dict[str, str]:
        """What asks for the rest of it."""
        if not self.have:
            return {}
        return {"Range": f"bytes={self.have}-", "If-Range": f'"{self.etag}"'}

    @property
    def whole(self) -> bool:
        """Whether all of it is here."""
        return self.have == self.total

    def take_head(self, head: Head) -> None:
        """Settle which bytes follow: the rest of those that are here, or others from the start.

        Raises:
            Broken: others than were asked for; it begins anew.
            Refused: FORMAT, it does not say how long it is; OVERSIZE.
        """
        if head.partial:
            wanted = f"bytes {self.have}-{self.total - 1}/{self.total}"
            if (head.etag, head.content_range) == (self.etag, wanted):
                return
            self.have, self.total = 0, -1
            raise Broken(f"other bytes follow than were asked for: {wanted}")
        self.etag, self.have = head.etag, 0
        if head.length is None:
            raise Refused(MirrorCode.FORMAT, "the package does not say how long it is")
        if head.length > MAX_SEALED_BYTES:
            raise Refused(MirrorCode.OVERSIZE, "a package of {length} bytes", length=head.length)
        self.total = head.length
