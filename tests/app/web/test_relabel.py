"""A reviewer says that a column holds something else than was found."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.app.cli.test_review_found import HEALTH
from tests.app.web.test_review import PAYSLIPS, Open, begin, row, states

assert begin


def test_another_label_decides_what_becomes_of_a_column(begin: Open) -> None:
    served, watched = begin()
    page = watched.go("review")
    row(page, "payee")
    page.keyboard.press("l")
    labels = page.get_by_label("What payee holds")
    expect(labels).to_be_focused()
    labels.select_option("none.code")
    expect(page.get_by_text("Then open")).to_be_visible()
    labels.select_option("date_of_birth")
    expect(page.get_by_text("Then masked, as empty")).to_be_visible()
    watched.must_be_accessible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Say why, for payee")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("Why payee holds that").fill("They are birthdays.")
    page.get_by_label("Why payee holds that").press("Control+Enter")
    expect(page.get_by_text(f"Sent: {PAYSLIPS}, 1 masked.")).to_be_visible()
    told = served.http.get(f"/v1/reviews/{PAYSLIPS}").json()["columns"][0]
    assert (told["label"], told["state"], told["mask"]) == ("date_of_birth", "masked", "null")
    change = served.http.get(f"/v1/reviews/{PAYSLIPS}/history").json()["changes"][0]
    assert (change["how"], change["note"]) == ("override", "They are birthdays.")


def test_what_was_held_to_be_grave_is_not_made_harmless_by_one_person(begin: Open) -> None:
    served, watched = begin(HEALTH)
    page = watched.go("review")
    row(page, "payee")
    page.get_by_role("row").first.get_by_role("button", name="Relabel").click()
    page.get_by_label("What payee holds").select_option("none.code")
    expect(page.get_by_text("A second person must choose the same")).to_be_visible()
    page.get_by_label("Why payee holds that").fill("Codes of payees.")
    page.get_by_label("Why payee holds that").press("Control+Enter")
    expect(page.get_by_text("1 column waiting for a second person")).to_be_visible()
    assert states(served)["payee"] == "proposed"
