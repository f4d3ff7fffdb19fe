"""The acopiador's desk: which paper came, when and how; or that there is none, and why."""

import asyncio
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.capture.codes import StepCode
from openprep.capture.paper import NotTaken, Paper
from openprep.capture.steps import ActaMissing, ActaReceived, AnyStep
from openprep.coded import CodedError
from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.house import House
from openprep.desks.web.pages import Pages, lead_to, status_of, with_camera
from openprep.desks.web.paper.finding import Finder, Meant, status_of_file
from openprep.desks.web.routes import Route
from openprep.desks.web.turns import Turns
from openprep.desks.web.visit import Visit
from openprep.digitising.codes import NotDigitised
from openprep.digitising.digitiser import Digitiser
from openprep.election import WITHOUT_ACTA, Observation
from openprep.forms.blank import blank_for
from openprep.forms.codes import IdentityRefused
from openprep.forms.identity import sign_identity
from openprep.forms.label import LabelSize, label_pdf
from openprep.people.permissions import Act

RECEPTION = "/acopio"
RECEIVE = RECEPTION + "/recibir"
MISS = RECEPTION + "/sin-acta"
LABEL = RECEPTION + "/etiqueta"
CODE = RECEPTION + "/codigo"
WAYS = ("D", "F", "I")
"""MECANISMOS_TRASLADO: DAT, and fixed and itinerant centres of reception."""

CAUSES = tuple(cause for cause in Observation if cause in WITHOUT_ACTA)


