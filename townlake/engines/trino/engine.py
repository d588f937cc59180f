"""The grown engine: Trino, which runs each statement as whoever asks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING, Any, Final

from townlake.domain.errors import EngineError
from townlake.domain.finding import Finding, Severity
from townlake.domain.limits import Limits
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.progress import Progress
from townlake.domain.query_tag import QUERY_TAG
from townlake.domain.rows import Rows
from townlake.domain.verdict import OutputColumn, Verdict
from townlake.engines.failures import too_large
from townlake.engines.protocol import Explanation
from townlake.engines.trino.coordinator import Coordinator
from townlake.engines.trino.cursor import Cursor
from townlake.engines.trino.failures import changed_source, check_failure, run_failure
from townlake.engines.trino.pinning import pinned
from townlake.engines.trino.watch import Watch

if TYPE_CHECKING:
    import pyarrow as pa

EXPLAIN_SECONDS: Final = 20.0
_BATCH_ROWS: Final = 10_000
_GRACE_SECONDS: Final = 5.0
"""Trino itself stops a statement that is so much over its time, should Skipper be gone."""


class TrinoEngine:
    """Runs verdicts on a Trino, each with a connection of its own.

    Args:
        coordinator: where, and who logs in.
        identify: gives the user that Trino sees for a caller.
        tags: what Trino writes down beside each statement, and its resource groups can go by.
    """

    def __init__(
        self, coordinator: Coordinator, identify: Callable[[Principal], str], tags: Iterable[str] = ()
    ) -> None:
        self._coordinator = coordinator
        self._identify = identify
        self._tags = tuple(sorted(tags))

    @property
    def name(self) -> str:
        """`trino` with its version, when it tells one."""
        with suppress(OSError, ValueError, LookupError):
            return self._named
        return "trino"

    def warm(self) -> None:
        """Nothing has to be started."""

    def explain(self, verdict: Verdict, *, runs_next: bool = False) -> Explanation:
        """Have Trino analyse and plan the statement as the caller; no row is read.

        A plan takes a tenth of a second and more, and the run makes it again.
        """
        if runs_next and _is_typed(verdict):
            return Explanation(findings=_unheld(verdict.columns))
        sql = pinned(verdict.text(), verdict.scans)
        watch = Watch(EXPLAIN_SECONDS)
        limits = {"query_max_run_time": f"{EXPLAIN_SECONDS:g}s"}
        from trino.exceptions import TrinoQueryError

        try:
            with self._cursor(verdict.principal, limits, watch) as cursor:
                told = cursor.execute(f"EXPLAIN (TYPE IO, FORMAT JSON) {sql}").fetchall()[0][0]
                columns = self._columns(cursor, sql, verdict)
                findings = _unheld(columns or verdict.columns)
                return Explanation(columns=columns, reads=_reads(json.loads(told)), findings=findings)
        except TrinoQueryError as error:
            changed = changed_source(error, _tables(verdict))
            return Explanation(findings=(changed or check_failure(error, EXPLAIN_SECONDS),))

    def run(
        self,
        verdict: Verdict,
        limits: Limits,
        query_id: str,
        cancelled: Event | None = None,
        progress: Callable[[Progress], None] | None = None,
        sink: Callable[[pa.RecordBatch], None] | None = None,
    ) -> Rows:
        """Run the verdict's SQL at the snapshots that its scans name.

        Raises:
            EngineError: with a class in Trino's words and no value of a table in the message.
            LimitExceeded: time, memory or bytes ran out; rows are cut instead, with `truncated`.
            Cancelled: `cancelled` was set.
        """
        began = time.monotonic()
        sql = pinned(verdict.text(), verdict.scans)
        narrowed = {
            "query_max_run_time": f"{limits.seconds + _GRACE_SECONDS:g}s",
            "query_max_memory": f"{limits.memory_bytes}B",
        }
        if limits.scan_bytes is not None:
            narrowed["query_max_scan_physical_bytes"] = f"{limits.scan_bytes}B"
        watch = Watch(limits.seconds, cancelled, progress)
        from trino.exceptions import TrinoQueryError

        try:
            with self._cursor(verdict.principal, narrowed, watch, query_id) as cursor:
                cursor.execute(sql)
                table, truncated = _collected(cursor, limits, sink)
                columns = verdict.output(_typed(cursor))
        except TrinoQueryError as error:
            raise run_failure(error, query_id, limits.seconds, _tables(verdict)) from error
        return Rows(
            table=table,
            columns=columns,
            truncated=truncated,
            query_id=query_id,
            snapshots={scan.table: scan.snapshot_id for scan in verdict.scans},
            seconds=time.monotonic() - began,
        )

    def close(self) -> None:
        """Every statement has its own connection, and none is left."""

    @cached_property
    def _named(self) -> str:
        return f"trino {self._coordinator.version()}"

    def _cursor(
        self, caller: Principal, limits: Mapping[str, str], told: Watch, query_id: str = ""
    ) -> AbstractContextManager[Cursor]:
        tags = (*self._tags, caller.kind.value, *((f"{QUERY_TAG}{query_id}",) if query_id else ()))
        user = self._identify(caller)
        return self._coordinator.cursor(user, caller=caller, tags=tags, limits=limits, told=told, query_id=query_id)

    def _columns(self, cursor: Cursor, sql: str, verdict: Verdict) -> tuple[OutputColumn, ...]:
        """The result's columns: asked of Trino only where the check could not tell a type."""
        if _is_typed(verdict):
            return ()
        from townlake.engines.trino.arrow import plain_type

        found = [(column.name, plain_type(column.type)) for column in cursor.describe(sql)]
        return verdict.output(found)


