"""The part of the client that looks at tables more closely, and at what was used."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from app.contract.catalog import MetricList, MetricPage, TableQuestions
from app.contract.lineage import Direction, LineageGraph
from app.contract.results import SqlResult
from app.contract.usage import FeedbackDays, FeedbackPage, ModelsUsed, RankedQuestions, Ranking, Usage, UsedCallers
from townlake.domain.value import Value

V = TypeVar("V", bound=Value)


class Line(Protocol):
    """What a part of the client needs of the whole."""

    def _get(self, path: str, kind: type[V], /, **params: Any) -> V: ...


class UsageCalls:
    """Tables more closely, usage and feedback."""

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

    def usage(self: Line, *, of: str = "me", days: int = 7) -> Usage:
        """What was used, by day, and what is left of today; `of` somebody else or `everybody` for reviewers."""
        return self._get("/v1/usage", Usage, of=of, days=days)

    def usage_by_caller(self: Line, *, days: int = 7, limit: int = 100) -> UsedCallers:
        """For reviewers: what each person and each bot used."""
        return self._get("/v1/usage/callers", UsedCallers, days=days, limit=limit)

    def dearest_questions(
        self: Line, by: Ranking = Ranking.SECONDS, *, of: str = "me", days: int = 7, limit: int = 20
    ) -> RankedQuestions:
        """The questions that took most."""
        return self._get("/v1/usage/questions", RankedQuestions, by=by.value, of=of, days=days, limit=limit)

    def usage_by_model(self: Line, *, of: str = "me", days: int = 7) -> ModelsUsed:
        """What each model cost."""
        return self._get("/v1/usage/models", ModelsUsed, of=of, days=days)

    def feedback_given(
        self: Line, *, everybody: bool = False, cursor: str | None = None, limit: int = 50
    ) -> FeedbackPage:
        """What was said of answers, the newest first."""
        return self._get("/v1/feedback", FeedbackPage, everybody=everybody, cursor=cursor, limit=limit)

    def feedback_by_day(self: Line, *, everybody: bool = False, days: int = 30) -> FeedbackDays:
        """How many answers were right, by day."""
        return self._get("/v1/feedback/days", FeedbackDays, everybody=everybody, days=days)
