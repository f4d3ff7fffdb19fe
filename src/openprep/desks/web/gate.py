"""The gate of all pages: origin, form, session and right are seen to before a handler is called."""

import asyncio
import hmac
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from openprep.coded import CodedError
from openprep.desks.codes import DeskCode, NotGiven, PageCode
from openprep.desks.house import Hours, House, NotSealed
from openprep.desks.web.cookies import SESSION, VISIT, Cookies, is_bound_to, token_of
from openprep.desks.web.pages import ALWAYS, NO_CAMERA, NOT_KEPT, Pages, lead_to, status_of
from openprep.desks.web.people import People, end_session
from openprep.desks.web.routes import Open, Route, Routes
from openprep.desks.web.texts.said import preferred
from openprep.desks.web.visit import NO_FORM, Form, Visit
from openprep.digitising.codes import DigitisingCode, NotDigitised
from openprep.digitising.digitised import MOST_BYTES
from openprep.doors.bodies import Arrival, GaveWay, Pace, TooLarge, TooSlow
from openprep.doors.door import Handler, network_behind
from openprep.people.session_file import Session

LOG = logging.getLogger("openprep.desks")

FORM = Pace(size=64 * 1024, seconds=30.0)
"""A form of 200 fields is 8 kB."""

UPLOAD = Pace(size=MOST_BYTES + FORM.size, seconds=300.0)
UPLOADS_AT_ONCE = 4

_BOUNDARY = re.compile(r'(?i)boundary="?([A-Za-z0-9\'()+_,./:=?-]{1,70})')

SIGN_IN = "/entrar"
AGAIN = "otra-vez"
SIGN_IN_AGAIN = f"{SIGN_IN}?{AGAIN}"
FITS = "ficha"
"""The field of every form by which it is known for one of this browser's."""

DRAWN = 24
"""Bytes of what tells a browser from another."""

STATUSES = {
    PageCode.NO_SUCH_PAGE: 404,
    PageCode.NOT_FROM_HERE: 403,
    PageCode.NOT_OF_THIS_PAGE: 400,
    PageCode.NO_IMAGE: 404,
    PageCode.FAULT: 500,
    PageCode.DISPUTE_OVER: 409,
    DeskCode.NO_TICKET: 403,
    DeskCode.NOT_OPEN: 409,
    DeskCode.SHUT_OUT: 403,
}


@dataclass(frozen=True)
class Doorway:
    """Where a house is reached: ``origins`` as browsers write them, ``https://captura.ine.mx``.

    ``secret`` is the house's own, and ``draw`` gives so many random bytes.
    """

    origins: frozenset[str]
    secret: bytes
    draw: Callable[[int], bytes]

    @property
    def is_secure(self) -> bool:
        """Whether all of it is reached over TLS."""
        return all(origin.startswith("https://") for origin in self.origins)


