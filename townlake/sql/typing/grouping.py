"""GROUP BY: what is grouped, and whether the rest of the SELECT speaks of groups only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from townlake.sql.coercion import is_comparable
from townlake.sql.functions import is_aggregate
from townlake.sql.typing.errors import quoted, written
from townlake.sql.typing.ordering import check_place
from townlake.sql.typing.relations import no_aggregates
from townlake.sql.typing.scope import Field, Relation, Scope, names_of
from townlake.sql.typing.walk import META, Analysis, Named, Walk, type_of


@dataclass(slots=True)
class Grouped:
    """What a GROUP BY groups by."""

    fields: set[int] = field(default_factory=set)
    """Columns, by the identity of their fields."""
    keys: set[object] = field(default_factory=set)
    """Expressions, by what they mean."""
    is_sure: bool = True
    """False when something is grouped by that could not be read."""


def read_groups(analysis: Analysis, node: exp.Expr, scope: Scope, named: Named, columns: Relation) -> Grouped | None:
    """Read the GROUP BY of a SELECT; None when it has none."""
    clause = node.args.get("group")
    if clause is None:
        return None
    walk = Walk(analysis, scope, named)
    grouped = Grouped()
    for item in clause.expressions:
        if isinstance(item, exp.Rollup | exp.Cube | exp.GroupingSets):
            for part in _parts(item):
                _group_by_column(walk, part, grouped)
        else:
            for part in _parts(item):
                _group_by(walk, node, part, columns, grouped)
    for key in ("rollup", "cube", "grouping_sets"):
        for item in clause.args.get(key) or ():
            for part in _parts(item) if isinstance(item, exp.Expr) else ():
                _group_by_column(walk, part, grouped)
    no_aggregates(walk, "GROUP BY")
    return grouped


def _parts(item: exp.Expr) -> Iterator[exp.Expr]:
    """The single expressions of a grouping element: those in brackets and lists of it."""
    if isinstance(item, exp.Tuple | exp.Rollup | exp.Cube | exp.GroupingSets):
        for part in item.expressions:
            yield from _parts(part)
    elif isinstance(item, exp.Paren):
        yield from _parts(item.this)
    else:
        yield item


def _group_by(walk: Walk, node: exp.Expr, item: exp.Expr, columns: Relation, grouped: Grouped) -> None:
    place = check_place(walk, item, columns, "GROUP BY")
    if place is None:
        if isinstance(item, exp.Literal) and item.is_int:
            grouped.is_sure = False
            return
        walk.type(item)
        target = item
    else:
        found = _item_at(walk, node, place)
        if found is None:
            grouped.is_sure = False
            return
        target = found
        if any(is_aggregate(part) for part in _same_level(target)):
            hint = "Group by the columns that are no aggregates."
            message = f"GROUP BY {place + 1} is an aggregate."
            walk.report("EXPRESSION_NOT_SCALAR", message, hint, item)
        item.meta[META] = type_of(target)
    kind = type_of(target)
    if not is_comparable(kind):
        walk.report("TYPE_MISMATCH", f"{kind} cannot be grouped by.", "Group by a part of it, or its text.", item)
    _add(walk, target, grouped)


def _item_at(walk: Walk, node: exp.Expr, place: int) -> exp.Expr | None:
    """The expression of the SELECT list at a place; None where stars stand before it."""
    items = node.expressions
    if any(item.is_star for item in items[: place + 1]) or place >= len(items):
        return None
    item: exp.Expr = items[place]
    return unaliased(item)


def unaliased(item: exp.Expr) -> exp.Expr:
    """An expression of a SELECT list without its alias."""
    inner: exp.Expr = item.this if isinstance(item, exp.Alias) else item
    return inner


def _same_level(node: exp.Expr) -> Iterator[exp.Expr]:
    """A node and what is below it, without inner queries and windows."""
    return node.walk(prune=lambda part: isinstance(part, exp.Query | exp.Window))


def _group_by_column(walk: Walk, item: exp.Expr, grouped: Grouped) -> None:
    walk.type(item)
    if not isinstance(item, exp.Column | exp.Dot | exp.Identifier):
        hint = "Compute it in an inner query, and group by its name."
        message = f"ROLLUP, CUBE and GROUPING SETS take columns, not {written(item)}."
        walk.report("INVALID_COLUMN_REFERENCE", message, hint, item)
    _add(walk, item, grouped)


def _add(walk: Walk, node: exp.Expr, grouped: Grouped) -> None:
    while isinstance(node, exp.Paren):
        node = node.this
    found = walk.analysis.fields.get(id(node))
    if found is not None and not found[1]:
        grouped.fields.add(id(found[0]))
    elif isinstance(node, exp.Column) and found is None:
        grouped.is_sure = False
    else:
        grouped.keys.add(key_of(walk.analysis, node))


def key_of(analysis: Analysis, node: object) -> object:
    """What an expression means, so that two ways to write a column are one."""
    if isinstance(node, exp.Paren | exp.Alias):
        return key_of(analysis, node.this)
    if isinstance(node, list):
        return tuple([key_of(analysis, each) for each in node])
    if not isinstance(node, exp.Expr):
        return node
    found = analysis.fields.get(id(node))
    if found is not None:
        return id(found[0]), found[1]
    if isinstance(node, exp.Identifier):
        return node.name.lower()
    # A loop, since each generator would be one more frame for every level of the tree.
    parts: list[object] = [type(node).__name__]
    for name, part in node.args.items():
        if part is not None and part is not False and part != []:
            parts += (name, key_of(analysis, part))
    return tuple(parts)


def check_grouped(walk: Walk, node: exp.Expr, grouped: Grouped, source: Relation) -> None:
    """Report what is neither grouped by nor an aggregate."""
    if not grouped.is_sure or source.is_open:
        return
    check = _Check(walk, grouped, {id(each): each for each in source.fields})
    for item in node.expressions:
        if item.is_star:
            check.star(item)
        else:
            check.read(unaliased(item))
    if (having := node.args.get("having")) is not None:
        check.read(having.this)
    if (order := node.args.get("order")) is not None:
        for key in order.expressions:
            check.read(key.this)
    for window in node.args.get("windows") or ():
        check.window(window)


@dataclass(slots=True)
class _Check:
    walk: Walk
    grouped: Grouped
    mine: dict[int, Field]
    """The columns that FROM gives to this SELECT."""

    def read(self, node: exp.Expr) -> None:
        """Check one expression and what is below it."""
        if isinstance(node, exp.Literal | exp.DataType):
            return
        fields = self.walk.analysis.fields
        found = fields.get(id(node))
        if found is not None:
            self._column(node, found[0], found[1])
            return
        if self.grouped.keys and key_of(self.walk.analysis, node) in self.grouped.keys:
            return
        if isinstance(node, exp.Query):
            self._query(node)
        elif isinstance(node, exp.Grouping):
            self._grouping(node)
        elif isinstance(node, exp.Window):
            self._window(node)
        elif not is_aggregate(node.this if isinstance(node, exp.Filter | exp.WithinGroup) else node):
            for part in node.iter_expressions():
                self.read(part)

    def _window(self, node: exp.Expr) -> None:
        """The arguments of an aggregate with OVER are no rows of the table any more, but of the groups."""
        inner = node.this
        while isinstance(inner, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
            inner = inner.this
        for part in inner.iter_expressions():
            self.read(part)
        self.window(node)

    def window(self, node: exp.Expr) -> None:
        """Check what a window is defined by."""
        for key in ("partition_by", "order", "spec"):
            value = node.args.get(key)
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, exp.Expr):
                    self.read(part)

    def star(self, item: exp.Expr) -> None:
        """Check the columns of `*`."""
        before = names_of(item)[:-1] if isinstance(item, exp.Column) else []
        for each in self.mine.values():
            if each.answers_to(before) and id(each) not in self.grouped.fields:
                self._refuse(each.name or "", item)
                return

    def _column(self, node: exp.Expr, field: Field, rest: tuple[str, ...]) -> None:
        if id(field) not in self.mine or id(field) in self.grouped.fields:
            return
        if rest and key_of(self.walk.analysis, node) in self.grouped.keys:
            return
        self._refuse(written(node), node)

    def _refuse(self, name: str, node: exp.Expr) -> None:
        hint = f"Add {name} to GROUP BY, or take one of its values: arbitrary({name}), max({name})."
        message = f"{quoted(name)} is neither grouped by nor an aggregate."
        self.walk.report("EXPRESSION_NOT_AGGREGATE", message, hint, node)

    def _query(self, node: exp.Expr) -> None:
        """An inner query may name the columns that are grouped by only."""
        for column in node.find_all(exp.Column):
            found = self.walk.analysis.fields.get(id(column))
            if found is not None:
                self._column(column, *found)

    def _grouping(self, node: exp.Expr) -> None:
        for argument in node.expressions:
            found = self.walk.analysis.fields.get(id(argument))
            if found is None or id(found[0]) not in self.grouped.fields:
                hint = "GROUPING takes columns of the GROUP BY, by the name that they have in FROM."
                self.walk.report("INVALID_ARGUMENTS", f"{written(argument)} is not grouped by.", hint, node)
