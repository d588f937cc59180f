"""A statement over a limit, before its asker and before whoever lets it run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.http.served import QUESTION, Served, serving
from tests.app.shop import Home
from tests.app.web.watched import Watched

REVIEWERS = "user:ria"


class Both:
    """Eve, who has used up her day, and ria, who reviews, each before a server of theirs over one home."""

    def __init__(self, eve: Watched, ria: Watched, reviewing: Served) -> None:
        self.eve, self.ria, self.reviewing = eve, ria, reviewing

    def asked(self) -> Page:
        """Eve's page with a question that waits."""
        page = self.eve.go()
        self.eve.ask(QUESTION)
        expect(page.get_by_text("Waits for approval of ria.")).to_be_visible()
        return page


@pytest.fixture
def both(browser: Browser, shop: Home) -> Iterator[Both]:
    with ExitStack() as stack:

        def opened(**environment: str) -> tuple[Served, Watched]:
            served = stack.enter_context(serving(shop, SKIPPER_REVIEWERS=REVIEWERS, **environment))
            context = stack.enter_context(browser.new_context(viewport={"width": 1280, "height": 860}))
            watched = Watched(context, served.url)
            stack.callback(watched.must_be_quiet)
            return served, watched

        reviewing, ria = opened(SKIPPER_USER="ria")
        yield Both(opened(SKIPPER_USER="eve", SKIPPER_USER_DAY_SECONDS="0")[1], ria, reviewing)


def test_a_question_over_a_limit_goes_on_when_a_reviewer_lets_it(both: Both) -> None:
    waits = both.asked()
    both.eve.must_be_accessible()
    page = both.ria.go("review/statements")
    card = page.get_by_role("article", name="Request 1 of eve")
    expect(card.get_by_text("The time of the day is used up.")).to_be_visible()
    expect(card.get_by_role("textbox", name="SQL")).to_contain_text("lake.shop.orders")
    both.ria.must_be_accessible()
    both.ria.keep("statements-light-1280")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 860})
    both.ria.must_be_accessible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    both.ria.keep("statements-dark-390")
    card.get_by_label("How often").fill("2")
    card.get_by_role("button", name="Let it run").click()
    expect(card.get_by_text("ria let it run: 2 runs left")).to_be_visible()
    expect(waits.get_by_role("img", name=f"Chart: {QUESTION}")).to_be_visible()
    expect(waits.get_by_text("Waits for approval")).to_have_count(0)


def test_what_is_refused_says_who_refused_it(both: Both) -> None:
    waits = both.asked()
    page = both.ria.go("review/statements")
    page.get_by_role("button", name="Refuse").click()
    page.get_by_role("dialog").get_by_role("button", name="Refuse it").click()
    expect(page.get_by_text("Refused by ria.")).to_be_visible()
    expect(waits.get_by_text("ria refused it.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("No statement waits")).to_be_visible()


def test_ones_own_statement_is_for_somebody_else_to_approve(both: Both) -> None:
    own = both.reviewing.http
    both.asked()
    wanted = {**own.get("/v1/approvals/1").json(), "asked_by": "ria", "yours": "asked"}
    both.ria.page.route("**/v1/approvals?*", lambda route: route.fulfill(json={"approvals": [wanted]}))
    page = both.ria.go("review/statements")
    expect(page.get_by_text("You asked for it, so somebody else must let it run.")).to_be_visible()
    expect(page.get_by_role("button", name="Let it run")).to_have_count(0)
    expect(page.get_by_role("button", name="Refuse")).to_be_visible()


def test_a_statement_of_ones_own_goes_on_too(both: Both) -> None:
    waits = both.asked()
    waits.get_by_text("How this was made").click()
    waits.get_by_role("button", name="Edit and run").click()
    waits.get_by_role("textbox", name="SQL, editable").fill("SELECT count(*) FROM shop.orders")
    both.eve.faults = []
    waits.get_by_role("button", name="Run as yourself").click()
    expect(waits.get_by_label("Your SQL").get_by_text("Waits for approval of ria.")).to_be_visible()
    both.reviewing.http.post("/v1/approvals/2/decision", json={"verdict": "approve"}).raise_for_status()
    expect(waits.get_by_label("Your SQL").get_by_text("1 row")).to_be_visible()
    both.eve.faults = [fault for fault in both.eve.faults if "400" not in fault and "422" not in fault]
