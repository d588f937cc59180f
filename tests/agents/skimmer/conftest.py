"""A state and a catalog of their own, in which scans are tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.townlake.governance.conftest import Clock, Governance, open_governance
from townlake.catalog.catalog import Catalog, open_catalog


@pytest.fixture
def gov(tmp_path: Path) -> Iterator[Governance]:
    found = open_governance(tmp_path, Clock())
    yield found
    found.state.dispose()


@pytest.fixture
def catalog(gov: Governance) -> Iterator[Catalog]:
    found = open_catalog(gov.home, gov.state)
    yield found
    found.close()
