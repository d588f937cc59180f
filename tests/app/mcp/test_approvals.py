"""Runs that wait for an approval, and go on once it is given."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mcp.client import ClientRequestContext
from mcp.types import ElicitRequestParams, ElicitResult

from tests.app.http.served import QUESTION, serving
from tests.app.mcp.clients import NEW, over_http, told
from tests.app.shop import Home


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("ask", {"question": QUESTION}),
        ("run_sql", {"sql": "SELECT region, sum(amount) FROM orders GROUP BY region", "namespace": "shop"}),
    ],
)
def test_an_approval_is_told_by_its_number_and_brings_the_run_on(
    shop: Home, tool: str, arguments: dict[str, Any]
) -> None:
    shop.ok("limit", "add", "user:eve", "--day-scan-mb", "0")

    async def approve(_context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        assert "skipper approve show 1" in params.message
        shop.ok("approve", "add", "1", "--as", "rob")
        return ElicitResult(action="accept", content={"approved": True})

    async def body(url: str) -> None:
        async with over_http(url, NEW) as client:
            waits = told(await client.call_tool(tool, arguments))
            assert (waits["status"], waits["approval"]) == ("needs_approval", 1)
            assert "skipper approve show 1" in waits["next"]
            assert waits["rows"] is None
            still = told(await client.call_tool("ask", {"run_id": waits["run_id"]}))
            assert still["status"] == "needs_approval"
        async with over_http(url, NEW, elicitation_callback=approve) as client:
            answer = told(await client.call_tool("ask", {"run_id": waits["run_id"]}))
            assert (answer["status"], answer["run_id"]) == ("answered", waits["run_id"])

    with serving(shop, SKIPPER_USER="eve") as served:
        asyncio.run(body(served.url))
