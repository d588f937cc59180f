"""How fast somebody whom nobody knows yet may send requests: a bucket that fills evenly and holds a minute's worth."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final

from app.http.problems import Refusal

_MOST_CALLERS: Final = 10_000
_MINUTE: Final = 60.0


class Pace:
    """The buckets of this process alone: whoever proves nothing writes nothing to the state."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._clock = clock
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def count(self, who: Hashable) -> None:
        """Count one request.

        Raises:
            Refusal: with 429, and after how many seconds the next one is taken.
        """
        now = self._clock()
        with self._lock:
            left, at = self._buckets.pop(who, (self._most, now))
            left = min(self._most, left + (now - at) * self._most / _MINUTE)
            is_enough = left >= 1
            self._buckets[who] = (left - 1 if is_enough else left, now)
            while len(self._buckets) > _MOST_CALLERS:
                self._buckets.popitem(last=False)
        if not is_enough:
            raise too_fast(self._most, (1 - left) * _MINUTE / self._most)


def too_fast(most: float, seconds: float) -> Refusal:
    """What somebody is told who sends too much.

    Args:
        most: requests that they may send in a minute.
        seconds: after which the next one is taken.
    """
    whole = max(1, math.ceil(seconds))
    return Refusal(
        429,
        f"You sent more than {most:g} requests in a minute.",
        hint=f"Send the next one in {whole} s.",
        headers={"Retry-After": str(whole)},
    )
