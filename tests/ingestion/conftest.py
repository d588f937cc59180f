"""A fresh home for every test."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import catalog_url, home_state
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.governance.audit import Audit
from townlake.governance.grants import Grants
from townlake.governance.reviews import Reviews


def clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    return path


@pytest.fixture
def state(home: Path) -> Iterator[sa.Engine]:
    engine = home_state(home)
    yield engine
    engine.dispose()


@pytest.fixture
def catalog(home: Path, state: sa.Engine) -> Iterator[Catalog]:
    found = open_catalog(home, state, catalog_url(home))
    yield found
    found.close()


@pytest.fixture
def audit(home: Path, state: sa.Engine) -> Audit:
    return Audit(state, home / "audit.key", clock)


@pytest.fixture
def reviews(state: sa.Engine, audit: Audit) -> Reviews:
    return Reviews(state, clock, audit)


@pytest.fixture
def grants(state: sa.Engine, audit: Audit) -> Grants:
    return Grants(state, clock, audit)
