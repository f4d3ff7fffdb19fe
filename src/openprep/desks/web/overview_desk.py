"""The coordinador's desk: how far the papers of the house are, and what waits for whom."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from aiohttp import web

from openprep.capture.paper import Stage
from openprep.capture.work.tasks import Task
from openprep.desks.house import House
from openprep.desks.web.pages import Pages
from openprep.desks.web.routes import Route
from openprep.desks.web.visit import Visit
from openprep.people.permissions import Act

OVERVIEW = "/coordinacion"
TABLE = OVERVIEW + "/avance.csv"


class Progress(NamedTuple):
    """A contest: how many actas it expects, and how many papers are at each stage."""

    contest: str
    title: str
    expected: int
    stages: tuple[int, ...]
    """In the order of :class:`Stage`; of those expected, what nothing came of yet."""


class OverviewDesk:
    """The pages of the coordinador."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._pages = pages

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages."""
        return (
            Route("GET", OVERVIEW, Act.SEE_PROGRESS, self.show, desk=True),
            Route("GET", TABLE, Act.SEE_PROGRESS, self.table),
        )

    async def show(self, visit: Visit) -> web.Response:
        """The figures of now."""
        house = self._house
        waiting = house.floor.waiting()
        return self._pages.give(
            visit,
            "overview",
            stages=[stage.value for stage in Stage],
            progress=list(self._progress()),
            waiting=[(task.value, waiting[task]) for task in Task],
            at_work=house.floor.at_work,
            pending=house.pending,
            aside=house.floor.aside,
            now=house.election.window.local(house.clock()),
            table=TABLE,
        )

    async def table(self, visit: Visit) -> web.Response:  # noqa: ARG002 - a handler
        """The same as CSV, with the names that files and status pages use."""
        out = io.StringIO()
        rows = csv.writer(out)
        rows.writerow(("contest", "expected_actas", *(stage.value for stage in Stage)))
        rows.writerows((one.contest, one.expected, *one.stages) for one in self._progress())
        return web.Response(
            text=out.getvalue(),
            content_type="text/csv",
            headers={"Content-Disposition": 'attachment; filename="avance.csv"'},
        )

    def _progress(self) -> Iterator[Progress]:
        """Each contest; a paper that nobody identified is at its stage besides those expected."""
        floor, election = self._house.floor, self._house.election
        known = Counter(paper.contest for paper in floor.papers if paper.acta is not None)
        for contest, catalogue in election.catalogues.items():
            at = {stage: floor.stages[contest, stage] for stage in Stage}
            at[Stage.EXPECTED] += len(catalogue) - known[contest]
            title = election.contests[contest].title
            yield Progress(contest, title, len(catalogue), tuple(at.values()))
