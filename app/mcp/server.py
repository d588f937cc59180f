"""The server of the protocol, whatever carries its messages: revisions 2026-07-28 and 2025-11-25 alike."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from mcp.server.caching import CacheHint
from mcp.server.lowlevel.server import Server
from mcp.types import (
    CallToolRequestParams,
    ListResourcesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
)
from starlette.concurrency import run_in_threadpool

from app.http.proof import Proof
from app.http.signs import trace_id_of
from app.mcp import pages
from app.mcp.call import Call
from app.mcp.held import Held
from app.mcp.registry import BY_NAME, CLIENT_TOOLS
from app.mcp.tool import Outcome, call_client_tool, refusal
from app.version import program_version
from prompts.loader import load_prompt
from tools.tool import cut

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

    from app.http.desk import Desk
    from townlake.domain.principal import Principal

_LISTS: Final = CacheHint(ttl_ms=3_600_000, scope="public")
"""The tools are the same for everybody."""

Context = Any
Who = Callable[["ServerRequestContext[Any, Any]"], "Principal"]


def make_server(desk: Desk, who: Who) -> Server[dict[str, Any]]:
    """The server.

    Args:
        desk: what the tools work with. Whoever runs the server begins and ends it.
        who: gives the caller of a request, who has been verified.
    """
    held = Held()
    tools = [tool.described() for tool in CLIENT_TOOLS]

    async def list_tools(_context: Context, _params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=tools)

    async def call_tool(context: Context, params: CallToolRequestParams) -> Outcome:
        tool = BY_NAME.get(params.name)
        if tool is None:
            return refusal(f"There is no tool {cut(params.name, 40)!r}. There are {', '.join(BY_NAME)}.")
        request, caller = context.request, who(context)
        proof = None if request is None else Proof(request, caller)
        trace_id = trace_id_of(request.scope if request is not None else {})
        call = Call(desk, held, caller, trace_id, context, params, proof)
        return await call_client_tool(tool, params.arguments or {}, call)

    async def list_resources(context: Context, params: PaginatedRequestParams | None) -> ListResourcesResult:
        return await run_in_threadpool(pages.listed, desk, who(context), params.cursor if params else None)

    async def read_resource(context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        return await run_in_threadpool(pages.read, desk, who(context), params.uri)

    # The library tells of every tool call at this level, with what the caller sent.
    logging.getLogger("mcp").setLevel(logging.ERROR)
    return Server(
        "skipper",
        title="Skipper on Town Lake",
        version=program_version(),
        instructions=load_prompt("mcp/introduce").text.strip(),
        cache_hints={"tools/list": _LISTS, "server/discover": _LISTS},
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
    )
