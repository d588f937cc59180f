"""A join to many rows repeats the rows of the other side, and sums count them again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.domain.table import TableInfo
from townlake.sql.traps.view import View, bare, conjuncts, trap
from townlake.sql.typing.errors import written
from townlake.sql.typing.scope import Origin

CODE: Final = "TRP014"
_SUMS: Final = (exp.Sum, exp.Avg, exp.Count, exp.CountIf)


@dataclass(slots=True)
class _Joins:
    """Which columns of which mentions of tables are compared with which, in one SELECT."""

    infos: dict[int, TableInfo] = field(default_factory=dict)
    pairs: dict[tuple[int, int], list[tuple[str, str]]] = field(default_factory=dict)

    def many(self, one: int) -> Iterator[int]:
        """The tables of which several rows may meet one row of a table."""
        for (first, second), pairs in self.pairs.items():
            if first == one and self._is_known(second) and not self._is_one(first, second, pairs):
                yield second

    def _is_one(self, first: int, second: int, pairs: list[tuple[str, str]]) -> bool:
        """True when at most one row of the second table meets a row of the first, as a key says."""
        mine, others = self.infos[first], self.infos[second]
        if set(others.primary_key) <= {other for _, other in pairs}:
            return True
        return any(
            key.ref_table == others.ref and set(zip(key.columns, key.ref_columns, strict=False)) <= set(pairs)
            for key in mine.foreign_keys
        )

    def _is_known(self, source: int) -> bool:
        return bool(self.infos[source].primary_key)


def find(view: View) -> Iterator[Finding]:
    """`orders JOIN items JOIN payments` with sum(payments.amount) adds each payment once for every item."""
    for select in view.of_kind(exp.Select):
        if not select.args.get("joins"):
            continue
        totals = [node for node in _totals(select) if not _is_distinct(node)]
        if not totals:
            continue
        joins = _read_joins(view, select)
        for total in totals:
            owner = _owner(view, total)
            if owner is None or owner not in joins.infos:
                continue
            repeated = _repeats(joins, owner, total)
            if repeated is not None:
                name = joins.infos[repeated].ref.name
                message = f"{written(total)} counts a row again for every row of {name} that is joined to it."
                hint = f"Aggregate {name} in an inner query first, one row for each key, and join that."
                yield trap(CODE, Severity.WARNING, message, hint, total)
                break


def _totals(select: exp.Expr) -> Iterator[exp.Expr]:
    items = [*select.expressions, *(part for key in ("having", "order") if (part := select.args.get(key)) is not None)]
    for item in items:
        for node in item.walk(prune=lambda part: isinstance(part, exp.Query)):
            if isinstance(node, _SUMS):
                yield node


def _is_distinct(node: exp.Expr) -> bool:
    return isinstance(node.this, exp.Distinct)


def _owner(view: View, total: exp.Expr) -> int | None:
    """The one mention of a table whose rows are added up; None for several and for count(*)."""
    sources = {
        found.origin.source
        for column in total.find_all(exp.Column)
        if (found := view.field(column)) is not None and found.origin is not None
    }
    return sources.pop() if len(sources) == 1 else None


def _repeats(joins: _Joins, owner: int, total: exp.Expr) -> int | None:
    """A table whose rows repeat those of the owner: one that is many to it, or to a parent that it shares with it."""
    if not isinstance(total, exp.Count | exp.CountIf):
        for other in joins.many(owner):
            return other
    for parent in joins.infos:
        if parent == owner:
            continue
        children = list(joins.many(parent))
        if owner in children:
            for other in children:
                if other != owner and (owner, other) not in joins.pairs:
                    return other
    return None


def _read_joins(view: View, select: exp.Expr) -> _Joins:
    joins = _Joins()
    relation = view.typed.selects.get(id(select))
    for each in relation.fields if relation is not None else ():
        if each.origin is not None and each.origin.source not in joins.infos:
            info = view.table(each.origin.table)
            if info is not None:
                joins.infos[each.origin.source] = info
    clauses = [join.args.get("on") for join in select.args["joins"]]
    if (where := select.args.get("where")) is not None:
        clauses.append(where.this)
    for clause in clauses:
        for part in conjuncts(clause) if clause is not None else ():
            if isinstance(part, exp.EQ):
                _note(view, joins, part)
    return joins


def _note(view: View, joins: _Joins, part: exp.Expr) -> None:
    first, second = _origin(view, part.this), _origin(view, part.expression)
    if first is None or second is None or first.source == second.source:
        return
    for mine, other in ((first, second), (second, first)):
        if mine.source in joins.infos and other.source in joins.infos:
            joins.pairs.setdefault((mine.source, other.source), []).append((mine.column, other.column))


def _origin(view: View, node: exp.Expr) -> Origin | None:
    found = view.field(bare(node))
    return found.origin if found is not None else None
