"""Where the files of a package wait until they are verified: a folder that nobody serves."""

import shutil
from pathlib import Path
from typing import IO

from openprep.bounded import TooMany, whole_file
from openprep.mirror.codes import MirrorCode, Refused
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.package import PackageLabel, PackageLimits, PackageRefused, unseal


class FolderSink:
    """Puts the members of a package into a folder, under their own paths."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stream: IO[bytes] | None = None

    def begin(self, path: str, size: int) -> None:  # noqa: ARG002 - as every sink
        """A member follows; its path is of a shape that a tree has."""
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        self._stream = target.open("xb")

    def write(self, data: bytes) -> None:
        """More of the member."""
        assert self._stream is not None
        self._stream.write(data)

    def end(self) -> None:
        """The member is whole."""
        self.close()

    def close(self) -> None:
        """Close what is open: a package may end early."""
        if self._stream is not None:
            stream, self._stream = self._stream, None
            stream.close()


class Staging:
    """The files of one package. ``folder`` is emptied; nothing in it outlives the process."""

    def __init__(self, folder: Path, limits: PackageLimits | None = None) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._draft = folder / "draft"
        self._files = folder / "files"
        self._limits = limits

    def take(self, sealed: Path, identity: str) -> PackageLabel:
        """Open a package in the place of the one before; of a refused one nothing stays.

        Raises:
            Refused: OVERSIZE (it holds more than it may), PACKAGE (altered, sealed to another, or
                malformed: the detail has the code) or DISK.
        """
        self.clear()
        sink = FolderSink(self._draft)
        try:
            self._draft.mkdir()
            with sealed.open("rb") as stream:
                label = unseal(stream, identity, sink, self._limits)
            self._draft.rename(self._files)
        except PackageRefused as refused:
            large = refused.code is DistributionCode.EXPANSION
            code = MirrorCode.OVERSIZE if large else MirrorCode.PACKAGE
            raise Refused(code, "package: {refused}", refused=refused) from refused
        except OSError as error:
            raise Refused(MirrorCode.DISK, "{error}", error=error) from error
        finally:
            sink.close()
            shutil.rmtree(self._draft, ignore_errors=True)
        return label

    def read(self, path: str, limit: int) -> bytes | None:
        """A file of the package, unverified; ``None`` if it does not have it.

        Raises:
            Refused: OVERSIZE, it is larger than ``limit``.
        """
        try:
            return whole_file(self._files / path, limit)
        except FileNotFoundError:
            return None
        except TooMany as error:
            raise Refused(MirrorCode.OVERSIZE, "{path}: {error}", path=path, error=error) from error

    def clear(self) -> None:
        """Forget the package."""
        shutil.rmtree(self._draft, ignore_errors=True)
        shutil.rmtree(self._files, ignore_errors=True)
