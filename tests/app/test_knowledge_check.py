"""What the knowledge files name must be in the lake, and their SQL must be such as the guard lets run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.knowledge_check import check_knowledge
from app.settings import load_settings
from app.workspace import Workspace
from tests.app.shop import METRIC, QUERY, Home
from tests.support.shared import ROOT

STOCK = """name: open_orders
title: open orders
description: Orders that are open.
owner: ada
expression: count(DISTINCT o.order_id)
table: shop.orders
alias: o
joins:
  - {table: shop.customers, alias: c, on: c.customer_id = o.customer_id AND o.ordered_on <= :measured_on}
required_joins: [c]
filters: [o.amount > 0]
dimensions:
  - {name: customer, expression: c.name}
time: {kind: stock, valid_from: o.ordered_on, valid_to: o.ordered_on}
"""
ASKED = """/*---
question: Orders of {who} since {day} over {amount} that are {late}
parameters:
  - {name: who, type: varchar, dimension: shop.customers.name}
  - {name: day, type: date}
  - {name: amount, type: "decimal(10,2)"}
  - {name: late, type: boolean}
owner: ada
verified_on: 2026-03-01
---*/
SELECT o.order_id FROM shop.orders AS o JOIN shop.customers AS c ON c.customer_id = o.customer_id
WHERE c.name = :who AND o.ordered_on >= :day AND o.amount > :amount AND :late
"""
PAGE = "---\ntitle: Orders\ntables: [shop.orders]\nowner: ada\n---\nText.\n"
TERM = "- {term: order, meaning: What was bought., tables: [shop.orders]}\n"


def faults(home: Home, folder: Path, **files: str) -> list[str]:
    """What is wrong with files of these contents, called by kind and stem: `metrics_sales`."""
    for name, text in files.items():
        kind, _, stem = name.partition("_")
        endings = {"metrics": "yaml", "queries": "sql", "pages": "md"}
        path = folder / kind / f"{stem}.{endings[kind]}" if kind in endings else folder / "glossary.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with Workspace(load_settings(home=home.path)) as workspace:
        return list(map(str, check_knowledge(folder, workspace.catalog, date(2026, 3, 1))[1]))


def test_what_holds_has_no_fault(shop: Home, tmp_path: Path) -> None:
    files = {"metrics_order_value": METRIC, "metrics_open_orders": STOCK, "queries_best": QUERY, "queries_asked": ASKED}
    assert faults(shop, tmp_path, **files, pages_orders=PAGE, glossary=TERM) == []
    assert faults(shop, tmp_path / "none") == []


def test_the_knowledge_of_the_demo_lake_holds(demo: Home) -> None:
    assert faults(demo, ROOT / "ingestion" / "demo" / "knowledge") == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("table: shop.orders", "table: shop.ordrs", "table: there is no table lake.shop.ordrs. Did you mean shop.or"),
        ("shop.customers, alias", "shop.custmers, alias", "joins[0].table: there is no table lake.shop.custmers. Did"),
        ("o.order_id)", "o.orderid)", "expression: lake.shop.orders has no column orderid. Did you mean order_id"),
        ("o.amount > 0", "o.cost > 0", "filters[0]: lake.shop.orders has no column cost. `skipper tables lake.shop.or"),
        ("c.customer_id =", "c.custmer_id =", "joins[0].on: lake.shop.customers has no column custmer_id. Did you"),
        ("c.name", "c.nam", "dimensions[0].expression: lake.shop.customers has no column nam. Did you mean name?"),
        ("from: o.ordered_on", "from: o.orderd_on", "time.valid_from: lake.shop.orders has no column orderd_on. Did"),
        ("count(DISTINCT o.order_id)", "sum(o.region)", "expression or time: sum does not take (varchar)."),
        ("expression: c.name", "expression: c.name + 1", "dimensions[0].expression: "),
        ("valid_from: o.ordered_on", "valid_from: o.region", "expression or time: "),
    ],
)
def test_each_part_of_a_metric_is_held_against_the_lake(
    shop: Home, tmp_path: Path, old: str, new: str, fault: str
) -> None:
    assert old in STOCK
    (found,) = faults(shop, tmp_path, metrics_open_orders=STOCK.replace(old, new))
    assert found.startswith(f"metrics/open_orders.yaml: {fault}")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("shop.orders AS", "shop.order AS", "sql: there is no table lake.shop.order. Did you mean shop.orders"),
        ("o.order_id", "o.id", 'sql: Column "o.id" cannot be resolved.'),
        ("shop.customers.name}", "shop.customers.nam}", "parameters[0].dimension: lake.shop.customers has no column n"),
        ("c.name = :who", "c.customer_id = :who", "sql: "),
    ],
)
def test_a_verified_query_must_be_one_that_could_run(
    shop: Home, tmp_path: Path, old: str, new: str, fault: str
) -> None:
    (found,) = faults(shop, tmp_path, queries_asked=ASKED.replace(old, new))
    assert found.startswith(f"queries/asked.sql: {fault}")


def test_pages_and_terms_name_tables_too(shop: Home, tmp_path: Path) -> None:
    wrong = {"pages_orders": PAGE.replace("shop.orders", "shop.order"), "glossary": TERM.replace("shop.o", "shop.u")}
    page, term = faults(shop, tmp_path, **wrong)
    assert page.startswith("pages/orders.md: tables: there is no table lake.shop.order.")
    assert term.startswith("glossary.yaml: order: tables: there is no table lake.shop.urders.")


def test_a_file_of_another_name_tells_what_it_holds(shop: Home, tmp_path: Path) -> None:
    (found,) = faults(shop, tmp_path, metrics_x=METRIC.replace("o.amount", "o.amunt"))
    assert found.startswith("metrics/x.yaml (order_value): expression: ")


def test_a_closed_table_is_no_fault(shop: Home, tmp_path: Path) -> None:
    about = METRIC.replace("shop.orders", "shop.payslips").replace("sum(o.amount)", "count(o.payee)")
    text = about[: about.index("dimensions:")]
    assert faults(shop, tmp_path, metrics_order_value=text) == []


BUYERS = """name: buyers
title: buyers
description: Customers.
owner: ada
expression: count(*)
table: shop.customers
alias: c
joins:
  - {table: shop.orders, alias: o, on: o.customer_id = c.customer_id}
