"""Rows on a terminal of any width: a grid where it fits, else one value a line. No value is ever cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_GAP = 2
_PROSE_WIDTH = 20
"""The least width in which the words of a last column still read well."""


def grid(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int, title: str = "") -> RenderableType:
    """Lay rows out for a width of so many characters.

    Columns keep to one line each; where they are too wide together, the last one wraps, and where even that leaves it
    too little room, every row becomes a block of lines.
    """
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(headings, *rows, strict=True)] if headings else []
    before_last = sum(widths[:-1]) + _GAP * len(widths)
    wraps = before_last + widths[-1] > width if widths else False
    if wraps and width - before_last < _PROSE_WIDTH:
        return _records(headings, rows, title)
    return _table(headings, rows, title, wraps)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], title: str, wraps: bool) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for index, heading in enumerate(headings):
        cells = [row[index] for row in rows if row[index]]
        numbers = bool(cells) and all(_NUMBER.fullmatch(cell) for cell in cells)
        last = index == len(headings) - 1
        table.add_column(
            Text(heading), justify="right" if numbers else "left", overflow="fold", no_wrap=not (last and wraps)
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _records(headings: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> RenderableType:
    from rich.text import Text

    pad = max(map(len, headings))
    blocks = [
        "\n".join(f"{heading:<{pad}}  {cell}" for heading, cell in zip(headings, row, strict=True)) for row in rows
    ]
    return Text(f"{title}\n\n" * bool(title) + "\n\n".join(blocks) + "\n")
