"""Find tables and metrics by text."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from memory.folding import singular
from memory.words import content_words, split
from tools.hands import Hands
from tools.tool import Tool, cut
from townlake.domain.value import Value

_MOST: Final = 10
_MOST_CLOSED: Final = 200
_MOST_CLOSED_NAMED: Final = 3


class Arguments(Value):
    """What to look for."""

    text: Annotated[str, Field(min_length=1, max_length=500)]


class FoundRow(Value):
    """A table that was found."""

    table: str
    comment: str = ""
    tier: str
    why: str
    joins_only: Annotated[bool, Field(exclude=True)] = False
    """Whether nothing but a table that it joins to led to it. A model reads that in `why`."""


class Result(Value):
    """What was found, the nearest first."""

    tables: tuple[FoundRow, ...] = ()
    metrics: tuple[str, ...] = ()
    truncated: bool = False


class Hits(Result):
    """What was found, and the names of pages on it."""

    pages: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    """Tables that the text names, and of which this caller may know the name only."""
    far: bool = False
    """Whether nothing points to what was found: it is merely the least unlikely."""


def act(arguments: Arguments, hands: Hands) -> Result:
    """Find tables and agreed metrics by what they are about.

    Gives names and descriptions, no rows; use describe_tables for the columns.
    """
    hits = search(arguments.text, hands, _MOST)
    return Result(tables=hits.tables, metrics=hits.metrics, truncated=hits.truncated)


def search(text: str, hands: Hands, most: int, first: int = 0) -> Hits:
    """Some of what a text finds.

    Args:
        text: what to look for.
        hands: whose search it is.
        most: so many tables.
        first: so many tables come before them.
    """
    values = hands.values.lookup(text, hands.sight)
    # Closed tables may be found by name, and take no place of one that can be read.
    closed = sum(not hands.sight.reads(table) for table in hands.sight.tables)
    limit = first + most + 1 + min(closed, _MOST_CLOSED)
    found = hands.memory().search(text, hands.sight, limit=limit, values=values)
    readable = [table for table in found.tables if hands.sight.reads(table.table)]
    rows = []
    for table in readable[first : first + most]:
        info = hands.tables[table.table].info
        name = info.ref.short
        rows.append(
            FoundRow(
                table=name,
                comment=cut(info.comment),
                tier=info.tier.value,
                why=cut(table.why),
                joins_only=table.joins_only,
            )
        )
    return Hits(
        tables=tuple(rows),
        metrics=tuple(note.name for note in found.metrics),
        pages=tuple(note.name for note in found.pages),
        truncated=len(readable) > first + most,
        closed=_closed(text, hands),
        far=found.far,
    )


def _closed(text: str, hands: Hands) -> tuple[str, ...]:
    """Closed tables of whose name every word stands in the text: search knows little else of them."""
    asked = set(map(singular, content_words(text)))
    closed = {ref: set(map(singular, split(ref.name))) for ref in hands.tables if not hands.sight.reads(ref)}
    return tuple(ref.short for ref, words in closed.items() if words and words <= asked)[:_MOST_CLOSED_NAMED]


SEARCH_CATALOG: Final = Tool("search_catalog", Arguments, act)
