"""The state as a snapshot keeps it: what follows from the rest is not written.

The actas of each contest stand by taking its versions again, and which images are waited for
follows from who named them. It is JSON and not MessagePack, so that an acta's times keep their
offsets, on which its digest depends; in lines, so that what is whole in memory is the state alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

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

RUN = 2048
"""Most versions or papers in a line: what is decoded at once."""


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
    """What is known of papers beside the papers themselves, which are named by their keys."""

    shown_as: dict[str, PaperKey]
    unidentified: dict[str, int]
    nobodys: list[PaperKey]
    draws: list[SampleDrawn]

    @classmethod
    def of(cls, papers: Papers) -> "_Papers":
        return cls(papers.shown_as, papers.unidentified, list(papers.nobodys), papers.draws.taken)

    def restore(self, papers: Papers) -> None:
        papers.shown_as = self.shown_as
        papers.unidentified = Counter(self.unidentified)
        papers.nobodys = {key: papers.by_key[key] for key in self.nobodys}
        for drawn in self.draws:
            papers.draws.add(drawn)


class _Kept(Struct, array_like=True, frozen=True):
    """What a snapshot has of the state beside versions and papers, in the order of its fields."""

    runs: int
    """Lines of versions that follow; all after them are of papers."""
    position: int
    opened: Opened | None
    closed: Closed | None
    cuts: list[CutMade]
    images: list[HeldImage]
    stations: dict[str, StationState]
    aside: list[_Aside]
    unsettled: list[tuple[ActaKey, list[Place]]]
    papers: _Papers

    @classmethod
    def of(cls, state: State) -> "_Kept":
        return cls(
            -(-len(state.versions) // RUN),
            state.position,
            state.opened,
            state.closed,
            state.cuts,
            state.images,
            state.stations,
            [_Aside.of(aside) for asides in state.aside.values() for aside in asides],
            [(key, [(of.position, of.fact) for of in own]) for key, own in state.unsettled.items()],
            _Papers.of(state.papers),
        )

    def begun(self, rules: Rules) -> State:
        """The state, which has yet to take its versions and papers."""
        state = empty_state(rules)
        state.position, state.opened, state.closed = self.position, self.opened, self.closed
        state.cuts, state.stations, state.images = self.cuts, self.stations, self.images
        state.held = {image.sha256: image for image in self.images}
        asides = {(one.position, one.fact): one.told for one in self.aside}
        for (position, _), aside in asides.items():
            state.aside.setdefault(position, []).append(aside)
        for key, places in self.unsettled:
            state.unsettled[key] = [asides[place] for place in places]
        return state


def _take_version(state: State, version: Version) -> None:
    """Have a version stand, in the place of the acta out of catalogue that it identifies."""
    if version.identifies is not None:
        contest = state.contests[version.acta.contest]
        contest.identify(acta_digest(contest.out_of_catalogue[version.identifies].acta))
    state.take(version)


def _take_paper(state: State, key: PaperKey, paper: Paper) -> None:
    state.papers.by_key[key] = paper
    for step in paper.images.values():
        state.name(step.image, (step.contest, step.acta))


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Kept).decode
_decode_versions = msgspec.json.Decoder(list[Version]).decode
_decode_papers = msgspec.json.Decoder(list[tuple[PaperKey, Paper]]).decode


def encode_state(state: State) -> Iterator[bytes]:
    """``state`` as a snapshot keeps it, in lines."""
    yield _encode(_Kept.of(state)) + b"\n"
    for start in range(0, len(state.versions), RUN):
        yield _encode(state.versions[start : start + RUN]) + b"\n"
    papers = iter(state.papers.by_key.items())
    while some := list(islice(papers, RUN)):
        yield _encode(some) + b"\n"


def decode_state(lines: Iterable[bytes], rules: Rules) -> State:
    """The state that was kept in ``lines``.

    Raises:
        msgspec.DecodeError: a line is none that :func:`encode_state` gives.
        LookupError: what it says does not fit what other lines say.
        StopIteration: there is no line.
    """
    lines = iter(lines)
    with decoding():
        kept = _decode(next(lines))
        state = kept.begun(rules)
        for line in islice(lines, kept.runs):
            for version in _decode_versions(line):
                _take_version(state, version)
        for line in lines:
            for key, paper in _decode_papers(line):
                _take_paper(state, key, paper)
    kept.papers.restore(state.papers)
    return state
