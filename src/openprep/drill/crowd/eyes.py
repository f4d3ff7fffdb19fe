"""Those who read images: who captures, who decides between two captures, and who checks."""

from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from openprep.desks.web.texts.all import text
from openprep.desks.web.texts.said import Language
from openprep.drill.crowd.browser import Browser, NotAsExpected
from openprep.drill.crowd.page import Page, PageForm
from openprep.drill.crowd.papers import Paper
from openprep.drill.crowd.shift import Shift
from openprep.election import FieldState, Observation, VoteField

CAPTURE, CONFIRM, ANOTHER_IMAGE = "/captura", "/captura/confirmar", "/captura/otra-imagen"
DISPUTES = "/arbitraje"
CHECKING = "/cotejo"
CONSENTS, AGREE = "/sesiones", "/sesiones/acordar"
CHOICE = "elige."
NEITHER = "otra"

TO_TYPE, TO_LOOK_AGAIN, TO_DECIDE, TO_CHECK = 60.0, 15.0, 40.0, 30.0
"""Seconds that it takes a person."""

DIFFERENT = Observation.LETRA_DISTINTA_DE_NUMERO


@dataclass
class Capturista:
    """Types what stands on an image; now and then a figure wrong, which a hint may bring to light.

    Of the mistakes that a hint speaks of, one in two is found by looking again.
    """

    browser: Browser
    shift: Shift
    chance: Random
    _seen: set[str] = field(default_factory=set)

    async def turn(self) -> bool:
        """Capture the acta that is lent; whether there was one."""
        page = await self.browser.get(CAPTURE)
        form = page.form(CAPTURE)
        if form is None:
            return await self._answer(page, None)
        await self._look_at(page)
        paper = self.shift.paper_on(page)
        if paper is None or not paper.is_there:
            return await self._send_back(page)
        typed = self.typed_of(paper)
        await self.shift.pace.spend(TO_TYPE, self.chance)
        page = await self._save(form, paper, typed)
        await self._answer(page, paper if typed != paper.keys else None)
        self.shift.done["captured"] += 1
        return True

    async def _look_at(self, page: Page) -> None:
        """Have the image of a page, once, as a browser has it."""
        for path in page.images:
            if path not in self._seen:
                await self.browser.picture(path)
                self._seen.add(path)

    def typed_of(self, paper: Paper) -> dict[str, str]:
        """What is typed of a paper: what stands there, or one figure otherwise."""
        keys = dict(paper.keys)
        figures = [
            name for name, key in keys.items() if name.startswith("votes.") and key.isdigit()
        ]
        if figures and self.chance.random() < self.shift.mistakes:
            name = self.chance.choice(figures)
            keys[name] = str(int(keys[name]) + self.chance.choice((1, 10)))
            self.shift.done["mistakes"] += 1
        return keys

    async def _save(self, form: PageForm, paper: Paper, typed: dict[str, str]) -> Page:
        noted = [("noted", DIFFERENT.value)] if paper.letters_differ else []
        return await self.browser.send(form, form.filled(typed, *noted))

    async def _answer(self, page: Page, wrong: Paper | None) -> bool:
        """Answer hints, if the page has any; ``wrong`` is the paper where it was read so."""
        hints = page.form(CONFIRM)
        if hints is None:
            return False
        await self.shift.pace.spend(TO_LOOK_AGAIN, self.chance)
        if wrong is not None and self.chance.random() < 0.5:
            first = next(iter(wrong.keys))
            form = (await self.browser.get(f"{CAPTURE}?campo={first}")).form(CAPTURE)
            if form is not None:
                self.shift.done["found_again"] += 1
                page = await self._save(form, wrong, wrong.keys)
                await self._answer(page, None)
                return True
        await self.browser.send(hints, hints.filled({}))
        return True

    async def _send_back(self, page: Page) -> bool:
        """Ask for another image of what nobody can tell."""
        form = page.form(ANOTHER_IMAGE)
        if form is None:
            raise NotAsExpected("{path} has no form", path=ANOTHER_IMAGE)
        said = {"motivo": "otra", "detalle": "no se sabe de qué acta es"}
        await self.browser.send(form, form.filled(said))
        self.shift.done["sent_back"] += 1
        return True


class Lent(NamedTuple):
    """What a desk lends: its page, the form on it, and the paper that the image is of."""

    page: Page
    form: PageForm
    paper: Paper


async def _lent_at(path: str, browser: Browser, shift: Shift) -> Lent | None:
    """The acta that is lent at a desk, its images fetched; ``None`` where none is."""
    page = await browser.get(path)
    form, paper = page.form(path), shift.paper_on(page)
    if form is None or paper is None:
        return None
    for image in page.images:
        await browser.picture(image)
    return Lent(page, form, paper)


@dataclass
class Verificador:
    """Decides between two readings by what stands on the image."""

    browser: Browser
    shift: Shift
    chance: Random

    async def turn(self) -> bool:
        """Decide the dispute that is lent; whether there was one."""
        lent = await _lent_at(DISPUTES, self.browser, self.shift)
        if lent is None:
            return False
        await self.shift.pace.spend(TO_DECIDE, self.chance)
        await self.browser.send(lent.form, lent.form.filled(choices_in(lent.form, lent.paper)))
        self.shift.done["arbitrated"] += 1
        return True


def choices_in(form: PageForm, paper: Paper) -> dict[str, str]:
    """What is chosen in each field that differs."""
    chosen = {}
    for name, values in form.options.items():
        asked = name.removeprefix(CHOICE)
        if asked not in paper.keys:
            noted = asked == DIFFERENT.value and paper.letters_differ
            chosen[name] = "si" if noted else "no"
        elif paper.keys[asked] in values:
            chosen[name] = paper.keys[asked]
        else:
            chosen |= {name: NEITHER, asked: paper.keys[asked]}
            chosen["motivo"] = "Ninguna de las dos es la del acta."
    return chosen


@dataclass
class Cotejador:
    """Holds the figures that stand against the paper."""

    browser: Browser
    shift: Shift
    chance: Random

    async def turn(self) -> bool:
        """Check the acta that is lent; whether there was one."""
        lent = await _lent_at(CHECKING, self.browser, self.shift)
        if lent is None:
            return False
        await self.shift.pace.spend(TO_CHECK, self.chance)
        on_paper = [_shown(lent.paper.figures[name]) for name in lent.paper.keys]
        said = {"fallo": "accepted"}
        if lent.page.cells[: len(on_paper)] != on_paper:
            said = {"fallo": "recapture", "motivo": "Las cifras no son las del acta."}
            self.shift.done["recaptured"] += 1
        await self.browser.send(lent.form, lent.form.filled(said))
        self.shift.done["checked"] += 1
        return True


@dataclass
class Coordinador:
    """Agrees to what another person asks for, so that who visits a demo needs no second one."""

    browser: Browser

    async def turn(self) -> bool:
        """Agree to what waits first; whether anything did."""
        form = (await self.browser.get(CONSENTS)).form(AGREE)
        if form is None:
            return False
        await self.browser.send(form, form.filled({}))
        return True


def _shown(value: VoteField) -> str:
    """A figure as the page shows it."""
    if isinstance(value, FieldState):
        return text(Language.SPANISH, f"state.{value.value}")
    return str(value)
