"""What the rows of a metric say, in one sentence that is true of just these rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp

from agents.ask.cover.calendar import Grain, Span, begin, shift
from agents.ask.cover.countable import additive, determines
from agents.ask.cover.slots import Share, Slots
from agents.ask.cover.titles import kept_words
from agents.ask.cover.words import keys
from agents.ask.figures import figure, number_of, percent
from townlake.catalog.knowledge.expressions import view_expression
from townlake.catalog.knowledge.model import Metric, TimeKind

if TYPE_CHECKING:
    from townlake.domain.verdict import OutputColumn

_RATIO_UNITS: Final = frozenset({"", "%"})


@dataclass(frozen=True, slots=True)
class Told:
    """Rows of metrics, with what they were asked for."""

    reading: str
    """What the rows are, without a full stop."""
    slots: Slots
    metrics: Sequence[Metric]
    columns: Sequence[OutputColumn]
    rows: Sequence[Sequence[Any]]
    as_of: date
    complete_before: date | None = None
    """The day from which on rows of the metric's table may be missing; None where it is up to date."""
    is_whole: bool = True
    """Whether the rows are all there are, and count what everybody would see."""

    def say(self) -> str:
        """The sentence; empty where nothing more is certain than the rows themselves."""
        names = [column.name for column in self.columns]
        if any(column.masked for column in self.columns) or not {*self.slots.metrics} <= set(names):
            return ""
        if len(self.metrics) != len(self.slots.metrics) or not self.rows:
            return ""
        slots = self.slots
        if len(self.rows) == 1 and slots.grain is None and not slots.dimensions:
            return self._one()
        if len(self.metrics) > 1 or slots.versus is not None or len(self.rows) < 2:
            return ""
        if slots.grain is not None:
            is_plain = not slots.dimensions and slots.share is None and self.is_whole
            return self._series(slots.grain) if is_plain else ""
        return self._leader()

    def _known_before(self) -> date:
        """The day before which all that happened is in the rows."""
        return min(self.as_of, self.complete_before or self.as_of)

    def _column(self, name: str) -> list[Any]:
        place = [column.name for column in self.columns].index(name)
        return [row[place] for row in self.rows]

    def _numbers(self, name: str) -> list[Decimal | None]:
        kind = next(column.type for column in self.columns if column.name == name)
        return [number_of(value, kind) for value in self._column(name)]

    def _one(self) -> str:
        said = [self._cell(metric.name, metric) for metric in self.metrics]
        if not all(said):
            return ""
        if len(said) > 1:
            pairs = [f"{metric.title} {cell}" for metric, cell in zip(self.metrics, said, strict=True)]
            return f"{self.reading}: {', '.join(pairs[:-1])} and {pairs[-1]}." if self.slots.versus is None else ""
        metric, (now,) = self.metrics[0], self._numbers(self.metrics[0].name)
        if self.slots.share is not None:
            part = self._told_share()
            return f"{self.reading}: {said[0]}, {part} of the whole." if part else ""
        if self.slots.versus is None:
            return f"{self.reading}: {said[0]}."
        (before,) = self._numbers(f"{metric.name}_before")
        if now is None or before is None:
            return ""
        earlier = self._cell(f"{metric.name}_before", metric)
        way = "the same as" if now == before else "up from" if now > before else "down from"
        return f"{self.reading}: {said[0]}, {way} {earlier}{_change(metric, before, now)}."

    def _cell(self, name: str, metric: Metric, row: int = 0) -> str:
        column = next(column for column in self.columns if column.name == name)
        value = self._column(name)[row]
        if number_of(value, column.type) is None:
            return ""
        return f"{figure(value, column.type)} {unit_of(metric)}".strip()

    def _series(self, grain: Grain) -> str:
        metric, slots = self.metrics[0], self.slots
        starts = [_day(value) for value in self._column(str(grain))]
        numbers = self._numbers(metric.name)
        days = [day for day in starts if day is not None]
        if len(days) < len(starts) or None in numbers or days != sorted(set(days)) or slots.thresholds:
            return ""
        if metric.time is None or (slots.order is not None and slots.order.limit is not None):
            return ""
        span = slots.period.span if slots.period is not None else Span()
        stock = metric.time.kind is TimeKind.STOCK
        whole = [at for at, day in enumerate(days) if stock or _is_over(grain, day, span, self._known_before())]
        if len(whole) < 2:
            return ""
        first, last = whole[0], whole[-1]
        one, other = numbers[first], numbers[last]
        if one is None or other is None:
            return ""
        was, now = self._cell(metric.name, metric, first), self._cell(metric.name, metric, last)
        since, until = _named(grain, days[first]), _named(grain, days[last])
        if one == other:
            body = f"came to {now} {until}, the same as {since}"
        else:
            way = "rose" if other > one else "fell"
            body = f"{way} from {was} {since} to {now} {until}{_change(metric, one, other)}"
        if self.reading.endswith(")"):
            # What is to be known of the span stands there.
            subject = f"{self.reading}: it"
        else:
            kept = ", ".join(kept_words(slots))
            subject = metric.title[:1].upper() + metric.title[1:] + (f" ({kept})" if kept else "")
        return f"{subject} {body}{self._rest(grain, days, last, stock=stock, span=span)}."

    def _rest(self, grain: Grain, days: list[date], last: int, *, stock: bool, span: Span) -> str:
        """What is to be said of the last period, where it is not over."""
        metric, final = self.metrics[0], len(days) - 1
        end = shift(grain, days[final], 1)
        name = _named(grain, days[final]).removeprefix("in ").removeprefix("on ")
        known = self.as_of if stock else self._known_before()
        measured = min(day for day in (known, span.last, shift("day", end, -1)) if day is not None)
        if stock:
            return "" if measured == shift("day", end, -1) else f"; the figure for {name} is that of {measured}"
        if last == final:
            return ""
        told = self._cell(metric.name, metric, final)
        return f"; {name} is not whole, with {told} up to {measured}"

    def _leader(self) -> str:
        metric, order = self.metrics[0], self.slots.order
        if order is not None and order.metric not in (None, metric.name):
            return ""
        descending = order is None or order.descending
        numbers = self._numbers(metric.name)
        known = [number for number in numbers if number is not None]
        label = [self._column(name)[0] for name in self.slots.dimensions if self._has(name)]
        first = numbers[0]
        if first is None or len(label) != len(self.slots.dimensions) or None in label or not self.is_whole:
            return ""
        best = max(known) if descending else min(known)
        if first != best or known.count(best) > 1 or (descending and first <= 0):
            return ""
        told = self._told_share()
        share = self._share(first, numbers) if descending and not told else ""
        few, many = ("lowest", "highest") if not additive(metric) else ("least", "most")
        cut = order is not None and order.limit is not None
        count = f"{len(self.rows):,} rows{' shown' if cut else ''}"
        of = f"{share} of the total of {count}" if share else f"{told} of the whole; {count}" if told else count
        who = ", ".join(figure(value) for value in label)
        return f"{self.reading}: {who} has the {many if descending else few}, {self._cell(metric.name, metric)} ({of})."

    def _told_share(self) -> str:
        """The share in the first row, where shares were asked for."""
        asked = self.slots.share
        column = next((each for each in self.columns if each.name == f"{self.metrics[0].name}_{asked}"), None)
        if asked is None or column is None:
            return ""
        number = number_of(self._column(column.name)[0], column.type)
        if number is None or number < 0:
            return ""
        return percent(number, Decimal(1 if asked is Share.FRACTION else 100))

    def _has(self, name: str) -> bool:
        return any(column.name == name for column in self.columns)

    def _share(self, first: Decimal, numbers: list[Decimal | None]) -> str:
        """The part that the first row is of all; empty where the rows do not add up to a whole."""
        slots, metric = self.slots, self.metrics[0]
        cut = slots.thresholds or (slots.order is not None and slots.order.limit is not None)
        if cut or not adds_up(metric, slots.dimensions):
            return ""
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers) or min(known) < 0:
            return ""
        return percent(first, sum(known, Decimal()))


