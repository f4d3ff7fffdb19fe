"""The order in which work is handed out, and to whom."""

from collections import Counter

from openprep.capture.work.leases import Lease, Leases
from openprep.capture.work.policy import Order, Policy
from openprep.capture.work.queue import Queue
from openprep.capture.work.tasks import Hand, Task, Waiting

NORTH, SOUTH = ("AYUN", "001"), ("AYUN", "002")
BOTH = frozenset({"CCV1", "CCV2"})
ANA, BETO, CARLA = Hand("ana", "CCV1"), Hand("beto", "CCV1"), Hand("carla", "CCV2")
CAPTURE = Waiting(Task.CAPTURE, 2, ())


class Board:
    """A queue with its leases."""

    def __init__(self, *order, two_places=False):
        policy = Policy(order=order or Policy().order)
        self.leases = Leases()
        self.queue = Queue(policy, Counter({NORTH: 10, SOUTH: 10}), two_places)

    def put(self, name, area=NORTH, waiting=CAPTURE, places=BOTH):
        self.queue.put(("AYUN", name), area, places, waiting)

    def next(self, person=ANA, task=Task.CAPTURE):
        key = self.queue.next(task, person, self.leases)
        return key and key[1]

    def lend(self, person=ANA, task=Task.CAPTURE):
        name = self.next(person, task)
        if name is not None:
            self.leases.give(Lease(task, ("AYUN", name), *person, until=300.0))
        return name


def once(hand):
    return Waiting(Task.CAPTURE, 1, (hand,))


def test_the_oldest_comes_first():
    board = Board()
    for name in ("A2", "A0", "A1"):
        board.put(name)
    assert [board.lend() for _ in range(4)] == ["A2", "A0", "A1", None]


def test_the_least_covered_area_comes_before_what_is_older():
    board = Board()
    board.put("A0", NORTH)
    board.put("A1", SOUTH)
    board.queue.cover(NORTH)
    assert board.next() == "A1"


def test_a_policy_of_age_alone_does_not_ask_for_areas():
    board = Board(Order.OLDEST)
    board.put("A0", NORTH)
    board.put("A1", SOUTH)
    board.queue.cover(NORTH)
    assert board.next() == "A0"


def test_an_acta_is_lent_to_two_people_and_to_no_third():
    board = Board()
    board.put("A0")
    assert [board.lend(person) for person in (ANA, BETO, CARLA)] == ["A0", "A0", None]


def test_nobody_gets_an_acta_twice():
    board = Board()
    board.put("A0")
    assert [board.lend(), board.lend()] == ["A0", None]
    board.put("A0", waiting=once(ANA))
    board.leases.end("ana", ("AYUN", "A0"))
    assert board.next(ANA) is None
    assert board.next(BETO) == "A0"


def test_where_two_places_are_asked_for_the_first_place_gets_it_no_more():
    board = Board(two_places=True)
    board.put("A0", waiting=once(ANA))
    assert board.next(BETO) is None
    assert board.next(CARLA) == "A0"


def test_a_place_gets_only_what_its_enrolment_has():
    board = Board()
    board.put("A0", places=frozenset({"CCV2"}))
    assert board.next(ANA) is None
    assert board.next(CARLA) == "A0"


def test_what_is_given_back_has_its_old_turn():
    board = Board()
    for name in ("A0", "A1"):
        board.put(name, waiting=Waiting(Task.CHECK, 1, ()))
    assert [board.lend(task=Task.CHECK), board.lend(BETO, Task.CHECK)] == ["A0", "A1"]
    assert board.next(CARLA, Task.CHECK) is None
    board.leases.end("ana", ("AYUN", "A0"))
    board.queue.give_back(("AYUN", "A0"))
    board.put("A2", waiting=Waiting(Task.CHECK, 1, ()))
    assert board.next(CARLA, Task.CHECK) == "A0"


def test_the_second_capture_has_the_turn_of_the_first():
    board = Board()
    for name in ("A0", "A1"):
        board.put(name)
    board.put("A0", waiting=once(ANA))
    assert board.next(BETO) == "A0"


def test_what_another_person_captured_does_not_change_whose_turn_it_is():
    """Whether an acta was captured once by another or not yet, the next person gets the same."""
    untouched, captured = Board(), Board()
    for board in (untouched, captured):
        for name in ("A0", "A1", "A2"):
            board.put(name)
    captured.put("A1", waiting=once(BETO))
    assert [untouched.lend() for _ in range(3)] == [captured.lend() for _ in range(3)]


def test_a_queue_of_one_persons_captures_has_nothing_for_them_and_all_for_another():
    board = Board()
    for number in range(2_000):
        board.put(f"A{number}", waiting=once(ANA))
    assert board.next(ANA) is None
    assert board.next(BETO) == "A0"
