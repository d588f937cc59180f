"""What a SELECT reads from, and what one row of it determines: how often a row can come out of a join."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from townlake.domain.names import TableRef
from townlake.sql.conditions import bare, conjuncts
from townlake.sql.functions import is_aggregate
from townlake.sql.keys import Column, Equation, Keys, determined
from townlake.sql.traps.view import View
from townlake.sql.typing.scope import Field


@dataclass(slots=True)
class Sources:
    """The relations of one FROM, with the conditions that hold between them."""

    keys: dict[str, Keys] = field(default_factory=dict)
    """By the name that a relation has in this SELECT."""
    titles: dict[str, str] = field(default_factory=dict)
    """What a relation is called in a message: a table by its own name."""
    equations: list[Equation] = field(default_factory=list)
    owners: dict[int, str] = field(default_factory=dict)
    """The relation of a field, by the identity of the field."""

    def determined(self, start: frozenset[str], fixed: frozenset[Column] = frozenset()) -> frozenset[str]:
        """The relations of which one row at most belongs to a row of those at the start.

        Args:
            start: the relations whose rows are given.
            fixed: columns whose value is given besides, such as those that are grouped by.
        """
        return determined(start, self.keys, self.equations, fixed)

    def equate(self, first: Column, second: Column) -> None:
        """Note that two columns have the same value."""
        self.equations += ((first, frozenset({second})), (second, frozenset({first})))

    def linked(self, first: str, second: str) -> bool:
        """True when a condition compares columns of two relations."""
        return any({first, second} <= {column[0], *(each[0] for each in needs)} for column, needs in self.equations)

    def columns(self, view: View, node: exp.Expr) -> frozenset[Column]:
        """The columns of these relations that an expression names."""
        found = [view.typed.fields.get(id(column)) for column in node.find_all(exp.Column)]
        return frozenset(
            (self.owners[id(each[0])], (each[0].name or "").lower())
            for each in found
            if each is not None and id(each[0]) in self.owners
        )


def read_sources(view: View, select: exp.Expr) -> Sources:
    """The relations that a SELECT reads from."""
    sources = Sources()
    relation = view.typed.selects.get(id(select))
    tables: dict[str, TableRef] = {}
    for each in relation.fields if relation is not None else ():
        # A column that USING merged belongs to no relation.
        name = each.qualifier[-1] if each.qualifier else ""
        sources.owners[id(each)] = name
        if each.origin is not None:
            tables[name] = each.origin.table
    columns: dict[str, Sequence[str]] = {}
    for node in _relations(select):
        name = node.alias_or_name.lower()
        keys, columns[name] = _read_relation(view, node, tables.get(name))
        sources.titles[name] = node.name.lower() if isinstance(node, exp.Table) else name
        sources.keys[name] = None if name in sources.keys else keys
    _note_targets(view, sources, tables)
    for join in _joins(select):
        for column in join.args.get("using") or ():
            merged = column.name.lower()
            for name in (name for name, own in columns.items() if merged in own):
                sources.equate(("", merged), (name, merged))
        if join.args.get("on") is not None:
            _note(view, sources, join.args["on"])
    if (where := select.args.get("where")) is not None:
        _note(view, sources, where.this)
    return sources


def _relations(select: exp.Expr) -> Iterator[exp.Expr]:
    start = select.args.get("from_")
    todo = [start.this] if start is not None else []
    todo += [join.this for join in select.args.get("joins") or ()]
    while todo:
        node = todo.pop(0)
        todo += [join.this for join in node.args.get("joins") or ()]
        if isinstance(node, exp.Subquery) and not node.alias and not isinstance(node.this, exp.Query):
            todo.append(node.this)
        else:
            yield node


def _note_targets(view: View, sources: Sources, tables: Mapping[str, TableRef]) -> None:
    """What a foreign key of one table points to tells a row of the other, primary key or not."""
    relations = view.typed.selects.values()
    refs = {each.origin.table for relation in relations for each in relation.fields if each.origin is not None}
    for info in map(view.table, refs):
        for key in info.foreign_keys if info is not None else ():
            for name, ref in tables.items():
                own = sources.keys.get(name)
                if ref == key.ref_table and own is not None and sources.titles[name] == ref.name:
                    sources.keys[name] = (*own, frozenset(column.lower() for column in key.ref_columns))


def _joins(select: exp.Expr) -> Iterator[exp.Expr]:
    return (join for join in select.find_all(exp.Join) if join.find_ancestor(exp.Select) is select)


def _note(view: View, sources: Sources, condition: exp.Expr) -> None:
    for part in conjuncts(condition):
        if not isinstance(part, exp.EQ):
            continue
        for one, other in ((part.this, part.expression), (part.expression, part.this)):
            mine = view.field(bare(one))
            if mine is not None and id(mine) in sources.owners:
                column = (sources.owners[id(mine)], (mine.name or "").lower())
                sources.equations.append((column, sources.columns(view, other)))


def _read_relation(view: View, node: exp.Expr, ref: TableRef | None) -> tuple[Keys, Sequence[str]]:
    """The keys and the names of the columns of what stands in FROM."""
    given = _alias_columns(node)
    if isinstance(node, exp.Subquery):
        return _query(view, node.this, given)
    if not isinstance(node, exp.Table):
        return None, given
    cte = _named_query(node)
    if cte is not None:
        return _query(view, cte.this, given or _alias_columns(cte))
    info = view.table(ref) if ref is not None else None
    if info is None:
        return None, given
    names = [column.name.lower() for column in info.columns]
    known = given or names
    places = [names.index(column.lower()) for column in info.primary_key if column.lower() in names]
    if not info.primary_key or len(places) < len(info.primary_key):
        return None, known
    return (frozenset(known[place] for place in places),), known


def _alias_columns(node: exp.Expr) -> list[str]:
    alias = node.args.get("alias")
    return [column.name.lower() for column in alias.args.get("columns") or ()] if alias is not None else []


def _query(view: View, query: exp.Expr, given: Sequence[str]) -> tuple[Keys, Sequence[str]]:
    while isinstance(query, exp.Subquery):
        query = query.this
    if isinstance(query, exp.SetOperation):
        _, names = _query(view, query.this, given)
        return ((frozenset(names),) if names and query.args.get("distinct") else None), names
    if not isinstance(query, exp.Select):
        return None, given
    items = _outputs(view, query)
    names = given or [item.name for item in items]
    if len(names) < len(items):
        return None, names
    places = _places(view, query, items)
    return (None if places is None else tuple(frozenset(names[at] for at in key) for key in places)), names


def _named_query(node: exp.Expr) -> exp.Expr | None:
    """The named query of WITH that a table name stands for; None for a table, and within a query that names itself."""
    if node.args.get("db") is not None:
        return None
    outside = node.parent
    while outside is not None:
        clause = outside.args.get("with_")
        for cte in clause.expressions if clause is not None else ():
            if cte.alias.lower() == node.name.lower():
                return None if node.find_ancestor(exp.CTE) is cte else cte
        outside = outside.parent
    return None


def _places(view: View, select: exp.Expr, items: Sequence[Output]) -> tuple[frozenset[int], ...] | None:
    """Sets of places in a result of which each tells a row; None when nothing is known."""
    if id(select) not in view.keys:
        view.keys[id(select)] = _find_places(view, select, items)
    return view.keys[id(select)]


def _find_places(view: View, select: exp.Expr, items: Sequence[Output]) -> tuple[frozenset[int], ...] | None:
    if select.args.get("group") is not None:
        keys = _group_keys(view, select, items)
    elif any(_is_total(item) for item in select.expressions):
        keys = (frozenset(),)
    else:
        keys = _row_keys(read_sources(view, select), items)
    return (*(keys or ()), frozenset(range(len(items)))) if select.args.get("distinct") is not None else keys


@dataclass(frozen=True, slots=True)
class Output:
    """A column of a result."""

    node: exp.Expr
    name: str
    field: Field | None
    """The column of FROM that it shows unchanged."""


def _outputs(view: View, select: exp.Expr) -> list[Output]:
    relation = view.typed.selects.get(id(select))
    items: list[Output] = []
    for item in select.expressions:
        node = item.this if isinstance(item, exp.Alias) else item
        if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
            before = [node.table.lower()] if isinstance(node, exp.Column) else []
            fields = relation.fields if relation is not None else []
            items += (Output(node, (each.name or "").lower(), each) for each in fields if each.answers_to(before))
        else:
            items.append(Output(node, item.alias_or_name.lower(), view.field(bare(node))))
    return items


def _row_keys(sources: Sources, items: Sequence[Output]) -> tuple[frozenset[int], ...] | None:
    """The keys of a relation that determines all others, where the result shows them."""
    if any(keys is None for keys in sources.keys.values()):
        return None
    shown = {
        (sources.owners[id(item.field)], (item.field.name or "").lower()): place
        for place, item in enumerate(items)
        if item.field is not None and id(item.field) in sources.owners
    }
    fixed = {column for column, needs in sources.equations if not needs}
    found = _numbered(items)
    for name, keys in sources.keys.items():
        if sources.determined(frozenset({name})) >= sources.keys.keys():
            wanted = [{(name, column) for column in key} - fixed for key in keys or ()]
            found += [frozenset(shown[column] for column in key) for key in wanted if key <= shown.keys()]
    return tuple(found)


def _numbered(items: Sequence[Output]) -> list[frozenset[int]]:
    """What `row_number()` tells: its number, with the columns of its PARTITION BY."""
    found = []
    for at, item in enumerate(items):
        if isinstance(item.node, exp.Window) and isinstance(item.node.this, exp.RowNumber):
            parts = item.node.args.get("partition_by") or ()
            places = [next((n for n, each in enumerate(items) if each.node == part), None) for part in parts]
            shown = [place for place in places if place is not None]
            if len(shown) == len(places):
                found.append(frozenset({at, *shown}))
    return found


def _group_keys(view: View, select: exp.Expr, items: Sequence[Output]) -> tuple[frozenset[int], ...] | None:
    places = set()
    for part in select.args["group"].expressions:
        if isinstance(part, exp.Rollup | exp.Cube | exp.GroupingSets):
            return None
        place = _place_of(view, part, items)
        if place is None:
            return ()
        places.add(place)
    return (frozenset(places),)


def _place_of(view: View, part: exp.Expr, items: Sequence[Output]) -> int | None:
    if isinstance(part, exp.Literal):
        return int(part.name) - 1 if part.is_int else None
    mine = view.field(bare(part))
    same = (at for at, item in enumerate(items) if item.node == part or (mine is not None and item.field is mine))
    return next(same, None)


def _is_total(item: exp.Expr) -> bool:
    """True when an item makes one row of all rows."""
    parts = item.walk(prune=lambda part: isinstance(part, exp.Query | exp.Window))
    return any(is_aggregate(part) for part in parts)
