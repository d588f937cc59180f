"""What one person shares, before another one who may see less of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.app.http.served import Served, serving
from tests.app.http.test_dashboards import PAYSLIPS, make
from tests.app.http.test_saved import EVERYBODY, Key, bearer, save
from tests.app.shop import SECRET_VALUE, Home
from tests.app.web.watched import watching

PEOPLE = "SELECT c.name, c.email, o.region FROM shop.customers c JOIN shop.orders o ON o.customer_id = c.customer_id"


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    """Who is in `payroll` reads everything, the others only the north, and masked."""
    home = changing_shop
    home.ok("review", "approve", "shop.payslips", "--unscanned", "--to", "payroll")
    home.ok("grant", "add", "shop.customers", "payroll", "--unmask")
    home.ok("filter", "add", "shop.orders", "guests", "--where", "region = 'North'")
    with serving(home) as running:
        yield running


@pytest.fixture(scope="module")
def clerk(served: Served) -> Key:
    return bearer(served.home, "share-clerk", "--member-of", "payroll")


@pytest.fixture(scope="module")
def guest(served: Served) -> Key:
    return bearer(served.home, "share-guest", "--member-of", "guests")


def test_the_same_link_shows_each_what_they_may_see(browser: Browser, served: Served, clerk: Key, guest: Key) -> None:
    kept = save(served, clerk, sql=PEOPLE, name="Customers", sharing=EVERYBODY)
    address = f"dashboards/saved/{kept['id']}"
    with watching(browser, served.url, extra_http_headers=clerk) as whole:
        page = whole.go(address)
        expect(page.get_by_text("5 rows")).to_be_visible()
        expect(page.get_by_role("grid")).to_contain_text("a@shop.example")
        expect(page.get_by_role("list", name="What you do not see")).to_have_count(0)
    with watching(browser, served.url, extra_http_headers=guest) as less:
        page = less.go(address)
        expect(page.get_by_text("2 rows")).to_be_visible()
        expect(page.get_by_role("grid")).not_to_contain_text("shop.example")
        unseen = page.get_by_role("list", name="What you do not see")
        expect(unseen).to_contain_text("You see only some rows of lake.shop.orders")
        less.looks("shared-less")
        unseen.get_by_role("link", name="Why, and how to ask for email").click()
        page.get_by_role("button", name="email is masked: hidden · why?").click()
        expect(page.get_by_role("button", name="Ask for the clear text")).to_be_visible()


def test_a_dashboard_says_on_each_tile_that_others_see_more(
    browser: Browser, served: Served, clerk: Key, guest: Key
) -> None:
    kept = [
        save(served, clerk, sql=sql, name=name, sharing=EVERYBODY) for name, sql in (("P", PEOPLE), ("Q", PAYSLIPS))
    ]
    make(served, clerk, *({"question_id": each["id"]} for each in kept), name="All of it", sharing=EVERYBODY)
    with watching(browser, served.url, extra_http_headers=guest) as watched:
        page = watched.go("dashboards")
        page.get_by_role("link", name="All of it").click()
        tile = page.get_by_role("region", name="P", exact=True)
        expect(tile).to_contain_text("Masked for you: email. You see only some rows.")
        closed = page.get_by_role("region", name="Q", exact=True)
        expect(closed).to_contain_text("Join payroll, or ask a reviewer.")
        watched.looks("dashboard-less")
        page.get_by_role("button", name="Ask for access to lake.shop.payslips").click()
        expect(page.get_by_text("Asked for.")).to_be_visible()
        assert SECRET_VALUE not in page.content()
    asked = served.http.get("/v1/access-requests", params={"mine": False}).json()["requests"]
    assert [(each["asked_by"], each["table"]) for each in asked] == [("share-guest", "lake.shop.payslips")]


def test_what_is_not_shared_reads_as_missing(browser: Browser, served: Served, clerk: Key, guest: Key) -> None:
    kept = save(served, clerk, name="Mine alone")
    with watching(browser, served.url, extra_http_headers=guest) as watched:
        page = watched.go(f"dashboards/saved/{kept['id']}")
        expect(page.get_by_role("alert")).to_be_visible()
        assert "Mine alone" not in page.content()
        watched.forget("404")
