"""Every phrase that the knowledge gives a meaning, indexed once for each state of the files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from agents.ask.cover.words import keys
from townlake.catalog.knowledge.expressions import columns, view_expression
from townlake.catalog.knowledge.joins import joins_for
from townlake.catalog.knowledge.model import Dimension, Knowledge, Metric
from townlake.domain.names import ColumnRef, TableRef

DimensionKey = tuple[str, str]
"""(metric, dimension), both by name."""

_built: dict[str, Lexicon] = {}
_KEPT = 8


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase can stand for."""

    metrics: frozenset[str] = frozenset()
    dimensions: frozenset[DimensionKey] = frozenset()

    def __or__(self, other: Meaning) -> Meaning:
        return Meaning(self.metrics | other.metrics, self.dimensions | other.dimensions)


@dataclass(frozen=True, slots=True)
class Reads:
    """What the SQL of a metric or dimension reads."""

    tables: frozenset[TableRef]
    columns: frozenset[ColumnRef]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrases by their stems, and what stands behind them."""

    metrics: Mapping[str, Metric]
    dimensions: Mapping[DimensionKey, Dimension]
    phrases: Mapping[tuple[str, ...], Meaning]
    longest: int
    """Words of the longest phrase."""
    reads: Mapping[str | DimensionKey, Reads]
    stored: Mapping[DimensionKey, ColumnRef]
    """The column behind each dimension that is a plain column."""
    units: frozenset[str]
    """The units of all metrics, in lower case."""
    heads: Mapping[str, frozenset[DimensionKey]]
    """The dimensions with a word in a name of several: `billing` is in `billing period`."""
    other_names: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    """From the glossary: what else a phrase is called, for looking up values."""


def lexicon_of(knowledge: Knowledge) -> Lexicon:
    """The index of this knowledge, built when its digest is new."""
    if not knowledge.digest:
        return _build(knowledge)
    if knowledge.digest not in _built:
        while len(_built) >= _KEPT:
            _built.pop(next(iter(_built)), None)
        _built[knowledge.digest] = _build(knowledge)
    return _built[knowledge.digest]


def _build(knowledge: Knowledge) -> Lexicon:
    metrics = {metric.name: metric for metric in knowledge.metrics}
    dimensions = {(m.name, d.name): d for m in knowledge.metrics for d in m.dimensions}
    phrases: dict[tuple[str, ...], Meaning] = {}

    def add(texts: Iterable[str], meaning: Meaning) -> None:
        for key in {keys(text) for text in texts} - {()}:
            phrases[key] = phrases.get(key, Meaning()) | meaning

    for metric in metrics.values():
        add((metric.name, metric.title, *metric.synonyms), Meaning(metrics=frozenset({metric.name})))
    for key, dimension in dimensions.items():
        add((dimension.name, *dimension.synonyms), Meaning(dimensions=frozenset({key})))
    other_names: dict[tuple[str, ...], tuple[str, ...]] = {}
    for term in knowledge.terms:
        names = (term.term, *term.synonyms)
        known = [phrases[keys(name)] for name in names if keys(name) in phrases]
        for meaning in known:
            add(names, meaning)
        for name in names:
            other_names[keys(name)] = names
    reads: dict[str | DimensionKey, Reads] = {name: _metric_reads(metric) for name, metric in metrics.items()}
    reads |= {key: _dimension_reads(metrics[key[0]], dimension) for key, dimension in dimensions.items()}
    stored = {key: column for key, d in dimensions.items() if (column := _stored(metrics[key[0]], d))}
    longest = max(map(len, phrases), default=0)
    units = frozenset(metric.unit.casefold() for metric in metrics.values() if metric.unit)
    heads: dict[str, frozenset[DimensionKey]] = {}
    for phrase, meaning in phrases.items():
        for word in phrase if len(phrase) > 1 else ():
            heads[word] = heads.get(word, frozenset()) | meaning.dimensions
    return Lexicon(metrics, dimensions, phrases, longest, reads, stored, units, heads, other_names)


def _metric_reads(metric: Metric) -> Reads:
    time = metric.time
    texts = [metric.expression, *metric.filters, *(join.on for join in joins_for(metric))]
    texts += [text for text in (time.column, time.valid_from, time.valid_to) if text] if time else []
    return _reads(metric, texts, [metric.table, *(join.table for join in joins_for(metric))])


def _dimension_reads(metric: Metric, dimension: Dimension) -> Reads:
    joins = joins_for(metric, dimension.joins)
    return _reads(metric, [dimension.expression, *(join.on for join in joins)], [join.table for join in joins])


def _reads(metric: Metric, texts: Iterable[str], tables: Iterable[TableRef]) -> Reads:
    by_alias = aliases(metric)
    found = {
        ColumnRef(table=by_alias[alias], column=column)
        for text in texts
        for alias, column in columns(view_expression(text))
        if alias in by_alias
    }
    return Reads(frozenset(tables), frozenset(found))


def _stored(metric: Metric, dimension: Dimension) -> ColumnRef | None:
    tree = view_expression(dimension.expression)
    if not isinstance(tree, exp.Column) or len(tree.parts) != 2:
        return None
    table = aliases(metric).get(tree.table.lower())
    return ColumnRef(table=table, column=tree.name.lower()) if table else None


def aliases(metric: Metric) -> dict[str, TableRef]:
    """The table behind each alias of a metric."""
    return {metric.alias: metric.table, **{join.alias: join.table for join in metric.joins}}
