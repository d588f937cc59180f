"""The shop before many people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.http.governance.people import Lake, lake_of
from tests.app.shop import Home


@pytest.fixture
def lake(shop: Home) -> Iterator[Lake]:
    with lake_of(shop) as opened:
        yield opened
