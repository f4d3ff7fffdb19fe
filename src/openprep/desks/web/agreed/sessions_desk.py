"""What takes two people: opening and closing the house, ending a session, shutting somebody out."""

from aiohttp import web

from openprep.capture.acts import Who
from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.house import House
from openprep.desks.web.agreed.agreeing import Agreements, EndingSession, Turning
from openprep.desks.web.agreed.shutting import LettingIn, Names, ShuttingOut, Subject
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
OUT_PERSON = SESSIONS + "/fuera-persona"
OUT_PLACE = SESSIONS + "/fuera-lugar"
LET_IN = SESSIONS + "/readmitir"
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
        agreements.offer(Act.REVOKE_PERSON, ShuttingOut(house, people))
        agreements.offer(Act.REVOKE_PLACE, ShuttingOut(house, people))
        agreements.offer(Act.READMIT, LettingIn(house, people))
        self._names = Names(people)

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages."""
        return (
            Route("GET", SESSIONS, Act.CONSENT, self.show, desk=True),
            Route("POST", OPEN, Act.OPEN_HOUSE, self.ask_to_open),
            Route("POST", CLOSE, Act.CLOSE_HOUSE, self.ask_to_close),
            Route("POST", ASK, Act.REVOKE_SESSION, self.ask_to_end),
            Route("POST", OUT_PERSON, Act.REVOKE_PERSON, self.ask_to_shut_out_a_person),
            Route("POST", OUT_PLACE, Act.REVOKE_PLACE, self.ask_to_shut_out_a_place),
            Route("POST", LET_IN, Act.READMIT, self.ask_to_let_in),
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

    async def ask_to_shut_out_a_person(self, visit: Visit) -> web.Response:
        """Ask that a person works here no more, in whatever role."""
        subject = self._names.named(visit.form.one("usuario"))
        if subject is None:
            return self._page(visit, "no_such_name", 422)
        return self._asked(visit, Act.REVOKE_PERSON, str(subject))

    async def ask_to_shut_out_a_place(self, visit: Visit) -> web.Response:
        """Ask that nobody works at a place any more."""
        place = visit.form.one("lugar")
        if place not in self._house.places:
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "no such place")
        return self._asked(visit, Act.REVOKE_PLACE, str(Subject(Who.PLACE, place)))

    async def ask_to_let_in(self, visit: Visit) -> web.Response:
        """Ask that somebody may work here again."""
        out = {one.mark: one for one in self._out()}
        subject = out.get(visit.form.one("quien"))
        if subject is None:
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "not shut out")
        return self._asked(visit, Act.READMIT, str(subject))

    def _out(self) -> list[Subject]:
        return [Subject(*one) for one in self._house.doors.out]

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
        out = self._out()
        names = [(self._names.of(one, visit.language), one.mark) for one in out]
        return self._pages.give(
            visit,
            "sessions",
            status,
            sessions=sorted(everybody, key=lambda one: (one.place, one.sign_in)),
            waiting=self._agreements.waiting(visit),
            may_ask=allows(visit.who.role, Act.REVOKE_SESSION),
            places=sorted(self._house.places - {one.which for one in out}),
            out=sorted(names),
            typed=visit.form.one("usuario")[:16] if told == "no_such_name" else "",
            told=told,
        )
