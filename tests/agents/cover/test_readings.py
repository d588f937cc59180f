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
    assert gap.reason
    if told.startswith("! "):
        assert " | ".join(blocked.name for blocked in gap.blocked) == told[2:]
        return
    rest, _, readings = told.partition("?")
    assert " | ".join(gap.readings) == readings.strip()
    if rest and rest != "- *":
        assert " | ".join(gap.left_over) == rest.removeprefix("-").strip()


@pytest.mark.parametrize("question", [question for question, told in pairs("gaps.txt") if "?" in told])
def test_everything_that_is_offered_is_answered(question: str) -> None:
    gap = ask(question)
    assert isinstance(gap, Gap)
    for reading in gap.readings:
        assert isinstance(ask(reading), Cover), reading
