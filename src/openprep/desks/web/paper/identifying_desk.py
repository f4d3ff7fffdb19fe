"""The technical procedure: whose an image is that came without identity, and by what one knows."""

import asyncio
from urllib.parse import urlencode

from aiohttp import web

from openprep.capture.paper import NotTaken, Paper
from openprep.capture.steps import ActaIdentified
from openprep.coded import CodedError
from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.house import House
from openprep.desks.pictures import Pictures
from openprep.desks.web.pages import Pages, lead_to, status_of
from openprep.desks.web.paper.finding import Finder, Meant
from openprep.desks.web.routes import Route
from openprep.desks.web.visit import Visit
from openprep.desks.web.work import LONGEST_REASON
from openprep.forms.codes import IdentityRefused
from openprep.people.permissions import Act
from openprep.record.codes import RecordTrouble

IDENTIFYING = "/identificacion"
PICTURE = IDENTIFYING + "/imagen/{digest}"


class IdentifyingDesk:
    """The pages at which images get their identity."""

    def __init__(self, house: House, pictures: Pictures, pages: Pages, finder: Finder) -> None:
        self._house = house
        self._pictures = pictures
        self._pages = pages
        self._finder = finder

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages."""
        return (
            Route("GET", IDENTIFYING, Act.IDENTIFY, self.show, desk=True),
            Route("POST", IDENTIFYING, Act.IDENTIFY, self.identify),
            Route("GET", PICTURE, Act.IDENTIFY, self.picture),
        )

    async def show(self, visit: Visit) -> web.Response:
        """The images that nobody identified, or one of them."""
        digest = visit.request.query.get("imagen", "")
        if digest:
            return self._page(visit, digest)
        contests = self._house.election.contests
        local = self._house.election.window.local
        unknown = [
            (address_of(digest), contests[paper.contest].title, local(step.at))
            for paper in self._house.floor.papers.nobodys.values()
            for digest, step in paper.images.items()
        ]
        return self._pages.give(visit, "unidentified", unknown=unknown)

    async def identify(self, visit: Visit) -> web.Response:
        """Seal whose an image is."""
        form = visit.form
        digest = form.one("imagen")
        paper = self._unknown(digest)
        reason = form.one("motivo").strip()[:LONGEST_REASON]
        try:
            found = self._meant(visit, paper.contest)
        except IdentityRefused as error:
            return self._page(visit, digest, told=error.code.code, status=422)
        if len(found) != 1:
            told = "" if found else "not_found"
            return self._page(visit, digest, told=told, found=found, status=422)
        if not reason:
            return self._page(visit, digest, told="reason_missing", found=found, status=422)
        step = ActaIdentified(
            contest=paper.contest,
            acta=found[0].acta.id,
            by=visit.who.person,
            session=visit.who.id,
            at=self._house.clock(),
            image=digest,
            reason=reason,
        )
        try:
            outcome = await self._house.take(visit.worker, step)
        except CodedError as error:
            status = status_of(error)
            return self._page(visit, digest, told=error.code.code, status=status)
        if isinstance(outcome, NotTaken):
            return self._page(visit, digest, told=outcome.why.code, status=409)
        return lead_to(IDENTIFYING)

    def _meant(self, visit: Visit, contest: str) -> list[Meant]:
        """The actas of the image's contest that a person means."""
        chosen = self._finder.one(contest, visit.form.one("de"))
        if chosen is not None:
            return [chosen]
        found = self._finder.meant_by(visit.form.one("que").strip())
        return [meant for meant in found if meant.contest == contest]

    def _unknown(self, digest: str) -> Paper:
        papers = self._house.floor.papers
        key = papers.shown_as.get(digest)
        paper = None if key is None else papers.by_key.get(key)
        if paper is None or paper.acta is not None:
            raise NotGiven(PageCode.NO_IMAGE, "no image without identity")
        return paper

    async def picture(self, visit: Visit) -> web.Response:
        """An image that nobody identified, as a screen shows it."""
        digest = visit.request.match_info["digest"]
        self._unknown(digest)
        try:
            shown = await asyncio.to_thread(self._pictures.rendition, digest)
        except RecordTrouble as error:
            raise NotGiven(PageCode.NO_IMAGE, "no image") from error
        return web.Response(body=shown, content_type="image/jpeg")

    def _page(
        self,
        visit: Visit,
        digest: str,
        *,
        told: str = "",
        found: list[Meant] | None = None,
        status: int = 200,
    ) -> web.Response:
        paper = self._unknown(digest)
        return self._pages.give(
            visit,
            "identifying",
            status,
            digest=digest,
            image=PICTURE.format(digest=digest),
            title=self._house.election.contests[paper.contest].title,
            found=found or [],
            typed=visit.form.one("que")[:40],
            words=visit.form.one("motivo")[:LONGEST_REASON],
            told=told,
        )


def address_of(digest: str) -> str:
    """Where one image is at this desk."""
    return f"{IDENTIFYING}?{urlencode({'imagen': digest})}"
