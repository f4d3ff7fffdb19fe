"""Who makes room where all connections are taken, and what each listener gets of the files."""

import asyncio
import logging
import resource

import pytest

from openprep.doors.bodies import Arrival
from openprep.doors.crowd import Crowd, network_of
from openprep.doors.files import ACCEPTED_AT_ONCE, RESERVE, allow_files, connections_within
from openprep.doors.noise import EVERY, KINDS, Hushed
from openprep.doors.places import Bounds, NoPlace, Places
from small.held import words_held_by


class Guest:
    def __init__(self, network="a"):
        self.network = network
        self.gone = False

    def let_go(self):
        self.gone = True


def admitted(crowd, network="a"):
    guest = Guest(network)
    assert crowd.admit(guest)
    return guest


def test_who_rested_longest_makes_room_and_who_works_does_not():
    crowd = Crowd(3, 3)
    working, first, second = (admitted(crowd) for _ in range(3))
    crowd.work(working)
    admitted(crowd)
    assert (working.gone, first.gone, second.gone) == (False, True, False)
    crowd.rest(working)
    admitted(crowd)
    assert (working.gone, second.gone) == (False, True)
    assert len(crowd) == 3


def test_half_a_request_makes_room_before_a_body_that_arrives():
    crowd = Crowd(2, 2)
    arriving, half = admitted(crowd), admitted(crowd)
    crowd.await_body(arriving)
    admitted(crowd)
    assert (arriving.gone, half.gone) == (False, True)


def test_those_who_proved_who_they_are_go_last():
    crowd = Crowd(2, 2)
    known, stranger = admitted(crowd), admitted(crowd)
    crowd.rest(known, known=True)
    for _ in range(5):
        stranger = admitted(crowd)
        assert not known.gone
    crowd.work(stranger)
    admitted(crowd)
    assert known.gone


def test_where_all_work_nobody_is_let_in_but_beyond_patience_a_stranger_makes_room():
    now = [0.0]
    crowd = Crowd(2, 2, patience=60, clock=lambda: now[0])
    stranger, known = admitted(crowd), admitted(crowd)
    crowd.work(known, known=True)
    crowd.work(stranger)
    assert not crowd.admit(Guest())
    now[0] = 61
    admitted(crowd)
    assert (stranger.gone, known.gone) == (True, False)


def test_one_network_makes_room_among_its_own():
    crowd = Crowd(10, 2, fronts={"10.0.0.1"})
    other = admitted(crowd, "b")
    mine = [admitted(crowd, "a") for _ in range(5)]
    assert [guest.gone for guest in mine] == [True, True, True, False, False]
    assert not other.gone
    behind = [admitted(crowd, "10.0.0.1") for _ in range(7)]
    assert not any(guest.gone for guest in behind), "a front is not one client"


def test_who_left_is_forgotten():
    crowd = Crowd(5, 5)
    guests = [admitted(crowd, name) for name in "abc"]
    for guest in guests * 2:
        crowd.dismiss(guest)
        crowd.work(guest)
        crowd.rest(guest)
    assert len(crowd) == 0
    assert not crowd.by_network


@pytest.mark.parametrize(
    ("address", "other", "same"),
    [
        ("2806:10a6:7:1234::1", "2806:10a6:7:1234:ffff::2", True),
        ("2806:10a6:7:1234::1", "2806:10a6:7:1235::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("not an address", "not an address", True),
    ],
)
def test_an_ipv6_household_is_one_client(address, other, same):
    assert (network_of(address) == network_of(other)) is same


# Files.


@pytest.mark.parametrize("files", [160, 256, 1024, 4096, 65_536])
@pytest.mark.parametrize("listeners", [1, 2, 3])
def test_all_listeners_together_leave_files_for_the_record(files, listeners):
    most = connections_within(files, listeners, 4096)
    assert 8 <= most <= 4096
    assert listeners * (most + ACCEPTED_AT_ONCE) <= files - RESERVE or most == 8


def test_the_limit_on_files_is_raised_as_far_as_it_goes():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    try:
        hard = before[1] if before[1] != resource.RLIM_INFINITY else 5000
        assert allow_files(5000) == min(5000, hard)
        assert allow_files(100) == min(5000, hard), "never lowered"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


# Places.


async def test_a_stranger_s_place_goes_to_the_newest():
    places = Places(Bounds(strangers=2))
    with places.arriving("a") as first, places.arriving("b") as second, places.arriving("c"):
        assert (first.gave_way, second.gave_way) == (True, False)
    assert len(places) == 0


async def test_who_uses_anothers_name_never_keeps_it_out():
    places = Places(Bounds(of_owner_and_network=2, of_owner=4))
    places.prove("D01", "home")
    genuine = Arrival("home")
    places.claim(genuine, "D01")
    for number in range(50):
        places.claim(Arrival(f"thief {number}"), "D01")
    assert not genuine.gave_way
    again = Arrival("home")
    places.claim(again, "D01")
    assert not genuine.gave_way
    assert len(places) == 4


async def test_a_network_with_many_gives_way_to_one_with_fewer_and_equals_do_not():
    places = Places(Bounds(of_owner_and_network=1, of_owner=2, in_all=4))
    crowd = [Arrival("a") for _ in range(4)]
    for number, arrival in enumerate(crowd):
        places.claim(arrival, f"D{number}")
    places.claim(Arrival("b"), "D9")
    assert [arrival.gave_way for arrival in crowd] == [True, False, False, False]
    with pytest.raises(NoPlace):
        places.claim(Arrival("a"), "D8")
    assert len(places) == 4


# Noise.


def record(error=None, message="Error handling request"):
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("aiohttp.server", logging.ERROR, "x", 1, message, (), info)


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return caught


def test_what_strangers_send_is_one_line_a_minute_without_a_traceback():
    from aiohttp.http_exceptions import BadHttpMessage

    now = [0.0]
    hushed = Hushed(lambda: now[0])
    first = record(raised(BadHttpMessage("\x16\x03")))
    assert hushed.filter(first)
    assert first.exc_info is None
    more = (record(raised(BadHttpMessage("x" * 9000))) for _ in range(1000))
    assert not any(hushed.filter(line) for line in more)
    now[0] = EVERY + 1
    last = record(raised(BadHttpMessage("x")))
    assert hushed.filter(last)
    assert "1000 more" in last.getMessage()
    assert len(last.getMessage()) < 200


def test_an_error_of_our_own_keeps_its_traceback_and_kinds_are_bounded():
    hushed = Hushed(lambda: 0.0)
    own = record(raised(KeyError("ours")))
    assert hushed.filter(own)
    assert own.exc_info is not None
    kinds = {f"kind {number}" for number in range(10 * KINDS)}
    for kind in kinds:
        hushed.filter(record(message=kind))
    assert 0 < len(words_held_by(hushed) & kinds) <= KINDS


async def test_a_body_that_gave_way_before_it_was_read_is_not_waited_for():
    arrival = Arrival("a")
    arrival.give_way()
    assert arrival.gave_way
    await asyncio.sleep(0)
