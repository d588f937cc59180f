"""The order in which tables are scanned: each after those that it is made of, so that their labels are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agents.skimmer.relations import CARRIES
from townlake.catalog.lineage import LineageEdge
from townlake.domain.names import TableRef
from townlake.domain.table import TableInfo


def sources_first(tables: Sequence[TableInfo], lineage: Iterable[LineageEdge]) -> tuple[TableRef, ...]:
    """Each table after those that it is made of, or points to, as far as that is no circle.

    Args:
        tables: those to put in order.
        lineage: edges between columns, of any table.
    """
    sources = _sources(tables, lineage)
    ordered: dict[TableRef, None] = {}
    begun: set[TableRef] = set()
    # No recursion: a chain of tables is longer than Python's stack is deep.
    waiting = [table.ref for table in reversed(tables)]
    while waiting:
        ref = waiting[-1]
        if ref in begun:
            waiting.pop()
            ordered.setdefault(ref)
        else:
            begun.add(ref)
            waiting += sorted(sources[ref] - begun, key=str, reverse=True)
    return tuple(ordered)


def _sources(tables: Sequence[TableInfo], lineage: Iterable[LineageEdge]) -> Mapping[TableRef, set[TableRef]]:
    """For each of the tables those of them that should be scanned before."""
    above: dict[TableRef, set[TableRef]] = {table.ref: set() for table in tables}
    for edge in lineage:
        if edge.kind in CARRIES and edge.target.table in above:
            above[edge.target.table].add(edge.source.table)
    for table in tables:
        above[table.ref] |= {key.ref_table for key in table.foreign_keys}
    return {ref: (sources & above.keys()) - {ref} for ref, sources in above.items()}
