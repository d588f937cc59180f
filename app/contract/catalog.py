"""Tables as one caller may see them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from app.contract.value import ContractValue
from townlake.domain.review import MaskMethod
from townlake.domain.table import Tier


class ColumnPage(ContractValue):
    """A column that the caller sees."""

    name: str
    type: str
    """Trino's name of it."""
    comment: str = ""
    mask: MaskMethod | None = None
    """How it is masked; None for one that is open."""
    label: str = ""
    """What it holds, as it was reviewed: `email`, `none.uuid`; told on the page of one table."""
    source_name: str = ""
    """What its source calls it, where that is another name."""


class Key(ContractValue):
    """Columns that point to those of another table."""

    columns: tuple[str, ...]
    table: str
    ref_columns: tuple[str, ...]


class Beside(StrEnum):
    """How it is known that two tables can be joined."""

    KEY = "key"
    """A declared key."""
    NAMED = "named"
    """A column that is called after the key of the other table."""
    METRIC = "metric"
    """A metric joins them."""


class TableJoin(ContractValue):
    """A table that this one is joined with."""

    table: str
    by: Beside
    columns: tuple[str, ...] = ()
    """Of this table."""
    other_columns: tuple[str, ...] = ()
    """Of the other one, in the same order."""
    points: Literal["out", "in"] = "out"
    """Whether this table points to the other one, or the other one to this."""
    on: str = ""
    """The condition of a metric, over its aliases."""
    metric: str = ""
    """The metric that joins them."""


class TablePage(ContractValue):
    """A table. Of a closed one there are name, description, and whom to ask."""

    table: str
    comment: str = ""
    owner: str = ""
    tier: Tier
    fresh_at: datetime | None = None
    rows: int | None = None
    readable: bool
    columns: tuple[ColumnPage, ...] = ()
    primary_key: tuple[str, ...] = ()
    partition_filter: tuple[str, ...] = ()
    foreign_keys: tuple[Key, ...] = ()
    replaced_by: str | None = None
    row_filtered: bool = False
    """Whether the caller sees only some rows."""
    ask: str = ""
    """Whom to ask for what is closed."""
    joins: tuple[TableJoin, ...] = ()
    """Tables that it is joined with, by keys in both directions and by metrics; told on the page of one table."""
    metrics: tuple[str, ...] = ()
    """Metrics that are computed from it, and that you can ask; told on the page of one table."""


class TableList(ContractValue):
    """Some of the tables, by name."""

    tables: tuple[TablePage, ...]
    next_cursor: str | None = None


class Namespace(ContractValue):
    """A schema, and how much of it the caller may find."""

    name: str
    tables: int


class NamespaceList(ContractValue):
    """All schemas, by name."""

    namespaces: tuple[Namespace, ...]


class FoundTable(ContractValue):
    """A table that a search found."""

    table: str
    comment: str = ""
    tier: Tier
    why: str
    """Why it was found."""
    joins_only: bool = False
    """Whether nothing but a table that it joins to led to it."""


class Found(ContractValue):
    """What a search found, the nearest first."""

    tables: tuple[FoundTable, ...] = ()
    metrics: tuple[str, ...] = ()
    truncated: bool = False


class MetricDimension(ContractValue):
    """What a metric can be grouped and filtered by."""

    name: str
    synonyms: tuple[str, ...] = ()
    description: str = ""
    expression: str


class MetricPage(ContractValue):
    """A metric that you can ask: nothing that it reads is closed or masked for you."""

    name: str
    title: str
    synonyms: tuple[str, ...] = ()
    description: str
    owner: str
    unit: str = ""
    table: str
    expression: str
    """How it is computed, in Trino SQL."""
    filters: tuple[str, ...] = ()
    """All of them always hold."""
    assumptions: tuple[str, ...] = ()
    dimensions: tuple[MetricDimension, ...] = ()
    time: str | None = None
    """How it meets a span of time; None when it cannot be asked for one."""
    left_out: tuple[str, ...] = ()
    """Why dimensions that you may know of are missing."""


class QueryParameter(ContractValue):
    """What a verified query takes from the question."""

    name: str
    type: str
    dimension: str | None = None
    """The column that holds the values that it can have."""
    default: str | None = None


class QueryPage(ContractValue):
    """A query that a person has verified, and that runs for you in all rows and unmasked."""

    name: str
    question: str
    paraphrases: tuple[str, ...] = ()
    parameters: tuple[QueryParameter, ...] = ()
    sql: str
    tables: tuple[str, ...]
    owner: str
    verified_on: date
    assumptions: tuple[str, ...] = ()


class MetricList(ContractValue):
    """What can be asked without a model, by name."""

    metrics: tuple[MetricPage, ...] = ()
    queries: tuple[QueryPage, ...] = ()
    blocked: int = 0
    """How many others are about tables that you may know of, and cannot be computed for you."""


class AnsweredQuestion(ContractValue):
    """A question of yours that a table answered."""

    run_id: str
    question: str
    asked_at: datetime
    row_count: int | None = None


class TableQuestions(ContractValue):
    """What a table answers."""

    queries: tuple[QueryPage, ...] = ()
    """Verified queries that read it, and run for you."""
    answered: tuple[AnsweredQuestion, ...] = ()
    """Your own questions that were answered from it, the newest first."""
