"""Numbers that look random and never change: whole-number arithmetic, so no version of a library alters the lake."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


class Draws:
    """A stream of numbers of its own (splitmix64); streams of different names do not disturb each other.

    >>> Draws("coins").integers(5, 0, 2).tolist() == Draws("coins").integers(5, 0, 2).tolist()
    True
    """

    def __init__(self, stream: str) -> None:
        self._key = np.frombuffer(hashlib.sha256(stream.encode()).digest()[:8], dtype="<u8").astype(np.uint64)
        self._drawn = 0

    def bits(self, count: int) -> npt.NDArray[np.uint64]:
        """The next 64-bit numbers."""
        state = np.arange(self._drawn + 1, self._drawn + count + 1, dtype=np.uint64) * _STEP + self._key
        self._drawn += count
        state = (state ^ (state >> np.uint64(30))) * _MIX[0]
        state = (state ^ (state >> np.uint64(27))) * _MIX[1]
        return state ^ (state >> np.uint64(31))

    def integers(self, count: int, low: int, high: int) -> Ints:
        """Whole numbers from `low` to before `high`."""
        return (self.bits(count) % np.uint64(high - low)).astype(np.int64) + low

    def chance(self, count: int, per_mille: int) -> Bools:
        """True in so many cases of a thousand."""
        return self.bits(count) % np.uint64(1000) < np.uint64(per_mille)

    def choose(self, count: int, weights: Sequence[int]) -> Ints:
        """Places in a list, each as often as its weight says.

        >>> sorted(set(Draws("x").choose(500, [1, 0, 3]).tolist()))
        [0, 2]
        """
        ends = np.cumsum(np.asarray(weights, dtype=np.int64))
        return np.searchsorted(ends, self.integers(count, 0, int(ends[-1])), side="right").astype(np.int64)

    def order(self, count: int) -> Ints:
        """The numbers from 0 on in a mixed order, each once."""
        return np.argsort(self.bits(count), kind="stable").astype(np.int64)
