"""The digitalizador's desk: a file becomes the image of an acta, once a person has seen it.

What came is held for who brought it until they keep it or take it again; nothing of it is on disk
before that, and the paper is still in their hands.
"""

import asyncio
import logging
from collections.abc import Mapping
from http import HTTPStatus
from time import monotonic
from typing import NamedTuple

from aiohttp import web

from openprep.capture.paper import NotTaken, Outcome
from openprep.capture.steps import ActaDigitised
from openprep.coded import CodedError
from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.house import House
from openprep.desks.pictures import Pictures, Shot
from openprep.desks.web.pages import Pages, lead_to, status_of, with_camera
from openprep.desks.web.paper.asked_again import MOST_LISTED, asked_again
from openprep.desks.web.paper.finding import Finder, Meant, status_of_file
from openprep.desks.web.paper.held_images import Held, HeldImages
from openprep.desks.web.paper.scanner import (
    DISCARDED,
    KEPT,
    REFUSED,
    Scanner,
    ScannerAway,
    ScannerFile,
    ScannerFolder,
)
from openprep.desks.web.routes import Route
from openprep.desks.web.visit import Visit
from openprep.digitising.codes import NotDigitised
from openprep.digitising.digitiser import Digitiser
from openprep.election import CasillaKind, Digitization, DocumentKind, Origin
from openprep.election.area_path import first_id, own_id
from openprep.forms.codes import IdentityRefused
from openprep.people.permissions import Act

LOG = logging.getLogger("openprep.desks")

DIGITISING = "/digitalizacion"
FILE = DIGITISING + "/archivo"
SCANNED = DIGITISING + "/escaner"
KEEP = DIGITISING + "/guardar"
AGAIN = DIGITISING + "/otra"
PICTURE = DIGITISING + "/imagen/{digest}"

NOBODY_S = "ninguna"
"""What is chosen where nobody knows whose acta a paper is."""

COPIES = (DocumentKind.ACTA_PREP, DocumentKind.RPP, DocumentKind.CC, DocumentKind.PPC)
"""What a paper may be, in the order of the choice; the first is the acta PREP of its kind."""

ACTA_PREP_OF = {
    CasillaKind.EXTRANJERO: DocumentKind.ACTA_VMRE,
    CasillaKind.ANTICIPADO: DocumentKind.ACTA_VA,
    CasillaKind.PRISION_PREVENTIVA: DocumentKind.ACTA_VPPP,
    CasillaKind.URNA_ELECTRONICA: DocumentKind.ACTA_UE,
}


class Chosen(NamedTuple):
    """Whose acta a person says that an image is; of ``contest`` where nobody knows."""

    contest: str
    meant: Meant | None


