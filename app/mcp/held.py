"""Results that were read a moment ago, for their next pages.

Whoever pages through a result gets pages of one reading, in one order, and nothing is read twice for it. What is held
is for that caller with just those rights, while nothing changes that could change what anybody sees.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from app.mcp.told import Result
    from townlake.domain.principal import Principal

_MOST: Final = 32
_SECONDS: Final = 600.0


_MOST_CHARACTERS: Final = 64_000_000
"""Of all results together, about."""
_SAMPLE: Final = 100


class _Held(NamedTuple):
    caller: Principal
    size: int
    version: str
    until: float
    result: Result


class Held:
    """The newest results, in memory."""

    def __init__(self) -> None:
        self._by_run: OrderedDict[str, _Held] = OrderedDict()
        self._lock = Lock()

    def put(self, run_id: str, caller: Principal, version: str, result: Result) -> None:
        """Hold a result for a while.

        Args:
            run_id: whose result it is.
            caller: who read it, with their rights.
            version: of the lake before it was read.
            result: all of it.
        """
        now, size = time.monotonic(), _size(result)
        with self._lock:
            self._by_run.pop(run_id, None)
            for name in [name for name, held in self._by_run.items() if held.until < now]:
                del self._by_run[name]
            if size > _MOST_CHARACTERS:
                return
            self._by_run[run_id] = _Held(caller, size, version, now + _SECONDS, result)
            while len(self._by_run) > _MOST or sum(held.size for held in self._by_run.values()) > _MOST_CHARACTERS:
                self._by_run.popitem(last=False)

    def get(self, run_id: str, caller: Principal, version: str) -> Result | None:
        """The result, when this caller could read nothing else now."""
        with self._lock:
            held = self._by_run.get(run_id)
            if held is None:
                return None
            if (held.caller, held.version) != (caller, version) or held.until < time.monotonic():
                del self._by_run[run_id]
                return None
            return held.result


def _size(result: Result) -> int:
    """Characters of a result, told from some of its rows."""
    rows = result.rows or ()
    some = rows[:: max(1, len(rows) // _SAMPLE)]
    return sum(len(str(row)) for row in some) * len(rows) // max(1, len(some))
