"""Tables and knowledge as documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from memory.document import Document, Kind
from memory.words import Lexicon, split
from townlake.catalog.knowledge.model import Dimension, Knowledge, Metric, Page, Term, VerifiedQuery
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.table import TableInfo

_QUALIFIED: Final = re.compile(r"\b([A-Za-z_]\w*)\.([A-Za-z_]\w*)\b")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")

Schema = Mapping[TableRef, TableInfo]


def lexicon_of(tables: Iterable[TableInfo], common: Iterable[str]) -> Lexicon:
    """The words that names are taken apart into: those of the language, and of names that everybody may find.

    Names of columns and of restricted tables stay out: how a visible name is taken apart must not depend on them.
    """
    return Lexicon((word for info in tables if not info.restricted for word in split(info.ref.name)), common=common)


def describe_table(info: TableInfo, lexicon: Lexicon) -> Iterator[Document]:
    """The table itself, then its columns in their order."""
    title = lexicon.spell_out(info.ref.name)
    schema = " ".join(split(info.ref.namespace))
    yield Document(
        kind=Kind.TABLE,
        name=str(info.ref),
        title=title,
        text=_beyond(info.comment, info.ref.name),
        context=schema,
        tables=(info.ref,),
    )
    for column in info.columns:
        yield Document(
            kind=Kind.COLUMN,
            name=column.name,
            title=lexicon.spell_out(column.name),
            text=" ".join(
                filter(None, (_beyond(column.source_name, column.name), _beyond(column.comment, column.name)))
            ),
            context=title,
            tables=(info.ref,),
            sees=(ColumnRef(table=info.ref, column=column.name),),
        )


def describe_knowledge(knowledge: Knowledge, tables: Sequence[TableInfo]) -> Iterator[Document]:
    """Metrics, verified queries, pages and terms, each asking for what it would give away."""
    schema = {info.ref: info for info in tables}
    for metric in knowledge.metrics:
        yield from _metric(metric, schema)
    for query in knowledge.queries:
        yield _query(query, schema)
    for page in knowledge.pages:
        yield from _page(page)
    for term in knowledge.terms:
        yield _term(term)


def _metric(metric: Metric, schema: Schema) -> Iterator[Document]:
    required = [join for join in metric.joins if join.alias in metric.required_joins]
    tables = (metric.table, *(join.table for join in required))
    parts = (metric.expression, *metric.filters, *(join.on for join in required), *_time(metric))
    needed = _columns(metric, parts, schema)
    yield Document(
        kind=Kind.METRIC,
        name=metric.name,
        title=", ".join((metric.title, *metric.synonyms)),
        text=metric.description,
        tables=tables,
        reads=tables,
        sees=needed,
    )
    for dimension in metric.dimensions:
        yield _dimension(metric, dimension, tables, needed, schema)


def _dimension(
    metric: Metric,
    dimension: Dimension,
    tables: tuple[TableRef, ...],
    needed: tuple[ColumnRef, ...],
    schema: Schema,
) -> Document:
    """A document of its own: who may not see the dimension's columns must not find its words."""
    joins = [join for join in metric.joins if join.alias in dimension.joins]
    reached = tuple(dict.fromkeys((*tables, *(join.table for join in joins))))
    own = _columns(metric, (dimension.expression, *(join.on for join in joins)), schema)
    words = ", ".join((dimension.name.replace("_", " "), *dimension.synonyms))
    return Document(
        kind=Kind.METRIC,
        name=metric.name,
        title=f"{metric.title} by {words}",
        text=dimension.description,
        tables=reached,
        reads=reached,
        sees=tuple(dict.fromkeys((*needed, *own))),
    )


def _time(metric: Metric) -> tuple[str, ...]:
    time = metric.time
    return tuple(filter(None, (time.column, time.valid_from, time.valid_to))) if time else ()


def _columns(metric: Metric, parts: Iterable[str], schema: Schema) -> tuple[ColumnRef, ...]:
    """The columns that expressions over a metric's aliases name."""
    aliases = {metric.alias: metric.table, **{join.alias: join.table for join in metric.joins}}
    found = {
        ColumnRef(table=aliases[alias], column=name.lower())
        for part in parts
        for alias, name in _QUALIFIED.findall(part)
        if alias in aliases and _has(schema, aliases[alias], name)
    }
    return tuple(sorted(found, key=str))


def _query(query: VerifiedQuery, schema: Schema) -> Document:
    """By its questions. Every column of its tables that its SQL could mean must exist for the caller."""
    names = {name.lower() for name in _NAME.findall(query.sql)}
    return Document(
        kind=Kind.QUERY,
        name=query.name,
        title=_readable(query.question),
        text=" ".join(map(_readable, query.paraphrases)),
        tables=query.tables,
        reads=query.tables,
        sees=tuple(
            ColumnRef(table=ref, column=column.name)
            for ref in query.tables
            if ref in schema
            for column in schema[ref].columns
            if column.name.lower() in names
        ),
    )


def _page(page: Page) -> Iterator[Document]:
    """A document for each part of a page, since a vector reads 256 tokens at most."""
    for part in _parts(page.text) or ("",):
        yield Document(
            kind=Kind.PAGE, name=page.name, title=page.title, text=part, tables=page.tables, reads=page.tables
        )


def _term(term: Term) -> Document:
    return Document(
        kind=Kind.TERM,
        name=term.term,
        title=", ".join((term.term, *term.synonyms)),
        text=term.meaning,
        tables=term.tables,
        reads=term.tables,
    )


def _parts(text: str, words: int = 150) -> tuple[str, ...]:
    r"""Paragraphs, joined as long as they stay below that many words.

    >>> _parts("one two\n\nthree\n\nfour", words=3)
    ('one two three', 'four')
    """
    parts: list[list[str]] = []
    for paragraph in re.split(r"\n\s*\n", text):
        said = paragraph.split()
        if parts and len(parts[-1]) + len(said) <= words:
            parts[-1].extend(said)
        elif said:
            parts.append(said)
    return tuple(" ".join(part) for part in parts)


def _readable(question: str) -> str:
    return question.replace("{", "").replace("}", "")


def _has(schema: Schema, table: TableRef, column: str) -> bool:
    return table in schema and schema[table].column(column.lower()) is not None


def _beyond(comment: str, name: str) -> str:
    """A comment, unless it only says the name again."""
    return "" if split(comment) == split(name) else " ".join(comment.split())
