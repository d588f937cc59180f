"""Ctrl-Enter sends the form that somebody is in: once, and only where its button would."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Request, expect

from tests.app.http.served import QUESTION
from tests.app.web.test_review import HEALTH, Open, begin, row, states
from tests.app.web.watched import Watched

assert begin


@pytest.fixture
def sent(watched: Watched) -> list[str]:
    """What the page had the server do."""
    found: list[str] = []

    def hear(request: Request) -> None:
        if request.method != "GET":
            found.append(request.url.removeprefix(watched.url))

    watched.page.on("request", hear)
    return found


@pytest.fixture
def answered(watched: Watched, sent: list[str]) -> Page:
    """An answer, and nothing sent since."""
    page = watched.go()
    watched.ask(QUESTION)
    expect(page.get_by_text("3 rows", exact=True)).to_be_visible()
    sent.clear()
    return page


@pytest.mark.parametrize("keys", ["Control+Enter", "Meta+Enter"])
def test_an_answer_is_saved_once(answered: Page, sent: list[str], keys: str) -> None:
    answered.get_by_role("button", name="Save or share").click()
    name = answered.get_by_label("Name")
    name.fill("")
    name.press(keys)
    expect(answered.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    name.fill("By keys")
    answered.keyboard.press(keys)
    answered.evaluate(HELD, [True, True, False])
    expect(answered.get_by_role("link", name="By keys")).to_be_visible()
    assert sent == ["/v1/saved"]


def test_an_answer_is_pinned_and_judged(answered: Page, sent: list[str]) -> None:
    answered.get_by_role("button", name="Pin to a dashboard").click()
    answered.get_by_label("Name of the new dashboard").fill("By keys")
    answered.keyboard.press("Control+Enter")
    expect(answered.get_by_role("link", name="By keys")).to_be_visible()
    answered.get_by_role("button", name="The answer is wrong").click()
    answered.get_by_label("What is wrong with it?").fill("South is missing.")
    answered.keyboard.press("Control+Enter")
    expect(answered.get_by_text("Thank you")).to_be_visible()
    assert [path.split("/")[2] for path in sent] == ["saved", "dashboards", "runs", "runs"]


def test_a_button_that_has_the_focus_does_what_it_says(answered: Page, sent: list[str]) -> None:
    answered.get_by_role("button", name="Save or share").click()
    answered.get_by_role("button", name="Not now").press("Control+Enter")
    expect(answered.get_by_role("form", name="Save this question")).to_have_count(0)
    answered.get_by_role("button", name="Save or share").click()
    answered.get_by_role("button", name="Save", exact=True).press("Control+Enter")
    expect(answered.get_by_text("Saved as")).to_be_visible()
    assert sent == ["/v1/saved"]


def test_access_is_asked_for(watched: Watched, sent: list[str]) -> None:
    page = watched.go("tables/lake.shop.payslips")
    page.get_by_role("button", name="Ask for access").click()
    page.keyboard.press("Control+Enter")
    page.keyboard.type("Payroll closes on Friday.")
    assert sent == []
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("You asked")).to_be_visible()
    assert sent == ["/v1/access-requests"]


def test_the_dialog_of_a_review_is_sent_once_it_says_why(begin: Open) -> None:
    served, watched = begin(HEALTH)
    page = watched.go("review")
    row(page, "payee")
    page.keyboard.press("o")
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog", name="What opens for whom")
    why = dialog.get_by_label("Why (kept with the decision)")
    expect(why).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(dialog).to_be_visible()
    why.fill("They are made up.")
    # A key that is held since before sends nothing that nobody has read yet.
    page.evaluate(HELD, [True])
    expect(dialog).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("1 column waiting for a second person")).to_be_visible()
    expect(dialog).to_have_count(0)
    assert states(served)["payee"] == "proposed"


HELD = """repeats => {
  for (const repeat of repeats) {
    const keys = {key: 'Enter', ctrlKey: true, repeat, bubbles: true, cancelable: true};
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', keys));
  }
}"""
