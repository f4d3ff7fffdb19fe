"""The floor of a capture house at the size of a nation: handing out, and folding every step.

170,000 actas of one contest in 300 districts. They are digitised; 3,822 people take, capture and
hand in until every acta stands, one in fifty disputed and arbitrated. What one hand-out and one
step cost is held against the same at a hundredth of the size, in the same run: neither should grow
with what waits. What the coordinador's figures cost is taken at the end, where every acta waits for
its check.
"""

import statistics
import time
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from random import Random

from benchmarks.tabulating import RULES, nation
from benchmarks.telling import command, tell
from openprep.capture.reading import Reading
from openprep.capture.steps import ActaArbitrated, ActaCaptured, ActaDigitised
from openprep.capture.work.figures import figures_of
from openprep.capture.work.floor import Floor
from openprep.capture.work.tasks import Hand, Task
from openprep.election import (
    CutPeriods,
    Databases,
    Digitization,
    DocumentKind,
    Election,
    Flavour,
    Level,
    Origin,
    Root,
    Window,
)
from openprep.election.remit import Remit

PEOPLE = 3_822
AT = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
ARRIVING = timedelta(hours=4)
LOOKS = 20


def election(actas: int) -> Election:
    """A nation of so many actas."""
    contest, catalogue = nation()
    return Election(
        id="nacion",
        name="",
        authority="",
        drill=True,
        root=Root(Level.NATIONAL, "00", ""),
        window=Window(AT, AT, "America/Mexico_City"),
        cuts=CutPeriods(1, 20),
        rules=RULES,
        parties={},
        areas={},
        contests={contest.id: contest},
        catalogues={contest.id: catalogue[:actas]},
        databases=Databases(Flavour.FEDERAL_2024, frozenset(), {}),
        digest="0" * 64,
    )


class Night:
    """A floor whose actas are all digitised, and those who work on it."""

    def __init__(self, actas: int, people: int) -> None:
        self.election = election(actas)
        (self.contest,) = self.election.contests
        self.floor = Floor(self.election, {"CCV": Remit.of(["*"], ["*"], ["*"])})
        self.random = Random(1)
        self.people = [Hand(f"{number:032x}", "CCV") for number in range(people)]
        columns = len(self.election.contests[self.contest].columns)
        self.readings = [
            Reading((1,) * columns, 700 - columns, columns, 0, columns, total)
            for total in (columns, columns + 1)
        ]
        for number, expected in enumerate(self.election.catalogues[self.contest]):
            image = f"{number:064x}"
            step = ActaDigitised(
                *(self.contest, expected.id, "f" * 32, "f" * 32, AT - ARRIVING * (number / actas)),
                image=image,
                original=image,
                origin=Origin.CATD,
                digitization=Digitization.ESCANER,
                document=DocumentKind.ACTA_PREP,
            )
            self.floor.take(step, "CCV")
        self.now = 0.0
        self.hand_outs: list[float] = []
        self.steps: list[float] = []

    def work(self) -> None:
        """Capture and arbitrate until nothing waits for a person but the paper."""
        idle, workers = 0, cycle(self.people)
        while idle < len(self.people):
            person = next(workers)
            self.now += 60 / len(self.people)
            done = self._capture(person, self.now) or self._arbitrate(person, self.now)
            idle = 0 if done else idle + 1

    def _capture(self, person: Hand, now: float) -> bool:
        began = time.perf_counter()
        lent = self.floor.lend(person, Task.CAPTURE, now)
        self.hand_outs.append(time.perf_counter() - began)
        if not lent:
            return False
        reading = self.readings[self.random.random() < 0.01]
        self._take(ActaCaptured, person, lent[0].acta, lent[0].image, reading)
        return True

    def _arbitrate(self, person: Hand, now: float) -> bool:
        lent = self.floor.lend(person, Task.ARBITRATE, now)
        if lent:
            acta, image = lent[0].acta, lent[0].image
            self._take(ActaArbitrated, person, acta, image, self.readings[0])
        return bool(lent)

    def _take(
        self,
        kind: type[ActaCaptured] | type[ActaArbitrated],
        person: Hand,
        acta: str | None,
        image: str | None,
        reading: Reading,
    ) -> None:
        assert image is not None
        at = AT + timedelta(seconds=self.now)
        who = (self.contest, acta, person.person, person.person, at)
        step = kind(*who, image=image, reading=reading)
        began = time.perf_counter()
        self.floor.take(step, person.place)
        self.steps.append(time.perf_counter() - began)

    def look(self) -> float:
        """Milliseconds of the coordinador's figures: the median of some looks."""
        at, took = AT + timedelta(seconds=self.now), []
        for _ in range(LOOKS):
            began = time.perf_counter()
            figures_of(self.floor.progress, at)
            self.floor.at_work()
            for task in Task:
                self.floor.count_stuck(task, at)
                list(islice(self.floor.stuck(task, at), LOOKS))
            took.append(time.perf_counter() - began)
        return statistics.median(took) * 1e3


def costs(actas: int, people: int) -> dict[str, float]:
    """Microseconds of one hand-out and of one step, and seconds of the whole night."""
    began = time.process_time()
    night = Night(actas, people)
    night.work()
    papers = night.floor.progress.stages
    stages = {stage.value: count for (_, stage), count in papers.items() if count}
    assert stages == {"standing": actas}, stages
    hand_outs = statistics.quantiles(night.hand_outs, n=100)
    return {
        "actas": actas,
        "hand_out_p50_us": round(hand_outs[49] * 1e6, 1),
        "hand_out_p95_us": round(hand_outs[94] * 1e6, 1),
        "step_us": round(statistics.mean(night.steps) * 1e6, 1),
        "figures_ms": round(night.look(), 1),
        "cpu_s": round(time.process_time() - began, 1),
    }


def measure() -> dict[str, object]:
    small = costs(1_700, 38)
    whole = costs(170_000, PEOPLE)
    return {
        "whole": whole,
        "hundredth": small,
        "hand_out_p95_ratio": round(whole["hand_out_p95_us"] / small["hand_out_p95_us"], 2),
        "step_ratio": round(whole["step_us"] / small["step_us"], 2),
    }


if __name__ == "__main__":
    command(__doc__).parse_args()
    tell("capturing", measure())
