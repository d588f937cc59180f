"""The Model Context Protocol at `/mcp`: each request is verified and stands alone, so any server may answer it.

Host, origin and size are looked at by the fences before. The token that proves the caller ends here: nothing behind
gets it. The library of the protocol takes as long to import as half of everything else, and no question needs it: it is
loaded a moment after the server is ready, or once somebody calls, who waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.routing import Route

from app.http.callers import identity_of, must_have
from app.http.fences import LONGEST_BODY, once
from app.http.identity.scopes import ORDINARY
from app.http.signs import caller_of

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from starlette.types import Receive, Scope, Send

    from app.http.desk import Desk
    from townlake.domain.principal import Principal

_LOG: Final = logging.getLogger(__name__)
PATH: Final = "/mcp"
_EVENTS: Final = "text/event-stream"
_LATER_SECONDS: Final = 2.0
"""Loading it takes the turns of whoever asks whether the server is ready."""


class McpEndpoint:
    """The ASGI application of the endpoint. `working()` must be entered for as long as it answers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._manager: asyncio.Future[_Managers] | None = None
        self._wanted = asyncio.Event()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Load the library meanwhile, and answer once it is there."""
        self._manager = asyncio.get_running_loop().create_future()
        # Nobody may have waited for it when it fails.
        self._manager.add_done_callback(lambda manager: manager.cancelled() or manager.exception())
        self._wanted, ending = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(self._work(self._manager, ending))
        try:
            yield
        finally:
            ending.set()
            self._wanted.set()
            await task

    async def _work(self, manager: asyncio.Future[_Managers], ending: asyncio.Event) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wanted.wait(), _LATER_SECONDS)
        if ending.is_set():
            manager.cancel()
            return
        try:
            made = await run_in_threadpool(_make_managers, self._desk)
            async with made.plain.run(), made.telling.run():
                manager.set_result(made)
                await ending.wait()
        except Exception as error:
            _LOG.exception("The Model Context Protocol does not work.")
            if not manager.done():
                manager.set_exception(error)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        identity = await run_in_threadpool(identity_of, Request(scope))
        for needed in sorted(ORDINARY):
            must_have(needed, identity)
        assert self._manager is not None  # noqa: S101 - nothing is served before the application works
        self._wanted.set()
        managers = await asyncio.shield(self._manager)
        body = await Request(scope, receive).body()
        # A string of that name somewhere else does no harm: then a stream tells the answer alone.
        wants_progress = b'"progressToken"' in body and _EVENTS in Headers(scope=scope).get("accept", "")
        manager = managers.telling if wants_progress else managers.plain
        await manager.handle_request(scope, once(body, receive), send)

    def route(self) -> Route:
        """Where it answers.

        A mount would move the well-known paths, to which a 401 points, below it. Without sessions there is nothing to
        listen to by GET, and nothing to end by DELETE.
        """
        return Route(PATH, endpoint=self, methods=["POST"])


class _Managers(NamedTuple):
    """What takes requests: with one JSON document as the answer, or as a stream that tells the progress before."""

    plain: StreamableHTTPSessionManager
    telling: StreamableHTTPSessionManager


def _make_managers(desk: Desk) -> _Managers:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from mcp.server.transport_security import TransportSecuritySettings

    from app.mcp.server import make_server

    server = make_server(desk, _caller)
    plain, telling = (
        StreamableHTTPSessionManager(
            app=server,
            json_response=is_plain,
            stateless=True,
            # The fences know the names of this server, and the library would know only its own.
            security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
            max_request_body_size=LONGEST_BODY,
        )
        for is_plain in (True, False)
    )
    return _Managers(plain, telling)


def _caller(context: ServerRequestContext[Any, Any]) -> Principal:
    assert context.request is not None  # noqa: S101
    return caller_of(context.request.scope)
