"""Writing together: what many ask for at the same time is written with one flush of the disk.

A flush takes milliseconds, whatever it flushes. Whoever asks while one is under way waits for it,
and goes with the next, with all others who did.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")

MOST = 64
"""Most that are written in one go."""


class Together(Generic[Asked]):
    """Has ``write`` done in a thread, for all who ask meanwhile: in their order, all or nothing."""

    def __init__(self, write: Callable[[Sequence[Asked]], None]) -> None:
        self._write = write
        self._waiting: list[tuple[Asked, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, asked: Asked) -> None:
        """Write it, durable when this returns.

        Raises:
            Exception: what ``write`` raises of it; it was not written.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._go_on())
        await done

    async def _go_on(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._write_all(batch)
        finally:
            self._writing = None

    async def _write_all(self, batch: list[tuple[Asked, "asyncio.Future[None]"]]) -> None:
        try:
            await asyncio.to_thread(self._write, [asked for asked, _ in batch])
        except Exception as error:  # noqa: BLE001 - it is told to whoever asked
            if len(batch) > 1:  # one of them may be the reason: each alone
                for one in batch:
                    await self._write_all([one])
                return
            self._answer(batch, error)
        else:
            self._answer(batch, None)

    def _answer(
        self, batch: list[tuple[Asked, "asyncio.Future[None]"]], error: Exception | None
    ) -> None:
        for _, done in batch:
            if done.done():  # whoever asked went away
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
