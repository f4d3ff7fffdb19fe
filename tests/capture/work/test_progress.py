"""The figures of a house against an oracle that keeps all steps and counts again from the first."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from capture.walking import BEGINS, IMAGES, READ, READ_OTHERWISE, Steps
from openprep.capture.paper import Known, NotTaken, Published, Stage
from openprep.capture.papers import Papers, paper_of
from openprep.capture.steps import (
    ActaArbitrated,
    ActaCaptured,
    ActaIdentified,
    AnyStep,
    HintCode,
    Verdict,
)
from openprep.capture.work.figures import ANY_HINT, figures_of
from openprep.capture.work.progress import WORK_OF, Progress
from openprep.capture.work.spans import SPAN_BETWEEN, OfLate, Span, quantiles_of, rounded
from openprep.capture.work.tasks import TASK_AT, Task
from openprep.capture.work.waits import WaitingRoom

NEITHER = structs.replace(READ, votes=(3, 2, 7))
OTHER = structs.replace(READ, votes=(9, 9, 9))
PLACES = ("CATD", "CCV1", "CCV2")
SHOWN = tuple(HintCode)[:2]


@dataclass
class Oracle:
    """Every step that was taken, with all papers' stages after it."""

    papers: Papers = field(default_factory=Papers)
    progress: Progress = field(default_factory=Progress)
    events: list = field(default_factory=list)

    neither: int = 0

    def take(self, step, place):
        outcome = self.papers.take(step, place)
        if isinstance(step, ActaArbitrated) and isinstance(outcome, Published):
            paper = self.papers.by_key[paper_of(step)]
            three = (step.reading, paper.first.step.reading, paper.second.step.reading)
            votes = zip(*(reading.votes for reading in three), strict=True)
            self.neither += any(word not in two for word, *two in votes)
        self.progress.take(step, place, outcome, self.papers)
        stages = {key: paper.stage for key, paper in self.papers.by_key.items()}
        self.events.append((step.at.timestamp(), place, step, outcome, stages))

    @property
    def taken(self):
        return [event for event in self.events if not isinstance(event[3], NotTaken | Known)]

    def spans(self):
        """Each part of the way that ended: which, how long it took, and when."""
        at_stage, came, stood, found = {}, {}, set(), []
        for at, _, step, outcome, stages in self.events:
            if isinstance(step, ActaIdentified) and not isinstance(outcome, NotTaken):
                alone, key = (step.contest, step.image), paper_of(step)
                at_stage[key] = at_stage.pop(alone)
                came.setdefault(key, came.pop(alone))
                stood |= {key} if alone in stood else set()
            for key, stage in stages.items():
                before, since = at_stage.get(key, (None, at))
                if before is stage:
                    continue
                at_stage[key] = (stage, at)
                if (before, stage) in SPAN_BETWEEN:
                    found.append((SPAN_BETWEEN[before, stage], at - since, at))
                if stage in (Stage.RECEIVED, Stage.DIGITISED):
                    came.setdefault(key, at)
                if stage is Stage.STANDING and key not in stood:
                    stood.add(key)
                    found.append((Span.WHOLE, at - came[key], at))
        return found

    def disputes(self):
        found = Counter()
        for (*_, before), (_, _, step, _, after) in zip(self.events, self.events[1:], strict=False):
            for key, stage in after.items():
                if stage is not before.get(key) and not (
                    isinstance(step, ActaIdentified) and key == paper_of(step)
                ):
                    found["opened"] += stage is Stage.DISPUTED
                    found["decided"] += (before.get(key), stage) == (
                        Stage.DISPUTED,
                        Stage.STANDING,
                    )
                    found["sent_back"] += (before.get(key), stage) == (
                        Stage.DISPUTED,
                        Stage.REDIGITISE,
                    )
        return found

    def since(self, key):
        """Since when a paper waits for what it waits for now."""
        task, since = TASK_AT[self.events[-1][4][key]], None
        for at, _, step, outcome, stages in reversed(self.events):
            if key not in stages or TASK_AT[stages[key]] is not task:
                break
            since = at
            identified = isinstance(step, ActaIdentified) and not isinstance(outcome, NotTaken)
            if identified and paper_of(step) == key:
                break
        return since

    def waiting(self, task):
        stages = self.events[-1][4]
        return sorted((self.since(key), key) for key in stages if TASK_AT[stages[key]] is task)


def in_the_hour(at, now):
    return now // 60 - 60 < at // 60 <= now // 60


def of_all(times):
    """Count, median and 95 % by sorting them all."""
    times = sorted(rounded(time) for time in times)
    if not times:
        return (0, None, None)
    return (len(times), *(times[ceil(len(times) * part / 100) - 1] for part in (50, 95)))


