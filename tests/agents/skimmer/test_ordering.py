"""In which order tables are scanned."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from agents.skimmer.ordering import sources_first
from townlake.catalog.lineage import LineageEdge
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.table import ForeignKey, TableInfo


def table(name: str, *points_to: str) -> TableInfo:
    keys = tuple(ForeignKey(columns=("k",), ref_table=TableRef.parse(to), ref_columns=("id",)) for to in points_to)
    return TableInfo(
        ref=TableRef.parse(name), uuid=name, metadata_location="", snapshot_id=1, columns=(), foreign_keys=keys
    )


def edge(source: str, target: str, kind: str = "copy") -> LineageEdge:
    ends = (ColumnRef(table=TableRef.parse(name), column="c") for name in (source, target))
    return LineageEdge(source=next(ends), target=next(ends), kind=kind)


def names(tables: Sequence[TableInfo], *edges: LineageEdge) -> list[str]:
    return [ref.name for ref in sources_first(tables, edges)]


def test_sources_come_before_what_is_made_of_them() -> None:
    tables = [table("s.c"), table("s.b"), table("s.a"), table("s.z", "s.a")]
    assert names(tables, edge("s.a", "s.b"), edge("s.b", "s.c"), edge("s.z", "s.b")) == ["a", "z", "b", "c"]
    assert names(tables, edge("s.a", "s.c", "aggregate")) == ["c", "b", "a", "z"], "an aggregate carries no label"
    assert names(tables, edge("s.elsewhere", "s.b")) == ["c", "b", "a", "z"]


def test_a_circle_has_each_table_once() -> None:
    tables = [table("s.a"), table("s.b"), table("s.c")]
    assert names(tables, edge("s.a", "s.b"), edge("s.b", "s.a"), edge("s.a", "s.a"), edge("s.b", "s.c")) == [
        "b",
        "a",
        "c",
    ]


def test_a_long_chain_is_put_in_order() -> None:
    chain = [f"s.t{number}" for number in range(5000)]
    edges = [edge(source, target) for source, target in pairwise(chain)]
    assert names([table(name) for name in reversed(chain)], *edges) == [name.partition(".")[2] for name in chain]
