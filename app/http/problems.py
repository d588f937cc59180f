"""Faults as problem+json: which status, which type, and never a detail that a caller may not know."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from app.contract.problem import BASE, BUDGET_STATUS, BUDGET_TITLE, BUDGET_USED_UP, MEDIA_TYPE, Problem
from app.http.signs import request_id_of
from app.runs.forgetting import StillAnswered
from app.runs.once import Conflict
from app.saved.shelf import Changed
from app.webhooks.targets import RefusedTarget
from townlake.domain.errors import (
    AccessDenied,
    BadInput,
    Cancelled,
    EngineError,
    EngineUnavailable,
    HomeError,
    InvalidName,
    LimitExceeded,
    ModelError,
    NotFound,
    Outdated,
    SkipperError,
    ToolFailure,
    Unplannable,
)
from townlake.domain.finding import Finding
from townlake.governance.model_days import HELD, USED_UP

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

_LOG: Final = logging.getLogger(__name__)
_MOST_FAULTS: Final = 20


class Kind(NamedTuple):
    """A kind of fault."""

    name: str
    title: str
    status: int


KINDS: Final[tuple[tuple[type[SkipperError], Kind], ...]] = (
    (NotFound, Kind("not-found", "Nothing of that name is there for you", 404)),
    (AccessDenied, Kind("access-denied", "You may not do this", 403)),
    (Conflict, Kind("key-used-before", "The Idempotency-Key stands for another request", 422)),
    (StillAnswered, Kind("conflict", "It does not fit to what is there", 409)),
    (Unplannable, Kind("refused-statement", "The statement cannot run", 422)),
    (RefusedTarget, Kind("access-denied", "You may not do this", 403)),
    (BadInput, Kind("bad-input", "The request cannot be taken as it is", 400)),
    (InvalidName, Kind("bad-input", "The request cannot be taken as it is", 400)),
    (ToolFailure, Kind("bad-input", "The request cannot be taken as it is", 400)),
    (LimitExceeded, Kind("limit-exceeded", "A limit was reached", 422)),
    (Cancelled, Kind("cancelled", "It was stopped", 409)),
    (Changed, Kind("changed-meanwhile", "It is of another version meanwhile", 412)),
    (Outdated, Kind("outdated", "What you looked at is another now", 409)),
    (EngineUnavailable, Kind("unavailable", "Something that is needed does not answer", 503)),
    (EngineError, Kind("engine-error", "The statement failed while it ran", 422)),
    (ModelError, Kind("model-unavailable", "The chat model gave no usable answer", 503)),
    (HomeError, Kind("unavailable", "Something that is needed does not answer", 503)),
)
"""The first that fits holds."""
INVALID: Final = Kind("invalid-request", "The request does not have the form that it must have", 422)
BUDGET: Final = Kind(BUDGET_USED_UP, BUDGET_TITLE, BUDGET_STATUS)
INTERNAL: Final = Kind("internal", "Something is broken here", 500)
BY_STATUS: Final[Mapping[int, Kind]] = {
    400: Kind("bad-input", "The request cannot be taken as it is", 400),
    401: Kind("not-signed-in", "Nobody knows who asks", 401),
    403: Kind("access-denied", "You may not do this", 403),
    404: Kind("not-found", "Nothing of that name is there for you", 404),
    405: Kind("method-not-allowed", "This cannot be done here", 405),
    406: Kind("not-acceptable", "It cannot be told in that form", 406),
    408: Kind("too-slow", "The request took too long to arrive", 408),
    409: Kind("conflict", "It does not fit to what is there", 409),
    411: Kind("length-required", "The request does not say how long it is", 411),
    412: Kind("changed-meanwhile", "It is of another version meanwhile", 412),
    413: Kind("too-large", "The request is too large", 413),
    415: Kind("unsupported-media-type", "The request is of no kind that is read here", 415),
    421: Kind("wrong-host", "This is not the server of that name", 421),
    422: INVALID,
    428: Kind("version-needed", "The request does not say which version it changes", 428),
    429: Kind("too-many", "Too much at a time", 429),
    431: Kind("headers-too-large", "The headers are too large", 431),
    503: Kind("unavailable", "Something that is needed does not answer", 503),
}


def kinds() -> tuple[Kind, ...]:
    """Every kind of fault, once, by its name."""
    every = {kind.name: kind for kind in (*BY_STATUS.values(), *(kind for _, kind in KINDS), INVALID, BUDGET, INTERNAL)}
    return tuple(sorted(every.values()))


class Refusal(SkipperError):
    """A request that is refused before anything is looked at.

    Attributes:
        status: of HTTP.
        headers: that go with it.
    """

    def __init__(self, status: int, message: str, *, hint: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.headers = dict(headers or {})


class RefusedStatement(SkipperError):
    """A statement that did not pass the check.

    Attributes:
        findings: all of them.
    """

    def __init__(self, message: str, *, hint: str, findings: tuple[Finding, ...], denied: bool) -> None:
        super().__init__(message, hint=hint)
        self.findings = findings
        self.denied = denied


def problem(kind: Kind, detail: str, next_: str = "", **more: Any) -> Problem:
    """The fault as it is told."""
    return Problem(type=BASE + kind.name, title=kind.title, status=kind.status, detail=detail, next=next_, **more)


def answer(told: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The response that tells it."""
    text = told.model_dump_json(exclude_defaults=True)
    return Response(text, status_code=told.status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def problem_of(error: SkipperError, request_id: str) -> Problem:
    """What an error of the product is told as."""
    if isinstance(error, Refusal):
        return problem(BY_STATUS[error.status], error.message, error.hint, request_id=request_id)
    if isinstance(error, RefusedStatement):
        kind = BY_STATUS[403] if error.denied else Kind("refused-statement", "The statement cannot run", 422)
        return problem(kind, error.message, error.hint, request_id=request_id, findings=error.findings)
    kind = next((kind for class_, kind in KINDS if isinstance(error, class_)), INTERNAL)
    if isinstance(error, LimitExceeded) and error.limit in _LATER:
        kind = BUDGET if error.limit == USED_UP else BY_STATUS[429]
    findings = error.findings if isinstance(error, Unplannable) else ()
    return problem(kind, error.message, error.hint, request_id=request_id, findings=findings)


def headers_of(error: SkipperError) -> dict[str, str]:
    """What goes with a fault: when to try again, how to sign in."""
    return error.headers if isinstance(error, Refusal) else _later(error)


def _later(error: SkipperError) -> dict[str, str]:
    """When to try again, where that helps."""
    seconds = _LATER.get(error.limit) if isinstance(error, LimitExceeded) else None
    return {} if seconds is None else {"Retry-After": str(seconds())}


def to_midnight() -> int:
    """Seconds until the day ends in UTC: then allowances begin anew."""
    now = datetime.now(UTC)
    return 86_400 - (now.hour * 3600 + now.minute * 60 + now.second)


_LATER: Final[Mapping[str, Callable[[], int]]] = {
    "day": to_midnight,
    USED_UP: to_midnight,
    HELD: lambda: 5,
    "at_a_time": lambda: 2,
}


def add_to(app: FastAPI) -> None:
    """Have every fault of the application told as a problem."""

    @app.exception_handler(SkipperError)
    async def of_the_product(request: Request, error: SkipperError) -> Response:
        told = problem_of(error, request_id_of(request.scope))
        if told.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _LOG.error("Request %s failed.", told.request_id, exc_info=error)
        return answer(told, headers_of(error))

    @app.exception_handler(RequestValidationError)
    async def of_the_form(request: Request, error: RequestValidationError) -> Response:
        faults = tuple(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:_MOST_FAULTS])
        return answer(
            problem(
                INVALID,
                "Some of it is missing, of another kind, or not known.",
                "docs/guide/api.md tells what it takes.",
                faults=faults,
                request_id=request_id_of(request.scope),
            )
        )

    @app.exception_handler(HTTPException)
    async def of_the_framework(request: Request, error: HTTPException) -> Response:
        kind = BY_STATUS.get(error.status_code, Kind("refused", "It was refused", error.status_code))
        told = problem(kind, str(error.detail), request_id=request_id_of(request.scope))
        return answer(told, error.headers)

    @app.exception_handler(Exception)
    async def of_nobody_knows_what(request: Request, error: Exception) -> Response:
        request_id = request_id_of(request.scope)
        _LOG.error("Request %s failed.", request_id, exc_info=error)
        return answer(
            problem(
                INTERNAL,
                "It failed in a way that nobody foresaw.",
                "Try again; the operator's log knows the request by its id.",
                request_id=request_id,
            )
        )
