"""The lineage around a table, as one caller may know it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from app.contract.lineage import ColumnPair, Direction, LineageGraph, LineageLink, LineageTable

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.catalog.lineage import LineageEdge
    from townlake.domain.names import TableRef
    from townlake.domain.principal import Principal
    from townlake.governance.table_view import TableView

MOST_TABLES: Final = 200
MOST_COLUMNS: Final = 5_000
"""Pairs of columns in one graph."""
MOST_EDGES: Final = 50_000
"""Edges between columns that are looked at for one step."""
Side = Literal["source", "target"]
Edges = Callable[[Collection["TableRef"], Side], Sequence["LineageEdge"]]


@dataclass(slots=True)
class _Walk:
    """What was found so far."""

    views: Mapping[TableRef, TableView]
    most: int
    steps: dict[TableRef, int]
    links: dict[tuple[TableRef, TableRef], dict[ColumnPair, None]] = field(default_factory=dict)
    is_cut: bool = False

    def follow(self, edges: Sequence[LineageEdge], side: Side, step: int, *, is_beyond: bool) -> list[TableRef]:
        """Take edges in, and give the tables that were not there before.

        Args:
            edges: all of one step.
            side: where they touch the step before.
            step: the number of this step.
            is_beyond: whether only what leads to tables that are there is told.
        """
        self.is_cut = self.is_cut or len(edges) > MOST_EDGES
        reached: list[TableRef] = []
        for edge in edges[:MOST_EDGES]:
            source, target = edge.source.table, edge.target.table
            if source == target or not _may_know(edge, self.views):
                continue
            there = source if side == "target" else target
            if there not in self.steps:
                if is_beyond or len(self.steps) >= self.most:
                    self.is_cut = True
                    continue
                self.steps[there] = step
                reached.append(there)
            pairs = self.links.setdefault((source, target), {})
            if _is_open(self.views[source]) and _is_open(self.views[target]):
                pairs[ColumnPair(source=edge.source.column, target=edge.target.column, kind=edge.kind)] = None
        return reached

    def told(self) -> tuple[LineageLink, ...]:
        """The links, down to as many pairs of columns as one graph has."""
        links, room = [], MOST_COLUMNS
        for (source, target), pairs in sorted(self.links.items(), key=lambda each: tuple(map(str, each[0]))):
            columns = tuple(sorted(pairs, key=lambda pair: (pair.target, pair.source, pair.kind)))[:room]
            room -= len(columns)
            self.is_cut = self.is_cut or len(columns) < len(pairs)
            links.append(LineageLink(source=str(source), target=str(target), columns=columns))
        return tuple(links)


def lineage_graph(
    start: TableRef,
    views: Mapping[TableRef, TableView],
    edges: Edges,
    direction: Direction,
    depth: int,
    most: int = MOST_TABLES,
) -> LineageGraph:
    """The graph from a table on.

    Args:
        start: a table that the caller can find.
        views: all tables that the caller can find, by name; any other one ends the way.
        edges: gives the edges that start or end at tables.
        direction: which way to follow.
        depth: so many steps at most.
        most: so many tables at most.
    """
    walk = _Walk(views, most, {start: 0})
    ways: tuple[tuple[Side, int, Direction], ...] = (("target", -1, Direction.UP), ("source", 1, Direction.DOWN))
    for side, sign, way in ways:
        level = [start] if direction in (way, Direction.BOTH) else []
        for step in range(1, depth + 2):
            if level:
                level = walk.follow(edges(level, side), side, sign * step, is_beyond=step > depth)
    links = walk.told()
    in_order = sorted(walk.steps.items(), key=lambda each: (each[1], str(each[0])))
    return LineageGraph(
        table=str(start),
        tables=tuple(_node(views[ref], step) for ref, step in in_order),
        links=links,
        truncated=walk.is_cut,
    )


def graph_of(
    workspace: Workspace, caller: Principal, view: TableView, direction: Direction, depth: int
) -> LineageGraph:
    """The graph around a table that a caller can find."""
    from townlake.catalog.lineage import edges_at

    views = {each.info.ref: each for each in workspace.lake.tables(caller)}

    def edges(tables: Collection[TableRef], side: Side) -> Sequence[LineageEdge]:
        return edges_at(workspace.state, tables, side, MOST_EDGES + 1)

    return lineage_graph(view.info.ref, {**views, view.info.ref: view}, edges, direction, depth)


def _may_know(edge: LineageEdge, views: Mapping[TableRef, TableView]) -> bool:
    """Whether the caller sees both columns: of a closed table nobody learns where it comes from."""
    ends = ((views.get(end.table), end.column) for end in (edge.source, edge.target))
    return all(view is not None and view.info.column(column) is not None for view, column in ends)


def _is_open(view: TableView) -> bool:
    return bool(view.info.columns)


def _node(view: TableView, steps: int) -> LineageTable:
    masked = any(column.decision.mask for column in view.access.columns)
    is_partly = masked or bool(view.access.row_filters)
    state = "closed" if not _is_open(view) else "partly" if is_partly else "open"
    info = view.info
    return LineageTable(
        table=str(info.ref), state=state, owner=info.owner, tier=info.tier, fresh_at=info.fresh_at, steps=steps
    )
