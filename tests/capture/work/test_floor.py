"""A floor of twenty people, driven at random: nothing gets stuck, nothing is lent twice too often.

Events are repeated, come in any order, and the house dies in between.
"""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from msgspec import structs

from capture.walking import Steps
from openprep.capture.asked import asked_of
from openprep.capture.paper import Stage
from openprep.capture.steps import Verdict
from openprep.capture.work.floor import Floor
from openprep.capture.work.policy import Order, Policy
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


def image(acta, number):
    return f"{int(acta[1:]):032x}{number:032x}"


class Night:
    """A floor at work, and everything that was sealed on it."""

    def __init__(self, seed, *, two_places=False, policy=None):
        rules = Rules(RULES.participation, RULES.excess_exempt, capture_places=1 + two_places)
        self.election = small_election(rules=rules, catalogues={"AYUN": MANY})
        self.policy = policy
        self.random = Random(seed)
        self.sealed = []
        self.reached = set()
        self.now = 0.0
        self.floor = self.anew()
        self.asked = {acta.id: asked_of(self.election.contests["AYUN"], acta) for acta in MANY}

    def anew(self):
        return Floor(self.election, REMITS, self.policy)

    def take(self, step, place):
        self.sealed.append((step, place))
        outcome = self.floor.take(step, place)
        self.reached |= {stage for (_, stage), count in self.floor.progress.stages.items() if count}
        return outcome

    def steps(self, acta):
        return Steps(acta, len(self.election.contests["AYUN"].columns), OPENS)

    def reading(self, acta, slip=False):
        fields = list(self.asked[acta].fields)
        return self.asked[acta].reading(dict.fromkeys(fields, 3) | {fields[0]: 3 + slip})

    # What may happen, each drawn at random.

    def paper_comes(self):
        acta = f"A{self.random.randrange(60)}"
        steps, who = self.steps(acta), {"by": "luz"}
        self.random.choice(
            [
                lambda: self.take(steps.receive(**who), "CATD"),
                lambda: self.take(
                    steps.digitise(image(acta, self.random.randrange(30)), **who), "CATD"
                ),
                lambda: self.take(steps.miss(**who), "CATD"),
            ]
        )()

    def captures(self):
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

    def signed(self, step, person):
        """The person's own step; at times it comes twice, or after their lease ran out."""
        if self.random.random() < 0.05:
            self.now += LEASE + 1
        step = type(step)(
            **{name: getattr(step, name) for name in step.__struct_fields__}
            | {"by": person.person, "session": person.person}
        )
        for _ in range(1 + (self.random.random() < 0.1)):
            self.take(step, person.place)

    def sends_back(self):
        person = self.random.choice(PEOPLE)
        for lot in self.floor.lend(person, Task.CAPTURE, self.now)[:1]:
            self.signed(self.steps(lot.acta).send_back("borrosa", lot.image), person)

    def arbitrates(self):
        person = self.random.choice(PEOPLE)
        for lot in self.floor.lend(person, Task.ARBITRATE, self.now)[:1]:
            step = self.steps(lot.acta).arbitrate("x", self.reading(lot.acta), lot.image)
            self.signed(step, person)

    def checks(self):
        verdict = self.random.choice([*Verdict, Verdict.ACCEPTED])
        for lot in self.floor.lend(CHECKER, Task.CHECK, self.now)[:1]:
            reason = None if verdict is Verdict.ACCEPTED else "no coincide"
            self.signed(self.steps(lot.acta).check(verdict, reason, lot.image), CHECKER)

    def draws(self):
        root = f"{self.random.randrange(4):064x}"
        draw = self.steps("A0").draw(2, root)
        self.take(structs.replace(draw, at=OPENS + timedelta(hours=1)), "CATD")

    def samples(self):
        person = self.random.choice(PEOPLE)
        for lot in self.floor.lend(person, Task.SAMPLE, self.now):
            root = self.floor.papers.draws[0].root
            step = self.steps(lot.acta).sample("x", self.reading(lot.acta), lot.image, root=root)
            self.signed(step, person)

    def time_passes(self):
        self.now += self.random.choice([1, 30, LEASE])

    def leaves(self):
        self.floor.take_back_from(self.random.choice(PEOPLE).person)

    def dies(self):
        live = self.floor
        self.floor = self.anew()
        for step, place in self.sealed:
            self.floor.take(step, place)
        assert self.floor.papers == live.papers
        assert +self.floor.progress.stages == +live.progress.stages
        assert self.floor.progress.waits == live.progress.waits
        assert self.floor.progress.aside == live.progress.aside

    def happen(self, events):
        kinds = (
            *(self.paper_comes,) * 6,
            *(self.captures,) * 12,
            *(self.arbitrates, self.checks, self.time_passes) * 2,
            *(self.sends_back, self.leaves, self.draws, self.samples),
        )
        for _ in range(events):
            self.random.choice(kinds)()

    def unfinished(self):
        return {
            paper.acta: task
            for paper in self.floor.papers
            if (task := TASK_AT[paper.stage]) not in (None, Task.DIGITISE)
        }

    def everything_is_handed_out(self):
        """Every paper that waits for a person is lent to enough of those that come new."""
        self.floor.take_back(self.now + 2 * LEASE)
        found = {}
        for number in range(60):
            for place in REMITS:
                person = Hand(f"{1000 + number:032x}", place)
                for task in (Task.CAPTURE, Task.ARBITRATE, Task.CHECK):
                    for lot in self.floor.lend(person, task, self.now + 2 * LEASE):
                        found[lot.acta] = task
        assert found == self.unfinished()


