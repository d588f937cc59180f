"""Access on the page: one's rights, one's requests, and the grants that one may change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.app.http.served import Served, serving
from tests.app.shop import Home
from tests.app.web.watched import Watched

REVIEWER = {"SKIPPER_USER": "ria", "SKIPPER_REVIEWERS": "user:ria"}


@pytest.fixture(scope="module")
def served(pristine: tuple[Path, Path]) -> Iterator[Served]:
    """Before somebody who reviews."""
    with serving(Home(pristine[0]), **REVIEWER) as running:
        yield running
    shutil.rmtree(pristine[0], ignore_errors=True)
    shutil.copytree(pristine[1], pristine[0])


def test_everybody_sees_what_they_may_read_and_why(watched: Watched) -> None:
    page = watched.go("access")
    rights = page.get_by_role("region", name="What I may read")
    expect(rights.get_by_role("listitem").filter(has_text="shop.customers")).to_contain_text("Granted to everyone.")
    expect(rights.get_by_role("listitem").filter(has_text="shop.customers")).to_contain_text("email hidden")
    page.get_by_role("button", name="Closed to me").click()
    expect(rights.get_by_role("link")).to_have_count(1)
    expect(rights.get_by_role("link", name="shop.payslips")).to_be_visible()


def test_a_grant_is_given_and_taken_back_after_a_second_word(watched: Watched, served: Served) -> None:
    page = watched.go("access/grants")
    page.get_by_role("button", name="Let a group read").click()
    expect(page.get_by_label("Group")).to_be_focused()
    page.get_by_label("Group").fill("<b>support</b>")
    page.get_by_label("May read").fill("shop.payslips")
    page.get_by_role("button", name="Give the grant").click()
    expect(page.get_by_role("alert")).to_be_visible()
    watched.faults = [fault for fault in watched.faults if "400" not in fault and "422" not in fault]
    page.get_by_label("Group").fill("support")
    page.get_by_label("Until, at most").fill("2099-01-01")
    page.get_by_role("button", name="Give the grant").click()
    expect(page.get_by_role("status").filter(has_text="support may read shop.payslips")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="support may read")).to_contain_text("Until")
    taking = page.get_by_role("button", name="Take back: support, shop.payslips")
    taking.click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    taking.click()
    watched.must_be_accessible()
    page.get_by_role("button", name="Take it back").click()
    expect(taking).to_have_count(0)
    groups = {grant["group"] for grant in served.http.get("/v1/grants").json()["grants"]}
    assert "support" not in groups


def test_a_group_is_narrowed_and_sees_all_again(watched: Watched) -> None:
    page = watched.go("access/grants")
    filters = page.get_by_role("region", name="Some rows only")
    filters.get_by_role("button", name="Narrow a group").click()
    filters.get_by_label("Group").fill("support")
    filters.get_by_label("Of the table").fill("shop.orders")
    filters.get_by_label("Sees only rows where").fill("region = 'North'")
    filters.get_by_role("button", name="Narrow it").click()
    expect(filters.get_by_role("listitem")).to_contain_text("\"region\" = 'North'")
    filters.get_by_role("button", name="Take back").click()
    page.get_by_role("button", name="Show all rows").click()
    expect(filters).to_contain_text("No group is narrowed")


def test_who_owns_nothing_is_told_and_finds_their_requests(browser: Browser, served: Served) -> None:
    with serving(served.home, SKIPPER_USER="eve", SKIPPER_REVIEWERS="user:ria") as of_eve:
        watched = Watched(browser.new_context(), of_eve.url)
        page = watched.go("access/requests")
        expect(page.get_by_role("heading", name="You have asked for nothing yet")).to_be_visible()
        made = of_eve.http.post("/v1/access-requests", json={"table": "shop.payslips", "reason": "the audit"}).json()
        page.reload()
        expect(page.get_by_text("Nobody has answered yet.")).to_be_visible()
        served.http.post(f"/v1/access-requests/{made['id']}/answer", json={"word": "personnel only"})
        page.reload()
        expect(page.get_by_text("ria says: personnel only")).to_be_visible()
        expect(page.get_by_text("new", exact=True)).to_be_visible()
        page.reload()
        expect(page.get_by_text("ria says: personnel only")).to_be_visible()
        expect(page.get_by_text("new", exact=True)).to_have_count(0)
        page.get_by_role("link", name="Grants").click()
        expect(page.get_by_role("heading", name="You own no table")).to_be_visible()
        expect(page.get_by_role("button", name="Let a group read")).to_have_count(0)
        page.context.close()
        watched.must_be_quiet()
