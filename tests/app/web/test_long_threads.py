"""A conversation of a thousand questions: it opens at its end, reads what is looked at, and goes back page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Request, expect

from agents.runs import RUNS
from app.runs.tables import RUN_EVENTS, SERVER_RUNS
from app.settings import load_settings
from app.workspace import Workspace
from tests.app.http.served import QUESTION, Served, serving
from tests.app.shop import Home
from tests.app.web.watched import Watched

THREAD = "page-long"
COUNT = 1000


def repeat(home: Path, run_id: str) -> None:
    """Have a run that was answered stand in its thread a thousand times, each as a question of its own."""
    with Workspace(load_settings(home=home)) as workspace, workspace.state.begin() as connection:
        for table in (SERVER_RUNS, RUNS, RUN_EVENTS):
            rows = [dict(row._mapping) for row in connection.execute(sa.select(table).where(table.c.run_id == run_id))]
            assert rows
            connection.execute(
                sa.insert(table), [_again(row, run_id, number) for number in range(1, COUNT) for row in rows]
            )


def _again(row: dict[str, Any], run_id: str, number: int) -> dict[str, Any]:
    made = dict(row)
    for name, value in row.items():
        if name in ("accepted_at", "ended_at", "asked_at", "at"):
            made[name] = value - timedelta(minutes=COUNT - number)
        elif isinstance(value, str):
            made[name] = value.replace(run_id, f"{number:016x}").replace(QUESTION, f"{QUESTION} ({number})")
    return made


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    with serving(changing_shop) as running:
        repeat(changing_shop.path, running.ask(thread=THREAD)["run"]["run_id"])
        yield running


def busy_seconds(page: Page) -> float:
    """What the page's own thread took since it was opened, however busy the machine is."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    found = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return float(found["ScriptDuration"] + found["LayoutDuration"] + found["RecalcStyleDuration"])


def test_it_opens_at_its_end_and_reads_only_what_is_seen(watched: Watched) -> None:
    read: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/events"):
            read.append(request.url)

    watched.page.on("request", note)
    page = watched.go(f"ask/{THREAD}")
    last = page.get_by_role("heading", name=QUESTION, exact=True)
    expect(last).to_be_in_viewport()
    expect(page.get_by_role("img", name=f"Chart: {QUESTION}. ")).to_be_visible()
    assert busy_seconds(page) < 2
    expect(page.get_by_role("list", name="Conversations").get_by_role("link")).to_have_count(1)
    assert page.locator("article").count() == 50
    assert len(read) < 20
    watched.keep("thread-of-a-thousand")


def test_what_was_asked_earlier_comes_as_one_scrolls_and_the_view_stays(watched: Watched) -> None:
    page = watched.go(f"ask/{THREAD}")
    expect(page.get_by_role("heading", name=QUESTION, exact=True)).to_be_in_viewport()
    for first, earlier in ((951, 901), (901, 851)):
        page.evaluate("scrollTo(0, 0)")
        expect(page.get_by_role("heading", name=f"{QUESTION} ({earlier})")).to_be_attached()
        # What was looked at is not carried away by what came before it.
        expect(page.get_by_role("heading", name=f"{QUESTION} ({first})")).to_be_in_viewport()
    watched.ask("order value")
    expect(page.get_by_role("article").last.get_by_role("button", name="SQL", exact=True)).to_be_visible()
