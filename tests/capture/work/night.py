"""A capture house of twenty people, driven at random, and all that was sealed in it."""

from collections import Counter
from datetime import timedelta
from random import Random

from msgspec import structs

from capture.walking import Steps
from openprep.capture.asked import asked_of
from openprep.capture.paper import Outcome, Stage
from openprep.capture.papers import PaperKey
from openprep.capture.reading import Reading
from openprep.capture.steps import AnyStep, Verdict
from openprep.capture.work.floor import Floor
from openprep.capture.work.policy import Policy
from openprep.capture.work.tasks import TASK_AT, Hand, Task
from openprep.election import Rules
from openprep.election.remit import Remit
from small.election import OPENS, expected, small_election
from tabulation.small import RULES

MANY = tuple(expected(number, area=f"00{number % 3}") for number in range(60))
REMITS = {
    "CATD": Remit.of(["*"], ["*"]),
    "CCV1": Remit.of([], captures=["*"]),
    "CCV2": Remit.of([], captures=["*"]),
}
SECOND_PLACE_IN_PART = REMITS | {"CCV2": Remit.of([], captures=["AYUN/001", "AYUN/002"])}
PEOPLE = [Hand(f"{number:032x}", ("CCV1", "CCV2")[number % 2]) for number in range(20)]
CHECKER = Hand(f"{99:032x}", "CATD")
LEASE = Policy().lease_seconds


def image(acta: str, number: int) -> str:
    return f"{int(acta[1:]):032x}{number:032x}"


