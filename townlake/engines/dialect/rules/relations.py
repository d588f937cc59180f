"""FROM, joins, UNNEST, VALUES, set operations, ORDER BY, LIMIT."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, NodeClass, call, function, number, struct
from townlake.engines.dialect.lower import Lowering, NodeRule
from townlake.engines.dialect.types import split_type
from townlake.sql.typing import type_of


def column(node: Node, _lower: Lowering) -> Node:
    """A column, or the parameter of a lambda: names mean the same."""
    return node.copy()


def table(node: Node, lower: Lowering) -> Node:
    """A table by name. Nothing but a name, an alias and a sample may be there."""
    if not isinstance(node.this, exp.Identifier):
        raise refusal.form("a table function")
    allowed = {"this", "db", "catalog", "alias", "sample", "joins"}
    if any(value for key, value in node.args.items() if key not in allowed):
        raise refusal.form("this form of a table", "Name the table alone.")
    return lower.copied(node)


def sample(node: Node, _lower: Lowering) -> Node:
    """TABLESAMPLE BERNOULLI (n) or SYSTEM (n)."""
    method = node.args.get("method")
    percent = node.args.get("percent") or node.args.get("size")
    if method is None or percent is None:
        raise refusal.form("this TABLESAMPLE")
    return exp.TableSample(method=method.copy(), percent=percent.copy())


def join(node: Node, lower: Lowering) -> Node:
    """A join. NATURAL is not Trino's; USING is the same in both."""
    side, kind = node.text("side").upper(), node.text("kind").upper()
    if node.args.get("method") or side not in {"", "LEFT", "RIGHT", "FULL"}:
        raise refusal.form("this join")
    if kind not in {"", "INNER", "OUTER", "CROSS"}:
        raise refusal.form("this join")
    if kind != "CROSS" and not (node.args.get("on") or node.args.get("using")) and not _is_comma(node):
        raise refusal.form("a join without a condition", "Write ON, USING or CROSS JOIN.")
    if side in {"RIGHT", "FULL"} and isinstance(node.this, exp.Lateral | exp.Unnest):
        raise refusal.form("a right or full join with LATERAL or UNNEST")
    return lower.copied(node)


def _is_comma(node: Node) -> bool:
    """True for `FROM a, b`, which the parser keeps as a join of no kind."""
    return not node.text("side") and not node.text("kind")


def lateral(node: Node, lower: Lowering) -> Node:
    """LATERAL (query)."""
    if not isinstance(node.this, exp.Subquery):
        raise refusal.form("LATERAL of what is no query")
    return exp.Lateral(this=lower(node.this), alias=lower(node.args["alias"]) if node.args.get("alias") else None)


def subquery(node: Node, lower: Lowering) -> Node:
    """A query in parentheses. Where a value is wanted, several columns make one row."""
    query = node.this
    is_value = not isinstance(node.parent, exp.From | exp.Join | exp.Lateral | exp.Any | exp.All | exp.In | exp.Exists)
    if not (is_value and lower.kind(node) == "row" and len(query.selects) > 1):
        return lower.copied(node)
    mark = lower.fresh("value")
    names = [f"{mark}_{place}" for place in range(len(query.selects))]
    alias = exp.TableAlias(this=exp.to_identifier(mark), columns=[exp.to_identifier(name) for name in names])
    whole = struct([(f"field{place}", exp.column(name)) for place, name in enumerate(names)])
    return exp.Subquery(this=exp.select(whole).from_(exp.Subquery(this=lower(query), alias=alias)))


def values(node: Node, lower: Lowering) -> Node:
    """VALUES; a row of one value may stand without parentheses."""
    rows = [_cells(row) for row in node.expressions]
    _refuse_mixed_rows([[str(type_of(item)) for item in row] for row in rows])
    lowered: list[Node] = [exp.Tuple(expressions=lower.all(row)) for row in rows]
    alias = node.args.get("alias")
    return exp.Values(expressions=lowered, alias=None if alias is None else lower(alias), **_tail(node, lower))


def _cells(row: Node) -> list[Node]:
    """The values of a row; `VALUES 1`, `VALUES (1)` and `VALUES ROW(1)` are one and the same."""
    cells = row.expressions if isinstance(row, exp.Tuple | exp.Struct) else [row]
    alone = len(cells) == 1 and isinstance(cells[0], exp.Tuple | exp.Struct)
    return cells[0].expressions if alone else cells


def _tail(node: Node, lower: Lowering) -> dict[str, Node]:
    found = {}
    for key in ("order", "limit", "offset", "with_"):
        if (part := node.args.get(key)) is not None:
            found[key] = lower(part)
    return found


def set_operation(node: Node, lower: Lowering) -> Node:
    """UNION, INTERSECT, EXCEPT, with ALL or without."""
    if node.args.get("by_name") or node.args.get("side") or node.args.get("kind"):
        raise refusal.form("this set operation")
    _refuse_mixed_rows([_column_types(side) for side in (node.this, node.expression)])
    return lower.copied(node)


def _column_types(query: Node) -> list[str]:
    if isinstance(query, exp.Values):
        return [str(type_of(item)) for item in _cells(query.expressions[0])]
    items = query.selects if isinstance(query, exp.Query) else []
    return [str(type_of(item.unalias())) for item in items]


def _refuse_mixed_rows(sides: list[list[str]]) -> None:
    """DuckDB puts rows together by the names of their fields, Trino by place."""
    for types in zip(*sides, strict=False):
        if any("row(" in type_ for type_ in types) and len(set(types)) > 1:
            raise refusal.form("rows of two types in one column", "Cast them to one row type.")


