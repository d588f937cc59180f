"""A fresh lake for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import catalog_url, home_state
from townlake.catalog.catalog import Catalog, open_catalog


@pytest.fixture
def state(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = home_state(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def catalog(tmp_path: Path, state: sa.Engine) -> Iterator[Catalog]:
    found = open_catalog(tmp_path, state, catalog_url(tmp_path))
    yield found
    found.close()
