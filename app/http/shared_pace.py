"""How fast one caller may send requests, to all servers of one state database together.

Each caller has one bucket in the database, that fills evenly and holds what a minute gives. A server takes a part of it
at a time and counts requests against that in memory: one write in so many requests, and none for whoever is refused.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple

import sqlalchemy as sa

from app.http.pace import too_fast
from app.http.tables import PACES
from townlake.domain.principal import Principal
from townlake.state.store import moment, writing

PARTS: Final = 20
"""A server takes this part of a minute's requests at a time."""
_MOST_CALLERS: Final = 10_000
_MINUTE: Final = 60.0
_KEPT: Final = timedelta(minutes=2)
"""A bucket is full again by then, so that nothing of it need be kept."""


class _Part(NamedTuple):
    """What this server may take of a caller's requests without asking."""

    left: int
    until: float
    """When what is left of it is given up."""
    empty_until: float = 0.0
    """When it is worth asking for more, where there was nothing."""


class SharedPace:
    """The paces of all callers.

    Args:
        state: the state database.
        per_minute: requests of one caller.
        clock: the time, where the database has none of its own.
        ticks: seconds of this process.
    """

    def __init__(
        self,
        state: sa.Engine,
        per_minute: int,
        clock: Callable[[], datetime],
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._state = state
        self._most = float(per_minute)
        self._at_a_time = max(1, per_minute // PARTS)
        self._clock = clock
        self._ticks = ticks
        self._parts: OrderedDict[str, _Part] = OrderedDict()
        self._lock = Lock()

    def take(self, caller: Principal) -> None:
        """Count one request of a caller.

        Raises:
            Refusal: with 429, and after how many seconds the next one is taken.
            HomeError: the state database cannot be used.
        """
        who = hashlib.sha256(json.dumps([caller.kind.value, caller.subject]).encode()).hexdigest()
        if self._is_counted(who):
            return
        # Several requests of one caller may come here at a time: each that did brings a part, and all parts count.
        given, seconds = self._given(who)
        with self._lock:
            now = self._ticks()
            left = given + self._left(who, now)
            self._parts[who] = _Part(max(0, left - 1), now + _MINUTE, 0.0 if left else now + seconds)
            self._parts.move_to_end(who)
            while len(self._parts) > _MOST_CALLERS:
                self._parts.popitem(last=False)
        if not left:
            raise too_fast(self._most, seconds)

    def _is_counted(self, who: str) -> bool:
        """Count a request against what this server has; False where it must ask for more.

        Raises:
            Refusal: it knows that there is none yet.
        """
        with self._lock:
            now = self._ticks()
            left = self._left(who, now)
            if left:
                self._parts[who] = self._parts[who]._replace(left=left - 1)
                self._parts.move_to_end(who)
                return True
            part = self._parts.get(who)
            seconds = part.empty_until - now if part is not None else 0.0
        if seconds > 0:
            raise too_fast(self._most, seconds)
        return False

    def _left(self, who: str, now: float) -> int:
        part = self._parts.get(who)
        return part.left if part is not None and part.until > now else 0

    def _given(self, who: str) -> tuple[int, float]:
        """So many requests more from the caller's bucket; where there are none, in how many seconds there is one."""
        with writing(self._state, first=True) as connection:
            now = moment(connection, self._clock)
            here = PACES.c.who == who
            row = connection.execute(sa.select(PACES.c.requests, PACES.c.at).where(here)).first()
            kept = self._most
            if row is not None:
                # A clock may go back.
                passed = max(0.0, (now - row.at).total_seconds())
                kept = min(self._most, row.requests + passed * self._most / _MINUTE)
            given = min(int(kept), self._at_a_time)
            if not given:
                return 0, (1 - kept) * _MINUTE / self._most
            left = {"requests": kept - given, "at": now}
            if row is None:
                connection.execute(sa.delete(PACES).where(PACES.c.at < now - _KEPT))
                connection.execute(sa.insert(PACES).values(who=who, **left))
            else:
                connection.execute(sa.update(PACES).where(here).values(left))
        return given, 0.0
