"""What one row determines: how often a row can come out of a join, as far as keys tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from townlake.domain.names import TableRef
from townlake.domain.table import TableInfo
from townlake.domain.value import Value

Keys: TypeAlias = "tuple[frozenset[str], ...] | None"
"""Sets of columns of which each tells a row; empty when rows may repeat, None when nothing is known."""
Column: TypeAlias = "tuple[str, str]"
"""A relation and a column of it, in lower case."""
Equation: TypeAlias = "tuple[Column, frozenset[Column]]"
"""A column, and the columns that its value follows from."""


def determined(
    start: Iterable[str],
    keys: Mapping[str, Keys],
    equations: Iterable[Equation],
    fixed: Iterable[Column] = (),
) -> frozenset[str]:
    """The relations of which one row at most belongs to a row of those at the start.

    Args:
        start: the relations whose rows are given.
        keys: those of every relation.
        equations: what the conditions between them say.
        fixed: columns whose value is given besides, such as those that are grouped by.

    >>> keys = {"o": (frozenset({"id"}),), "c": (frozenset({"id"}),)}
    >>> of_order = [(("c", "id"), frozenset({("o", "customer")})), (("o", "customer"), frozenset({("c", "id")}))]
    >>> sorted(determined({"o"}, keys, of_order)), sorted(determined({"c"}, keys, of_order))
    (['c', 'o'], ['c'])
    """
    known, columns, told = set(start), set(fixed), tuple(equations)
    before = -1
    while before < len(known) + len(columns):
        before = len(known) + len(columns)
        columns |= {column for column, needs in told if all(each in columns or each[0] in known for each in needs)}
        for name, own in keys.items():
            held = {column for relation, column in columns if relation == name}
            if any(key <= held for key in own or ()):
                known.add(name)
    return frozenset(known)


class TableKeys(Value):
    """What is declared of a table."""

    unique: tuple[frozenset[str], ...] = ()
    """Sets of columns of which each tells a row."""
    foreign: tuple[frozenset[str], ...] = ()
    """Columns that point to a row of another table: many rows may point to one."""


def keys_of(tables: Iterable[TableInfo]) -> dict[TableRef, TableKeys]:
    """The declared keys: primary keys, and what foreign keys point to, unless that is a part of a primary key only."""
    infos = tuple(tables)
    primary = {info.ref: _folded(info.primary_key) for info in infos if info.primary_key}
    unique: dict[TableRef, set[frozenset[str]]] = {ref: {key} for ref, key in primary.items()}
    foreign: dict[TableRef, set[frozenset[str]]] = {}
    for info in infos:
        for key in info.foreign_keys:
            target = _folded(key.ref_columns)
            foreign.setdefault(info.ref, set()).add(_folded(key.columns))
            if not target < primary.get(key.ref_table, frozenset()):
                unique.setdefault(key.ref_table, set()).add(target)
    return {
        ref: TableKeys(unique=_sorted(unique.get(ref, ())), foreign=_sorted(foreign.get(ref, ())))
        for ref in (*unique, *(ref for ref in foreign if ref not in unique))
    }


def _sorted(keys: Iterable[frozenset[str]]) -> tuple[frozenset[str], ...]:
    return tuple(sorted(keys, key=sorted))


def _folded(columns: Iterable[str]) -> frozenset[str]:
    return frozenset(column.lower() for column in columns)
