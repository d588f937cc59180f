"""SQL over HTTP: through the same door as everything else."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.contract.results import Format, SqlRequest, SqlResult
from app.default_limits import narrowed
from app.http.callers import Caller, needs
from app.http.desk import Desk, desk_of
from app.http.downloads import FILES, Download, download_statement
from app.http.identity.scopes import Scope
from app.http.refusing import must_pass
from townlake.domain.errors import BadInput

if TYPE_CHECKING:
    from townlake.domain.principal import Principal
    from townlake.domain.rows import Rows
    from townlake.domain.verdict import Verdict

router = APIRouter(prefix="/v1/sql", tags=["sql"], dependencies=[needs(Scope.SQL)])


@router.post("", response_model=SqlResult, responses={200: {"content": FILES}})
async def sql(
    wanted: SqlRequest,
    request: Request,
    caller: Caller,
    desk: Annotated[Desk, Depends(desk_of)],
    form: Annotated[Format, Query(alias="format")] = "json",
) -> Response:
    """Check a statement as yourself, and run it. It is stopped when you hang up.

    As JSON as many rows as an answer holds; as a file all of them, as many as an export may have.
    """
    if form != "json":
        file = await desk.readings.while_connected(
            request, caller, lambda stop: _file(desk, wanted, caller, form, stop), Download.forget
        )
        return file.response()
    answer = await desk.readings.while_connected(request, caller, lambda stop: _answer(desk, wanted, caller, stop))
    return Response(answer.model_dump_json(), media_type="application/json")


def _answer(desk: Desk, wanted: SqlRequest, caller: Principal, stop: Event) -> SqlResult:
    verdict = _checked(desk, wanted, caller)
    if wanted.mode == "check":
        return told(verdict, None)
    return told(verdict, desk.workspace.lake.run(verdict, narrowed(desk.workspace.limits, wanted.limits), stop))


def _file(desk: Desk, wanted: SqlRequest, caller: Principal, kind: str, stop: Event) -> Download:
    if wanted.mode == "check":
        raise BadInput(
            "A statement that is only checked has no rows for a file.", hint="Leave `format` out, or let it run."
        )
    return download_statement(desk, _checked(desk, wanted, caller), wanted.limits, kind, stop)


def _checked(desk: Desk, wanted: SqlRequest, caller: Principal) -> Verdict:
    verdict = desk.workspace.lake.check(wanted.sql, caller, namespace=wanted.namespace, runs_next=wanted.mode == "run")
    must_pass(verdict)
    return verdict


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
