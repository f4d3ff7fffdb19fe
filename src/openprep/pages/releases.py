"""The lists of releases that whoever judges pages believes: those given, and the installed kit's.

None is ever taken from a tree that is judged.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from openprep.bounded import first_of_file
from openprep.pages.codes import PageCode, PageTrouble
from openprep.pages.kit import Kit
from openprep.wire.release import (
    MAX_RELEASE_BYTES,
    RELEASE_PATH,
    Release,
    ReleaseError,
    name_of,
    parse_release,
)


@dataclass(frozen=True)
class Known:
    """A release that is believed. ``kit`` is there where it is the one installed here."""

    name: str
    sha256: str
    release: Release
    kit: Kit | None = None


@dataclass(frozen=True)
class Releases:
    """Every release that is believed."""

    known: tuple[Known, ...] = ()

    @classmethod
    def gather(cls, files: tuple[Path, ...] = (), kit: Kit | None = None) -> "Releases":
        """Those listed in ``files``, and that of ``kit``.

        Raises:
            PageTrouble: NOT_A_RELEASE, a file is no list of a release, or cannot be read.
        """
        own = () if kit is None else (_known(kit.standing[RELEASE_PATH], RELEASE_PATH, kit),)
        given = tuple(_known(_read(path), str(path)) for path in files)
        return cls((*own, *given))

    def of(self, data: bytes) -> Known | None:
        """The release whose list is ``data``."""
        digest = sha256(data).hexdigest()
        return next((release for release in self.known if release.sha256 == digest), None)

    def has(self, name: str, digest: str) -> bool:
        """Whether any of them has this file."""
        files = (release.release.files.get(name) for release in self.known)
        return any(file is not None and file.sha256 == digest for file in files)


def installed() -> Kit | None:
    """The kit of this machine, where its page is built and whole."""
    try:
        return Kit.load()
    except PageTrouble:
        return None


def _read(path: Path) -> bytes:
    try:
        return first_of_file(path, MAX_RELEASE_BYTES + 1)
    except OSError as error:
        raise PageTrouble(
            PageCode.NOT_A_RELEASE, "{path}: {error}", path=path, error=error.strerror
        ) from error


def _known(data: bytes, where: str, kit: Kit | None = None) -> Known:
    try:
        release = parse_release(data)
    except ReleaseError as error:
        raise PageTrouble(
            PageCode.NOT_A_RELEASE,
            "{where} is no list of a release: {error}",
            where=where,
            error=error,
        ) from error
    return Known(name_of(release, data), sha256(data).hexdigest(), release, kit)
