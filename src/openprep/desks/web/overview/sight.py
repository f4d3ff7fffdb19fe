"""What a coordinador sees of a house at one moment, table by table."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import islice

from openprep.capture.paper import Stage
from openprep.capture.work.figures import Figures, figures_of
from openprep.capture.work.progress import TEN_MINUTES, Milestone, Work
from openprep.capture.work.tasks import Task
from openprep.desks.delivery_note import DeliveryNote
from openprep.desks.house import House
from openprep.desks.web.overview.tables import Cell, Column, Shown, Table, share
from openprep.desks.web.paper.finding import Where, where_of

MOST_STUCK = 5_000
"""Stuck actas in a file; a page shows :data:`SHOWN_STUCK` of them."""

SHOWN_STUCK = 20
NOWHERE = Where("", "", "")
TENS = 72
"""Stretches of ten minutes that are shown: twelve hours."""

DELIVERY_STOPS, SET_ASIDE = "K459", "K460"
"""What the delivery beside the desks tells: nothing leaves, or the centre set something aside."""

_WORK_SHOWN = (Work.CAPTURED, Work.ARBITRATED, Work.CHECKED)


class Sight:
    """The figures of a house now; ``reported`` is how many actas each place reports."""

    def __init__(self, house: House, reported: Mapping[str, int], note: DeliveryNote) -> None:
        self._house = house
        self._reported = reported
        self._note = note
        self._floor = house.seen_now()
        self._progress = self._floor.progress
        self.now = house.clock()
        self.figures: Figures = figures_of(self._progress, self.now)

    def progress(self) -> Table:
        """Each contest: of the actas that it expects, how many are at which stage."""
        election, progress = self._house.election, self._progress
        rows: list[tuple[Cell, ...]] = []
        for contest, catalogue in election.catalogues.items():
            at = {stage: progress.stages[contest, stage] for stage in Stage}
            at[Stage.EXPECTED] += len(catalogue) - progress.known[contest]
            rows.append((contest, len(catalogue), *at.values()))
        stages = (Column(stage.value) for stage in Stage)
        heads = (Column("contest", Shown.CONTEST), Column("expected_actas"), *stages)
        return Table("avance", heads, rows)

    def places(self) -> Table:
        """Each place: what came there, how far that is, and what its people did."""
        heads = (
            Column("place", Shown.TEXT),
            *map(Column, ("reports", "came", "missing", "standing", "checked")),
            *(Column(f"work_{work.value}") for work in _WORK_SHOWN),
            Column("last_hour"),
            Column("last_seconds", Shown.SECONDS),
        )
        known = {one.place: one for one in self.figures.places}
        rows: list[tuple[Cell, ...]] = []
        for place in sorted(self._house.places):
            expected, one = self._reported.get(place), known.get(place)
            if one is None:
                rows.append((place, expected, *(0,) * 8, None))
                continue
            came = (one.came, one.missing, one.standing, one.checked)
            work = (one.work[work.value] for work in _WORK_SHOWN)
            rows.append((place, expected, *came, *work, one.last_hour, one.last_seconds))
        return Table("lugares", heads, rows)

    def queues(self) -> Table:
        """Each task: how many wait, for how long the oldest has, how many are lent or stuck."""
        heads = (
            Column("task", Shown.WORDS, "task."),
            Column("waiting"),
            Column("at_work"),
            Column("oldest_seconds", Shown.SECONDS),
            Column("stuck"),
        )
        lent = self._floor.at_work()
        rows: list[tuple[Cell, ...]] = [
            (
                queue.task,
                queue.waiting,
                lent[Task(queue.task)],
                queue.oldest_seconds,
                self._floor.count_stuck(Task(queue.task), self.now),
            )
            for queue in self.figures.queues
        ]
        sample = (Task.SAMPLE.value, self._floor.to_sample, lent[Task.SAMPLE], None, 0)
        return Table("tareas", heads, [*rows, sample])

    def spans(self) -> Table:
        """Each part of the way: how long it takes, in the last hour and in all."""
        heads = [Column("span", Shown.WORDS, "span.")]
        for of in ("hour", "night"):
            heads.append(Column(f"{of}_count"))
            heads += [Column(f"{of}_{part}_seconds", Shown.SECONDS) for part in ("median", "p95")]
        rows: list[tuple[Cell, ...]] = [
            (
                one.span,
                *(one.last_hour.count, one.last_hour.median, one.last_hour.p95),
                *(one.night.count, one.night.median, one.night.p95),
            )
            for one in self.figures.spans
        ]
        return Table("tiempos", tuple(heads), rows)

    def stuck(self, most: int = MOST_STUCK) -> Table:
        """Actas that nobody has and that wait for longer than the policy says."""
        heads = (
            Column("acta", Shown.TEXT),
            Column("task", Shown.WORDS, "task."),
            Column("seconds", Shown.SECONDS),
            Column("contest", Shown.CONTEST),
            *(Column(name, Shown.TEXT) for name in ("area", "section", "casilla")),
        )
        at = self.now.timestamp()
        found = [
            (waits, task)
            for task in Task
            for waits in islice(self._floor.stuck(task, self.now), most)
        ]
        rows: list[tuple[Cell, ...]] = []
        for waits, task in sorted(found, key=lambda one: one[0])[:most]:
            contest, named = waits.key
            where = where_of(self._house.election, contest, named) or NOWHERE
            rows.append((named, task.value, int(at - waits.since), contest, *where))
        return Table("detenidas", heads, rows)

    def disputes(self) -> Table:
        """Each contest: captures that differ, and what became of them."""
        names = ("opened", "open", "decided", "neither", "sent_back")
        heads = (
            Column("contest", Shown.CONTEST),
            *map(Column, names),
            Column("neither_share", Shown.SHARE),
        )
        rows = [
            (
                one.contest,
                *(getattr(one, name) for name in names),
                share(one.neither, one.decided),
            )
            for one in self.figures.disputes
        ]
        return Table("diferencias", heads, rows)

    def hints(self) -> Table:
        """Each hint: how often it was shown, and how often figures were left as they were."""
        heads = (
            Column("hint", Shown.WORDS, "of_hint."),
            Column("shown"),
            Column("overruled"),
            Column("overruled_share", Shown.SHARE),
        )
        rows = [
            (one.hint, one.shown, one.overruled, share(one.overruled, one.shown))
            for one in self.figures.hints
        ]
        return Table("avisos", heads, rows)

    def incidents(self) -> Table:
        """What was set aside, refused, asked for again, or failed, by its code."""
        centre = {DELIVERY_STOPS: bool(self._note.stopped_by), SET_ASIDE: self._note.aside}
        found = {
            **self.figures.asked_again,
            **self.figures.aside,
            **dict(sorted(self._house.incidents.count.items())),
            **{code: int(count) for code, count in centre.items() if count},
        }
        heads = (Column("incident", Shown.WORDS, "incident."), Column("count"))
        return Table("incidencias", heads, list(found.items()))

    def pace(self) -> Table:
        """What came, was captured and stands, by ten minutes of the latest hours."""
        heads = (
            Column("from", Shown.TEXT),
            *(Column(f"pace_{milestone.value}") for milestone in Milestone),
        )
        tens, last = self._progress.tens, int(self.now.timestamp() // TEN_MINUTES)
        local = self._house.election.window.local
        rows: list[tuple[Cell, ...]] = []
        for ten in range(last - TENS + 1, last + 1):
            began = local(datetime.fromtimestamp(ten * TEN_MINUTES, UTC))
            counts = (tens[ten, milestone] for milestone in Milestone)
            rows.append((began.strftime("%H:%M"), *counts))
        first = next((at for at, row in enumerate(rows) if any(row[1:])), len(rows) - 1)
        return Table("ritmo", heads, rows[first:])

    @property
    def stopped_by(self) -> str:
        """Why nothing leaves for the centre; empty where all does."""
        return self._note.stopped_by


TABLES: Mapping[str, Callable[[Sight], Table]] = {
    "avance": Sight.progress,
    "lugares": Sight.places,
    "tareas": Sight.queues,
    "tiempos": Sight.spans,
    "detenidas": Sight.stuck,
    "diferencias": Sight.disputes,
    "avisos": Sight.hints,
    "incidencias": Sight.incidents,
    "ritmo": Sight.pace,
}
"""Each table by its name in addresses."""
