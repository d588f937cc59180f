"""A typed client of the agent API: for bots, and for the command line with `--server`.

    with Client("http://127.0.0.1:8000") as skipper:
        answer = skipper.ask("monthly recurring revenue by region last quarter").answer

Faults are raised as the product's own errors (`townlake.domain.errors`), as a lake on this machine would raise them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Self, TypeVar
from uuid import uuid4

import httpx

from agents.ask.answer import Answer
from app.client_files import FileCalls
from app.client_saved import SavedCalls
from app.client_threads import ThreadCalls
from app.client_usage import UsageCalls
from app.client_webhooks import WebhookCalls
from app.contract.catalog import Found, NamespaceList, TableList, TablePage
from app.contract.events import Event, EventType
from app.contract.problem import BASE, BUDGET_USED_UP, MEDIA_TYPE, Problem
from app.contract.results import Feedback, GivenFeedback, RunPage, RunResult, SqlRequest, SqlResult
from app.contract.runs import Mode, Reply, RunInfo, RunKind, RunLimits, RunRequest
from app.governance_client import Governance
from townlake.domain.errors import (
    AccessDenied,
    BadInput,
    Cancelled,
    EngineError,
    HomeError,
    LimitExceeded,
    ModelError,
    NotFound,
    Outdated,
    SkipperError,
    Unplannable,
)
from townlake.domain.value import Value

_STREAM: Final = {"accept": "text/event-stream"}
_PATIENCE_SECONDS: Final = 30.0
"""So long a line may be broken, or a server gone: longer than the next start of one takes."""
_PAUSE_SECONDS: Final = 0.5
_PASSING: Final = frozenset({502, 503, 504})
"""What a proxy answers while there is no server behind it."""
_TIMEOUT: Final = httpx.Timeout(150.0, connect=10.0)
_BY_TYPE: Final[Mapping[str, Callable[[Problem], SkipperError]]] = {
    "not-found": lambda p: NotFound(p.detail, hint=p.next),
    "outdated": lambda p: Outdated(p.detail, hint=p.next),
    "access-denied": lambda p: AccessDenied(p.detail, hint=p.next),
    "not-signed-in": lambda p: AccessDenied(p.detail, hint=p.next),
    "refused-statement": lambda p: Unplannable(p.detail, hint=p.next, findings=p.findings),
    "limit-exceeded": lambda p: LimitExceeded(p.detail, limit="server", hint=p.next),
    BUDGET_USED_UP: lambda p: LimitExceeded(p.detail, limit="budget", hint=p.next),
    "too-many": lambda p: LimitExceeded(p.detail, limit="server", hint=p.next),
    "changed-meanwhile": lambda p: Outdated(p.detail, hint=p.next),
    "cancelled": lambda p: Cancelled(p.detail, hint=p.next),
    "engine-error": lambda p: EngineError(p.detail, hint=p.next),
    "model-unavailable": lambda p: ModelError(p.detail, hint=p.next),
    "unavailable": lambda p: HomeError(p.detail, hint=p.next),
    "internal": lambda p: SkipperError(p.detail, hint=p.next),
}
V = TypeVar("V", bound=Value)


class Client(UsageCalls, SavedCalls, ThreadCalls, WebhookCalls, FileCalls):
    """One server, as one caller. A context manager; it may be used from many threads.

    Args:
        url: where the server answers.
        token: a key or a token that says who asks; a server of one person needs none.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        # No proxy of the environment comes between a caller and the server that they named.
        self._http = httpx.Client(base_url=url, headers=headers, timeout=_TIMEOUT, trust_env=False)
        self._url = url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def ask(self, question: str, *, thread: str | None = None, wait: float = 60, **more: Any) -> RunResult:
        """Ask, and wait for the end so many seconds at most; sent again when the connection breaks, it runs once.

        Args:
            question: in plain words.
            thread: a name of your own: each question then knows the ones before.
            wait: seconds. After them the run is told as it is, and goes on.
            more: fields of `RunRequest`: `mode` (`sql_only` gives the statement, `dry_run` also what it would take, in
                `run.plan`), `limits`, `as_of`.

        Raises:
            SkipperError: as the server tells.
        """
        wanted = RunRequest(question=question, thread=thread, **more)
        return self._post("/v1/runs", wanted, RunResult, params={"wait": wait}, once=True)

    def stream(
        self,
        question: str,
        *,
        thread: str | None = None,
        mode: Mode = Mode.ANSWER,
        limits: RunLimits | None = None,
        **more: Any,
    ) -> Iterator[Event]:
        """Ask, and get each event as it comes. When the connection breaks it goes on after the last one."""
        wanted = RunRequest(question=question, thread=thread, mode=mode, limits=limits or RunLimits(), **more)
        body = wanted.model_dump(mode="json")
        return self._stream("POST", "/v1/runs", {"json": body}, {"idempotency-key": uuid4().hex})

    def events(self, run_id: str, after: int = 0) -> Iterator[Event]:
        """What a run tells, after an event that you have, until it has ended."""
        return self._stream("GET", f"/v1/runs/{run_id}/events", {}, {"last-event-id": str(after)}, run_id)

    def run(self, run_id: str) -> RunInfo:
        """A run of yours, without its rows."""
        return self._get(f"/v1/runs/{run_id}", RunInfo)

    def runs(
        self,
        *,
        thread: str | None = None,
        kind: RunKind = RunKind.QUESTION,
        cursor: str | None = None,
        limit: int = 50,
    ) -> RunPage:
        """Your runs, the newest first: those of questions, or those of statements."""
        return self._get("/v1/runs", RunPage, thread=thread, kind=kind.value, cursor=cursor, limit=limit)

    def result(self, run_id: str) -> Answer:
        """The rows of an answer again, from the same snapshots, with your rights of now."""
        return self._get(f"/v1/runs/{run_id}/result", Answer, format="json")

    def resume(self, run_id: str, reply: str | None = None, *, wait: float = 60) -> RunResult:
        """Bring a run on that waits for a reply or an approval."""
        said = Reply(reply=reply)
        return self._post(f"/v1/runs/{run_id}/resume", said, RunResult, params={"wait": wait}, once=True)

    def cancel(self, run_id: str) -> RunInfo:
        """Stop a run."""
        return self._post(f"/v1/runs/{run_id}/cancel", None, RunInfo)

    def feedback(self, run_id: str, said: Feedback) -> GivenFeedback:
        """Say whether an answer is right."""
        return self._post(f"/v1/runs/{run_id}/feedback", said, GivenFeedback)

    def sql(self, statement: str, **more: Any) -> SqlResult:
        """Check a statement and run it.

        Args:
            statement: one query in Trino's dialect.
            more: fields of `SqlRequest`: `namespace`, `mode`, `limits`.
        """
        return self._post("/v1/sql", SqlRequest(sql=statement, **more), SqlResult)

    def search(self, text: str) -> Found:
        """Tables and metrics by what they are about."""
        return self._get("/v1/catalog/search", Found, text=text)

    def tables(self, *, limit: int = 100, **wish: Any) -> TableList:
        """The tables whose names you may find.

        Args:
            limit: at most so many.
            wish: `namespace`, `name`, `words`, `columns`, `cursor`.
        """
        return self._get("/v1/catalog/tables", TableList, limit=limit, **wish)

    def namespaces(self) -> NamespaceList:
        """The schemas of the tables whose names you may find."""
        return self._get("/v1/catalog/namespaces", NamespaceList)

    def every_table(self) -> Iterator[TablePage]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.tables(cursor=cursor, limit=500)
            yield from page.tables
            cursor = page.next_cursor
            if cursor is None:
                return

    def table(self, name: str) -> TablePage:
        """One table."""
        return self._get(f"/v1/catalog/tables/{name}", TablePage)

    @property
    def governance(self) -> Governance:
        """Reviews, grants, limits, requests and the audit."""
        return Governance(self)

    def get(self, path: str, kind: type[V], **params: Any) -> V:
        """What stands at a path."""
        return self._get(path, kind, **params)

    def post(self, path: str, body: Value | None, kind: type[V], *, once: bool = False) -> V:
        """Have something done; `once`, however often the line breaks."""
        return self._post(path, body, kind, once=once)

    def delete(self, path: str, kind: type[V], **params: Any) -> V:
        """Take something away."""
        with self._reported():
            return kind.model_validate(_checked(self._http.delete(path, params=params)).json())

    def _get(self, path: str, kind: type[V], /, **params: Any) -> V:
        given = {name: value for name, value in params.items() if value is not None}
        with self._reported():
            return kind.model_validate(_checked(self._http.get(path, params=given)).json())

    def _post(
        self,
        path: str,
        body: Value | None,
        kind: type[V],
        *,
        params: dict[str, Any] | None = None,
        once: bool = False,
    ) -> V:
        headers = {"idempotency-key": uuid4().hex} if once else {}
        content = None if body is None else body.model_dump(mode="json")
        end = time.monotonic() + (_PATIENCE_SECONDS if once else 0)
        while True:
            try:
                response = self._http.post(path, json=content, params=params, headers=headers)
                _must_be_there(response)
                return kind.model_validate(_checked(response).json())
            except httpx.TransportError as error:
                if time.monotonic() > end:
                    raise _unreachable(self._url) from error
                time.sleep(_PAUSE_SECONDS)

    def _put(self, path: str, body: Value, kind: type[V], version: int | None = None) -> V:
        content = body.model_dump(mode="json")
        with self._reported():
            return kind.model_validate(_checked(self._http.put(path, json=content, headers=_seen(version))).json())

    def _patch(self, path: str, body: Value, kind: type[V]) -> V:
        with self._reported():
            return kind.model_validate(_checked(self._http.patch(path, json=body.model_dump(mode="json"))).json())

    def _delete(self, path: str, version: int | None = None) -> None:
        with self._reported():
            _checked(self._http.delete(path, headers=_seen(version)))

    def _stream(
        self, method: str, path: str, body: dict[str, Any], headers: dict[str, str], run_id: str = ""
    ) -> Iterator[Event]:
        last = int(headers.get("last-event-id", 0))
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                with self._http.stream(method, path, headers={**_STREAM, **headers}, **body) as response:
                    _must_be_there(response)
                    _checked(response)
                    for event in _events(response.iter_lines()):
                        if event.seq <= last:
                            continue
                        last, run_id = event.seq, event.run_id
                        end = time.monotonic() + _PATIENCE_SECONDS
                        yield event
                        if event.type.ends:
                            return
                if run_id and self.run(run_id).status.is_over:
                    return
                raise httpx.ReadError("the stream ended before the run")
            except httpx.TransportError as error:
                if time.monotonic() > end:
                    raise _unreachable(self._url) from error
                time.sleep(_PAUSE_SECONDS)
                if run_id:
                    method, path, body = "GET", f"/v1/runs/{run_id}/events", {}
                    headers = {"last-event-id": str(last)}

    @contextmanager
    def _opened(
        self, method: str, path: str, params: Mapping[str, str], body: dict[str, Any] | None = None
    ) -> Iterator[httpx.Response]:
        with self._reported(), self._http.stream(method, path, params=params, json=body) as response:
            yield _checked(response)

    def _reported(self) -> _Reported:
        return _Reported(self._url)


