"""Runs that wait for a person: the client asks where it can, and is told what to do where it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client import ClientRequestContext
from mcp.types import ElicitRequestParams, ElicitResult, InputRequiredResult

from tests.app.http.served import QUESTION, Served, serving
from tests.app.mcp.clients import NEW, OLD, fault, over_http, over_stdio, told
from tests.app.shop import Home

UNCLEAR = "best region by order value"
BEST = [["South", "105.25"]]


class Person:
    """Replies to what a client asks."""

    def __init__(self, *replies: dict[str, Any] | None) -> None:
        self.replies = list(replies)
        self.asked: list[Any] = []

    async def __call__(self, _context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        self.asked.append(params)
        reply = self.replies.pop(0)
        return ElicitResult(action="decline") if reply is None else ElicitResult(action="accept", content=reply)


@pytest.fixture(scope="module")
def served(pristine: tuple[Path, Path]) -> Iterator[Served]:
    """For reading."""
    with serving(Home(pristine[0])) as running:
        yield running


@pytest.mark.parametrize(("way", "revision"), [("http", NEW), ("stdio", NEW), ("stdio", OLD)])
def test_a_client_that_can_asks_its_person(served: Served, way: str, revision: str) -> None:
    person = Person({"option": "highest region by order value"}, {"words": "the highest"}, None)

    async def body(client: Client) -> None:
        for _ in range(2):
            answer = told(await client.call_tool("ask", {"question": UNCLEAR}))
            assert (answer["status"], answer["rows"][:1]) == ("answered", BEST)
        declined = told(await client.call_tool("ask", {"question": UNCLEAR}))
        assert declined["status"] == "needs_clarification"
        assert declined["run_id"] in declined["next"]
        assert person.asked[0].requested_schema["properties"]["option"]["enum"] == declined["options"]

    async def connect() -> None:
        more = {"elicitation_callback": person}
        opened = over_http(served.url, revision, **more) if way == "http" else over_stdio(served.home, revision, **more)
        async with opened as client:
            await body(client)

    asyncio.run(connect())
    assert len(person.asked) == 3


@pytest.mark.parametrize("revision", [NEW, OLD])
def test_a_client_that_cannot_ask_is_told_what_to_do(served: Served, revision: str) -> None:
    async def body() -> None:
        async with over_http(served.url, revision) as client:
            waits = told(await client.call_tool("ask", {"question": UNCLEAR}))
            assert waits["status"] == "needs_clarification"
            assert len(waits["options"]) == 2
            reply = {"run_id": waits["run_id"], "reply": waits["options"][0]}
            answer = told(await client.call_tool("ask", reply))
            assert (answer["run_id"], answer["rows"][:1]) == (waits["run_id"], BEST)
            assert "waits for nothing" in fault(await client.call_tool("ask", reply))

    asyncio.run(body())


def test_what_a_client_carries_along_proves_nothing(served: Served) -> None:
    answered = served.ask()["run"]["run_id"]

    async def body() -> None:
        async with over_http(served.url, NEW, elicitation_callback=Person()) as client:

            async def again(state: str, reply: Any) -> Any:
                result = await client.session.call_tool(
                    "ask", {"question": UNCLEAR}, request_state=state, input_responses=reply, allow_input_required=True
                )
                assert not isinstance(result, InputRequiredResult)
                return result

            said = {"reply": ElicitResult(action="accept", content={"words": "the highest"})}
            assert "none of this server's" in fault(await again("' OR 1=1", said))
            assert "no run" in fault(await again("0" * 16, said))
            assert "waits for nothing" in fault(await again(answered, said))

    asyncio.run(body())


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
