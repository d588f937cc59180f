"""Some of the rows: as many as a caller wants, and never more than a model can take in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field, StringConstraints

from tools.tool import cut

MOST_ROWS: Final = 500
MOST_CHARACTERS: Final = 40_000
"""Of the rows of one page, as JSON: about ten thousand tokens."""
_MOST_OF_A_CELL: Final = 2_000
_LEAST_OF_A_CELL: Final = 16

MaxRows = Annotated[int, Field(ge=1, le=MOST_ROWS, description="Rows at a time; the rest comes by `cursor`.")]
Cursor = Annotated[str, StringConstraints(pattern=r"^\d{1,9}$"), Field(description="`next_cursor` of the page before.")]


class Page(NamedTuple):
    """Rows in a row."""

    rows: tuple[tuple[Any, ...], ...]
    next_cursor: str | None
    """Gives the next ones; None at the end."""
    cut_cells: int
    """How many values are too long to be told whole; they end with a mark."""


def page_of(rows: Sequence[Sequence[Any]], cursor: str | None, most: int) -> Page:
    """The rows from a cursor on.

    At least one row comes, be it cut: otherwise a page would never end.

    >>> page_of([["a"], ["b"], ["c"]], "1", 1)
    Page(rows=(('b',),), next_cursor='2', cut_cells=0)
    """
    first = int(cursor or 0)
    taken: list[tuple[Any, ...]] = []
    room, cuts = MOST_CHARACTERS, 0
    for row in rows[first : first + most]:
        widest = max(_LEAST_OF_A_CELL, min(_MOST_OF_A_CELL, MOST_CHARACTERS // max(1, len(row))))
        told = tuple(_cell(value, widest) for value in row)
        size = len(json.dumps(told, ensure_ascii=False))
        if taken and size > room:
            break
        room -= size
        cuts += sum(new is not old for new, old in zip(told, row, strict=True))
        taken.append(told)
    until = first + len(taken)
    return Page(tuple(taken), str(until) if until < len(rows) else None, cuts)


def _cell(value: Any, most: int) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(text) <= most else cut(text, most)