def told(quantiles):
    return quantiles.count, quantiles.median, quantiles.p95


def any_step(draw):
    """A step that may or may not be taken, of one of three actas or of none."""
    acta = draw(st.sampled_from(["A0", "A0", "A0", "A1", "A2", None]))
    steps, image = Steps(acta), draw(st.sampled_from(IMAGES))
    by = draw(st.sampled_from(["ana", "beto", "carla"]))
    reading = draw(st.sampled_from([READ, READ, READ_OTHERWISE, OTHER]))
    hints = draw(st.sampled_from([(), SHOWN[:1], SHOWN]))
    if acta is None:
        image = f"{draw(st.integers(1, 2)):064x}"
    return draw(
        st.sampled_from(
            [
                steps.receive,
                steps.miss,
                lambda: steps.digitise(image),
                lambda: steps.capture(
                    by, reading, image, hints=hints, overruled=bool(hints) and by == "ana"
                ),
                lambda: steps.capture(by, READ, image),
                lambda: steps.arbitrate(by, reading, image, "se ve mal"),
                lambda: steps.send_back(image=image),
                lambda: steps.check(image=image),
                lambda: steps.check(Verdict.REDIGITISE, "otra", image),
                lambda: steps.check(Verdict.RECAPTURE, "otra", image),
                lambda: Steps(acta or "A1").identify(image=f"{1:064x}"),
            ]
        )
    )()


def waited_for(draw, oracle):
    """The step that one of the papers waits for; a paper without identity may get one."""
    paper = draw(st.sampled_from(list(oracle.papers.by_key.values())))
    steps, shown = Steps(paper.acta), paper.shown
    if paper.acta is None and draw(st.booleans()):
        return Steps(draw(st.sampled_from(["A0", "A1"]))).identify(image=next(iter(paper.images)))
    if paper.stage in (Stage.STANDING, Stage.ACCEPTED):
        verdict = draw(st.sampled_from(Verdict))
        return steps.check(verdict, "otra", paper.stands.image_sha256)
    if shown is None:
        return steps.digitise(f"{len(oracle.events) + 1:064x}")
    if draw(st.integers(1, 8)) == 1:
        return steps.send_back(image=shown)
    reading = draw(st.sampled_from([READ, READ, READ_OTHERWISE, NEITHER]))
    if paper.stage is Stage.DISPUTED:
        return steps.arbitrate("dora", reading, shown, "se ve mal")
    by, hints = (
        draw(st.sampled_from(["ana", "beto"])),
        draw(st.sampled_from([(), SHOWN[:1], SHOWN])),
    )
    return steps.capture(by, reading, shown, hints=hints, overruled=bool(hints) and by == "ana")


@st.composite
def nights(draw):
    """A night of steps, most of them waited for; now and then the clock is set back."""
    oracle, now = Oracle(), BEGINS
    for _ in range(draw(st.integers(1, 40))):
        now += timedelta(seconds=draw(st.sampled_from([0, 1, 59, 60, 61, 400, 1_900, -3_600])))
        likely = oracle.papers.by_key and draw(st.integers(1, 4)) > 1
        step = waited_for(draw, oracle) if likely else any_step(draw)
        oracle.take(structs.replace(step, at=now), draw(st.sampled_from(PLACES)))
    return oracle, now


@settings(max_examples=50)
@given(nights())
def test_the_figures_are_those_that_counting_again_gives(night):
    are_counted_again(*night)


def are_counted_again(oracle, now):
    at, found = now.timestamp(), figures_of(oracle.progress, now)
    stages = oracle.events[-1][4]
    assert +oracle.progress.stages == Counter((key[0], stage) for key, stage in stages.items())
    assert oracle.progress.known["AYUN"] == sum(key[1].startswith("A") for key in stages)
    spans = oracle.spans()
    for figures in found.spans:
        night_s = [(took, when) for span, took, when in spans if span.value == figures.span]
        assert told(figures.night) == of_all(took for took, _ in night_s)
        assert told(figures.last_hour) == of_all(t for t, when in night_s if in_the_hour(when, at))
    for queue in found.queues:
        waiting = oracle.waiting(Task(queue.task))
        oldest = max(0, int(at - waiting[0][0])) if waiting else None
        assert (queue.waiting, queue.oldest_seconds) == (len(waiting), oldest)
    assert found.aside == {
        code.code: count
        for code, count in sorted(
            Counter(e[3].why for e in oracle.events if isinstance(e[3], NotTaken)).items(),
            key=lambda pair: pair[0].code,
        )
    }


