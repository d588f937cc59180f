"""Scan whatever becomes due, until told to stop. Looking costs one cheap question while nothing changes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from threading import Event
from typing import Final

from agents.skimmer.scan_state import Outcome
from agents.skimmer.skimmer import Due, Report, Skimmer
from townlake.domain.errors import AuditUnavailable, Cancelled, SkipperError
from townlake.domain.names import TableRef
from townlake.domain.table import TableInfo

_LOG: Final = logging.getLogger(__name__)
EVERY_SECONDS: Final = 5.0
"""How often to look whether anything changed."""
AT_LEAST_SECONDS: Final = 60.0
"""How often to look at every table, for what becomes due by age or by a reviewer alone."""
FAULT_SECONDS: Final = 600.0
"""For so long a table that could not be scanned is left alone, as long as nothing new is in it."""
MOST_WAIT_SECONDS: Final = 300.0
"""So long it waits at most for a database that does not answer; each wait is twice as long as the one before."""

Version = tuple[str, int | None]
"""A table as it was: its uuid and snapshot."""


def watch(
    skimmer: Skimmer,
    version: Callable[[], str],
    stop: Event,
    report: Report,
    *,
    every_seconds: float = EVERY_SECONDS,
    also: Callable[[], object] = lambda: None,
) -> Generator[Outcome, None, None]:
    """Scan tables as they become due. What cannot be asked now, such as a database that restarts, is asked again later.

    Args:
        skimmer: who scans.
        version: differs after every change of a table; asked all the time.
        stop: set it to end between two tables.
        report: progress.
        every_seconds: between two looks.
        also: what else is to do after each look at all tables.

    Yields:
        What came of each table.

    Raises:
        AuditUnavailable: nothing can be written down, so nothing is read.
    """
    seen, looked, wait = "", -AT_LEAST_SECONDS, every_seconds
    faults: dict[Version, float] = {}
    while not stop.is_set():
        try:
            now, current = time.monotonic(), version()
            if current != seen or now - looked >= AT_LEAST_SECONDS:
                faults = {table: until for table, until in faults.items() if until > now}
                yield from _looked(skimmer, faults, stop, report)
                if stop.is_set():
                    return
                also()
                # Asked before: what changed while tables were scanned is seen the next time.
                seen, looked = current, now
            wait = every_seconds
        except (AuditUnavailable, Cancelled):
            raise
        except SkipperError as error:
            _LOG.warning("the watch goes on: %s", error)
            wait = min(2 * wait, MOST_WAIT_SECONDS)
        stop.wait(wait)


def _looked(
    skimmer: Skimmer, faults: dict[Version, float], stop: Event, report: Report
) -> Generator[Outcome, None, None]:
    """Scan what is due and had no fault of late."""
    due = _ready(skimmer.due(), faults)
    versions: dict[TableRef, Version] = {each.table.ref: _version(each.table) for each in due}
    for outcome in skimmer.scan(due, report):
        if outcome.fault and outcome.table in versions:
            faults[versions[outcome.table]] = time.monotonic() + FAULT_SECONDS
        yield outcome
        if stop.is_set():
            return


def _ready(due: tuple[Due, ...], faults: dict[Version, float]) -> tuple[Due, ...]:
    return tuple(each for each in due if _version(each.table) not in faults)


def _version(table: TableInfo) -> Version:
    return table.uuid, table.snapshot_id
