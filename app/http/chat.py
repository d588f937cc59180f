"""`POST /v1/chat/completions`: existing chat clients ask the lake as if it were a model.

A client keeps the history and sends all of it. What was said before is read from none of it, since anybody could have
written it: each answer ends with the id of its run, and by the last such id the journal finds the thread, if the run is
the caller's.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from app.answer_markdown import markdown_of, run_named_in
from app.contract.chat import (
    MODEL,
    ChatChoice,
    ChatCompletion,
    ChatFault,
    ChatMessage,
    ChatModel,
    ChatModels,
    ChatRequest,
    ChatUsage,
)
from app.contract.runs import RunRequest, RunState
from app.http.callers import Caller, needs
from app.http.chat_stream import as_chunks
from app.http.desk import Desk, desk_of
from app.http.following import ended
from app.http.identity.scopes import Scope
from app.http.problems import headers_of, problem_of
from app.http.proof import Proof
from app.http.signs import request_id_of, trace_id_of
from app.http.streams import EventStream
from app.runs.asked import thread_of
from app.runs.info import info_of
from tools.tool import cut
from townlake.domain.errors import BadInput, NotFound, SkipperError

if TYPE_CHECKING:
    from app.runs.feed import Live
    from townlake.domain.principal import Principal

_LOG: Final = logging.getLogger(__name__)
_MOST_SECONDS: Final = 600.0
"""So long a request that is not streamed waits for its answer."""
_MOST_CHARACTERS: Final = 4_000
_UNFORESEEN: Final = "It failed in a way that nobody foresaw. Try again; the operator's log knows the request"


class ChatRoute(APIRoute):
    """Tells faults as clients of this endpoint read them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with faults told."""
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                faults = (f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors()[:5])
                return _fault(HTTPStatus.BAD_REQUEST, f"It cannot be taken as it is: {'; '.join(faults)}.")
            except HTTPException as error:
                return _fault(error.status_code, str(error.detail))
            except SkipperError as error:
                status = problem_of(error, "").status
                code = "model_not_found" if isinstance(error, NoSuchModel) else None
                if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    _LOG.error("Request %s failed.", request_id_of(request.scope), exc_info=error)
                return _fault(status, str(error), code, headers_of(error))
            except Exception as error:
                request_id = request_id_of(request.scope)
                _LOG.error("Request %s failed.", request_id, exc_info=error)
                return _fault(HTTPStatus.INTERNAL_SERVER_ERROR, f"{_UNFORESEEN} {request_id}.")

        return told


class NoSuchModel(NotFound):
    """A model of another name than ours."""


# The contract of these routes is OpenAI's; ours would tell of other faults.
router = APIRouter(prefix="/v1", route_class=ChatRoute, include_in_schema=False, dependencies=[needs(Scope.ASK)])
AtDesk = Annotated[Desk, Depends(desk_of)]


@router.get("/models", response_model=ChatModels)
def models(_caller: Caller) -> ChatModels:
    """What a client may name as the model."""
    return ChatModels()


@router.get("/models/{name}", response_model=ChatModel)
def model(name: str, _caller: Caller) -> ChatModel:
    """The model of that name."""
    _check_model(name)
    return ChatModel()


@router.post("/chat/completions", response_model=ChatCompletion)
async def complete(wanted: ChatRequest, request: Request, caller: Caller, desk: AtDesk) -> Response:
    """Answer the last message, in Markdown. With `stream` as chunks."""
    _check_model(wanted.model)
    question = RunRequest(question=_question(wanted), thread=await run_in_threadpool(_thread, wanted, caller, desk))
    give_back = desk.streams.take(caller) if wanted.stream else None
    try:
        live = await asyncio.wrap_future(desk.runner.accepted(question, caller, trace_id_of(request.scope)))
    except BaseException:
        if give_back is not None:
            give_back()
        raise
    assert not isinstance(live, str)  # noqa: S101
    if give_back is not None:
        has_usage = wanted.stream_options is not None and wanted.stream_options.include_usage
        chunks = as_chunks(live, lambda: _answered(live, caller, desk), has_usage)
        return EventStream(desk.streams, give_back, request, caller, chunks)
    await ended(live, _MOST_SECONDS, proof=Proof(request, caller))
    text, usage = await _answered(live, caller, desk)
    told = ChatCompletion(
        id=f"chatcmpl-{live.job.run_id}",
        created=int(time.time()),
        choices=(ChatChoice(message=ChatMessage(content=text)),),
        usage=usage,
    )
    return JSONResponse(told.model_dump(mode="json"))


async def _answered(live: Live, caller: Principal, desk: Desk) -> tuple[str, ChatUsage]:
    """The answer in Markdown, and what it cost."""
    info = info_of(await run_in_threadpool(desk.journal.get, live.job.run_id, caller))
    answer = live.answer if info.status.is_over else None
    usage = ChatUsage()
    if answer is not None:
        tokens = answer.tokens
        usage = ChatUsage(
            prompt_tokens=tokens.input, completion_tokens=tokens.output, total_tokens=tokens.input + tokens.output
        )
    return markdown_of(info, answer), usage


def _question(wanted: ChatRequest) -> str:
    """The words of the last message.

    Raises:
        BadInput: it is no question, or more than one can be.
    """
    last = wanted.messages[-1]
    if last.role != "user":
        raise BadInput("The last message is not the user's.", hint="Send the history up to the question.")
    if not last.is_text:
        raise BadInput("Only text is read.", hint="Ask in words, without images or files.")
    text = last.text.strip()
    if not text:
        raise BadInput("There is no question in the last message.", hint="Ask in plain words.")
    if len(text) > _MOST_CHARACTERS:
        raise BadInput(
            f"The question has {len(text):,} characters; at most {_MOST_CHARACTERS:,} are read.", hint="Shorten it."
        )
    return text


def _thread(wanted: ChatRequest, caller: Principal, desk: Desk) -> str:
    """The thread that the question belongs to: the one that the client names, that of the last answer, or a new one."""
    if wanted.metadata is not None and wanted.metadata.thread is not None:
        return wanted.metadata.thread
    answers = (run_named_in(message.text) for message in reversed(wanted.messages) if message.role == "assistant")
    run_id = next((found for found in answers if found is not None), None)
    new = f"chat:{secrets.token_hex(8)}"
    if run_id is None:
        return new
    try:
        thread = thread_of(desk.journal.get(run_id, caller).request)
    except NotFound:
        return new
    if thread is None:
        return new
    newest = desk.journal.list(caller, thread, None, 1)
    # In an edited history a question that nobody sees any more must not take this one for its reply.
    hides_one = bool(newest) and newest[0].run_id != run_id and newest[0].status is RunState.NEEDS_CLARIFICATION
    return new if hides_one else thread


def _check_model(name: str) -> None:
    if name != MODEL:
        raise NoSuchModel(f"There is no model {cut(name, 60)!r}.", hint=f"There is {MODEL!r}.")


def _fault(status: int, message: str, code: str | None = None, headers: dict[str, str] | None = None) -> Response:
    kind = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
    by_class = "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    error: dict[str, Any] = {"message": message, "type": kind.get(status, by_class), "param": None, "code": code}
    return JSONResponse(ChatFault(error=error).model_dump(), status_code=status, headers=headers)
