"""The real centre, for a house to deliver to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from desks.serving.running import entry_of
from desks.small_house import PLACES
from openprep.center.process import Plan, run_center
from openprep.cuts.signing_key import make_key
from openprep.election import Election
from openprep.hosting import TreeDirectory
from small.publishers import free_port
from transmission.small_center import ELECTION, NOW


@asynccontextmanager
async def published(
    folder: Path, election: Election = ELECTION, now: datetime = NOW
) -> AsyncIterator[tuple[str, TreeDirectory]]:
    """The real centre, and its tree, while it runs; it goes on in a folder that it has."""
    if not folder.exists():
        folder.mkdir()
        make_key(folder / "center.key")
    (folder / "stations.json").write_bytes(msgspec.json.encode([*map(entry_of, PLACES)]))
    plan = Plan(
        election=election,
        data=folder,
        stations=folder / "stations.json",
        clock=lambda: now,
        host="127.0.0.1",
        inbox_port=free_port(),
        tree_port=free_port(),
        live_seconds=0.05,
        with_page=False,
    )
    task = asyncio.create_task(run_center(plan))
    try:
        yield f"http://127.0.0.1:{plan.inbox_port}", TreeDirectory(folder / "public")
    finally:
        task.cancel()
        await asyncio.wait([task])