def adds_up(metric: Metric, dimensions: Sequence[str]) -> bool:
    """Whether the groups of these dimensions make the whole: a customer with two plans would be counted twice."""
    tree = view_expression(metric.expression)
    named = [each for each in metric.dimensions if each.name in dimensions]
    counted_once = not tree.find(exp.ApproxDistinct) and all(
        isinstance(node.parent, exp.Count) for node in tree.find_all(exp.Distinct)
    )
    return (
        additive(metric)
        and counted_once
        and not any(
            each.this.find(exp.AggFunc) and each.expression.find(exp.AggFunc) for each in tree.find_all(exp.Mul)
        )
        and len(named) == len(dimensions)
        and all(determines(metric, each) for each in named)
    )


def unit_of(metric: Metric) -> str:
    """The unit, where the title does not say it: `active accounts` are accounts."""
    return "" if set(keys(metric.unit)) <= set(keys(metric.title)) else metric.unit


def _change(metric: Metric, before: Decimal, now: Decimal) -> str:
    """What lies between two figures; in percent only where that is no percent of percents."""
    change = now - before
    if not change:
        return ""
    sign = "+" if change > 0 else "-"
    # With no more digits than the figures themselves are told with.
    digits = min(max(-int(change.as_tuple().exponent), 0), 6 if abs(before) < 1 and abs(now) < 1 else 2)
    rounded = round(abs(change), digits)
    if not rounded:
        return ""
    told = f"{rounded:,f}"
    if metric.unit in _RATIO_UNITS and not additive(metric):
        return f" ({sign}{told})"
    part = percent(abs(change), before) if now >= 0 else ""
    return f" ({sign}{told}{f', {sign}{part}' if part else ''})"


def _is_over(grain: Grain, start: date, span: Span, as_of: date) -> bool:
    """Whether a period lies in the span with all its days, all of them before today."""
    end = shift(grain, start, 1)
    inside = (span.start is None or span.start <= start) and (span.until is None or end <= span.until)
    return inside and end <= as_of


def _named(grain: Grain, day: date) -> str:
    if begin(grain, day) != day:
        return f"on {day}"
    match grain:
        case Grain.YEAR:
            return f"in {day.year}"
        case Grain.QUARTER:
            return f"in Q{(day.month + 2) // 3} {day.year}"
        case Grain.MONTH:
            return f"in {day:%B %Y}"
        case Grain.WEEK:
            return f"in the week of {day}"
        case Grain.DAY:
            return f"on {day}"


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
