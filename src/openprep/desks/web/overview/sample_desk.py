"""The sample at the coordinador's desk: drawn by a checkpoint that is public, and what it says."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from aiohttp import web

from openprep.capture.sample import Estimate, Sampled, estimate_of
from openprep.capture.steps import SampleDrawn
from openprep.capture.work.tasks import Task
from openprep.desks.codes import NotGiven, PageCode
from openprep.desks.house import House
from openprep.desks.ticket import Ticket
from openprep.desks.web.overview.tables import Cell, Column, Shown, Table, as_csv
from openprep.desks.web.pages import Pages, lead_to
from openprep.desks.web.routes import Route
from openprep.desks.web.sheet import Sheets
from openprep.desks.web.visit import Visit
from openprep.people.permissions import Act
from openprep.wire.log.checkpoint import Checkpoint, CheckpointError, open_checkpoint
from openprep.wire.note import NoteError, Verifier

DRAW = "/sorteo"
TABLE = DRAW + "/{table}.csv"
ALL = "todas"
MOST_SHOWN = 100
"""Differences on the page; the rest are in the file."""


class Difference(NamedTuple):
    """A field that a third person read otherwise than it stood."""

    contest: str
    acta: str
    field: str


class SampleDesk:
    """The pages of the coordinador on the sample.

    ``log`` are the keys of the publication log; without one no signature of it is looked at.
    """

    def __init__(self, house: House, pages: Pages, log: Sequence[Verifier]) -> None:
        self._house = house
        self._pages = pages
        self._log = log
        self._sheets = Sheets(house.election)

    def rows(self) -> tuple[Route, ...]:
        """The rows of these pages."""
        return (
            Route("GET", DRAW, Act.DRAW_SAMPLE, self.show, desk=True),
            Route("POST", DRAW, Act.DRAW_SAMPLE, self.draw),
            Route("GET", TABLE, Act.DRAW_SAMPLE, self.table),
        )

    async def show(self, visit: Visit) -> web.Response:
        """What was drawn, and what it says so far."""
        return self._page(visit)

    async def draw(self, visit: Visit) -> web.Response:
        """Draw the sample of every contest of the place by a checkpoint, once by each.

        Raises:
            NotSealed, RecordTrouble: as :meth:`House.take`; what was sealed before stays.
        """
        house, worker = self._house, visit.worker
        try:
            checkpoint = _checkpoint(visit.form.one("punto"), self._log)
        except CheckpointError:
            return self._page(visit, told="no_checkpoint")
        except NoteError:
            return self._page(visit, told="not_signed")
        root, one_in = checkpoint.root.hex(), house.policy.sample_one_in
        if one_in == 0 or checkpoint.size < 1:
            return self._page(visit, told="no_checkpoint")
        drawn = {one.contest for one in house.floor.papers.draws if one.root == root}
        reach = house.remits[worker.place].anything
        new = [
            contest
            for contest in house.election.contests
            if contest not in drawn and reach.covers(contest, None, house.election)
        ]
        if not new:
            return self._page(visit, told="drawn_before")
        for contest in new:
            step = SampleDrawn(
                contest=contest,
                acta=None,
                by=worker.person,
                session=worker.session,
                at=house.clock(),
                root=root,
                size=checkpoint.size,
                one_in=one_in,
            )
            await house.take(worker, step)
        return lead_to(DRAW)

    async def table(self, visit: Visit) -> web.Response:
        """A table of the page as CSV, whole."""
        tables = {one.name: one for one in self._tables()}
        found = tables.get(visit.request.match_info["table"])
        if found is None:
            raise NotGiven(PageCode.NO_SUCH_PAGE, "no such table")
        return web.Response(
            text=as_csv(found),
            content_type="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{found.name}.csv"'},
        )

    def _page(self, visit: Visit, told: str = "") -> web.Response:
        house = self._house
        differences = [
            (one.contest, one.acta, self._label(one, visit)) for one in self._differences()
        ]
        return self._pages.give(
            visit,
            "sample",
            422 if told else 200,
            told=told,
            one_in=house.policy.sample_one_in,
            is_checked=bool(self._log),
            estimates=[(self._title(name), one) for name, one in self._estimates()],
            draws=[
                (self._title(one.contest), house.election.window.local(one.at), one)
                for one in house.floor.papers.draws
            ],
            waiting=house.floor.to_sample,
            differences=differences[:MOST_SHOWN],
            more=max(0, len(differences) - MOST_SHOWN),
            tables=[(one.name, TABLE.format(table=one.name)) for one in self._tables()],
        )

    def _sampled(self) -> list[Sampled]:
        papers = self._house.floor.papers
        return [paper.sampled for paper in papers if paper.sampled is not None]

    def _estimates(self) -> Iterator[tuple[str, Estimate]]:
        """Of each contest, and of all."""
        sampled = self._sampled()
        for contest in self._house.election.contests:
            yield contest, estimate_of(one for one in sampled if one.step.contest == contest)
        yield ALL, estimate_of(sampled)

    def _differences(self) -> Iterator[Difference]:
        for one in self._sampled():
            for name in one.wrong:
                yield Difference(one.step.contest, one.step.acta or "", name)

    def _label(self, one: Difference, visit: Visit) -> str:
        ticket = Ticket(Task.SAMPLE, one.contest, one.acta, None, visit.who.person)
        return self._sheets.of(ticket).label(one.field, visit.language)

    def _title(self, contest: str) -> str | None:
        """What a contest is called; ``None`` for all of them."""
        found = self._house.election.contests.get(contest)
        return None if found is None else found.title

    def _tables(self) -> Iterator[Table]:
        """What the page says, as files."""
        estimate = ("actas", "fields", "wrong", "wrong_per_1000", "low_95", "high_95")
        yield _table(
            "muestra",
            ("contest", *estimate),
            [
                (
                    name,
                    one.actas,
                    one.fields,
                    one.wrong,
                    *(None if part is None else round(part, 4) for part in _parts(one)),
                )
                for name, one in self._estimates()
            ],
        )
        yield _table(
            "sorteos",
            ("contest", "at", "size", "root", "one_in"),
            [
                (one.contest, one.at.isoformat(), one.size, one.root, one.one_in)
                for one in self._house.floor.papers.draws
            ],
        )
        yield _table("diferencias", ("contest", "acta", "field"), list(self._differences()))


def _parts(one: Estimate) -> tuple[float | None, ...]:
    return (one.per_thousand, *one.interval)


def _table(name: str, columns: tuple[str, ...], rows: Sequence[tuple[Cell, ...]]) -> Table:
    return Table(name, tuple(Column(one, Shown.TEXT) for one in columns), rows)


def _checkpoint(pasted: str, log: Sequence[Verifier]) -> Checkpoint:
    """The checkpoint in a note that one of the keys of ``log`` signed.

    Without a key it is taken as it stands in the first three lines, whoever wrote them.

    Raises:
        CheckpointError: it is none, or one of another log.
        NoteError: no key of the log signed it so.
    """
    lines = [line.strip() for line in pasted.strip().splitlines()]
    checkpoint = Checkpoint.parse("".join(f"{line}\n" for line in lines[:3]))
    if not log:
        return checkpoint
    note = "".join(f"{line}\n" for line in lines).encode()
    return open_checkpoint(note, origin=log[0].name, log=log).checkpoint
