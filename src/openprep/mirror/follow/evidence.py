"""Notes that cannot both be true, kept side by side for everybody to see."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from openprep.durable import make_folder, write_durably
from openprep.mirror.codes import SplitView, writing

MOST_EVIDENCE = 200
"""Files kept as evidence of a log that forked."""


class Evidence:
    """A folder of notes, each under the beginning of its digest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, *notes: bytes) -> None:
        """Keep notes, durably, as long as there are not too many.

        Raises:
            Refused: DISK.
        """
        with writing():
            if notes:
                make_folder(self._folder)
            for note in notes:
                if len(list(self._folder.iterdir())) < MOST_EVIDENCE:
                    write_durably(self._folder / f"{sha256(note).hexdigest()[:16]}.note", note)

    @contextmanager
    def keeping(self, shown: Callable[[], bytes]) -> Iterator[None]:
        """Keep what proves a split view found inside, and the note that is ``shown`` to readers."""
        try:
            yield
        except SplitView as split:
            self.keep(*split.notes, shown())
            raise
