"""A table loses no letter, however wide the terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from app.cli.grid import grid

HEADINGS = ("table", "loaded", "columns", "now")
ROWS = (("lake.shop.orders", "0", "5", "unchanged; 5 open"), ("lake.shop.customers", "2", "3", "2 open, 1 masked"))


def printed(headings: tuple[str, ...], rows: tuple[tuple[str, ...], ...], width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(grid(headings, rows, width), soft_wrap=True)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", range(20, 90))
def test_nothing_is_cut(width: int) -> None:
    words = printed(HEADINGS, ROWS, width).split()
    wanted = " ".join(" ".join(line) for line in (HEADINGS, *ROWS)).split()
    assert all(word in words for word in wanted)


def test_a_table_is_as_wide_as_it_says() -> None:
    for width in range(50, 90):
        lines = printed(HEADINGS, ROWS, width).splitlines()
        assert max(map(len, lines)) <= width
        assert ("─" in "".join(lines)) is (width >= 60)