class DigitisingDesk:
    """The pages of the digitalizador."""

    def __init__(
        self,
        house: House,
        pictures: Pictures,
        pages: Pages,
        finder: Finder,
        digitiser: Digitiser | None,
        scanners: Mapping[str, ScannerFolder],
    ) -> None:
        self._house = house
        self._pictures = pictures
        self._pages = pages
        self._finder = finder
        self._digitiser = digitiser
        self._scanners = {place: Scanner(folder) for place, folder in scanners.items()}
        self._held = HeldImages()
        self._kept: dict[str, str] = {}
        """What each person kept last, until they were told."""

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages; none where no image is taken."""
        if self._digitiser is None:
            return ()
        return (
            Route("GET", DIGITISING, Act.DIGITISE, self.show, desk=True),
            Route("POST", FILE, Act.DIGITISE, self.bring, takes_file=True),
            Route("POST", SCANNED, Act.DIGITISE, self.scanned),
            Route("POST", KEEP, Act.DIGITISE, self.keep),
            Route("POST", AGAIN, Act.DIGITISE, self.take_again),
            Route("GET", PICTURE, Act.DIGITISE, self.picture),
        )

    async def show(self, visit: Visit) -> web.Response:
        """The image that waits for this person, or the way to bring one."""
        return await self._page(visit, done=self._kept.pop(visit.who.person, ""))

    async def bring(self, visit: Visit) -> web.Response:
        """Make an image of a file, and hold it for who brought it."""
        data = visit.form.file
        if not data:
            return await self._page(visit, told="no_file", status=422)
        brought = await self._brought(visit, data)
        if isinstance(brought, web.Response):
            return brought
        async with self._held.turn(visit.who.person):
            self._held.hold(visit.who.person, brought)
        return lead_to(DIGITISING)

    async def scanned(self, visit: Visit) -> web.Response:
        """Take the next file of the place's scanner that nobody has before them."""
        scanner = self._scanners.get(visit.who.place)
        if scanner is None:
            raise NotGiven(PageCode.NO_SUCH_PAGE, "no scanner")
        person = visit.who.person
        async with self._held.turn(person):
            if self._held.of(person) is not None:
                return lead_to(DIGITISING)
            try:
                waiting = await self._waiting(scanner)
                return await self._opened(visit, waiting[0]) if waiting else lead_to(DIGITISING)
            except ScannerAway as error:
                return await self._page(visit, told=error.code.code, status=503)

    async def _waiting(self, scanner: Scanner) -> list[ScannerFile]:
        """The files of a scanner that nobody has before them.

        Raises:
            ScannerAway: its folder did not answer, or refused.
        """
        before = self._held.files()  # one that is put by meanwhile may still be listed
        listed = await scanner.waiting()
        taken = before | self._held.files()
        return [ScannerFile(scanner, path) for path in listed if path not in taken]

    async def _opened(self, visit: Visit, file: ScannerFile) -> web.Response:
        """Hold the image of a scanner's file for who asked for it.

        Raises:
            ScannerAway: its folder did not answer, or refused.
        """
        self._held.open(file)
        try:
            data = await file.read()
            brought = await self._brought(visit, data, file)
            if isinstance(brought, web.Response):
                return brought
            self._held.hold(visit.who.person, brought)
            return lead_to(DIGITISING)
        except NotDigitised as error:
            await _put_by(file, REFUSED)
            return await self._page(visit, told=error.code.code, status=422)
        finally:
            self._held.opened(file)

    async def _brought(
        self, visit: Visit, data: bytes, file: ScannerFile | None = None
    ) -> Held | web.Response:
        """The image of a file, to be held; or the page that says why there is none."""
        assert self._digitiser is not None
        try:
            with self._house.incidents.noting():
                made = await self._digitiser.digitise(data)
        except NotDigitised as error:
            status = status_of_file(error)
            if status != HTTPStatus.SERVICE_UNAVAILABLE:
                await _put_by(file, REFUSED)
            return await self._page(visit, told=error.code.code, status=status)
        known = self._house.floor.papers.shown_as.get(made.digest)
        if known is not None:
            await _put_by(file, DISCARDED)
            return await self._page(visit, told="same_image", status=409, about=known[1])
        says = self._finder.said_by(made.codes)
        return Held(made, data, says.meant, says.why, file, monotonic())

    async def take_again(self, visit: Visit) -> web.Response:
        """Let go of an image: the paper is photographed or scanned again."""
        person = visit.who.person
        async with self._held.turn(person):
            held = self._held.of(person)
            if held is not None and visit.form.one("imagen") == held.made.digest:
                await _put_by(held.file, DISCARDED)
                self._held.let_go(person, held)
        return lead_to(DIGITISING)

    async def keep(self, visit: Visit) -> web.Response:
        """Keep an image as the acta's that it is of, or as nobody's; durable once it is said."""
        person = visit.who.person
        async with self._held.turn(person):
            held = self._held.of(person)
            if held is None or visit.form.one("imagen") != held.made.digest:
                return lead_to(DIGITISING)
            try:
                chosen = self._chosen(visit, held)
            except IdentityRefused as error:
                return await self._page(visit, told=error.code.code, status=422)
            if isinstance(chosen, list):
                told = "" if chosen else "not_found"
                return await self._page(visit, told=told, found=chosen, status=422)
            try:
                outcome = await self._sealed(visit, held, chosen)
            except CodedError as error:
                return await self._page(visit, told=error.code.code, status=status_of(error))
            if isinstance(outcome, NotTaken):
                return await self._page(visit, told=outcome.why.code, status=409)
            await _put_by(held.file, KEPT)
            self._held.let_go(person, held)
        self._kept[person] = chosen.meant.name if chosen.meant else chosen.contest
        return lead_to(DIGITISING)

    async def _sealed(self, visit: Visit, held: Held, chosen: Chosen) -> Outcome:
        """Keep the pictures, and seal that they are the acta's.

        Raises:
            ImageUnusable, NotSealed, Refused, RecordTrouble: nothing was sealed.
        """
        step = self._step(visit, held, chosen)
        self._house.check(visit.worker, step)
        shot = Shot(
            held.made.image,
            held.made.rendition,
            held.original,
            straight=held.made.upright.straightened,
        )
        with self._house.incidents.noting():
            await asyncio.to_thread(self._pictures.keep, shot)
        return await self._house.take(visit.worker, step)

    def _chosen(self, visit: Visit, held: Held) -> Chosen | list[Meant]:
        """Whose acta it is; or the actas among which a person must choose, none if none is meant.

        What the code on the image says cannot be replaced by another acta: only by nobody's.
        """
        form = visit.form
        which = form.one("de")
        if which == NOBODY_S:
            contest = held.says.contest if held.says else form.one("eleccion")
            if contest not in self._house.election.contests:
                raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "no such contest")
            return Chosen(contest, None)
        if held.says is not None:
            return Chosen(held.says.contest, held.says)
        if which:
            contest = first_id(which)
            meant = self._finder.one(contest, own_id(which))
            if meant is None:
                raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "no such acta")
            return Chosen(contest, meant)
        found = self._finder.meant_by(form.one("que").strip())
        return Chosen(found[0].contest, found[0]) if len(found) == 1 else found

    def _step(self, visit: Visit, held: Held, chosen: Chosen) -> ActaDigitised:
        form, meant = visit.form, chosen.meant
        try:
            document = DocumentKind(form.one("documento"))
            origin = Origin(form.one("origen"))
            digitization = Digitization(form.one("medio"))
        except ValueError as error:
            raise NotGiven(PageCode.NOT_OF_THIS_PAGE, "no such choice") from error
        if meant is not None and document is COPIES[0]:
            document = ACTA_PREP_OF.get(meant.acta.kind, document)
        return ActaDigitised(
            contest=chosen.contest,
            acta=None if meant is None else meant.acta.id,
            by=visit.who.person,
            session=visit.who.id,
            at=self._house.clock(),
            image=held.made.digest,
            original=held.made.original_digest,
            origin=origin,
            digitization=digitization,
            document=document,
        )

    async def picture(self, visit: Visit) -> web.Response:
        """The image that waits for this person, as a screen shows it."""
        held = self._held.of(visit.who.person)
        if held is None or visit.request.match_info["digest"] != held.made.digest:
            raise NotGiven(PageCode.NO_IMAGE, "no image")
        return web.Response(body=held.made.rendition, content_type="image/jpeg")

    async def _page(
        self,
        visit: Visit,
        *,
        told: str = "",
        status: int = 200,
        about: str = "",
        done: str = "",
        found: list[Meant] | None = None,
    ) -> web.Response:
        scanner, scanned = self._scanners.get(visit.who.place), None
        if scanner is not None and self._held.of(visit.who.person) is None:
            try:
                scanned = len(await self._waiting(scanner))
            except ScannerAway as error:
                told = told or error.code.code
        held = self._held.of(visit.who.person)
        contests = self._house.election.contests
        page = self._pages.give(
            visit,
            "digitising",
            status,
            held=held,
            image=PICTURE.format(digest=held.made.digest) if held else "",
            reasons=[reason.value for reason in held.made.legibility.reasons] if held else [],
            title=contests[held.says.contest].title if held and held.says else "",
            contests=[(each, contest.title) for each, contest in contests.items()],
            found=[(one, contests[one.contest].title) for one in found or ()],
            scanned=scanned,
            nobody_s=NOBODY_S,
            copies=[copy.value for copy in COPIES],
            media=[medium.value for medium in Digitization],
            origins=[origin.value for origin in (Origin.CATD, Origin.CASILLA)],
            chosen=visit.form.one,
            told=told,
            about=about,
            again=[] if held else asked_again(self._house, visit.who.place),
            most_listed=MOST_LISTED,
            done=done,
        )
        return page if held else with_camera(page)


async def _put_by(file: ScannerFile | None, where: str) -> None:
    """Let a scanner's file wait no more; where it cannot be moved, what was done still stands."""
    if file is None:
        return
    try:
        await file.put_by(where)
    except ScannerAway as error:
        LOG.error("%s", error)
