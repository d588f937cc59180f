"""What a caller can ask without a model: the metrics and verified queries that are computed in the clear for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from agents.ask.cover.lexicon import lexicon_of
from agents.ask.cover.view import View
from agents.ask.known_metrics import known_metrics
from app.any_values import with_any_values
from memory.sight import Sight
from townlake.catalog.knowledge.model import Knowledge, Metric, VerifiedQuery
from townlake.domain.value import Value

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal


class Askable(Value):
    """What is written down and can be asked, by name."""

    metrics: tuple[Metric, ...] = ()
    """With those dimensions only that the caller can use."""
    queries: tuple[VerifiedQuery, ...] = ()
    left_out: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """By metric: why the dimensions that the caller may know of, but cannot use, are missing."""
    blocked: int = 0
    """How many others are about tables that the caller may know of, and cannot be computed for the caller."""


def askable_by(workspace: Workspace, caller: Principal) -> Askable:
    """What the caller can ask, decided as `skipper ask` decides it.

    A metric that reads a closed or masked column of the caller's is left out, and so is a verified query.
    """
    knowledge = workspace.knowledge
    sight = Sight.of((view.info, view.access) for view in workspace.lake.tables(caller))
    view = View(lexicon_of(knowledge), sight)
    metrics = known_metrics(knowledge, sight)
    queries = [query for query in knowledge.queries if _runs(query, workspace, caller)]
    known = sum(view.exists(metric.name) for metric in knowledge.metrics)
    known += sum(all(map(sight.finds, query.tables)) for query in knowledge.queries)
    return Askable(
        metrics=tuple(sorted(metrics, key=lambda metric: metric.name)),
        queries=tuple(sorted(queries, key=lambda query: query.name)),
        left_out={metric.name: _left_out(metric.name, knowledge, view) for metric in metrics},
        blocked=max(known - len(metrics) - len(queries), 0),
    )


def _left_out(name: str, knowledge: Knowledge, view: View) -> tuple[str, ...]:
    keys = ((name, d.name) for metric in knowledge.metrics if metric.name == name for d in metric.dimensions)
    return tuple(view.blocked(key).message for key in keys if view.exists(key) and not view.usable(key))


def _runs(query: VerifiedQuery, workspace: Workspace, caller: Principal) -> bool:
    """Whether the guard lets it run, in all rows and unmasked. The lake is not asked: it would audit a refusal."""
    from townlake.governance.guard.check import check

    verdict = check(with_any_values(query, workspace.today), caller, workspace.catalog, workspace.policy)
    return verdict.passed and not verdict.masks and not verdict.row_filtered
