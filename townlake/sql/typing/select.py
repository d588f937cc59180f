"""SELECT: its clauses in the order in which Trino reads them, and the columns that it gives."""

from __future__ import annotations

from sqlglot import exp

from townlake.sql.coercion import is_comparable
from townlake.sql.types import TrinoType
from townlake.sql.typing.errors import quoted, written
from townlake.sql.typing.frames import read_windows
from townlake.sql.typing.grouping import Grouped, check_grouped, key_of, read_groups, unaliased
from townlake.sql.typing.operators import condition
from townlake.sql.typing.ordering import check_place
from townlake.sql.typing.relations import no_aggregates, read_from
from townlake.sql.typing.scope import Field, Relation, Scope, names_of
from townlake.sql.typing.walk import META, Analysis, Named, Walk


def read_select(analysis: Analysis, node: exp.Expr, parent: Scope | None, named: Named) -> Relation:
    """The columns of a SELECT."""
    source = read_from(analysis, node, parent, named)
    analysis.selects[id(node)] = source
    scope = Scope(source, parent)
    scope.aliases = frozenset(item.alias.lower() for item in node.expressions if isinstance(item, exp.Alias))
    _where(analysis, node, scope, named)
    walk = Walk(analysis, scope, named)
    read_windows(walk, node)
    columns = _projections(walk, node)
    groups = read_groups(analysis, node, scope, named, columns)
    if (having := node.args.get("having")) is not None:
        _having(walk, having)
    outputs = Walk(analysis, Scope(columns, scope), named)
    outputs.window_names = walk.window_names
    if (order := node.args.get("order")) is not None:
        _order(outputs, order, columns)
        walk.aggregates += outputs.aggregates
        walk.groupings += outputs.groupings
    if groups is not None or walk.aggregates or having is not None:
        check_grouped(walk, node, groups or Grouped(), source)
    elif walk.groupings:
        hint = "Write GROUP BY ROLLUP (...) or GROUPING SETS."
        walk.report("MISSING_GROUP_BY", "GROUPING needs a GROUP BY.", hint, walk.groupings[0])
    if node.args.get("distinct") is not None:
        _distinct(outputs, node, columns)
    return columns


def _where(analysis: Analysis, node: exp.Expr, scope: Scope, named: Named) -> None:
    where = node.args.get("where")
    if where is None:
        return
    walk = Walk(analysis, scope, named)
    condition(walk, where.this, "The condition of WHERE")
    if walk.aggregates or walk.windows or walk.groupings:
        no_aggregates(walk, "WHERE")


def _having(walk: Walk, having: exp.Expr) -> None:
    windows = len(walk.windows)
    condition(walk, having.this, "The condition of HAVING")
    if len(walk.windows) > windows:
        hint = "Compute the window function in an inner query and filter outside."
        walk.report("NESTED_WINDOW", "HAVING cannot hold a window function.", hint, having)


def _order(walk: Walk, order: exp.Expr, columns: Relation) -> None:
    """ORDER BY, which sees the names of the result first; inside its aggregates they mean nothing."""
    for key in order.expressions:
        if check_place(walk, key.this, columns, "ORDER BY") is None:
            walk.type(key)
        else:
            _place_key(walk, key, columns)
    outputs = {id(field) for field in columns.fields}
    for aggregate in walk.aggregates:
        for column in aggregate.find_all(exp.Column):
            found = walk.analysis.fields.get(id(column))
            if found is not None and id(found[0]) in outputs:
                hint = "Name the column of the table, with its alias before it."
                message = f"{written(column)} is a column of the result, over which ORDER BY cannot aggregate."
                walk.report("COLUMN_NOT_FOUND", message, hint, column)


def _place_key(walk: Walk, key: exp.Expr, columns: Relation) -> None:
    """A key of ORDER BY that is the number of a column."""
    place = int(key.this.name) - 1
    walk.type(key.this)
    kind = columns.fields[place].type if place < len(columns.fields) else None
    if kind is not None:
        key.meta[META] = kind


def _projections(walk: Walk, node: exp.Expr) -> Relation:
    result = Relation()
    for item in node.expressions:
        some = _projection(walk, item)
        result.fields += some.fields
        result.is_open |= some.is_open
    return result


