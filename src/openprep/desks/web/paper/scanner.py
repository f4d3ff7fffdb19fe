"""A folder into which a scanner writes: its files wait there for the digitalizador of a place.

What became of a file is told by the folder that it is in afterwards; none is ever removed.
"""

import time
from pathlib import Path

from openprep.bounded import TooMany, whole_file
from openprep.digitising.codes import DigitisingCode, NotDigitised
from openprep.digitising.digitised import MOST_BYTES
from openprep.record.codes import reporting

KEPT, DISCARDED, REFUSED = "guardadas", "descartadas", "rechazadas"
AT_REST = 2.0
"""Seconds for which a file was not written to before it counts as whole."""


class ScannerFolder:
    """The files of one scanner, the oldest first."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def waiting(self) -> list[Path]:
        """The files that are whole and were not looked at.

        Raises:
            RecordTrouble: the folder cannot be read.
        """
        latest = time.time() - AT_REST
        with reporting(self.root):
            files = [
                (path.stat().st_mtime, path)
                for path in self.root.iterdir()
                if path.is_file() and not path.name.startswith(".")
            ]
        return [path for written, path in sorted(files) if written <= latest]

    def read(self, path: Path) -> bytes:
        """A file of it.

        Raises:
            NotDigitised: TOO_LARGE.
            RecordTrouble: it cannot be read.
        """
        try:
            with reporting(path):
                return whole_file(path, MOST_BYTES)
        except TooMany as error:
            raise NotDigitised(DigitisingCode.TOO_LARGE, "{path}", path=path) from error

    def put_by(self, path: Path, where: str) -> None:
        """Let a file wait no more, and keep it under another name than any that is there.

        Raises:
            RecordTrouble: the folder refuses.
        """
        folder = self.root / where
        with reporting(folder):
            folder.mkdir(exist_ok=True)
            target, number = folder / path.name, 1
            while target.exists():
                number += 1
                target = folder / f"{path.stem}-{number}{path.suffix}"
            path.rename(target)
