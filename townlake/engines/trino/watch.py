"""Stops a statement whose time is up, or that nobody wants any more."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import Any

from townlake.domain.errors import Cancelled
from townlake.domain.progress import Progress
from townlake.engines.failures import out_of_time


class Watch:
    """Looks at the clock and at the caller whenever Trino answers, which it does at least once a second.

    Args:
        seconds: how long the statement may take.
        cancelled: set by whoever wants it to stop.
        progress: is told how far it is.
    """

    def __init__(
        self,
        seconds: float,
        cancelled: Event | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._cancelled = cancelled
        self._progress = progress

    def __call__(self, stats: dict[str, Any]) -> None:
        """Take Trino's statistics.

        Raises:
            Cancelled: the caller wants it to stop.
            LimitExceeded: its time is up.
        """
        if self._cancelled is not None and self._cancelled.is_set():
            raise Cancelled("The statement was stopped.")
        if time.monotonic() > self._deadline:
            raise out_of_time(self._seconds)
        if self._progress is not None:
            self._progress(
                Progress(
                    state=stats.get("state", ""),
                    done=stats.get("completedSplits", 0),
                    total=stats.get("totalSplits", 0),
                    rows=stats.get("processedRows", 0),
                    bytes=stats.get("processedBytes", 0),
                    stored_bytes=stats.get("physicalInputBytes", 0),
                )
            )
