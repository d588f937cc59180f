"""NOT IN over a query that gives a NULL is never true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.sql.conditions import bare, conjuncts
from townlake.sql.traps.view import View, rewrite, trap
from townlake.sql.typing.scope import Field

CODE: Final = "TRP004"


def find(view: View) -> Iterator[Finding]:
    """`x NOT IN (SELECT y ...)` gives no row at all as soon as one y is NULL."""
    for node in view.of_kind(exp.Not):
        inner = bare(node.this)
        if not isinstance(inner, exp.In):
            continue
        if any(isinstance(member, exp.Null) for member in inner.expressions):
            message = "NOT IN with a NULL in its list is never true."
            yield trap(CODE, Severity.WARNING, message, "Leave the NULL out.", node)
        query = inner.args.get("query")
        if query is not None and (column := _nullable(view, query)) is not None:
            message = "NOT IN is true for no row when the query gives a NULL, which it can."
            hint = f"Write NOT EXISTS, or add WHERE {rewrite(column)} IS NOT NULL to the query."
            yield trap(CODE, Severity.WARNING, message, hint, node)


def _nullable(view: View, query: exp.Expr) -> exp.Expr | None:
    """The column of a query that may be NULL; None when it cannot, or is not known to."""
    select = query
    while isinstance(select, exp.Subquery):
        select = select.this
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        return None
    item = select.expressions[0]
    column = bare(item.this if isinstance(item, exp.Alias) else item)
    field = view.field(column)
    if field is None or not _may_be_null(view, field) or _is_excluded(view, select, field):
        return None
    return column


def _may_be_null(view: View, field: Field) -> bool:
    if field.origin is None:
        return False
    info = view.table(field.origin.table)
    if info is None or field.origin.column in info.primary_key:
        return False
    column = info.column(field.origin.column)
    return column is not None and column.nullable


def _is_excluded(view: View, select: exp.Expr, field: Field) -> bool:
    """True when a condition of the query lets no NULL of the column through."""
    clauses = [select.args.get("where"), *(join.args.get("on") for join in select.args.get("joins") or ())]
    for clause in clauses:
        if clause is None:
            continue
        condition = clause.this if isinstance(clause, exp.Where) else clause
        for part in conjuncts(condition):
            if isinstance(part, exp.Not) and isinstance(bare(part.this), exp.Is):
                part = bare(part.this)
            elif not isinstance(part, exp.Predicate) or isinstance(part, exp.Is):
                continue
            if any(view.field(column) is field for column in part.find_all(exp.Column)):
                return True
    return False
