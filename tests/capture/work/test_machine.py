"""A hundred thousand events at a house and at its centre: replayed, repeated and reordered.

Hypothesis draws what happens, a burst at a time, other events in every run, and tells which. What
fails is not shrunk: a burst is a seed.
"""

from collections import defaultdict
from itertools import groupby
from random import Random

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from capture.work.night import LEASE, Night
from openprep.capture.papers import paper_of
from openprep.capture.steps import ActaArbitrated, ActaCaptured
from openprep.record.events import EnvelopeReceived
from openprep.record.state import empty_state
from small.election import OPENS

EVENTS = 100_000
SEEDS = st.integers(0, 2**32)


class HouseAndCentre(RuleBasedStateMachine):
    """Twenty people at work in one house, and what a centre makes of all that they sealed."""

    happened = 0
    """Events in all examples of this run."""

    @initialize(seed=SEEDS, two_places=st.booleans())
    def opens(self, seed, two_places):
        self.night = Night(seed, two_places=two_places)

    @rule(seed=SEEDS, events=st.sampled_from([500, 2_000, 6_000]))
    def people_work(self, seed, events):
        self.night.random.seed(seed)
        self.night.happen(events)
        HouseAndCentre.happened += events

    @rule()
    def every_lease_runs_out(self):
        self.night.now += LEASE + 1

    @rule()
    def the_house_dies_and_replays_its_journal(self):
        self.night.dies()

    @rule(seed=SEEDS, most=st.integers(1, 30))
    def something_is_sent_again(self, seed, most):
        """A journal that was rewound: nothing that was taken before changes anything."""
        night, random = self.night, Random(seed)
        before = figures_of(night.floor.papers)
        again = random.sample(night.sealed, min(most, len(night.sealed)))
        for step, place in again:
            if not isinstance(step, ActaCaptured | ActaArbitrated):
                continue
            night.take(step, place)
        assert figures_of(night.floor.papers) == before

    @rule(seed=SEEDS)
    def envelopes_of_all_places_reach_the_centre_in_another_order(self, seed):
        """Each acta's steps in their order, as one house delivers them: the same figures stand."""
        state = folded(self.night, in_another_order(self.night.sealed, Random(seed)))
        assert figures_of(state.papers) == figures_of(self.night.floor.papers)
        assert {
            acta: version.acta for acta, version in state.contest("AYUN").current.items()
        } == figures_of(self.night.floor.papers)

    @rule(seed=SEEDS)
    def places_that_do_not_wait_for_each_other_make_nothing_stand_alone(self, seed):
        """Each place's envelopes in their order and no other: what stands, two people read."""
        facts = any_interleaving(self.night.sealed, Random(seed))
        state = folded(self.night, facts)
        assert state.papers == folded(self.night, facts).papers
        readers = readers_of(facts)
        for acta, version in state.contest("AYUN").current.items():
            if version.acta.image_sha256 is not None:
                people, arbitrated = readers[acta, version.acta.votes]
                assert len(people) > 1 or arbitrated

    @invariant()
    def no_acta_is_with_more_people_than_it_waits_for(self):
        night = getattr(self, "night", None)
        if night is not None:
            night.nothing_is_lent_too_often()

    def teardown(self):
        night = getattr(self, "night", None)
        if night is not None:
            night.dies()
            night.everything_is_handed_out()


def figures_of(papers):
    """What stands, by the acta."""
    return {paper.acta: paper.stands for paper in papers if paper.stands is not None}


def in_another_order(sealed, random):
    """The same steps, those of each paper in their own order, papers among each other in any."""
    of_paper = defaultdict(list)
    for step, place in sealed:
        of_paper[paper_of(step)].append((step, place))
    turns = [key for key, steps in of_paper.items() for _ in steps]
    random.shuffle(turns)
    left = {key: iter(steps) for key, steps in of_paper.items()}
    return [next(left[key]) for key in turns]


def any_interleaving(sealed, random):
    """The same steps, those of each place in their own order, and nothing else."""
    of_place = defaultdict(list)
    for step, place in sealed:
        of_place[place].append((step, place))
    turns = [place for _, place in sealed]
    random.shuffle(turns)
    left = {place: iter(steps) for place, steps in of_place.items()}
    return [next(left[place]) for place in turns]


def folded(night, facts):
    """The state of a centre that recorded these facts, one envelope for each run of a place."""
    state, sequences = empty_state(night.election.rules), defaultdict(int)
    for position, (place, run) in enumerate(groupby(facts, key=lambda fact: fact[1]), 1):
        sequences[place] += 1
        event = EnvelopeReceived(OPENS, place, sequences[place], b"", b"s" * 64)
        state.apply(position, event, tuple(step for step, _ in run))
    return state


def readers_of(facts):
    """Who read these votes on an acta, and whether an arbiter did."""
    found = defaultdict(lambda: (set(), []))
    for step, _ in facts:
        if isinstance(step, ActaCaptured):
            found[step.acta, step.reading.votes][0].add(step.by)
        if isinstance(step, ActaArbitrated):
            found[step.acta, step.reading.votes][1].append(step)
    return found


def test_a_hundred_thousand_events_leave_the_house_its_replay_and_the_centre_at_the_same_figures():
    HouseAndCentre.happened = 0
    while HouseAndCentre.happened < EVENTS:
        run_state_machine_as_test(
            HouseAndCentre,
            settings=settings(
                max_examples=4,
                stateful_step_count=20,
                phases=(Phase.explicit, Phase.reuse, Phase.generate),
            ),
        )
