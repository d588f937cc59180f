"""SELECT: what ORDER BY names, ties at a limit, GROUP BY AUTO."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, NodeClass, call, field, number
from townlake.engines.dialect.lower import Lowering, NodeRule
from townlake.engines.dialect.types import row_field, split_type
from townlake.sql.typing import type_of

_CLAUSES: Final = frozenset({"from_", "joins", "laterals", "where", "group", "having", "windows"})
_PARTS: Final = _CLAUSES | {"with_", "expressions", "distinct", "order", "limit", "offset"}


def select(node: Node, lower: Lowering) -> Node:
    """A SELECT, part by part."""
    strange = [key for key, value in node.args.items() if value and key not in _PARTS]
    if strange:
        raise refusal.form(f"SELECT with {strange[0]}")
    if any(map(_is_spread, node.expressions)) and (node.args.get("order") or node.args.get("group")):
        raise refusal.form("row.* beside ORDER BY or GROUP BY", "Name the fields.")
    if _mixes_star_and_using(node):
        raise refusal.form("* over a join with USING", "Name the columns.")
    new = exp.Select(
        **{key: lower.part(value) for key, value in node.args.items() if key not in {"order", "expressions"}},
        expressions=[item for written in node.expressions for item in _spread(written, lower)],
    )
    if _groups_by_itself(node):
        new.set("group", exp.Group(all=True))
    order = node.args.get("order")
    if order is not None:
        new.set("order", exp.Order(expressions=[_key(key, node, lower) for key in order.expressions]))
    if _keeps_ties(node):
        _add_ties(node, new, lower)
    return new


def _mixes_star_and_using(node: Node) -> bool:
    """DuckDB leaves the common column at its place; Trino puts it first."""
    starred = any(item.is_star for item in node.expressions if not isinstance(item, exp.Aliases | exp.Dot))
    return starred and any(join.args.get("using") for join in node.args.get("joins") or [])


def _is_spread(item: Node) -> bool:
    inner = item.this if isinstance(item, exp.Aliases) else item
    return isinstance(inner, exp.Dot) and isinstance(inner.expression, exp.Star)


def _spread(item: Node, lower: Lowering) -> list[Node]:
    """The fields of `row.*` one by one, named when names are given; any other item as it is."""
    if not _is_spread(item):
        return [lower(item)]
    inner = item.this if isinstance(item, exp.Aliases) else item
    described = [row_field(field_) for field_ in split_type(lower.type(inner.this))[1]]
    names = [identifier.name for identifier in item.expressions] if isinstance(item, exp.Aliases) else []
    whole = lower(inner.this)
    fields = [field(whole.copy(), place) for place in range(1, len(described) + 1)]
    labels = names or [name for name, _ in described]
    return [exp.alias_(part, name, quoted=True) if name else part for part, name in zip(fields, labels, strict=True)]


def _groups_by_itself(node: Node) -> bool:
    group = node.args.get("group")
    if group is None or len(group.expressions) != 1:
        return False
    only = group.expressions[0]
    named_auto = isinstance(only, exp.Column) and only.sql().lower() == "auto"
    return named_auto and str(type_of(only)) == "unknown"


def _key(key: Node, node: Node, lower: Lowering) -> Node:
    """A sort key. A name in it means an output column first, also inside an expression."""
    if not isinstance(key, exp.Ordered):
        raise refusal.form("this ORDER BY")
    outputs = _outputs(node)
    name = _bare_name(key.this)
    if name is not None and name in outputs:
        return _ordinal(key, outputs[name][0], lower)
    if isinstance(key.this, exp.Literal):
        return lower(key)
    key = key.copy()
    for column in list(key.find_all(exp.Column)):
        inner = _bare_name(column)
        if inner in outputs and column.find_ancestor(exp.Query) is None:
            column.replace(exp.Paren(this=outputs[inner][1].copy()))
    return lower(key)


def _ordinal(key: Node, place: int, lower: Lowering) -> Node:
    described = lower(exp.Ordered(this=key.this, desc=key.args.get("desc"), nulls_first=key.args.get("nulls_first")))
    described.set("this", number(place))
    return described


def _outputs(node: Node) -> dict[str, tuple[int, Node]]:
    """The output columns that have a name, with their places; none after a star, whose width is not known."""
    found: dict[str, tuple[int, Node]] = {}
    for place, item in enumerate(node.expressions, 1):
        if item.is_star:
            break
        name = item.alias_or_name.lower() if isinstance(item, exp.Alias | exp.Column) else ""
        if name:
            found.setdefault(name, (place, item.unalias()))
    return found


def _bare_name(node: Node) -> str | None:
    return node.name.lower() if isinstance(node, exp.Column) and not node.table else None


def _keeps_ties(node: Node) -> bool:
    limit = node.args.get("limit")
    options = limit.args.get("limit_options") if isinstance(limit, exp.Fetch) else None
    return bool(options is not None and options.args.get("with_ties"))


def _add_ties(node: Node, new: exp.Select, lower: Lowering) -> None:
    """FETCH FIRST n ROWS WITH TIES: rows whose rank is at most n."""
    order = node.args.get("order")
    if order is None or node.args.get("distinct"):
        raise refusal.form("WITH TIES with DISTINCT or without ORDER BY")
    count = node.args["limit"].args.get("count")
    offset = node.args.get("offset")
    if not (count is None or isinstance(count, exp.Literal)) or not (
        offset is None or isinstance(offset.expression, exp.Literal)
    ):
        raise refusal.form("a row count that is not a literal")
    skipped = int(offset.expression.name) if offset is not None else 0
    last = skipped + (int(count.name) if count is not None else 1)
    keys = [_windowed(key, node, lower) for key in order.expressions]
    rank = exp.Window(this=call("rank"), order=exp.Order(expressions=keys))
    new.set("limit", None)
    new.set("qualify", exp.Qualify(this=exp.LTE(this=rank, expression=number(last))))


def _windowed(key: Node, node: Node, lower: Lowering) -> Node:
    """A sort key that stands in a window, where no ordinal and no output name is known."""
    outputs = _outputs(node)
    places = dict(outputs.values())
    found = key.copy()
    if isinstance(key.this, exp.Literal):
        if int(key.this.name) not in places:
            raise refusal.form("WITH TIES ordered by a column of a star")
        found.set("this", places[int(key.this.name)].copy())
        return lower(found)
    for column in list(found.find_all(exp.Column)):
        name = _bare_name(column)
        if name in outputs:
            column.replace(exp.Paren(this=outputs[name][1].copy()))
    return lower(found)


RULES: Final[dict[NodeClass, NodeRule]] = {exp.Select: select}
