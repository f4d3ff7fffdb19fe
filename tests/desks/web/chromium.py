"""A browser before the pages of a small house whose form has 25 fields."""

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from aiohttp.test_utils import TestServer, unused_port
from msgspec.structs import replace

from desks.web.room import SmallRoom
from openprep.capture.reading import AMOUNTS
from openprep.desks.ticket import Ticket
from openprep.desks.web.sheet import Box
from openprep.election import Candidacy, Column, ColumnKind, Contest, Party
from small.election import small_election
from transmission.small_center import ELECTION

Answer = TypeVar("Answer")

FIELDS = 25
PARTIES = tuple(f"PARTIDO_{number}" for number in range(FIELDS - 2 - len(AMOUNTS)))


def _wide_contest() -> Contest:
    columns = (
        *(Column(name, ColumnKind.PARTY, (name,)) for name in PARTIES),
        Column("NO_REGISTRADAS", ColumnKind.UNREGISTERED),
        Column("NULOS", ColumnKind.NULL),
    )
    running = tuple(Candidacy(name, name.title(), "", (name,)) for name in PARTIES)
    areas = {"001": running, "002": running, "000": running}
    return replace(ELECTION.contests["AYUN"], columns=columns, candidacies=areas)


WIDE = small_election(
    contests={"AYUN": _wide_contest()},
    parties={name: Party(name, name.title(), "#336699") for name in PARTIES},
)
"""The small election with a form of 25 fields."""


def rows_on(ticket: Ticket) -> dict[str, Box]:
    """Every field in a row of its own, one below the other."""
    names = [*(f"votes.{number}" for number in range(FIELDS - len(AMOUNTS))), *AMOUNTS]
    return {name: Box(0.5, at / FIELDS, 0.4, 1 / FIELDS) for at, name in enumerate(names)}


class Live:
    """A house that is served from a thread of its own, for a browser that waits for answers."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        port = unused_port()
        self.url = f"http://localhost:{port}"
        origins = frozenset({self.url})
        self.room = SmallRoom(folder, election=WIDE, origins=origins, places=rows_on)
        self._server = TestServer(self.room.app(), host="127.0.0.1", port=port)
        self.run(self._server.start_server())

    def run(self, doing: Coroutine[Any, Any, Answer]) -> Answer:
        """What comes of it, on the house's own loop."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(60)

    def close(self) -> None:
        self.run(self._server.close())
        self.room.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
