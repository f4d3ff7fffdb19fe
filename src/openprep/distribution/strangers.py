"""Who uses a publisher's name and cannot sign as it: what that may cost the service. Pure.

An id is public, and to see that a signature is false costs as much as to see that it is true. So
failures are counted by the name that was used *and* the network that it came from: what a stranger
uses up is its own, and never the publisher's. Where a publisher has proved who it is, it is not
counted at all: others may be there too, and it must not be shut out with them.
"""

from collections import OrderedDict

from openprep.distribution.budget import Budget
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.requests import NotAdmitted

AT_ONCE = 60
RATE = 1.0
"""Failures of one name from one network: so many at once, and so many a second after."""

MOST_KEPT = 4096
"""Pairs of name and network that are remembered: the ones that failed last."""

MOST_PROVEN = 8
"""Networks from which one publisher is known to come: the ones that it used last."""


class Strangers:
    """Failed requests by name and network. Time is handed in, in seconds."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], Budget] = OrderedDict()
        self._proven: dict[str, OrderedDict[str, None]] = {}

    def check(self, name: str, network: str, now: float) -> None:
        """See that a request by ``name`` from ``network`` is worth verifying.

        Raises:
            NotAdmitted: TOO_MANY_FAILURES.
        """
        budget = self._failures.get((name, network))
        if budget is None or network in self._proven.get(name, ()):
            return
        if wait := budget.wait(now):
            raise NotAdmitted(
                DistributionCode.TOO_MANY_FAILURES,
                "{name} from {network}: nothing is verified for {wait:.0f} s",
                name=name,
                network=network,
                wait=wait,
            )

    def failed(self, name: str, network: str, now: float) -> None:
        """A request by that name from there was verified in vain."""
        pair = (name, network)
        if pair not in self._failures:
            self._failures[pair] = Budget(RATE, AT_ONCE, now)
            if len(self._failures) > MOST_KEPT:
                self._failures.popitem(last=False)
        self._failures.move_to_end(pair)
        self._failures[pair].take(1, now)

    def proven(self, name: str, network: str) -> None:
        """A request by that name from there was the publisher's own."""
        networks = self._proven.setdefault(name, OrderedDict())
        networks[network] = None
        networks.move_to_end(network)
        if len(networks) > MOST_PROVEN:
            networks.popitem(last=False)
