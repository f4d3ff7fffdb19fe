"""What of a journal may leave: all in its order, and the rest past a place that is refused.

What one place cannot deliver holds up what comes of it, as the capture of an image that it
digitised, and every later envelope of its own. All else comes to the same papers in either order.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from openprep.capture.acts import HouseAct
from openprep.capture.steps import ActaIdentified, ActaSampled, AnyStep, SampleDrawn
from openprep.desks.journal import Journal
from openprep.record.facts import Fact, decode_envelope
from openprep.transmission.envelope import unwrap
from openprep.transmission.station.outbox import Pending

_WITHOUT_IDENTITY = "without identity"
"""What papers share that have none: a place may bring so many of them."""


def touched_by(fact: Fact) -> Iterator[str]:
    """What a fact is of: whatever the rule makes of it depends on earlier facts of these alone."""
    if isinstance(fact, HouseAct):
        return  # no figure depends on it
    assert isinstance(fact, AnyStep)  # a house seals nothing else
    if isinstance(fact, SampleDrawn | ActaSampled):
        yield fact.root
    if fact.acta is not None:
        yield f"{fact.contest}/{fact.acta}"
    if fact.acta is None or isinstance(fact, ActaIdentified):
        yield _WITHOUT_IDENTITY
    image = getattr(fact, "image", None)
    if image is not None:
        yield image


class HeldBack:
    """What waits with the places that are refused, as far as a journal was looked through."""

    def __init__(self, places: Iterable[str]) -> None:
        self._places = set(places)
        self._touched: set[str] = set()

    def waits(self, place: str, body: bytes) -> bool:
        """Whether an envelope waits too; what comes of it waits from then on."""
        facts = decode_envelope(unwrap(body).payload).facts
        touched = {each for fact in facts for each in touched_by(fact)}
        if place not in self._places and self._touched.isdisjoint(touched):
            return False
        self._places.add(place)
        self._touched |= touched
        return True


class InOrder:
    """The envelopes of all places of a house, as one courier takes them."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._place = ""
        self._refused: set[str] = set()
        self._held = HeldBack(())
        self._looked_through = 0

    @property
    def now(self) -> datetime:
        """The time by the clock that seals."""
        return self._journal.clock()

    @property
    def place(self) -> str:
        """Whose envelope was given last."""
        return self._place

    @property
    def any_waits(self) -> bool:
        """Whether a place waits, that the centre refused."""
        return bool(self._refused)

    def next_pending(self) -> Pending | None:
        """The envelope that the centre must meet next, past those that wait."""
        while (leaving := self._journal.next_to_leave(self._looked_through)) is not None:
            if not self._refused or not self._held.waits(leaving.place, leaving.pending.body):
                self._place = leaving.place
                return leaving.pending
            self._looked_through = leaving.number
        return None

    def mark_delivered(self, sequence: int) -> None:
        """The centre acknowledged the envelope that was given last."""
        self._journal.mark(self._place, sequence)

    def rewind(self, sequence: int) -> None:
        """The centre asks for everything from that envelope of the same place on once more."""
        self._journal.rewind(self._place, sequence)
        self._look_anew()

    def set_back(self) -> None:
        """The centre refused the envelope that was given last: its place waits."""
        self._refused.add(self._place)
        self._look_anew()

    def offer_again(self) -> None:
        """Let no place wait any more, until the centre refuses it again."""
        self._refused.clear()
        self._look_anew()

    def _look_anew(self) -> None:
        self._held = HeldBack(self._refused)
        self._looked_through = 0
