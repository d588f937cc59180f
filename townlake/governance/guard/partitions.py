"""Tables that are read part by part only: each scan of one needs a condition that bounds a column of its parts.

What counts is what every row of the scan must fulfil: WHERE, and ON where the join drops the rows of this side. A
condition bounds a column when it compares it with constants; so does one column that equals a bounded one. Whatever
is not known to bound does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from sqlglot import exp

from townlake.domain.finding import Finding
from townlake.governance.guard.findings import error
from townlake.governance.guard.relation import Leaf
from townlake.governance.guard.resolution import Resolution
from townlake.governance.guard.rewrite import filter_trees

_COMPARISONS: Final = (exp.EQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_ORDERED: Final = (exp.Date, exp.DateTrunc, exp.TimestampTrunc, exp.Year)
"""Functions that keep the order of moments, so that Trino finds the parts through them."""
_MOMENTS: Final = frozenset({"DATE", "TIMESTAMP", "TIMESTAMPTZ"})
_UNKNOWN: Final = (exp.Column, exp.Query, exp.Lambda, exp.Anonymous, exp.Table)
"""What no constant holds: values of rows, and functions of which nothing is known here."""

_Place: TypeAlias = tuple[int, str]
"""A column of one scan: the scan's node and the column's name."""
_Means: TypeAlias = Callable[[exp.Expr], Iterable[_Place]]
"""The columns of scans that a node is; none when it is something else."""


class _Sought(NamedTuple):
    """Columns of which one is to be bounded."""

    places: frozenset[_Place]
    moments: frozenset[_Place]
    """Those of all columns that hold moments: a function keeps no other's order."""
    means: _Means

    def within(self, node: exp.Expr) -> bool:
        """True when a node is one of them."""
        return not self.places.isdisjoint(self.means(node))

    def of_moments(self) -> _Sought:
        """Those that hold moments."""
        return self._replace(places=self.places & self.moments)


def unbounded_scans(res: Resolution, tree: exp.Expr) -> tuple[Finding, ...]:
    """What is wrong with the scans of a statement, once its names are resolved."""
    held = [leaf for leaf in res.leaves if leaf.info.partition_filter]
    if not held:
        return ()
    conditions = dict(_conditions_of(tree))
    sought = _Sought(frozenset(), frozenset(_moments(res.leaves)), _meaning(res, tree))
    return tuple(_finding(leaf) for leaf in held if not _is_bounded(leaf, conditions.get(id(leaf.node), ()), sought))


def _moments(leaves: Iterable[Leaf]) -> Iterator[_Place]:
    for leaf in leaves:
        yield from ((id(leaf.node), c.name) for c in leaf.info.columns if c.type.startswith(("date", "timestamp")))


def _meaning(res: Resolution, tree: exp.Expr) -> _Means:
    outer = any(str(join.side).upper() == "FULL" for join in tree.find_all(exp.Join))

    def means(node: exp.Expr) -> Iterator[_Place]:
        _, origins = res.columns.get(id(node), (node, ()))
        if len(origins) > 1 and outer:
            # Merged by USING over a FULL JOIN, it is neither side's.
            return
        for leaf, name in origins:
            if name not in leaf.masks:
                yield id(leaf.node), name

    return means


def _conditions_of(tree: exp.Expr) -> Iterator[tuple[int, list[exp.Expr]]]:
    """The conditions that the rows of each table must fulfil, by the table's node."""
    for select in tree.find_all(exp.Select):
        source = select.args.get("from_")
        if source is None:
            continue
        where = select.args.get("where")
        for table, found in _joined(source.this, select.args.get("joins") or ()).items():
            yield table, [*found, where.this] if where else found


def _joined(first: exp.Expr, joins: Sequence[exp.Join]) -> dict[int, list[exp.Expr]]:
    """The ON conditions that drop rows of each table, from left to right; ON reaches back to the last comma."""
    before: dict[int, list[exp.Expr]] = {}
    group = _member(first)
    for join in joins:
        right, condition = _member(join.this), join.args.get("on")
        if not any(join.args.get(key) for key in ("kind", "side", "method", "on", "using")):
            before, group = before | group, right
            continue
        side = str(join.side or "").upper()
        dropped = [right] if side == "LEFT" else [group] if side == "RIGHT" else [group, right] if not side else []
        if condition is not None:
            for found in (found for part in dropped for found in part.values()):
                found.append(condition)
        group = group | right
    return before | group


