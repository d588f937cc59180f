"""Trino without any access control: the guard's rewriting alone keeps hidden rows from whoever provokes errors."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from tests.support.databases import catalog_url
from tests.townlake.engines.hidden_rows import (
    ELSEWHERE,
    FILTERS,
    NATIVE,
    VISIBLE,
    WRITTEN_IN_PYTHON,
    WRITTEN_IN_SQL,
    World,
    build,
)
from tests.trino.grown import engine_of, lake_catalog, open_trino
from townlake.catalog.catalog import Catalog
from townlake.domain.location import path_of
from townlake.engines.trino.engine import TrinoEngine

pytestmark = [pytest.mark.trino, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def worlds(postgres: sa.URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, World]]:
    homes = tmp_path_factory.mktemp("worlds")
    with ExitStack() as servers:

        def engine_over(catalog: Catalog) -> TrinoEngine:
            home = path_of(catalog.files.warehouse).parent
            url = catalog_url(home)
            assert url is not None
            catalogs = {"lake": lake_catalog(path_of(catalog.files.warehouse), url)}
            reading = "SELECT count(*) FROM lake.shop.orders"
            return engine_of(servers.enter_context(open_trino(home / "trino", catalogs, reading)))

        both = build(homes / "calm", 0, engine_over), build(homes / "flagged", 1, engine_over)
        yield both
        for world in both:
            world.catalog.close()
            world.gov.state.dispose()


def test_no_expression_can_be_made_to_fail_on_a_hidden_row(worlds: tuple[World, World]) -> None:
    for world in worlds:
        world.hide(FILTERS[-1])
    statements = [
        f"SELECT count(*) FROM shop.orders WHERE {condition}"
        for condition in (*WRITTEN_IN_PYTHON, *WRITTEN_IN_SQL, *NATIVE)
    ]
    told = [(sql, *outcomes(worlds, sql)) for sql in statements]
    assert [each for each in told if each[1:] != ([[VISIBLE]], [[VISIBLE]])] == []


def test_no_place_of_a_statement_sees_a_hidden_row(worlds: tuple[World, World]) -> None:
    for world in worlds:
        world.hide(FILTERS[1])
    told = [(sql, *outcomes(worlds, sql)) for sql in ELSEWHERE]
    assert [each for each in told if each[1] != each[2]] == []


def outcomes(worlds: tuple[World, World], sql: str) -> tuple[object, object]:
    with ThreadPoolExecutor(2) as both:
        calm, flagged = both.map(lambda world: world.outcome(sql), worlds)
    return calm, flagged
