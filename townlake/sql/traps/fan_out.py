"""A join to many rows repeats the rows of the other side, and sums count them again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.sql.keys import Column
from townlake.sql.traps.sources import Sources, read_sources
from townlake.sql.traps.view import View, trap
from townlake.sql.typing.errors import written

CODE: Final = "TRP014"
_COUNTS: Final = (exp.Count, exp.CountIf)
_SUMS: Final = (exp.Sum, exp.Avg, *_COUNTS)


def find(view: View) -> Iterator[Finding]:
    """`orders JOIN items JOIN payments` with sum(payments.amount) adds each payment once for every item."""
    for select in view.of_kind(exp.Select):
        totals = [node for node in _totals(select) if not isinstance(node.this, exp.Distinct)]
        if not totals or not select.args.get("joins"):
            continue
        sources = read_sources(view, select)
        groups = _groups(view, select, sources)
        for total in totals:
            repeated = _repeats(view, sources, total, groups)
            if repeated is not None:
                title = sources.titles[repeated]
                message = f"{written(total)} counts a row again for every row of {title} that is joined to it."
                hint = f"Aggregate {title} in an inner query first, one row for each key, and join that."
                yield trap(CODE, Severity.WARNING, message, hint, total)
                break


def _totals(select: exp.Expr) -> Iterator[exp.Expr]:
    items = [*select.expressions, *(part for key in ("having", "order") if (part := select.args.get(key)) is not None)]
    for item in items:
        for node in item.walk(prune=lambda part: isinstance(part, exp.Query)):
            if isinstance(node, _SUMS):
                yield node


def _groups(view: View, select: exp.Expr, sources: Sources) -> frozenset[Column]:
    """The columns that are the same for all rows of a group."""
    clause = select.args.get("group")
    found: set[Column] = set()
    for part in clause.expressions if clause is not None else ():
        if isinstance(part, exp.Literal) and part.is_int and int(part.name) <= len(select.expressions):
            part = select.expressions[int(part.name) - 1].unalias()
        if isinstance(part, exp.Column):
            found |= sources.columns(view, part)
    return frozenset(found)


def _repeats(view: View, sources: Sources, total: exp.Expr, groups: frozenset[Column]) -> str | None:
    """A relation of which several rows meet one row of those that are added up, as far as keys tell."""
    owners = frozenset(name for name, _ in sources.columns(view, total))
    if not owners or not owners <= sources.keys.keys():
        return None
    determined = sources.determined(owners, groups)
    many = [name for name, keys in sources.keys.items() if keys is not None and name not in determined]
    if not isinstance(total, _COUNTS):
        return next(iter(many), None)
    return next((name for name in many if _is_sibling(sources, owners, name, determined - owners)), None)


def _is_sibling(sources: Sources, owners: frozenset[str], other: str, parents: frozenset[str]) -> bool:
    """True when a relation and those that are counted both have many rows for one of a parent.

    To count the rows of a join is what people often mean; to count pairs of strangers is not.
    """
    return not any(sources.linked(owner, other) for owner in owners) and any(
        sources.linked(parent, other) and not owners <= sources.determined(frozenset({parent})) for parent in parents
    )
