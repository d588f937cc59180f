"""Questions that go on from the one before."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.ask.cover.result import Cover
from agents.ask.cover.slots import Slots
from tests.agents.cover.lake import ask
from tests.agents.cover.reading import line


def conversations() -> list[list[str]]:
    text = (Path(__file__).parent / "conversations.txt").read_text(encoding="utf-8")
    blocks = [[row for row in block.splitlines() if not row.startswith("#")] for block in text.split("\n\n")]
    return [block for block in blocks if block]


@pytest.mark.parametrize("turns", conversations(), ids=lambda turns: turns[0])
def test_a_conversation_keeps_what_is_not_said_anew(turns: list[str]) -> None:
    context: Slots | None = None
    for turn in turns:
        question, _, told = turn.partition(" -> ")
        answer = ask(question, context=context)
        if told.startswith("gap"):
            assert not isinstance(answer, Cover), turn
            assert " ".join(answer.left_over) == told.removeprefix("gap").strip(), turn
            continue
        assert isinstance(answer, Cover), (turn, answer)
        assert answer.slots is not None
        assert line(answer.slots) == told, turn
        context = answer.slots


def test_what_was_kept_is_told() -> None:
    first = ask("MRR by region in EMEA")
    assert isinstance(first, Cover)
    second = ask("and last quarter?", context=first.slots)
    assert isinstance(second, Cover)
    assert "Kept from the question before: mrr, by region, region EMEA." in second.assumptions


def test_a_whole_question_does_not_go_on() -> None:
    first = ask("MRR by region in EMEA")
    assert isinstance(first, Cover)
    second = ask("tickets by priority", context=first.slots)
    assert isinstance(second, Cover)
    assert second.slots is not None
    assert line(second.slots) == "tickets; by priority"
    assert not any("Kept" in each for each in second.assumptions)
