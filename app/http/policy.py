"""The policy service: Trino's OPA plugin asks it, and Trino's event listener tells it, by plain HTTP on this machine.

A small ASGI application and no framework: five routes take JSON and give JSON. Whatever goes wrong gives no result,
and Trino refuses what it gets no result for.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from app.version import program_version
from townlake.governance.trino_events import Event, TrinoEvents
from townlake.governance.trino_policy import TrinoPolicy
from townlake.governance.trino_requests import Asked

_LOG: Final = logging.getLogger(__name__)
_LONGEST: Final = 8_000_000
"""Bytes of a request: a table of 10,000 columns has about two million."""

EVENTS: Final = "/trino/events"

_MANY: Final = "/trino/batch"
_ROUTES: Final[Mapping[str, Callable[[TrinoPolicy, Asked], object]]] = {
    "/trino/allow": TrinoPolicy.allow,
    _MANY: TrinoPolicy.batch,
    "/trino/row-filters": TrinoPolicy.row_filters,
    "/trino/column-masks": TrinoPolicy.column_masks,
}
_LONGEST_EVENT: Final = 100_000_000
"""Bytes of an event, which holds the statement and its plan, several times over."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class PolicyService:
    """The ASGI application.

    Args:
        policy: gives who answers one request.
        version: gives the policy version, for `/health`; it fails when the registries cannot be read.
        events: is given what Trino tells of the statements that ended.
    """

    def __init__(
        self, policy: Callable[[], TrinoPolicy], version: Callable[[], str], events: TrinoEvents | None = None
    ) -> None:
        self._version = version
        self._events = events
        self._policy = policy
        # One thread of their own: they wait for each other and for the disk, and decisions must not.
        self._telling = ThreadPoolExecutor(max_workers=1, thread_name_prefix="events")
        self._program = program_version()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        status, answer = await self._answer(scope["method"], scope["path"], receive)
        body = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, method: str, path: str, receive: Receive) -> tuple[int, dict[str, object]]:
        try:
            if (method, path) == ("GET", "/health"):
                return 200, {"policy_version": self._version(), "program": self._program}
            if path not in _ROUTES and path != EVENTS:
                return 404, {"error": "There is no such question."}
            if method != "POST":
                return 405, {"error": "Ask by POST."}
            if path == EVENTS:
                return await self._told(await _read(receive, _LONGEST_EVENT))
            body = await _read(receive, _LONGEST)
            if body is None:
                return 413, {"error": "The request is too long."}
            if path == _MANY:
                # A list of thousands of tables must keep no other question waiting.
                return await asyncio.to_thread(self._decided, path, body)
            return self._decided(path, body)
        except Exception:  # an answer that cannot be given is no
            _LOG.exception("The policy service could not answer %s", path)
            return 500, {"error": "No decision could be made; the log of the service tells why."}

    def _decided(self, path: str, body: bytes) -> tuple[int, dict[str, object]]:
        try:
            asked = Asked.model_validate(json.loads(body)["input"])
        except (ValueError, LookupError, TypeError, RecursionError):
            return 400, {"error": "This is not a request of Trino's OPA plugin."}
        return 200, {"result": _ROUTES[path](self._policy(), asked)}

    async def _told(self, body: bytes | None) -> tuple[int, dict[str, object]]:
        if self._events is None:
            return 404, {"error": "Nobody listens to events here."}
        loop = asyncio.get_running_loop()
        return 200, {"written": await loop.run_in_executor(self._telling, _written, self._events, body)}


def _written(events: TrinoEvents, body: bytes | None) -> str:
    """The kind of the entry that was written about an event."""
    if body is not None:
        try:
            event = Event.model_validate_json(body)
        except ValueError:
            pass
        else:
            return events.receive(event)
    # Trino takes a refusal for an answer and never tells again.
    return events.unreadable(_LONGEST_EVENT if body is None else len(body))


async def _read(receive: Receive, most: int) -> bytes | None:
    """The body; None when it is too long."""
    parts, length, more = [], 0, True
    while more:
        message = await receive()
        part = message.get("body", b"")
        parts.append(part)
        length += len(part)
        if length > most:
            return None
        more = message.get("more_body", False)
    return b"".join(parts)