def _projection(walk: Walk, item: exp.Expr) -> Relation:
    if isinstance(item, exp.Star):
        if not walk.scope.relation.fields and not walk.scope.relation.is_open:
            walk.report("COLUMN_NOT_FOUND", "A star needs a FROM.", "Name the values.", item)
        return _bare(walk.scope.relation)
    if isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
        return _star_of(walk, item)
    if isinstance(item, exp.Aliases):
        opened = _projection(walk, item.this)
        names = [name.name if name.args.get("quoted") else name.name.upper() for name in item.expressions]
        if opened.is_open:
            return Relation([Field(name, None) for name in names])
        if len(names) != len(opened.fields):
            message = f"There are {len(names)} names for {len(opened.fields)} columns."
            walk.report("MISMATCHED_COLUMN_ALIASES", message, "Give one name for each column.", item)
            return Relation([Field(name, None) for name in names])
        return Relation([field.renamed(name) for field, name in zip(opened.fields, names, strict=True)])
    if isinstance(item, exp.Dot) and isinstance(item.expression, exp.Star):
        return _row_star(walk, item, walk.type(item.this))
    kind = walk.type(item)
    inner = item.this if isinstance(item, exp.Alias) else item
    found = walk.analysis.fields.get(id(inner))
    name = output_name(item)
    if found is not None and not found[1]:
        return Relation([Field(name, kind, (), found[0].origin, found[0])])
    return Relation([Field(name, kind)])


def output_name(item: exp.Expr) -> str | None:
    """The name that Trino gives a column of the result; None when it has none."""
    while isinstance(item, exp.Paren):
        item = item.this
    if isinstance(item, exp.Alias):
        return str(item.alias)
    if isinstance(item, exp.Dot):
        return str(item.expression.name)
    return str(item.this.name) if isinstance(item, exp.Column) else None


def _bare(relation: Relation) -> Relation:
    fields = [Field(f.name, f.type, (), f.origin, f) for f in relation.fields]
    return Relation(fields, relation.is_open)


def _star_of(walk: Walk, item: exp.Expr) -> Relation:
    """The columns that `name.*` stands for."""
    parts = names_of(item)[:-1]
    for scope in walk.scope.chain():
        fields = [field for field in scope.relation.fields if field.qualifier and field.answers_to(parts)]
        if fields:
            return _bare(Relation(fields, scope.relation.is_open))
    # A single name before the star is a table, never a column.
    found = walk.scope.find(parts) if len(parts) > 1 else None
    if found is not None and not found[1]:
        return _row_star(walk, item, found[0].type)
    if not walk.scope.is_open:
        message = f"There is no table {quoted('.'.join(parts))} here."
        walk.report("TABLE_NOT_FOUND", message, "Write the alias that FROM gives it.", item)
    return Relation(is_open=True)


def _row_star(walk: Walk, item: exp.Expr, kind: TrinoType | None) -> Relation:
    if kind is None or kind.name != "row":
        if kind is not None:
            walk.report("TYPE_MISMATCH", f"A value of type {kind} has no fields.", "Only a ROW has a star.", item)
        return Relation(is_open=True)
    return Relation([Field(name, part) for name, part in zip(kind.fields, kind.parts, strict=True)])


def _distinct(outputs: Walk, node: exp.Expr, columns: Relation) -> None:
    """SELECT DISTINCT compares whole rows, and its ORDER BY names columns of the SELECT list only."""
    for field in columns.fields:
        if field.type is not None and not is_comparable(field.type):
            message = f"DISTINCT cannot compare values of type {field.type}."
            outputs.report("TYPE_MISMATCH", message, "Leave DISTINCT out, or cast the column.", node)
    order = node.args.get("order")
    if order is None or columns.is_open:
        return
    shown = {key_of(outputs.analysis, unaliased(item)) for item in node.expressions}
    for key in order.expressions:
        if not _is_shown(outputs, key.this, columns, shown):
            hint = "Put the expression into the SELECT list, or leave DISTINCT out."
            message = f"ORDER BY {written(key.this)} is not in the SELECT list of a SELECT DISTINCT."
            outputs.report("EXPRESSION_NOT_IN_DISTINCT", message, hint, key)


def _is_shown(walk: Walk, node: exp.Expr, columns: Relation, shown: set[object]) -> bool:
    if isinstance(node, exp.Literal):
        return True
    found = walk.analysis.fields.get(id(node))
    if found is not None:
        return any(found[0] in (field, field.source) for field in columns.fields)
    if key_of(walk.analysis, node) in shown:
        return True
    used = [walk.analysis.fields.get(id(column)) for column in node.find_all(exp.Column)]
    return bool(used) and all(each is not None and any(each[0] is f for f in columns.fields) for each in used)
