"""Charts as the sizes of their bars, for SVG that is drawn in the page: no script, no style in it.

Every length across is in parts of a hundred of the chart's width, so that a chart is as wide as its
page, and its words stay as large as the page's.
"""

from collections.abc import Sequence
from typing import NamedTuple

from openprep.capture.paper import Stage
from openprep.desks.web.overview.tables import Table

GROUPS: dict[str, tuple[Stage, ...]] = {
    "done": (Stage.STANDING, Stage.ACCEPTED),
    "without": (Stage.WITHOUT_ACTA,),
    "begun": (
        Stage.RECEIVED,
        Stage.DIGITISED,
        Stage.CAPTURED_ONCE,
        Stage.DISPUTED,
        Stage.RECAPTURE,
        Stage.REDIGITISE,
    ),
    "away": (Stage.EXPECTED,),
}
"""The stages that one colour of the chart of progress stands for."""


class Bar(NamedTuple):
    """A bar: where it begins, how long it is, and what its colour stands for."""

    start: float
    length: float
    colour: str


class Line(NamedTuple):
    """A line of a chart: what it is of, its figure, and its bars."""

    label: str
    figure: int | None
    bars: tuple[Bar, ...]


def of_progress(table: Table) -> list[Line]:
    """Each contest: the parts of its actas that stand, have no acta, are begun, are not here."""
    lines = []
    for row in table.rows:
        counts = [
            (group, sum(table.number(row, stage.value) for stage in stages))
            for group, stages in GROUPS.items()
        ]
        lines.append(Line(str(row[0]), None, _side_by_side(counts)))
    return lines


def of_places(table: Table) -> list[Line]:
    """Each place that reports: the parts of its actas that stand, are begun, are not here."""
    lines = []
    for row in table.rows:
        reports = table.number(row, "reports")
        if not reports:
            continue
        came, missing, standing = (
            table.number(row, name) for name in ("came", "missing", "standing")
        )
        counts = [
            ("done", standing),
            ("without", missing),
            ("begun", came - missing - standing),
            ("away", max(0, reports - came)),
        ]
        lines.append(Line(str(row[0]), None, _side_by_side(counts)))
    return lines


def of_queues(table: Table) -> list[Line]:
    """Each task: how many papers wait, the stuck ones first."""
    waiting = [table.number(row, "waiting") for row in table.rows]
    lines = []
    for row, count in zip(table.rows, waiting, strict=True):
        stuck = min(count, table.number(row, "stuck"))
        counts = [("without", stuck), ("begun", count - stuck)]
        lines.append(Line(str(row[0]), count, _side_by_side(counts, max(waiting))))
    return lines


def of_spans(table: Table) -> list[Line]:
    """Each part of the way in the last hour: its median, and how far its 95 % reach."""
    ends = [table.number(row, "hour_p95_seconds") for row in table.rows]
    lines = []
    for row, end in zip(table.rows, ends, strict=True):
        half = table.number(row, "hour_median_seconds")
        counts = [("done", half), ("begun", end - half)]
        known = None if row[3] is None else end
        lines.append(Line(str(row[0]), known, _side_by_side(counts, max(ends))))
    return lines


def of_pace(table: Table) -> list[Line]:
    """Each milestone: its count in each ten minutes, a bar upwards for each."""
    lines = []
    for number, column in enumerate(table.columns[1:], 1):
        counts = [row[number] for row in table.rows]
        highest = max((count for count in counts if isinstance(count, int)), default=0)
        bars = tuple(
            Bar(100 * at / len(counts), 100 * count / highest, "done")
            for at, count in enumerate(counts)
            if isinstance(count, int) and count
        )
        lines.append(Line(column.name, highest, bars))
    return lines


def _side_by_side(counts: Sequence[tuple[str, int]], whole: int | None = None) -> tuple[Bar, ...]:
    """Counts beside each other, each as a part of ``whole`` or of their sum."""
    across = whole if whole is not None else sum(count for _, count in counts)
    bars, start = [], 0.0
    for colour, count in counts:
        if count > 0:
            length = 100 * count / across
            bars.append(Bar(round(start, 3), round(length, 3), colour))
            start += length
    return tuple(bars)