@pytest.mark.parametrize("two_places", [False, True], ids=["one_place", "two_places"])
@pytest.mark.parametrize("seed", range(3))
def test_nothing_gets_stuck_and_a_house_that_died_is_where_it_was(seed, two_places):
    night = Night(seed, two_places=two_places)
    for _ in range(4):
        night.happen(500)
        night.dies()
    night.everything_is_handed_out()
    assert night.reached == set(Stage) - {Stage.EXPECTED}


@pytest.mark.parametrize("order", [(Order.OLDEST,), (Order.LEAST_COVERED_AREA,)])
def test_every_policy_hands_out_everything(order):
    night = Night(7, policy=Policy(order=order, ahead=3, level=0))
    night.happen(1_500)
    night.everything_is_handed_out()


def test_no_acta_is_with_more_people_than_it_waits_for_nor_with_one_who_took_part():
    night = Night(11)
    for _ in range(300):
        night.happen(5)
        holders = Counter()
        for person in PEOPLE:
            for lot in night.floor.lend(person, Task.CAPTURE, night.now, more=False):
                paper = night.floor.papers.by_key[lot.key]
                holders[lot.key] += 1
                assert paper.first is None or paper.first.step.by != person.person
        for key, people in holders.items():
            done = night.floor.papers.by_key[key].first is not None
            assert people <= 2 - done


def test_whoever_reloads_gets_the_same_acta_and_the_one_ahead():
    night = Night(1)
    for number in range(4):
        night.take(night.steps(f"A{number}").digitise(image(f"A{number}", 0)), "CATD")
    first = night.floor.lend(PEOPLE[0], Task.CAPTURE, 0.0)
    assert len(first) == 2
    assert night.floor.lend(PEOPLE[0], Task.CAPTURE, LEASE - 1.0) == first
    assert night.floor.lend(PEOPLE[0], Task.CAPTURE, 2 * LEASE - 2.0) == first, "it is renewed"


def test_who_works_in_another_place_now_gives_back_what_was_lent_in_the_one_before():
    """Else a capture of the one place would be signed by the other, which may not make it."""
    night = Night(4)
    night.take(night.steps("A0").digitise(image("A0", 0)), "CATD")
    ana, beto = PEOPLE[0], PEOPLE[2]
    assert [lent.acta for lent in night.floor.lend(ana, Task.CAPTURE, 0.0)] == ["A0"]
    night.floor.lend(beto, Task.CAPTURE, 0.0)
    elsewhere = ana._replace(place="CATD")
    assert night.floor.lend(elsewhere, Task.CAPTURE, 0.0) == []
    assert [lent.acta for lent in night.floor.lend(PEOPLE[4], Task.CAPTURE, 0.0)] == ["A0"]


def test_two_captures_that_differ_cover_an_area_as_two_that_agree_do():
    """Whose turn it is next must tell nobody whether their figures were another's."""
    nights = {}
    for slip in (False, True):
        night = Night(1)
        for number in range(12):
            night.take(night.steps(f"A{number}").digitise(image(f"A{number}", 0)), "CATD")
        steps = night.steps("A1")
        for person, reading in zip(
            PEOPLE[:2], (night.reading("A1"), night.reading("A1", slip)), strict=True
        ):
            night.signed(steps.capture("x", reading, image("A1", 0)), person)
        nights[slip] = night
    assert nights[True].floor.papers.by_key["AYUN", "A1"].stage is Stage.DISPUTED
    given = {
        slip: [night.floor.lend(PEOPLE[0], Task.CAPTURE, float(n)) for n in range(3)]
        for slip, night in nights.items()
    }
    assert given[True] == given[False]


def test_actas_whose_second_capture_no_place_may_make_are_counted_beforehand():
    two = small_election(
        rules=Rules(RULES.participation, RULES.excess_exempt, capture_places=2),
        catalogues={"AYUN": MANY},
    )
    assert Floor(two, REMITS).short_of_places() == Counter()
    assert Floor(two, SECOND_PLACE_IN_PART).short_of_places() == Counter(AYUN=20)


