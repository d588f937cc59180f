"""Fit tables into a prompt: all of them on a line each, then the likeliest ones in full while there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agents.ask.rendering import table_text
from agents.ask.schema_slice import SliceTable

_FOR_BRIEF: Final = 0.75
"""The share of the room that tables on one line may take; the rest is for showing the likeliest in full."""


def fit(breadth: Sequence[SliceTable], depth: Sequence[SliceTable], room: int) -> tuple[SliceTable, ...]:
    """The tables that fit.

    Args:
        breadth: in the order in which a table gets a line at all: the best tables of every likely schema first.
        depth: the same tables in the order in which they are shown, and shown in full: schema by schema.
        room: bytes for all of them.

    Returns:
        Tables in the order of `depth`; those that are not in full are marked `brief`.
    """
    chosen: dict[SliceTable, SliceTable] = {}
    used = 0
    for table in breadth:
        brief = table.model_copy(update={"brief": True})
        size = _size(brief)
        if used + size <= room * _FOR_BRIEF or not chosen:
            chosen[table] = brief
            used += size
    for table in depth:
        if table in chosen:
            more = _size(table) - _size(chosen[table])
            if used + more <= room:
                chosen[table] = table
                used += more
    return tuple(chosen[table] for table in depth if table in chosen)


def _size(table: SliceTable) -> int:
    return len(table_text(table).encode()) + 1
