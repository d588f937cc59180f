"""A browser for all tests of the page, and a fresh, watched page for each."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser

from tests.app.http.served import Served, serving
from tests.app.shop import Home
from tests.app.web.watched import Watched, open_browser, watching


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep a picture of what a test saw when it failed."""
    report = yield
    seen = getattr(item, "funcargs", {}).get("watched")
    if report.when == "call" and report.failed and isinstance(seen, Watched):
        seen.keep(f"failed-{item.name}")
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all."""
    with open_browser() as found:
        yield found


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    """For reading: whoever changes the shop starts a server of their own."""
    with serving(changing_shop) as running:
        yield running


@pytest.fixture
def watched(browser: Browser, served: Served) -> Iterator[Watched]:
    """A page of its own, which must have been quiet in the end."""
    with watching(browser, served.url) as found:
        yield found
