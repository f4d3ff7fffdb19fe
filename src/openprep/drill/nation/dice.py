"""Chance that is the same on every machine: raw Philox words and integer arithmetic only.

NumPy promises the stream of a bit generator, not of its distributions, and a logarithm may differ
in its last bit from one processor to another. So everything is drawn from 64-bit words (Philox:
Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011) by integers.
"""

from collections.abc import Sequence
from enum import IntEnum
from itertools import pairwise

import numpy as np

from openprep.tabulation.layout import Integers

_PER_BELL = 2
_MEAN, _DEVIATION = 8 * 65_535 // 2, 53_510
"""Of the sum of eight 16-bit words: the deviation is 65,536 √(8/12)."""


class Purpose(IntEnum):
    """What a stream is for: a change in one leaves the others as they were."""

    SECTIONS = 1
    FIGURES = 2
    FATES = 3
    TIMES = 4
    IMAGES = 5


class Dice:
    """The stream of one place and purpose under a seed."""

    def __init__(self, seed: int, place: int, purpose: Purpose) -> None:
        self._words = np.random.Philox(key=(seed << 64) | (place << 8) | purpose)

    def words(self, count: int) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
        """Raw 64-bit words."""
        return np.asarray(self._words.random_raw(count), np.uint64).reshape(count)

    def below(self, limit: int, count: int) -> Integers:
        """Whole numbers from 0 to below ``limit`` (at most 2³¹), near enough evenly."""
        high = self.words(count) >> np.uint64(32)
        return ((high * np.uint64(limit)) >> np.uint64(32)).astype(np.int64)

    def bells(self, count: int) -> Integers:
        """Numbers of mean 0 and deviation 1000, bell-shaped: the sum of eight even ones."""
        words = self.words(count * _PER_BELL).reshape(count, _PER_BELL)
        total = np.zeros(count, np.int64)
        for shift in (0, 16, 32, 48):
            part = (words >> np.uint64(shift)) & np.uint64(0xFFFF)
            total += part.astype(np.int64).sum(axis=1)
        return (total - _MEAN) * 1000 // _DEVIATION

    def along(self, curve: Sequence[tuple[int, int]], count: int) -> Integers:
        """Values whose quantiles lie on ``curve``: pairs of quantile (of 10,000) and value."""
        return quantile(curve, self.below(10_000, count))


def quantile(curve: Sequence[tuple[int, int]], at: Integers) -> Integers:
    """The value of ``curve`` at each quantile, straight between its points."""
    result = np.full(len(at), curve[-1][1], np.int64)
    for (left, low), (right, high) in reversed(list(pairwise(curve))):
        inside = at < right
        result[inside] = low + (at[inside] - left) * (high - low) // (right - left)
    return result
