"""The whole statement: one block, or several laid beside each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from agents.ask.cover.calendar import Span
from agents.ask.cover.compose.block import Block, Measured
from agents.ask.cover.compose.literals import double, number, printed
from agents.ask.cover.slots import Compare, Share, Slots
from townlake.catalog.knowledge.model import Metric

_BEFORE = "_before"
_COMPARES = {
    Compare.OVER: exp.GT,
    Compare.AT_LEAST: exp.GTE,
    Compare.UNDER: exp.LT,
    Compare.AT_MOST: exp.LTE,
    Compare.EXACTLY: exp.EQ,
}


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and the blocks that it was built from."""

    sql: str
    blocks: tuple[Block, ...]


def compose(slots: Slots, metrics: dict[str, Metric], as_of: date) -> Statement:
    """Trino SQL for slots whose time is settled.

    Raises:
        Unfit: the span cannot be cut into the grain.
    """
    chosen = [metrics[name] for name in slots.metrics]
    if slots.share is not None:
        query, blocks = _shares(slots, chosen[0], slots.share, as_of)
    else:
        blocks = tuple(_blocks(slots, chosen, as_of))
        query = _alone(slots, blocks[0]) if len(blocks) == 1 else _beside(slots, blocks)
    return Statement(printed(_ordered(query, slots)), blocks)


