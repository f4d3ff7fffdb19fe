"""The digitalizador's desk: a file becomes the image of an acta, once a person has seen it.

What came is held for who brought it until they keep it or take it again; nothing of it is on disk
before that, and the paper is still in their hands.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlencode

from aiohttp import web

from openprep.capture.paper import NotTaken
from openprep.capture.steps import ActaDigitised
from openprep.coded import CodedError
from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.house import House
from openprep.desks.pictures import Pictures, Shot
from openprep.desks.web.pages import Pages, lead_to, status_of, with_camera
from openprep.desks.web.paper.asked_again import MOST_LISTED, asked_again
from openprep.desks.web.paper.finding import Finder, Meant, status_of_file
from openprep.desks.web.paper.scanner import DISCARDED, KEPT, REFUSED, ScannerFolder
from openprep.desks.web.routes import Route
from openprep.desks.web.visit import Visit
from openprep.digitising.codes import NotDigitised
from openprep.digitising.digitised import Digitised
from openprep.digitising.digitiser import Digitiser
from openprep.election import CasillaKind, Digitization, DocumentKind, Origin
from openprep.election.area_path import first_id, own_id
from openprep.forms.codes import IdentityRefused
from openprep.people.permissions import Act
from openprep.record.codes import RecordTrouble

DIGITISING = "/digitalizacion"
FILE = DIGITISING + "/archivo"
SCANNED = DIGITISING + "/escaner"
KEEP = DIGITISING + "/guardar"
AGAIN = DIGITISING + "/otra"
PICTURE = DIGITISING + "/imagen/{digest}"

MOST_HELD = 50
"""Images that are held at a time: of more people than one house has at this desk."""

LONGEST_HELD = 900.0
"""Seconds after which the file of a scanner that somebody left on the screen is another's again."""

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


@dataclass(frozen=True)
class Held:
    """An image that waits for whoever brought it, the file it was, and whose acta its code says."""

    made: Digitised
    original: bytes
    says: Meant | None
    code: str = ""
    """Why its code is not believed."""
    file: Path | None = None
    """The scanner's file, where one brought it."""
    since: float = 0.0
    """Seconds that only grow."""


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
        self._scanners = scanners
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._opening: set[Path] = set()
        self._turn = asyncio.Lock()

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
        return self._page(visit, done=visit.request.query.get("hecho", "")[:120])

    async def bring(self, visit: Visit) -> web.Response:
        """Make an image of a file, and hold it for who brought it."""
        data = visit.form.file
        if not data:
            return self._page(visit, told="no_file", status=422)
        return await self._brought(visit, data)

    async def scanned(self, visit: Visit) -> web.Response:
        """Take the next file of the place's scanner that nobody has before them."""
        scanner = self._scanners.get(visit.who.place)
        if scanner is None:
            raise NotGiven(PageCode.NO_SUCH_PAGE, "no scanner")
        async with self._turn:
            if visit.who.person in self._held:
                return lead_to(DIGITISING)
            waiting = await asyncio.to_thread(self._waiting, scanner)
            if not waiting:
                return lead_to(DIGITISING)
            file = waiting[0]
            self._opening.add(file)
        try:
            data = await asyncio.to_thread(scanner.read, file)
        except NotDigitised as error:
            await self._put_by(visit, file, REFUSED)
            return self._page(visit, told=error.code.code, status=422)
        else:
            return await self._brought(visit, data, file)
        finally:
            self._opening.discard(file)

    def _waiting(self, scanner: ScannerFolder) -> list[Path]:
        """The files of a scanner that nobody has before them."""
        earliest = monotonic() - LONGEST_HELD
        left = [person for person, held in self._held.items() if held.since < earliest]
        for person in left:
            del self._held[person]
        taken = self._opening | {held.file for held in self._held.values() if held.file}
        return [path for path in scanner.waiting() if path not in taken]

    def _count_at(self, place: str) -> int | None:
        """How many files wait of a place's scanner; ``None`` where it has none."""
        scanner = self._scanners.get(place)
        return None if scanner is None else len(self._waiting(scanner))

    async def _brought(self, visit: Visit, data: bytes, file: Path | None = None) -> web.Response:
        assert self._digitiser is not None
        try:
            with self._house.incidents.noting():
                made = await self._digitiser.digitise(data)
        except NotDigitised as error:
            status = status_of_file(error)
            if status != HTTPStatus.SERVICE_UNAVAILABLE:
                await self._put_by(visit, file, REFUSED)
            return self._page(visit, told=error.code.code, status=status)
        known = self._house.floor.papers.shown_as.get(made.digest)
        if known is not None:
            await self._put_by(visit, file, DISCARDED)
            return self._page(visit, told="same_image", status=409, about=known[1])
        self._hold(visit.who.person, self._looked_at(made, data, file))
        return lead_to(DIGITISING)

    async def _put_by(self, visit: Visit, file: Path | None, where: str) -> None:
        """Let a scanner's file wait no more."""
        scanner = self._scanners.get(visit.who.place)
        if file is not None and scanner is not None:
            await asyncio.to_thread(scanner.put_by, file, where)

    def _looked_at(self, made: Digitised, data: bytes, file: Path | None) -> Held:
        says = self._finder.said_by(made.codes)
        return Held(made, data, says.meant, says.why, file, monotonic())

    def _hold(self, person: str, held: Held) -> None:
        self._held.pop(person, None)
        self._held[person] = held
        if len(self._held) > MOST_HELD:
            self._held.popitem(last=False)

    async def take_again(self, visit: Visit) -> web.Response:
        """Let go of an image: the paper is photographed or scanned again."""
        held = self._held.get(visit.who.person)
        if held is not None and visit.form.one("imagen") == held.made.digest:
            del self._held[visit.who.person]
            await self._put_by(visit, held.file, DISCARDED)
        return lead_to(DIGITISING)

    async def keep(self, visit: Visit) -> web.Response:
        """Keep an image as the acta's that it is of, or as nobody's; durable once it is said."""
        person = visit.who.person
        async with self._turn:
            held = self._held.get(person)
            if held is None or visit.form.one("imagen") != held.made.digest:
                return lead_to(DIGITISING)
            try:
                chosen = self._chosen(visit, held)
            except IdentityRefused as error:
                return self._page(visit, told=error.code.code, status=422)
            if isinstance(chosen, list):
                told = "" if chosen else "not_found"
                return self._page(visit, told=told, found=chosen, status=422)
            try:
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
                outcome = await self._house.take(visit.worker, step)
            except CodedError as error:
                status = status_of(error)
                return self._page(visit, told=error.code.code, status=status)
            if isinstance(outcome, NotTaken):
                return self._page(visit, told=outcome.why.code, status=409)
            del self._held[person]
            await self._put_by(visit, held.file, KEPT)
        said = chosen.meant.name if chosen.meant else chosen.contest
        return lead_to(f"{DIGITISING}?{urlencode({'hecho': said})}")

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
        held = self._held.get(visit.who.person)
        if held is None or visit.request.match_info["digest"] != held.made.digest:
            raise NotGiven(PageCode.NO_IMAGE, "no image")
        return web.Response(body=held.made.rendition, content_type="image/jpeg")

    def _page(
        self,
        visit: Visit,
        *,
        told: str = "",
        status: int = 200,
        about: str = "",
        done: str = "",
        found: list[Meant] | None = None,
    ) -> web.Response:
        held = self._held.get(visit.who.person)
        try:
            scanned = self._count_at(visit.who.place)
        except RecordTrouble:
            scanned, told = None, told or "scanner_away"
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