@settings(max_examples=40)
@given(nights())
def test_conflicts_hints_and_places_are_those_that_counting_again_gives(night):
    oracle, now = night
    at, found = now.timestamp(), figures_of(oracle.progress, now)
    turns = oracle.disputes()
    for dispute in found.disputes:
        told = (dispute.opened, dispute.decided, dispute.sent_back)
        assert told == (turns["opened"], turns["decided"], turns["sent_back"])
        assert dispute.open == dispute.opened - dispute.decided - dispute.sent_back
        assert dispute.neither == oracle.neither
    captures = [event[2] for event in oracle.taken if isinstance(event[2], ActaCaptured)]
    for hint in found.hints:
        shown = [one for one in captures if hint.hint in [*(h.value for h in one.hints)]]
        if hint.hint == ANY_HINT:
            shown = [one for one in captures if one.hints]
        assert (hint.shown, hint.overruled) == (len(shown), sum(one.overruled for one in shown))
    for place in found.places:
        own = [event for event in oracle.taken if event[1] == place.place]
        tags = Counter(WORK_OF[event[2].__struct_config__.tag].value for event in own)
        assert {work: count for work, count in place.work.items() if count} == tags
        assert place.last_hour == sum(in_the_hour(event[0], at) for event in own)
        last = max(event[0] for event in oracle.events if event[1] == place.place)
        assert place.last_seconds == max(0, int(at - last))
    assert sum(place.came for place in found.places) == sum(
        stage is not Stage.EXPECTED for stage in oracle.events[-1][4].values()
    )


def test_every_step_that_a_house_takes_is_counted_as_some_work():
    tags = {step.__struct_config__.tag for step in get_args(AnyStep)}
    assert set(WORK_OF) == tags - {"sample_drawn"}, "it is of no acta"


def test_an_acta_that_was_identified_came_when_it_was_received_and_waits_anew():
    oracle, now, unknown, acta = Oracle(), BEGINS, Steps(None), Steps("A1")
    for step in (
        acta.receive(),
        unknown.digitise(IMAGES[0]),
        unknown.send_back(image=IMAGES[0]),
        acta.identify(image=IMAGES[0]),
        acta.digitise(IMAGES[1]),
        acta.capture("ana", READ, IMAGES[1]),
        acta.capture("beto", READ, IMAGES[1]),
    ):
        now += timedelta(minutes=7)
        oracle.take(structs.replace(step, at=now), "CATD")
        are_counted_again(oracle, now)
    (whole,) = (one for one in figures_of(oracle.progress, now).spans if one.span == "whole")
    assert whole.night.median == rounded(42 * 60)


def test_a_figure_of_neither_is_one_that_neither_had_read():
    for reading, neither in ((READ_OTHERWISE, 0), (NEITHER, 1)):
        oracle, steps = Oracle(), Steps("A0")
        for step in (
            steps.digitise(),
            steps.capture("ana", READ),
            steps.capture("beto", READ_OTHERWISE),
            steps.arbitrate("carla", reading, reason="se ve un 7"),
        ):
            oracle.take(step, "CCV1")
        (dispute,) = figures_of(oracle.progress, BEGINS).disputes
        assert (dispute.opened, dispute.open, dispute.decided) == (1, 0, 1)
        assert dispute.neither == neither


@given(st.lists(st.integers(0, 200_000), max_size=60))
def test_a_rounded_time_is_at_most_one_part_in_32_less_and_quantiles_are_of_what_is_there(times):
    for time in times:
        assert time - time / 32 - 1 < rounded(time) <= time
    assert told(quantiles_of(Counter(map(rounded, times)))) == of_all(times)


@given(st.lists(st.integers(0, 12_000), max_size=50), st.integers(0, 14_000))
def test_of_late_is_what_happened_in_this_minute_and_the_59_before_it(times, now):
    late = OfLate()
    for at in times:
        late.add(float(at), "step")
    assert late.hour(float(now))["step"] == sum(in_the_hour(at, now) for at in times)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdef"), st.sampled_from([*Task, None]), st.integers(0, 100_000)
        )
    ),
    st.integers(0, 100_000),
)
def test_what_waits_too_long_is_told_whatever_the_clock_did(put, before):
    room, plain = WaitingRoom(), {}
    for key, task, at in put:
        room.put(("AYUN", key), task, float(at))
        if task is None:
            plain.pop(key, None)
        elif key not in plain or plain[key][0] is not task:
            plain[key] = (task, at)
    for task in Task:
        own = sorted((at, ("AYUN", key)) for key, (of, at) in plain.items() if of is task)
        late = [waits for waits in own if waits[0] < before]
        assert list(room.before(task, float(before))) == late
        assert room.count_before(task, float(before)) == len(late)
        assert room.count[task] == len(own)
        assert room.oldest(task) == (own[0][0] if own else None)
