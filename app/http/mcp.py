"""The Model Context Protocol at `/mcp`: each request is verified and stands alone, so any server may answer it.

Host, origin and size are looked at by the fences before. The token that proves the caller ends here: nothing behind
gets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.routing import Route

from app.http.callers import identity_of, must_have
from app.http.fences import LONGEST_BODY
from app.http.identity.scopes import ORDINARY
from app.http.signs import caller_of
from app.mcp.server import make_server

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext
    from starlette.types import Receive, Scope, Send

    from app.http.desk import Desk
    from townlake.domain.principal import Principal

PATH: Final = "/mcp"


class McpEndpoint:
    """The ASGI application of the endpoint. `manager.run()` must be entered for as long as it answers."""

    def __init__(self, desk: Desk) -> None:
        self.manager = StreamableHTTPSessionManager(
            app=make_server(desk, _caller),
            json_response=True,
            stateless=True,
            # The fences know the names of this server, and the library would know only its own.
            security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
            max_request_body_size=LONGEST_BODY,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        identity = await run_in_threadpool(identity_of, Request(scope))
        for needed in sorted(ORDINARY):
            must_have(needed, identity)
        await self.manager.handle_request(scope, receive, send)

    def route(self) -> Route:
        """Where it answers.

        A mount would move the well-known paths, to which a 401 points, below it. Without sessions there is nothing to
        listen to by GET, and nothing to end by DELETE.
        """
        return Route(PATH, endpoint=self, methods=["POST"])


def _caller(context: ServerRequestContext[Any, Any]) -> Principal:
    assert context.request is not None  # noqa: S101
    return caller_of(context.request.scope)
