"""Ending somebody's session: one person asks for it, another agrees, and it is over at once."""

import asyncio
import secrets

from aiohttp import web

from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.house import House
from openprep.desks.web.pages import Pages, lead_to
from openprep.desks.web.people import People
from openprep.desks.web.routes import Route
from openprep.desks.web.visit import Visit
from openprep.people.codes import ConsentRefused
from openprep.people.consent import Consents
from openprep.people.permissions import Act, allows
from openprep.people.session_file import Session

SESSIONS = "/sesiones"
ASK = SESSIONS + "/pedir"
AGREE = SESSIONS + "/acordar"
WITHDRAW = SESSIONS + "/retirar"


class SessionsDesk:
    """The pages at which sessions are ended by two people."""

    def __init__(self, house: House, people: People, pages: Pages) -> None:
        self._house = house
        self._people = people
        self._pages = pages
        self._consents = Consents()

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages."""
        return (
            Route("GET", SESSIONS, Act.CONSENT, self.show, desk=True),
            Route("POST", ASK, Act.REVOKE_SESSION, self.ask),
            Route("POST", AGREE, Act.CONSENT, self.agree),
            Route("POST", WITHDRAW, Act.REVOKE_SESSION, self.withdraw),
        )

    async def show(self, visit: Visit) -> web.Response:
        """Who is signed in, and what waits for a second person."""
        return self._page(visit)

    async def ask(self, visit: Visit) -> web.Response:
        """Ask for the end of a session; until another agrees nothing happens."""
        session = self._session(visit.form.one("sesion"))
        who = visit.who
        asked = (Act.REVOKE_SESSION, session.id, who.person, who.role)
        try:
            self._consents.ask(secrets.token_hex(16), *asked, _now())
        except ConsentRefused as error:
            return self._page(visit, error.code.code, 422)
        return lead_to(SESSIONS)

    async def withdraw(self, visit: Visit) -> web.Response:
        """Ask for it no more."""
        self._consents.withdraw(visit.form.one("acuerdo"), visit.who.person)
        return lead_to(SESSIONS)

    async def agree(self, visit: Visit) -> web.Response:
        """Agree to what another asked for, which is done with it."""
        named, who = visit.form.one("acuerdo"), visit.who
        try:
            asked = self._consents.grant(named, who.person, who.role, _now())
            self._consents.spend(named, asked.act, asked.about, asked.asked_by, _now())
        except ConsentRefused as error:
            return self._page(visit, error.code.code, 422)
        ended = [one for one in self._people.everybody() if one.id == asked.about]
        await self._people.revoke_session(asked.about)
        for session in ended:
            self._house.end_work_of(session.person)
        return lead_to(SESSIONS)

    def _session(self, named: str) -> Session:
        found = next((one for one in self._people.everybody() if one.id == named), None)
        if found is None:
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "no such session")
        return found

    def _page(self, visit: Visit, told: str = "", status: int = 200) -> web.Response:
        sessions = {one.id: one for one in self._people.everybody()}
        waiting = [
            (named, sessions[asked.about], asked.asked_by == visit.who.person)
            for named, asked in self._consents.waiting(_now()).items()
            if asked.about in sessions
        ]
        return self._pages.give(
            visit,
            "sessions",
            status,
            sessions=sorted(sessions.values(), key=lambda one: (one.place, one.sign_in)),
            waiting=waiting,
            may_ask=allows(visit.who.role, Act.REVOKE_SESSION),
            told=told,
        )


def _now() -> float:
    """Seconds that only grow."""
    return asyncio.get_running_loop().time()
