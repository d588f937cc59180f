"""What stage one is worth on the open columns: below these figures a change has broken something."""

import gzip

import pytest

from eval.bench_skimmer import judge
from eval.columns_score import figures
from eval.columns_set import load
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
