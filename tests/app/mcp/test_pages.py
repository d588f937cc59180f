"""Pages as resources: those whose tables the caller reads, and no others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from mcp import Client, MCPError

from tests.app.http.served import Served, serving
from tests.app.mcp.clients import NEW, OLD, over_http, told
from tests.app.shop import Home

OPEN = """---
title: How orders are meant
owner: ada
tables: [shop.orders]
---
Returns count as orders of a negative amount.
"""
CLOSED = """---
title: How payslips are meant
owner: ada
tables: [shop.orders, shop.payslips]
---
The bonus of the board is paid in March.
"""


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    folder = changing_shop.path / "knowledge" / "pages"
    folder.mkdir(parents=True)
    (folder / "orders.md").write_text(OPEN, encoding="utf-8")
    (folder / "payslips.md").write_text(CLOSED, encoding="utf-8")
    changing_shop.ok("index")
    with serving(changing_shop) as running:
        yield running


@pytest.mark.parametrize("revision", [NEW, OLD])
def test_pages_are_resources_of_whoever_reads_their_tables(served: Served, revision: str) -> None:
    async def body(client: Client) -> None:
        listed = (await client.list_resources()).resources
        assert [(page.uri, page.title) for page in listed] == [("skipper://pages/orders", "How orders are meant")]
        (content,) = (await client.read_resource("skipper://pages/orders")).contents
        assert "negative amount" in str(content)
        for uri in ("skipper://pages/payslips", "skipper://pages/../config.toml", "file:///etc/passwd"):
            with pytest.raises(MCPError, match="no page"):
                await client.read_resource(uri)
        found = told(await client.call_tool("search_catalog", {"text": "what orders mean, returns"}))
        assert found["pages"] == [found["pages"][0]]
        assert found["pages"][0]["handle"] == "page:orders"
        items = told(await client.call_tool("describe", {"handles": ["page:orders", "page:payslips"]}))["items"]
        assert "negative amount" in items[0]["page"]
        assert items[1]["page"] is None

    async def connect() -> None:
        async with over_http(served.url, revision) as client:
            await body(client)

    asyncio.run(connect())
