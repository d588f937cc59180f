"""Choices outlive a look elsewhere unless their column changed, and what waits is counted beside its screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.cli.test_review_found import CODE, found
from tests.app.http.served import Served, serving
from tests.app.shop import Home
from tests.app.web.test_review import row
from tests.app.web.watched import Watched, watching

PEOPLE = "lake.shop.people"


@pytest.fixture(scope="module")
def served(changing_shop: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path: Path = tmp_path_factory.mktemp("files") / "people.parquet"
    pq.write_table(pa.table({"region": ["North"], "code": ["x"]}), path)
    changing_shop.ok("ingest", "files", "--as", "lou", str(path), "--schema", "shop")
    with serving(changing_shop) as running:
        yield running


@pytest.fixture
def watched(browser: Browser, served: Served) -> Iterator[Watched]:
    with watching(browser, served.url) as page:
        yield page


def elsewhere_and_back(page: Page) -> None:
    side = page.get_by_role("navigation", name="Skipper")
    side.get_by_role("link", name="Tables").click()
    expect(page.get_by_role("heading", name="Tables", exact=True)).to_be_visible()
    side.get_by_role("link", name="Review").click()
    page.get_by_role("list", name="Tables that wait").get_by_role("link", name="people").click()


def test_what_was_chosen_and_not_sent_is_there_again(served: Served, watched: Watched) -> None:
    page = watched.go(f"review/{PEOPLE}")
    for column in ("region", "code"):
        row(page, column)
        page.keyboard.press("d")
    expect(page.get_by_text("2 closed")).to_be_visible()
    elsewhere_and_back(page)
    expect(page.get_by_text("2 closed")).to_be_visible()
    waiting = page.get_by_role("list", name="Tables that wait").get_by_role("link", name="people")
    expect(waiting).to_contain_text("2 chosen")
    watched.keep("review-unsent")

    found(served.home, PEOPLE, code=CODE)
    elsewhere_and_back(page)
    expect(page.get_by_role("alert")).to_contain_text("Changed: code")
    expect(page.get_by_text("1 closed")).to_be_visible()
    expect(waiting).to_contain_text("1 chosen")


def test_what_waits_is_counted_beside_the_screen(served: Served, watched: Watched) -> None:
    made = served.http.post("/v1/access-requests", json={"table": "shop.people", "reason": "churn"}).json()
    page = watched.go("")
    side = page.get_by_role("navigation", name="Skipper")
    expect(side.get_by_role("link", name="Review")).to_have_text("Review 1", use_inner_text=True)
    side.get_by_role("link", name="Review").click()
    page.get_by_role("link", name="Requests 1").click()
    watched.must_be_accessible()
    page.get_by_role("button", name="Answer in words").click()
    page.get_by_label("Your answer").fill("Ask lou.")
    page.get_by_role("button", name="Answer and close").click()
    expect(side.get_by_role("link", name="Review")).to_have_text("Review")
    expect(side.get_by_role("link", name="Access")).to_have_text("Access 1", use_inner_text=True)
    side.get_by_role("link", name="Access").click()
    page.get_by_role("link", name="My requests").click()
    expect(page.get_by_text("Ask lou.")).to_be_visible()
    expect(side.get_by_role("link", name="Access")).to_have_text("Access")
    assert served.http.get("/v1/inbox").json()["answers"] == 0
    assert made["id"] > 0
