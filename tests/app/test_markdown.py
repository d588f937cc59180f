"""Whatever stands in a table, an answer in Markdown shows it as it is."""

from __future__ import annotations

import pytest

from app.markdown import as_code, as_table, inert


@pytest.mark.parametrize(
    "value",
    [
        "![x](https://evil.example/?q=1)",
        "[click](https://evil.example)",
        "<img src=https://evil.example>",
        "https://evil.example/?q=`x`",
        "www.evil.example",
        "a@evil.example",
        "``` https://evil.example",
        "javascript://evil",
    ],
)
def test_nothing_becomes_a_link(value: str) -> None:
    told = inert(value)
    ticks = len(told) - len(told.lstrip("`"))
    assert ticks >= 1
    inside = told[ticks:-ticks]
    assert told.endswith("`" * ticks)
    assert "`" * ticks not in inside
    assert inside.strip() == value


@pytest.mark.parametrize("value", ["<b>x</b>", "[x][y]", "![x][y]", "# x", "*x*", "_x_", "&lt;", "~~x~~", "$x$", "`x`"])
def test_nothing_is_formatted(value: str) -> None:
    told = inert(value)
    assert told.replace("\\", "") == value
    active = [place for place, sign in enumerate(told) if sign in "<>[]!#*_&~$`"]
    assert active
    assert all(told[place - 1] == "\\" for place in active)


@pytest.mark.parametrize("line", ["\n", "\r\n", "\u2028", "\x85", "\x0b", "\x00"])
def test_a_value_stays_in_its_cell(line: str) -> None:
    table = as_table(["a", "b"], [[f"x{line}| y |{line}# z", "https://e.example/|x"]])
    assert len(table.splitlines()) == 3
    assert table.splitlines()[2] == "| x \\| y \\| \\# z | `https://e.example/\\|x` |"


def test_code_stays_in_its_block() -> None:
    told = as_code("SELECT '```'\n```\n# x", "sql")
    assert told.startswith("````sql\n")
    assert told.endswith("\n````")
