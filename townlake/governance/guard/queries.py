"""Resolve a query: WITH, set operations, SELECT and VALUES, each with Trino's rules for what it sees."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlglot import exp

from townlake.governance.guard.automatic import group_automatically
from townlake.governance.guard.expressions import resolve_expression, resolve_name, write
from townlake.governance.guard.findings import quoted
from townlake.governance.guard.relation import EMPTY, Columns, Field, Scope, fold
from townlake.governance.guard.resolution import Named, Resolution
from townlake.governance.guard.sight import Sight
from townlake.governance.guard.sources import aliased, resolve_from

_SEES_SOURCE: Final = ("where", "group", "having")


def resolve(sql: str, tree: exp.Expr, sight: Sight) -> tuple[Resolution, Columns]:
    """Resolve every name of a statement, in place.

    Returns:
        The walk, with its findings and the tables it met, and the columns of the result.
    """
    res = Resolution(sql, sight, resolve_query)
    return res, resolve_query(res, tree, None, {})


def resolve_query(res: Resolution, node: exp.Expr, parent: Scope | None, named: Named) -> Columns:
    """The columns of a query; its names are resolved on the way."""
    named = _with(res, node, parent, named)
    if isinstance(node, exp.Select):
        return _select(res, node, parent, named)
    if isinstance(node, exp.SetOperation):
        columns = _set_operation(res, node, parent, named)
    elif isinstance(node, exp.Values):
        columns = _values(res, node, parent, named)
    elif isinstance(node, exp.Subquery):
        columns = resolve_query(res, node.this, parent, named)
    else:
        res.refuse("SQL020", "A value stands where a query is needed.", "Write SELECT, VALUES or UNNEST(array).", node)
        return Columns(open=True)
    _order(res, node, columns, parent, named)
    return columns


def _with(res: Resolution, node: exp.Expr, parent: Scope | None, named: Named) -> Named:
    clause = node.args.get("with_")
    if clause is None:
        return named
    inner = dict(named)
    seen: set[str] = set()
    for cte in clause.expressions:
        name = fold(cte.alias)
        if name in seen:
            res.refuse("NAM008", f"WITH names {quoted(name)} twice.", "Give each named query its own name.", cte)
        seen.add(name)
        cte.args["alias"].this.set("this", name)
        if clause.args.get("recursive") and _names_itself(cte, name):
            inner[name] = _recursive(res, cte, name, parent, inner)
        else:
            inner[name] = aliased(res, cte, resolve_query(res, cte.this, parent, inner))
    return inner


def _names_itself(cte: exp.CTE, name: str) -> bool:
    return any(not table.args.get("db") and fold(table.name) == name for table in cte.this.find_all(exp.Table))


def _recursive(res: Resolution, cte: exp.CTE, name: str, parent: Scope | None, named: Named) -> Columns:
    """A named query over itself: an anchor, UNION, and a step that is bounded."""
    body = cte.this
    step = body.expression if isinstance(body, exp.Union) else None
    if step is None or _names_itself(exp.CTE(this=body.this.copy()), name) or not cte.args["alias"].args.get("columns"):
        hint = "Write WITH RECURSIVE name (columns) AS (start UNION ALL SELECT ... FROM name WHERE ...)."
        res.refuse("SQL030", f"The recursive query {quoted(name)} has not the form that Trino runs.", hint, cte)
        return Columns(open=True)
    if not any(select.args.get("where") or select.args.get("joins") for select in step.find_all(exp.Select)):
        hint = "Give the step a WHERE that ends it."
        res.refuse("SQL030", f"The recursive query {quoted(name)} has no bound.", hint, cte)
    anchor = aliased(res, cte, resolve_query(res, body.this, parent, named))
    after = resolve_query(res, step, parent, {**named, name: anchor})
    # What the step masks may come round again in any column.
    masked = any(f.masked and not a.masked for f, a in zip(after.fields, anchor.fields, strict=False)) or after.masked
    return replace(anchor, fields=tuple(f._replace(masked=f.masked or masked) for f in anchor.fields))


def _set_operation(res: Resolution, node: exp.SetOperation, parent: Scope | None, named: Named) -> Columns:
    left = resolve_query(res, node.this, parent, named)
    right = resolve_query(res, node.expression, parent, named)
    masked = [field.masked for field in right.fields]
    padded = masked + [right.any_masked] * (len(left.fields) - len(masked))
    fields = tuple(
        Field(f.name, masked=f.masked or m or right.masked) for f, m in zip(left.fields, padded, strict=False)
    )
    return Columns(fields, left.open or right.open, left.masked or (right.any_masked and right.open))


def _values(res: Resolution, node: exp.Values, parent: Scope | None, named: Named) -> Columns:
    scope = Scope(EMPTY, parent)
    masks: list[bool] = []
    for row in node.expressions:
        cells = row.expressions if isinstance(row, exp.Tuple) else [row]
        masks += [False] * (len(cells) - len(masks))
        for index, cell in enumerate(cells):
            masks[index] |= resolve_expression(res, cell, scope, named)
    return Columns(tuple(Field(None, masked=masked) for masked in masks))


def _select(res: Resolution, node: exp.Select, parent: Scope | None, named: Named) -> Columns:
    scope = Scope(resolve_from(res, node, parent, named), parent)
    group_automatically(node, scope)
    scope.aliases = frozenset(fold(p.alias) for p in node.expressions if isinstance(p, exp.Alias))
    for part in _SEES_SOURCE:
        if clause := node.args.get(part):
            resolve_expression(res, clause, scope, named)
    for window in node.args.get("windows") or ():
        resolve_expression(res, window, scope, named)
    scope.aliases = frozenset()
    columns = _projections(res, node, scope, named)
    _order(res, node, columns, scope, named)
    return columns


def _order(res: Resolution, node: exp.Expr, columns: Columns, parent: Scope | None, named: Named) -> None:
    """ORDER BY sees the result's names first, then what SELECT saw."""
    if order := node.args.get("order"):
        resolve_expression(res, order, Scope(_bare(columns), parent), named)


