"""What a centre writes beside its cuts, so that none waits for it: databases, compressed copies."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress

from openprep.center import databases
from openprep.center.databases import (
    LENGTH,
    RUN,
    Learn,
    Order,
    Write,
    Written,
    beginning,
    decode_answer,
    framed,
)
from openprep.center.troubles import say_failed
from openprep.coded import CodedError
from openprep.cuts.codes import PublicationCode
from openprep.cuts.shelf import DatabaseFile, Snapshot
from openprep.election import Election
from openprep.hosting import TreeDirectory

WriteDatabase = Callable[[Snapshot], Coroutine[None, None, DatabaseFile]]


class DatabasesLost(CodedError[PublicationCode]):
    """The process that writes official databases is no more; the next database has another."""


class DatabaseProcess:
    """A process that writes official databases, started for the first of them.

    It is told of each version once. Whenever it fails it is ended, and the next is told all.
    """

    def __init__(self, election: Election, tree: TreeDirectory) -> None:
        self._election = election
        self._tree = tree
        self._child: _Child | None = None
        self._told = 0

    async def write(self, snapshot: Snapshot) -> DatabaseFile:
        """Have the official database of ``snapshot`` on disk.

        Raises:
            DatabasesLost: the process ended, or could not be started.
            OSError: the disk refused.
            RuntimeError: a mistake of the program, in the words of the process.
        """
        if snapshot.size < self._told:
            await self.end()
        try:
            return await self._write(snapshot)
        except BaseException:
            await self.end()
            raise

    async def _write(self, snapshot: Snapshot) -> DatabaseFile:
        if self._child is None:
            self._child = await _Child.started()
            for order in beginning(self._tree, self._election):
                await self._child.tell(order)
        while self._told < snapshot.size:
            end = min(self._told + RUN, snapshot.size)
            await self._child.tell(Learn(snapshot.versions[self._told : end]))
            self._told = end
        return await self._child.database(Write(snapshot.time, snapshot.summaries))

    async def end(self) -> None:
        """End the process, whatever it is doing: what it did not finish is written anew."""
        child, self._child, self._told = self._child, None, 0
        if child is not None:
            await child.end()


class _Child:
    """The process, as long as it lives."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._orders = process.stdin
        self._answers = process.stdout

    @classmethod
    async def started(cls) -> "_Child":
        """One that begins.

        Raises:
            DatabasesLost: the system has no room for it.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                databases.__name__,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as trouble:
            raise DatabasesLost(
                PublicationCode.DATABASES_LOST, "{trouble}", trouble=trouble
            ) from trouble
        return cls(process)

    async def tell(self, order: Order) -> None:
        """Give an order, once those before are nearly read, and let others have their turn.

        Raises:
            DatabasesLost: nobody is there.
        """
        try:
            self._orders.write(framed(order))
            await self._orders.drain()
        except ConnectionError as trouble:
            raise await self._lost() from trouble
        await asyncio.sleep(0)

    async def database(self, order: Write) -> DatabaseFile:
        """What was written.

        Raises:
            DatabasesLost: nobody is there, or nobody any more.
            OSError: the disk refused.
            RuntimeError: a mistake of the program.
        """
        await self.tell(order)
        try:
            (length,) = LENGTH.unpack(await self._answers.readexactly(LENGTH.size))
            answer = decode_answer(await self._answers.readexactly(length))
        except asyncio.IncompleteReadError as trouble:
            raise await self._lost() from trouble
        if isinstance(answer, Written):
            return answer.database
        raise answer.error

    async def _lost(self) -> DatabasesLost:
        return DatabasesLost(
            PublicationCode.DATABASES_LOST, "it ended with {status}", status=await self.end()
        )

    async def end(self) -> int:
        """How it ended; killed, if it had not."""
        if self._process.returncode is None:
            # Not Popen.kill, which may take the status from the thread that waits for it.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        return await self._process.wait()


class DatabasesBeside:
    """Official databases, one after the other; of those that wait, only the newest.

    One that cannot be written is said, and waits again: ``pause`` seconds at least.
    """

    def __init__(self, write: WriteDatabase, pause: float) -> None:
        self._write = write
        self._pause = pause
        self._wanted: Snapshot | None = None
        self._begun: Snapshot | None = None
        self._writing: asyncio.Task[DatabaseFile] | None = None
        self._rests_until = 0.0

    def want(self, snapshot: Snapshot | None) -> None:
        """Have that of ``snapshot`` next, in place of what was not begun; ``None`` for nothing."""
        self._wanted = snapshot

    def start(self) -> None:
        """Begin to write what is wanted, once nothing else is being written."""
        self._take_back()
        if asyncio.get_running_loop().time() >= self._rests_until:
            self._begin()

    def _begin(self) -> None:
        if self._writing is None and self._wanted is not None:
            self._begun, self._wanted = self._wanted, None
            self._writing = asyncio.create_task(self._write(self._begun))

    def _take_back(self) -> None:
        """Want again what could not be written, unless something newer is wanted."""
        if self._writing is None or not self._writing.done() or self.ready:
            return
        trouble = self._writing.exception()
        assert trouble is not None
        say_failed(PublicationCode.DATABASE_LATE, trouble)
        self._writing = None
        if self._wanted is None:
            self._wanted = self._begun
        self._rests_until = asyncio.get_running_loop().time() + self._pause

    @property
    def ready(self) -> bool:
        """Whether one is written that no cut took."""
        writing = self._writing
        return writing is not None and writing.done() and writing.exception() is None

    async def finished(self, *, last: bool) -> list[DatabaseFile]:
        """What a cut may list now; the ``last`` one waits for all that is pending.

        Raises:
            Exception: whatever kept one from being written that the last one needs.
        """
        finished = []
        self.start()
        if last:
            self._begin()
        while self._writing is not None and (last or self.ready):
            writing, self._writing = self._writing, None
            finished.append(await writing)
            self._begin()
        return finished

    async def end(self) -> None:
        """Give up what is being written, and what waits."""
        self._wanted = None
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)


class CopiesBeside:
    """Compressed copies of what cuts brought, made beside the next ones, never between two."""

    def __init__(self, compress: Callable[[Iterable[str]], None]) -> None:
        self._compress = compress
        self._names: list[str] = []
        self._compressing: asyncio.Task[None] | None = None

    def add(self, names: Iterable[str]) -> None:
        """Have files compressed as soon as those before are."""
        self._names += names
        if self._compressing is None or self._compressing.done():
            self._compressing = asyncio.create_task(self._compress_all())

    async def _compress_all(self) -> None:
        """Until nothing waits. What cannot be compressed is served without."""
        while self._names:
            names, self._names = self._names, []
            try:
                await asyncio.to_thread(self._compress, names)
            except Exception as trouble:  # noqa: BLE001 - whatever it is, it is said
                say_failed(PublicationCode.NOT_COMPRESSED, trouble)

    async def finish(self) -> None:
        """Wait until all is compressed."""
        if self._compressing is not None:
            await self._compressing
