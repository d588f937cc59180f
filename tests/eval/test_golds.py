"""Verified queries of the open benchmark give the rows that a real Trino gave, through the whole product."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from eval.golds import run_golds
from tests.support.shared import shared_path

SOME: Final = 7
"""Every seventh question: a spread over all databases and difficulties. `make golds` runs them all."""


@pytest.mark.slow
def test_golds_give_the_rows_that_trino_gave(bench_home: Path) -> None:
    outcomes = run_golds(shared_path("bench"), bench_home, every=SOME)
    wrong = [f"{each.id}: {each.outcome} {each.reason}" for each in outcomes if each.outcome != "right"]
    assert len(outcomes) > 50
    assert wrong == []
