"""The process of a house: its desks on one listener, and beside them what leaves for the centre."""

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from aiohttp import web

from openprep.capture.work.policy import Policy
from openprep.clock import Clock
from openprep.coded import counted
from openprep.desks.house import House
from openprep.desks.journal import Journal
from openprep.desks.pictures import Pictures
from openprep.desks.serving.codes import HouseCode, HouseTrouble
from openprep.desks.serving.delivery import Delivery, beside
from openprep.desks.serving.folder import HouseFolder, ticket_secret, working_in
from openprep.desks.serving.places import Places, load_places
from openprep.doors.addresses import telling
from openprep.doors.door import Door, Limits
from openprep.doors.files import allow_files, connections_within
from openprep.election import Election

log = logging.getLogger("openprep.capture")


@dataclass(frozen=True)
class HousePlan:
    """What a house is started with; ``root`` is its own folder.

    Without ``center`` what is sealed waits in the journal.
    """

    election: Election
    root: Path
    places: Path
    clock: Clock
    host: str
    port: int
    center: str | None = None
    policy: Policy | None = None
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True)
class OpenHouse:
    """What the web application of a house is made of."""

    plan: HousePlan
    folder: HouseFolder
    places: Places
    house: House
    pictures: Pictures
    secret: bytes


Desks = Callable[[OpenHouse], AbstractAsyncContextManager[web.Application]]
"""The web application of a house, while it is open."""


def check_secure(host: str, tls: ssl.SSLContext | None) -> None:
    """See that browsers will take what listens there for secure (W3C, Secure Contexts, 3.1).

    Raises:
        HouseTrouble: NOT_SECURE.
    """
    if tls is not None or host == "localhost":
        return
    with suppress(ValueError):
        if ip_address(host).is_loopback:
            return
    raise HouseTrouble(HouseCode.NOT_SECURE, "{host}", host=host)


async def run_house(plan: HousePlan, desks: Desks) -> None:
    """Take steps and deliver them until cancelled; what was begun is finished then.

    Raises:
        HouseTrouble: something must be put right before anybody works here.
        KeyTrouble: the key of a place cannot be used.
        RecordTrouble: the folder cannot be used, or is another election's.
    """
    check_secure(plan.host, plan.tls)
    places = load_places(plan.places, plan.election)
    with working_in(plan.root) as folder:
        secret = ticket_secret(folder.secret)
        journal = _journal(plan, folder, places)
        with closing(journal):
            house = House(
                plan.election,
                places.remits,
                journal,
                clock=plan.clock,
                steady=time.monotonic,
                policy=plan.policy,
            )
            pictures = Pictures(folder.pictures)
            opened = OpenHouse(plan, folder, places, house, pictures, secret)
            async with desks(opened) as app:
                await _serve(opened, app)


def _journal(plan: HousePlan, folder: HouseFolder, places: Places) -> Journal:
    return Journal(folder.journal, plan.election.id, places.keys, plan.clock)


async def _serve(opened: OpenHouse, app: web.Application) -> None:
    plan = opened.plan
    try:
        async with _listening(plan, app) as port:
            with telling(opened.folder.root, plan.host, [port]):
                for line in _started(opened, port):
                    log.info("%s", line)
                _warn(opened.house)
                await _deliver(opened)
    finally:
        await opened.house.finish()


@asynccontextmanager
async def _listening(plan: HousePlan, app: web.Application) -> AsyncIterator[int]:
    """The port on which ``app`` is listened for; afterwards no request is taken any more."""
    limits = Limits()
    door = Door(app, limits, connections_within(allow_files(), 1, limits.connections))
    try:
        try:
            port = await door.open(plan.host, plan.port, plan.tls)
        except OSError as error:
            raise HouseTrouble(
                HouseCode.ADDRESS_TAKEN,
                "{host}:{port}: {error}",
                host=plan.host,
                port=plan.port,
                error=error,
            ) from error
        yield port
    finally:
        await door.close()


async def _deliver(opened: OpenHouse) -> None:
    plan, folder = opened.plan, opened.folder
    if plan.center is None:
        await asyncio.Event().wait()
        return
    with closing(_journal(plan, folder, opened.places)) as own:
        images = opened.pictures.outgoing
        await beside(Delivery(own, images, plan.center, folder.delivery).go_on)


def _started(opened: OpenHouse, port: int) -> Iterator[str]:
    """What who runs the house wants to see once."""
    plan = opened.plan
    kind = "DRILL" if plan.election.drill else "election"
    yield f"{kind} {plan.election.id}, {plan.election.name}"
    scheme = "http" if plan.tls is None else "https"
    host = f"[{plan.host}]" if ":" in plan.host else plan.host
    yield f"desks are at {scheme}://{host}:{port}/"
    yield f"{counted(len(opened.places.keys), 'place')}: {', '.join(opened.places.keys)}"
    waits = counted(opened.house.pending, "envelope")
    yield f"centre: {plan.center or 'none, all waits here'}; {waits} pending"


def _warn(house: House) -> None:
    for contest, count in sorted(house.floor.short_of_places().items()):
        code = HouseCode.SHORT_OF_PLACES
        actas = counted(count, "acta")
        log.warning("%s", code.of("{contest}: {actas}", contest=contest, actas=actas))
