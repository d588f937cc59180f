"""Which joins a metric makes for what is asked of it, and in which order."""

from __future__ import annotations

from collections.abc import Iterable

from townlake.catalog.knowledge.model import Join, Metric


def join_of(metric: Metric, alias: str) -> Join | None:
    """The join of that alias, or None."""
    return next((join for join in metric.joins if join.alias == alias), None)


def joins_for(metric: Metric, aliases: Iterable[str] = ()) -> tuple[Join, ...]:
    """The required joins, then those of `aliases`, each after whatever it needs and none twice.

    Unknown aliases and rings are passed over: the loader reports them.
    """
    made: dict[str, Join] = {}

    def add(alias: str, above: frozenset[str]) -> None:
        join = join_of(metric, alias)
        if join is None or alias in made or alias in above:
            return
        for need in join.needs:
            add(need, above | {alias})
        made[alias] = join

    for alias in (*metric.required_joins, *aliases):
        add(alias, frozenset())
    return tuple(made.values())


def reach(metric: Metric, aliases: Iterable[str] = ()) -> frozenset[str]:
    """The aliases that an expression may use once these joins are made."""
    return frozenset({metric.alias, *(join.alias for join in joins_for(metric, aliases))})
