"""Readings of the sample: the capture form before actas that stand, for who had no part in them.

Nothing that stands is shown, and nothing that is typed moves it.
"""

from aiohttp import web

from openprep.capture.reading import Reading
from openprep.capture.steps import ActaSampled, SampleDrawn
from openprep.capture.work.tasks import Task
from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.ticket import Ticket
from openprep.desks.web.capturing.sources import Needs, WorkOfHouse
from openprep.desks.web.visit import Visit
from openprep.desks.web.work import AtWork, Held, image_of, said_by
from openprep.people.permissions import Act, allows

_TAKEN_BY = {Task.CAPTURE: Act.TAKE_CAPTURE, Task.ARBITRATE: Act.TAKE_DISPUTE}
"""The tasks that come before the sample, by the act with which a role takes them."""


class SampleReadings(WorkOfHouse):
    """Third readings of what stands: each is a step of the place. No image is sent back here."""

    at = "/muestra"
    title = "sample"
    needs = Needs(Act.SAMPLE, Act.SAMPLE)
    task = Task.SAMPLE

    async def at_work(self, visit: Visit) -> AtWork:
        """As :class:`ActaSource`; a draft of what is not to be read any more leads to the next."""
        found = await self._lent(visit)
        while found.held is not None and self._draw_of(found.held.ticket) is None:
            await self._work.spend(visit.who.person, found.held.text)
            found = await self._lent(visit)
        return found

    async def _lent(self, visit: Visit) -> AtWork:
        """What of the sample is at work: what waits for the person's own role comes first."""
        role = visit.who.role
        first = frozenset(task for task, act in _TAKEN_BY.items() if allows(role, act))
        return await self._work.at_work(visit.worker, self.task, first=first)

    def nothing(self, visit: Visit) -> web.Response:
        """As :class:`ActaSource`; captures and disputes come first."""
        return self._pages.give(
            visit, "nothing", title=self.title, again=self.at, lead="sample.nothing"
        )

    async def take(self, visit: Visit, held: Held, reading: Reading) -> None:
        """As :class:`ActaSource`: sealed, whatever the rule makes of it."""
        draft, drawn = held.draft, self._draw_of(held.ticket)
        assert draft is not None
        if drawn is None:
            raise NotGiven(PageCode.DISPUTE_OVER, "not of the sample any more")
        step = ActaSampled(
            **said_by(visit, held.ticket, self._work.house.clock()),
            image=image_of(held.ticket),
            root=drawn.root,
            reading=reading,
        )
        await self._work.seal(visit.worker, held.text, draft, step)

    async def send_back(self, visit: Visit, held: Held, reason: str) -> None:  # noqa: ARG002 - as ActaSource
        """No route leads here: what stands is sent back in cotejo."""
        raise NotGiven(PageCode.NO_SUCH_PAGE, "not of the sample")

    def _draw_of(self, ticket: Ticket) -> SampleDrawn | None:
        """The draw by which a ticket's acta is read; ``None`` where that is over."""
        paper = self._work.house.paper(*ticket.key)
        if paper is None or paper.stands is None or paper.sampled is not None:
            return None
        if not paper.is_settled or paper.stands.image_sha256 != ticket.image:
            return None
        return self._work.house.floor.papers.draws.deciding(paper.stands)