class Gate:
    """What every request passes, and every answer."""

    def __init__(
        self,
        routes: Routes,
        people: People,
        house: House,
        doorway: Doorway,
        cookies: Cookies,
        pages: Pages,
    ) -> None:
        self._routes = routes
        self._people = people
        self._house = house
        self._doorway = doorway
        self._hosts = {origin.partition("://")[2] for origin in doorway.origins}
        self._cookies = cookies
        self._pages = pages
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)

    @web.middleware
    async def attend(self, request: web.Request, handler: Handler) -> web.StreamResponse:  # noqa: ARG002 - as aiohttp calls it
        """Answer a request; the handler that aiohttp found is nobody's."""
        drawn = self._cookies.read(request, VISIT)
        browser = drawn or self._doorway.draw(DRAWN).hex()
        language = self._cookies.language(request) or preferred(
            request.headers.get("Accept-Language", "")
        )
        visit = Visit(request, language, self._fitting(browser), None)
        response = await self._answered(visit)
        if not drawn:
            self._cookies.keep(response, VISIT, browser)
        for name, value in ALWAYS.items():
            response.headers[name] = value
        for name, value in {"Cache-Control": NOT_KEPT, **NO_CAMERA}.items():
            response.headers.setdefault(name, value)
        return response

    async def _answered(self, visit: Visit) -> web.Response:
        try:
            token = await self._token(visit.request, visit.fits)
            return await self._answer(replace(visit, session=self._session(token), token=token))
        except CodedError as error:
            return self.told(visit, error)
        except Exception:
            LOG.exception("%s %s", visit.request.method, _pattern(visit.request))
            self._house.incidents.count[PageCode.FAULT.code] += 1
            return self.told(visit, NotGiven(PageCode.FAULT, "a fault"))

    async def _answer(self, visit: Visit) -> web.Response:
        request = visit.request
        if request.host not in self._hosts:
            raise NotGiven(PageCode.NOT_FROM_HERE, "another host")
        route = self._routes.of(request)
        if route is None:
            raise NotGiven(PageCode.NO_SUCH_PAGE, "no such page")
        if request.method == "POST":
            self._check_origin(request)
            if not route.takes_file:
                visit = await self._with_form(visit)
        if visit.session is None and route.needs is not Open.TO_ALL:
            return await self._not_signed_in(visit, route)
        if not route.is_for(visit.session.role if visit.session else None):
            raise NotGiven(PageCode.NO_SUCH_PAGE, "not for this role")
        if self._house.hours is Hours.CLOSED and not route.is_while_closed:
            return await self._not_open(visit, route)
        if route.takes_file:
            async with self._uploads:
                with self._house.incidents.noting():
                    visit = await self._with_file(visit)
        return await route.handler(visit)

    async def _not_signed_in(self, visit: Visit, route: Route) -> web.Response:
        if route.left is None:
            return lead_to(SIGN_IN)
        return await route.left(visit)

    async def _not_open(self, visit: Visit, route: Route) -> web.Response:
        """What is typed is kept for who typed it, and nothing is sealed."""
        if route.left is None:
            raise NotSealed(DeskCode.NOT_OPEN, "not open")
        await route.left(visit)
        return lead_to("/")

    async def _token(self, request: web.Request, fits: str) -> str:
        """The token of this browser's session; one that was given to another ends with this.

        Somebody has a copy of it: whoever signed in signs in again, and finds what they typed.
        """
        kept = self._cookies.read(request, SESSION)
        token = token_of(kept)
        if not token or is_bound_to(fits, kept):
            return token
        session = self._people.session_of(token)
        if session is not None:
            LOG.warning("session %s came from another browser, and is over", session.id)
            await end_session(self._people, self._house, token, session.person)
        return ""

    def _session(self, token: str) -> Session | None:
        """Whose request it is, if they work in a place of this house and are not shut out."""
        session = self._people.session_of(token) if token else None
        if session is None or session.place not in self._house.places:
            return None
        shut = self._house.doors.are_shut_to(session.person, session.place)
        return None if shut else session

    def _check_origin(self, request: web.Request) -> None:
        """A form comes from a page of ours (https://www.w3.org/TR/fetch-metadata)."""
        origin, site = (request.headers.get(name) for name in ("Origin", "Sec-Fetch-Site"))
        ours = site == "same-origin" if origin is None else origin in self._doorway.origins
        if not ours or site not in (None, "same-origin"):
            raise NotGiven(PageCode.NOT_FROM_HERE, "another origin")

    async def _with_form(self, visit: Visit) -> Visit:
        request = visit.request
        if request.content_type != "application/x-www-form-urlencoded":
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "no form")
        try:
            body = await Arrival(network_behind(request)).read(request, FORM)
        except (TooLarge, TooSlow, GaveWay) as error:
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "too large or too slow") from error
        return _with(visit, Form.of(body) if body else NO_FORM)

    async def _with_file(self, visit: Visit) -> Visit:
        """The visit with a form that brings a file, of somebody who may bring one."""
        request = visit.request
        kind = request.headers.get("Content-Type", "")
        boundary = _BOUNDARY.search(kind)
        if request.content_type != "multipart/form-data" or boundary is None:
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "no form with a file")
        try:
            body = await Arrival(network_behind(request)).read(request, UPLOAD)
        except TooLarge as error:
            raise NotDigitised(DigitisingCode.TOO_LARGE, "a file") from error
        except (TooSlow, GaveWay) as error:
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "too slow") from error
        return _with(visit, Form.of_parts(body, boundary[1]))

    def _fitting(self, browser: str) -> str:
        said = b"openprep/form/v1\n" + browser.encode(errors="replace")
        return hmac.digest(self._doorway.secret, said, "sha256").hex()

    def told(self, visit: Visit, error: CodedError[Any]) -> web.Response:
        """A page that says why not: the code and one sentence, whatever was asked for."""
        status = STATUSES.get(error.code, status_of(error))
        return self._pages.give(visit, "told", status, code=error.code.code)


def _with(visit: Visit, form: Form) -> Visit:
    """The visit with its form, if that is one of this browser's."""
    fits = form.one(FITS).encode(errors="replace")
    if not hmac.compare_digest(fits, visit.fits.encode()):
        raise NotGiven(PageCode.NOT_FROM_HERE, "a form of another browser")
    return replace(visit, form=form)


def _pattern(request: web.Request) -> str:
    """The path as the table has it: what stands in a path may be a ticket."""
    resource = request.match_info.route.resource
    return "?" if resource is None else resource.canonical
