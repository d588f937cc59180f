"""The statements of the conformance set, through the guard, on a Trino of this version: what it gave once it gives."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.conformance import FAILED, LENIENT, RIGHT, WRONG, Report, read_cases, run_all
from tests.support.shared import shared_path
from tests.trino.grown import engine_of, open_trino

pytestmark = [pytest.mark.trino, pytest.mark.large, pytest.mark.timeout(900)]
EVERY = 3
"""So manieth statement; `python -m eval.conformance --trino URL` runs them all."""
NATION = "SELECT count(*) FROM tpch.tiny.nation"


@pytest.fixture(scope="module")
def report(programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    statements: Path = shared_path("conformance", "trino_statements.jsonl")
    catalogs = {"lake": {"connector.name": "tpch"}, "tpch": {"connector.name": "tpch"}}
    with open_trino(
        tmp_path_factory.mktemp("conformance"), catalogs, "SELECT count(*) FROM tpch.tiny.nation"
    ) as server:
        yield run_all(statements.parent, read_cases(statements)[::EVERY], trino=engine_of(server))


def told(report: Report, kind: str) -> str:
    return "\n".join(f"{o.id}: {o.sql}\n  {o.note}" for o in report.outcomes if o.kind == kind)


def test_nothing_is_wrong_and_nothing_fails_while_it_runs(report: Report) -> None:
    for kind in (WRONG, LENIENT, FAILED):
        assert report.count(kind) == 0, told(report, kind)


def test_nearly_all_statements_are_answered_with_trinos_own_types(report: Report) -> None:
    assert report.count(RIGHT) / len(report.outcomes) >= 0.98
    assert [f"{o.id}: {o.note}" for o in report.outcomes if o.types_right is False] == []
