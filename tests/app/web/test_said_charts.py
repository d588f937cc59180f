"""A chart is drawn in the form that a question says, where the columns allow it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.app.http.served import Served, serving
from tests.app.shop import Home
from tests.app.web.test_ask_model import model, says
from tests.app.web.watched import Watched, watching
from tests.support.messages_api import MessagesApi

assert model
SHAPES = {"bar": "rect", "line": "line", "arc": "arc", "area": "area", "point": "symbol"}
YEARS = "VALUES (2024, 5), (2026, 7), (2025, 6)) AS t(year, orders)"
PERIODS = "VALUES ('2026-03', 9), ('2026-01', 5), ('2026-02', 1)) AS t(period, orders)"
PLANS = (
    "VALUES (DATE '2026-01-01', 'a', 1), (DATE '2026-01-01', 'b', 2), (DATE '2026-02-01', 'a', 3)) AS t(month, plan, n)"
)
MANY = "SELECT concat('w', CAST(x AS varchar)) AS word, x AS n FROM UNNEST(sequence(1, 70)) AS t(x)"


@pytest.fixture(scope="module")
def asked(changing_shop: Home, model: MessagesApi) -> Iterator[Served]:
    """With a model, which writes what a test has it write."""
    with serving(changing_shop, ANTHROPIC_API_KEY="sk-none", ANTHROPIC_BASE_URL=model.url) as running:
        yield running


@pytest.mark.parametrize(
    ("question", "wish", "mark"),
    [
        ("order value by month", "as a bar chart", "bar"),
        ("order value by region", "as a pie chart", "arc"),
        ("order value by month", "as an area chart", "area"),
    ],
)
def test_a_chart_is_drawn_as_it_was_asked_for(watched: Watched, question: str, wish: str, mark: str) -> None:
    page = watched.go()
    watched.ask(question)
    drawn = page.locator("article").last
    expect(drawn.get_by_role("img", name=f"Chart: {question}")).to_be_visible()
    watched.ask(wish)
    chart = page.get_by_role("img", name=f"Chart: {wish}")
    expect(chart.locator(f"g.mark-{SHAPES[mark]} path").first).to_be_visible()
    page.reload()
    expect(chart.locator(f"g.mark-{SHAPES[mark]} path").first).to_be_visible()
    expect(page.locator("article").last.get_by_label("Kind")).to_have_value(mark)
    watched.looks(f"said-{mark}")


def test_a_form_that_the_columns_do_not_allow_is_said(watched: Watched) -> None:
    page = watched.go()
    watched.ask("order value by region")
    expect(page.get_by_text("3 rows", exact=True)).to_be_visible()
    watched.ask("as a line")
    last = page.locator("article").last
    expect(last.get_by_text("Not as a line: no column is a time or a number that it could go along.")).to_be_visible()
    expect(last.locator("path[aria-roledescription=bar]")).to_have_count(3)
    watched.looks("said-unfit")
    watched.ask("as a table")
    expect(page.locator("article").last.get_by_role("grid")).to_be_visible()
    expect(page.locator("article").last.get_by_role("button", name="Table", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


@pytest.mark.parametrize(
    ("sql", "wish", "count", "along"),
    [
        (f"SELECT * FROM ({YEARS}", "bar chart", 3, ["2024", "2026", "2025"]),
        (f"SELECT * FROM ({YEARS}", "line chart", 1, ["2024", "2025", "2026"]),
        (f"SELECT * FROM ({PERIODS}", "line", 1, ["2026-01", "2026-02", "2026-03"]),
        (f"SELECT * FROM ({PLANS}", "bar chart", 3, []),
        ("SELECT * FROM (VALUES (1, 5), (2, 3), (4, 9)) AS t(a, b)", "bar chart", 3, ["1", "2", "4"]),
        ("SELECT * FROM (VALUES ('a', 1, 5), ('b', 2, 3)) AS t(who, a, b)", "scatter plot", 2, []),
    ],
)
def test_what_a_model_found_is_drawn_as_it_was_asked_for(
    browser: Browser, asked: Served, model: MessagesApi, sql: str, wish: str, count: int, along: list[str]
) -> None:
    model.script[:] = [says(sql), says(sql)]
    with watching(browser, asked.url) as watched:
        page = watched.go()
        watched.ask(f"which orders smell of lavender, as a {wish}?")
        mark = {"scatter plot": "point"}.get(wish, wish.split()[0])
        shapes = page.get_by_role("article").locator(f"g.mark-{SHAPES[mark]} path")
        expect(shapes.first).to_be_visible()
        assert shapes.count() == count
        if along:
            labels = page.get_by_role("article").locator("g.role-axis-label").first.locator("text")
            assert labels.all_text_contents() == along
        watched.keep(f"said-{mark}-{count}-{len(along)}")


@pytest.mark.parametrize(
    ("sql", "wish", "why"),
    [
        (MANY, "bar chart", "Not as bars: there would be 70 of them."),
        ("SELECT * FROM (VALUES ('a', -1), ('b', 2)) AS t(w, n)", "pie chart", "Not as a ring: some figures are below"),
        ("SELECT * FROM (VALUES ('a', 'x'), ('b', 'y')) AS t(w, v)", "line chart", "Not as a line: no column is a fig"),
        ("SELECT * FROM (VALUES ('a', 1)) AS t(w, n)", "bar chart", "Not as bars: there is one row only."),
        ("SELECT * FROM (VALUES 1, 2) AS t(n)", "bar chart", "Not as bars: there is one column only."),
    ],
)
def test_why_what_a_model_found_is_not_drawn_so_is_said(
    browser: Browser, asked: Served, model: MessagesApi, sql: str, wish: str, why: str
) -> None:
    model.script[:] = [says(sql), says(sql)]
    with watching(browser, asked.url) as watched:
        page = watched.go()
        watched.ask(f"which orders smell of lavender, as a {wish}?")
        expect(page.get_by_text(why)).to_be_visible()
