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


GROUPED = (("lake.shop.wide", "ada", "a", "word " * 30), ("lake.shop.wide", "ada", "b", "word " * 30))


def laid_out(width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(grid(("table", "owner", "columns", "why"), GROUPED, width, grouped=2, folds=True), soft_wrap=True)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_what_rows_share_stands_once_in_a_table_and_in_each_block() -> None:
    assert laid_out(120).count("lake.shop.wide") == 1
    assert laid_out(40).count("lake.shop.wide") == 2


def test_long_values_of_a_block_wrap_beside_their_heading() -> None:
    lines = laid_out(40).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 40
    assert all(line.startswith(("table", "owner", "columns", "why", "         word")) for line in lines if line.strip())
    assert laid_out(40).split().count("word") == 60


@pytest.mark.parametrize(("sparse", "heads"), [(True, 1), (False, 2)])
def test_a_block_may_leave_out_what_is_empty(sparse: bool, heads: int) -> None:
    console = Console(file=io.StringIO(), width=30)
    rows = (("a" * 20, "", "long " * 9), ("a" * 20, "x", "long " * 9))
    console.print(grid(("table", "owner", "why"), rows, 30, folds=True, sparse=sparse), soft_wrap=True)
    assert str(console.file.getvalue()).count("owner") == heads  # type: ignore[attr-defined]
