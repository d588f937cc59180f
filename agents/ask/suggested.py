"""What can be asked instead of a question that is not answered: whole questions, each of them tried."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from agents.ask.cover.cover import cover
from agents.ask.cover.result import Cover
from agents.ask.cover.verified import example_of
from agents.ask.cover.words import keys
from agents.ask.known_metrics import known_metrics
from memory.words import content_words
from townlake.catalog.knowledge.expressions import columns_named
from townlake.domain.names import ColumnRef

if TYPE_CHECKING:
    from agents.ask.run_context import Run
    from agents.ask.schema_slice import SchemaSlice
    from agents.ask.state import Question
    from townlake.catalog.knowledge.model import Dimension, Metric, Parameter, VerifiedQuery

_HOLE: Final = re.compile(r"\{[^{}]*\}")
_MOST: Final = 3
_TRIED: Final = 12


def suggested(question: Question, found: SchemaSlice | None, run: Run) -> tuple[str, ...]:
    """Up to three questions that this caller is answered without a model, the nearest first.

    Args:
        question: the one that is not answered.
        found: what was found on it; None where nothing is near.
        run: whose rights are looked at.
    """
    usable = known_metrics(run.with_.knowledge, run.outlook.sight)
    titles = [note.title for note in found.metrics] if found else []
    near = sorted((m for m in usable if m.title in titles), key=lambda metric: titles.index(metric.title))
    said = set(keys(question.whole))
    words = set(keys(" ".join(content_words(question.whole))))
    queries = _near_queries(words, found, run)
    ways = [list(_ways(metric, said)) for metric in near]
    firsts = [way[0] for way in ways]
    filled = [text for q in queries if (text := example_of(q, question.as_of, lambda p: _value(p, run)))]
    others = (next(_ways(metric, said)) for metric in sorted(usable, key=_of_most_use) if metric not in near)
    # A query that speaks of the same things comes before metrics that only sound like it.
    ahead = 0 if queries and _shared(queries[0], words) > 1 else 2
    each = chain(
        firsts[:ahead], filled[:1], firsts[ahead:], filled[1:], (text for way in ways for text in way[1:]), others
    )
    return tuple(islice(_answered(dict.fromkeys(each), question, run), _MOST))


def _answered(texts: Iterable[str], question: Question, run: Run) -> Iterator[str]:
    for text in islice(texts, _TRIED):
        covered = cover(
            text,
            knowledge=run.with_.knowledge,
            values=run.with_.values,
            sight=run.outlook.sight,
            as_of=question.as_of,
        )
        if isinstance(covered, Cover) and text != question.text:
            yield text


def _ways(metric: Metric, said: set[str]) -> Iterator[str]:
    """Questions on a metric, by what the question spoke of first."""
    title = metric.title[:1].upper() + metric.title[1:]
    named = [each for each in metric.dimensions if _is_said(each, said)]
    if named:
        yield f"{title} by {_called(named[0])}"
    if metric.time is not None:
        yield f"{title} by month"
    if metric.dimensions:
        yield f"{title} by {_called(metric.dimensions[0])}"
    yield title


def _near_queries(said: set[str], found: SchemaSlice | None, run: Run) -> list[VerifiedQuery]:
    """Verified queries that were found, or that share several words with the question: those with most words first."""
    titles = {note.title for note in found.queries} if found else set()
    shared = {query.name: _shared(query, said) for query in _open(run)}
    near = [q for q in _open(run) if shared[q.name] > 1 or (shared[q.name] and q.question in titles)]
    return sorted(near, key=lambda query: -shared[query.name])


def _shared(query: VerifiedQuery, said: set[str]) -> int:
    """How many words of a question are in a phrase of the query."""
    return max(len(said & set(keys(_HOLE.sub(" ", each)))) for each in (query.question, *query.paraphrases))


def _open(run: Run) -> list[VerifiedQuery]:
    return [query for query in run.with_.knowledge.queries if _reads_all(query, run)]


def _is_said(dimension: Dimension, said: set[str]) -> bool:
    return any(words and words <= said for name in (dimension.name, *dimension.synonyms) for words in [set(keys(name))])


def _called(dimension: Dimension) -> str:
    return dimension.name.replace("_", " ")


def _of_most_use(metric: Metric) -> tuple[int, str]:
    """What can be told by most is what people ask for most."""
    return -len(metric.dimensions), metric.name


def _reads_all(query: VerifiedQuery, run: Run) -> bool:
    """Whether the caller reads all rows of what the query names, in the clear: else it is not answered."""
    opened = run.outlook.sight.open_columns
    if not all(table in opened for table in query.tables):
        return False
    columns = frozenset[str]().union(*(run.outlook.sight.columns[table] for table in query.tables))
    clear = frozenset[str]().union(*(opened[table] for table in query.tables))
    return not columns_named(query.sql) & (columns - clear) and columns_named(query.sql) <= columns


def _value(parameter: Parameter, run: Run) -> str:
    """A stored value that the caller may see, for a question that needs one."""
    if parameter.dimension is None:
        return ""
    samples = run.with_.values.samples(ColumnRef.parse(parameter.dimension), run.outlook.sight, 1)
    return next(iter(samples), "")