def ordered(node: Node, lower: Lowering) -> Node:
    """A sort key; NULL comes last in both directions unless the statement says otherwise."""
    if lower.kind(node.this) in {"map", "json"}:
        raise refusal.form("an order by maps or JSON")
    return exp.Ordered(
        this=lower(node.this), desc=bool(node.args.get("desc")), nulls_first=bool(node.args.get("nulls_first"))
    )


def limit(node: Node, _lower: Lowering) -> Node:
    """LIMIT n; LIMIT ALL is no limit."""
    if node.expression.name.upper() == "ALL":
        return exp.Limit(expression=number(2**62))
    return exp.Limit(expression=_count(node.expression))


def fetch(node: Node, _lower: Lowering) -> Node:
    """FETCH FIRST n ROWS ONLY. Ties are added by the rule of SELECT."""
    options = node.args.get("limit_options")
    if options is not None and options.args.get("percent"):
        raise refusal.form("FETCH FIRST n PERCENT")
    count = node.args.get("count")
    return exp.Limit(expression=number(1) if count is None else _count(count))


def _count(node: Node) -> Node:
    if not isinstance(node, exp.Literal) or node.is_string:
        raise refusal.form("a row count that is not a literal")
    return node.copy()


def unnest(node: Node, lower: Lowering) -> Node:
    """UNNEST of arrays and maps, side by side, with ordinality or without.

    DuckDB unnests one list at a time, so the arrays become one list of structs first, in
    which every struct has its place.
    """
    alias = node.args.get("alias")
    ordinality = node.args.get("offset")
    names = [identifier.name for identifier in alias.args.get("columns") or []] if alias else []
    if isinstance(ordinality, exp.Identifier):
        names.append(ordinality.name)
    wanted = sum(_width(item, lower) for item in node.expressions) + bool(ordinality)
    if names and len(names) != wanted:
        raise refusal.form("UNNEST with another number of names than columns")
    columns = [exp.to_identifier(name, quoted=True) for name in names or [f"_col{place}" for place in range(wanted)]]
    name = alias.this.copy() if alias is not None and alias.this is not None else exp.to_identifier(lower.fresh("u"))
    query = _unnested(_lists(node.expressions, lower), bool(ordinality), lower)
    return exp.Lateral(this=exp.Subquery(this=query), alias=exp.TableAlias(this=name, columns=columns))


def _width(node: Node, lower: Lowering) -> int:
    kind = lower.kind(node)
    if kind == "map":
        return 2
    if kind != "array":
        raise refusal.form(f"UNNEST of {kind}")
    return max(len(_row_fields(node, lower)), 1)


def _row_fields(node: Node, lower: Lowering) -> tuple[str, ...]:
    element = split_type(lower.type(node))[1][0]
    return split_type(element)[1] if element.startswith("row(") else ()


def _lists(nodes: list[Node], lower: Lowering) -> list[tuple[Node, int]]:
    """Each list with how many fields of its elements become columns, 0 for the element itself."""
    found: list[tuple[Node, int]] = []
    for node in nodes:
        lowered = lower(node)
        if lower.kind(node) == "map":
            found += [(call("map_keys", lowered), 0), (call("map_values", lowered.copy()), 0)]
        else:
            found.append((lowered, len(_row_fields(node, lower))))
    return found


def _unnested(lists: list[tuple[Node, int]], ordinality: bool, lower: Lowering) -> exp.Select:
    """`SELECT` of the fields `FROM (SELECT unnest(structs) FROM (SELECT lists))`: each list is computed once."""
    mark = lower.fresh("unnest")
    names = [f"{mark}_list{place}" for place in range(len(lists))]
    index = exp.to_identifier(f"{mark}_i")
    fields: list[tuple[str, Node]] = []
    for name, (_, width) in zip(names, lists, strict=True):
        element = call("list_extract", exp.column(name), index.copy())
        parts = [call("struct_extract_at", element.copy(), number(place)) for place in range(1, width + 1)]
        fields += [(f"f{len(fields) + place}", part) for place, part in enumerate(parts or [element])]
    if ordinality:
        fields.append((f"f{len(fields)}", index.copy()))
    lengths = [call("coalesce", call("len", exp.column(name)), number(0)) for name in names]
    longest = lengths[0] if len(lengths) == 1 else call("greatest", *lengths)
    places = call("generate_series", number(1), longest)
    structs = call("list_transform", places, function([index.name], struct(fields)))
    inner = exp.select(*(exp.alias_(item, name) for name, (item, _) in zip(names, lists, strict=True)))
    rows = exp.select(exp.alias_(call("unnest", structs), f"{mark}_row")).from_(_derived(inner, f"{mark}_lists"))
    items = (exp.Dot(this=exp.column(f"{mark}_row"), expression=exp.to_identifier(name)) for name, _ in fields)
    return exp.select(*items).from_(_derived(rows, f"{mark}_rows"))


def _derived(query: exp.Query, name: str) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(name)))


RULES: Final[dict[NodeClass, NodeRule]] = {
    exp.Column: column,
    exp.Table: table,
    exp.TableSample: sample,
    exp.Join: join,
    exp.Lateral: lateral,
    exp.Subquery: subquery,
    exp.Values: values,
    **dict.fromkeys((exp.Union, exp.Intersect, exp.Except), set_operation),
    exp.Ordered: ordered,
    exp.Limit: limit,
    exp.Fetch: fetch,
    exp.Unnest: unnest,
}
