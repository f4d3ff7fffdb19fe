"""The actas of the sample that a third person has still to read.

Nothing of it is urgent: they are handed out to whom no capture and no dispute waits for.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from openprep.capture.papers import PaperKey
from openprep.capture.work.leases import Leases
from openprep.capture.work.tasks import Hand, Task


class ThirdReading(NamedTuple):
    """The places that may read an acta, and the people and sessions that had its figures."""

    places: frozenset[str]
    saw: frozenset[str]


@dataclass(slots=True)
class ThirdReadings:
    """What of the sample waits, in the order in which it was drawn: some 850 of 170,000 actas."""

    waiting: dict[PaperKey, ThirdReading] = field(default_factory=dict)

    def put(self, key: PaperKey, third: ThirdReading | None) -> None:
        """Let an acta wait for its third reading, or for none (``None``)."""
        if third is None:
            self.waiting.pop(key, None)
        else:
            self.waiting[key] = third

    def next(self, person: Hand, leases: Leases) -> PaperKey | None:
        """The first that this person may read and nobody has; ``None`` if there is none."""
        return next(
            (
                key
                for key, third in self.waiting.items()
                if person.place in third.places
                and person.person not in third.saw
                and not leases.on(Task.SAMPLE, key)
            ),
            None,
        )
