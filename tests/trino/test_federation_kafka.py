"""A Kafka behind a real Trino: topics as tables, whole messages, broken messages, and three sources at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.clickhouse.server import ClickHouse
from tests.trino.conftest import Described
from tests.trino.federated import SECRET, Federated

pytestmark = [pytest.mark.trino, pytest.mark.large, pytest.mark.timeout(600)]
CLICKS = "SELECT k, account, email, at FROM events.web.clicks ORDER BY k"
WHOLE = ("_message", "_key", "_headers")


@pytest.fixture(scope="module")
def harvested(kafka: Described, sources: Federated) -> dict[str, Any]:
    """What the harvests of both catalogs tell."""
    return {name: sources.ok("harvest", name, "--as", "lou", "--json").json for name in ("events", "events_raw")}


@pytest.fixture(scope="module")
def lake(harvested: dict[str, Any], sources: Federated) -> Federated:
    """Everything that was harvested is open, but addresses."""
    assert sources.sql(CLICKS)["findings"][0]["code"] == "NAM001"
    for catalog in harvested:
        sources.ok("review", "mask", f"{catalog}.web.clicks.email", "--with", "domain")
        for table in ("clicks", "broken"):
            sources.ok("review", "approve", f"{catalog}.web.{table}", "--unscanned", "--to", "everyone")
    sources.ok("filter", "add", "events.web.clicks", "support", "--where", "page = 'home'")
    return sources


def test_topics_are_tables_and_whole_messages_are_left_out(harvested: dict[str, Any]) -> None:
    assert set(harvested["events"]["tables"]) == {"events.web.broken", "events.web.clicks"}
    assert harvested["events"]["left_out"] == []
    left_out = {each["name"] for each in harvested["events_raw"]["left_out"]}
    assert left_out == {f"events_raw.web.{table}.{name}" for table in ("broken", "clicks") for name in WHOLE}


def test_masks_and_filters_hold_in_both_fences(lake: Federated) -> None:
    at = "2026-01-01 10:00:00.000"
    rows = [["1", 1, "@one.example", at], ["2", 2, "@two.example", at]]
    found = lake.sql(CLICKS)
    assert found["rows"] == rows
    assert [(each["table"], each["snapshot_id"]) for each in found["tables"]] == [("events.web.clicks", None)]
    assert lake.sql(CLICKS, "support")["rows"] == rows[:1]
    assert [row[:3] for row in lake.direct(CLICKS)] == [row[:3] for row in rows]
    assert lake.direct("SELECT k FROM events.web.clicks WHERE email = 'ann@one.example'") == []
    assert ["account", "bigint", "", "Whose it is."] in lake.sql("DESCRIBE events.web.clicks")["rows"]


def test_whole_messages_are_closed_and_what_stands_beside_them_is_reviewed(lake: Federated) -> None:
    sums = "SELECT count(*), count(_partition_id), sum(_partition_offset) IS NOT NULL FROM events_raw.web.clicks"
    assert lake.sql(sums)["rows"] == [[2, 2, True]]
    for name in WHOLE:
        text = f"SELECT {name} FROM events_raw.web.clicks"
        assert lake.sql(text)["decision"] == "deny"
        lake.refused(text)
    # Where the connector hides them, a statement could still name them.
    for text in ("SELECT _message FROM events.web.clicks", "SELECT _partition_id FROM events.web.clicks"):
        assert lake.sql(text)["decision"] == "deny"
        lake.refused(text)
    assert "ann@" not in str(lake.direct("SELECT * FROM events_raw.web.clicks"))


def test_a_message_that_cannot_be_read_is_null_or_told_without_its_values(lake: Federated) -> None:
    text = "SELECT k, page FROM events.web.broken ORDER BY k"
    assert lake.sql(text)["rows"] == [["1", "home"], ["2", None], ["3", "shop"]]
    assert lake.sql("SELECT count(*) FROM events.web.broken")["rows"] == [[3]]
    found = lake.sql("SELECT k, account FROM events.web.broken")
    assert found["error"]["code"] == "DECODER_CONVERSION_NOT_SUPPORTED", found
    assert "description of its table" in found["error"]["message"]
    assert SECRET not in str(found)


def test_nothing_is_written_or_passed_through(lake: Federated) -> None:
    for text in (
        "INSERT INTO events.web.clicks (k, page) VALUES ('9', 'x')",
        "DROP TABLE events.web.clicks",
        "SELECT * FROM TABLE(events.system.query(query => 'x'))",
    ):
        assert lake.sql(text)["decision"] == "deny", text
        lake.refused(text)


def test_one_statement_joins_three_sources(lake: Federated, clickhouse: ClickHouse) -> None:
    lake.ok("harvest", "ch", "--as", "lou", "--schema", "shop")
    lake.ok("review", "approve", "ch.shop.orders.id", "--unscanned", "--to", "everyone")
    lake.ok("review", "approve", "ch.shop.orders.customer_id", "--unscanned", "--to", "everyone")
    found = lake.sql(
        "SELECT p.plan, o.id, c.page, c.email FROM shop.plans p JOIN ch.shop.orders o ON o.customer_id = p.account_id"
        " JOIN events.web.clicks c ON c.account = p.account_id ORDER BY o.id"
    )
    assert found["rows"] == [["gold", "1", "home", "@one.example"], ["basic", "2", "shop", "@two.example"]], found
    tables = {each["table"]: each["snapshot_id"] is None for each in found["tables"]}
    assert tables == {"ch.shop.orders": True, "events.web.clicks": True, "lake.shop.plans": False}


def test_what_a_source_does_for_a_statement_raises_no_alarm(lake: Federated) -> None:
    assert lake.sql("SELECT k FROM events.web.clicks LIMIT 1")["rows"]
    assert lake.own_alarms("SELECT k FROM events.web.clicks") == []
