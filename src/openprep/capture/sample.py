"""The sample by which wrong fields are estimated: how an acta enters it, and what comes of it.

Nobody chooses it: whether an acta is in follows from a root of the publication log, which nobody
knew before and everybody can look up. The log's first leaf names the election, so that its root is
of that election and of no other.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from math import exp, lgamma, log, log1p
from operator import attrgetter
from typing import NamedTuple

from openprep.capture.reading import FieldName, Reading, differing
from openprep.capture.steps import ActaSampled, SampleDrawn
from openprep.election import Acta, FieldState

_TAIL = 0.025
"""Chance beyond either end of an interval of 95 %."""
_HALVINGS = 60
_NOT_ASKED = (FieldState.NOT_ON_BALLOT, FieldState.NOT_APPLICABLE)


def is_drawn(root: str, one_in: int, contest: str, acta: str) -> bool:
    """Whether an acta is in the sample of a root (hex): of each it is one in ``one_in`` by chance.

    It is where the SHA-256 of the four lines ``openprep/sample/v1``, root, contest and acta, taken
    as a number, leaves no remainder when divided by ``one_in``.
    """
    said = f"openprep/sample/v1\n{root}\n{contest}\n{acta}\n".encode()
    return int.from_bytes(sha256(said).digest()) % one_in == 0


def has(drawn: SampleDrawn, stands: Acta) -> bool:
    """Whether figures that stand are in a draw: only those can be that stood when it was made."""
    if stands.acta is None or stands.image_sha256 is None or stands.verified_at is None:
        return False
    if stands.contest != drawn.contest or stands.verified_at > drawn.at:
        return False
    return is_drawn(drawn.root, drawn.one_in, stands.contest, stands.acta)


@dataclass(slots=True)
class Draws:
    """The draws of samples, by contest: looking one up costs the same, however many there are."""

    taken: list[SampleDrawn] = field(default_factory=list)
    """In the order in which they were taken."""
    _of: dict[str, list[SampleDrawn]] = field(default_factory=dict)
    """Those of each contest by their time; of one time as they were taken."""
    _roots: set[tuple[str, str]] = field(default_factory=set)

    def __iter__(self) -> Iterator[SampleDrawn]:
        return iter(self.taken)

    def __len__(self) -> int:
        return len(self.taken)

    def knows(self, contest: str, root: str) -> bool:
        """Whether a contest's sample was drawn by a root."""
        return (contest, root) in self._roots

    def add(self, drawn: SampleDrawn) -> None:
        """One more draw."""
        self.taken.append(drawn)
        self._roots.add((drawn.contest, drawn.root))
        insort(self._of.setdefault(drawn.contest, []), drawn, key=_time_of)

    def before(self, drawn: SampleDrawn) -> datetime | None:
        """When the contest's draw before this one was made: what stood by then is that one's."""
        draws = self._of.get(drawn.contest, [])
        at = bisect_left(draws, drawn.at, key=_time_of)
        return draws[at - 1].at if at else None

    def deciding(self, stands: Acta) -> SampleDrawn | None:
        """The draw in which figures are, if in any: the first since they stood decides."""
        if stands.verified_at is None:
            return None
        draws = self._of.get(stands.contest, [])
        at = bisect_left(draws, stands.verified_at, key=_time_of)
        return draws[at] if at < len(draws) and has(draws[at], stands) else None


_time_of = attrgetter("at")


class Sampled(NamedTuple):
    """An acta of the sample: what the third person read, and the figures that stood then."""

    step: ActaSampled
    stood: Acta

    @property
    def fields(self) -> int:
        """How many fields its form asks for."""
        return sum(value not in _NOT_ASKED for _, value in _reading_of(self.stood).fields())

    @property
    def wrong(self) -> tuple[FieldName, ...]:
        """The fields in which what stood is not what the third person read."""
        return differing(_reading_of(self.stood), self.step.reading)


class Estimate(NamedTuple):
    """How many fields of a sample were compared, and how many of them differ."""

    actas: int
    fields: int
    wrong: int

    @property
    def per_thousand(self) -> float | None:
        """Wrong fields per 1,000; ``None`` of no field."""
        return None if not self.fields else 1000 * self.wrong / self.fields

    @property
    def interval(self) -> tuple[float, float]:
        """Between how many per 1,000 it is, with 95 % confidence (:func:`between`)."""
        low, high = between(self.wrong, self.fields)
        return 1000 * low, 1000 * high


def estimate_of(sample: Iterable[Sampled]) -> Estimate:
    """What a sample says."""
    actas = fields = wrong = 0
    for one in sample:
        actas, fields, wrong = actas + 1, fields + one.fields, wrong + len(one.wrong)
    return Estimate(actas, fields, wrong)


def _reading_of(acta: Acta) -> Reading:
    return Reading(
        acta.votes,
        acta.surplus_ballots,
        acta.people_voted,
        acta.representatives_voted,
        acta.ballots_taken,
        acta.total_written,
    )


@lru_cache(64)
def between(wrong: int, fields: int) -> tuple[float, float]:
    """Bounds of a part of which ``wrong`` of ``fields`` were found, with 95 % confidence.

    The exact interval of Clopper and Pearson (1934): it takes fields for independent of each other.
    """
    if fields == 0:
        return 0.0, 1.0
    low, high = 0.0, 1.0
    if wrong > 0:
        low = _root(lambda part: 1 - _at_most(wrong - 1, fields, part) < _TAIL)
    if wrong < fields:
        high = _root(lambda part: _at_most(wrong, fields, part) > _TAIL)
    return low, high


def _root(is_below: Callable[[float], bool]) -> float:
    """Where ``is_below`` changes from true to false, between 0 and 1."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return low


def _at_most(count: int, trials: int, part: float) -> float:
    """Chance of at most ``count`` in ``trials``, each with chance ``part``: the shorter side."""
    if count > trials / 2:
        return 1 - _at_most(trials - count - 1, trials, 1 - part)
    if part in (0.0, 1.0):
        return 1.0 - part
    odds = log(part) - log1p(-part)
    none = trials * log1p(-part) + lgamma(trials + 1)
    return sum(
        exp(none + one * odds - lgamma(one + 1) - lgamma(trials - one + 1))
        for one in range(count + 1)
    )
