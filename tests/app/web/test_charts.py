"""What charts show is what the rows say, wherever somebody looks at them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.app.http.served import Served
from tests.app.web.watched import Watched, watching

BY_MONTH = "order value by month"


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Auckland"])
def test_months_are_the_same_everywhere(browser: Browser, served: Served, zone: str) -> None:
    with watching(browser, served.url, timezone_id=zone) as watched:
        page = watched.go()
        watched.ask(BY_MONTH)
        chart = page.get_by_role("img", name=f"Chart: {BY_MONTH}")
        expect(chart).to_be_visible()
        page.get_by_text("Another chart").click()
        page.get_by_label("Kind").select_option("bar")
        expect(chart.locator("path[aria-roledescription=bar]").first).to_be_visible()
        bars = chart.locator("path[aria-roledescription=bar]")
        told = [bars.nth(at).get_attribute("aria-label") for at in range(bars.count())]
        assert [label.split(";")[0] for label in told if label] == MONTHS
        widths = [box["width"] for at in range(bars.count()) if (box := bars.nth(at).bounding_box())]
        assert min(widths) > 20


def drawn(watched: Watched, sql: str) -> Locator:
    """The bars of somebody's own statement."""
    page = watched.go()
    watched.ask("order value by region")
    page.get_by_text("How this was made").click()
    page.get_by_role("button", name="Edit and run").click()
    page.get_by_role("textbox", name="SQL, editable").fill(sql)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Your SQL").get_by_text("Export")).to_be_visible()
    return page.get_by_label("Your SQL").locator("path[aria-roledescription=bar]")


def test_a_ranking_that_tells_dates_is_read_by_what_it_ranks(watched: Watched) -> None:
    rows = "('b', 9, DATE '2026-03-01', 1), ('c', 5, DATE '2026-01-01', 3), ('a', 2, DATE '2026-02-01', 2)"
    bars = drawn(watched, f"SELECT * FROM (VALUES {rows}) AS t(who, owed, due, invoices) ORDER BY owed DESC")
    expect(bars).to_have_count(3)
    assert bars.first.get_attribute("aria-label") == "owed: 9; who: b"


def test_figures_that_need_not_add_up_stand_beside_each_other(watched: Watched) -> None:
    rows = "('pro', 'month', 9), ('pro', 'year', 90), ('free', 'month', 0), ('free', 'year', 1)"
    bars = drawn(watched, f"SELECT * FROM (VALUES {rows}) AS t(plan, paid_by, price)")
    expect(bars).to_have_count(4)
    watched.keep("chart-beside")
    boxes = [box for at in range(4) if (box := bars.nth(at).bounding_box())]
    assert len({round(box["x"]) for box in boxes}) == 1
    assert len({round(box["y"]) for box in boxes}) == 4


def test_rows_that_would_be_drawn_on_each_other_are_a_table(watched: Watched) -> None:
    bars = drawn(watched, "SELECT * FROM (VALUES ('pro', 9), ('pro', 90), ('free', 0)) AS t(plan, price)")
    expect(bars).to_have_count(0)


MONTHS = ["month: Jan 2026", "month: Feb 2026", "month: Mar 2026"]
