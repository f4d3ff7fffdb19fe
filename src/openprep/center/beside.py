"""What a centre writes beside its cuts, so that none waits for it: databases, compressed copies."""

import asyncio
from collections.abc import Callable, Iterable

from openprep.cuts.shelf import DatabaseFile

WriteDatabase = Callable[[], DatabaseFile]


class DatabasesBeside:
    """Official databases, one after the other; of those that wait, only the newest."""

    def __init__(self) -> None:
        self._wanted: WriteDatabase | None = None
        self._writing: asyncio.Task[DatabaseFile] | None = None

    def want(self, write: WriteDatabase | None) -> None:
        """Have ``write`` called next, in place of what was not begun; ``None`` for nothing."""
        self._wanted = write

    def start(self) -> None:
        """Begin to write what is wanted, once nothing else is being written."""
        if self._writing is None and self._wanted is not None:
            write, self._wanted = self._wanted, None
            self._writing = asyncio.create_task(asyncio.to_thread(write))

    @property
    def ready(self) -> bool:
        """Whether one is written that no cut took."""
        return self._writing is not None and self._writing.done()

    async def finished(self, *, last: bool) -> list[DatabaseFile]:
        """What a cut may list now; the ``last`` one waits for what is pending.

        Raises:
            Exception: whatever kept it from being written.
        """
        self.start()
        if self._writing is None or not (self._writing.done() or last):
            return []
        writing, self._writing = self._writing, None
        return [await writing]


class CopiesBeside:
    """Compressed copies of what cuts brought, made beside the next ones, never between two."""

    def __init__(self, compress: Callable[[Iterable[str]], None]) -> None:
        self._compress = compress
        self._names: list[str] = []
        self._compressing: asyncio.Task[None] | None = None

    def add(self, names: Iterable[str]) -> None:
        """Have files compressed as soon as those before are."""
        self._names += names
        self._under_way()

    def _under_way(self) -> asyncio.Task[None]:
        """The work that goes on; where none does, what waits is begun."""
        if self._compressing is None or self._compressing.done():
            names, self._names = self._names, []
            self._compressing = asyncio.create_task(asyncio.to_thread(self._compress, names))
        return self._compressing

    async def finish(self) -> None:
        """Wait until all is compressed.

        Raises:
            Exception: whatever kept something from being compressed.
        """
        while self._names or self._compressing is not None:
            await self._under_way()
            self._compressing = None
