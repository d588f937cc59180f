"""`skipper metrics`: what can be asked, for whom."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.app.shop import METRIC, SECRET_COLUMN, Home

ABOUT_CUSTOMERS = """name: customers
title: customers
synonyms: [buyers]
description: Who ever ordered.
owner: ada
expression: count(DISTINCT c.{column})
table: shop.customers
alias: c
dimensions:
  - {{name: buyer, expression: c.name, description: Their name.}}
  - {{name: address, expression: c.email}}
"""
PAID = """/*---
question: What was paid to {payee}?
parameters: [{name: payee, type: varchar}]
owner: ada
verified_on: 2026-03-01
---*/
SELECT hush_amount FROM shop.payslips WHERE payee = :payee
"""
OF_REGION = PAID.replace("hush_amount FROM shop.payslips", "amount FROM shop.orders").replace("payee", "region")
OF_REGION = OF_REGION.replace("paid to", "ordered from")


def write(home: Home, name: str, text: str) -> None:
    path = home.path / "knowledge" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_metrics_and_questions_are_listed(shop: Home) -> None:
    done = shop.ok("metrics", "--as", "eve")
    assert "What was ordered, in euro. By region." in done.out
    assert "Who ordered the most?" in done.out
    found = shop.ok("metrics", "--as", "eve", "--json").json
    assert [m["name"] for m in found["metrics"]] == ["order_value"]
    assert [(q["name"], q["question"]) for q in found["queries"]] == [("best_customer", "Who ordered the most?")]
    assert found["blocked"] == 0


@pytest.mark.parametrize("name", ["order_value", "order value", "Sales"])
def test_one_metric_by_any_of_its_names(shop: Home, name: str) -> None:
    record = shop.ok("metrics", name, "--json").json
    assert (record["synonyms"], record["owner"], record["unit"]) == (["sales"], "ada", "EUR")
    assert [dimension["name"] for dimension in record["dimensions"]] == ["region"]
    assert record["time"].startswith("o.ordered_on")
    said = shop.ok("metrics", name).out
    assert all(words in said for words in ("sum(o.amount)", "owner ada", 'skipper ask "order value by region'))


def test_one_verified_query_with_its_parameters(shop: Home) -> None:
    write(shop, "queries/of_region.sql", OF_REGION)
    said = shop.ok("metrics", "of_region").out
    assert all(words in said for words in ("What was ordered from {region}?", "varchar", "SELECT amount FROM"))
    assert shop.ok("metrics", "of_region", "--json").json["parameters"][0]["name"] == "region"
    write(shop, "queries/of_region.sql", OF_REGION.replace("SELECT amount", "SELECT amuont"))
    assert shop.run("metrics", "of_region").code == 1


def test_what_the_caller_may_not_see_in_the_clear_is_not_listed(shop: Home) -> None:
    write(shop, "metrics/customers.yaml", ABOUT_CUSTOMERS.format(column="customer_id"))
    write(
        shop, "metrics/addresses.yaml", ABOUT_CUSTOMERS.format(column="email").replace("customers\n", "addresses\n", 2)
    )
    write(shop, "metrics/paid.yaml", METRIC.replace("shop.orders", "shop.payslips").replace("order_value", "paid"))
    write(shop, "queries/paid.sql", PAID)
    found = shop.ok("metrics", "--as", "eve", "--json")
    assert [m["name"] for m in found.json["metrics"]] == ["customers", "order_value"]
    assert [d["name"] for d in found.json["metrics"][0]["dimensions"]] == ["buyer"]
    (left_out,) = found.json["metrics"][0]["left_out"]
    assert left_out.startswith('"address" cannot be computed for you: not all that it needs of lake.shop.customers')
    assert left_out in shop.ok("metrics", "customers", "--as", "eve").out.replace("\n", " ")
    assert [q["name"] for q in found.json["queries"]] == ["best_customer"]
    assert found.json["blocked"] == 3
    said = shop.ok("metrics", "--as", "eve").out + found.out
    assert "3 more cannot be computed for you" in said
    assert SECRET_COLUMN not in said
    for name in ("paid", "addresses"):
        done = shop.run("metrics", name, "--as", "eve")
        assert (done.code, SECRET_COLUMN in done.said) == (1, False)


def test_below_a_row_filter_a_metric_counts_what_is_seen_and_a_verified_query_is_none(shop: Home) -> None:
    shop.ok("filter", "add", "shop.orders", "everyone", "--where", "region = 'North'")
    found = shop.ok("metrics", "--as", "eve", "--json").json
    assert [m["name"] for m in found["metrics"]] == ["order_value"]
    assert (found["queries"], found["blocked"]) == ([], 1)


def test_a_name_that_nothing_has(shop: Home) -> None:
    done = shop.run("metrics", "order_valeu")
    assert (done.code, "Did you mean order_value?" in done.err) == (1, True)


def test_nothing_is_written_down_yet(nowhere: Home, sources: Path) -> None:
    assert nowhere.run("metrics").code == 7
    nowhere.ok("ingest", "files", str(sources / "orders.csv"), "--schema", "shop")
    assert "Nothing is written down yet" in nowhere.ok("metrics").out
    assert nowhere.ok("metrics", "--json").json == {"metrics": [], "queries": [], "blocked": 0}


def test_listing_leaves_no_refusal_in_the_audit(shop: Home) -> None:
    write(shop, "queries/paid.sql", PAID)
    before = json.loads(shop.ok("audit", "verify", "--json").out)["entries"]
    shop.ok("metrics", "--as", "eve")
    assert json.loads(shop.ok("audit", "verify", "--json").out)["entries"] == before


def test_a_word_for_several_metrics_names_them_all(shop: Home) -> None:
    write(shop, "metrics/sales.yaml", METRIC.replace("order_value", "sales").replace("order value", "paid sales"))
    said = shop.ok("metrics", "sales").out
    assert "metric sales, owner ada" in said
    assert "`sales` can also mean order value: skipper metrics order_value" in said
