"""Snapshots of the record, made beside whatever else goes on by processes of their own.

A child reads the record as a start does, so that nothing waits for it, and what stands in this
process's memory is never written.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec

from openprep.election import Rules
from openprep.record import snapshot
from openprep.record.ledger import Ledger

log = logging.getLogger("openprep.record")

LOOK = 60.0
"""Seconds between two looks at how much was recorded: no snapshot follows another sooner."""
LEAST = 2_000
"""Events that are folded in a moment: fewer make no snapshot worth its time."""
PART = 4
"""One in so many of the events may be newer than the snapshot, so that all cost what one does."""
MOST_AT_THE_END = 20.0
"""Seconds that the end of a process waits for its last snapshot."""


@asynccontextmanager
async def keeping_snapshots(ledger: Ledger, rules: Rules) -> AsyncIterator[None]:
    """Have snapshots of the ledger's record made meanwhile, and a last one at the end."""
    snapshots = _Snapshots(ledger, rules)
    task = asyncio.create_task(snapshots.keep())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(MOST_AT_THE_END):
                await snapshots.make_if_behind(LEAST)


class _Snapshots:
    """The snapshots of one record, one after the other."""

    def __init__(self, ledger: Ledger, rules: Rules) -> None:
        self._ledger = ledger
        self._rules = msgspec.json.encode(rules).decode()
        self._made = snapshot.position_of(ledger.record.path)

    async def keep(self) -> None:
        """Make one whenever enough was recorded since the one before, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.make_if_behind(max(LEAST, self._made // PART))

    async def make_if_behind(self, events: int) -> None:
        """Make one if so many events are newer than the one before."""
        position = self._ledger.state.position
        if position - self._made >= events and await self._make():
            self._made = position

    async def _make(self) -> bool:
        """Have one made; whether it was. Why not is said, and the next look tries it again."""
        path = self._ledger.record.path
        try:
            status = await self._end_of_child(path)
        except Exception as trouble:  # noqa: BLE001 - whatever it is, cuts and inbox go on
            log.info("no snapshot of %s was made: %s", path, trouble)
            return False
        if status:
            log.info("no snapshot of %s was made: its process ended with %d", path, status)
        return not status

    async def _end_of_child(self, path: Path) -> int:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            snapshot.__name__,
            path,
            self._rules,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return await child.wait()
        except BaseException:
            child.kill()
            await child.wait()
            raise
