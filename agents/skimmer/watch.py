"""Scan whatever becomes due, until told to stop. Looking costs one cheap question while nothing changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from threading import Event
from typing import Final

from agents.skimmer.scan_state import Outcome
from agents.skimmer.skimmer import Due, Report, Skimmer
from townlake.domain.names import TableRef

EVERY_SECONDS: Final = 5.0
"""How often to look whether anything changed."""
AT_LEAST_SECONDS: Final = 60.0
"""How often to look at every table, for what becomes due by age or by a reviewer alone."""
FAULT_SECONDS: Final = 600.0
"""For so long a table that could not be scanned is left alone."""


def watch(
    skimmer: Skimmer,
    version: Callable[[], str],
    stop: Event,
    report: Report,
    *,
    every_seconds: float = EVERY_SECONDS,
    also: Callable[[], object] = lambda: None,
) -> Generator[Outcome, None, None]:
    """Scan tables as they become due.

    Args:
        skimmer: who scans.
        version: differs after every change of a table; asked all the time.
        stop: set it to end between two tables.
        report: progress.
        every_seconds: between two looks.
        also: what else is to do after each look at all tables.

    Yields:
        What came of each table.
    """
    seen, looked = "", -AT_LEAST_SECONDS
    faults: dict[TableRef, float] = {}
    while not stop.is_set():
        now, current = time.monotonic(), version()
        if current != seen or now - looked >= AT_LEAST_SECONDS:
            # The version comes first: what changes while tables are scanned is seen the next time.
            seen, looked = current, now
            faults = {ref: until for ref, until in faults.items() if until > now}
            for outcome in skimmer.scan(_ready(skimmer.due(), faults), report):
                if outcome.fault:
                    faults[outcome.table] = time.monotonic() + FAULT_SECONDS
                yield outcome
                if stop.is_set():
                    return
            also()
        stop.wait(every_seconds)


def _ready(due: tuple[Due, ...], faults: dict[TableRef, float]) -> tuple[Due, ...]:
    return tuple(each for each in due if each.table.ref not in faults)
