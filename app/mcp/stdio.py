"""The protocol over standard input and output, for one person on their own machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.server.stdio import stdio_server

from app.mcp.server import make_server

if TYPE_CHECKING:
    from app.http.desk import Desk
    from townlake.domain.principal import Principal


async def serve_stdio(desk: Desk, caller: Principal) -> None:
    """Answer until the client closes its end.

    Args:
        desk: what the tools work with, at work already.
        caller: whoever started the program: only they can write to its standard input.
    """
    server = make_server(desk, lambda _context: caller)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())
