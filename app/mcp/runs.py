"""Runs as the tools tell them: what is kept of one, and its rows from memory or from the same snapshots again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool

from app.contract.events import EventType
from app.contract.runs import RunKind, RunState
from app.http.following import ended, live_of, until_over
from app.http.problems import RefusedStatement
from app.mcp.told import Result, Told, finding_texts, next_of
from app.runs.info import info_of
from townlake.domain.finding import Finding

if TYPE_CHECKING:
    from agents.ask.answer import Answer
    from app.contract.events import Event
    from app.contract.runs import RunInfo
    from app.mcp.call import Call
    from app.runs.feed import Live

_CAME_TO_NOTHING: Final = (RunState.REFUSED, RunState.FAILED)


async def version_of(call: Call) -> str:
    """What the lake is like now; another one when anybody might see something else."""
    return await run_in_threadpool(call.desk.workspace.lake.version)


async def waited_for(
    live: Live, seconds: float, call: Call, tell: Callable[[Event], Awaitable[None]] | None = None
) -> Result:
    """A run that this server works on, once it has ended, or as it is after so many seconds.

    Raises:
        RefusedStatement: it is a statement that came to no rows, and why.
    """
    await ended(live, seconds, tell)
    return await _told(live.job.run_id, live.answer, call)


async def found(run_id: str, seconds: float, call: Call) -> Result:
    """A run of this caller: as it was read a moment ago, or with its rows read again.

    Raises:
        NotFound: there is none of that id that is theirs, or its rows are no longer kept.
        AccessDenied: they may no longer read what it read.
        Refusal: they wait for too much already.
        RefusedStatement: it is a statement that came to no rows, and why.
    """
    # What was read a moment ago may have been deleted meanwhile.
    await run_in_threadpool(call.desk.journal.get, run_id, call.caller)
    version = await version_of(call)
    held = call.held.get(run_id, call.caller, version)
    if held is None:
        held = await _asked(run_id, seconds, call)
    if held.rows is not None:
        call.held.put(run_id, call.caller, version, held)
    return held


async def _asked(run_id: str, seconds: float, call: Call) -> Result:
    desk = call.desk
    kept = await run_in_threadpool(desk.journal.get, run_id, call.caller)
    if not kept.status.is_over:
        give_back = desk.streams.take(call.caller)
        try:
            live = await until_over(desk, run_id, call.caller, live_of(desk, run_id, call.caller), seconds)
        finally:
            give_back()
        if live is not None:
            return await _told(live.job.run_id, live.answer, call)
        kept = await run_in_threadpool(desk.journal.get, run_id, call.caller)
    info = info_of(kept)
    if not info.status.is_over or info.row_count is None:
        return await _told(run_id, None, call)
    return told_of(info, await desk.readings.read(call.caller, lambda: desk.asker.rerun(run_id, call.caller)))


async def _told(run_id: str, answer: Answer | None, call: Call) -> Result:
    """A run as it is now.

    Raises:
        RefusedStatement: it is a statement that came to no rows, and why.
    """
    info = info_of(await run_in_threadpool(call.desk.journal.get, run_id, call.caller))
    if info.kind is RunKind.STATEMENT and info.status in _CAME_TO_NOTHING:
        found = answer.findings if answer else await run_in_threadpool(_findings, run_id, call)
        raise RefusedStatement(info.summary, hint="", findings=found, denied=info.status is RunState.REFUSED)
    return told_of(info, answer if info.status.is_over else None)


def _findings(run_id: str, call: Call) -> tuple[Finding, ...]:
    """What the last check of a run found, as its events tell it."""
    checks = [each for each in call.desk.journal.events(run_id) if each.type is EventType.SQL_VALIDATED]
    return tuple(Finding.model_validate(each) for each in checks[-1].data["findings"]) if checks else ()


def told_of(info: RunInfo, answer: Answer | None) -> Result:
    """What is told of a run."""
    told = Told(
        run_id=info.run_id,
        status=info.status,
        summary=answer.summary if answer else info.summary,
        sql=info.sql,
        asked_back=info.asked_back,
        options=info.options,
        suggestions=info.suggestions,
        closed_tables=info.closed_tables,
        plan=info.plan,
        approval=info.approval,
        next=next_of(info),
    )
    if answer is None:
        return Result(told=told)
    told = told.model_copy(
        update={
            "columns": answer.columns,
            "tables": answer.tables,
            "assumptions": answer.assumptions,
            "findings": finding_texts(answer.findings),
            "masked_columns": tuple(str(use.column) for use in answer.masks),
            "hidden_columns": answer.hidden_columns,
            "row_filtered": answer.row_filtered,
        }
    )
    return Result(told=told, rows=answer.rows, cut_off=answer.truncated)
