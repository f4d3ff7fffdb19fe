"""The state of the election: a pure fold over the record.

The same events give the same state, whoever folds them and however often they were interrupted.
The fold decides nothing but precedence: the inbox has already refused what does not belong.

Not thread safe: one thread (the centre's event loop) applies and reads. ``State.versions`` and
``State.images`` only grow, so a prefix of them may be read from anywhere.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from openprep.capture.acts import HouseAct
from openprep.capture.paper import Known, Noted, NotTaken, Published
from openprep.capture.papers import Papers
from openprep.capture.steps import ActaDigitised, AnyStep
from openprep.election import Acta, Rules, acta_digest
from openprep.record.aside import BY_CODE, ActaKey, Reason, SetAside, Why, key_of, key_of_fact
from openprep.record.events import (
    Closed,
    CutMade,
    EnvelopeReceived,
    Event,
    ImageReceived,
    Opened,
)
from openprep.record.facts import ActaCorrected, ActaReported, Fact, OfAnActa, decode_envelope

Place: TypeAlias = tuple[int, int]
"""Where a fact stands in the record: position of its envelope, and its number in it, from 1."""


class Version(Struct, frozen=True, gc=False):
    """One version of one acta, as published; ``reason`` is that of a correction, or empty.

    ``position`` and ``at`` are those of the envelope that brought it, as its fact number ``fact``.
    ``number`` is 1 for the first version, 2 for its first correction. ``identifies`` is the place
    of an acta out of catalogue that turned out to be this one: the two are one paper.
    """

    position: int
    at: datetime
    station: str
    acta: Acta
    reason: str = ""
    number: int = 1
    fact: int = 1
    identifies: Place | None = None

    @property
    def place(self) -> Place:
        """Where it stands in the record: no other version has this place."""
        return self.position, self.fact


class HeldImage(Struct, frozen=True):
    """An image that the centre holds, and the actas that had named it when it came.

    By contest and catalogue id, which is ``None`` out of catalogue.
    """

    position: int
    sha256: str
    size: int
    actas: frozenset[tuple[str, str | None]]


@dataclass(slots=True)
class ContestActas:
    """The actas of one contest: the standing version of each by its catalogue id.

    ``superseded`` has those before it, oldest first, where there are any. ``out_of_catalogue``
    keeps, in order of arrival and by their places, the actas that no catalogue entry claims, and
    ``outside`` their places by the digest of the acta.
    """

    current: dict[str, Version] = field(default_factory=dict)
    superseded: dict[str, list[Version]] = field(default_factory=dict)
    out_of_catalogue: dict[Place, Version] = field(default_factory=dict)
    outside: dict[str, list[Place]] = field(default_factory=dict)

    def acta(self, acta_id: str) -> Acta | None:
        """The standing version of an acta; ``None`` if it has not been reported."""
        version = self.current.get(acta_id)
        return None if version is None else version.acta

    def history(self, acta_id: str) -> tuple[Version, ...]:
        """Every version of an acta so far, oldest first."""
        current = self.current.get(acta_id)
        return () if current is None else (*self.superseded.get(acta_id, ()), current)

    def knows(self, acta: Acta) -> bool:
        """Whether reporting ``acta`` brings nothing new: some version of it is the same.

        Out of catalogue the image tells: without one, two papers may have the same words.
        """
        if acta.acta is None:
            return acta.image_sha256 is not None and acta_digest(acta) in self.outside
        if acta.acta not in self.current:
            return False  # as of nearly every acta: this is asked of each
        return any(version.acta == acta for version in self.history(acta.acta))

    def stand(self, version: Version) -> None:
        """Take a version of an acta of the catalogue, over the one before."""
        acta_id = version.acta.acta
        assert acta_id is not None
        before = self.current.get(acta_id)
        if before is not None:
            self.superseded.setdefault(acta_id, []).append(before)
        self.current[acta_id] = version

    def put_outside(self, version: Version) -> None:
        """Take an acta out of catalogue."""
        self.out_of_catalogue[version.place] = version
        self.outside.setdefault(acta_digest(version.acta), []).append(version.place)

    def identify(self, digest: str) -> Place | None:
        """Take off an acta out of catalogue of this digest, and say where it stood."""
        places = self.outside.get(digest)
        if not places:
            return None
        place = places.pop()
        if not places:
            del self.outside[digest]
        del self.out_of_catalogue[place]
        return place


@dataclass(slots=True)
class StationState:
    """What a station has delivered: its last accepted sequence, when, and how many facts in all.

    ``outside`` are its actas out of catalogue, and ``idle`` its facts that brought no version: set
    aside, or known already.
    """

    sequence: int = 0
    facts: int = 0
    last_at: datetime | None = None
    outside: int = 0
    idle: int = 0


@dataclass(slots=True)
class State:
    """Everything the record says. ``position`` is the last one folded, 0 before any.

    ``versions`` holds every version of every acta in the order of the record (the leaves of the
    publication log), and ``images`` every image that is held: an index into either means the same
    after any restart. ``held`` has the same images by their digest; ``naming`` tells which standing
    actas name one that has not come. ``aside`` has, by the position of its envelope, everything
    that was set aside, and ``unsettled`` what nobody has decided yet, by acta.
    """

    position: int = 0
    opened: Opened | None = None
    closed: Closed | None = None
    contests: dict[str, ContestActas] = field(default_factory=dict)
    stations: dict[str, StationState] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    images: list[HeldImage] = field(default_factory=list)
    naming: dict[str, set[tuple[str, str | None]]] = field(default_factory=dict)
    aside: dict[int, list[SetAside]] = field(default_factory=dict)
    unsettled: dict[ActaKey, list[SetAside]] = field(default_factory=dict)
    cuts: list[CutMade] = field(default_factory=list)
    held: dict[str, HeldImage] = field(default_factory=dict)
    papers: Papers = field(default_factory=Papers)

    def contest(self, contest: str) -> ContestActas:
        """The actas of ``contest``, to be read: none before the first is reported."""
        return self.contests.get(contest) or ContestActas()

    def station(self, station: str) -> StationState:
        """What ``station`` has delivered so far, to be read: nothing before its first envelope."""
        return self.stations.get(station) or StationState()

    def _contest_to_change(self, contest: str) -> ContestActas:
        if contest not in self.contests:
            self.contests[contest] = ContestActas()
        return self.contests[contest]

    def _station_to_change(self, station: str) -> StationState:
        if station not in self.stations:
            self.stations[station] = StationState()
        return self.stations[station]

    def waiting(self) -> Iterator[SetAside]:
        """What was set aside and nobody has decided yet, acta by acta, the oldest acta first."""
        for own in self.unsettled.values():
            yield from own

    def apply(self, position: int, event: Event, facts: tuple[Fact, ...] | None = None) -> None:
        """Advance by one event.

        ``facts`` are those of an envelope, where the caller has decoded them already.

        Raises:
            ValueError: ``position`` is not the next one: the caller lost or repeated an event.
            msgspec.DecodeError: the payload of an envelope is not one.
        """
        if position != self.position + 1:
            raise ValueError(f"the state stands at {self.position}, so {position} cannot be next")
        match event:
            case EnvelopeReceived():
                self._receive(position, event, facts)
            case ImageReceived():
                self._hold(position, event)
            case CutMade():
                self.cuts.append(event)
            case Opened():
                self.opened = event
            case Closed():
                self.closed = event
        self.position = position

    def _receive(
        self, position: int, event: EnvelopeReceived, facts: tuple[Fact, ...] | None
    ) -> None:
        if facts is None:
            facts = decode_envelope(event.payload).facts
        held = {held.fact: BY_CODE[held.why] for held in event.held}
        station = self._station_to_change(event.station)
        for number, fact in enumerate(facts, 1):
            if isinstance(fact, HouseAct):
                station.idle += 1  # it is evidence, and no figure depends on it
            elif number in held:
                self._set_aside(position, event, number, fact, held[number])
            elif not self._learn(position, event, number, fact):
                station.idle += 1
        station.sequence = event.sequence
        station.facts += len(facts)
        station.last_at = event.at

    def _set_aside(
        self, position: int, event: EnvelopeReceived, number: int, fact: OfAnActa, why: Reason
    ) -> None:
        aside = SetAside(position, event.at, event.station, number, fact, why)
        self.aside.setdefault(position, []).append(aside)
        self.unsettled.setdefault(key_of_fact(fact), []).append(aside)
        self._station_to_change(event.station).idle += 1

    def _learn(self, position: int, event: EnvelopeReceived, number: int, fact: OfAnActa) -> bool:
        """Take a fact; ``False`` if it says what was known."""
        if isinstance(fact, ActaCorrected):
            return self._correct(position, event, number, fact)
        if isinstance(fact, ActaReported):
            return self._report(position, event, number, fact)
        return self._step(position, event, number, fact)

    def _report(
        self, position: int, event: EnvelopeReceived, number: int, fact: ActaReported
    ) -> bool:
        acta, contest = fact.acta, self._contest_to_change(fact.acta.contest)
        if contest.knows(acta):
            return False
        if acta.acta is not None and acta.acta in contest.current:
            self._set_aside(position, event, number, fact, Why.CONFLICT)
        else:
            self._publish(position, event, number, acta)
        return True

    def _step(self, position: int, event: EnvelopeReceived, number: int, step: AnyStep) -> bool:
        """Take a step of an acta that is captured here."""
        if self._came_finished(step):
            self._set_aside(position, event, number, step, Why.CONFLICT)
            return True
        outcome = self.papers.take(step, event.station)
        match outcome:
            case Known():
                return False
            case NotTaken(why):
                self._set_aside(position, event, number, step, why)
            case Noted():
                if isinstance(step, ActaDigitised):
                    self.name(step.image, (step.contest, step.acta))
            case Published(acta, reason, was):
                place = self.contests[step.contest].identify(acta_digest(was)) if was else None
                self._publish(position, event, number, acta, reason, place)
        return True

    def _came_finished(self, step: AnyStep) -> bool:
        """Whether other figures stand than those that its steps led to: a place reported them."""
        key = self.papers.key_of(step)
        standing = None if key is None else self.contest(step.contest).acta(key[1])
        return standing is not None and standing != self.papers.standing(step)

    def _changes_what_was_captured(self, fact: ActaCorrected, contest: ContestActas) -> bool:
        """Whether figures captured here would change, or be another acta's."""
        before = contest.current.get(fact.acta.acta or "")
        if before is not None and before.acta != fact.acta and self._stands_by_steps(before.acta):
            return True
        outside = contest.outside.get(fact.outside or "", ())
        return any(self._stands_by_steps(contest.out_of_catalogue[at].acta) for at in outside)

    def _stands_by_steps(self, acta: Acta) -> bool:
        """Whether figures that stand were captured here."""
        paper = self.papers.by_key.get((acta.contest, acta.acta or acta.image_sha256 or ""))
        return paper is not None and paper.stands == acta

    def _correct(
        self, position: int, event: EnvelopeReceived, number: int, fact: ActaCorrected
    ) -> bool:
        acta, contest = fact.acta, self._contest_to_change(fact.acta.contest)
        before = contest.current.get(acta.acta or "")
        if self._changes_what_was_captured(fact, contest):
            self._set_aside(position, event, number, fact, Why.CAPTURED_HERE)
            return True
        self.unsettled.pop(key_of(acta), None)  # also where it confirms what stands
        place = None
        if fact.outside is not None:
            place = contest.identify(fact.outside)
            if place is not None:
                self.unsettled.pop((acta.contest, fact.outside), None)
        if before is not None and before.acta == acta and place is None:
            return False
        assert acta.acta is not None  # the inbox refuses a correction of what no catalogue has
        self._publish(position, event, number, acta, fact.reason, place)
        return True

    def _publish(
        self,
        position: int,
        event: EnvelopeReceived,
        number: int,
        acta: Acta,
        reason: str = "",
        identifies: Place | None = None,
    ) -> None:
        """Have an acta stand as its next version, as the fact ``number`` of an envelope has it."""
        contest = self._contest_to_change(acta.contest)
        before = contest.current.get(acta.acta or "")
        version = Version(
            position=position,
            at=event.at,
            station=event.station,
            acta=acta,
            reason=reason,
            number=1 if before is None else before.number + 1,
            fact=number,
            identifies=identifies,
        )
        self.take(version)
        self.unsettled.pop(key_of(acta), None)
        if acta.acta is None:
            self._station_to_change(event.station).outside += 1

    def take(self, version: Version) -> None:
        """Have a version stand that follows from what was folded, and is the next."""
        acta, contest = version.acta, self._contest_to_change(version.acta.contest)
        if acta.acta is None:
            contest.put_outside(version)
        else:
            contest.stand(version)
        self.versions.append(version)
        if acta.image_sha256 is not None:
            self.name(acta.image_sha256, (acta.contest, acta.acta))

    def name(self, image: str, acta: tuple[str, str | None]) -> None:
        """Know that an acta names an image, which is waited for if it is not held."""
        if image not in self.held:
            self.naming.setdefault(image, set()).add(acta)

    def _hold(self, position: int, event: ImageReceived) -> None:
        actas = frozenset(self.naming.pop(event.sha256, ()))
        image = HeldImage(position, event.sha256, event.size, actas)
        self.images.append(image)
        self.held[event.sha256] = image


def empty_state(rules: Rules) -> State:
    """What is known before any event, under the rules of an election."""
    return State(papers=Papers(two_places=rules.capture_places > 1))


Entries: TypeAlias = Iterable[tuple[int, Event]]
"""Events with their positions, as the record reads them."""


def fold(entries: Entries, state: State | None = None) -> State:
    """Fold ``entries`` onto ``state`` (from nothing if not given) and return it."""
    state = State() if state is None else state
    for position, event in entries:
        state.apply(position, event)
    return state
