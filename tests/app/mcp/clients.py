"""Clients of the protocol's own library, in both revisions, over both transports."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent

from tests.app.shop import Home
from tests.support.shared import ROOT

NEW = "2026-07-28"
OLD = "legacy"
REVISIONS = {NEW: "2026-07-28", OLD: "2025-11-25"}


@asynccontextmanager
async def over_stdio(home: Home, revision: str, **more: Any) -> AsyncIterator[Client]:
    """A client of a `skipper mcp` of its own."""
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "app.cli.main", "mcp"], env=home.variables(), cwd=ROOT
    )
    async with Client(server, mode=revision, read_timeout_seconds=60, **more) as client:
        yield client


@asynccontextmanager
async def over_http(url: str, revision: str, **more: Any) -> AsyncIterator[Client]:
    """A client of a running server."""
    async with Client(f"{url}/mcp", mode=revision, read_timeout_seconds=60, **more) as client:
        yield client


def told(result: CallToolResult) -> dict[str, Any]:
    """The typed result of a call that succeeded."""
    assert not result.is_error, texts(result)
    found: dict[str, Any] = result.structured_content
    return found


def texts(result: CallToolResult, audience: str | None = None) -> str:
    """The texts of a result: all, or those for the model (`assistant`) or the person (`user`)."""
    blocks = [block for block in result.content if isinstance(block, TextContent)]
    return "\n".join(
        block.text
        for block in blocks
        if audience is None
        or block.annotations is None
        or block.annotations.audience is None
        or audience in block.annotations.audience
    )


def fault(result: CallToolResult) -> str:
    """What a call that failed says."""
    assert result.is_error, texts(result)
    return texts(result)
