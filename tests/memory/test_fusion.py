"""Good tables lend to those beside them."""

from pathlib import Path

import numpy as np

from memory.fusion import EDGE_WEIGHTS, follow_joins
from memory.index import Index
from memory.indexer import build
from memory.layout import Layout
from memory.sight import Sight
from memory.visible import Visible, see
from tests.memory.lake import WordModel, table


def opened(path: Path, tables: int) -> tuple[Layout, Visible]:
    infos = [table(f"s.t{number}", "batch_id", "amount") for number in range(tables)]
    build(path, embedder=WordModel(), tables=infos)
    index = Index.open(path)
    visible = see(index.layout, Sight.whole(infos), EDGE_WEIGHTS)
    layout = index.layout
    index.close()
    return layout, visible


def test_tables_that_share_a_key_lend_to_each_other(tmp_path: Path) -> None:
    _, visible = opened(tmp_path, 3)
    scores, lender = follow_joins(visible, np.array([0.0, 2.0, 1.0]))
    assert lender.tolist() == [1, 2, 1], "of several the best lends, and none to itself"
    assert scores[0] > 0
    assert scores[1] > 2


def test_a_key_of_very_many_tables_says_nothing(tmp_path: Path) -> None:
    _, visible = opened(tmp_path, 600)
    asked = np.zeros(600)
    asked[3] = 1.0
    scores, lender = follow_joins(visible, asked)
    assert scores.tolist() == asked.tolist()
    assert set(lender.tolist()) == {-1}
