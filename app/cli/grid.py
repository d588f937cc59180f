"""Rows on a terminal of any width: a grid where it fits, else one value a line. No value is ever cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_GAP = 3
"""Characters between two columns; beside the first and the last stands one each."""
_PROSE_WIDTH = 20
"""The least width in which the words of a last column still read well."""


def grid(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    title: str = "",
    *,
    grouped: int = 0,
    folds: bool = False,
    sparse: bool = False,
) -> RenderableType:
    """Lay rows out for a width of so many characters.

    Columns keep to one line each. Where they are too wide together, long headings take two lines; then words in the
    last column wrap; and where even that leaves too little room, every row becomes a block of lines.

    Args:
        headings: of the columns.
        rows: a value for each heading.
        width: of the terminal, in characters.
        title: above it.
        grouped: so many of the first columns stand once in a table where rows below each other have the same in them;
            a block always has them.
        folds: long values of a block wrap beside their heading; else each keeps to one line, as a pipe wants it.
        sparse: such a block has no empty values.
    """
    once = _once(rows, grouped)
    if not headings:
        return _table(headings, once, title, wraps=False)
    for tried in (headings, [_in_two(heading) for heading in headings]):
        before_last, last = _widths(tried, rows)
        if before_last + last + 2 <= width:
            return _table(tried, once, title, wraps=False)
    before_last, last = _widths(headings, rows)
    if width - before_last - 2 < _PROSE_WIDTH or _are_numbers([row[-1] for row in rows]):
        return _folded_records(headings, rows, title, sparse) if folds else _records(headings, rows, title)
    return _table(headings, once, title, wraps=True)


def _once(rows: Sequence[Sequence[str]], grouped: int) -> Sequence[Sequence[str]]:
    """Rows without what the row above has in the first columns, too.

    >>> _once([("a", "x"), ("a", "y"), ("b", "y")], 1)
    [('a', 'x'), ('', 'y'), ('b', 'y')]
    >>> _once([], 1)
    []
    """
    if not grouped:
        return rows
    above: Sequence[Sequence[str]] = [(), *rows][: len(rows)]
    return [
        (*([""] * grouped), *row[grouped:]) if row[:grouped] == before[:grouped] else row
        for row, before in zip(rows, above, strict=True)
    ]


def _widths(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Characters of all columns but the last with the gaps, and of the last."""
    from rich.cells import cell_len

    heads = [max(heading.split("\n"), key=cell_len) for heading in headings]
    widths = [max(map(cell_len, column)) for column in zip(heads, *rows, strict=True)]
    return sum(widths[:-1]) + _GAP * (len(widths) - 1), widths[-1]


def _in_two(heading: str) -> str:
    r"""A long name on two lines, broken behind the underscore that is nearest to its middle.

    >>> _in_two("invoiced_revenue_change_percent")
    'invoiced_revenue_\nchange_percent'
    """
    breaks = [at + 1 for at, character in enumerate(heading) if character in "_ "]
    if len(heading) < _PROSE_WIDTH or not breaks:
        return heading
    middle = min(breaks, key=lambda at: abs(at - len(heading) / 2))
    return f"{heading[:middle]}\n{heading[middle:]}"


def _are_numbers(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell not in {"", "NULL"}]
    return bool(filled) and all(_NUMBER.fullmatch(cell) for cell in filled)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], title: str, wraps: bool) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for index, heading in enumerate(headings):
        numbers = _are_numbers([row[index] for row in rows])
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


def _folded_records(headings: Sequence[str], rows: Sequence[Sequence[str]], title: str, sparse: bool) -> RenderableType:
    """The same blocks with values that wrap beside their heading."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    blocks: list[RenderableType] = [Text(f"{title}\n")] if title else []
    pad = max(map(len, headings))
    for row in rows:
        block = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
        block.add_column(no_wrap=True, width=pad)
        block.add_column(overflow="fold", no_wrap=False)
        for heading, cell in zip(headings, row, strict=True):
            if cell or not sparse:
                block.add_row(Text(heading), Text(cell))
        blocks += [block, Text("")]
    return Group(*blocks)
