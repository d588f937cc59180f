"""How rows are to be drawn: the part of Vega-Lite that names columns, and nothing that computes, loads or links."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from townlake.domain.described import DescribedValue
from townlake.domain.errors import BadInput

Title = Annotated[str, StringConstraints(max_length=200)]
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=256)]
_MOST_TOLD = 5


class Mark(StrEnum):
    """What stands for a row."""

    BAR = "bar"
    LINE = "line"
    AREA = "area"
    POINT = "point"
    ARC = "arc"
    RECT = "rect"
    TICK = "tick"
    BOXPLOT = "boxplot"


class Channel(DescribedValue):
    """What one property of the drawing shows."""

    field: ColumnName | None = None
    """A column of the result, by its whole name: whoever draws must not take a dot or a bracket in it for a path."""
    type: Literal["quantitative", "temporal", "ordinal", "nominal"]
    aggregate: Literal["count", "distinct", "sum", "mean", "median", "min", "max"] | None = None
    bin: bool = False
    timeUnit: (
        Literal["year", "quarter", "month", "week", "date", "day", "hours", "yearquarter", "yearmonth", "yearmonthdate"]
        | None
    ) = None
    sort: Literal["ascending", "descending", "x", "y", "-x", "-y"] | None = None
    title: Title | None = None

    @model_validator(mode="after")
    def _shows_something(self) -> Self:
        if self.field is None and self.aggregate != "count":
            raise ValueError("only a count needs no field")
        return self


class Encoding(DescribedValue):
    """Which column goes where."""

    x: Channel | None = None
    y: Channel | None = None
    color: Channel | None = None
    size: Channel | None = None
    theta: Channel | None = None
    row: Channel | None = None
    column: Channel | None = None
    tooltip: Annotated[tuple[Channel, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _places_something(self) -> Self:
        if self.x is None and self.y is None and self.theta is None:
            raise ValueError("a chart needs x, y or theta")
        return self

    def channels(self) -> Iterator[Channel]:
        """All that are used."""
        places = (self.x, self.y, self.color, self.size, self.theta, self.row, self.column, *self.tooltip)
        return (channel for channel in places if channel is not None)


class Chart(DescribedValue):
    """A chart of a result. It holds no data, and nothing in it is an expression or an address."""

    mark: Mark
    encoding: Encoding
    title: Title | None = None

    def missing(self, columns: Collection[str]) -> tuple[str, ...]:
        """The fields that are no columns of a result."""
        fields = (channel.field for channel in self.encoding.channels())
        return tuple(dict.fromkeys(field for field in fields if field is not None and field not in columns))

    def must_fit(self, columns: Collection[str]) -> None:
        """Refuse a chart of other columns than those of the result.

        Raises:
            BadInput: it names some that are not there.
        """
        if missing := self.missing(columns):
            raise BadInput(
                f"The result has no column {', '.join(missing[:_MOST_TOLD])}, which the chart shows.",
                hint=f"Its columns are {', '.join(columns)}.",
            )
