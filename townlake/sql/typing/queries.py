"""Queries: WITH, set operations, VALUES, and what ORDER BY and LIMIT around them see."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from townlake.sql.coercion import can_coerce, common_type, is_comparable
from townlake.sql.types import TrinoType
from townlake.sql.typing.errors import quoted
from townlake.sql.typing.hints import meeting_hint
from townlake.sql.typing.ordering import read_order
from townlake.sql.typing.relations import OPEN, aliased
from townlake.sql.typing.scope import Field, Relation, Scope
from townlake.sql.typing.select import read_select
from townlake.sql.typing.walk import Analysis, Named, Walk


def read_query(analysis: Analysis, node: exp.Expr, parent: Scope | None, named: Named) -> Relation:
    """The columns of a query; every expression in it gets its type on the way."""
    if node.args.get("with_") is not None:
        named = _read_with(analysis, node, parent, named)
    _check_limit(analysis, node)
    if isinstance(node, exp.Select):
        return read_select(analysis, node, parent, named)
    if isinstance(node, exp.SetOperation):
        columns = _set_operation(analysis, node, parent, named)
    elif isinstance(node, exp.Values):
        columns = _values(analysis, node, parent, named)
    elif isinstance(node, exp.Subquery | exp.Paren):
        inner = read_query(analysis, node.this, parent, named)
        columns = Relation([field.renamed(field.name) for field in inner.fields], inner.is_open)
    else:
        return OPEN
    if (order := node.args.get("order")) is not None:
        read_order(Walk(analysis, Scope(columns, parent), named), order, columns)
    return columns


def _check_limit(analysis: Analysis, node: exp.Expr) -> None:
    limit = node.args.get("limit")
    if not isinstance(limit, exp.Fetch):
        return
    count = limit.args.get("count")
    if isinstance(count, exp.Literal) and count.name == "0":
        message = "FETCH FIRST takes at least one row."
        analysis.report("NUMERIC_VALUE_OUT_OF_RANGE", message, "Write LIMIT 0 for no rows.", limit)
    if node.args.get("order") is not None:
        return
    options = limit.args.get("limit_options")
    if options is not None and options.args.get("with_ties"):
        hint = "Write ORDER BY before FETCH FIRST."
        analysis.report("MISSING_ORDER_BY", "WITH TIES needs an ORDER BY.", hint, limit)


def _read_with(analysis: Analysis, node: exp.Expr, parent: Scope | None, named: Named) -> Named:
    clause = node.args["with_"]
    known = dict(named)
    seen: set[str] = set()
    for cte in clause.expressions:
        if not isinstance(cte, exp.CTE):
            continue
        name = cte.alias.lower()
        if name in seen:
            hint = "Give each named query its own name."
            analysis.report("DUPLICATE_NAMED_QUERY", f"WITH names {quoted(cte.alias)} twice.", hint, cte)
        seen.add(name)
        _check_aliases(analysis, cte, recursive=bool(clause.args.get("recursive")))
        if clause.args.get("recursive") and _names_itself(cte.this, name):
            known[name] = _recursive(analysis, cte, name, parent, known)
        else:
            known[name] = aliased(analysis, cte, read_query(analysis, cte.this, parent, known))
    return known


def _check_aliases(analysis: Analysis, cte: exp.Expr, *, recursive: bool) -> None:
    names = [column.name.lower() for column in cte.args["alias"].args.get("columns") or ()]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        message = f"The query {quoted(cte.alias)} names two columns {quoted(twice)}."
        analysis.report("DUPLICATE_COLUMN_NAME", message, "Give each column its own name.", cte)
    if recursive and not names:
        hint = f"Write WITH RECURSIVE {cte.alias} (a, b) AS (...), or leave RECURSIVE out."
        message = f"Under WITH RECURSIVE, the query {quoted(cte.alias)} names its columns."
        analysis.report("MISSING_COLUMN_ALIASES", message, hint, cte)


def _names_itself(node: exp.Expr, name: str) -> bool:
    return any(not table.args.get("db") and table.name.lower() == name for table in node.find_all(exp.Table))


def _recursive(analysis: Analysis, cte: exp.Expr, name: str, parent: Scope | None, named: Named) -> Relation:
    """A named query over itself: a start, UNION, and a step that keeps to the types of the start."""
    body = cte.this
    if not isinstance(body, exp.Union) or _names_itself(body.this, name):
        hint = "Write WITH RECURSIVE name (columns) AS (start UNION ALL SELECT ... FROM name WHERE ...)."
        message = f"The recursive query {quoted(name)} is no start and step."
        analysis.report("INVALID_RECURSIVE_REFERENCE", message, hint, cte)
        return OPEN
    start = aliased(analysis, cte, read_query(analysis, body.this, parent, named))
    step = read_query(analysis, body.expression, parent, {**named, name: start})
    if start.is_open or step.is_open:
        return start
    if _same_width(analysis, cte, start, step, "The recursive query"):
        for mine, other in zip(start.fields, step.fields, strict=True):
            if mine.type is not None and other.type is not None and not can_coerce(other.type, mine.type):
                hint = f"Write CAST(... AS {other.type}) in the start, or CAST(... AS {mine.type}) in the step."
                message = f"Column {quoted(mine.name or '')} is {mine.type} in the start and {other.type} in the step."
                analysis.report("TYPE_MISMATCH", message, hint, cte)
    return start


def _same_width(analysis: Analysis, node: exp.Expr, left: Relation, right: Relation, what: str) -> bool:
    if len(left.fields) == len(right.fields):
        return True
    message = f"{what} has unlike numbers of columns: {len(left.fields)} and {len(right.fields)}."
    analysis.report("TYPE_MISMATCH", message, "Write as many columns on both sides.", node)
    return False


def _set_operation(analysis: Analysis, node: exp.Expr, parent: Scope | None, named: Named) -> Relation:
    """UNION, INTERSECT, EXCEPT; a long chain leans to the left, so it is read without recursion."""
    chain: list[exp.Expr] = []
    left: exp.Expr = node
    while isinstance(left, exp.SetOperation) and (left is node or not _has_own_clauses(left)):
        chain.append(left)
        left = left.this
    columns = read_query(analysis, left, parent, named)
    for operation in reversed(chain):
        right = read_query(analysis, operation.expression, parent, named)
        columns = _united(analysis, operation, columns, right)
    return columns


def _has_own_clauses(node: exp.Expr) -> bool:
    return any(node.args.get(key) for key in ("with_", "order", "limit", "offset"))


def _united(analysis: Analysis, node: exp.Expr, left: Relation, right: Relation) -> Relation:
    what = node.key.upper()
    if left.is_open or right.is_open:
        return Relation([Field(field.name, None) for field in left.fields], is_open=True)
    if not _same_width(analysis, node, left, right, what):
        return left
    fields: list[Field] = []
    for place, (mine, other) in enumerate(zip(left.fields, right.fields, strict=True), 1):
        common = mine.type
        if mine.type is not None and other.type is not None:
            common = common_type(mine.type, other.type)
            if common is None:
                names = [exp.column(field.name or f"column{place}") for field in (mine, other)]
                hint = meeting_hint(names[0], mine.type, names[1], other.type)
                message = f"Column {place} of {what} is {mine.type} on one side and {other.type} on the other."
                analysis.report("TYPE_MISMATCH", message, hint, node)
            elif not is_comparable(common) and (what != "UNION" or node.args.get("distinct")):
                message = f"Column {place} of {what} is {common}, which cannot be compared."
                analysis.report("TYPE_MISMATCH", message, "Write UNION ALL, or cast it.", node)
        else:
            common = None
        fields.append(Field(mine.name, common))
    return Relation(fields)


def _values(analysis: Analysis, node: exp.Expr, parent: Scope | None, named: Named) -> Relation:
    walk = Walk(analysis, Scope(Relation(), parent), named)
    rows = [_row(walk, each) for each in node.expressions]
    width = len(rows[0])
    if any(len(each) != width for each in rows):
        message = f"The rows of VALUES have {min(map(len, rows))} to {max(map(len, rows))} columns."
        walk.report("TYPE_MISMATCH", message, "Write as many values in each row.", node)
        return OPEN
    columns = [_column(walk, node, place, kinds) for place, kinds in enumerate(zip(*rows, strict=True), 1)]
    return Relation(columns)


def _row(walk: Walk, node: exp.Expr) -> list[TrinoType | None]:
    """The types of one row of VALUES; a value that is a row itself is opened."""
    cells = node.expressions if isinstance(node, exp.Tuple | exp.Struct) else [node]
    if isinstance(node, exp.Paren):
        cells = [node.this]
    types = walk.types(cells)
    only = types[0] if len(types) == 1 else None
    return list(only.parts) if only is not None and only.name == "row" else types


def _column(walk: Walk, node: exp.Expr, place: int, kinds: Sequence[TrinoType | None]) -> Field:
    result: TrinoType | None = None
    for kind in kinds:
        if kind is None:
            return Field(None, None)
        common = kind if result is None else common_type(result, kind)
        if common is None and result is not None:
            hint = "Write the values of a column alike: all as texts in quotes, or none."
            walk.report("TYPE_MISMATCH", f"Column {place} of VALUES holds {result} and {kind}.", hint, node)
            return Field(None, None)
        result = common
    return Field(None, result)
