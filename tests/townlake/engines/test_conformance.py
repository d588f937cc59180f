"""Trino's own answers hold: floors that may only rise."""

from pathlib import Path

import pytest

from eval.conformance import FAILED, LENIENT, REFUSED, RIGHT, WRONG, Report, read_cases, run_all
from tests.support.shared import shared_path


@pytest.fixture(scope="module")
def report() -> Report:
    statements: Path = shared_path("conformance", "trino_statements.jsonl")
    return run_all(statements.parent, read_cases(statements))


def told(report: Report, kind: str) -> str:
    return "\n".join(f"{o.id}: {o.sql}\n  {o.note}" for o in report.outcomes if o.kind == kind)


def test_no_value_is_wrong(report: Report) -> None:
    assert report.count(WRONG) == 0, told(report, WRONG)


def test_what_trino_refuses_is_refused(report: Report) -> None:
    assert report.count(LENIENT) == 0, told(report, LENIENT)


def test_nearly_all_statements_are_answered(report: Report) -> None:
    share = report.count(RIGHT) / len(report.outcomes)
    assert share >= 0.97, told(report, REFUSED) + told(report, FAILED)


def test_what_cannot_be_answered_is_refused_before_it_runs(report: Report) -> None:
    assert report.count(FAILED) == 0, told(report, FAILED)


def test_right_rows_have_the_right_types(report: Report) -> None:
    wrong = [f"{o.id}: {o.sql}\n  {o.note}" for o in report.outcomes if o.types_right is False]
    assert wrong == []