class Night:
    """A floor at work, and everything that was sealed on it."""

    def __init__(
        self, seed: int, *, two_places: bool = False, policy: Policy | None = None
    ) -> None:
        rules = Rules(RULES.participation, RULES.excess_exempt, capture_places=1 + two_places)
        self.election = small_election(rules=rules, catalogues={"AYUN": MANY})
        self.policy = policy
        self.random = Random(seed)
        self.sealed: list[tuple[AnyStep, str]] = []
        self.reached: set[Stage] = set()
        self.now = 0.0
        self.floor = self.anew()
        self.asked = {acta.id: asked_of(self.election.contests["AYUN"], acta) for acta in MANY}

    def anew(self) -> Floor:
        return Floor(self.election, REMITS, self.policy)

    def take(self, step: AnyStep, place: str) -> Outcome:
        self.sealed.append((step, place))
        outcome = self.floor.take(step, place)
        self.reached |= {stage for (_, stage), count in self.floor.progress.stages.items() if count}
        return outcome

    def steps(self, acta: str | None) -> Steps:
        return Steps(acta, len(self.election.contests["AYUN"].columns), OPENS)

    def reading(self, acta: str, slip: bool = False) -> Reading:
        fields = list(self.asked[acta].fields)
        return self.asked[acta].reading(dict.fromkeys(fields, 3) | {fields[0]: 3 + slip})

    # What may happen, each drawn at random.

    def paper_comes(self) -> None:
        acta = f"A{self.random.randrange(60)}"
        steps = self.steps(acta)
        self.random.choice(
            [
                lambda: self.take(steps.receive(by="luz"), "CATD"),
                lambda: self.take(
                    steps.digitise(image(acta, self.random.randrange(30)), by="luz"), "CATD"
                ),
                lambda: self.take(steps.miss(by="luz"), "CATD"),
            ]
        )()

    def captures(self) -> None:
        person = self.random.choice(PEOPLE)
        lent = self.floor.lend(person, Task.CAPTURE, self.now)
        if not lent:
            return
        at_work = lent[0]
        steps = self.steps(at_work.acta)
        step = steps.capture(
            "x", self.reading(at_work.acta, self.random.random() < 0.2), at_work.image
        )
        self.signed(step, person)

    def signed(self, step: AnyStep, person: Hand) -> None:
        """The person's own step; at times it comes twice, or after their lease ran out."""
        if self.random.random() < 0.05:
            self.now += LEASE + 1
        step = type(step)(
            **{name: getattr(step, name) for name in step.__struct_fields__}
            | {"by": person.person, "session": person.person}
        )
        for _ in range(1 + (self.random.random() < 0.1)):
            self.take(step, person.place)

    def sends_back(self) -> None:
        person = self.random.choice(PEOPLE)
        for lot in self.floor.lend(person, Task.CAPTURE, self.now)[:1]:
            self.signed(self.steps(lot.acta).send_back("borrosa", lot.image), person)

    def arbitrates(self) -> None:
        person = self.random.choice(PEOPLE)
        for lot in self.floor.lend(person, Task.ARBITRATE, self.now)[:1]:
            step = self.steps(lot.acta).arbitrate("x", self.reading(lot.acta), lot.image)
            self.signed(step, person)

    def checks(self) -> None:
        verdict = self.random.choice([*Verdict, Verdict.ACCEPTED])
        for lot in self.floor.lend(CHECKER, Task.CHECK, self.now)[:1]:
            reason = None if verdict is Verdict.ACCEPTED else "no coincide"
            self.signed(self.steps(lot.acta).check(verdict, reason, lot.image), CHECKER)

    def draws(self) -> None:
        root = f"{self.random.randrange(4):064x}"
        draw = self.steps("A0").draw(2, root)
        self.take(structs.replace(draw, at=OPENS + timedelta(hours=1)), "CATD")

    def samples(self) -> None:
        person = self.random.choice(PEOPLE)
        for lot in self.floor.lend(person, Task.SAMPLE, self.now):
            root = self.floor.papers.draws.taken[0].root
            step = self.steps(lot.acta).sample("x", self.reading(lot.acta), lot.image, root=root)
            self.signed(step, person)

    def time_passes(self) -> None:
        self.now += self.random.choice([1, 30, LEASE])

    def leaves(self) -> None:
        self.floor.take_back_from(self.random.choice(PEOPLE).person)

    def dies(self) -> None:
        live = self.floor
        self.floor = self.anew()
        for step, place in self.sealed:
            self.floor.take(step, place)
        assert self.floor.papers == live.papers
        assert +self.floor.progress.stages == +live.progress.stages
        assert self.floor.progress.waits == live.progress.waits
        assert self.floor.progress.aside == live.progress.aside

    def happen(self, events: int) -> None:
        kinds = (
            *(self.paper_comes,) * 6,
            *(self.captures,) * 12,
            *(self.arbitrates, self.checks, self.time_passes) * 2,
            *(self.sends_back, self.leaves, self.draws, self.samples),
        )
        for _ in range(events):
            self.random.choice(kinds)()

    def unfinished(self) -> dict[str | None, Task]:
        return {
            paper.acta: task
            for paper in self.floor.papers
            if (task := TASK_AT[paper.stage]) not in (None, Task.DIGITISE)
        }

    def everything_is_handed_out(self) -> None:
        """Every paper that waits for a person is lent to enough of those that come new."""
        self.floor.take_back(self.now + 2 * LEASE)
        found = {}
        for number in range(60):
            for several, place in enumerate(REMITS, 1):
                person = Hand(f"{1000 * several + number:032x}", place)
                for task in (Task.CAPTURE, Task.ARBITRATE, Task.CHECK):
                    for lot in self.floor.lend(person, task, self.now + 2 * LEASE):
                        found[lot.acta] = task
        assert found == self.unfinished()

    def nothing_is_lent_too_often(self) -> None:
        """No acta is with more people than it waits for, nor with one who took part."""
        papers, holders = self.floor.papers.by_key, Counter[PaperKey]()
        for person in PEOPLE:
            for lot in self.floor.lend(person, Task.CAPTURE, self.now, more=False):
                first = papers[lot.key].first
                holders[lot.key] += 1
                assert first is None or first.step.by != person.person
        for key, people in holders.items():
            assert people <= 2 - (papers[key].first is not None)
