"""A text that stands for more than it holds is refused before it is unfolded."""

from __future__ import annotations

import time

from townlake.catalog.knowledge.faults import Report
from townlake.catalog.knowledge.fields import MOST_CHARACTERS, read_yaml

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


def faults_of(text: str) -> list[str]:
    report = Report("metrics/x.yaml")
    assert read_yaml(text, report) is None
    return [fault.wrong for fault in report.faults]


def test_an_alias_is_refused_at_once() -> None:
    began = time.perf_counter()
    assert "alias at line 2" in faults_of(BOMB)[0]
    assert time.perf_counter() - began < 1


def test_a_file_that_nobody_reviews_is_refused() -> None:
    assert "longer" in faults_of("a: " + "x" * MOST_CHARACTERS)[0]


def test_a_star_in_an_expression_is_no_alias() -> None:
    report = Report("metrics/x.yaml")
    assert read_yaml("expression: count(*)\nother: sum(a * b)", report) == {
        "expression": "count(*)",
        "other": "sum(a * b)",
    }
