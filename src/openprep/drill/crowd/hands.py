"""Those who hold the papers: who receives them, who digitises them, and who opens the house."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from urllib.parse import urlencode

from openprep.drill.crowd.browser import Browser, NotAsExpected
from openprep.drill.crowd.papers import Paper
from openprep.drill.crowd.shift import Shift

RECEPTION, RECEIVE, MISS = "/acopio", "/acopio/recibir", "/acopio/sin-acta"
DIGITISING, FILE = "/digitalizacion", "/digitalizacion/archivo"
KEEP, AGAIN = "/digitalizacion/guardar", "/digitalizacion/otra"

TO_RECEIVE, TO_PHOTOGRAPH = 15.0, 25.0
"""Seconds that it takes a person."""


@dataclass
class Acopiador:
    """Receives each paper as it comes, and hands it on; or says why there is none."""

    browser: Browser
    shift: Shift
    chance: Random
    coming: Iterator[Paper]
    table: deque[Paper]
    """Where papers lie until they are digitised."""

    async def turn(self) -> bool:
        """Take the next paper that comes; whether one came."""
        paper = next(self.coming, None)
        if paper is None:
            return False
        await self.shift.pace.spend(TO_RECEIVE, self.chance)
        code = self.shift.album.code(paper)
        page = await self.browser.get(f"{RECEPTION}?{urlencode({'que': code})}")
        if paper.missing is not None:
            form = page.form(MISS)
            if form is not None:
                await self.browser.send(form, form.filled({"causa": paper.missing.value}))
        else:
            form = page.form(RECEIVE)
            if form is not None:
                await self.browser.send(form, form.filled({}, ("traslado", "D")))
            self.table.append(paper)
        self.shift.done["missing" if paper.missing else "received"] += 1
        return True


@dataclass
class Digitalizador:
    """Photographs the papers on the table, one by one."""

    browser: Browser
    shift: Shift
    chance: Random
    table: deque[Paper]

    async def turn(self) -> bool:
        """Digitise the paper that lies there longest; whether there was one."""
        if not self.table:
            return False
        paper = self.table[0]
        await self.shift.pace.spend(TO_PHOTOGRAPH, self.chance)
        photo = await self.shift.album.taken(paper)
        page = await self.browser.get(DIGITISING)
        left = page.form(AGAIN)
        if left is not None:  # of whoever went home in the middle of it
            page = await self.browser.send(left, left.filled({}))
        form = page.form(FILE)
        if form is None:
            raise NotAsExpected("{path} has no form", path=FILE)
        page = await self.browser.bring(form, photo)
        keep = page.form(KEEP)
        if keep is not None:
            await self.browser.send(keep, keep.filled({"medio": "movil"}))
            self.shift.done["digitised"] += 1
        elif page.status != 409:  # the house has this image already
            raise NotAsExpected("{paper}: {status}", paper=paper.id, status=page.status)
        self.table.popleft()
        return True
