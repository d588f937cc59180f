"""Questions on the page, in a real browser before a real server."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.app.http.served import QUESTION
from tests.app.web.watched import Watched

ANSWERED = re.compile("^3 rows$")


def test_a_question_is_answered_with_chart_rows_and_how_it_was_made(watched: Watched) -> None:
    page = watched.go()
    watched.ask(QUESTION)
    expect(page.get_by_role("img", name=f"Chart: {QUESTION}")).to_be_visible()
    page.get_by_role("button", name="Table", exact=True).click()
    grid = page.get_by_role("grid")
    expect(grid).to_contain_text("South")
    expect(grid).to_contain_text("105.25")
    page.get_by_text("How this was made").click()
    expect(page.get_by_role("textbox", name="SQL")).to_contain_text("lake.shop.orders")
    expect(page.get_by_role("link", name="lake.shop.orders")).to_be_visible()
    watched.keep("answer")


def test_a_reload_shows_the_conversation_again(watched: Watched) -> None:
    page = watched.go()
    watched.ask(QUESTION)
    expect(page.get_by_text(ANSWERED)).to_be_visible()
    assert re.search(r"/ask/page-", page.url)
    page.reload()
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
    expect(page.get_by_role("img", name=f"Chart: {QUESTION}")).to_be_visible()
    page.get_by_role("link", name="New conversation").click()
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()


def test_a_conversation_that_is_opened_again_shows_how_it_ended_and_is_read_once(watched: Watched) -> None:
    read: list[str] = []
    page = watched.go()
    watched.ask(QUESTION)
    expect(page.get_by_text(ANSWERED)).to_be_visible()
    page.on("request", lambda request: read.append(request.url) if request.url.endswith("/events") else None)
    page.get_by_role("link", name="New conversation").click()
    page.get_by_role("list", name="Conversations").get_by_role("link", name=QUESTION).first.click()
    expect(page.get_by_text(ANSWERED)).to_be_visible()
    assert read == []
    page.reload()
    expect(page.get_by_text("these rows were read again, with your rights of now")).to_be_visible()
    assert len(read) == 1
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)


def test_what_cannot_be_answered_says_why(watched: Watched) -> None:
    page = watched.go()
    watched.ask("how many penguins live in the harbour")
    expect(page.get_by_text("This cannot be answered now")).to_be_visible()


def test_a_statement_is_changed_and_run_and_a_wrong_one_is_explained(watched: Watched) -> None:
    page = watched.go()
    watched.ask(QUESTION)
    page.get_by_text("How this was made").click()
    page.get_by_role("button", name="Edit and run").click()
    editor = page.get_by_role("textbox", name="SQL, editable")
    editor.fill("SELECT count(*) AS orders FROM lake.shop.orders")
    page.get_by_role("button", name="Run as yourself").click()
    expect(page.get_by_label("Your SQL").get_by_text("1 row", exact=True)).to_be_visible()
    expect(page.get_by_role("listbox", name="Completions")).to_have_count(0)
    editor.fill("SELECT hush FROM lake.shop.orders")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Your SQL").get_by_role("alert")).to_contain_text("hush")
    # No model is set up here that would write another one.
    expect(page.get_by_role("button", name="Have Skipper fix this SQL")).to_have_count(0)
    watched.faults = [fault for fault in watched.faults if "422" not in fault]


def test_a_lost_network_is_told_and_it_goes_on_by_itself(watched: Watched) -> None:
    page = watched.go()
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    page.context.set_offline(True)
    watched.ask(QUESTION)
    expect(page.get_by_role("button", name="Stop").first).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text(ANSWERED)).to_be_visible()
    watched.faults = [fault for fault in watched.faults if "ERR_INTERNET_DISCONNECTED" not in fault]
