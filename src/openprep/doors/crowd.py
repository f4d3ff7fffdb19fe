"""The connections of one listener: bounded in all and by address. Pure but for a clock.

A connection rests while it has no whole headers: it is new, it is still sending them, or it was
answered and asks for nothing. Then its body arrives; it works from there to its answer. Where a
bound is reached the stranger that has rested longest makes room, then the one whose body has been
arriving longest, then who proved who it is and rests; at last the stranger that has worked longest,
if that is beyond all patience.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from ipaddress import IPv6Address, ip_address
from typing import Protocol


class Guest(Protocol):
    """A connection, as a crowd knows it."""

    @property
    def network(self) -> str:
        """What it is counted by: see :func:`network_of`."""

    def let_go(self) -> None:
        """Close at once."""


def network_of(address: str) -> str:
    """What an address is counted by: in IPv6 the network of one household, else the address.

    Whoever has one IPv6 address has 2^64 of them.
    """
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return f"{IPv6Address(int(known) >> 64 << 64)}/64"


class _Tiers:
    """Guests in the order in which they came to rest or began to work."""

    def __init__(self) -> None:
        self.strangers: OrderedDict[Guest, float] = OrderedDict()
        self.arriving: OrderedDict[Guest, float] = OrderedDict()
        self.known: OrderedDict[Guest, float] = OrderedDict()
        self.working: OrderedDict[Guest, float] = OrderedDict()
        self.known_working: OrderedDict[Guest, float] = OrderedDict()
        self._resting = (self.strangers, self.arriving, self.known)
        self._tiers = (*self._resting, self.working, self.known_working)

    def __len__(self) -> int:
        return sum(len(tier) for tier in self._tiers)

    def remove(self, guest: Guest) -> bool:
        return any(tier.pop(guest, None) is not None for tier in self._tiers)

    def who_makes_room(self, began_before: float) -> Guest | None:
        for resting in self._resting:
            if resting:
                return next(iter(resting))
        guest, began = next(iter(self.working.items()), (None, 0.0))
        return guest if guest is not None and began < began_before else None


class Crowd:
    """At most ``most`` connections, and ``per_network`` of one network but of a front's."""

    def __init__(
        self,
        most: int,
        per_network: int,
        *,
        patience: float = float("inf"),
        fronts: AbstractSet[str] = frozenset(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._per_network = per_network
        self._patience = patience
        self._fronts = frozenset(network_of(front) for front in fronts)
        self._clock = clock
        self._all = _Tiers()
        self.by_network: dict[str, _Tiers] = {}

    def __len__(self) -> int:
        return len(self._all)

    def admit(self, guest: Guest) -> bool:
        """Take a new connection in, at rest; another may have to go. False if none may."""
        own = self.by_network.get(guest.network, _Tiers())
        if len(own) >= self._per_network and guest.network not in self._fronts:
            if not self._make_room(own):
                return False
        elif len(self._all) >= self._most and not self._make_room(self._all):
            return False
        self._put(guest, lambda tiers: tiers.strangers)
        return True

    def rest(self, guest: Guest, *, known: bool = False) -> None:
        """It asks for nothing at present."""
        if self._take_out(guest):
            self._put(guest, lambda tiers: tiers.known if known else tiers.strangers)

    def await_body(self, guest: Guest, *, known: bool = False) -> None:
        """The headers of a request are there, and its body is still to come."""
        if self._take_out(guest):
            self._put(guest, lambda tiers: tiers.known if known else tiers.arriving)

    def work(self, guest: Guest, *, known: bool = False) -> None:
        """A whole request of it is there."""
        if self._take_out(guest):
            self._put(guest, lambda tiers: tiers.known_working if known else tiers.working)

    def dismiss(self, guest: Guest) -> None:
        """A connection is gone; told twice is told once."""
        self._take_out(guest)

    def _make_room(self, among: _Tiers) -> bool:
        guest = among.who_makes_room(self._clock() - self._patience)
        if guest is None:
            return False
        self._take_out(guest)
        guest.let_go()
        return True

    def _put(self, guest: Guest, tier: Callable[[_Tiers], OrderedDict[Guest, float]]) -> None:
        now = self._clock()
        for tiers in (self._all, self.by_network.setdefault(guest.network, _Tiers())):
            tier(tiers)[guest] = now

    def _take_out(self, guest: Guest) -> bool:
        if not self._all.remove(guest):
            return False
        own = self.by_network[guest.network]
        own.remove(guest)
        if not own:
            del self.by_network[guest.network]
        return True
