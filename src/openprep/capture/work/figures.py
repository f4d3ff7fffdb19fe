"""The figures of a house at one moment, for its coordinador and for other programs."""

from datetime import datetime

from msgspec import Struct

from openprep.capture.codes import StepCode
from openprep.capture.paper import Stage
from openprep.capture.steps import HintCode, Verdict
from openprep.capture.work.progress import Progress, Turn, Work
from openprep.capture.work.spans import Quantiles, Span, quantiles_of
from openprep.capture.work.tasks import Task


class PlaceFigures(Struct, frozen=True):
    """What a place did.

    ``came`` are the papers that came there first, or are missing there; of them ``missing`` have no
    acta, ``standing`` have figures that stand, and ``checked`` were held against the paper.
    ``work`` is how many of its steps were taken, by what they did, ``last_hour`` in the last hour
    alone. ``last_seconds`` is how long ago its latest step is.
    """

    place: str
    came: int
    missing: int
    standing: int
    checked: int
    work: dict[str, int]
    last_hour: int
    aside: int
    last_seconds: int | None


class QueueFigures(Struct, frozen=True):
    """How many papers wait for a task of their way, and for how long the oldest has."""

    task: str
    waiting: int
    oldest_seconds: int | None


class SpanFigures(Struct, frozen=True):
    """How long a part of the way takes: count, median and 95 % in seconds; of all, and of late."""

    span: str
    night: Quantiles
    last_hour: Quantiles


class DisputeFigures(Struct, frozen=True):
    """Captures of a contest that differ: how many are open, and what became of the others.

    ``neither`` are those decided with a value that neither had read.
    """

    contest: str
    opened: int
    open: int
    decided: int
    neither: int
    sent_back: int


class HintFigures(Struct, frozen=True):
    """With how many captures a hint was shown, and with how many of them it was overruled."""

    hint: str
    shown: int
    overruled: int


class Figures(Struct, frozen=True):
    """All of them. ``hints`` ends with that of all hints together, each capture counted once."""

    places: tuple[PlaceFigures, ...]
    queues: tuple[QueueFigures, ...]
    spans: tuple[SpanFigures, ...]
    disputes: tuple[DisputeFigures, ...]
    hints: tuple[HintFigures, ...]
    aside: dict[str, int]
    asked_again: dict[str, int]
    """How often an acta was sent back, or asked for again in cotejo, by what was asked."""


ANY_HINT = "any"


def figures_of(progress: Progress, now: datetime) -> Figures:
    """The figures at ``now``, by the clock that the steps were dated with."""
    at = now.timestamp()
    return Figures(
        places=_places(progress, at),
        queues=tuple(_queue(progress, task, at) for task in Task if task is not Task.SAMPLE),
        spans=_spans(progress, at),
        disputes=_disputes(progress),
        hints=_hints(progress),
        aside={code.code: progress.aside[code] for code in StepCode if progress.aside[code]},
        asked_again=_asked_again(progress),
    )


def _places(progress: Progress, at: float) -> tuple[PlaceFigures, ...]:
    hour = progress.work_of_late.hour(at)
    return tuple(
        PlaceFigures(
            place=place,
            came=sum(progress.places[place, stage] for stage in Stage),
            missing=progress.places[place, Stage.WITHOUT_ACTA],
            standing=sum(
                progress.places[place, stage] for stage in (Stage.STANDING, Stage.ACCEPTED)
            ),
            checked=progress.places[place, Stage.ACCEPTED],
            work={work.value: progress.work[place, work] for work in Work},
            last_hour=hour[place],
            aside=progress.aside_of[place],
            last_seconds=_ago(progress.last[place], at),
        )
        for place in sorted(progress.last)
    )


def _queue(progress: Progress, task: Task, at: float) -> QueueFigures:
    waits = progress.waits
    return QueueFigures(task.value, waits.count[task], _ago(waits.oldest(task), at))


def _ago(since: float | None, at: float) -> int | None:
    """Seconds since; none where the clock was set back meanwhile."""
    return None if since is None else max(0, int(at - since))


def _spans(progress: Progress, at: float) -> tuple[SpanFigures, ...]:
    hour: dict[Span, dict[int, int]] = {span: {} for span in Span}
    for (span, seconds), count in progress.spans_of_late.hour(at).items():
        hour[span][seconds] = count
    return tuple(
        SpanFigures(span.value, quantiles_of(progress.spans[span]), quantiles_of(hour[span]))
        for span in Span
    )


def _disputes(progress: Progress) -> tuple[DisputeFigures, ...]:
    contests = sorted({contest for contest, _ in progress.stages})
    return tuple(
        DisputeFigures(
            contest=contest,
            opened=progress.disputes[contest, Turn.OPENED],
            open=progress.stages[contest, Stage.DISPUTED],
            decided=progress.disputes[contest, Turn.DECIDED],
            neither=progress.disputes[contest, Turn.NEITHER],
            sent_back=progress.disputes[contest, Turn.SENT_BACK],
        )
        for contest in contests
    )


def _hints(progress: Progress) -> tuple[HintFigures, ...]:
    each = (
        HintFigures(hint.value, progress.shown[hint], progress.overruled[hint]) for hint in HintCode
    )
    return (*each, HintFigures(ANY_HINT, progress.with_hints, progress.with_overruled))


def _asked_again(progress: Progress) -> dict[str, int]:
    sent_back = sum(count for (_, work), count in progress.work.items() if work is Work.SENT_BACK)
    return {
        Work.SENT_BACK.value: sent_back,
        Verdict.REDIGITISE.value: progress.verdicts[Verdict.REDIGITISE],
        Verdict.RECAPTURE.value: progress.verdicts[Verdict.RECAPTURE],
    }
