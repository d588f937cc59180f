"""Which tables can be joined: declared keys, lineage, and keys that only their names declare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Final

from memory.words import split
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.table import TableInfo
from townlake.domain.value import Value

_KEY_ENDINGS: Final = frozenset({"id", "ids", "key", "keys", "code", "uuid", "guid", "no", "num", "number", "cd", "sk"})
_REFERENCES: Final = frozenset({"id", "key", "uuid", "guid", "code"})


class EdgeKind(StrEnum):
    """How two tables belong together."""

    KEY = "key"
    """A declared foreign key."""
    NAMED = "named"
    """A column that is called after the key of another table: `account_id`, and a table `accounts` with `id`."""
    LINEAGE = "lineage"
    """The one is computed from the other."""


class Edge(Value):
    """Two tables that belong together, and the columns that must be visible to know it."""

    kind: EdgeKind
    source: TableRef
    target: TableRef
    sees: tuple[ColumnRef, ...] = ()


def edges_of(tables: Sequence[TableInfo], lineage: Iterable[tuple[ColumnRef, ColumnRef]]) -> tuple[Edge, ...]:
    """All edges. Names are asked only where no key was declared."""
    known = {info.ref for info in tables}
    edges = [edge for info in tables for edge in _declared(info) if edge.target in known]
    joined = {frozenset((edge.source, edge.target)) for edge in edges}
    edges += [edge for edge in _named(tables) if frozenset((edge.source, edge.target)) not in joined]
    edges += [
        Edge(kind=EdgeKind.LINEAGE, source=source.table, target=target.table, sees=(source, target))
        for source, target in dict.fromkeys(lineage)
        if source.table in known and target.table in known and source.table != target.table
    ]
    return tuple(edges)


def is_key(column: str) -> bool:
    """Whether a column's name says that it identifies something that has a name: `zone_id`, not `id`.

    >>> [name for name in ("zone_id", "FCLT_BUILDING_KEY", "id", "paid", "StuID", "amount") if is_key(name)]
    ['zone_id', 'FCLT_BUILDING_KEY', 'StuID']
    """
    words = split(column)
    return len(words) > 1 and words[-1] in _KEY_ENDINGS


def _declared(info: TableInfo) -> Iterator[Edge]:
    for key in info.foreign_keys:
        if key.ref_table != info.ref:
            own = (ColumnRef(table=info.ref, column=name) for name in key.columns)
            other = (ColumnRef(table=key.ref_table, column=name) for name in key.ref_columns)
            yield Edge(kind=EdgeKind.KEY, source=info.ref, target=key.ref_table, sees=(*own, *other))


def _named(tables: Sequence[TableInfo]) -> Iterator[Edge]:
    """Edges from `zone_id` to the table `zone` or `zones` of the same schema, when that has an `id` or `zone_id`."""
    by_name: dict[tuple[str, str], list[TableInfo]] = defaultdict(list)
    for info in tables:
        for name in {info.ref.name.replace("_", ""), _singular(info.ref.name.replace("_", ""))}:
            by_name[info.ref.namespace, name].append(info)
    for info in tables:
        for column in info.columns:
            words = split(column.name)
            if len(words) < 2 or words[-1] not in _REFERENCES:
                continue
            for target in by_name.get((info.ref.namespace, "".join(words[:-1])), ()):
                key = next((c for c in target.columns if split(c.name) in (words, words[-1:])), None)
                if target.ref != info.ref and key is not None:
                    sees = (
                        ColumnRef(table=info.ref, column=column.name),
                        ColumnRef(table=target.ref, column=key.name),
                    )
                    yield Edge(kind=EdgeKind.NAMED, source=info.ref, target=target.ref, sees=sees)


def _singular(name: str) -> str:
    """A name without its plural ending.

    >>> _singular("accounts"), _singular("companies"), _singular("addresses"), _singular("status")
    ('account', 'company', 'address', 'status')
    """
    if name.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    if name.endswith("s") and not name.endswith(("ss", "us", "is")):
        return name[:-1]
    return name
