"""What people write down beside the tables, as values.

Every file is edited and reviewed by people: `metrics/*.yaml`, `queries/*.sql`, `pages/*.md`, `glossary.yaml`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from townlake.domain.names import TableRef
from townlake.domain.value import Value


class TimeKind(StrEnum):
    """How a metric meets a span of time."""

    FLOW = "flow"
    """Rows happen at a moment; a span takes the rows within it."""
    STOCK = "stock"
    """Rows are valid from one day until another; a span is measured on its last day."""


class TimeType(StrEnum):
    """Trino's type of a time column, without its precision."""

    DATE = "date"
    TIMESTAMP = "timestamp"
    """Without a zone, in UTC."""
    ZONED = "timestamp with time zone"


class TimeColumn(Value):
    """Where a metric finds its time."""

    kind: TimeKind = TimeKind.FLOW
    column: str | None = None
    """For a flow: a column over the metric's aliases, a date or a timestamp in UTC: `i.issued_on`."""
    type: TimeType = TimeType.DATE
    """The type of `column`, or of `valid_from` and `valid_to`, so that it meets literals of its own type."""
    valid_from: str | None = None
    """For a stock: the first day on which the row counts."""
    valid_to: str | None = None
    """For a stock: the first day on which it no longer counts; NULL means that it still does."""


class Join(Value):
    """A table that a metric or one of its dimensions needs, joined so that no row of the metric is multiplied."""

    table: TableRef
    alias: str
    on: str
    """A Trino predicate over aliases."""
    kind: str = "inner"
    """`inner` or `left`."""
    needs: tuple[str, ...] = ()
    """Aliases of other joins that must come first."""


class Dimension(Value):
    """Something that a metric can be grouped or filtered by."""

    name: str
    synonyms: tuple[str, ...] = ()
    expression: str
    """Trino SQL over the aliases: `a.region`. A plain column has its values in the value index."""
    joins: tuple[str, ...] = ()
    """Aliases of the optional joins that it needs."""
    description: str = ""


class Better(StrEnum):
    """Which end of a metric is the good one."""

    HIGH = "high"
    LOW = "low"


class Metric(Value):
    """A number that the company agreed upon, and how it is computed."""

    name: str
    """In snake case; also the name of the result's column."""
    title: str
    """As people say it: `monthly recurring revenue`."""
    synonyms: tuple[str, ...] = ()
    description: str
    owner: str
    expression: str
    """An aggregate in Trino SQL over the aliases: `sum(l.amount * fx.rate)`."""
    table: TableRef
    alias: str
    joins: tuple[Join, ...] = ()
    """Joins that the expression or a filter needs (always made), and those that only a dimension asks for."""
    required_joins: tuple[str, ...] = ()
    """Aliases of the joins that are always made."""
    filters: tuple[str, ...] = ()
    """Standing predicates, all applied: `NOT a.is_internal`."""
    assumptions: tuple[str, ...] = ()
    """What the filters and the expression mean, in words, told with every answer."""
    dimensions: tuple[Dimension, ...] = ()
    time: TimeColumn | None = None
    unit: str = ""
    """For people: `EUR`, `requests`."""
    better: Better | None = None
    """What `best` and `worst` mean; None where that is asked back."""


class Parameter(Value):
    """A value that a verified query takes from the question, `:name` in its SQL."""

    name: str
    type: str
    """A Trino type: `varchar`, `bigint`, `date`."""
    dimension: str | None = None
    """Where the allowed values are: a column, `crm.accounts.region`. None for numbers and dates."""
    default: str | None = None


class VerifiedQuery(Value):
    """SQL that a person checked, with the questions that it answers."""

    name: str
    question: str
    """A placeholder is written in braces: `Which zones of account {account} had no traffic?`"""
    paraphrases: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    sql: str
    tables: tuple[TableRef, ...]
    """Found by parsing the SQL."""
    owner: str
    verified_on: date
    assumptions: tuple[str, ...] = ()


class Page(Value):
    """A page on how a part of the data is meant, in Markdown."""

    name: str
    title: str
    tables: tuple[TableRef, ...] = ()
    owner: str
    text: str


class Term(Value):
    """A word of the company."""

    term: str
    synonyms: tuple[str, ...] = ()
    meaning: str
    tables: tuple[TableRef, ...] = ()


class Knowledge(Value):
    """All that is written down, read at one moment."""

    metrics: tuple[Metric, ...] = ()
    queries: tuple[VerifiedQuery, ...] = ()
    pages: tuple[Page, ...] = ()
    terms: tuple[Term, ...] = ()
    digest: str = ""
    """SHA-256 over the files, to know when an index is behind."""
