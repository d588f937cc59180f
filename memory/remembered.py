"""What is derived from a caller's sight, kept for as long as that caller goes on asking."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from memory.sight import Sight

_KEPT: Final = 8
_Derived = TypeVar("_Derived")


class BySight(Generic[_Derived]):
    """Remembers by the very object: comparing two sights costs more than most of what is derived from them."""

    def __init__(self, make: Callable[[Sight], _Derived]) -> None:
        self._make = make
        self._kept: OrderedDict[int, tuple[Sight, _Derived]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, sight: Sight) -> _Derived:
        """What belongs to this sight; made when it is new."""
        with self._lock:
            known = self._kept.get(id(sight))
            # What is kept holds its sight, so an id cannot come to mean another one.
            if known is not None:
                self._kept.move_to_end(id(sight))
                return known[1]
        made = self._make(sight)
        with self._lock:
            self._kept[id(sight)] = (sight, made)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made
