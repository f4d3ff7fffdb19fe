"""The table of routes: what a path is for, and the act that whoever asks must be allowed.

What is not in the table is answered by nobody: the gate looks every request up in it, and the
handlers that aiohttp has refuse.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from aiohttp import web

from openprep.desks.web.visit import Visit
from openprep.people.permissions import WHILE_CLOSED, Act, allows
from openprep.people.roles import Role

Handler: TypeAlias = Callable[[Visit], Awaitable[web.Response]]


class Open(Enum):
    """What a route needs where it is no act."""

    TO_ALL = "to_all"
    SIGNED_IN = "signed_in"


Need: TypeAlias = Act | Open


@dataclass(frozen=True)
class Route:
    """A row: a method and a path, what they need, and what answers.

    ``left`` takes what was posted by somebody whose session ended meanwhile. ``desk`` names the
    route on the home page of who may use it. ``takes_file`` is of a form with a file.
    """

    method: str
    path: str
    needs: Need
    handler: Handler
    left: Handler | None = None
    desk: bool = False
    takes_file: bool = False

    def is_for(self, role: Role | None) -> bool:
        """Whether who has this role, or is nobody (``None``), may ask for it."""
        if self.needs is Open.TO_ALL:
            return True
        if role is None:
            return False
        return self.needs is Open.SIGNED_IN or (
            isinstance(self.needs, Act) and allows(role, self.needs)
        )

    @property
    def is_while_closed(self) -> bool:
        """Whether it is there in a house that is not open."""
        return isinstance(self.needs, Open) or self.needs in WHILE_CLOSED


class Routes:
    """All rows, which are all that an application answers."""

    def __init__(self, rows: Iterable[Route]) -> None:
        self.rows = tuple(rows)
        self._by_name = {(row.method, row.path): row for row in self.rows}
        assert len(self._by_name) == len(self.rows), "a route has one row"

    def register(self, app: web.Application) -> None:
        """Let aiohttp tell the paths apart."""
        for row in self.rows:
            app.router.add_route(row.method, row.path, _nobody)

    def of(self, request: web.Request) -> Route | None:
        """The row of a request; ``None`` where the table has none."""
        resource = request.match_info.route.resource
        return None if resource is None else self._by_name.get((request.method, resource.canonical))


async def _nobody(_: web.Request) -> web.Response:
    """What aiohttp would call: the gate alone calls handlers."""
    raise web.HTTPNotFound
