"""What a LEFT JOIN keeps, a condition on its right side takes away again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.sql.conditions import bare, conjuncts
from townlake.sql.traps.view import View, trap
from townlake.sql.typing.errors import written

CODE: Final = "TRP011"
_STRICT: Final = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Like, exp.Between, exp.In)
"""Comparisons that are not true for NULL."""
_FORGIVING: Final = (exp.Coalesce, exp.Case, exp.If, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Query)
"""What gives something else for NULL."""


def find(view: View) -> Iterator[Finding]:
    """`a LEFT JOIN b ON ... WHERE b.x = 1` has only rows with a match, as an inner join has."""
    for select in view.of_kind(exp.Select):
        where = select.args.get("where")
        rights = [join for join in select.args.get("joins") or () if _is_left(join)]
        if where is None or not rights:
            continue
        names = {join.this.alias_or_name.lower() for join in rights}
        for part in conjuncts(where.this):
            column = _rejecting(part, names)
            if column is not None:
                message = f"The condition on {written(column)} drops the rows that the LEFT JOIN keeps without a match."
                hint = "Put the condition into ON, or write JOIN in place of LEFT JOIN if that is meant."
                yield trap(CODE, Severity.WARNING, message, hint, part)
                break


def _is_left(join: exp.Expr) -> bool:
    return str(join.args.get("side") or "").upper() == "LEFT"


def _rejecting(part: exp.Expr, names: set[str]) -> exp.Expr | None:
    """The column of a right side for whose NULL the condition is not true."""
    if isinstance(part, exp.Not):
        inner = bare(part.this)
        if isinstance(inner, exp.Is) and isinstance(inner.this, exp.Column):
            return inner.this if inner.this.table.lower() in names else None
        part = inner
    if not isinstance(part, _STRICT):
        return None
    for side in (part.this, part.args.get("expression")):
        if isinstance(side, exp.Expr) and not isinstance(side, exp.Null):
            for column in side.find_all(exp.Column):
                if column.table.lower() in names and not _is_forgiven(column, part):
                    return column
    return None


def _is_forgiven(node: exp.Expr, root: exp.Expr) -> bool:
    parent = node.parent
    while parent is not None and parent is not root:
        if isinstance(parent, _FORGIVING):
            return True
        parent = parent.parent
    return False
