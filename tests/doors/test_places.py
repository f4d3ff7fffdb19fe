"""Places for bodies that arrive: what they cost once they are gone."""

from openprep.doors.places import Bounds, Places
from small.held import words_held_by


def test_networks_that_came_and_went_are_not_remembered():
    """Whoever has an IPv6 address has networks without end, and a station's id is public."""
    places = Places(Bounds(in_all=8))
    for number in range(100):
        with places.arriving(f"2001:db8:0:{number:x}::/64") as arrival:
            places.claim(arrival, "D01")
            assert arrival.network in words_held_by(places)
    assert len(places) == 0
    assert not {word for word in words_held_by(places) if word.startswith("2001:db8:")}
