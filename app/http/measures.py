"""What the server measures, for Prometheus. No name of a caller, no word of a question."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from app.contract.events import Event, EventType
from app.http.callers import Caller, needs
from app.http.desk import Desk, desk_of
from app.http.identity import scopes

if TYPE_CHECKING:
    from app.http.fences import App, Message, Receive, Send
    from app.http.signs import Scope

router = APIRouter(tags=["health"])
_SECONDS: Final = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"


@router.get(
    "/metrics",
    dependencies=[needs(scopes.Scope.ADMIN)],
    response_class=Response,
    responses={200: {"content": {_TEXT: {}}}},
)
def metrics(caller: Caller, desk: Annotated[Desk, Depends(desk_of)]) -> Response:
    """What the server measured since it started, in the text format of Prometheus."""
    return Response(generate_latest(desk.measures.registry), media_type=_TEXT)


class Measures:
    """The counters of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "skipper_request_seconds",
            "Until the head of the answer went out",
            ("method", "route", "status"),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._runs = Counter("skipper_runs", "Runs that ended, by how", ("status",), registry=self.registry)
        self._steps = Histogram(
            "skipper_step_seconds", "Steps of questions", ("step",), registry=self.registry, buckets=_SECONDS
        )
        self._tokens = Counter("skipper_model_tokens", "Tokens of chat models", ("kind",), registry=self.registry)
        self._dollars = Counter("skipper_model_usd", "US dollars for chat models", registry=self.registry)
        self._refusals = Counter(
            "skipper_refusals",
            "Statements of questions that did not pass, by finding",
            ("code",),
            registry=self.registry,
        )
        self.working = Gauge("skipper_runs_working", "Runs that are worked on", registry=self.registry)

    def event(self, event: Event) -> None:
        """Count what a run told."""
        data = event.data
        if event.type is EventType.STEP_FINISHED:
            self._steps.labels(data["step"]).observe(data["seconds"])
        elif event.type is EventType.SQL_VALIDATED and not data["passed"]:
            for code in {finding["code"] for finding in data["findings"] if finding["severity"] == "error"}:
                self._refusals.labels(code).inc()
        elif event.type is EventType.USAGE:
            for kind, count in data["tokens"].items():
                self._tokens.labels(kind).inc(count)
            self._dollars.inc(data["cost_usd"])
        elif event.type.ends:
            self._runs.labels(data["status"]).inc()

    def request(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request, by its route: a path that fits none is one of many."""
        route = getattr(scope.get("route"), "path", "none")
        # Whoever calls may make methods up; a series of each would be kept for good.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._requests.labels(method, route, str(status)).observe(seconds)


class Measured:
    """The middleware that counts requests."""

    def __init__(self, app: App, measures: Measures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._measures.request(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, sent)
