"""A fresh lake for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from townlake.catalog.catalog import Catalog, open_catalog
from townlake.state.store import open_state


@pytest.fixture
def state(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = open_state(f"sqlite:///{tmp_path / 'state.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def catalog(tmp_path: Path, state: sa.Engine) -> Iterator[Catalog]:
    found = open_catalog(tmp_path, state)
    yield found
    found.close()
