"""What stage one is worth on the open columns: below these figures a change has broken something."""

from __future__ import annotations

import pytest

from eval.bench_skimmer import judge
from eval.columns_score import figures
from eval.columns_set import Judged, load
from eval.judge_bench import TOKENS_AIM, asked, cases_of, knowing, misled, with_judge
from tests.support.shared import shared_path


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return judge([one for one in load(shared_path("pii", "columns.jsonl.gz")) if "toy_values" not in one.tags])


@pytest.mark.slow
@pytest.mark.parametrize("kept", [False, True], ids=["seen", "kept"])
def test_the_open_columns(judged: list[Judged], kept: bool) -> None:
    told = figures([one for one in judged if one.column.is_kept is kept])
    assert (told.f1 or 0) >= 0.85
    assert (told.direct_recall or 0) >= 0.88
    assert (told.missed_of_opened or 0) <= 0.05
    assert (told.macro_f1 or 0) >= 0.80


@pytest.mark.slow
def test_what_a_judge_costs_and_may_change(judged: list[Judged]) -> None:
    cases = cases_of(judged)
    cost = asked([case for case, _ in cases], together=True)
    assert cost.per_asked <= TOKENS_AIM
    assert cost.most_calls <= 1
    alone, known, fooled = (figures(each) for each in (judged, with_judge(cases, knowing), with_judge(cases, misled)))
    assert (known.f1 or 0) >= 0.93
    assert (known.direct_recall or 0) >= 0.98
    assert (known.missed_of_opened or 1) <= 0.01
    # Whoever buys the model gets nothing opened by it.
    assert (fooled.opened or 0) <= (alone.opened or 0)
    assert (fooled.missed_of_opened or 0) <= (alone.missed_of_opened or 0)
