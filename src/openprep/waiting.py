"""How tasks wait for each other."""

import asyncio
from contextlib import suppress
from typing import Generic, TypeVar

Value = TypeVar("Value")


async def happens_within(seconds: float, event: asyncio.Event) -> bool:
    """Wait for ``event``, so long at most; whether it happened."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


class Latest(Generic[Value]):
    """The newest of what one task has for another: who takes it never sees what it replaced."""

    def __init__(self) -> None:
        self._waiting: list[Value] = []
        self._came = asyncio.Event()

    def put(self, value: Value) -> None:
        """Have ``value`` taken, in place of one that was not."""
        self._waiting = [value]
        self._came.set()

    def put_back(self, value: Value) -> None:
        """Have ``value`` taken again, unless there is a newer one."""
        if not self._waiting:
            self.put(value)

    async def take(self) -> Value:
        """The newest, as soon as there is one that was not taken; for one task only."""
        await self._came.wait()
        self._came.clear()
        return self._waiting.pop()