def test_actas_that_another_house_digitises_and_captures_are_not_counted_here():
    two = small_election(
        rules=Rules(RULES.participation, RULES.excess_exempt, capture_places=2),
        catalogues={"AYUN": MANY},
    )
    checking = {"CATD": Remit.of([], ["*"])}
    assert Floor(two, checking).short_of_places() == Counter()
    reporting = {"CATD": Remit.of(["AYUN/001"])}
    assert Floor(two, reporting).short_of_places() == Counter(AYUN=20)


def test_an_arbiter_may_be_of_a_place_that_captured():
    night = Night(1, two_places=True)
    night.take(night.steps("A1").digitise(image("A1", 0)), "CATD")
    for person, slip in zip(PEOPLE[:2], (False, True), strict=True):
        step = night.steps("A1").capture("x", night.reading("A1", slip), image("A1", 0))
        night.signed(step, person)
    assert [lot.acta for lot in night.floor.lend(PEOPLE[2], Task.ARBITRATE, 0.0)] == ["A1"]
    assert not night.floor.lend(PEOPLE[0], Task.ARBITRATE, 0.0)


def test_an_acta_that_was_identified_stands_in_the_queue_of_its_area():
    night = Night(1)
    outside = night.steps(None)
    shown = image("A5", 0)
    night.take(outside.digitise(shown), "CATD")
    assert night.floor.lend(PEOPLE[0], Task.CAPTURE, 0.0)[0].acta is None
    night.take(night.steps("A5").identify(image=shown), "CATD")
    assert [lot.acta for lot in night.floor.lend(PEOPLE[2], Task.CAPTURE, 0.0)] == ["A5"]


def stood(night, *actas):
    """Two people captured these and read the same; then the sample was drawn, and has all."""
    for acta in actas:
        night.take(night.steps(acta).digitise(image(acta, 0)), "CATD")
        for person in PEOPLE[:2]:
            step = night.steps(acta).capture("x", night.reading(acta), image(acta, 0))
            night.signed(step, person)
    draw = structs.replace(night.steps("A0").draw(1), at=OPENS + timedelta(hours=1))
    night.take(draw, "CATD")


def test_the_sample_is_lent_one_by_one_to_people_who_had_none_of_its_figures():
    night = Night(1)
    stood(night, "A1", "A2")
    assert night.floor.to_sample == 2
    for reader in PEOPLE[:2]:
        assert night.floor.lend(reader, Task.SAMPLE, 0.0) == []
    (lot,) = night.floor.lend(PEOPLE[2], Task.SAMPLE, 0.0)
    (other,) = night.floor.lend(PEOPLE[3], Task.SAMPLE, 0.0)
    assert {lot.acta, other.acta} == {"A1", "A2"}
    assert lot.image == image(lot.acta, 0)
    assert night.floor.lend(PEOPLE[4], Task.SAMPLE, 0.0) == []
    read = night.steps(lot.acta).sample("x", night.reading(lot.acta), lot.image)
    night.signed(read, PEOPLE[2])
    assert night.floor.to_sample == 1
    assert night.floor.lend(PEOPLE[2], Task.SAMPLE, 2.0) == []
    assert [one.acta for one in night.floor.lend(PEOPLE[2], Task.CHECK, 2.0)] == []
    checked = night.floor.lend(CHECKER, Task.CHECK, 2.0)
    assert {one.acta for one in checked} == {"A1", "A2"}, "the sample takes nothing from cotejo"


@pytest.mark.parametrize("held", [False, True], ids=["in_the_queue", "in_their_hands"])
def test_nothing_of_the_sample_is_lent_while_a_capture_waits(held):
    night = Night(1)
    stood(night, "A1")
    night.take(night.steps("A2").digitise(image("A2", 0)), "CATD")
    person = PEOPLE[2]
    if held:
        assert night.floor.lend(person, Task.CAPTURE, 0.0)
        assert night.floor.lend(PEOPLE[4], Task.CAPTURE, 0.0)
    assert night.floor.lend(person, Task.SAMPLE, 0.0) == []
    for reader in (person, PEOPLE[4]):
        step = night.steps("A2").capture("x", night.reading("A2"), image("A2", 0))
        night.signed(step, reader)
    assert [lot.acta for lot in night.floor.lend(PEOPLE[6], Task.SAMPLE, 0.0)] == ["A1"]


def test_an_acta_of_the_sample_that_is_captured_again_is_read_no_more():
    night = Night(1)
    stood(night, "A1")
    assert night.floor.lend(PEOPLE[2], Task.SAMPLE, 0.0)
    back = night.steps("A1").check(Verdict.RECAPTURE, "no coincide", image("A1", 0))
    night.signed(back, CHECKER)
    assert night.floor.to_sample == 0
    assert night.floor.lend(PEOPLE[2], Task.SAMPLE, 0.0) == []
