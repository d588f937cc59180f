"""What stage one is worth on the open columns: below these figures a change has broken something."""

import gzip

import pytest

from eval.bench_skimmer import judge
from eval.columns_score import figures
from eval.columns_set import load
from eval.judge_bench import TOKENS_AIM, asked, cases_of, knowing, misled, with_judge
from tests.support.shared import shared_path


@pytest.mark.slow
@pytest.mark.parametrize("kept", [False, True], ids=["seen", "kept"])
def test_the_open_columns(kept: bool) -> None:
    path = shared_path("pii", "columns.jsonl.gz")
    with gzip.open(path):
        columns = [one for one in load(path) if "toy_values" not in one.tags and one.is_kept is kept]
    told = figures(judge(columns))
    assert (told.f1 or 0) >= 0.85
    assert (told.direct_recall or 0) >= 0.88
    assert (told.missed_of_opened or 0) <= 0.05
    assert (told.macro_f1 or 0) >= 0.80


@pytest.mark.slow
def test_what_a_judge_costs_and_may_change() -> None:
    columns = [one for one in load(shared_path("pii", "columns.jsonl.gz")) if "toy_values" not in one.tags]
    judged = judge(columns)
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
