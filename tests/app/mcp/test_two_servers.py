"""Statements of one server, as another one over the same home tells them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.app.http.served import Served, serving
from tests.app.mcp.clients import NEW, fault, over_http, told
from tests.app.shop import Home

PAIRS = "UNNEST(sequence(1, 3000)) a(x), UNNEST(sequence(1, 3000)) b(y)"
SLOW = f"SELECT count(*) AS n FROM orders o, {PAIRS} WHERE o.order_id = 1 AND x * y % 7 = 1"
SUMS = "SELECT region, sum(amount) AS v FROM orders GROUP BY region ORDER BY region"
ROWS = [["North", "30.50"], ["South", "105.25"], ["West", "7.00"]]


@pytest.fixture(scope="module")
def both(changing_shop: Home) -> Iterator[tuple[Served, Served]]:
    """The first test finds nothing that was asked, and the last one kills a server."""
    with serving(changing_shop) as one, serving(changing_shop) as other:
        yield one, other


def test_statements_are_not_among_the_questions_of_their_caller(both: tuple[Served, Served]) -> None:
    async def body() -> None:
        async with over_http(both[0].url, NEW) as one:
            await one.call_tool("run_sql", {"sql": "SELECT 1 AS n"})

    asyncio.run(body())
    served = both[0]
    assert served.http.get("/v1/runs").json()["runs"] == []
    (run,) = served.http.get("/v1/runs?kind=statement").json()["runs"]
    assert (run["kind"], run["question"], run["sql"]) == ("statement", "", "SELECT 1 AS n")
    assert served.http.get(f"/v1/runs/{run['run_id']}/result").json()["rows"] == [[1]]
    assert served.http.get("/v1/usage").json()["total"]["questions"] == 0


def test_a_statement_is_known_to_every_server(both: tuple[Served, Served]) -> None:
    async def body() -> None:
        async with over_http(both[0].url, NEW) as one, over_http(both[1].url, NEW) as other:
            ran = told(await one.call_tool("run_sql", {"sql": SUMS, "namespace": "shop", "max_rows": 1}))
            assert ran["rows"] == ROWS[:1]
            rest = told(await other.call_tool("get_run", {"run_id": ran["run_id"], "cursor": ran["next_cursor"]}))
            assert (rest["status"], rest["rows"]) == ("answered", ROWS[1:])
            assert rest["tables"] == ran["tables"]
            begun = told(await one.call_tool("run_sql", {"sql": SLOW, "namespace": "shop", "wait_seconds": 0}))
            assert begun["status"] in ("queued", "running")
            ended = told(await other.call_tool("get_run", {"run_id": begun["run_id"], "wait_seconds": 60}))
            assert ended["status"] == "answered"
            assert len(ended["rows"]) == 1

    asyncio.run(body())


def test_a_refusal_is_told_alike_by_every_server(both: tuple[Served, Served]) -> None:
    async def body() -> None:
        async with over_http(both[0].url, NEW) as one, over_http(both[1].url, NEW) as other:
            begun = await one.call_tool("run_sql", {"sql": "SELECT nothing FROM shop.orders"})
            run_id = both[1].http.get("/v1/runs?kind=statement").json()["runs"][0]["run_id"]
            assert fault(await other.call_tool("get_run", {"run_id": run_id})) == fault(begun)
            assert "NAM002" in fault(begun)

    asyncio.run(body())


def test_a_statement_of_a_server_that_dies_is_brought_to_its_end(both: tuple[Served, Served]) -> None:
    async def body() -> None:
        async with over_http(both[1].url, NEW) as other:
            async with over_http(both[0].url, NEW) as one:
                begun = told(await one.call_tool("run_sql", {"sql": SLOW, "namespace": "shop", "wait_seconds": 0}))
                both[0].kill()
            ended = told(await other.call_tool("get_run", {"run_id": begun["run_id"], "wait_seconds": 60}))
            assert ended["status"] == "answered"
            assert len(ended["rows"]) == 1

    asyncio.run(body())
