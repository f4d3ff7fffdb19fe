"""The coordinador's desk: how far the papers of the house are, and what waits for whom."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.delivery_note import DeliveryNote
from openprep.desks.house import House
from openprep.desks.web.overview import charts
from openprep.desks.web.overview.sight import SHOWN_STUCK, TABLES, Sight
from openprep.desks.web.overview.tables import Table, as_csv, clock_of
from openprep.desks.web.pages import Pages
from openprep.desks.web.routes import Route
from openprep.desks.web.visit import Visit
from openprep.election.remit import reported_by
from openprep.people.permissions import Act

OVERVIEW = "/coordinacion"
TABLE = OVERVIEW + "/{table}.csv"

Note = Callable[[], DeliveryNote]
"""How the delivery stands."""


class OverviewDesk:
    """The pages of the coordinador."""

    def __init__(self, house: House, pages: Pages, note: Note) -> None:
        self._house = house
        self._pages = pages
        self._note = note
        self._reported = reported_by(house.remits, house.election)

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages."""
        return (
            Route("GET", OVERVIEW, Act.SEE_PROGRESS, self.show, desk=True),
            Route("GET", TABLE, Act.SEE_PROGRESS, self.table),
        )

    async def _sight(self) -> Sight:
        note = await asyncio.to_thread(self._note)
        return Sight(self._house, self._reported, note)

    async def show(self, visit: Visit) -> web.Response:
        """The figures of now."""
        sight = await self._sight()
        tables = {name: make(sight) for name, make in TABLES.items() if name != "detenidas"}
        tables["detenidas"] = sight.stuck(SHOWN_STUCK)
        pending = await asyncio.to_thread(lambda: self._house.pending)
        return self._pages.give(
            visit,
            "overview",
            tables=tables,
            charts=_charts(tables),
            pending=pending,
            stopped_by=sight.stopped_by,
            now=self._house.election.window.local(sight.now),
            clock_of=clock_of,
            address=TABLE,
        )

    async def table(self, visit: Visit) -> web.Response:
        """A table as CSV."""
        named = visit.request.match_info["table"]
        if named not in TABLES:
            raise NotGiven(PageCode.NO_SUCH_PAGE, "no such table")
        text = as_csv(TABLES[named](await self._sight()))
        return web.Response(
            text=text,
            content_type="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{named}.csv"'},
        )


def _charts(tables: dict[str, Table]) -> dict[str, Any]:
    return {
        "avance": charts.of_progress(tables["avance"]),
        "lugares": charts.of_places(tables["lugares"]),
        "tareas": charts.of_queues(tables["tareas"]),
        "tiempos": charts.of_spans(tables["tiempos"]),
        "ritmo": charts.of_pace(tables["ritmo"]),
    }
