"""What a page of a table needs: around the table, a few of its rows, what it answers, and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.client import Client
from app.settings import load_settings
from app.workspace import Workspace
from tests.app.http.served import QUESTION, Served, serving
from tests.app.shop import Home
from townlake.catalog.lineage import LineageEdge
from townlake.domain.errors import NotFound, Unplannable
from townlake.domain.names import ColumnRef

SECRET = "Zw9-hidden"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, changing_shop: Home) -> Iterator[Served]:
    home = changing_shop
    folder = tmp_path_factory.mktemp("more")
    (folder / "plans.csv").write_text(f"customer_id,region\n1,{SECRET}\n", encoding="utf-8")
    (folder / "totals.csv").write_text("region,total\nNorth,30\n", encoding="utf-8")
    told = {"tables": [{"name": "plans", "restricted": True}, {"name": "totals"}]}
    (folder / "schema.json").write_text(json.dumps(told), encoding="utf-8")
    files = [str(folder / f"{name}.csv") for name in ("plans", "totals")]
    home.ok("ingest", "files", "--as", "lou", *files, "--schema", "shop", "--describe", str(folder / "schema.json"))
    home.ok("review", "approve", "lake.shop.totals", "--unscanned", "--to", "everyone")
    with Workspace(load_settings(home=home.path)) as workspace:
        pairs = (
            ("orders.region", "totals.region"),
            ("orders.amount", "totals.total"),
            ("plans.region", "orders.region"),
            ("payslips.payee", "customers.name"),
        )
        workspace.catalog.add_lineage(
            LineageEdge(source=ColumnRef.parse(f"shop.{a}"), target=ColumnRef.parse(f"shop.{b}"), kind="copy")
            for a, b in pairs
        )
    with serving(home, SKIPPER_USER="eve") as running:
        yield running


@pytest.fixture
def eve(served: Served) -> Iterator[Client]:
    with Client(served.url) as made:
        yield made


def page(served: Served, name: str) -> dict[str, Any]:
    found: dict[str, Any] = served.http.get(f"/v1/catalog/tables/{name}").json()
    return found


def test_a_page_tells_what_stands_around_the_table(served: Served) -> None:
    orders = page(served, "shop.orders")
    assert orders["metrics"] == ["order_value"]
    (join,) = orders["joins"]
    assert (join["table"], join["by"], join["points"]) == ("lake.shop.customers", "key", "out")
    assert (join["columns"], join["other_columns"]) == (["customer_id"], ["customer_id"])
    (back,) = page(served, "shop.customers")["joins"]
    assert (back["table"], back["points"]) == ("lake.shop.orders", "in")
    closed = page(served, "shop.payslips")
    assert (closed["readable"], closed["columns"], closed["joins"], closed["metrics"]) == (False, [], [], [])


def test_a_sample_is_what_the_caller_may_see_and_is_audited(served: Served, eve: Client) -> None:
    found = eve.sample("shop.customers", limit=2)
    assert found.rows is not None
    assert len(found.rows) == 2
    assert {row[2] for row in found.rows} == {"[redacted]"}
    assert found.masks
    entry = served.home.ok("audit", "list", "--query", found.query_id or "", "--kind", "intent", "--json").json[0]
    assert entry["by"]["subject"] == "eve"
    with pytest.raises(Exception, match="payslips") as refused:
        eve.sample("shop.payslips")
    assert type(refused.value) is not Unplannable
    for limit in (0, 101):
        assert served.http.get("/v1/catalog/tables/shop.orders/sample", params={"limit": limit}).status_code == 422


@pytest.mark.parametrize(
    "route",
    [
        "/v1/catalog/tables/{}",
        "/v1/catalog/tables/{}/sample",
        "/v1/catalog/tables/{}/questions",
        "/v1/lineage/{}",
    ],
)
def test_what_a_hidden_table_has_reads_as_missing(served: Served, route: str) -> None:
    hidden, missing = (served.http.get(route.format(name)) for name in ("shop.plans", "shop.plano"))
    assert (hidden.status_code, missing.status_code) == (404, 404)
    told = [answer.json() for answer in (hidden, missing)]
    assert told[0]["detail"].replace("plans", "plano") == told[1]["detail"]
    # Names of other tables that are near depend on the name, and this one is not among them.
    assert all("shop.plans" not in answer["next"] for answer in told)


def test_a_table_tells_what_it_answers_and_whose_questions_are_not_told(served: Served, eve: Client) -> None:
    asked = served.ask(QUESTION)["run"]["run_id"]
    found = eve.table_questions("shop.orders")
    assert [query.name for query in found.queries] == ["best_customer"]
    assert asked in [question.run_id for question in found.answered]
    assert eve.table_questions("shop.customers").answered == ()
    served.home.ok("ask", "order value by region", "--as", "rob")
    assert {question.run_id for question in eve.table_questions("shop.orders").answered} == {asked}


def test_lineage_down_to_columns_without_what_is_hidden(served: Served, eve: Client) -> None:
    found = eve.lineage("shop.orders")
    assert {table.table: table.steps for table in found.tables} == {"lake.shop.orders": 0, "lake.shop.totals": 1}
    (link,) = found.links
    assert {(pair.source, pair.target) for pair in link.columns} == {("region", "region"), ("amount", "total")}
    assert not found.truncated
    assert "plans" not in served.http.get("/v1/lineage/shop.totals").text
    # That payslips are there may be known, and not what is made from it.
    of_customers = eve.lineage("shop.customers")
    assert [(table.table, table.state) for table in of_customers.tables] == [("lake.shop.customers", "partly")]
    assert of_customers.links == ()
    of_payslips = eve.lineage("shop.payslips")
    assert [(table.table, table.state) for table in of_payslips.tables] == [("lake.shop.payslips", "closed")]
    assert of_payslips.links == ()
    assert served.http.get("/v1/lineage/shop.orders", params={"depth": 21}).status_code == 422
    assert served.http.get("/v1/lineage/shop.orders", params={"direction": "in"}).status_code == 422


def test_metrics_as_the_caller_can_ask_them(served: Served, eve: Client) -> None:
    found = eve.metrics()
    assert [metric.name for metric in found.metrics] == ["order_value"]
    assert [query.name for query in found.queries] == ["best_customer"]
    assert eve.metric("sales").expression == "sum(o.amount)"
    with pytest.raises(NotFound, match="no metric"):
        eve.metric("profit")
    assert served.http.get("/v1/catalog/metrics/best_customer").status_code == 404


def test_a_long_list_is_narrowed_by_schema_and_by_name(served: Served, eve: Client) -> None:
    (shop,) = eve.namespaces().namespaces
    # That a restricted table is there is not counted either.
    assert (shop.name, shop.tables) == ("shop", len(eve.tables(namespace="SHOP").tables))
    assert "lake.shop.plans" not in {table.table for table in eve.tables().tables}
    found = eve.tables(name="Order", columns=False)
    assert [(table.table, table.columns) for table in found.tables] == [("lake.shop.orders", ())]
    assert eve.tables(name="order").tables[0].columns != ()
    assert eve.tables(name="plans").tables == ()
