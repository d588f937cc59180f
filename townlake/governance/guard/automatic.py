"""GROUP BY AUTO: every part of the SELECT list that aggregates nothing, written as its number."""

from __future__ import annotations

from sqlglot import exp

from townlake.governance.guard.relation import Scope
from townlake.sql.functions import is_aggregate


def group_automatically(node: exp.Select, scope: Scope) -> None:
    """Write the numbers out, so that nobody after has to know the word.

    A column of that name is meant before the word. A star stands for several columns and is left alone: AUTO is
    then a column that does not exist.
    """
    group = node.args.get("group")
    if group is None or len(group.expressions) != 1 or not _is_word(group.expressions[0], scope):
        return
    if any(item.is_star for item in node.expressions):
        return
    places: list[exp.Expr] = [
        exp.Literal.number(at) for at, item in enumerate(node.expressions, 1) if not _is_computed(item)
    ]
    group.set("expressions", places or [exp.Tuple()])


def _is_word(item: exp.Expr, scope: Scope) -> bool:
    is_name = isinstance(item, exp.Column) and len(item.parts) == 1 and not item.this.args.get("quoted")
    return is_name and item.name.upper() == "AUTO" and not scope.matching(["auto"])


def _is_computed(item: exp.Expr) -> bool:
    """True for what has a value of the whole group, or of a window over the groups."""
    parts = item.walk(prune=lambda part: isinstance(part, exp.Query))
    return any(isinstance(part, exp.Window | exp.Grouping) or is_aggregate(part) for part in parts)
