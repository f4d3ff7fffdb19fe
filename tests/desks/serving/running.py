"""A house as its process opens it, with the small house's places made on disk."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from desks.small_house import OPENED, PLACES
from openprep.capture.steps import AnyStep
from openprep.desks.house import House, Worker
from openprep.desks.serving.folder import HouseFolder
from openprep.desks.serving.process import Desks, HousePlan, OpenHouse, run_house
from openprep.doors.addresses import is_listened_on
from openprep.private import create_private
from openprep.transmission.keys import Enrolled, line_of, public_half
from small.publishers import free_port, until
from transmission.small_center import ELECTION, KEYS, NOW, REMITS


def make_places(folder: Path, places: Iterable[str] = PLACES) -> Path:
    """The folder that `station init` would have made, with the keys that the centre knows."""
    folder.mkdir()
    for place in places:
        create_private(folder / f"{place}.key", KEYS[place].private_bytes_raw().hex().encode())
        (folder / f"{place}.entry.json").write_bytes(line_of(entry_of(place)))
    return folder


def entry_of(place: str) -> Enrolled:
    remit = REMITS[place]
    reports, corrects, captures = (
        tuple(sorted(reach.scopes)) for reach in (remit.reports, remit.corrects, remit.captures)
    )
    return Enrolled(place, place, public_half(KEYS[place]), reports, corrects, captures)


def plan_of(folder: Path, **changes: Any) -> HousePlan:
    """A house in ``folder`` on a free port."""
    values: dict[str, Any] = {
        "election": ELECTION,
        "root": folder / "house",
        "places": folder / "places",
        "clock": lambda: NOW,
        "host": "127.0.0.1",
        "port": free_port(),
    }
    return HousePlan(**{**values, **changes})


@dataclass
class Running:
    """A house at work, and how it ends."""

    opened: OpenHouse
    task: asyncio.Task[None]

    @property
    def house(self) -> House:
        return self.opened.house

    @property
    def folder(self) -> HouseFolder:
        return self.opened.folder

    async def open(self) -> None:
        """Two people open it, if it is not open."""
        if not self.house.doors.is_open:
            await self.house.act("D01", OPENED)

    async def take(self, step: AnyStep, place: str) -> object:
        return await self.house.take(Worker(step.by, step.session, place), step)


@asynccontextmanager
async def no_desks(opened: OpenHouse) -> AsyncIterator[web.Application]:
    """An application of one page, that says how many steps are pending."""

    async def pending(_: web.Request) -> web.Response:
        return web.Response(text=str(opened.house.pending))

    app = web.Application()
    app.router.add_get("/", pending)
    yield app


@asynccontextmanager
async def running(
    plan: HousePlan, desks: Desks = no_desks, *, opened: bool = True
) -> AsyncIterator[Running]:
    """The process of a house, until the block ends; as SIGTERM ends it. Two people open it."""
    made: list[OpenHouse] = []

    def noted(opened: OpenHouse) -> AbstractAsyncContextManager[web.Application]:
        made.append(opened)
        return desks(opened)

    task = asyncio.create_task(run_house(plan, noted))
    where = plan.root, plan.host, plan.port
    await until(lambda: task.done() or (made and is_listened_on(*where)), "the house")
    if task.done():
        await task
    try:
        house = Running(made[0], task)
        if opened:
            await house.open()
        yield house
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled(), task
