"""Tell the metrics that were agreed upon."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from tools.hands import Hands
from tools.tool import Tool, cut
from townlake.catalog.knowledge.model import Metric
from townlake.domain.value import Value

_MOST: Final = 30


class Arguments(Value):
    """Which metrics."""

    about: Annotated[str, Field(max_length=200)] | None = None
    """Only those with this text in their name or description."""


class MetricRow(Value):
    """A metric."""

    name: str
    title: str
    description: str
    table: str
    expression: str
    filters: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    unit: str = ""


class Result(Value):
    """The metrics, by name."""

    metrics: tuple[MetricRow, ...] = ()
    truncated: bool = False


def act(arguments: Arguments, hands: Hands) -> Result:
    """List the numbers that the company agreed upon.

    Gives name, expression, table, standing filters and dimensions of each.
    """
    about = (arguments.about or "").lower()
    fitting = [
        metric
        for metric in sorted(hands.metrics, key=lambda metric: metric.name)
        if about in f"{metric.name} {metric.title} {metric.description}".lower()
    ]
    return Result(metrics=tuple(map(metric_row, fitting[:_MOST])), truncated=len(fitting) > _MOST)


def metric_row(metric: Metric) -> MetricRow:
    """A metric as it is told."""
    return MetricRow(
        name=metric.name,
        title=metric.title,
        description=cut(metric.description),
        table=metric.table.short,
        expression=metric.expression,
        filters=metric.filters,
        dimensions=tuple(dimension.name for dimension in metric.dimensions),
        unit=metric.unit,
    )


LIST_METRICS: Final = Tool("list_metrics", Arguments, act)
