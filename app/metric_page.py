"""Metrics and verified queries as whoever can ask them is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from app.contract.catalog import MetricDimension, MetricList, MetricPage, QueryPage, QueryParameter
from app.tables import did_you_mean
from townlake.domain.errors import NotFound

if TYPE_CHECKING:
    from app.askable import Askable
    from townlake.catalog.knowledge.model import Metric, TimeColumn, VerifiedQuery


def metric_list(found: Askable) -> MetricList:
    """Everything that a caller can ask."""
    return MetricList(
        metrics=tuple(metric_page(metric, found.left_out[metric.name]) for metric in found.metrics),
        queries=tuple(map(query_page, found.queries)),
        blocked=found.blocked,
    )


def metric_page(metric: Metric, left_out: Sequence[str] = ()) -> MetricPage:
    """One metric, with the dimensions that the caller can use."""
    return MetricPage(
        name=metric.name,
        title=metric.title,
        synonyms=metric.synonyms,
        description=metric.description,
        owner=metric.owner,
        unit=metric.unit,
        table=metric.table.short,
        expression=metric.expression,
        filters=metric.filters,
        assumptions=metric.assumptions,
        dimensions=tuple(
            MetricDimension(name=d.name, synonyms=d.synonyms, description=d.description, expression=d.expression)
            for d in metric.dimensions
        ),
        time=_time(metric.time),
        left_out=tuple(left_out),
    )


def query_page(query: VerifiedQuery) -> QueryPage:
    """One verified query."""
    return QueryPage(
        name=query.name,
        question=query.question,
        paraphrases=query.paraphrases,
        parameters=tuple(
            QueryParameter(name=p.name, type=p.type, dimension=p.dimension, default=p.default) for p in query.parameters
        ),
        sql=query.sql,
        tables=tuple(table.short for table in query.tables),
        owner=query.owner,
        verified_on=query.verified_on,
        assumptions=query.assumptions,
    )


def askable_called(name: str, found: Askable) -> tuple[tuple[Metric, ...], VerifiedQuery | None]:
    """The metrics that a name can mean, the likeliest first; else the verified query that it is the name of.

    Raises:
        NotFound: the caller can ask nothing of that name.
    """
    folded = name.casefold()
    metrics = [metric for metric in found.metrics if folded in _names(metric)]
    if metrics:
        # Its own name is that of one only; a word may be that of several.
        return tuple(sorted(metrics, key=lambda metric: metric.name.casefold() != folded)), None
    query = next((q for q in found.queries if folded in (q.name.casefold(), q.question.casefold())), None)
    if query is None:
        raise _no_such(name, found)
    return (), query


def metrics_called(name: str, found: Askable) -> tuple[Metric, ...]:
    """The metrics that a name can mean, the likeliest first.

    Raises:
        NotFound: the caller can ask none of that name.
    """
    metrics, _ = askable_called(name, found)
    if not metrics:
        raise _no_such(name, found)
    return metrics


def _time(time: TimeColumn | None) -> str | None:
    if time is None:
        return None
    if time.column:
        return f"{time.column}, rows within the span"
    end = f" until the day before {time.valid_to}" if time.valid_to else " on"
    return f"rows that are valid on the last day of the span, from {time.valid_from}{end}"


def _names(metric: Metric) -> set[str]:
    return {name.casefold() for name in (metric.name, metric.title, *metric.synonyms)}


def _no_such(name: str, found: Askable) -> NotFound:
    names = {each: metric.name for metric in found.metrics for each in _names(metric)}
    names |= {query.name: query.name for query in found.queries}
    near = list(dict.fromkeys(names[each] for each in get_close_matches(name.casefold(), names, n=3, cutoff=0.6)))
    return NotFound(
        f"There is no metric and no verified query {name} that you can ask.",
        hint=f"{did_you_mean(near)} `skipper metrics` lists them.".lstrip(),
    )
