"""The desks of an open house: its people, what they typed, and the pages that they work at."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from openprep.desks.drafts import Drafts
from openprep.desks.serving.entering import HousePeople
from openprep.desks.serving.process import OpenHouse
from openprep.desks.web.application import CaptureRoom, capture_application
from openprep.people.sessions import Sessions


@dataclass(frozen=True)
class Entry:
    """Who may come in, and where: the signed list, the key that signs it, and the addresses.

    ``origins`` are as browsers write them, ``https://captura.ine.mx``.
    """

    roster: Path
    authority: Path
    origins: frozenset[str]

    @asynccontextmanager
    async def desks(self, opened: OpenHouse) -> AsyncIterator[web.Application]:
        """The desks, for whoever is on the list.

        Raises:
            RosterRefused: the list or its key cannot be used.
            RecordTrouble: sessions or drafts cannot be kept.
        """
        plan, folder = opened.plan, opened.folder
        sessions = Sessions(folder.sessions, plan.election.id, clock=plan.clock)
        people = HousePeople(sessions, self.roster, self.authority, plan.clock)
        with closing(people), closing(Drafts(folder.drafts, plan.election.id)) as drafts:
            await people.take_list()
            keeping_up = asyncio.create_task(people.keep_up())
            try:
                yield capture_application(
                    CaptureRoom(
                        house=opened.house,
                        people=people,
                        pictures=opened.pictures,
                        drafts=drafts,
                        secret=opened.secret,
                        origins=self.origins,
                    )
                )
            finally:
                keeping_up.cancel()
