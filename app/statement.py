"""Run one SQL statement through the door and say what came of it, as one record."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from townlake.domain.errors import AccessDenied, HomeError, LimitExceeded, SkipperError, Unplannable
from townlake.domain.finding import Finding, Severity

if TYPE_CHECKING:
    from pathlib import Path
    from threading import Event

    from townlake.domain.limits import Limits
    from townlake.domain.principal import Principal
    from townlake.domain.verdict import Verdict
    from townlake.lake import Lake

HOME_CODE = "HOME_UNUSABLE"
"""The code of an error that no statement can help."""
ENGINE_CODES = ("DIA", "TYP")
"""Findings of the engine's own check; all others are the guard's."""


def run_statement(
    lake: Lake,
    sql: str,
    principal: Principal,
    *,
    namespace: str | None = None,
    limits: Limits | None = None,
    cancelled: Event | None = None,
    out: Path | None = None,
) -> dict[str, Any]:
    """Check and run a statement.

    Args:
        lake: the door.
        sql: the statement.
        principal: who asks.
        namespace: the schema of tables that are named without one.
        limits: other bounds than the lake's own.
        cancelled: set it from another thread to stop.
        out: a file for the rows, which the record then counts (`written`) instead of holding them.

    Returns:
        `decision` (`allow`, `deny`, `error`, `limit`), `stage` (`guard`, `engine`), `sql` as it ran, `columns`
        [{name, type, masked}], `rows` (JSON values), `truncated`, `error` {code, message, hint} or None,
        `findings`, `tables`, `query_id`, `seconds`.
    """

    def work(record: dict[str, Any]) -> None:
        verdict = lake.check(sql, principal, namespace=namespace, runs_next=True)
        record |= _checked(verdict)
        if verdict.passed:
            try:
                record |= _ran(lake, verdict, limits, cancelled, out)
            except Unplannable as error:
                record |= _checked(verdict.model_copy(update={"findings": error.findings}))

    return recorded(work)


def check_statement(lake: Lake, sql: str, principal: Principal, *, namespace: str | None = None) -> dict[str, Any]:
    """Check a statement and run nothing; the same record, without rows."""

    def work(record: dict[str, Any]) -> None:
        verdict = lake.check(sql, principal, namespace=namespace)
        record |= _checked(verdict)
        if verdict.passed:
            record |= {
                "decision": "allow",
                "columns": [column.model_dump() for column in verdict.columns],
                "tables": [{"table": str(scan.table), "snapshot_id": scan.snapshot_id} for scan in verdict.scans],
            }

    return recorded(work)


def recorded(work: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """The record that `work` fills, with whatever goes wrong in it."""
    started = time.perf_counter()
    record: dict[str, Any] = {
        "decision": "error",
        "stage": "guard",
        "sql": None,
        "columns": None,
        "rows": None,
        "truncated": False,
        "error": None,
        "findings": [],
        "tables": [],
        "query_id": None,
    }
    try:
        work(record)
    except LimitExceeded as error:
        record |= {"decision": "limit", "error": _fault(error, error.code or f"LIMIT_{error.limit.upper()}")}
    except AccessDenied as error:
        record |= {"decision": "deny", "error": _fault(error, "ACCESS_DENIED")}
    except HomeError as error:
        record |= {"decision": "error", "error": _fault(error, HOME_CODE)}
    except SkipperError as error:
        record |= {"decision": "error", "error": _fault(error, getattr(error, "code", type(error).__name__))}
    record["seconds"] = round(time.perf_counter() - started, 4)
    return record


def _checked(verdict: Verdict) -> dict[str, Any]:
    record: dict[str, Any] = {
        "findings": [finding.model_dump(mode="json") for finding in verdict.findings],
        "sql": verdict.sql,
    }
    if verdict.passed:
        return record | {"stage": "engine"}
    return record | refused(verdict.findings)


def refused(findings: Sequence[Finding]) -> dict[str, Any]:
    """What a record tells of a statement that did not pass."""
    worst = next(finding for finding in findings if finding.severity is Severity.ERROR)
    by_engine = worst.code.startswith(ENGINE_CODES)
    return {
        "decision": "error" if by_engine else "deny",
        "stage": "engine" if by_engine else "guard",
        "error": {"code": worst.code, "message": worst.message, "hint": worst.hint},
    }


def _ran(
    lake: Lake, verdict: Verdict, limits: Limits | None, cancelled: Event | None, out: Path | None
) -> dict[str, Any]:
    if out is None:
        from townlake.engines.values import json_rows

        rows = lake.run(verdict, limits, cancelled)
        given: dict[str, Any] = {"rows": json_rows(rows)}
    else:
        from app.export import export

        with export(out, verdict) as file:
            rows = lake.run(verdict, limits, cancelled, sink=file.take)
            if rows.truncated:
                raise LimitExceeded(
                    f"There are more than {file.rows:,} rows, and a file holds all or none.",
                    limit="rows",
                    hint="Narrow the statement, or raise SKIPPER_MAX_EXPORT_ROWS.",
                )
        given = {"written": file.rows}
    return {
        "decision": "allow",
        "columns": [column.model_dump() for column in rows.columns],
        **given,
        "truncated": rows.truncated,
        "tables": [{"table": str(ref), "snapshot_id": snapshot} for ref, snapshot in rows.snapshots.items()],
        "query_id": rows.query_id,
    }


def _fault(error: SkipperError, code: str) -> Mapping[str, str]:
    return {"code": code, "message": error.message, "hint": error.hint}
