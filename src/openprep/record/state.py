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

from openprep.election import Acta
from openprep.record.events import (
    Closed,
    CutMade,
    EnvelopeReceived,
    Event,
    ImageReceived,
    Opened,
)
from openprep.record.facts import ActaCorrected, Fact, decode_envelope


class Version(Struct, frozen=True, gc=False):
    """One version of one acta, as published; ``reason`` is empty in the first.

    ``position`` and ``at`` are those of the envelope that brought it.
    """

    position: int
    at: datetime
    station: str
    acta: Acta
    reason: str = ""
    previous: "Version | None" = None

    def back(self) -> Iterator["Version"]:
        """This version and those before it, newest first."""
        version: Version | None = self
        while version is not None:
            yield version
            version = version.previous

    @property
    def number(self) -> int:
        """1 for the first version of an acta, 2 for its first correction..."""
        return sum(1 for _ in self.back())

    @property
    def history(self) -> tuple["Version", ...]:
        """Every version so far, oldest first."""
        return tuple(self.back())[::-1]


class Conflict(Struct, frozen=True, gc=False):
    """An acta reported again with other figures: the first stands (C.1 item 7).

    Nothing published changes; an operator compares both and, if need be, corrects.
    """

    position: int
    at: datetime
    station: str
    acta: Acta


Named: TypeAlias = frozenset[tuple[str, str | None]]
"""Actas that name one image: contest and catalogue id, which is ``None`` out of catalogue."""


class HeldImage(Struct, frozen=True):
    """An image that the centre holds, and the actas that had named it when it came."""

    position: int
    sha256: str
    size: int
    actas: Named


@dataclass(slots=True)
class ContestActas:
    """The actas of one contest: the standing version of each by its catalogue id.

    ``out_of_catalogue`` keeps, in order of arrival, those that no catalogue entry claims.
    """

    current: dict[str, Version] = field(default_factory=dict)
    out_of_catalogue: list[Version] = field(default_factory=list)

    def acta(self, acta_id: str) -> Acta | None:
        """The standing version of an acta; ``None`` if it has not been reported."""
        version = self.current.get(acta_id)
        return None if version is None else version.acta


@dataclass(slots=True)
class StationState:
    """What a station has delivered: its last accepted sequence, when, and how many facts in all."""

    sequence: int = 0
    facts: int = 0
    last_at: datetime | None = None


@dataclass(slots=True)
class State:
    """Everything the record says. ``position`` is the last one folded, 0 before any.

    ``versions`` holds every version of every acta in the order of the record (the leaves of the
    publication log), and ``images`` every image that is held: an index into either means the same
    after any restart. ``held`` has the same images by their digest; ``naming`` tells which reported
    actas name one that has not come.
    """

    position: int = 0
    opened: Opened | None = None
    closed: Closed | None = None
    contests: dict[str, ContestActas] = field(default_factory=dict)
    stations: dict[str, StationState] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    images: list[HeldImage] = field(default_factory=list)
    naming: dict[str, Named] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    cuts: list[CutMade] = field(default_factory=list)
    held: dict[str, HeldImage] = field(default_factory=dict)

    def contest(self, contest: str) -> ContestActas:
        """The actas of ``contest``, none before the first is reported."""
        actas = self.contests.get(contest)
        if actas is None:
            actas = self.contests[contest] = ContestActas()
        return actas

    def station(self, station: str) -> StationState:
        """What ``station`` has delivered so far."""
        state = self.stations.get(station)
        if state is None:
            state = self.stations[station] = StationState()
        return state

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
        for fact in facts:
            self._learn(position, event, fact)
        station = self.station(event.station)
        station.sequence = event.sequence
        station.facts += len(facts)
        station.last_at = event.at

    def _learn(self, position: int, event: EnvelopeReceived, fact: Fact) -> None:
        acta = fact.acta
        self._await_image(acta)
        contest = self.contest(acta.contest)
        if acta.acta is None:
            self._learn_outside(position, event, contest, acta)
            return
        standing = contest.current.get(acta.acta)
        reason = fact.reason if isinstance(fact, ActaCorrected) else ""
        if standing is not None and not reason:
            self._repeat(position, event, acta, standing)
        elif standing is None or standing.acta != acta:
            version = Version(position, event.at, event.station, acta, reason, standing)
            contest.current[acta.acta] = version
            self.versions.append(version)

    def _await_image(self, acta: Acta) -> None:
        digest = acta.image_sha256
        if digest is not None and digest not in self.held:
            known = self.naming.get(digest, frozenset())
            self.naming[digest] = known | {(acta.contest, acta.acta)}

    def _hold(self, position: int, event: ImageReceived) -> None:
        actas = self.naming.pop(event.sha256, frozenset())
        image = HeldImage(position, event.sha256, event.size, actas)
        self.images.append(image)
        self.held[event.sha256] = image

    def _learn_outside(
        self, position: int, event: EnvelopeReceived, contest: ContestActas, acta: Acta
    ) -> None:
        """Take an acta out of catalogue; the same data with the same image again is no other."""
        again = any(version.acta == acta for version in contest.out_of_catalogue)
        if again and acta.image_sha256 is not None:
            return
        version = Version(position, event.at, event.station, acta)
        contest.out_of_catalogue.append(version)
        self.versions.append(version)

    def _repeat(
        self, position: int, event: EnvelopeReceived, acta: Acta, standing: Version
    ) -> None:
        if all(version.acta != acta for version in standing.back()):
            self.conflicts.append(Conflict(position, event.at, event.station, acta))


Entries: TypeAlias = Iterable[tuple[int, Event]]
"""Events with their positions, as the record reads them."""


def fold(entries: Entries, state: State | None = None) -> State:
    """Fold ``entries`` onto ``state`` (from nothing if not given) and return it."""
    state = State() if state is None else state
    for position, event in entries:
        state.apply(position, event)
    return state
