"""The crowd: people of all roles who sign in to a house and work there until they are sent home."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

import aiohttp

from openprep.drill.crowd.browser import Browser, NotAsExpected, Pass, SignedOut
from openprep.drill.crowd.eyes import (
    AGREE,
    CONSENTS,
    Capturista,
    Coordinador,
    Cotejador,
    Verificador,
)
from openprep.drill.crowd.hands import Acopiador, Digitalizador
from openprep.drill.crowd.papers import Paper
from openprep.drill.crowd.shift import Shift
from openprep.people.roles import Role

log = logging.getLogger("openprep.crowd")

STEP = 30.0
"""Seconds of a one-time code (RFC 6238)."""

OPEN = "/sesiones/abrir"

NO_ANSWER = (aiohttp.ClientError, TimeoutError)
"""What a house that starts, or has too much to do, does to who asks it: they ask again."""

AGAIN = 0.3
"""Seconds until then."""


class Worker(Protocol):
    """A person at a desk."""

    async def turn(self) -> bool:
        """Do the next piece of work; whether there was one."""


@dataclass
class Crowd:
    """People with ``passes`` at the house of ``origin``.

    ``done_before`` are the papers that were digitised in an earlier sitting of the same night.
    """

    shift: Shift
    origin: str
    passes: Sequence[Pass]
    seed: int
    done_before: frozenset[tuple[str, str]] = frozenset()

    async def work(self) -> None:
        """Sign in, open the house and work until cancelled."""
        async with (
            aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(), connector=aiohttp.TCPConnector(limit=0)
            ) as session,
            asyncio.TaskGroup() as tasks,
        ):
            browsers = {one: Browser(self.origin, session) for one in self.passes}
            for one, browser in browsers.items():
                await self._come_in(one, browser)
            await self._open(
                [browser for one, browser in browsers.items() if one.role is Role.COORDINADOR]
            )
            for one, worker in self._workers(browsers):
                tasks.create_task(self._keep_at_it(one, browsers[one], worker))

    def _workers(self, browsers: dict[Pass, Browser]) -> Iterator[tuple[Pass, Worker]]:
        table: deque[Paper] = deque()
        coming = iter(tuple(self._coming()))
        for number, (one, browser) in enumerate(browsers.items()):
            chance = Random(f"{self.seed} {number}")  # noqa: S311 - it draws mistakes
            yield one, self._made(one, browser, chance, table, coming)

    def _made(
        self,
        one: Pass,
        browser: Browser,
        chance: Random,
        table: deque[Paper],
        coming: Iterator[Paper],
    ) -> Worker:
        match one.role:
            case Role.ACOPIADOR:
                return Acopiador(browser, self.shift, chance, coming, table)
            case Role.DIGITALIZADOR:
                return Digitalizador(browser, self.shift, chance, table)
            case Role.CAPTURISTA:
                return Capturista(browser, self.shift, chance)
            case Role.VERIFICADOR:
                return Verificador(browser, self.shift, chance)
            case Role.COTEJADOR:
                return Cotejador(browser, self.shift, chance)
            case Role.COORDINADOR:
                return Coordinador(browser)

    def _coming(self) -> Iterable[Paper]:
        """The papers that come to this crowd, in their order."""
        for paper in self.shift.papers:
            known = (paper.contest, paper.id) in self.done_before
            if paper.acta is not None and not paper.for_visitor and not known:
                yield paper

    async def _keep_at_it(self, one: Pass, browser: Browser, worker: Worker) -> None:
        """Work on, whatever happens to the house meanwhile."""
        while True:
            try:
                if await worker.turn():
                    continue
            except SignedOut:
                await self._come_in(one, browser)
            except NotAsExpected as trouble:
                log.warning("%s: %s", one.sign_in, trouble)
            except NO_ANSWER as trouble:
                log.info("%s: the house does not answer: %s", one.sign_in, trouble)
            await self.shift.pace.wait()

    async def _open(self, coordinadores: Sequence[Browser]) -> None:
        """Have the house opened, however often that must be asked."""
        while True:
            try:
                return await open_house(coordinadores)
            except NO_ANSWER:
                await asyncio.sleep(AGAIN)

    async def _come_in(self, one: Pass, browser: Browser) -> None:
        """Sign in; with the next code where this one was used, or nobody opens yet."""
        while True:
            try:
                await browser.sign_in(one, self.shift.clock)
            except NO_ANSWER:
                await asyncio.sleep(AGAIN)
            except NotAsExpected as trouble:
                log.warning("%s", trouble)
                left = STEP - self.shift.clock().timestamp() % STEP
                await asyncio.sleep(left + 0.5)
            else:
                return


async def open_house(coordinadores: Sequence[Browser]) -> None:
    """One coordinador asks that the house be opened, another agrees; nothing where it is open."""
    for browser, action in zip(coordinadores, (OPEN, AGREE), strict=False):
        form = (await browser.get(CONSENTS)).form(action)
        if form is not None:
            await browser.send(form, form.filled({}))
