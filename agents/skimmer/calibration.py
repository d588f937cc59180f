"""From a score to a probability that held on the part of the open set that was looked at."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_name("calibration.toml")


@lru_cache(maxsize=1)
def _points() -> tuple[tuple[float, float], ...]:
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple((float(score), float(share)) for score, share in told["points"])


def calibrated(score: float) -> float:
    """The probability for a score: between the points of the table in a straight line.

    Args:
        score: 0 to 1, from the log-odds.
    """
    return along(_points(), score)


def along(points: Sequence[tuple[float, float]], score: float) -> float:
    """The probability for a score, from a table of (score, probability) in ascending order.

    >>> along([(0.0, 0.1), (1.0, 0.9)], 0.5)
    0.5
    """
    for (low, at_low), (high, at_high) in pairwise(points):
        if score <= high:
            part = (score - low) / (high - low) if high > low else 0.0
            return round(at_low + max(0.0, part) * (at_high - at_low), 4)
    return round(points[-1][1], 4)
