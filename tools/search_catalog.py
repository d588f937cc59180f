"""Find tables and metrics by text."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from tools.hands import Hands
from tools.tool import Tool, cut
from townlake.domain.value import Value

_MOST: Final = 10


class Arguments(Value):
    """What to look for."""

    text: Annotated[str, Field(min_length=1, max_length=500)]


class FoundRow(Value):
    """A table that was found."""

    table: str
    comment: str = ""
    tier: str
    why: str


class Result(Value):
    """What was found, the nearest first."""

    tables: tuple[FoundRow, ...] = ()
    metrics: tuple[str, ...] = ()
    truncated: bool = False


def act(arguments: Arguments, hands: Hands) -> Result:
    """Find tables and agreed metrics by what they are about.

    Gives names and descriptions, no rows; use describe_tables for the columns.
    """
    values = hands.values.lookup(arguments.text, hands.sight)
    found = hands.memory().search(arguments.text, hands.sight, limit=_MOST + 1, values=values)
    readable = [table for table in found.tables if hands.sight.reads(table.table)]
    rows = []
    for table in readable[:_MOST]:
        info = hands.tables[table.table].info
        name = info.ref.short
        rows.append(FoundRow(table=name, comment=cut(info.comment), tier=info.tier.value, why=cut(table.why)))
    return Result(
        tables=tuple(rows), metrics=tuple(note.name for note in found.metrics), truncated=len(readable) > _MOST
    )


SEARCH_CATALOG: Final = Tool("search_catalog", Arguments, act)