def _bare(columns: Columns) -> Columns:
    fields = tuple(Field(field.name, masked=field.masked) for field in columns.fields)
    return Columns(fields, columns.open, columns.masked)


def _projections(res: Resolution, node: exp.Select, scope: Scope, named: Named) -> Columns:
    fields: list[Field] = []
    opened, opened_masked = False, False
    for item in list(node.expressions):
        if isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star)):
            some = _star(res, item, scope)
        elif isinstance(item, exp.Aliases):
            masked = resolve_expression(
                res, item.this.this if isinstance(item.this, exp.Dot) else item.this, scope, named
            )
            some = Columns(tuple(Field(name.name, masked=masked) for name in item.expressions))
        elif isinstance(item, exp.Dot) and isinstance(item.expression, exp.Star):
            some = Columns(open=True, masked=resolve_expression(res, item.this, scope, named))
        else:
            name = _name(item)
            some = Columns((Field(name, masked=resolve_expression(res, item, scope, named)),))
        fields += (Field(field.name, masked=field.masked) for field in some.fields)
        opened, opened_masked = opened or some.open, opened_masked or some.masked
    return Columns(tuple(fields), opened, opened_masked)


def _name(item: exp.Expr) -> str | None:
    """The name that Trino gives a column of the result; None when it has none."""
    if isinstance(item, exp.Alias):
        return str(item.alias)
    if isinstance(item, exp.Paren):
        return _name(item.this)
    if isinstance(item, exp.Dot):
        return str(item.expression.name)
    return item.name if isinstance(item, exp.Column) else None


def _star(res: Resolution, item: exp.Expr, scope: Scope) -> Columns:
    """The columns that `*` or `name.*` stands for."""
    parts = [part.name for part in item.parts[:-1]] if isinstance(item, exp.Column) else []
    if not parts:
        if not scope.columns.fields and not scope.columns.open:
            res.refuse("NAM002", "A star needs a table.", "Write FROM, or name the values.", item)
        taken: Columns = scope.columns
    else:
        owner = next((each for each in scope.chain() if each.of_relation(parts)), None)
        if owner is None:
            return _row_star(res, item, parts, scope)
        taken = Columns(tuple(owner.of_relation(parts)), merged=owner.columns.merged)
        alias = exp.to_identifier(taken.fields[0].alias, quoted=True)
        item = item.replace(exp.Column(this=exp.Star(), table=alias))
    for field in taken.fields:
        field.use()
    if taken.merged and not taken.open and all(field.name for field in taken.fields):
        _spell_out(item, taken)
    return taken


def _spell_out(item: exp.Expr, columns: Columns) -> None:
    """Name a star's columns: engines differ on where a column merged by USING stands."""
    spelled = [
        exp.Column(
            this=exp.to_identifier(field.name, quoted=True),
            table=exp.to_identifier(field.alias, quoted=True) if field.alias else None,
        )
        for field in columns.fields
    ]
    item.replace(spelled)


def _row_star(res: Resolution, item: exp.Expr, parts: list[str], scope: Scope) -> Columns:
    """`value.*`: the fields of a ROW, when no relation has that name."""
    if scope.columns.open and len(parts) == 1:
        return Columns(open=True, masked=scope.columns.any_masked)
    row = exp.Column(this=exp.to_identifier(parts[-1]))
    for key, part in zip(("table", "db", "catalog"), reversed(parts[:-1]), strict=False):
        row.set(key, exp.to_identifier(part))
    found = resolve_name(res, item, parts, scope)
    if found is None:
        return Columns(open=True)
    whole = exp.Dot(this=exp.Paren(this=row), expression=exp.Star())
    item.replace(whole)
    write(row, found)
    return Columns(open=True, masked=found.field.masked)
