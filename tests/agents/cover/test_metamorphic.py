"""Questions that must be read alike, and words that must not be read over: laws over every question that is covered."""

from __future__ import annotations

import pytest

from agents.ask.cover.matchers.fillers import FILLERS
from agents.ask.cover.result import Cover
from agents.ask.cover.words import phrases
from tests.agents.cover.lake import ask
from tests.agents.cover.reading import line
from tests.agents.cover.test_readings import pairs

QUESTIONS = [question for question, _ in pairs("readings.txt")]
VERSUS = [question for question in QUESTIONS if " vs " in f" {question} "]
_SPANS = ("Q1 2025", "Q2 2025", "July 2026", "2024", "last quarter", "this month", "H1 2025", "2026-03-01")

_REDUNDANT = phrases(
    """
    monthly | invoiced | new | opened | open | priority | plan | segment | status | sales | billing | interval |
    customers | week | 2026 | '25 | 1st | top | largest | first | end | eur | euros | mean | number | much | which |
    where | growth | by | per | or | but | as | = | & | split | share | trend | month | basis | us | make | comes |
    brings | invoice | descending | bar | chart | plot | money
    """
)
# Words of these questions without which they ask the same: parts of names that stand for themselves without them;
# what is so anyhow, as the year, the highest first, the unit; what another word says, too; how it is drawn. Look at
# any new one.


def read(question: str) -> str | None:
    answer = ask(question)
    return line(answer.slots) if isinstance(answer, Cover) and answer.slots is not None else None


@pytest.mark.parametrize("question", VERSUS)
def test_compared_with_is_vs(question: str) -> None:
    assert read(question.replace(" vs ", " compared with ")) == read(question)
    assert read(question.replace(" vs ", " versus ")) == read(question)


@pytest.mark.parametrize("metric", ["revenue", "tickets", "MRR"])
@pytest.mark.parametrize("first", _SPANS)
@pytest.mark.parametrize("second", _SPANS)
def test_two_spans_are_read_alike_in_either_order(metric: str, first: str, second: str) -> None:
    assert read(f"{metric} {first} vs {second}") == read(f"{metric} {second} vs {first}")


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_word_that_is_left_out_is_missed(question: str) -> None:
    """Without one of its words a question asks something else, or is not answered; but for words that ask nothing."""
    whole, words = read(question), question.split()
    for place, word in enumerate(words):
        bare = word.lower().strip("?,.")
        if bare not in FILLERS and bare not in _REDUNDANT:
            assert read(" ".join(words[:place] + words[place + 1 :])) != whole, word
