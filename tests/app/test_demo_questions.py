"""Questions on the demo lake, answered without a model: the right rows were worked out without our SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.ask.asker import Asker
from app.settings import load_settings
from app.workspace import Workspace
from eval.compare import same_rows
from tests.support.shared import ROOT

QUESTIONS = yaml.safe_load((ROOT / "tests" / "fixtures" / "demo" / "questions.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def workspace(demo_home: Path) -> Iterator[Workspace]:
    with Workspace(load_settings(home=demo_home, model_api_key=None)) as opened:
        yield opened


@pytest.fixture(scope="module")
def asker(workspace: Workspace) -> Asker:
    return workspace.asker()


def test_there_are_at_least_forty_that_need_no_model() -> None:
    assert sum(q["status"] == "answered" for q in QUESTIONS) >= 40


@pytest.mark.parametrize("case", QUESTIONS, ids=lambda case: case["id"])
def test_question(workspace: Workspace, asker: Asker, case: dict[str, Any]) -> None:
    caller = workspace.principal(case.get("as", "ada"), frozenset(case.get("groups", ())))
    answer = asker.ask(case["question"], caller)
    assert (answer.status, answer.path) == (case["status"], case.get("path")), answer.summary
    assert answer.model_calls == 0
    if "rows" in case:
        assert answer.rows is not None
        types = [column.type for column in answer.columns]
        expected = [list(map(_text, row)) for row in case["rows"]]
        ordered = case.get("ordered", False)
        assert same_rows(expected, types, answer.rows, types, ordered=ordered), (answer.sql, answer.rows)


def _text(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
