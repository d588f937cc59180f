"""Lineage as one caller may know it: what they cannot find is not there, nor what lies behind it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from app.contract.lineage import Direction, LineageGraph
from app.lineage_graph import Side, lineage_graph
from townlake.catalog.lineage import LineageEdge
from townlake.domain.decision import ColumnAccess, Decision, Effect, TableAccess
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.review import MaskMethod
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.governance.table_view import TableView

RAW, CLEAN, MART, SIDE = (TableRef.parse(f"a.{name}") for name in ("raw", "clean", "mart", "side"))


def edge(text: str) -> LineageEdge:
    """`raw.x > clean.y`."""
    source, target = (ColumnRef.parse(f"a.{end}") for end in text.split(" > "))
    return LineageEdge(source=source, target=target, kind="copy")


CHAIN = [edge(text) for text in ("raw.x > clean.x", "clean.x > mart.x", "raw.s > clean.s", "clean.x > side.x")]


def view(ref: TableRef, *columns: str, mask: MaskMethod | None = None) -> TableView:
    info = TableInfo.model_construct(
        **{name: field.get_default(call_default_factory=True) for name, field in TableInfo.model_fields.items()}
        | {"ref": ref, "columns": tuple(ColumnInfo(name=name, type="bigint", field_id=1) for name in columns)}
    )
    effect = Effect.MASK if mask else Effect.ALLOW
    decision = Decision(effect=effect, reason="", rule="", mask=mask)
    access = TableAccess(
        table=ref,
        decision=decision,
        columns=tuple(ColumnAccess(column=ColumnRef(table=ref, column=c), decision=decision) for c in columns),
    )
    return TableView(info=info, access=access)


ALL = (view(RAW, "x", "s"), view(CLEAN, "x", "s"), view(MART, "x"), view(SIDE, "x"))


def graph(
    start: TableRef,
    views: Sequence[TableView] = ALL,
    *,
    edges: Sequence[LineageEdge] = CHAIN,
    direction: Direction = Direction.BOTH,
    depth: int = 5,
    most: int = 200,
) -> LineageGraph:
    def at(tables: Collection[TableRef], side: Side) -> list[LineageEdge]:
        return [each for each in edges if getattr(each, side).table in tables]

    return lineage_graph(start, {each.info.ref: each for each in views}, at, direction, depth, most)


def names(found: LineageGraph) -> dict[str, int]:
    return {table.table.removeprefix("lake.a."): table.steps for table in found.tables}


def test_all_of_it_down_to_columns() -> None:
    found = graph(CLEAN)
    assert names(found) == {"raw": -1, "clean": 0, "mart": 1, "side": 1}
    links = {(link.source, link.target): [pair.source for pair in link.columns] for link in found.links}
    assert links["lake.a.raw", "lake.a.clean"] == ["s", "x"]
    assert not found.truncated


@pytest.mark.parametrize(
    ("direction", "there"),
    [(Direction.UP, {"clean": 0, "raw": -1}), (Direction.DOWN, {"clean": 0, "mart": 1, "side": 1})],
)
def test_one_way_only(direction: Direction, there: dict[str, int]) -> None:
    assert names(graph(CLEAN, direction=direction)) == there


def test_both_ways_do_not_turn_around() -> None:
    assert names(graph(MART)) == {"raw": -2, "clean": -1, "mart": 0}


def test_a_hidden_table_is_not_told_and_ends_the_way() -> None:
    without = [each for each in ALL if each.info.ref != CLEAN]
    for depth in (1, 5):
        found = graph(MART, without, depth=depth)
        # Just as if nothing had been there.
        assert found == graph(MART, without, edges=[], depth=depth)
        assert not found.truncated


def test_a_hidden_table_takes_no_room() -> None:
    found = graph(CLEAN, [each for each in ALL if each.info.ref != RAW], most=3)
    assert (names(found), found.truncated) == ({"clean": 0, "mart": 1, "side": 1}, False)


def test_a_hidden_column_tells_of_no_table() -> None:
    only_s = [edge("raw.s > clean.s")]
    sees_no_s = (view(RAW, "x"), *ALL[1:])
    assert graph(CLEAN, sees_no_s, edges=only_s).links == ()
    assert names(graph(CLEAN, sees_no_s, edges=only_s)) == {"clean": 0}


def test_of_a_closed_table_nothing_is_told_but_itself() -> None:
    closed = (view(RAW), *ALL[1:])
    assert "lake.a.raw" not in {end for link in graph(CLEAN, closed).links for end in (link.source, link.target)}
    found = graph(RAW, closed)
    assert ([table.state for table in found.tables], found.links) == (["closed"], ())


def test_masked_is_partly_open() -> None:
    found = graph(RAW, (view(RAW, "x", mask=MaskMethod.REDACT), *ALL[1:]), depth=1)
    assert [table.state for table in found.tables] == ["partly", "open"]


def test_it_is_bounded_and_says_so() -> None:
    assert graph(RAW, depth=1).truncated
    assert not graph(RAW, depth=2).truncated
    found = graph(RAW, most=2)
    assert (len(found.tables), found.truncated) == (2, True)


def test_rings_end() -> None:
    ring = [edge("raw.x > clean.x"), edge("clean.x > raw.x"), edge("raw.x > raw.s")]
    found = graph(RAW, edges=ring, depth=20)
    assert names(found) == {"raw": 0, "clean": -1}
    assert {(link.source, link.target) for link in found.links} == {
        ("lake.a.raw", "lake.a.clean"),
        ("lake.a.clean", "lake.a.raw"),
    }