dimensions:
  - {name: region, expression: o.region, joins: [o]}
  - {name: ordered, expression: o.ordered_on, joins: [o]}
"""


def test_a_join_that_counts_rows_again_is_a_fault(shop: Home, tmp_path: Path) -> None:
    (found,) = faults(shop, tmp_path, metrics_buyers=BUYERS)
    assert found == (
        "metrics/buyers.yaml: joins[0].on: several rows of lake.shop.orders may belong to one row that count(*) counts."
        " Join to its key (order_id), or count rows of o."
    )
    assert faults(shop, tmp_path, metrics_buyers=BUYERS.replace("count(*)", "count(DISTINCT c.customer_id)")) == []
    assert faults(shop, tmp_path, metrics_buyers=BUYERS.replace("count(*)", "max(c.name)")) == []


def test_what_no_key_shows_is_a_doubt(shop: Home, tmp_path: Path) -> None:
    dated = BUYERS.replace("on: o.customer_id = c.customer_id", "on: o.customer_id = c.customer_id AND o.amount > 3")
    (found,) = faults(shop, tmp_path, metrics_buyers=dated)
    assert "the key of lake.shop.orders does not show that one row of it at most" in found
    path = shop.path / "knowledge" / "metrics" / "buyers.yaml"
    path.write_text(dated, encoding="utf-8")
    try:
        told = shop.run("doctor", "--json")
    finally:
        path.unlink()
    part = next(each for each in told.json if each["part"] == "knowledge")
    assert (part["level"], len(part["details"])) == ("warn", 1)
