"""Tell the columns of tables."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from tools.hands import Hands
from tools.tool import Tool, cut, known_table
from townlake.domain.value import Value

_MOST_TABLES: Final = 8
_MOST_COLUMNS: Final = 60


class Arguments(Value):
    """Which tables."""

    tables: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(min_length=1, max_length=_MOST_TABLES)]


class Column(Value):
    """A visible column."""

    name: str
    type: str
    comment: str = ""
    source_name: str = ""
    """What its source calls it, where that is another name."""


class Described(Value):
    """A table with the columns that exist for the caller."""

    table: str
    comment: str = ""
    rows: int | None = None
    primary_key: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    columns: tuple[Column, ...]
    truncated: bool = False


class Result(Value):
    """The tables, in the order in which they were named."""

    tables: tuple[Described, ...]


def act(arguments: Arguments, hands: Hands) -> Result:
    """Tell columns, types, keys and joins of up to eight tables, each named schema.table."""
    return Result(tables=tuple(_described(name, hands) for name in arguments.tables))


def _described(name: str, hands: Hands) -> Described:
    info = hands.tables[known_table(name, hands)].info
    joins = (
        f"{', '.join(key.columns)} = {key.ref_table.short}({', '.join(key.ref_columns)})" for key in info.foreign_keys
    )
    columns = (
        Column(name=c.name, type=c.type, comment=cut(c.comment), source_name=cut(c.source_name))
        for c in info.columns[:_MOST_COLUMNS]
    )
    return Described(
        table=info.ref.short,
        comment=cut(info.comment, 400),
        rows=info.row_count,
        primary_key=info.primary_key,
        joins=tuple(joins),
        columns=tuple(columns),
        truncated=len(info.columns) > _MOST_COLUMNS,
    )


DESCRIBE_TABLES: Final = Tool("describe_tables", Arguments, act)
