"""The company, generated once for all tests of the demo."""

import pytest

from ingestion.demo.world.company import Company
from tests.fixtures.demo.facts import Facts


@pytest.fixture(scope="session")
def facts() -> Facts:
    return Facts()


@pytest.fixture(scope="session")
def company(facts: Facts) -> Company:
    return facts.company