def _member(node: exp.Expr) -> dict[int, list[exp.Expr]]:
    if isinstance(node, exp.Table):
        return {id(node): []}
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table | exp.Subquery):
        # Relations in brackets; of a query in brackets nothing is found, and it has its own WHERE.
        return _joined(node.this, node.this.args.get("joins") or ())
    return {}


def _is_bounded(leaf: Leaf, conditions: Sequence[exp.Expr], sought: _Sought) -> bool:
    wanted = frozenset((id(leaf.node), name) for name in leaf.info.partition_filter)
    parts = [part for condition in conditions for part in _all_of(condition)]
    equal = [pair for part in parts if (pair := _equal(part, sought.means))]
    reaching = sought._replace(places=_reaching(wanted, equal))
    if any(_bounds(part, reaching) for part in parts):
        return True

    def own(node: exp.Expr) -> Iterable[_Place]:
        return [(id(leaf.node), node.name)] if isinstance(node, exp.Column) else ()

    return any(_bounds(tree, _Sought(wanted, sought.moments, own)) for tree in filter_trees(leaf))


def _reaching(wanted: frozenset[_Place], equal: Sequence[tuple[set[_Place], set[_Place]]]) -> frozenset[_Place]:
    """The columns that equal one of these, be it through others."""
    found, before = set(wanted), 0
    while len(found) != before:
        before = len(found)
        for one, other in equal:
            if found & (one | other):
                found |= one | other
    return frozenset(found)


def _all_of(condition: exp.Expr) -> Iterator[exp.Expr]:
    """The parts that must all hold."""
    node = condition.unnest()
    if isinstance(node, exp.And):
        for part in node.flatten():
            yield from _all_of(part)
    else:
        yield node


def _equal(part: exp.Expr, means: _Means) -> tuple[set[_Place], set[_Place]] | None:
    if not isinstance(part, exp.EQ):
        return None
    one, other = set(means(part.this.unnest())), set(means(part.expression.unnest()))
    return (one, other) if one and other else None


def _bounds(condition: exp.Expr, sought: _Sought) -> bool:
    """True when whatever fulfils it has a column that is sought within constants."""
    node = condition.unnest()
    if isinstance(node, exp.And):
        return any(_bounds(part, sought) for part in node.flatten())
    if isinstance(node, exp.Or):
        return all(_bounds(part, sought) for part in node.flatten())
    if isinstance(node, _COMPARISONS):
        one, other = node.this, node.expression
        return (_is_of(one, sought) and _is_constant(other)) or (_is_of(other, sought) and _is_constant(one))
    if isinstance(node, exp.Between):
        return _is_of(node.this, sought) and all(map(_is_constant, (node.args["low"], node.args["high"])))
    if isinstance(node, exp.In):
        values = node.expressions
        return bool(values) and _is_of(node.this, sought) and all(map(_is_constant, values))
    return False


def _is_of(value: exp.Expr, sought: _Sought) -> bool:
    """True for a column that is sought, and for a function of one that keeps its order."""
    node = value.unnest()
    if sought.within(node):
        return True
    if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast):
        return node.to.this.name in _MOMENTS and _is_of(node.this, sought.of_moments())
    if not isinstance(node, _ORDERED):
        return False
    others = [child for child in node.iter_expressions() if child is not node.this]
    return all(map(_is_constant, others)) and _is_of(node.this, sought.of_moments())


def _is_constant(value: exp.Expr) -> bool:
    return value.find(*_UNKNOWN) is None


def _finding(leaf: Leaf) -> Finding:
    types = {column.name: column.type for column in leaf.columns if column.name not in leaf.masks}
    names = [name for name in leaf.info.partition_filter if name in types]
    what = f" by {' or '.join(names)}" if names else ""
    hint = (
        f"Add a condition with constants where {leaf.info.ref} is named, in every branch of OR: "
        f"{_example(names[0], types[names[0]])}."
        if names
        else f"You do not see the column that it goes by. {leaf.access.ask}".strip()
    )
    message = f"{leaf.info.ref} is read in parts{what} only, and no condition bounds what is read of it."
    return error("LIM005", message, hint)


def _example(name: str, kind: str) -> str:
    if kind == "date" or kind.startswith("timestamp"):
        return f"{name} >= current_date - INTERVAL '7' DAY"
    return f"{name} = '...'" if kind.startswith(("varchar", "char")) else f"{name} = 1"
