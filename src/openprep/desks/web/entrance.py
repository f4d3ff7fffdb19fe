"""Coming in, going out, and the first page of each role."""

from aiohttp import web

from openprep.coded import CodedError
from openprep.desks.house import Hours, House
from openprep.desks.web.cookies import LANGUAGE, MACHINE, SESSION, YEAR, Cookies, bound_to
from openprep.desks.web.gate import AGAIN, SIGN_IN
from openprep.desks.web.pages import Pages, lead_to
from openprep.desks.web.people import People, end_session
from openprep.desks.web.routes import Open, Route
from openprep.desks.web.texts.said import Language
from openprep.desks.web.visit import Visit
from openprep.people.sign_in import Asked

HOME = "/"
SIGN_OUT = "/salir"
CHOOSE_LANGUAGE = "/idioma"
STATUS_REFUSED = 403


class Entrance:
    """The pages before and around those of a desk. ``desks`` are the rows of all desks."""

    def __init__(
        self,
        house: House,
        people: People,
        cookies: Cookies,
        pages: Pages,
        desks: tuple[Route, ...],
    ) -> None:
        self._house = house
        self._people = people
        self._cookies = cookies
        self._pages = pages
        self._desks = desks

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages."""
        return (
            Route("GET", HOME, Open.SIGNED_IN, self.home),
            Route("GET", SIGN_IN, Open.TO_ALL, self.show),
            Route("POST", SIGN_IN, Open.TO_ALL, self.sign_in),
            Route("POST", SIGN_OUT, Open.SIGNED_IN, self.sign_out),
            Route("POST", CHOOSE_LANGUAGE, Open.TO_ALL, self.choose_language),
        )

    async def home(self, visit: Visit) -> web.Response:
        """The desks that are for a role, now."""
        role = visit.who.role
        closed = self._house.hours is Hours.CLOSED
        desks = [
            row
            for row in self._desks
            if row.desk and row.is_for(role) and (row.is_while_closed or not closed)
        ]
        return self._pages.give(visit, "home", desks=desks)

    async def show(self, visit: Visit) -> web.Response:
        """The page to sign in; whose session ended while typing is told what became of it."""
        if visit.session is not None:
            return lead_to(HOME)
        return self._sign_in_page(visit)

    async def sign_in(self, visit: Visit) -> web.Response:
        """Begin a session, in which the one before ends."""
        form, request = visit.form, visit.request
        machine = self._cookies.read(request, MACHINE)
        asked = Asked(
            form.one("nombre"), form.one("clave"), form.one("codigo"), form.one("lugar"), machine
        )
        try:
            begun = await self._people.sign_in(asked)
        except CodedError as error:
            seconds = round(max(1.0, getattr(error, "again_in", 0.0)))
            return self._sign_in_page(visit, error.code.code, seconds)
        if visit.session is not None:
            await end_session(self._people, self._house, visit.token, visit.session.person)
        response = lead_to(HOME)
        self._cookies.keep(response, SESSION, bound_to(visit.fits, begun.token))
        if begun.machine is not None:
            self._cookies.keep(response, MACHINE, begun.machine, YEAR)
        return response

    async def sign_out(self, visit: Visit) -> web.Response:
        """End the session, and give back what was lent in it."""
        await end_session(self._people, self._house, visit.token, visit.who.person)
        response = lead_to(SIGN_IN)
        response.headers["Clear-Site-Data"] = '"cache"'
        self._cookies.drop(response, SESSION)
        return response

    async def choose_language(self, visit: Visit) -> web.Response:
        """Keep a language for this browser."""
        chosen = visit.form.one("idioma")
        response = lead_to(HOME if visit.session is not None else SIGN_IN)
        if chosen in (language.value for language in Language):
            self._cookies.keep(response, LANGUAGE, chosen, YEAR)
        return response

    def _sign_in_page(self, visit: Visit, code: str = "", seconds: int = 0) -> web.Response:
        """Nothing typed comes back: the next person at this machine would see it."""
        return self._pages.give(
            visit,
            "sign_in",
            STATUS_REFUSED if code else 200,
            again=not code and AGAIN in visit.request.query,
            code=code,
            seconds=seconds,
            places=sorted(self._house.places),
        )
