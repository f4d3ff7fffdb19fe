"""Guessing is slowed, and nobody else is: not behind one address, not by strangers."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from openprep.people import lockout as lockouts
from openprep.people.lockout import ALARMING, FORGOTTEN_AFTER, FREE, LONGEST, Attempt, Lockout

KNOWN = Attempt("c017", "D01", "machine-1")
STRANGE = Attempt("c017", "D01")


def fail(lockout, attempt, times, now=0.0):
    """That many failures one after the other, each as soon as it may be; when the last one was."""
    for _ in range(times):
        now += lockout.pause(attempt, now)
        assert lockout.begin(attempt, now) == 0.0
    return now


def test_the_first_failures_are_free_and_then_pauses_double_up_to_the_longest():
    lockout, now, pauses = Lockout(), 0.0, []
    fail(lockout, STRANGE, FREE)
    for _ in range(14):
        now = fail(lockout, STRANGE, 1, now)
        pauses.append(lockout.pause(STRANGE, now))
    assert pauses[:4] == [1.0, 2.0, 4.0, 8.0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST


def test_a_hundred_attempts_at_a_time_are_no_single_one():
    lockout = Lockout()
    admitted = [lockout.begin(STRANGE, 0.0) for _ in range(100)].count(0.0)
    assert admitted == FREE + 1


def test_strangers_do_not_keep_a_person_from_a_machine_that_is_known():
    lockout = Lockout()
    now = fail(lockout, STRANGE, 200)
    assert lockout.pause(STRANGE, now) == LONGEST
    assert lockout.pause(KNOWN, now) == 0.0


def test_strangers_who_try_every_name_of_a_centre_keep_nobody_else_waiting():
    lockout = Lockout()
    for number in range(300):
        fail(lockout, Attempt(f"x{number}", "D01"), 3)
    for who in (STRANGE, KNOWN, Attempt("c018", "D01", "machine-2")):
        assert lockout.pause(who, 0.0) == 0.0


def test_whoever_tries_many_names_is_given_no_free_failures_at_that_place():
    lockout = Lockout()
    for number in range(ALARMING):
        fail(lockout, Attempt(f"x{number}", "D01"), 1)
    fail(lockout, STRANGE, 1)
    assert lockout.pause(STRANGE, 0.0) == 1.0
    elsewhere = Attempt("v001", "D02")
    fail(lockout, elsewhere, 1)
    assert lockout.pause(elsewhere, 0.0) == 0.0


def test_going_from_place_to_place_gains_no_attempts_under_a_name():
    lockout = Lockout()
    admitted = [lockout.begin(Attempt("c017", f"D{n}"), 0.0) for n in range(100)].count(0.0)
    assert admitted == FREE + 1


def test_one_s_own_failures_on_a_machine_make_nobody_else_wait_there():
    lockout = Lockout()
    now = fail(lockout, KNOWN, FREE + 3)
    assert lockout.pause(KNOWN, now) > 0
    assert lockout.pause(Attempt("c018", "D01", "machine-1"), now) == 0.0
    assert lockout.pause(Attempt("c017", "D01", "machine-2"), now) == 0.0


def test_signing_in_forgets_one_s_own_failures():
    lockout = Lockout()
    fail(lockout, KNOWN, FREE)
    lockout.begin(KNOWN, 0.0)
    lockout.succeeded(KNOWN)
    fail(lockout, KNOWN, FREE)
    assert lockout.pause(KNOWN, 0.0) == 0.0


def test_an_attempt_that_nobody_looked_at_does_not_count():
    lockout = Lockout()
    for _ in range(100):
        assert lockout.begin(STRANGE, 0.0) == 0.0
        lockout.withdraw(STRANGE)
    assert not lockout.by_key


def test_an_attempt_that_was_shed_after_a_pause_begins_no_pause_anew():
    lockout = Lockout()
    now = fail(lockout, STRANGE, FREE + 8) + lockout.pause(STRANGE, 0.0) + LONGEST
    for _ in range(3):
        assert lockout.begin(STRANGE, now) == 0.0
        assert lockout.pause(STRANGE, now) > 0.0
        lockout.withdraw(STRANGE)


def test_failures_are_forgotten_after_a_while_without_any():
    lockout = Lockout()
    now = fail(lockout, STRANGE, FREE + 5)
    fail(lockout, STRANGE, FREE, now + FORGOTTEN_AFTER)
    assert lockout.pause(STRANGE, now + FORGOTTEN_AFTER) == 0.0


class Guessing(RuleBasedStateMachine):
    """Strangers and people, in whatever order and time; few are remembered, so that some go."""

    names = st.sampled_from(["c017", "c018", "x1", "x2", "x3", ""])
    places = st.sampled_from(["D01", "D02", ""])

    def __init__(self):
        super().__init__()
        self.lockout = Lockout()
        self.now = 0.0
        self.begun = []
        self.own_failures = 0
        lockouts.MOST_KEPT = 8

    def teardown(self):
        lockouts.MOST_KEPT = 20_000

    @rule(name=names, place=places)
    def a_stranger_guesses(self, name, place):
        attempt = Attempt(name, place)
        if self.lockout.begin(attempt, self.now) == 0.0:
            self.begun.append(attempt)

    @precondition(lambda self: self.begun)
    @rule(data=st.data())
    def somebody_leaves(self, data):
        attempt = data.draw(st.sampled_from(self.begun))
        self.begun.remove(attempt)
        self.lockout.withdraw(attempt)

    @rule(seconds=st.sampled_from([0.5, 5.0, 1000.0, 5000.0]))
    def time_passes(self, seconds):
        self.now += seconds

    @rule()
    def the_person_signs_in_at_a_known_machine(self):
        assert self.lockout.begin(KNOWN, self.now) == 0.0
        self.lockout.succeeded(KNOWN)

    @rule(name=names, place=places)
    def a_pause_is_never_longer_than_the_longest(self, name, place):
        assert 0.0 <= self.lockout.pause(Attempt(name, place), self.now) <= LONGEST

    @invariant()
    def what_is_remembered_is_bounded(self):
        assert len(self.lockout.by_key) <= lockouts.MOST_KEPT
        assert all(failures.count > 0 for failures in self.lockout.by_key.values())


Guessing.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestGuessing = Guessing.TestCase
