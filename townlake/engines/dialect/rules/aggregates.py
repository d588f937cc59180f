"""Aggregates and window functions: FILTER, DISTINCT, ORDER BY and OVER reach every part of a rewrite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, NodeClass, call
from townlake.engines.dialect.calls import Call, call_of
from townlake.engines.dialect.lower import Lowering, NodeRule
from townlake.engines.dialect.writing import ignoring_nulls


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate or window function with everything that is written around it.

    One function of Trino may need several of DuckDB (`avg` of decimals is a sum by a count);
    `leaf` gives each of them the same FILTER and OVER.
    """

    call: Call
    lower: Lowering
    distinct: bool = False
    order: tuple[Node, ...] = ()
    filter: Node | None = None
    window: Node | None = None
    ignores_nulls: bool = False

    def leaf(self, name: str, *arguments: Node, ordered: bool = False, condition: Node | None = None) -> Node:
        """One call of a DuckDB aggregate.

        Args:
            name: DuckDB's name.
            arguments: lowered arguments.
            ordered: give it the ORDER BY, which only means something for some aggregates.
            condition: a further condition on the rows.
        """
        items = list(arguments)
        if self.distinct and items:
            items[0] = exp.Distinct(expressions=[items[0]])
        if ordered and self.order:
            keys = [self.lower(key) for key in self.order]
            items[-1] = exp.Order(this=items[-1], expressions=keys)
        if self.ignores_nulls:
            items[0] = ignoring_nulls(items[0])
        found: Node = call(name, *items)
        condition = self._condition(condition)
        if condition is not None:
            found = exp.Filter(this=found, expression=exp.Where(this=condition))
        if self.window is not None:
            found = self._over(found)
        return found

    def _condition(self, further: Node | None) -> Node | None:
        own = None if self.filter is None else self.lower(self.filter)
        if own is None or further is None:
            return further if own is None else own
        return exp.And(this=exp.Paren(this=own), expression=exp.Paren(this=further))

    def _over(self, found: Node) -> Node:
        assert self.window is not None  # noqa: S101  (the caller looked)
        parts = {key: value for key, value in self.window.args.items() if key != "this"}
        return exp.Window(this=found, **{key: window_part(key, value, self.lower) for key, value in parts.items()})


def window_part(key: str, value: object, lower: Lowering) -> object:
    """A part of a window's definition."""
    if key == "spec" and isinstance(value, exp.WindowSpec):
        return frame(value, lower)
    return lower.part(value)


def frame(node: Node, lower: Lowering) -> Node:
    """ROWS, RANGE or GROUPS BETWEEN ... AND ..."""
    bounds = {key: lower(value) if isinstance(value, exp.Expr) else value for key, value in node.args.items()}
    return exp.WindowSpec(**bounds)


def wrapped(node: Node, lower: Lowering) -> Node:
    """A function with FILTER, OVER, WITHIN GROUP or IGNORE NULLS around it."""
    parts: dict[str, object] = {}
    inner = node
    while True:
        if isinstance(inner, exp.Window):
            if inner.this is None or isinstance(inner.this, exp.Identifier):
                raise refusal.form("this window")
            parts["window"] = inner
        elif isinstance(inner, exp.Filter):
            parts["filter"] = inner.expression.this
        elif isinstance(inner, exp.IgnoreNulls | exp.RespectNulls):
            parts["ignores_nulls"] = isinstance(inner, exp.IgnoreNulls)
        elif isinstance(inner, exp.WithinGroup):
            parts["order"] = tuple(inner.expression.expressions)
        else:
            break
        inner = inner.this
    return build(inner, lower, **parts)


def build(node: Node, lower: Lowering, **parts: object) -> Node:
    """The DuckDB form of an aggregate or window function."""
    found = call_of(node)
    rule = None if found is None else lower.aggregate_rule(found.name)
    if found is None or rule is None:
        raise refusal.function(found.name if found else node.key)
    order: tuple[Node, ...] = parts.pop("order", ()) or found.order  # type: ignore[assignment]
    return rule(Aggregate(found, lower, distinct=found.is_distinct, order=order, **parts))  # type: ignore[arg-type]


def definition(node: Node, lower: Lowering) -> Node:
    """A named window of the WINDOW clause."""
    parts = {key: value for key, value in node.args.items() if key != "this"}
    return exp.Window(this=node.this.copy(), **{key: window_part(key, value, lower) for key, value in parts.items()})


def window(node: Node, lower: Lowering) -> Node:
    """A function with OVER, or a named window."""
    return definition(node, lower) if isinstance(node.this, exp.Identifier) else wrapped(node, lower)


RULES: Final[dict[NodeClass, NodeRule]] = {
    exp.Window: window,
    **dict.fromkeys((exp.Filter, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup), wrapped),
}
