"""A ClickHouse behind a real Trino: every type, what the connector hides, masks, filters, and its errors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.clickhouse.server import ClickHouse
from tests.trino.federated import SECRET, Federated
from tests.trino.sources import AS_BYTES, AS_TEXT, KINDS

pytestmark = [pytest.mark.trino, pytest.mark.large, pytest.mark.timeout(600)]
ORDERS = "SELECT id, email, amount, region FROM ch.shop.orders ORDER BY id"


@pytest.fixture(scope="module")
def harvested(clickhouse: ClickHouse, sources: Federated) -> dict[str, Any]:
    """What the harvests of both catalogs tell."""
    return {name: sources.ok("harvest", name, "--as", "lou", "--json").json for name in ("ch", "ch_plain")}


@pytest.fixture(scope="module")
def lake(harvested: dict[str, Any], sources: Federated) -> Federated:
    """The orders and the kinds are reviewed; the secrets are not."""
    assert sources.sql("SELECT id FROM ch.shop.orders")["findings"][0]["code"] == "NAM001"
    sources.ok("review", "deny", "ch.shop.orders.hush")
    sources.ok("review", "deny", "ch.shop.kinds.j")
    sources.ok("review", "mask", "ch.shop.orders.email", "--with", "domain")
    sources.ok("review", "mask", "ch.shop.orders.amount", "--with", "band")
    for table in ("orders", "kinds", "numbered"):
        sources.ok("review", "approve", f"ch.shop.{table}", "--unscanned", "--to", "everyone")
    sources.ok("filter", "add", "ch.shop.orders", "support", "--where", "region = 'EMEA'")
    return sources


def names(told: list[dict[str, str]], part: str) -> set[str]:
    """The columns of the kinds whose reason has a part."""
    head = "shop.kinds."
    return {each["name"].partition(head)[2] for each in told if head in each["name"] and part in each["why"]}


def test_nothing_is_missing_without_a_word(harvested: dict[str, Any]) -> None:
    tables = {f"ch.shop.{name}" for name in ("kinds", "numbered", "orders", "secrets")}
    assert set(harvested["ch"]["tables"]) == tables
    reasons = {each["name"]: each["why"] for each in harvested["ch"]["left_out"]}
    assert "INVALID_FUNCTION_ARGUMENT" in reasons["ch.shop.wide"], "a decimal that no Trino holds"
    assert "--schema" in reasons["ch.system"]
    assert names(harvested["ch"]["left_out"], "no statement can write") == {"n.k", "n.v"}
    assert names(harvested["ch"]["as_text"], "does not have its type") == AS_TEXT
    assert harvested["ch"]["as_bytes"] == []
    plain = harvested["ch_plain"]
    assert names(plain["left_out"], "CONVERT_TO_VARCHAR") == AS_TEXT | {"n.k", "n.v"}
    assert names(plain["as_bytes"], "map-string-as-varchar") == AS_BYTES
    assert plain["as_text"] == []


def test_every_type_has_its_value(lake: Federated) -> None:
    found = lake.sql("SELECT * FROM ch.shop.kinds")
    read = dict(zip((column["name"] for column in found["columns"]), found["rows"][0], strict=True))
    assert read == {"id": "1"} | {name: value for name, (_, _, value) in KINDS.items()}
    assert [(each["table"], each["snapshot_id"]) for each in found["tables"]] == [("ch.shop.kinds", None)]
    described = {row[0]: row[1] for row in lake.sql("DESCRIBE ch.shop.kinds")["rows"]}
    assert (described["u64"], described["dtz"]) == ("decimal(20,0)", "timestamp(0) with time zone")


def test_what_the_source_says_of_tables_and_columns_describes_them(lake: Federated) -> None:
    shown = lake.ok("tables", "ch.shop.orders", "--as", "eve", "--json").json
    assert shown["comment"] == "One row an order."
    assert ["region", "varchar", "", "Where to."] in lake.sql("DESCRIBE ch.shop.orders")["rows"]
    for table in ("table_comments", "catalogs", "materialized_views"):
        lake.refused(f"SELECT catalog_name FROM system.metadata.{table}")


def test_masks_and_filters_hold_in_both_fences(lake: Federated) -> None:
    rows = [["1", "@one.example", "10.00", "EMEA"], ["2", "@two.example", "90.00", "APAC"]]
    assert lake.sql(ORDERS)["rows"] == rows
    assert lake.sql(ORDERS, "support")["rows"] == rows[:1]
    assert [[str(cell) for cell in row] for row in lake.direct(ORDERS)] == rows
    for where in ("email = 'ann@one.example'", "amount = 12.50", "lower(email) LIKE 'ann%'"):
        text = f"SELECT id FROM ch.shop.orders WHERE {where}"
        assert lake.sql(text)["rows"] == [], where
        assert lake.direct(text) == [], where
    counted = "SELECT region, count(*), sum(u64 + id) FROM ch.shop.orders o JOIN ch.shop.kinds k USING (id) GROUP BY 1"
    assert lake.sql(counted)["rows"] == [["EMEA", 1, "18446744073709551616"]]


def test_what_nobody_reviewed_is_not_there(lake: Federated) -> None:
    for text in (
        "SELECT token FROM ch.shop.secrets",
        "SELECT count(*) FROM ch.shop.secrets",
        "SELECT hush FROM ch.shop.orders",
        'SELECT "n.k" FROM ch.shop.kinds',
        "SELECT id FROM ch_plain.shop.orders",
        "SELECT count(*) FROM ch.system.tables",
        "SELECT * FROM TABLE(ch.system.query(query => 'SELECT token FROM shop.secrets'))",
        "CALL ch.system.execute('DROP TABLE shop.secrets')",
        "INSERT INTO ch.shop.secrets VALUES (2, 'x')",
        "DROP TABLE ch.shop.orders",
        "SET SESSION ch.unsupported_type_handling = 'IGNORE'",
    ):
        found = lake.sql(text)
        assert found["decision"] == "deny", (text, found)
        assert SECRET not in str(found)
        lake.refused(text)


def test_what_the_source_says_of_a_value_does_not_reach_the_caller(lake: Federated) -> None:
    found = lake.sql("SELECT number FROM ch.shop.numbered")
    assert found["error"]["code"] == "JDBC_ERROR", found
    assert "A source behind Trino" in found["error"]["message"]
    assert SECRET not in str(found)


def test_bytes_are_read_as_such_and_the_hint_tells_how_to_read_a_text(lake: Federated) -> None:
    lake.ok("review", "approve", "ch_plain.shop.kinds.s", "--unscanned", "--to", "everyone")
    found = lake.sql("SELECT from_utf8(s) FROM ch_plain.shop.kinds WHERE from_utf8(s) = 'text'")
    assert found["rows"] == [["text"]], found
    (finding,) = lake.sql("SELECT s FROM ch_plain.shop.kinds WHERE s = 'text'")["findings"]
    assert "from_utf8" in finding["hint"]


def test_what_a_source_does_for_a_statement_raises_no_alarm(lake: Federated) -> None:
    assert lake.sql("SELECT count(*) FROM ch.shop.orders")["rows"] == [[2]]
    assert lake.sql("SELECT max(id) FROM ch.shop.orders WHERE region = 'EMEA'")["rows"] == [["1"]]
    assert lake.own_alarms("SELECT id FROM ch.shop.orders") == []
