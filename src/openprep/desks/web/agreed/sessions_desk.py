"""What takes two people: opening and closing the house, ending a session, shutting somebody out."""

from aiohttp import web

from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.house import House
from openprep.desks.web.agreed.agreeing import Agreements, EndingSession, Turning
from openprep.desks.web.pages import Pages, lead_to
from openprep.desks.web.people import People
from openprep.desks.web.routes import Route
from openprep.desks.web.visit import Visit
from openprep.people.codes import ConsentRefused
from openprep.people.permissions import Act, allows

SESSIONS = "/sesiones"
OPEN = SESSIONS + "/abrir"
CLOSE = SESSIONS + "/cerrar"
ASK = SESSIONS + "/pedir"
AGREE = SESSIONS + "/acordar"
WITHDRAW = SESSIONS + "/retirar"


class SessionsDesk:
    """The page at which two people decide of the house and of who works in it."""

    def __init__(self, house: House, people: People, pages: Pages, agreements: Agreements) -> None:
        self._house = house
        self._people = people
        self._pages = pages
        self._agreements = agreements
        agreements.offer(Act.OPEN_HOUSE, Turning(house, "open_house", opens=True))
        agreements.offer(Act.CLOSE_HOUSE, Turning(house, "close_house", opens=False))
        agreements.offer(Act.REVOKE_SESSION, EndingSession(house, people))

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages."""
        return (
            Route("GET", SESSIONS, Act.CONSENT, self.show, desk=True),
            Route("POST", OPEN, Act.OPEN_HOUSE, self.ask_to_open),
            Route("POST", CLOSE, Act.CLOSE_HOUSE, self.ask_to_close),
            Route("POST", ASK, Act.REVOKE_SESSION, self.ask_to_end),
            Route("POST", AGREE, Act.CONSENT, self.agree),
            Route("POST", WITHDRAW, Act.CONSENT, self.withdraw),
        )

    async def show(self, visit: Visit) -> web.Response:
        """Whether the house is open, who is signed in, and what waits for a second person."""
        return self._page(visit)

    async def ask_to_open(self, visit: Visit) -> web.Response:
        """Ask that work begins."""
        return self._asked(visit, Act.OPEN_HOUSE)

    async def ask_to_close(self, visit: Visit) -> web.Response:
        """Ask that work ends."""
        return self._asked(visit, Act.CLOSE_HOUSE)

    async def ask_to_end(self, visit: Visit) -> web.Response:
        """Ask for the end of a session."""
        named = visit.form.one("sesion")
        if named not in {one.id for one in self._people.everybody()}:
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "no such session")
        return self._asked(visit, Act.REVOKE_SESSION, named)

    def _asked(self, visit: Visit, act: Act, about: str = "") -> web.Response:
        try:
            self._agreements.ask(visit, act, about)
        except ConsentRefused as error:
            return self._page(visit, error.code.code, 422)
        return lead_to(SESSIONS)

    async def withdraw(self, visit: Visit) -> web.Response:
        """Ask for it no more."""
        self._agreements.withdraw(visit, visit.form.one("acuerdo"))
        return lead_to(SESSIONS)

    async def agree(self, visit: Visit) -> web.Response:
        """Agree to what another asked for, which is done with it."""
        try:
            await self._agreements.agree(visit, visit.form.one("acuerdo"))
        except ConsentRefused as error:
            return self._page(visit, error.code.code, 422)
        return lead_to(SESSIONS)

    def _page(self, visit: Visit, told: str = "", status: int = 200) -> web.Response:
        everybody = self._people.everybody()
        return self._pages.give(
            visit,
            "sessions",
            status,
            sessions=sorted(everybody, key=lambda one: (one.place, one.sign_in)),
            waiting=self._agreements.waiting(visit),
            may_ask=allows(visit.who.role, Act.REVOKE_SESSION),
            told=told,
        )
