"""Questions over HTTP: ask, follow, read, go on, stop, judge."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response, status
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from agents.ask.answer import Answer
from app.contract.results import Feedback, Format, GivenFeedback, RunPage, RunResult
from app.contract.runs import Reply, RunId, RunInfo, RunKind, RunRequest, ThreadName
from app.http.callers import Caller, Verified, must_have, needs
from app.http.desk import Desk, desk_of
from app.http.downloads import FILES, Download, download
from app.http.following import as_sse, ended, follow, until_over
from app.http.identity.scopes import Scope
from app.http.problems import answer as fault
from app.http.problems import to_midnight
from app.http.proof import Proof
from app.http.signs import request_id_of, trace_id_of
from app.http.streams import MEDIA_TYPE, EventStream
from app.runs.asked import kind_of
from app.runs.info import info_of
from app.runs.once import Once

if TYPE_CHECKING:
    from app.runs.feed import Live
    from townlake.domain.principal import Principal

router = APIRouter(prefix="/v1/runs", tags=["runs"], dependencies=[needs(Scope.ASK)])
AtDesk = Annotated[Desk, Depends(desk_of)]


def _of_what_is_open(run_id: RunId, identity: Verified, desk: AtDesk) -> None:
    """What a run reads is read by what it took to begin it."""
    if kind_of(desk.journal.get(run_id, identity.principal).request) is RunKind.STATEMENT:
        must_have(Scope.SQL, identity)


def _of_what_is_kept(run_id: RunId, identity: Verified, desk: AtDesk) -> None:
    """The same of any run, also one that the command line began."""
    if desk.asker.is_statement(run_id, identity.principal):
        must_have(Scope.SQL, identity)


_OPEN = [Depends(_of_what_is_open)]
_KEPT = [Depends(_of_what_is_kept)]
_STOP_SECONDS = 5.0
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,255}$",
        description="A name of the request: sent again within a day, it begins nothing twice.",
    ),
]
_STREAM = {MEDIA_TYPE: {"schema": {"type": "string", "description": "Events; docs/guide/api.md tells of each."}}}
Wait = Annotated[
    float, Query(ge=0, le=120, description="Seconds to wait for the end of the run before it is told as it is.")
]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=RunResult,
    responses={201: {"content": _STREAM, "description": "The run, with its answer when it came to one in time."}},
)
async def ask(
    wanted: RunRequest, request: Request, caller: Caller, desk: AtDesk, key: Key = None, wait: Wait = 60
) -> Response:
    """Ask a question. With `Accept: text/event-stream` everything is told as it happens."""
    once = None if key is None else Once.of(key, "ask", wanted.model_dump_json())
    trace_id = trace_id_of(request.scope)
    return await _told(
        lambda: asyncio.wrap_future(desk.runner.accepted(wanted, caller, trace_id, once)),
        request,
        caller,
        desk,
        wait,
        status.HTTP_201_CREATED,
    )


@router.get("", response_model=RunPage)
def runs(
    caller: Caller,
    desk: AtDesk,
    thread: ThreadName | None = None,
    kind: RunKind = RunKind.QUESTION,
    cursor: RunId | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RunPage:
    """Your runs, the newest first: those of questions, or those of statements."""
    found = desk.journal.list(caller, thread, cursor, limit + 1, kind)
    page = tuple(map(info_of, found[:limit]))
    return RunPage(runs=page, next_cursor=page[-1].run_id if len(found) > limit else None)


@router.get("/{run_id}", response_model=RunInfo)
def run(run_id: RunId, caller: Caller, desk: AtDesk) -> RunInfo:
    """A run of yours, without its rows."""
    return info_of(desk.journal.get(run_id, caller))


@router.get("/{run_id}/result", response_model=Answer, responses={200: {"content": FILES}}, dependencies=_KEPT)
async def result(
    run_id: RunId,
    request: Request,
    caller: Caller,
    desk: AtDesk,
    form: Annotated[Format, Query(alias="format")] = "json",
) -> Response:
    """The rows of an answer of yours again, from the same snapshots, with your rights of now.

    As JSON as many as an answer holds; as a file all of them, as many as an export may have.
    """
    if form == "json":
        answer = await desk.readings.while_connected(
            request, caller, lambda stop: desk.asker.rerun(run_id, caller, cancelled=stop)
        )
        return Response(answer.model_dump_json(), media_type="application/json")
    file = await desk.readings.while_connected(
        request, caller, lambda stop: download(desk, run_id, caller, form, stop), Download.forget
    )
    return file.response()


@router.post("/{run_id}/feedback", status_code=status.HTTP_201_CREATED, response_model=GivenFeedback)
def feedback(run_id: RunId, said: Feedback, caller: Caller, desk: AtDesk) -> GivenFeedback:
    """Say whether an answer of yours is right; said again, it counts in place of what you said before."""
    return desk.feedback.put(desk.journal.get(run_id, caller), caller, said)


@router.get(
    "/{run_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": _STREAM}},
    dependencies=_OPEN,
)
async def events(
    run_id: RunId,
    request: Request,
    caller: Caller,
    desk: AtDesk,
    last_event_id: Annotated[int, Header(ge=0, le=2**53)] = 0,
) -> Response:
    """What a run tells, after the event that you have last: all of it again, and then as it comes."""
    told = as_sse(follow(desk, run_id, caller, last_event_id))
    return EventStream(desk.streams, desk.streams.take(caller), request, caller, told)


@router.post("/{run_id}/resume", response_model=RunResult, responses={200: {"content": _STREAM}}, dependencies=_OPEN)
async def resume(
    run_id: RunId, said: Reply, request: Request, caller: Caller, desk: AtDesk, key: Key = None, wait: Wait = 60
) -> Response:
    """Bring a run on that waits for your reply, or for an approval that was given."""
    once = None if key is None else Once.of(key, "resume", run_id, said.model_dump_json())
    return await _told(
        lambda: run_in_threadpool(desk.runner.go_on, run_id, caller, said.reply, once),
        request,
        caller,
        desk,
        wait,
        status.HTTP_200_OK,
    )


@router.post("/{run_id}/cancel", response_model=RunInfo)
async def cancel(run_id: RunId, caller: Caller, desk: AtDesk) -> RunInfo:
    """Stop a run of yours. One that has ended stays as it is."""
    kept = await run_in_threadpool(desk.journal.get, run_id, caller)
    if not kept.status.is_over:
        live = desk.runner.live(run_id)
        await run_in_threadpool(desk.runner.cancel, run_id)
        if live is not None:
            await ended(live, _STOP_SECONDS)
        kept = await run_in_threadpool(desk.journal.get, run_id, caller)
    return info_of(kept)


async def _told(
    begin: Callable[[], Awaitable[Live | str]], request: Request, caller: Principal, desk: Desk, wait: float, code: int
) -> Response:
    is_streamed, proof = MEDIA_TYPE in request.headers.get("accept", ""), Proof(request, caller)
    # Before anything is begun that could not be told then. Who waits for another server looks again and again.
    give_back = desk.streams.take(caller) if is_streamed or wait else None
    try:
        run = await begin()
        if isinstance(run, str):
            # Of a request that was sent again: its run may have been deleted meanwhile.
            await run_in_threadpool(desk.journal.get, run, caller)
    except BaseException:
        if give_back is not None:
            give_back()
        raise
    live, run_id = (None, run) if isinstance(run, str) else (run, run.job.run_id)
    place = {"Location": request.url_for("run", run_id=run_id).path}
    if live is None:
        # Of a request that was sent again, the run is told as it is now.
        place["Idempotent-Replayed"] = "true"
        live = desk.runner.live(run_id)
    if is_streamed and give_back is not None:
        after = live.job.last_seq if live is not None and code == status.HTTP_200_OK else 0
        told = as_sse(follow(desk, run_id, caller, after, live))
        return EventStream(desk.streams, give_back, request, caller, told, code, place)
    try:
        live = await until_over(desk, run_id, caller, live, wait, proof)
    finally:
        if give_back is not None:
            give_back()
    info = info_of(await run_in_threadpool(desk.journal.get, run_id, caller))
    if info.problem is not None:
        problem = info.problem.model_copy(update={"request_id": request_id_of(request.scope)})
        return fault(problem, {**place, "Retry-After": str(to_midnight())})
    answer = live.answer if live is not None else None
    if answer is None and info.row_count is not None:
        answer = await desk.readings.while_connected(
            request, caller, lambda stop: desk.asker.rerun(run_id, caller, cancelled=stop)
        )
        await proof.must_hold()
    result = RunResult(run=info, answer=answer if info.status.is_over else None)
    return JSONResponse(result.model_dump(mode="json"), status_code=code, headers=place)
