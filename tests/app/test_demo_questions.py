"""Questions on the demo lake, answered without a model: the right rows were worked out without our SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.ask.asker import Asker
from agents.ask.cover.lexicon import lexicon_of
from agents.ask.cover.words import keys
from app.asking import open_asker
from app.settings import load_settings
from app.workspace import Workspace
from eval.compare import same_rows
from memory.sight import Sight
from memory.value_index import ValueIndex
from tests.support.shared import ROOT

QUESTIONS = yaml.safe_load((ROOT / "tests" / "fixtures" / "demo" / "questions.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def workspace(demo_home: Path) -> Iterator[Workspace]:
    with Workspace(load_settings(home=demo_home, model_api_key=None)) as opened:
        yield opened


@pytest.fixture(scope="module")
def asker(workspace: Workspace) -> Asker:
    return open_asker(workspace)


def test_there_are_at_least_forty_that_need_no_model() -> None:
    assert sum(q["status"] == "answered" for q in QUESTIONS) >= 40


@pytest.mark.parametrize("case", QUESTIONS, ids=lambda case: case["id"])
def test_question(workspace: Workspace, asker: Asker, case: dict[str, Any]) -> None:
    caller = workspace.principal(case.get("as", "ada"), frozenset(case.get("groups", ())))
    answer = asker.ask(case["question"], caller)
    assert (answer.status, answer.path) == (case["status"], case.get("path")), answer.summary
    assert answer.model_calls == 0
    if "columns" in case:
        assert [column.name for column in answer.columns] == case["columns"]
    if "rows" in case:
        assert answer.rows is not None
        types = [column.type for column in answer.columns]
        expected = [list(map(_text, row)) for row in case["rows"]]
        ordered = case.get("ordered", False)
        assert same_rows(expected, types, answer.rows, types, ordered=ordered), (answer.sql, answer.rows)


def _text(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def test_what_is_asked_back_can_be_chosen(workspace: Workspace, asker: Asker) -> None:
    for case in (case for case in QUESTIONS if case["status"] == "needs_clarification"):
        caller = workspace.principal(case.get("as", "ada"), frozenset(case.get("groups", ())))
        back = asker.ask(case["question"], caller)
        assert back.options, case["id"]
        for number, option in enumerate(back.options, 1):
            conversation = f"{case['id']}-{number}"
            asker.ask(case["question"], caller, conversation=conversation)
            chosen = asker.ask(str(number), caller, conversation=conversation)
            alone = asker.ask(option, caller)
            assert (chosen.sql, chosen.status) == (alone.sql, alone.status), option
            assert alone.path is not None, option


def test_a_reply_that_is_no_option_keeps_nothing_of_the_question(workspace: Workspace, asker: Asker) -> None:
    caller = workspace.principal("ada", frozenset())
    for number, reply in enumerate(("both", "EMEA", "3")):
        asker.ask("MRR for enterprise", caller, conversation=f"reply-{number}")
        assert asker.ask(reply, caller, conversation=f"reply-{number}").status == "needs_model"


def test_no_phrase_of_a_metric_hides_a_stored_value(workspace: Workspace) -> None:
    """`active zones` is no name of zones, some of which are active; the title of a metric stands for itself."""
    lexicon = lexicon_of(workspace.knowledge)
    values = ValueIndex.open(workspace.values_path)
    sight = Sight.whole(workspace.catalog.tables())
    for metric in workspace.knowledge.metrics:
        own = {*keys(metric.title), *keys(metric.name), *keys(" ".join(metric.filters))}
        columns = {column for (name, _), column in lexicon.stored.items() if name == metric.name}
        for phrase in metric.synonyms:
            for match in values.lookup(phrase, sight):
                hidden = match.column in columns and set(keys(match.value)) <= set(keys(phrase)) - own
                assert not hidden, (metric.name, phrase, match.value)
