"""SQL over HTTP: through the same door as everything else."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request

from app.contract.results import SqlRequest, SqlResult
from app.default_limits import narrowed
from app.http.callers import Caller, needs
from app.http.desk import Desk, desk_of
from app.http.identity.scopes import Scope
from app.http.problems import RefusedStatement
from townlake.domain.finding import Severity

if TYPE_CHECKING:
    from townlake.domain.principal import Principal
    from townlake.domain.rows import Rows
    from townlake.domain.verdict import Verdict

router = APIRouter(prefix="/v1/sql", tags=["sql"], dependencies=[needs(Scope.SQL)])
_CODES_OF_ACCESS = ("POL", "NAM001")


@router.post("", response_model=SqlResult)
async def sql(
    wanted: SqlRequest, request: Request, caller: Caller, desk: Annotated[Desk, Depends(desk_of)]
) -> SqlResult:
    """Check a statement as yourself, and run it. It is stopped when you hang up."""
    return await desk.readings.while_connected(request, caller, lambda stop: _answer(desk, wanted, caller, stop))


def _answer(desk: Desk, wanted: SqlRequest, caller: Principal, stop: Event) -> SqlResult:
    lake = desk.workspace.lake
    verdict = lake.check(wanted.sql, caller, namespace=wanted.namespace, runs_next=wanted.mode == "run")
    must_pass(verdict)
    if wanted.mode == "check":
        return told(verdict, None)
    rows = lake.run(verdict, narrowed(desk.workspace.limits, wanted.limits), stop)
    return told(verdict, rows)


def must_pass(verdict: Verdict) -> None:
    """Refuse a statement that did not pass.

    Raises:
        RefusedStatement: with everything that was found.
    """
    if verdict.passed:
        return
    worst = next(f for f in verdict.findings if f.severity is Severity.ERROR)
    raise RefusedStatement(
        worst.message, hint=worst.hint, findings=verdict.findings, denied=worst.code.startswith(_CODES_OF_ACCESS)
    )


def told(verdict: Verdict, rows: Rows | None) -> SqlResult:
    """What a caller is told of a statement that passed, with the rows when it ran."""
    from townlake.engines.values import json_rows

    return SqlResult(
        sql=verdict.text(),
        columns=rows.columns if rows else verdict.columns,
        rows=None if rows is None else tuple(tuple(row) for row in json_rows(rows)),
        truncated=rows is not None and rows.truncated,
        findings=verdict.findings,
        masks=verdict.masks,
        row_filtered=tuple(map(str, verdict.row_filtered)),
        hidden_columns=verdict.hidden_columns,
        tables={str(scan.table): scan.snapshot_id for scan in verdict.scans},
        query_id=rows.query_id if rows else None,
        seconds=round(rows.seconds, 4) if rows else 0.0,
    )
