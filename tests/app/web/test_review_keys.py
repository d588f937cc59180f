"""Ten tables in two minutes: what the keys of a reviewer spare."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.app.web.test_review import PAYSLIPS, Open, begin, row, states
from townlake.domain.review import Classification

assert begin
UNSURE = Classification(label="none.enum", tier=1, confidence=0.03, recommendation="review", evidence=("few values",))


def test_what_nothing_is_proposed_for_is_one_key_away(begin: Open) -> None:
    served, watched = begin(UNSURE)
    page = watched.go("review")
    row(page, "hush_amount")
    page.keyboard.press("Shift+J")
    expect(page.get_by_role("row").filter(has_text="payee")).to_be_focused()
    row(page, "hush_amount")
    page.keyboard.press("Shift+A")
    expect(page.get_by_role("row").filter(has_text="payee")).to_be_focused()
    page.keyboard.press("o")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(f"Sent: {PAYSLIPS}, 2 open.")).to_be_visible()
    expect(page.get_by_text("Nothing waits")).to_be_visible()
    assert states(served) == {"payee": "open", "hush_amount": "open"}
