"""The SQL of questions, letter by letter. The cases are in statements.sql."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot

from agents.ask.cover.result import Cover
from tests.agents.cover.lake import ask


def statements() -> list[tuple[str, str]]:
    text = (Path(__file__).parent / "statements.sql").read_text(encoding="utf-8")
    blocks = [block.strip() for block in text.split(";\n")]
    return [(last[0], last[1]) for block in blocks if block for last in [_split(block)]]


def _split(block: str) -> tuple[str, str]:
    lines = block.splitlines()
    place = max(i for i, row in enumerate(lines) if row.startswith("-- "))
    return lines[place].removeprefix("-- "), "\n".join(lines[place + 1 :])


@pytest.mark.parametrize(("question", "sql"), statements(), ids=[question for question, _ in statements()])
def test_a_question_becomes_this_sql(question: str, sql: str) -> None:
    answer = ask(question)
    assert isinstance(answer, Cover), answer
    assert answer.sql == sql
    assert sqlglot.parse_one(sql, read="trino")


def test_the_same_question_gives_the_same_sql() -> None:
    assert ask("MRR and revenue by region and month") == ask("MRR and revenue by region and month")


def test_a_series_of_too_many_rows_is_left_alone() -> None:
    assert not isinstance(ask("MRR by day since 2024"), Cover)
    assert isinstance(ask("MRR by day since June"), Cover)
