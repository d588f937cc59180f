"""Taking back what one asked for."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.app.http.served import serving
from tests.app.shop import Home
from tests.app.web.watched import Watched


def test_whoever_asked_takes_it_back_and_may_ask_again(browser: Browser, shop: Home) -> None:
    with serving(shop, SKIPPER_USER="eve", SKIPPER_REVIEWERS="user:ria") as served:
        asked = served.http.post("/v1/access-requests", json={"table": "shop.payslips", "reason": "the audit"}).json()
        watched = Watched(browser.new_context(viewport={"width": 390, "height": 800}), served.url)
        page = watched.go("access/requests")
        button = page.get_by_role("button", name="Take back: shop.payslips")
        button.click()
        watched.must_be_accessible()
        page.keyboard.press("Escape")
        expect(button).to_be_focused()
        button.click()
        page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
        expect(page.get_by_text("Your request for shop.payslips is withdrawn.")).to_be_visible()
        expect(button).to_have_count(0)
        again = served.http.post("/v1/access-requests", json={"table": "shop.payslips"}).json()
        assert again["id"] != asked["id"]
        page.reload()
        expect(button).to_be_visible()
        watched.must_be_quiet()
