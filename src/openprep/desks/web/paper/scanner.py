"""A folder into which a scanner writes: its files wait there for the digitalizador of a place.

What became of a file is told by the folder that it is in afterwards; none is ever removed. The
folder is often a network's share, and such a one may hang: the house goes on.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple, TypeVar

from openprep.bounded import TooMany, whole_file
from openprep.coded import CodedError
from openprep.desks.codes import PageCode
from openprep.digitising.codes import DigitisingCode, NotDigitised
from openprep.digitising.digitised import MOST_BYTES
from openprep.record.codes import RecordTrouble, reporting

Answer = TypeVar("Answer")

KEPT, DISCARDED, REFUSED = "guardadas", "descartadas", "rechazadas"
AT_REST = 2.0
"""Seconds for which a file was not written to before it counts as whole."""

LONGEST_ASKED = 5.0
"""Seconds in which a folder must say what is in it, and let a file be moved."""

LONGEST_READ = 60.0
"""Seconds in which a file must be read: 40 MiB at 6 Mbit/s."""


class ScannerAway(CodedError[PageCode]):
    """A scanner's folder does not answer, or refuses. Its files are as they were."""


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


class Scanner:
    """A scanner's folder as the loop asks it: in threads of their own, and for so long only.

    The threads are none of those in which the house writes, so that one that hangs keeps nobody
    else waiting. While one does, nothing more is asked of the folder.

    Everything that is asked of it raises:
        ScannerAway: the folder did not answer, or refused.
    """

    def __init__(self, folder: ScannerFolder) -> None:
        self._folder = folder
        self._late: asyncio.Future[Any] | None = None

    async def waiting(self) -> list[Path]:
        """The files that are whole and were not looked at, the oldest first."""
        return await self._asked(self._folder.waiting, LONGEST_ASKED)

    async def read(self, path: Path) -> bytes:
        """A file of it.

        Raises:
            NotDigitised: TOO_LARGE.
        """
        return await self._asked(lambda: self._folder.read(path), LONGEST_READ)

    async def put_by(self, path: Path, where: str) -> None:
        """Let a file wait no more."""
        await self._asked(lambda: self._folder.put_by(path, where), LONGEST_ASKED)

    async def _asked(self, question: Callable[[], Answer], seconds: float) -> Answer:
        if self._late is not None and not self._late.done():
            raise self._away("it hangs")
        answer = _in_its_own_thread(question)
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(answer)
        except TimeoutError as error:
            self._late = answer
            raise self._away(f"no answer in {seconds:g} s") from error
        except RecordTrouble as error:
            raise self._away(error.detail) from error

    def _away(self, why: str) -> ScannerAway:
        return ScannerAway(
            PageCode.SCANNER_AWAY, "{folder}: {why}", folder=self._folder.root, why=why
        )


class ScannerFile(NamedTuple):
    """A file, and the scanner that it came from: whoever has it may work elsewhere by now."""

    scanner: Scanner
    path: Path

    async def read(self) -> bytes:
        """What is in it.

        Raises:
            NotDigitised, ScannerAway: as :meth:`Scanner.read`.
        """
        return await self.scanner.read(self.path)

    async def put_by(self, where: str) -> None:
        """Let it wait no more.

        Raises:
            ScannerAway: its folder did not answer, or refused.
        """
        await self.scanner.put_by(self.path, where)


def _in_its_own_thread(question: Callable[[], Answer]) -> "asyncio.Future[Answer]":
    """The answer of a thread that keeps no process from ending."""
    answer: Future[Answer] = Future()
    answer.set_running_or_notify_cancel()

    def answering() -> None:
        try:
            answer.set_result(question())
        except BaseException as error:  # noqa: BLE001 - it is raised where it was asked
            answer.set_exception(error)

    Thread(target=answering, daemon=True, name="scanner").start()
    return asyncio.wrap_future(answer)
