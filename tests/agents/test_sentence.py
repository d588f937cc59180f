"""What the rows of a metric say: true of these rows, or nothing beyond them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.ask.cover.calendar import Grain, Span, shift
from agents.ask.cover.slots import Filter, Order, Period, Share, Slots
from agents.ask.sentence import Told
from townlake.catalog.knowledge.model import Dimension, Metric, TimeColumn, TimeKind
from townlake.domain.names import TableRef
from townlake.domain.verdict import OutputColumn

AS_OF = date(2026, 10, 15)
FLOW, STOCK = TimeColumn(column="t.day"), TimeColumn(kind=TimeKind.STOCK, valid_from="t.since")


def metric(expression: str = "sum(t.eur)", unit: str = "EUR", time: TimeColumn = FLOW) -> Metric:
    return Metric(
        name="sales",
        title="sales",
        description="",
        owner="o",
        expression=expression,
        table=TableRef.parse("a.b"),
        alias="t",
        time=time,
        unit=unit,
        dimensions=(Dimension(name="region", expression="t.region"),),
    )


def say(
    rows: list[tuple[Any, ...]],
    key: str = "",
    of: Metric | None = None,
    *,
    kind: str = "decimal(18, 2)",
    masked: bool = False,
    whole: bool = True,
    complete: date | None = None,
    **slots: Any,
) -> str:
    chosen = of or metric()
    keys = [OutputColumn(name=key, type="varchar", masked=masked)] if key else []
    given_slots = {"grain": Grain(key)} if key in set(Grain) else {"dimensions": (key,)} if key else {}
    asked = Slots(metrics=("sales",), **{**given_slots, **slots})
    return Told(
        "Sales", asked, (chosen,), [*keys, OutputColumn(name="sales", type=kind)], rows, AS_OF, complete, whole
    ).say()


MONTHS = [("2026-07-01", "80.00"), ("2026-08-01", "90.00"), ("2026-09-01", "100.00"), ("2026-10-01", "7.00")]
REGIONS = [("EMEA", "60.00"), ("APAC", "40.00")]


def test_a_series_is_told_from_end_to_end_and_what_is_not_over_apart() -> None:
    assert say(MONTHS, "month") == (
        "Sales rose from 80.00 EUR in July 2026 to 100.00 EUR in September 2026 (+20.00, +25.0 %); "
        "October 2026 is not whole, with 7.00 EUR up to 2026-10-15."
    )
    assert say(MONTHS, "month", metric(time=STOCK)) == (
        "Sales fell from 80.00 EUR in July 2026 to 7.00 EUR in October 2026 (-73.00, -91.2 %); "
        "the figure for October 2026 is that of 2026-10-15."
    )
    kept = say(MONTHS[:2], "month", filters=(Filter(dimension="region", values=("EMEA",)),))
    assert kept.startswith("Sales (region EMEA) rose from 80.00 EUR in July 2026 to 90.00")
    cut = Period(said="", span=Span(start=date(2026, 7, 10), until=date(2026, 10, 1)))
    assert "from 90.00 EUR in August 2026 to 100.00 EUR in September 2026" in say(MONTHS[:3], "month", period=cut)


def test_a_month_of_which_rows_may_be_missing_is_not_compared() -> None:
    late = say(MONTHS[:3], "month", complete=date(2026, 9, 10))
    assert late == (
        "Sales rose from 80.00 EUR in July 2026 to 90.00 EUR in August 2026 (+10.00, +12.5 %); "
        "September 2026 is not whole, with 100.00 EUR up to 2026-09-10."
    )
    assert "in September 2026" in say(MONTHS[:3], "month", complete=date(2026, 10, 1))
    assert "in September 2026" in say(MONTHS[:3], "month", complete=date(2026, 10, 15))


@pytest.mark.parametrize(
    ("rows", "more"),
    [
        (MONTHS[2:], {}),
        (MONTHS[:1], {}),
        ([("2026-07-01", None), *MONTHS[1:]], {}),
        ([(None, "1.00"), *MONTHS], {}),
        (MONTHS[::-1], {}),
        (MONTHS, {"whole": False}),
        (MONTHS, {"masked": True}),
        (MONTHS, {"order": Order(limit=4)}),
        ([("2026-07-01", "NaN"), *MONTHS[1:]], {"kind": "double"}),
    ],
)
def test_a_series_of_which_more_is_not_certain_is_left_to_its_rows(rows: list[Any], more: dict[str, Any]) -> None:
    assert say(rows, "month", **more) == ""


def test_from_nothing_and_below_nothing_there_are_no_percent() -> None:
    assert "(+5.00)" in say([("2026-07-01", "0.00"), ("2026-08-01", "5.00")], "month")
    assert "(-9.00)" in say([("2026-07-01", "5.00"), ("2026-08-01", "-4.00")], "month")
    assert "came to 5.00 EUR in August 2026, the same as in July 2026." in say(
        [("2026-07-01", "5.00"), ("2026-08-01", "5.00")], "month"
    )
    rate = metric("sum(t.a) / sum(t.b)", "")
    assert "(+0.1)" in say([("2026-07-01", 0.1), ("2026-08-01", 0.2)], "month", rate, kind="double")


def test_who_leads_is_told_with_the_share_where_there_is_a_whole() -> None:
    assert say(REGIONS, "region") == "Sales: EMEA has the most, 60.00 EUR (60.0 % of the total of 2 rows)."
    limited = say(REGIONS, "region", order=Order(limit=2))
    assert limited == "Sales: EMEA has the most, 60.00 EUR (2 rows shown)."
    lowest = say(REGIONS[::-1], "region", order=Order(descending=False))
    assert lowest == "Sales: APAC has the least, 40.00 EUR (2 rows)."
    for expression in ("avg(t.eur)", "sum(t.a) / sum(t.b)", "sum(DISTINCT t.eur)", "approx_distinct(t.id)"):
        assert "%" not in say(REGIONS, "region", metric(expression))
        assert "EMEA" in say(REGIONS, "region", metric(expression))
    assert "%" not in say([("EMEA", "60.00"), ("APAC", "-40.00")], "region")
    assert "%" not in say([("EMEA", "60.00"), ("APAC", None)], "region")


@pytest.mark.parametrize(
    ("rows", "more"),
    [
        ([("EMEA", "5.00"), ("APAC", "5.00")], {}),
        ([(None, "5.00"), ("APAC", "4.00")], {}),
        ([("EMEA", None), ("APAC", None)], {}),
        ([("EMEA", "0.00"), ("APAC", "-1.00")], {}),
        ([("EMEA", "1.00"), ("APAC", "2.00")], {}),
        (REGIONS, {"whole": False}),
        (REGIONS, {"masked": True}),
        (REGIONS, {"order": Order(metric="other")}),
    ],
)
def test_where_nobody_leads_for_certain_nobody_is_named(rows: list[Any], more: dict[str, Any]) -> None:
    assert say(rows, "region", **more) == ""


def test_one_number_is_told_with_its_unit_and_none_is_told_of_nothing() -> None:
    assert say([("69732242.38",)]) == "Sales: 69,732,242.38 EUR."
    assert say([(None,)]) == ""
    assert say([(1234,)], of=metric("count(*)", "sales"), kind="bigint") == "Sales: 1,234."


@pytest.mark.parametrize(("share", "part"), [(Share.FRACTION, 0.427), (Share.PERCENT, 42.7)])
def test_a_share_that_was_asked_for_is_told(share: Share, part: float) -> None:
    columns = [OutputColumn(name=name, type="double") for name in ("sales", f"sales_{share}")]
    alone = Told(
        "Sales, region EMEA", Slots(metrics=("sales",), share=share), (metric(),), columns, [(6.0, part)], AS_OF
    )
    assert alone.say() == "Sales, region EMEA: 6.0 EUR, 42.7 % of the whole."
    slots = Slots(metrics=("sales",), share=share, dimensions=("region",))
    rows = [("EMEA", 6.0, part), ("APAC", 1.0, part / 6)]
    keyed = [OutputColumn(name="region", type="varchar"), *columns]
    told = Told("Sales by region", slots, (metric(),), keyed, rows, AS_OF).say()
    assert told == "Sales by region: EMEA has the most, 6.0 EUR (42.7 % of the whole; 2 rows)."


AMOUNTS = st.decimals(-(10**9), 10**9, places=2, allow_nan=False)
FIGURE = re.compile(r"(?<![\w.,])-?\d[\d,]*(?:\.\d+)?")


def figures(said: str) -> list[Decimal]:
    told = re.sub(r"\d{4}-\d{2}-\d{2}|(?:January|February|March|April|May|June|July|August|September|October|November|"
                  r"December) \d{4}", "", said)  # fmt: skip
    return [abs(Decimal(each.replace(",", ""))) for each in FIGURE.findall(told)]


@given(st.lists(st.none() | AMOUNTS, min_size=1, max_size=40), st.booleans())
def test_every_figure_of_a_series_stands_in_the_rows_or_follows(values: list[Decimal | None], stock: bool) -> None:
    first = shift("month", date(2026, 10, 1), 1 - len(values))
    rows = [
        (str(shift("month", first, at)), None if value is None else f"{value:f}") for at, value in enumerate(values)
    ]
    said = say(rows, "month", metric(time=STOCK if stock else FLOW))
    known = [value for value in values if value is not None]
    changes = {abs(b - a) for a in known for b in known}
    parts = {round(abs(b - a) / a * 100, 1) for a in known for b in known if a > 0}
    assert set(figures(said)) <= {abs(value) for value in known} | changes | parts
    if said and "rose" in said:
        assert known[-1 if stock else -2] > known[0]


@given(st.lists(st.none() | AMOUNTS, min_size=1, max_size=40))
def test_every_figure_of_a_ranking_stands_in_the_rows_or_follows(values: list[Decimal | None]) -> None:
    ordered = sorted(values, key=lambda value: (value is None, -(value or 0)))
    rows = [(f"group{chr(97 + at)}", None if value is None else f"{value:f}") for at, value in enumerate(ordered)]
    said = say(rows, "region")
    known = [value for value in ordered if value is not None]
    total = sum(known, Decimal())
    parts = {round(value / total * 100, 1) for value in known if total > 0}
    assert set(figures(said)) <= {*known, Decimal(len(rows)), *parts}
    if said:
        assert known[0] == max(known) > 0
        assert "groupa has the most" in said
