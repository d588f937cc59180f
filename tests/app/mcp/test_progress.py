"""What a client that waits is told meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.http.served import QUESTION, Served, serving
from tests.app.mcp.clients import NEW, OLD, REVISIONS, over_http, over_stdio, told
from tests.app.shop import Home


@pytest.fixture(scope="module")
def served(pristine: tuple[Path, Path]) -> Iterator[Served]:
    """For reading."""
    with serving(Home(pristine[0])) as running:
        yield running


@pytest.mark.parametrize("revision", [NEW, OLD])
@pytest.mark.parametrize("way", ["http", "stdio"])
def test_steps_are_told_in_words_while_a_call_is_worked_on(served: Served, way: str, revision: str) -> None:
    heard: list[tuple[float, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        assert total is None
        heard.append((progress, message))

    async def body() -> None:
        opened = over_http(served.url, revision) if way == "http" else over_stdio(served.home, revision)
        async with opened as client:
            sums = {"sql": "SELECT count(*) AS n FROM shop.orders"}
            assert told(await client.call_tool("run_sql", sums, progress_callback=hear))["rows"] == [[5]]
            assert [words for _, words in heard][-3:] == ["checking the SQL", "running it", "writing the answer"]
            heard.clear()
            asked = told(await client.call_tool("ask", {"question": QUESTION}, progress_callback=hear))
            assert asked["status"] == "answered"
            assert heard[0][1] == "waiting for its turn"
            assert "reading the question" in [words for _, words in heard]
            assert [number for number, _ in heard] == list(range(1, len(heard) + 1))

    asyncio.run(body())


@pytest.mark.parametrize("version", REVISIONS.values())
def test_without_a_token_the_answer_is_one_document(served: Served, version: str) -> None:
    headers = {"accept": "application/json, text/event-stream", "mcp-protocol-version": version}
    meta = {
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"name": "run_sql", "arguments": {"sql": "SELECT 1 AS n"}, "_meta": meta}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    more = {"mcp-method": "tools/call", "mcp-name": "run_sql"}
    response = served.http.post("/mcp", json=call, headers=headers | more)
    assert response.headers["content-type"].startswith("application/json")
    assert response.json()["result"]["structuredContent"]["rows"] == [[1]]
    params["_meta"] = meta | {"progressToken": 7}
    response = served.http.post("/mcp", json=call, headers=headers | more)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert '"message":"running it"' in response.text
