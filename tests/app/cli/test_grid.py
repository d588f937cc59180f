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


def test_numbers_stand_on_the_right_also_where_one_is_missing() -> None:
    lines = printed(("region", "amount"), (("North", "10.5"), ("West", "NULL"), ("South", "120.25")), 60).splitlines()
    assert {line.rstrip()[-1] for line in lines if "10.5" in line or "120.25" in line} == {"5"}
    assert len({len(line.rstrip()) for line in lines if any(word in line for word in ("10.5", "NULL", "120.25"))}) == 1
