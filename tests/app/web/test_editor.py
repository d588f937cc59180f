"""What the SQL editor offers while somebody writes."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.app.http.served import QUESTION, Served
from tests.app.web.watched import Watched
from tests.support.shared import ROOT
from townlake.sql.functions import FUNCTIONS


def opened(watched: Watched) -> Page:
    """A page with an empty editor that has the focus."""
    page = watched.go()
    watched.ask(QUESTION)
    page.get_by_text("How this was made").click()
    page.get_by_role("button", name="Edit and run").click()
    page.get_by_role("textbox", name="SQL, editable").fill("")
    return page


def test_names_that_the_caller_may_read_are_offered(watched: Watched, served: Served) -> None:
    page = opened(watched)
    offered = page.get_by_role("listbox", name="Completions")
    page.keyboard.type("SELECT * FROM shop.")
    expect(offered.get_by_role("option", name="orders")).to_be_visible()
    expect(offered.get_by_role("option", name="payslips")).to_have_count(0)
    watched.must_be_accessible()
    page.keyboard.type("cus")
    expect(offered.get_by_role("option")).to_have_count(1)
    offered.get_by_role("option", name="customers").click()
    page.keyboard.type(" c WHERE c.")
    expect(offered.get_by_role("option", name="email")).to_contain_text("varchar, masked")
    page.keyboard.type("na")
    offered.get_by_role("option", name="name").click()
    page.keyboard.type(" IS NOT NULL AND cust")
    expect(offered.get_by_role("option", name="customer_id")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="SQL, editable")).not_to_be_focused()
    expect(page.get_by_role("textbox", name="SQL, editable")).to_contain_text(
        "FROM shop.customers c WHERE c.name IS NOT"
    )


def test_words_and_functions_are_offered_and_nothing_within_text(watched: Watched, served: Served) -> None:
    page = opened(watched)
    offered = page.get_by_role("listbox", name="Completions")
    page.keyboard.type("sel")
    offered.get_by_role("option", name="SELECT").click()
    page.keyboard.type(" approx_dis")
    offered.get_by_role("option", name="approx_distinct").click()
    page.keyboard.type("region) FROM shop.orders WHERE region = 'reg")
    expect(page.get_by_role("textbox", name="SQL, editable")).to_contain_text("SELECT approx_distinct(region)")
    expect(offered).to_have_count(0)


def test_just_those_functions_are_offered_that_a_statement_may_use() -> None:
    source = (ROOT / "app" / "web" / "ui" / "src" / "parts" / "functions.ts").read_text(encoding="utf-8")
    assert re.findall(r"\w+", "".join(re.findall(r"'([\w ]+)'", source))) == sorted(FUNCTIONS)
