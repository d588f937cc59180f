"""A metric counts each of its rows once, whatever it is joined with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.townlake.governance.conftest import table_info
from townlake.catalog.knowledge.model import Dimension, Join, Metric, TimeColumn
from townlake.catalog.knowledge.repeats import repeats
from townlake.domain.names import TableRef
from townlake.domain.table import ForeignKey
from townlake.sql.keys import TableKeys, keys_of

KEYS = {
    "shop.customers": [{"id"}],
    "shop.orders": [{"id"}],
    "shop.lines": [{"order_id", "line"}],
    "shop.rates": [{"currency", "month"}],
    "shop.history": [{"customer_id", "since"}],
}
FOREIGN = {"shop.orders": [{"customer_id"}], "shop.lines": [{"order_id"}, {"customer_id"}]}
CUSTOMER = {"table": "shop.customers", "alias": "c"}
ORDER = {"table": "shop.orders", "alias": "o"}
C_OF_O, O_OF_C = "c.id = o.customer_id", "o.customer_id = c.id"


def found(
    expression: str,
    base: dict[str, str],
    *joins: tuple[str, str, str],
    filters: tuple[str, ...] = (),
    kind: str = "inner",
    grouped: str = "",
    time: Mapping[str, Any] | None = None,
) -> list[tuple[str, bool]]:
    """(alias, whether keys say so) of what repeats rows, with all joins made."""
    metric = Metric(
        name="m",
        title="m",
        description="",
        owner="ada",
        expression=expression,
        table=TableRef.parse(base["table"]),
        alias=base["alias"],
        joins=tuple(Join(table=TableRef.parse(table), alias=alias, on=on, kind=kind) for table, alias, on in joins),
        filters=filters,
        time=TimeColumn.model_validate(time) if time is not None else None,
    )
    keys = {
        TableRef.parse(name): TableKeys(
            unique=tuple(map(frozenset, each)), foreign=tuple(map(frozenset, FOREIGN.get(name, ())))
        )
        for name, each in KEYS.items()
    }
    by = f"{joins[0][1]}.{grouped}" if grouped else "1"
    dimension = Dimension(name="d", expression=by, joins=tuple(alias for _, alias, _ in joins))
    return [(each.alias, each.sure) for each in repeats(metric, keys, dimension)]


CUSTOMERS, ORDERS = ("shop.customers", "c", C_OF_O), ("shop.orders", "o", O_OF_C)
LINES = ("shop.lines", "l", "l.order_id = o.id")


@pytest.mark.parametrize(
    ("expression", "base", "joins"),
    [
        ("count(*)", ORDER, [CUSTOMERS]),
        ("sum(o.amount)", ORDER, [CUSTOMERS]),
        ("sum(l.amount)", ORDER, [LINES, CUSTOMERS]),
        ("count(l.line)", ORDER, [LINES]),
        ("count(*) FILTER (WHERE l.returned)", ORDER, [LINES]),
        (
            "sum(o.amount * r.rate)",
            ORDER,
            [("shop.rates", "r", "r.currency = o.currency AND (r.month = date_trunc('month', o.day))")],
        ),
        ("sum(o.amount * r.rate)", ORDER, [("shop.rates", "r", "r.currency = o.currency AND r.month = :measured_on")]),
        ("count(DISTINCT c.id)", CUSTOMER, [ORDERS]),
        ("max(c.age)", CUSTOMER, [ORDERS, LINES]),
        ("approx_distinct(c.id)", CUSTOMER, [ORDERS]),
        ("bool_or(c.vip)", CUSTOMER, [ORDERS]),
        ("arbitrary(c.name)", CUSTOMER, [ORDERS]),
        ("sum(o.amount) / count(o.id)", CUSTOMER, [ORDERS]),
    ],
)
def test_rows_that_keys_hold_together_are_counted_once(
    expression: str, base: dict[str, str], joins: list[tuple[str, str, str]]
) -> None:
    assert found(expression, base, *joins) == []


@pytest.mark.parametrize(
    ("expression", "base", "joins", "repeated"),
    [
        ("count(*)", CUSTOMER, [ORDERS], "o"),
        ("sum(c.credit)", CUSTOMER, [ORDERS], "o"),
        ("avg(c.age)", CUSTOMER, [ORDERS], "o"),
        ("count_if(c.vip)", CUSTOMER, [ORDERS], "o"),
        ("count(*) FILTER (WHERE c.vip)", CUSTOMER, [ORDERS], "o"),
        ("sum(c.credit) FILTER (WHERE c.vip)", CUSTOMER, [ORDERS], "o"),
        ("sum(o.amount)", ORDER, [CUSTOMERS, LINES], "l"),
        ("sum(l.amount) / count(*)", ORDER, [LINES], "l"),
        ("sum(l.amount) / sum(o.amount)", ORDER, [LINES], "l"),
        ("sum(c.budget)", ORDER, [CUSTOMERS], "o"),
        ("sum(o.amount * r.rate)", ORDER, [("shop.rates", "r", "r.currency = o.currency")], "r"),
        ("max(c.age) + count(*)", CUSTOMER, [ORDERS], "o"),
    ],
)
def test_a_join_that_is_not_to_a_key_repeats_rows(
    expression: str, base: dict[str, str], joins: list[tuple[str, str, str]], repeated: str
) -> None:
    assert found(expression, base, *joins) == [(repeated, True)]


def test_what_hangs_on_a_repeated_table_is_not_told_of_again() -> None:
    assert found("count(*)", CUSTOMER, ORDERS, ("shop.stores", "s", "s.id = o.store_id")) == [("o", True), ("s", False)]
    assert found(
        "count(*)", CUSTOMER, ("shop.lines", "l", "l.customer_id = c.id"), ("shop.orders", "o", "o.id = l.order_id")
    ) == [("l", True)]


@pytest.mark.parametrize(
    ("on", "filters"),
    [
        ("h.customer_id = c.id AND h.since <= c.day AND c.day < h.until", ()),
        ("h.customer_id = c.id AND h.is_current", ()),
        ("h.customer_id = c.id AND h.version = 1", ()),
        ("h.customer_id = c.id OR h.parent_id = c.id", ()),
        ("h.customer_id = c.id", ("h.is_current",)),
        ("h.customer_id = c.id", ("NOT h.is_old", "c.id > 3")),
    ],
)
def test_a_further_condition_may_keep_one_row(on: str, filters: tuple[str, ...]) -> None:
    assert found("count(*)", CUSTOMER, ("shop.history", "h", on), filters=filters) == [("h", False)]


def test_without_declared_keys_nothing_is_sure() -> None:
    assert found("count(*)", CUSTOMER, ("shop.stores", "s", "s.id = c.store_id")) == [("s", False)]
    assert found("count(*)", {"table": "shop.visits", "alias": "v"}, ("shop.customers", "c", "c.id = v.customer")) == []


def test_a_filter_that_names_a_day_completes_a_key() -> None:
    rates = ("shop.rates", "r", "r.currency = o.currency")
    assert found("sum(o.amount * r.rate)", ORDER, rates, filters=("r.month = DATE '2026-01-01'",)) == []


@pytest.mark.parametrize(
    ("expression", "repeated"),
    [
        ("sum(o.amount) FILTER (WHERE l.returned)", "l"),
        ("sum(if(l.returned, o.amount, 0))", "l"),
        ("sum(CASE WHEN l.returned THEN o.amount END)", "l"),
        ("avg(o.amount) FILTER (WHERE l.returned)", "l"),
    ],
)
def test_a_condition_makes_no_row_of_it(expression: str, repeated: str) -> None:
    assert found(expression, ORDER, LINES) == [(repeated, True)]
    assert found("sum(CASE WHEN l.returned THEN 1 END)", ORDER, LINES) == []
    assert found("max_by(o.status, o.day)", ORDER, LINES) == []


def test_a_column_that_is_part_of_no_key_may_well_be_unique() -> None:
    assert found("sum(o.amount)", ORDER, ("shop.customers", "c", "c.client_no = o.client_no")) == [("c", False)]
    version = "h.customer_id = c.id AND h.version = c.current_version"
    assert found("count(*)", CUSTOMER, ("shop.history", "h", version)) == [("h", False)]


def test_the_day_of_a_stock_may_keep_one_row() -> None:
    stock = {"kind": "stock", "valid_from": "h.since", "valid_to": "h.until"}
    history = ("shop.history", "h", "h.customer_id = c.id")
    assert found("count(*)", CUSTOMER, history) == [("h", True)]
    assert found("count(*)", CUSTOMER, history, time=stock) == [("h", False)]


def test_grouped_by_the_rest_of_a_key_each_row_counts_once_a_group() -> None:
    assert found("sum(o.amount)", ORDER, LINES) == [("l", True)]
    assert found("sum(o.amount)", ORDER, LINES, grouped="line") == [("l", False)]


def test_a_left_join_binds_the_joined_side_only() -> None:
    orders = ("shop.orders", "o", "o.id = l.order_id")
    customers = ("shop.customers", "c", "c.id = l.customer_id AND l.line = 1")
    base = {"table": "shop.lines", "alias": "l"}
    assert found("sum(o.amount)", base, orders, customers) == []
    assert found("sum(o.amount)", base, orders, customers, kind="left") == [("l", False)]


def test_what_points_to_a_part_of_a_primary_key_makes_no_key_of_it() -> None:
    lines = table_info("shop.lines", order_id="bigint", line="bigint").model_copy(
        update={"primary_key": ("order_id", "line")}
    )
    to_lines = ForeignKey(columns=("order_id",), ref_table=lines.ref, ref_columns=("order_id",))
    shipments = table_info("shop.shipments", order_id="bigint").model_copy(update={"foreign_keys": (to_lines,)})
    keys = keys_of((lines, shipments))
    assert keys[lines.ref].unique == (frozenset({"order_id", "line"}),)
    assert keys[shipments.ref].foreign == (frozenset({"order_id"}),)
