"""The audit on the page, in a real browser before a real server."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.app.http.served import Served, serving
from tests.app.shop import Home
from tests.app.web.watched import Watched

SQL = "SELECT count(*) FROM shop.orders WHERE region = 'North'"


def ran(served: Served, sql: str = SQL) -> str:
    """The id of a statement."""
    return str(served.http.post("/v1/sql", json={"sql": sql}).raise_for_status().json()["query_id"])


def test_a_statement_is_found_and_tells_why_it_was_allowed(watched: Watched, served: Served) -> None:
    query = ran(served)
    page = watched.go("audit")
    expect(page.get_by_text("reads lake.shop.orders").first).to_be_visible()
    page.get_by_role("textbox", name="Table").fill("shop.orders")
    page.get_by_role("combobox").select_option("intent")
    page.get_by_role("textbox", name="Statement").fill(query)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("listitem").filter(has=page.get_by_role("group"))).to_have_count(1)
    assert f"statement={query}" in page.url
    page.get_by_text("reads lake.shop.orders").click()
    expect(page.get_by_role("textbox", name="SQL")).to_contain_text("count")
    assert "North" not in page.inner_text("main")
    page.get_by_role("link", name="why it was allowed").click()
    expect(page.get_by_role("heading", name="Why it was allowed")).to_be_visible()
    expect(page.get_by_text("let everyone read lake.shop.orders")).to_be_visible()
    expect(page.get_by_text("Granted to everyone.")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("textbox", name="Statement")).to_have_value(query)
    page.get_by_role("button", name="All").click()
    page.get_by_label("To", exact=True).fill("2020-01-01")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="No entry is like that")).to_be_visible()


def test_one_s_own_question_stands_beside_what_it_read(watched: Watched, served: Served) -> None:
    served.ask("order value by month")
    page = watched.go("audit")
    expect(page.get_by_text("order value by month").first).to_be_visible()
    page.get_by_text("reads lake.shop.orders").first.click()
    expect(page.get_by_role("definition").get_by_text("order value by month")).to_be_visible()


def test_the_chain_is_looked_through(watched: Watched) -> None:
    page = watched.go("audit")
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text("sound", exact=True)).to_be_visible()
    page.get_by_text("The end of the chain").click()
    head = page.locator("section code").inner_text()
    page.get_by_label("An end that you noted earlier").fill(head)
    page.get_by_role("button", name="Verify from there").click()
    expect(page.get_by_text("looked through just now")).to_be_visible()


def test_others_see_what_they_did_alone(browser: Browser, served: Served, pristine: tuple[Path, Path]) -> None:
    ran(served)
    with serving(Home(pristine[0]), SKIPPER_USER="bob", SKIPPER_REVIEWERS="user:ria") as bobs:
        context = browser.new_context()
        watched = Watched(context, bobs.url)
        page = watched.go("audit")
        expect(page.get_by_role("heading", name="Nothing was written down yet")).to_be_visible()
        query = ran(bobs)
        page.reload()
        expect(page.get_by_text("reads lake.shop.orders")).to_have_count(1)
        expect(page.get_by_role("button", name="Verify now")).to_have_count(0)
        watched.go(f"audit/statement/{query}")
        expect(page.get_by_text("open to you")).to_be_visible()
        watched.must_be_accessible()
        context.close()
        watched.must_be_quiet()


def test_a_statement_that_is_not_there_is_told(watched: Watched) -> None:
    page = watched.go("audit/statement/0123456789abcdef")
    expect(page.get_by_role("alert")).to_contain_text("no such statement")
    watched.faults = [fault for fault in watched.faults if "404" not in fault]
