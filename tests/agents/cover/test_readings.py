"""What questions are read as, and which are left alone. The cases are in the text files beside this one."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.ask.cover.result import Cover, Gap
from tests.agents.cover.lake import ask
from tests.agents.cover.reading import line


def pairs(name: str) -> list[tuple[str, str]]:
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    lines = [row for row in text.splitlines() if row and not row.startswith("#")]
    return [(question, told.strip()) for question, told in zip(lines[::2], lines[1::2], strict=True)]


@pytest.mark.parametrize(("question", "told"), pairs("readings.txt"))
def test_a_question_is_read_as_written_down(question: str, told: str) -> None:
    answer = ask(question)
    assert isinstance(answer, Cover), answer
    assert answer.slots is not None
    assert f"-> {line(answer.slots)}" == told


@pytest.mark.parametrize(("question", "told"), pairs("gaps.txt"))
def test_what_is_not_covered_is_not_guessed(question: str, told: str) -> None:
    gap = ask(question)
    assert isinstance(gap, Gap), gap
    kind, _, rest = told.partition(" ")
    expected = tuple(filter(None, rest.split(" | ")))
    if kind == "?":
        assert gap.needs_clarification
        assert gap.readings == expected
    elif kind == "!":
        assert tuple(blocked.name for blocked in gap.blocked) == expected
    else:
        assert gap.left_over == expected
        assert not gap.needs_clarification
    assert gap.reason
