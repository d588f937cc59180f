"""The embedded engine: DuckDB in worker processes, with Trino's dialect in front."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from townlake.domain.errors import EngineError, LimitExceeded
from townlake.domain.finding import Finding, Severity
from townlake.domain.limits import Limits
from townlake.domain.progress import Progress
from townlake.domain.rows import Rows
from townlake.domain.verdict import Scan, Verdict
from townlake.engines.duckdb.job import Job, Setup
from townlake.engines.duckdb.pool import Pool
from townlake.engines.duckdb.views import empty_views_of, views_of
from townlake.engines.protocol import Explanation

if TYPE_CHECKING:
    import pyarrow as pa

    from townlake.engines.dialect.translation import Translation

EXPLAIN_SECONDS: Final = 5.0
_UNPLANNED: Final = frozenset({"NOT_SUPPORTED", "TYPE_MISMATCH"})
"""How DuckDB fails on a statement that the dialect got wrong."""
_AT_RUN: Final = frozenset(
    {
        "DIVISION_BY_ZERO",
        "INVALID_CAST_ARGUMENT",
        "INVALID_FUNCTION_ARGUMENT",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "PATH_EVALUATION_ERROR",
    }
)
"""Failures of values: they belong to the run, also where DuckDB meets them while it folds constants."""
_NOTED: Final = "Write the statement in a simpler way; this one has been noted."


class DuckDBEngine:
    """Runs verdicts over the Iceberg tables below one directory.

    Args:
        warehouse: the directory of the tables' files; statements can read nothing outside it.
        workers: how many statements may run at the same time.
    """

    def __init__(self, warehouse: Path, workers: int) -> None:
        setup = Setup(warehouse=str(warehouse.absolute()), memory_bytes=Limits().memory_bytes)
        self._pool = Pool(setup, workers)

    @property
    def name(self) -> str:
        """`duckdb` with its version."""
        from importlib.metadata import version

        return f"duckdb {version('duckdb')}"

    def warm(self) -> None:
        """Start a worker now, so that the first statement does not wait for it."""
        self._pool.warm()

    def explain(self, verdict: Verdict, *, runs_next: bool = False) -> Explanation:
        """Translate the statement, and let DuckDB bind and plan it over empty tables; no file is read."""
        translation = _translate(verdict.text(), verdict.scans)
        findings = translation.findings
        if not translation.refused and translation.sql is not None:
            findings += self._planned(translation.sql, verdict.scans)
        return Explanation(columns=verdict.output(translation.columns), findings=findings)

    def run(
        self,
        verdict: Verdict,
        limits: Limits,
        query_id: str,
        cancelled: Event | None = None,
        progress: Callable[[Progress], None] | None = None,
        sink: Callable[[pa.RecordBatch], None] | None = None,
    ) -> Rows:
        """Run the verdict's SQL at the snapshots that its scans name. How far it is cannot be told.

        Raises:
            EngineError: with a class in Trino's words and no value of a table in the message.
            LimitExceeded: time, memory or bytes ran out; rows are cut instead, with `truncated`.
            Cancelled: `cancelled` was set.
        """
        began = time.monotonic()
        translation = _translate(verdict.text(), verdict.scans)
        if translation.refused or translation.sql is None:
            raise _refusal(translation, query_id)
        if not translation.barred.issuperset(verdict.row_filtered):
            raise EngineError("A row filter of the statement would not hold.", query_id=query_id, hint=_NOTED)
        job = Job(translation.sql, views_of(verdict.scans), limits.rows, limits.result_bytes)
        result = self._pool.run(
            job,
            memory_bytes=limits.memory_bytes,
            seconds=limits.seconds,
            query_id=query_id,
            cancelled=cancelled,
            sink=sink,
        )
        return Rows(
            table=result.table,
            columns=verdict.output(translation.columns),
            truncated=result.truncated,
            query_id=query_id,
            snapshots={scan.table: scan.snapshot_id for scan in verdict.scans},
            seconds=time.monotonic() - began,
        )

    def close(self) -> None:
        """Stop every worker."""
        self._pool.close()

    def _planned(self, sql: str, scans: tuple[Scan, ...]) -> tuple[Finding, ...]:
        job = Job(sql, empty_views_of(scans), rows=0, result_bytes=0, explain=True)
        try:
            self._pool.run(job, seconds=EXPLAIN_SECONDS)
        except EngineError as error:
            if error.code in _AT_RUN:
                return ()
            if error.code not in _UNPLANNED:
                raise
            return (Finding(code="DIA090", severity=Severity.ERROR, message=error.message, hint=error.hint),)
        except LimitExceeded:
            # Slow to plan is not wrong; the limits of the run will tell.
            return ()
        return ()


@lru_cache(maxsize=256)
def _translate(sql: str, scans: tuple[Scan, ...]) -> Translation:
    from townlake.engines.dialect.translate import translate

    return translate(sql, scans)


def _refusal(translation: Translation, query_id: str) -> EngineError:
    first = next(finding for finding in translation.findings if finding.severity is Severity.ERROR)
    return EngineError(
        f"{first.code}: {first.message}",
        code="NOT_SUPPORTED" if first.code.startswith("DIA") else "SEMANTIC_ERROR",
        query_id=query_id,
        hint=first.hint,
    )
