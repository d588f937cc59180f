"""Two lakes that differ only in rows that a row filter hides give the same answers, whatever a statement tries."""

from collections.abc import Iterator

import pytest

from tests.townlake.engines.hidden_rows import (
    BEA,
    ELSEWHERE,
    FILTERS,
    NATIVE,
    VISIBLE,
    WRITTEN_IN_PYTHON,
    WRITTEN_IN_SQL,
    World,
    build,
)
from townlake.catalog.catalog import Catalog
from townlake.domain.errors import EngineError
from townlake.domain.limits import Limits
from townlake.domain.location import path_of
from townlake.engines.duckdb.engine import DuckDBEngine


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, World]]:
    home = tmp_path_factory.mktemp("worlds")

    def engine_over(catalog: Catalog) -> DuckDBEngine:
        return DuckDBEngine(path_of(catalog.files.warehouse), 1)

    both = build(home / "calm", 0, engine_over), build(home / "flagged", 1, engine_over)
    yield both
    for world in both:
        world.lake._engine.close()
        world.catalog.close()
        world.gov.state.dispose()


@pytest.mark.parametrize("predicate", FILTERS)
def test_no_expression_can_be_made_to_fail_on_a_hidden_row(worlds: tuple[World, World], predicate: str) -> None:
    calm, flagged = worlds
    for world in worlds:
        world.hide(predicate)
    for condition in (*WRITTEN_IN_PYTHON, *WRITTEN_IN_SQL, *NATIVE):
        sql = f"SELECT count(*) FROM shop.orders WHERE {condition}"
        assert (condition, calm.outcome(sql)) == (condition, [[VISIBLE]])
        assert (condition, flagged.outcome(sql)) == (condition, [[VISIBLE]])


@pytest.mark.parametrize("predicate", FILTERS)
def test_no_place_of_a_statement_sees_a_hidden_row(worlds: tuple[World, World], predicate: str) -> None:
    calm, flagged = worlds
    for world in worlds:
        world.hide(predicate)
    for sql in ELSEWHERE:
        told = calm.outcome(sql)
        assert isinstance(told, list), (sql, told)
        assert (sql, flagged.outcome(sql)) == (sql, told)


def test_a_text_that_lost_its_row_filter_does_not_run(worlds: tuple[World, World]) -> None:
    calm, _ = worlds
    calm.hide(FILTERS[0])
    verdict = calm.lake.check("SELECT id FROM shop.orders", BEA)
    lost = verdict.model_copy(update={"sql": 'SELECT "id" FROM (SELECT "id" FROM "lake"."shop"."orders") AS "orders"'})
    with pytest.raises(EngineError):
        calm.lake._engine.run(lost, Limits(), "q")
    assert calm.lake._engine.run(verdict, Limits(), "q").table.num_rows == VISIBLE
