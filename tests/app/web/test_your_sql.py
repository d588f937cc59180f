"""SQL that somebody changes on the page: it is not lost, and what it gives is exported and kept like an answer."""

from __future__ import annotations

import re
from zipfile import ZipFile

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.app.http.served import QUESTION
from tests.app.web.watched import Watched

MINE = "SELECT region, count(*) AS orders, '=1+1' AS formula FROM lake.shop.orders GROUP BY region ORDER BY region"


def opened(page: Page) -> Locator:
    """The editor of the last answer's SQL."""
    page.get_by_text("How this was made").click()
    page.get_by_role("button", name="Edit and run").click()
    return page.get_by_role("textbox", name="SQL, editable")


@pytest.fixture
def page(watched: Watched) -> Page:
    """An answer whose SQL is changed and ran."""
    found = watched.go()
    watched.ask(QUESTION)
    opened(found).fill(MINE)
    found.keyboard.press("Control+Enter")
    expect(found.get_by_label("Your SQL").get_by_text("3 rows", exact=True)).to_be_visible()
    return found


def test_changed_sql_is_there_again_until_it_is_taken_back(page: Page) -> None:
    editor = page.get_by_role("textbox", name="SQL, editable")
    page.get_by_role("button", name="Close your SQL").click()
    page.get_by_role("button", name="Edit and run").click()
    expect(editor).to_contain_text("AS formula")
    page.get_by_role("link", name="Usage").click()
    expect(page.get_by_role("heading", name="Usage")).to_be_visible()
    page.go_back()
    expect(opened(page)).to_contain_text("AS formula")
    page.reload()
    expect(page.get_by_text("You changed this SQL")).to_have_count(1)
    expect(opened(page)).to_contain_text("AS formula")
    page.get_by_role("button", name="Back to the answer's SQL").click()
    expect(editor).not_to_contain_text("AS formula")
    expect(editor).to_be_focused()
    expect(page.get_by_text("You changed this SQL")).to_have_count(0)
    page.reload()
    expect(opened(page)).not_to_contain_text("AS formula")
    expect(page.get_by_role("button", name="Back to the answer's SQL")).to_have_count(0)


def test_changed_sql_is_nobody_elses(page: Page) -> None:
    kept = page.evaluate("sessionStorage.getItem('skipper-sql')")
    assert "formula" in kept
    page.evaluate("kept => sessionStorage.setItem('skipper-sql', kept)", kept.replace('"subject":"', '"subject":"not-'))
    page.reload()
    expect(opened(page)).not_to_contain_text("formula")
    assert page.evaluate("sessionStorage.getItem('skipper-sql')") is None


def test_what_changed_sql_gave_is_exported(page: Page) -> None:
    mine = page.get_by_label("Your SQL")
    mine.get_by_text("Export").click()
    with page.expect_download() as begun:
        mine.get_by_role("button", name="CSV").click()
    assert re.fullmatch(r"statement-\w+\.csv", begun.value.suggested_filename)
    lines = begun.value.path().read_text(encoding="utf-8").splitlines()
    assert (lines[0], len(lines)) == ("region,orders,formula", 4)
    assert {line.split(",")[2] for line in lines[1:]} == {"'=1+1"}
    # What was run is exported, whatever stands in the editor by now.
    page.get_by_role("textbox", name="SQL, editable").fill("SELECT 1")
    mine.get_by_text("Export").click()
    with page.expect_download() as begun:
        mine.get_by_role("button", name="Excel").click()
    with ZipFile(begun.value.path()) as book:
        assert "AS formula" in book.read("xl/worksheets/sheet2.xml").decode()


def test_an_export_that_is_refused_says_why(watched: Watched, page: Page) -> None:
    page.route("**/v1/sql?format=csv", lambda route: route.continue_(post_data={"sql": "SELECT hush FROM shop.orders"}))
    mine = page.get_by_label("Your SQL")
    mine.get_by_text("Export").click()
    mine.get_by_role("button", name="CSV").click()
    expect(mine.get_by_role("alert")).to_contain_text("hush")
    expect(mine.get_by_text("Export")).to_be_visible()
    watched.forget("422", "403")


def test_what_changed_sql_gave_is_saved_with_its_chart_and_pinned(watched: Watched, page: Page) -> None:
    mine = page.get_by_label("Your SQL")
    expect(mine.get_by_role("img", name="Chart: your SQL")).to_be_visible()
    mine.get_by_role("button", name="Save or share").click()
    expect(mine.get_by_label("Name")).to_have_value(f"{QUESTION} (my SQL)")
    mine.get_by_label("Name").fill("Orders by region, counted")
    watched.looks("your-sql")
    mine.get_by_role("button", name="Save", exact=True).click()
    mine.get_by_role("link", name="Orders by region, counted").click()
    expect(page.get_by_role("img", name="Chart: Orders by region, counted")).to_be_visible()
    page.get_by_text("SQL", exact=True).click()
    expect(page.get_by_role("textbox", name="SQL")).to_contain_text("AS formula")
    page.go_back()
    opened(page)
    page.get_by_role("button", name="Run as yourself").click()
    mine.get_by_role("button", name="Pin to a dashboard").click()
    mine.get_by_label("Name of the new dashboard").fill("Mine")
    mine.get_by_role("button", name="Pin it").click()
    expect(mine.get_by_role("link", name="Mine")).to_be_visible()