def _tables(verdict: Verdict) -> tuple[TableRef, ...]:
    return tuple(scan.table for scan in verdict.scans)


def _is_typed(verdict: Verdict) -> bool:
    return all(column.type != "unknown" for column in verdict.columns)


def _collected(cursor: Cursor, limits: Limits, sink: Callable[[pa.RecordBatch], None] | None) -> tuple[pa.Table, bool]:
    """The rows, or none of them where a sink has taken each batch, and whether there were more."""
    import pyarrow as pa

    from townlake.engines.trino.arrow import arrow_column

    types = [kind for _, kind in _typed(cursor)]
    names = [f"c{place}" for place in range(len(types))]
    kept: list[pa.RecordBatch] = []
    take, left, size = sink or kept.append, limits.rows, 0

    def batch_of(some: list[list[Any]]) -> pa.RecordBatch:
        try:
            arrays = [arrow_column([row[place] for row in some], kind) for place, kind in enumerate(types)]
        except (ValueError, TypeError, ArithmeticError) as error:
            # Its text would hold the value.
            raise EngineError(
                "The engine gave a value that its type cannot hold.", detail=type(error).__name__
            ) from None
        return pa.RecordBatch.from_arrays(arrays, names=names)

    # One row more than wanted, to know that there are more.
    while some := cursor.fetchmany(min(_BATCH_ROWS, left + 1)):
        batch = batch_of(some[:left])
        size += batch.nbytes
        if size > limits.result_bytes:
            raise too_large()
        take(batch)
        if len(some) > left:
            return pa.Table.from_batches(kept, batch.schema), True
        left -= len(some)
    return pa.Table.from_batches(kept, batch_of([]).schema), False


def _reads(explained: dict[str, Any]) -> tuple[tuple[TableRef, int], ...]:
    """The bytes of each table by Trino's estimate; one without statistics counts as nothing."""
    found = []
    for part in explained.get("inputTableColumnInfos", ()):
        table, size = part["table"], part["estimate"]["outputSizeInBytes"]
        names = table["schemaTable"]
        ref = TableRef(catalog=table["catalog"], namespace=names["schema"], name=names["table"])
        # Numbers that JSON has no sign for are texts.
        found.append((ref, int(size) if isinstance(size, int | float) else 0))
    return tuple(found)


def _unheld(columns: tuple[OutputColumn, ...]) -> tuple[Finding, ...]:
    """What is wrong with a result that no Arrow table here can hold."""
    from townlake.engines.trino.arrow import arrow_column

    try:
        for column in columns:
            arrow_column((), column.type)
    except EngineError as error:
        return (Finding(code="DIA090", severity=Severity.ERROR, message=error.message, hint=error.hint),)
    return ()


def _typed(cursor: Cursor) -> list[tuple[str, str]]:
    from townlake.engines.trino.arrow import plain_type

    if cursor.description is None:
        raise EngineError("The engine gave no result.")
    return [(column.name, plain_type(column.type_code)) for column in cursor.description]
