"""Fit tables into a prompt: all of them on a line each, then the likeliest ones in full while there is room."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from agents.ask.rendering import table_text
from agents.ask.schema_slice import SliceTable
from townlake.domain.names import TableRef

_FOR_BRIEF: Final = 0.75
"""The share of the room that tables on one line may take; the rest is for showing the likeliest in full."""
_TRIES: Final = 3
"""After so many tables that no longer fit in full, the room counts as used."""


def fit(
    needed: Mapping[TableRef, SliceTable],
    welcome: Mapping[TableRef, SliceTable],
    likeliest: Sequence[TableRef],
    in_full: Callable[[TableRef], SliceTable],
    room: int,
) -> tuple[SliceTable, ...]:
    """The tables that fit.

    Args:
        needed: tables on one line, in the order in which they get it: the best of every likely schema first.
        welcome: further tables on one line, for room that is left when nothing more fits in full.
        likeliest: all of them in the order in which they are shown, and shown in full: schema by schema.
        in_full: makes the full form of a table. It reads stored values, so it is made only for tables that may fit.
        room: bytes for all of them.
    """
    chosen: dict[TableRef, SliceTable] = {}
    used = _add(chosen, needed, 0, int(room * _FOR_BRIEF))
    failed = 0
    for ref in (ref for ref in likeliest if ref in chosen):
        full = in_full(ref)
        more = _size(full) - _size(chosen[ref])
        if used + more <= room:
            chosen[ref] = full
            used += more
            continue
        failed += 1
        if failed == _TRIES:
            break
    _add(chosen, welcome, used, room)
    return tuple(chosen[ref] for ref in likeliest if ref in chosen)


def _add(chosen: dict[TableRef, SliceTable], tables: Mapping[TableRef, SliceTable], used: int, room: int) -> int:
    """Choose the tables that still fit; the first of all is chosen in any case."""
    for ref, table in tables.items():
        size = _size(table)
        if used + size <= room or not chosen:
            chosen[ref] = table
            used += size
    return used


def _size(table: SliceTable) -> int:
    return len(table_text(table).encode()) + 1
