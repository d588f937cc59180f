"""Usage on the page: one's own for everybody, that of others for reviewers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.app.http.served import QUESTION, Served, serving
from tests.app.http.test_saved import bearer
from tests.app.shop import Home
from tests.app.web.watched import Watched


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    """Ada asked and judged; a bot asked, too."""
    with serving(changing_shop) as running:
        run = running.ask(thread="page-usage")["run"]["run_id"]
        said = {"verdict": "wrong", "comment": "<img src=x onerror=alert(1)>"}
        assert running.http.post(f"/v1/runs/{run}/feedback", json=said).status_code < 300
        key = bearer(running.home, "reports")
        asked = running.http.post("/v1/runs", json={"question": "order value"}, headers=key)
        assert asked.status_code == 201
        yield running


def test_a_person_sees_their_own_and_comes_back_to_the_conversation(watched: Watched) -> None:
    page = watched.go("usage")
    expect(page.get_by_role("region", name="Left for today")).to_be_visible()
    expect(page.get_by_role("img", name="Yours: Questions by day")).to_be_visible()
    expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    expect(page.get_by_text("0 of 1 that were judged")).to_be_visible()
    page.get_by_role("region", name="What took most").locator("a[href$='page-usage']").click()
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()


def test_a_reviewer_sees_all_but_the_words_and_tells_people_from_bots(watched: Watched) -> None:
    page = watched.go("usage")
    page.get_by_role("button", name="Everybody").click()
    expect(page.get_by_text("A question of reports")).to_be_visible()
    who = page.get_by_role("region", name="Who used it")
    who.get_by_role("button", name="People").click()
    expect(who.get_by_role("button", name="reports")).to_have_count(0)
    who.get_by_role("button", name="Bots").click()
    who.get_by_role("button", name="reports").click()
    expect(page.get_by_role("img", name="reports: Questions by day")).to_be_visible()
    watched.must_be_accessible()


def test_who_does_not_review_sees_only_their_own(browser: Browser, served: Served) -> None:
    context = browser.new_context(extra_http_headers=bearer(served.home, "quiet"))
    watched = Watched(context, served.url)
    page = watched.go("usage")
    expect(page.get_by_text("No question in these days.")).to_be_visible()
    expect(page.get_by_text("Nothing in these days.")).to_be_visible()
    expect(page.get_by_role("button", name="Everybody")).to_have_count(0)
    watched.must_be_accessible()
    context.close()
    watched.must_be_quiet()
