"""What people wrote down that bears on a question, short enough for a prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict

from agents.ask.known_metrics import known_metrics
from agents.ask.schema_slice import SliceNote
from townlake.catalog.knowledge.expressions import columns_named

if TYPE_CHECKING:
    from agents.ask.outlook import Outlook
    from memory.found import Found, FoundNote
    from memory.sight import Sight
    from townlake.catalog.knowledge.model import Knowledge, Metric, TimeColumn, VerifiedQuery
    from townlake.domain.names import TableRef

NOTES_CHARACTERS: Final = 1_500
"""What all notes together may take of the prompt."""
_EACH: Final = 600


class Notes(TypedDict):
    """The notes of a slice."""

    metrics: tuple[SliceNote, ...]
    queries: tuple[SliceNote, ...]
    pages: tuple[SliceNote, ...]
    terms: tuple[SliceNote, ...]


def notes_on(found: Found, knowledge: Knowledge, outlook: Outlook) -> Notes:
    """The notes that were found, the best of each kind first, until the room is used up.

    A note that speaks of what the caller may not read is left out: its SQL or its prose would tell of it.
    """
    sight = outlook.sight

    def readable(tables: tuple[TableRef, ...]) -> bool:
        return all(map(sight.reads, tables))

    metrics = {m.name: SliceNote(title=m.title, text=_metric(m)) for m in known_metrics(knowledge, sight)}
    queries = {q.name: SliceNote(title=q.question, text=q.sql) for q in knowledge.queries if _shown(q, sight)}
    pages = {p.name: SliceNote(title=p.title, text=p.text) for p in knowledge.pages if readable(p.tables)}
    terms = {t.term: SliceNote(title=t.term, text=t.meaning) for t in knowledge.terms if readable(t.tables)}
    room = NOTES_CHARACTERS

    def taken(names: tuple[FoundNote, ...], notes: dict[str, SliceNote]) -> tuple[SliceNote, ...]:
        nonlocal room
        kept = []
        for note in (notes[name.name] for name in names if name.name in notes):
            short = note.model_copy(update={"text": note.text[:_EACH]})
            if len(short.title) + len(short.text) <= room:
                kept.append(short)
                room -= len(short.title) + len(short.text)
        return tuple(kept)

    return Notes(
        metrics=taken(found.metrics, metrics),
        queries=taken(found.queries, queries),
        terms=taken(found.terms, terms),
        pages=taken(found.pages, pages),
    )


def size_of(notes: Notes) -> int:
    """About how many bytes the notes take of a prompt."""
    kept = (*notes["metrics"], *notes["queries"], *notes["pages"], *notes["terms"])
    return sum(len(f"{note.title}{note.text}".encode()) + 6 for note in kept)


def _shown(query: VerifiedQuery, sight: Sight) -> bool:
    """Whether every column that the query names exists for the caller, be it under a name of the query's own."""
    if not all(map(sight.reads, query.tables)):
        return False
    seen = frozenset[str]().union(*(sight.columns[table] for table in query.tables))
    return columns_named(query.sql) <= seen


def _metric(metric: Metric) -> str:
    joins = "".join(
        f" {join.kind} join {join.table.short} {join.alias} on {join.on}"
        for join in metric.joins
        if join.alias in metric.required_joins
    )
    where = f" where {' and '.join(metric.filters)}" if metric.filters else ""
    told = f"{metric.expression} from {metric.table.short} {metric.alias}{joins}{where}"
    return told + _when(metric.time)


def _when(time: TimeColumn | None) -> str:
    """How a metric meets a span of time, as a condition.

    >>> from townlake.catalog.knowledge.model import TimeColumn, TimeKind
    >>> _when(TimeColumn(kind=TimeKind.STOCK, valid_from="t.opened_at", valid_to="t.closed_at"))
    '; on a day: t.opened_at <= day and (t.closed_at is null or t.closed_at > day)'
    >>> _when(TimeColumn(column="i.issued_on"))
    '; in a span: by i.issued_on'
    """
    if time is None:
        return ""
    if time.column:
        return f"; in a span: by {time.column}"
    end = f" and ({time.valid_to} is null or {time.valid_to} > day)" if time.valid_to else ""
    return f"; on a day: {time.valid_from} <= day{end}"
