"""The part of the client that looks at tables more closely: lineage, samples, metrics."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from app.contract.catalog import MetricList, MetricPage, TableQuestions
from app.contract.lineage import Direction, LineageGraph
from app.contract.results import SqlResult
from townlake.domain.value import Value

V = TypeVar("V", bound=Value)


class Line(Protocol):
    """What a part of the client needs of the whole."""

    def _get(self, path: str, kind: type[V], **params: Any) -> V: ...


class UsageCalls:
    """Tables more closely."""

    def lineage(self: Line, table: str, *, direction: Direction = Direction.BOTH, depth: int = 3) -> LineageGraph:
        """What a table was made from, and what is made from it."""
        return self._get(f"/v1/lineage/{table}", LineageGraph, direction=direction.value, depth=depth)

    def sample(self: Line, table: str, *, limit: int = 10) -> SqlResult:
        """Some rows of a table as you may see it."""
        return self._get(f"/v1/catalog/tables/{table}/sample", SqlResult, limit=limit)

    def table_questions(self: Line, table: str, *, limit: int = 20) -> TableQuestions:
        """What a table answers."""
        return self._get(f"/v1/catalog/tables/{table}/questions", TableQuestions, limit=limit)

    def metrics(self: Line) -> MetricList:
        """Metrics and verified queries that you can ask without a model."""
        return self._get("/v1/catalog/metrics", MetricList)

    def metric(self: Line, name: str) -> MetricPage:
        """A metric, by any of its names."""
        return self._get(f"/v1/catalog/metrics/{name}", MetricPage)
