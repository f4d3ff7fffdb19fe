"""Places for bodies that arrive: nobody's slow ones keep another's out. Pure.

An owner is whom a body says it is from, as far as its first bytes tell; the name is public, so it
counts only together with the network that it comes from. Who names no owner yet has a place among
strangers, where the newest displaces the oldest.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from openprep.doors.bodies import Arrival


class NoPlace(Exception):
    """All places are taken, by those who have as much right to them."""


@dataclass(frozen=True)
class Bounds:
    """How many bodies may be arriving.

    ``of_owner_and_network`` of one owner from one network, ``of_owner`` from all of them. Where
    ``in_all`` is bounded, the network with most of them gives way to one with fewer.
    """

    of_owner_and_network: int = 2
    of_owner: int = 8
    in_all: int | None = None
    strangers: int = 256


@dataclass
class Places:
    """Bodies that are arriving, in the order in which they came."""

    bounds: Bounds
    _strangers: dict[Arrival, None] = field(default_factory=dict)
    _owners: dict[str, dict[Arrival, None]] = field(default_factory=dict)
    _networks: Counter[str] = field(default_factory=Counter)
    _proven: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._strangers) + self._networks.total()

    @contextmanager
    def arriving(self, network: str) -> Iterator[Arrival]:
        """A place for a body that comes from ``network``, at first among strangers."""
        if len(self._strangers) >= self.bounds.strangers:
            self._displace(next(iter(self._strangers)))
        arrival = Arrival(network)
        self._strangers[arrival] = None
        try:
            yield arrival
        finally:
            self._forget(arrival)

    def claim(self, arrival: Arrival, owner: str) -> None:
        """``arrival`` says that it is from ``owner``, whom we know.

        Raises:
            NoPlace: the owner's are taken, or all of them.
        """
        self._make_room(arrival.network, owner)
        self._strangers.pop(arrival, None)
        arrival.owner = owner
        self._owners.setdefault(owner, {})[arrival] = None
        self._networks[arrival.network] += 1

    def prove(self, owner: str, network: str) -> None:
        """The owner itself was there: what it sends from there never gives way to others'."""
        self._proven[owner] = network

    def _make_room(self, network: str, owner: str) -> None:
        bounds, own = self.bounds, self._owners.get(owner, {})
        same = [place for place in own if place.network == network]
        if len(same) >= bounds.of_owner_and_network:
            self._displace(same[0])
        elif len(own) >= bounds.of_owner:
            proven = self._proven.get(owner)
            others = (place for place in own if place.network != proven)
            self._displace(next(others, None))
        elif bounds.in_all is not None and self._networks.total() >= bounds.in_all:
            self._displace(self._of_the_fullest(network))

    def _of_the_fullest(self, network: str) -> Arrival | None:
        fullest, count = self._networks.most_common(1)[0]
        if count <= self._networks[network] + 1:
            return None
        every = (place for own in self._owners.values() for place in own)
        return next((place for place in every if place.network == fullest), None)

    def _displace(self, arrival: Arrival | None) -> None:
        if arrival is None:
            raise NoPlace
        self._forget(arrival)
        arrival.give_way()

    def _forget(self, arrival: Arrival) -> None:
        self._strangers.pop(arrival, None)
        own = self._owners.get(arrival.owner or "", {})
        if arrival in own:
            del own[arrival]
            self._networks[arrival.network] -= 1
            if not self._networks[arrival.network]:
                del self._networks[arrival.network]
            if not own:
                del self._owners[arrival.owner or ""]
