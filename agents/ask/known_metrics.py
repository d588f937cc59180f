"""The metrics that one caller can compute."""

from __future__ import annotations

from agents.ask.cover.lexicon import lexicon_of
from agents.ask.cover.view import View
from memory.sight import Sight
from townlake.catalog.knowledge.model import Knowledge, Metric


def known_metrics(knowledge: Knowledge, sight: Sight) -> tuple[Metric, ...]:
    """Those of which everything that they read is there for the caller, unmasked; likewise their dimensions."""
    view = View(lexicon_of(knowledge), sight)

    def narrowed(metric: Metric) -> Metric:
        usable = tuple(each for each in metric.dimensions if view.usable((metric.name, each.name)))
        return metric.model_copy(update={"dimensions": usable})

    return tuple(narrowed(metric) for metric in knowledge.metrics if view.usable(metric.name))
