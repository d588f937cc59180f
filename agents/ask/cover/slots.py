"""What a question asks, as values: made from the pieces, read by the composer, kept for a follow-up."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from agents.ask.cover.calendar import Grain, Span
from townlake.domain.value import Value


class Period(Value):
    """A span of time as it was said, and the days that it means."""

    said: str
    span: Span
    moment: bool = False
    """True for one day on which to measure ("as of", "today"); a flow is then taken up to it or on it."""
    unit: str = ""
    """The calendar unit that it was said in; empty for a span of several."""
    note: str = ""
    """How the words were read, when that is not plain."""


class Filter(Value):
    """Values of a dimension that are kept, or left out."""

    dimension: str
    values: tuple[str, ...]
    negated: bool = False


class Order(Value):
    """How rows are ordered, and how many are kept."""

    descending: bool = True
    metric: str | None = None
    limit: int | None = None


class Compare(StrEnum):
    """How a threshold compares."""

    OVER = ">"
    AT_LEAST = ">="
    UNDER = "<"
    AT_MOST = "<="
    EXACTLY = "="


class Threshold(Value):
    """A bound on a metric of the groups."""

    compare: Compare
    number: Decimal
    metric: str | None = None


class Share(StrEnum):
    """How a part of the whole is told."""

    FRACTION = "share"
    PERCENT = "percent"


class Slots(Value):
    """Everything that a question asks of its metrics."""

    metrics: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    grain: Grain | None = None
    filters: tuple[Filter, ...] = ()
    period: Period | None = None
    versus: Period | None = None
    """The span that `period` is compared with."""
    order: Order | None = None
    thresholds: tuple[Threshold, ...] = ()
    share: Share | None = None

    @property
    def asked(self) -> str:
        """Everything but the words in which spans were said: what is alike here is one question."""
        words = {"said": True, "note": True}
        return self.model_dump_json(exclude={"period": words, "versus": words})
