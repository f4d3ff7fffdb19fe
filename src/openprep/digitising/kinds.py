"""What a file is, by its first bytes: no name and no sender is believed. Pure."""

from enum import Enum


class Kind(Enum):
    """A format that is taken, with the beginnings of its files."""

    JPEG = (b"\xff\xd8\xff",)
    PNG = (b"\x89PNG\r\n\x1a\n",)
    TIFF = (b"II*\0", b"MM\0*")
    PDF = (b"%PDF-",)


def kind_of(data: bytes) -> Kind | None:
    """The format that ``data`` begins as; None if it is none that is taken."""
    return next((kind for kind in Kind if data.startswith(kind.value)), None)
