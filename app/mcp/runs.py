"""Runs as the tools tell them: what is kept of one, and its rows from memory or from the same snapshots again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from app.contract.runs import RunState
from app.http.following import ended, live_of
from app.mcp.told import Result, Told, finding_texts, next_of
from app.runs.info import info_of

if TYPE_CHECKING:
    from agents.ask.answer import Answer
    from app.contract.runs import RunInfo
    from app.mcp.call import Call
    from app.mcp.statements import Statement
    from app.runs.feed import Live


async def version_of(call: Call) -> str:
    """What the lake is like now; another one when anybody might see something else."""
    return await run_in_threadpool(call.desk.workspace.lake.version)


async def waited_for(live: Live, seconds: float, call: Call) -> Result:
    """A run that this server works on, once it has ended, or as it is after so many seconds."""
    await ended(live, seconds)
    info = info_of(await run_in_threadpool(call.desk.journal.get, live.job.run_id, call.caller))
    return told_of(info, live.answer if info.status.is_over else None)


async def waited_for_statement(statement: Statement, seconds: float) -> Result:
    """A statement, once it has ended, or that it still runs.

    Raises:
        SkipperError: it failed, or was refused.
    """
    future = asyncio.wrap_future(statement.future)
    done, _ = await asyncio.wait([future], timeout=seconds)
    if done:
        result = future.result()
        statement.let_go()
        return result
    return Result(
        told=Told(
            run_id=statement.run_id,
            status=RunState.RUNNING,
            next=f"It is still running. Call get_run with run_id {statement.run_id!r} in a while.",
        )
    )


async def found(run_id: str, seconds: float, call: Call) -> Result:
    """A run of this caller: as it was read a moment ago, or with its rows read again.

    Raises:
        NotFound: there is none of that id that is theirs, or its rows are no longer kept.
        AccessDenied: they may no longer read what it read.
        SkipperError: it is a statement that failed.
    """
    version = await version_of(call)
    held = call.held.get(run_id, call.caller, version)
    statement = call.statements.get(run_id, call.caller)
    if held is None and statement is not None:
        held = await waited_for_statement(statement, seconds)
        if statement.had_rows and held.told.status is not RunState.RUNNING:
            held = await call.desk.readings.read(call.caller, lambda: call.statements.again(statement, call.caller))
    if held is None:
        held = await _asked(run_id, seconds, call)
    if held.rows is not None:
        call.held.put(run_id, call.caller, version, held)
    return held


async def _asked(run_id: str, seconds: float, call: Call) -> Result:
    desk = call.desk
    kept = await run_in_threadpool(desk.journal.get, run_id, call.caller)
    if not kept.status.is_over:
        live = live_of(desk, run_id, call.caller)
        if live is not None:
            return await waited_for(live, seconds, call)
    info = info_of(kept)
    if not info.status.is_over or info.row_count is None:
        return told_of(info, None)
    return told_of(info, await desk.readings.read(call.caller, lambda: desk.asker.rerun(run_id, call.caller)))


def told_of(info: RunInfo, answer: Answer | None) -> Result:
    """What is told of a run."""
    told = Told(
        run_id=info.run_id,
        status=info.status,
        summary=answer.summary if answer else info.summary,
        sql=info.sql,
        asked_back=info.asked_back,
        options=info.options,
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