def _blocks(slots: Slots, metrics: Iterable[Metric], as_of: date) -> list[Block]:
    """The columns of the result, those from the same rows together."""
    span = slots.period.span if slots.period is not None else None
    found: list[Block] = []
    columns = [Measured(metric.name, metric, slots.filters, span) for metric in metrics]
    if slots.versus is not None:
        earlier = slots.versus.unit if slots.grain is not None else ""
        columns += [Measured(m.name + _BEFORE, m, slots.filters, slots.versus.span, earlier) for m in metrics]
        if earlier:
            columns = [*columns[: len(columns) // 2], *_earlier(columns, slots, span)]
    for column in columns:
        place = next((i for i, block in enumerate(found) if block.takes(column)), None)
        if place is None:
            found.append(Block((column,), slots.dimensions, slots.grain, as_of))
        else:
            found[place] = found[place].with_column(column)
    return found


def _earlier(columns: list[Measured], slots: Slots, span: Span | None) -> list[Measured]:
    # A stock's series finds its earlier days by itself, from the labels; a flow takes the moved span.
    return [
        Measured(c.column, c.metric, c.filters, span if _is_stock(c.metric) else c.span, c.earlier)
        for c in columns[len(columns) // 2 :]
    ]


def _is_stock(metric: Metric) -> bool:
    return metric.time is not None and metric.time.valid_from is not None


def _keys(slots: Slots) -> list[str]:
    return [*([str(slots.grain)] if slots.grain is not None else []), *slots.dimensions]


def _alone(slots: Slots, block: Block) -> exp.Select:
    query = block.select()
    bounds = [
        _COMPARES[bound.compare](this=block.expression(column), expression=number(bound.number))
        for bound in slots.thresholds
        for column in block.columns
        if column.column == bound.metric
    ]
    return query.having(*bounds, copy=False) if bounds else query


def _beside(slots: Slots, blocks: tuple[Block, ...]) -> exp.Select:
    """Blocks as named queries, laid beside each other by their keys; a key that only one has keeps its row."""
    keys = _keys(slots)
    names = [block.columns[0].column for block in blocks]
    all_columns = [column.column for block in blocks for column in block.columns]
    if keys:
        arms = [_arm(name, block, keys, all_columns) for name, block in zip(names, blocks, strict=True)]
        parts = exp.union(*arms, distinct=False, copy=False).subquery("parts", copy=False)
        # Each key has at most one row from each block: max picks the value beside the NULLs.
        values: dict[str, exp.Expr] = {name: exp.Max(this=exp.column(name)) for name in all_columns}
        shown = [exp.column(key) for key in keys]
        query = exp.select(*shown, *_results(slots, values)).from_(parts, copy=False)
        query = query.group_by(*(exp.Literal.number(i + 1) for i in range(len(keys))), copy=False)
        bounds = [
            _COMPARES[b.compare](this=values[b.metric].copy(), expression=number(b.number))
            for b in slots.thresholds
            if b.metric
        ]
        query = query.having(*bounds, copy=False) if bounds else query
    else:
        cells: dict[str, exp.Expr] = {
            column.column: exp.column(column.column, table=name)
            for name, block in zip(names, blocks, strict=True)
            for column in block.columns
        }
        query = exp.select(*_results(slots, cells)).from_(exp.to_table(names[0]), copy=False)
        for name in names[1:]:
            query = query.join(exp.to_table(name), join_type="cross", copy=False)
    for name, block in zip(names, blocks, strict=True):
        query = query.with_(name, as_=block.select(), copy=False)
    return query


def _arm(name: str, block: Block, keys: list[str], all_columns: list[str]) -> exp.Select:
    mine = {column.column for column in block.columns}
    cells = [exp.column(c) if c in mine else exp.alias_(exp.Null(), c) for c in all_columns]
    return exp.select(*(exp.column(key) for key in keys), *cells).from_(exp.to_table(name), copy=False)


def _results(slots: Slots, values: dict[str, exp.Expr]) -> list[exp.Expr]:
    """The columns of the result, with the change where spans are compared."""
    shown: list[exp.Expr] = []
    for name in slots.metrics:
        now = values[name]
        shown.append(exp.alias_(now.copy(), name))
        if slots.versus is None:
            continue
        before = values[name + _BEFORE]
        change = exp.Sub(this=now.copy(), expression=before.copy())
        shown.append(exp.alias_(before.copy(), name + _BEFORE))
        shown.append(exp.alias_(change, f"{name}_change"))
        ratio = _ratio(exp.paren(change.copy(), copy=False), before.copy(), Share.PERCENT)
        shown.append(exp.alias_(ratio, f"{name}_change_percent"))
    return shown


def _ratio(part: exp.Expr, whole: exp.Expr, share: Share) -> exp.Expr:
    """A part of a whole in DOUBLE; NULL when the whole is zero."""
    parted = double(part)
    if share is Share.PERCENT:
        parted = exp.Mul(this=exp.Literal.number("1E2"), expression=parted)
    divisor = exp.Nullif(this=double(whole), expression=exp.Literal.number("0E0"))
    return exp.Div(this=parted, expression=divisor, typed=True, safe=False)


def _shares(slots: Slots, metric: Metric, share: Share, as_of: date) -> tuple[exp.Select, tuple[Block, ...]]:
    """Each part beside the whole: over all values of the dimensions, or without the one filter that names the part."""
    span = slots.period.span if slots.period is not None else None
    part = Measured(metric.name, metric, slots.filters, span)
    kept = tuple(each for each in slots.filters if each.negated) if not slots.dimensions else slots.filters
    whole = Measured(metric.name, metric, kept, span)
    parts = Block((part,), slots.dimensions, slots.grain, as_of)
    total = Block((whole,), (), slots.grain, as_of)
    keys = _keys(slots)
    value, of = exp.column(metric.name, table="parts"), exp.column(metric.name, table="total")
    shown: list[exp.Expr] = [exp.alias_(exp.column(key, table="parts"), key) for key in keys]
    shown += [exp.alias_(value, metric.name), exp.alias_(_ratio(value.copy(), of, share), f"{metric.name}_{share}")]
    query = exp.select(*shown).from_(exp.to_table("parts"), copy=False)
    if slots.grain is None:
        query = query.join(exp.to_table("total"), join_type="cross", copy=False)
    else:
        grain = str(slots.grain)
        same = exp.NullSafeEQ(this=exp.column(grain, table="parts"), expression=exp.column(grain, table="total"))
        query = query.join(exp.to_table("total"), on=same, copy=False)
    query = query.with_("parts", as_=_alone(slots, parts), copy=False)
    query = query.with_("total", as_=total.select(), copy=False)
    return query, (parts, total)


def _ordered(query: exp.Select, slots: Slots) -> exp.Select:
    """By time where there is a series, else by the metric; the keys settle ties, so that a limit is deterministic."""
    keys = _keys(slots)
    if not keys:
        return query
    order = slots.order
    metric = order.metric if order is not None and order.metric else slots.metrics[0]
    ranked = order is not None and (slots.grain is None or not slots.dimensions or order.limit is None)
    descending = order.descending if order is not None else True
    terms: list[exp.Expr] = [exp.Ordered(this=exp.column(metric), desc=descending, nulls_first=False)]
    if slots.grain is not None and not ranked:
        first = exp.Ordered(this=exp.column(str(slots.grain)), desc=False, nulls_first=False)
        terms = [first, *(terms if slots.dimensions else [])]
    named = {term.name for term in terms}
    terms += [exp.Ordered(this=exp.column(key), desc=False, nulls_first=False) for key in keys if key not in named]
    query = query.order_by(*terms, copy=False)
    return query.limit(order.limit, copy=False) if order is not None and order.limit is not None else query
