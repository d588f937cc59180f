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


class _Held(NamedTuple):
    caller: Principal
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
        with self._lock:
            self._by_run[run_id] = _Held(caller, version, time.monotonic() + _SECONDS, result)
            self._by_run.move_to_end(run_id)
            while len(self._by_run) > _MOST:
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