class _Reported:
    """Tells of a server that cannot be reached as an error that a person can act on."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, httpx.TransportError):
            raise _unreachable(self._url) from error


def answer_of(events: Iterator[Event], on_step: Callable[[str], None] = lambda step: None) -> Answer | None:
    """The answer that a stream amounts to.

    Args:
        events: all of a run, or of a turn of it.
        on_step: told the name of each step as it begins.

    Returns:
        The answer; None when the run came to none, as when it was stopped.

    Raises:
        SkipperError: the run failed.
    """
    rows: list[Any] = []
    told: dict[str, Any] = {}
    for event in events:
        match event.type:
            case EventType.STEP_STARTED:
                on_step(event.data["step"])
            case EventType.RESULT_ROWS | EventType.MESSAGE_DELTA if event.data.get("gone"):
                raise SkipperError(event.data["gone"], hint="The question is there still; ask it again.")
            case EventType.RESULT_ROWS:
                rows[event.data.get("first", 0) :] = event.data.get("rows", ())
            case EventType.MESSAGE_DELTA:
                told = event.data.get("answer", {})
            case EventType.RUN_FAILED:
                raise SkipperError(event.data["summary"])
            case _:
                pass
    if not told:
        return None
    has_rows = told["status"] in ("answered", "no_rows") and (bool(rows) or told["columns"])
    return Answer.model_validate({**told, "rows": rows if has_rows else None})


def _events(lines: Iterator[str]) -> Iterator[Event]:
    for line in lines:
        if line.startswith("data: "):
            yield Event.model_validate_json(line.removeprefix("data: "))


def _checked(response: httpx.Response) -> httpx.Response:
    """The response, when it is what was asked for.

    Raises:
        SkipperError: what the server tells instead.
    """
    if response.is_success:
        return response
    response.read()
    try:
        told = Problem.model_validate_json(response.content)
    except ValueError:
        raise SkipperError(
            f"The server answered {response.status_code}, and not in the form that Skipper's does.",
            hint="Check the address: something else may answer there.",
        ) from None
    make = _BY_TYPE.get(told.type.removeprefix(BASE))
    if make is not None:
        raise make(told)
    raise BadInput(told.detail, hint=" ".join((*told.faults, told.next)))


def _seen(version: int | None) -> dict[str, str]:
    return {} if version is None else {"if-match": f'"{version}"'}


def _must_be_there(response: httpx.Response) -> None:
    """Take what a proxy answers for a server that is gone as a broken line."""
    if response.status_code in _PASSING and response.headers.get("content-type") != MEDIA_TYPE:
        raise httpx.ConnectError(f"a proxy answered {response.status_code}")


def _unreachable(url: str) -> HomeError:
    return HomeError(f"The server at {url} does not answer.", hint="Check the address, and that `skipper serve` runs.")
