"""A chart names columns, and nothing that computes, loads or links."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from agents.ask.chart import Chart
from townlake.domain.errors import BadInput

BARS: dict[str, Any] = {
    "mark": "bar",
    "encoding": {
        "x": {"field": "region", "type": "nominal", "sort": "-y"},
        "y": {"field": "amount", "type": "quantitative", "aggregate": "sum"},
    },
}


def with_x(**more: Any) -> dict[str, Any]:
    return {"mark": "bar", "encoding": {"x": {"field": "region", "type": "nominal", **more}}}


def test_a_chart_comes_back_as_it_was_written() -> None:
    chart = Chart.model_validate(BARS)
    assert Chart.model_validate_json(chart.model_dump_json()) == chart
    assert chart.model_dump(mode="json", exclude_none=True, exclude_defaults=True) == BARS


@pytest.mark.parametrize(
    "wrong",
    [
        BARS | {"data": {"url": "https://evil.example/x.json"}},
        BARS | {"params": [{"name": "p", "expr": "alert(1)"}]},
        BARS | {"transform": [{"calculate": "datum.x", "as": "y"}]},
        BARS | {"mark": {"type": "image", "url": "https://evil.example"}},
        BARS | {"mark": "image"},
        BARS | {"mark": "text"},
        {"mark": "bar", "encoding": {}},
        {"mark": "bar", "encoding": {"href": {"field": "region", "type": "nominal"}}},
        {"mark": "bar", "encoding": {"x": {"type": "nominal"}}},
        {"mark": "bar", "encoding": {"x": {"value": {"expr": "1"}, "type": "nominal"}}},
        with_x(sort={"field": "region"}),
        with_x(bin={"maxbins": {"expr": "1"}}),
        with_x(axis={"labelExpr": "datum.label"}),
        with_x(title={"expr": "1"}),
        with_x(title="x" * 201),
        with_x(aggregate="stdev"),
        with_x(field={"repeat": "row"}),
    ],
)
def test_what_is_more_than_names_of_columns_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Chart.model_validate(wrong)


def test_a_chart_fits_a_result_by_its_columns() -> None:
    chart = Chart.model_validate(BARS)
    chart.must_fit(["region", "amount"])
    assert chart.missing(["amount"]) == ("region",)
    with pytest.raises(BadInput, match="no column region"):
        chart.must_fit(["REGION", "amount"])


def test_a_count_needs_no_column() -> None:
    encoding = {"y": {"type": "quantitative", "aggregate": "count"}}
    Chart.model_validate({"mark": "bar", "encoding": encoding}).must_fit([])
