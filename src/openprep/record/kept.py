"""The state as a snapshot keeps it: what follows from the rest is not written.

The actas of each contest stand by taking its versions again, and which images are waited for
follows from who named them. JSON and not MessagePack, so that an acta's times keep their offsets:
its digest depends on them.
"""

from collections import Counter
from datetime import datetime

import msgspec
from msgspec import Struct

from openprep.capture.paper import Paper
from openprep.capture.papers import PaperKey, Papers
from openprep.capture.steps import SampleDrawn
from openprep.decoding import decoding
from openprep.election import Rules, acta_digest
from openprep.record.aside import BY_CODE, ActaKey, SetAside
from openprep.record.events import Closed, CutMade, Opened
from openprep.record.facts import OfAnActa
from openprep.record.state import HeldImage, Place, State, StationState, Version, empty_state


class _Aside(Struct, array_like=True, frozen=True):
    """A fact that was set aside, with the code of why."""

    position: int
    at: datetime
    station: str
    fact: int
    said: OfAnActa
    why: str

    @classmethod
    def of(cls, aside: SetAside) -> "_Aside":
        return cls(aside.position, aside.at, aside.station, aside.fact, aside.said, aside.why.code)

    @property
    def told(self) -> SetAside:
        return SetAside(
            self.position, self.at, self.station, self.fact, self.said, BY_CODE[self.why]
        )


class _Papers(Struct, array_like=True, frozen=True):
    """The papers by their keys, those of them without identity by key alone."""

    by_key: list[tuple[PaperKey, Paper]]
    shown_as: dict[str, PaperKey]
    unidentified: dict[str, int]
    nobodys: list[PaperKey]
    draws: list[SampleDrawn]

    @classmethod
    def of(cls, papers: Papers) -> "_Papers":
        return cls(
            list(papers.by_key.items()),
            papers.shown_as,
            papers.unidentified,
            list(papers.nobodys),
            papers.draws.taken,
        )

    def restore(self, papers: Papers) -> None:
        papers.by_key.update(self.by_key)
        papers.shown_as.update(self.shown_as)
        papers.unidentified = Counter(self.unidentified)
        papers.nobodys.update((key, papers.by_key[key]) for key in self.nobodys)
        for drawn in self.draws:
            papers.draws.add(drawn)


class _Kept(Struct, array_like=True, frozen=True):
    """What a snapshot has of the state, in the order of its fields."""

    position: int
    opened: Opened | None
    closed: Closed | None
    cuts: list[CutMade]
    versions: list[Version]
    images: list[HeldImage]
    stations: dict[str, StationState]
    aside: list[_Aside]
    unsettled: list[tuple[ActaKey, list[Place]]]
    papers: _Papers

    @classmethod
    def of(cls, state: State) -> "_Kept":
        return cls(
            state.position,
            state.opened,
            state.closed,
            state.cuts,
            state.versions,
            state.images,
            state.stations,
            [_Aside.of(aside) for asides in state.aside.values() for aside in asides],
            [(key, [(one.position, one.fact) for one in of]) for key, of in _unsettled(state)],
            _Papers.of(state.papers),
        )

    def state(self, rules: Rules) -> State:
        """The state that it was made of."""
        state = empty_state(rules)
        state.position, state.opened, state.closed = self.position, self.opened, self.closed
        state.cuts, state.stations = self.cuts, self.stations
        state.images = self.images
        state.held = {image.sha256: image for image in self.images}
        self.papers.restore(state.papers)
        for version in self.versions:
            _identify(state, version)
            state.take(version)
        for paper in state.papers:
            for step in paper.images.values():
                state.name(step.image, (step.contest, step.acta))
        self._set_aside(state)
        return state

    def _set_aside(self, state: State) -> None:
        asides = {(one.position, one.fact): one.told for one in self.aside}
        for place, aside in asides.items():
            state.aside.setdefault(place[0], []).append(aside)
        for key, places in self.unsettled:
            state.unsettled[key] = [asides[place] for place in places]


def _unsettled(state: State) -> list[tuple[ActaKey, list[SetAside]]]:
    return list(state.unsettled.items())


def _identify(state: State, version: Version) -> None:
    """Take off the acta out of catalogue that a version identifies, as the fold did."""
    if version.identifies is not None:
        contest = state.contests[version.acta.contest]
        contest.identify(acta_digest(contest.out_of_catalogue[version.identifies].acta))


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Kept)


def encode_state(state: State) -> bytes:
    """``state`` as a snapshot keeps it."""
    return _encoder.encode(_Kept.of(state))


def decode_state(data: bytes, rules: Rules) -> State:
    """The state that was kept.

    Raises:
        msgspec.DecodeError: it is none.
        LookupError: its parts do not fit each other.
    """
    with decoding():
        kept = _decoder.decode(data)
    return kept.state(rules)
