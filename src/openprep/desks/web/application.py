"""The web application of a house, made of its table of routes and the gate before them."""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.capture.reading import FieldName
from openprep.desks.delivery_note import DeliveryNote
from openprep.desks.drafts import Drafts
from openprep.desks.house import House
from openprep.desks.pictures import Pictures
from openprep.desks.ticket import Ticket, TicketOffice
from openprep.desks.web.agreed.agreeing import Agreements
from openprep.desks.web.agreed.sessions_desk import SessionsDesk
from openprep.desks.web.arbitration_desk import ArbitrationDesk
from openprep.desks.web.capturing.capture_desk import CaptureDesk
from openprep.desks.web.capturing.lesson_desk import Lesson
from openprep.desks.web.capturing.sample_readings import SampleReadings
from openprep.desks.web.capturing.sources import Captures
from openprep.desks.web.cookies import Cookies
from openprep.desks.web.entrance import Entrance
from openprep.desks.web.gate import Doorway, Gate
from openprep.desks.web.overview.overview_desk import Note, OverviewDesk
from openprep.desks.web.overview.sample_desk import SampleDesk
from openprep.desks.web.pages import STATIC, Pages
from openprep.desks.web.paper.checking_desk import CheckingDesk
from openprep.desks.web.paper.digitising_desk import DigitisingDesk
from openprep.desks.web.paper.finding import Finder
from openprep.desks.web.paper.identifying_desk import IdentifyingDesk
from openprep.desks.web.paper.reception_desk import ReceptionDesk
from openprep.desks.web.paper.scanner import ScannerFolder
from openprep.desks.web.people import People
from openprep.desks.web.resuming import Resuming
from openprep.desks.web.routes import Open, Route, Routes
from openprep.desks.web.sheet import Box, FieldPlaces
from openprep.desks.web.work import IMAGE, Work
from openprep.digitising.digitiser import Digitiser
from openprep.wire.note import Verifier


def nowhere(ticket: Ticket) -> Mapping[FieldName, Box]:  # noqa: ARG001 - as FieldPlaces
    """Of no image it is known where its fields stand."""
    return {}


@dataclass(frozen=True)
class CaptureRoom:
    """All that the pages of a house are made of.

    ``origins`` are the addresses under which browsers reach it. ``secret`` (32 random bytes) is the
    house's own and stays the same over a restart, so that pages that are open go on. ``places``
    tells where the fields of an acta stand on its image. Without a ``digitiser`` no image is taken,
    and without a ``label_key`` no code of an acta is believed and no label is printed.
    ``scanners`` are the folders of scanners, by place. ``note`` tells how the delivery stands.
    ``log`` are the keys of the publication log: without one a sample is drawn by any checkpoint.
    """

    house: House
    people: People
    pictures: Pictures
    drafts: Drafts
    secret: bytes
    origins: frozenset[str]
    places: FieldPlaces = nowhere
    digitiser: Digitiser | None = None
    scanners: Mapping[str, ScannerFolder] = field(default_factory=dict)
    label_key: Ed25519PrivateKey | None = None
    note: Note = DeliveryNote
    log: Sequence[Verifier] = ()
    draw: Callable[[int], bytes] = secrets.token_bytes


def routes_of(room: CaptureRoom, work: Work, pages: Pages, cookies: Cookies) -> Routes:
    """The table of routes of a house: each with the act that it needs."""
    key = room.label_key
    election = room.house.election
    lesson = Lesson(election, pages, room.secret, room.house.steady)
    finder = Finder(room.house.election, None if key is None else key.public_key())
    agreements = Agreements(room.house, room.people)
    desks = (
        *ReceptionDesk(room.house, pages, finder, key, room.digitiser).rows(),
        *DigitisingDesk(
            room.house, room.pictures, pages, finder, room.digitiser, room.scanners
        ).rows(),
        *CheckingDesk(work, pages, room.places, agreements).rows(),
        *IdentifyingDesk(room.house, room.pictures, pages, finder).rows(),
        *OverviewDesk(room.house, pages, room.note).rows(),
        *SessionsDesk(room.house, room.people, pages, agreements).rows(),
        *CaptureDesk(Captures(work, pages, room.places), pages, room.house.election).rows(),
        *ArbitrationDesk(work, pages, room.places, room.secret).rows(),
        *CaptureDesk(SampleReadings(work, pages, room.places), pages, election).rows(),
        *SampleDesk(room.house, pages, room.log).rows(),
        *CaptureDesk(lesson, pages, election).rows(),
        *lesson.rows(),
    )
    return Routes(
        (
            *Entrance(room.house, room.people, cookies, pages, desks).rows(),
            Route("GET", STATIC, Open.TO_ALL, pages.file),
            Route("GET", IMAGE, Open.SIGNED_IN, work.image),
            *desks,
        )
    )


def capture_application(room: CaptureRoom) -> web.Application:
    """The application; what was confirmed before the house was killed is sealed by it."""
    pages = Pages(room.house)
    doorway = Doorway(room.origins, room.secret, room.draw)
    cookies = Cookies(secure=doorway.is_secure)
    work = Work(room.house, room.drafts, room.pictures, TicketOffice(room.secret))
    routes = routes_of(room, work, pages, cookies)
    gate = Gate(routes, room.people, room.house, doorway, cookies, pages)
    app = web.Application(middlewares=[gate.attend])
    routes.register(app)

    async def resume(_: web.Application) -> AsyncIterator[None]:
        async with Resuming(work).going_on():
            yield

    app.cleanup_ctx.append(resume)
    return app
