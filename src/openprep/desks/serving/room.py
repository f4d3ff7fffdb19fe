"""The desks of an open house: its people, what they typed, and the pages that they work at."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from aiohttp import web

from openprep.desks.delivery_note import read_note
from openprep.desks.drafts import Drafts
from openprep.desks.serving.codes import HouseCode, HouseTrouble
from openprep.desks.serving.entering import HousePeople
from openprep.desks.serving.process import OpenHouse
from openprep.desks.web.application import CaptureRoom, capture_application
from openprep.desks.web.form_places import FormPlaces
from openprep.desks.web.paper.scanner import ScannerFolder
from openprep.digitising.digitiser import Digitiser
from openprep.people.sessions import Sessions
from openprep.transmission.keys import load_station_key
from openprep.wire.note import Verifier


@dataclass(frozen=True)
class Entry:
    """Who may come in, and where: the signed list, the key that signs it, and the addresses.

    ``origins`` are as browsers write them, ``https://captura.ine.mx``. ``label_key`` is the file of
    the key that signs the identities of actas; without it no code is believed. ``scanners`` are the
    folders of scanners, by place. ``log`` are the keys of the publication log.
    """

    roster: Path
    authority: Path
    origins: frozenset[str]
    label_key: Path | None = None
    scanners: Mapping[str, Path] = field(default_factory=dict)
    log: Sequence[Verifier] = ()

    @asynccontextmanager
    async def desks(self, opened: OpenHouse) -> AsyncIterator[web.Application]:
        """The desks, for whoever is on the list.

        Raises:
            RosterRefused: the list or its key cannot be used.
            RecordTrouble: sessions or drafts cannot be kept.
            KeyTrouble: the key of labels cannot be used.
            NotDigitised: NO_DECODER.
            HouseTrouble: NO_SUCH_PLACE, of a scanner.
        """
        plan, folder = opened.plan, opened.folder
        for place in self.scanners:
            if place not in opened.places.keys:
                raise HouseTrouble(HouseCode.NO_SUCH_PLACE, "{place}", place=place)
        label_key = None if self.label_key is None else load_station_key(self.label_key)
        sessions = Sessions(folder.sessions, plan.election.id, clock=plan.clock)
        people = HousePeople(sessions, self.roster, self.authority, plan.clock)
        async with AsyncExitStack() as open_:
            open_.enter_context(closing(people))
            drafts = open_.enter_context(closing(Drafts(folder.drafts, plan.election.id)))
            digitiser = await open_.enter_async_context(Digitiser())
            await people.take_list()
            await people.go_by(opened.house.doors.out)
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
                        digitiser=digitiser,
                        label_key=label_key,
                        places=FormPlaces(plan.election, opened.pictures),
                        scanners={
                            place: ScannerFolder(root) for place, root in self.scanners.items()
                        },
                        note=partial(read_note, folder.delivery),
                        log=self.log,
                    )
                )
            finally:
                keeping_up.cancel()