class ReceptionDesk:
    """The pages of the acopiador.

    ``label_key`` signs the labels, where they are printed here; with it and a ``digitiser`` the
    code of a paper is read on a photograph.
    """

    def __init__(
        self,
        house: House,
        pages: Pages,
        finder: Finder,
        label_key: Ed25519PrivateKey | None,
        digitiser: Digitiser | None = None,
        label_size: LabelSize = LabelSize(),  # noqa: B008 - it cannot be changed
    ) -> None:
        self._house = house
        self._pages = pages
        self._finder = finder
        self._label_key = label_key
        self._label_size = label_size
        self._digitiser = None if label_key is None else digitiser
        self._turns: Turns[tuple[str, str]] = Turns()

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages."""
        rows = (
            Route("GET", RECEPTION, Act.RECEIVE, self.show, desk=True),
            Route("POST", RECEIVE, Act.RECEIVE, self.receive),
            Route("POST", MISS, Act.MISSING, self.miss),
            Route("GET", LABEL, Act.RECEIVE, self.label),
        )
        if self._digitiser is None:
            return rows
        return (*rows, Route("POST", CODE, Act.RECEIVE, self.photographed, takes_file=True))

    async def show(self, visit: Visit) -> web.Response:
        """What is asked for: a field to scan or type into, the actas found, or one of them."""
        query = visit.request.query
        typed = query.get("que", "").strip()
        if not typed:
            return self._page(visit, meant=self._chosen(visit))
        try:
            found = self._finder.meant_by(typed)
        except IdentityRefused as error:
            return self._page(visit, told=error.code.code)
        if len(found) == 1:
            return lead_to(address_of(found[0]))
        return self._page(visit, typed=typed[:40], found=found, told="" if found else "not_found")

    async def photographed(self, visit: Visit) -> web.Response:
        """Lead to the acta whose code is on a photograph, of which nothing is kept."""
        assert self._digitiser is not None
        if not visit.form.file:
            return self._page(visit, told="no_file", status=422)
        try:
            made = await self._digitiser.digitise(visit.form.file)
        except NotDigitised as error:
            return self._page(visit, told=error.code.code, status=status_of_file(error))
        says = self._finder.said_by(made.codes)
        if says.meant is None:
            return self._page(visit, told=says.why or "no_code", status=422)
        return lead_to(address_of(says.meant))

    def _chosen(self, visit: Visit) -> Meant | None:
        query = visit.request.query
        if "acta" not in query:
            return None
        return self._known(query.get("eleccion", ""), query["acta"])

    def _known(self, contest: str, acta: str) -> Meant:
        meant = self._finder.one(contest, acta)
        if meant is None:
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "no such acta")
        return meant

    def _posted(self, visit: Visit) -> Meant:
        return self._known(visit.form.one("eleccion"), visit.form.one("acta"))

    async def receive(self, visit: Visit) -> web.Response:
        """Stamp that the paper came, once."""
        meant = self._posted(visit)
        ways = visit.form.all("traslado")
        if not set(ways) <= set(WAYS):
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "no such way")
        step = ActaReceived(
            **self._of(visit, meant), transfer="-".join(way for way in WAYS if way in ways)
        )
        async with self._turn_of(meant):
            paper = self._paper(meant)
            if paper is None or paper.received is None:
                return await self._sealed(visit, meant, step)
        return lead_to(address_of(meant))

    async def miss(self, visit: Visit) -> web.Response:
        """Say that there is no acta, and why, once."""
        meant = self._posted(visit)
        causes = {cause.value: cause for cause in CAUSES}
        cause = causes.get(visit.form.one("causa"))
        if cause is None:
            return self._page(visit, meant=meant, told="no_cause", status=422)
        columns = len(self._house.election.contests[meant.contest].columns)
        step = ActaMissing(**self._of(visit, meant), cause=cause, columns=columns)
        async with self._turn_of(meant):
            paper = self._paper(meant)
            if paper is not None and (paper.received is not None or paper.images):
                return self._page(visit, meant=meant, told=StepCode.HAS_A_PAPER.code, status=409)
            if paper is not None and paper.missing is not None:
                if paper.missing.cause is cause:
                    return lead_to(address_of(meant))
                return self._page(visit, meant=meant, told=StepCode.OTHER_CAUSE.code, status=409)
            return await self._sealed(visit, meant, step)

    async def _sealed(self, visit: Visit, meant: Meant, step: AnyStep) -> web.Response:
        try:
            outcome = await self._house.take(visit.worker, step)
        except CodedError as error:
            status = status_of(error)
            return self._page(visit, meant=meant, told=error.code.code, status=status)
        if isinstance(outcome, NotTaken):
            return self._page(visit, meant=meant, told=outcome.why.code, status=409)
        return lead_to(address_of(meant))

    async def label(self, visit: Visit) -> web.Response:
        """The label of an acta, as a PDF of its own size."""
        meant = self._chosen(visit)
        key = self._label_key
        if meant is None or key is None:
            raise NotGiven(PageCode.NO_SUCH_PAGE, "no label")
        blank = blank_for(self._house.election, meant.contest, meant.acta.id)
        text = sign_identity(blank.identity, key)
        page = await asyncio.to_thread(label_pdf, blank, text, self._label_size)
        return web.Response(body=page, content_type="application/pdf")

    def _turn_of(self, meant: Meant) -> asyncio.Lock:
        """Of one paper at a time: whoever else receives it finds that it was."""
        return self._turns.of((meant.contest, meant.acta.id))

    def _paper(self, meant: Meant) -> Paper | None:
        return self._house.paper(meant.contest, meant.acta.id)

    def _of(self, visit: Visit, meant: Meant) -> dict[str, Any]:
        return {
            "contest": meant.contest,
            "acta": meant.acta.id,
            "by": visit.who.person,
            "session": visit.who.id,
            "at": self._house.clock(),
        }

    def _page(
        self,
        visit: Visit,
        *,
        meant: Meant | None = None,
        found: list[Meant] | None = None,
        typed: str = "",
        told: str = "",
        status: int = 200,
    ) -> web.Response:
        paper = None if meant is None else self._paper(meant)
        contests = self._house.election.contests
        page = self._pages.give(
            visit,
            "reception",
            status,
            meant=meant,
            paper=paper,
            found=[(one, contests[one.contest].title, address_of(one)) for one in found or ()],
            title=contests[meant.contest].title if meant else "",
            typed=typed,
            told=told,
            ways=WAYS,
            causes=[cause.value for cause in CAUSES],
            label=f"{LABEL}?{_query(meant)}" if meant and self._label_key else "",
            local=self._house.election.window.local,
            reads_codes=self._digitiser is not None,
        )
        return with_camera(page) if self._digitiser is not None else page


def address_of(meant: Meant) -> str:
    """Where one acta is at this desk."""
    return f"{RECEPTION}?{_query(meant)}"


def _query(meant: Meant) -> str:
    return urlencode({"eleccion": meant.contest, "acta": meant.acta.id})
