"""The rows that are written down are those that follow from the generator."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.fixtures.demo.answers import ANSWERS
from tests.fixtures.demo.facts import Facts
from tests.fixtures.demo.record import QUESTIONS, recorded

CASES: list[dict[str, Any]] = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))
ANSWERED = [case for case in CASES if case["status"] == "answered"]


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case["id"])
def test_rows_follow_from_the_generator(facts: Facts, case: dict[str, Any]) -> None:
    expected = recorded(facts, case["id"], ordered=case.get("ordered", False))
    assert len(expected) == len(case["rows"]) > 0
    for row, right in zip(expected, case["rows"], strict=True):
        assert len(row) == len(right) == len(case["columns"])
        assert [round(v, 9) if isinstance(v, float) else v for v in row] == [
            round(v, 9) if isinstance(v, float) else v for v in right
        ]


def test_every_answer_belongs_to_a_question_and_none_is_asked_twice() -> None:
    assert {case["id"] for case in ANSWERED} == set(ANSWERS)
    asked = [(case["question"], tuple(case.get("groups", ()))) for case in CASES]
    assert len(set(asked)) == len(asked)


def test_there_are_enough_of_each_kind() -> None:
    paths = [case["path"] for case in ANSWERED]
    assert paths.count("metric") >= 45
    assert paths.count("verified_query") >= 8
    others = {case["status"] for case in CASES} - {"answered"}
    assert others == {"no_rows", "needs_clarification", "needs_model", "refused"}


def test_ranked_rows_have_no_ties_that_a_limit_could_break() -> None:
    for case in ANSWERED:
        if case.get("ordered") and case["columns"][0] in ("customer", "country", "client_country"):
            values = [json.dumps(row[1]) for row in case["rows"]]
            assert len(set(values)) == len(values) or case["path"] == "verified_query", case["id"]
