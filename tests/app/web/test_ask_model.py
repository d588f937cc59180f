"""Questions that a model answers, on the page: asked back, followed up, stopped, cut off. What it says is text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.app.http.served import Served, serving
from tests.app.shop import Home
from tests.app.web.watched import Watched
from tests.support.messages_api import MessagesApi, Reply, messages_api

LAVENDER = "which orders smell of lavender?"
WEST = "SELECT order_id, amount FROM shop.orders WHERE region = 'West'"
ALL = "SELECT order_id, region FROM shop.orders ORDER BY order_id"
SCRIPT = "<img src=https://evil.example/x.png onerror=alert(1)>"
HOSTILE = (
    f"{SCRIPT} [look](javascript:alert(1)) ![](https://evil.example/y.png) <script>alert(1)</script> \u202egnp.exe"
)


def says(sql: str = "", **more: Any) -> Reply:
    """What the model writes."""
    form = {"reading": "", "status": "sql", "sql": sql, "assumptions": [], "question": "", "options": []}
    return Reply(json.dumps(form | more))


@pytest.fixture(scope="module")
def model() -> Iterator[MessagesApi]:
    with messages_api() as api:
        yield api


@pytest.fixture(scope="module")
def served(changing_shop: Home, model: MessagesApi) -> Iterator[Served]:
    """With a model, and a cap of three rows."""
    known = {"ANTHROPIC_API_KEY": "sk-none", "ANTHROPIC_BASE_URL": model.url, "SKIPPER_MAX_ROWS": "3"}
    with serving(changing_shop, **known) as running:
        yield running


def test_what_the_model_asks_back_is_answered_by_a_choice_and_by_words(watched: Watched, model: MessagesApi) -> None:
    asks = says(status="clarify", question=f"Which smell? {HOSTILE}", options=["javascript:alert(1)", "<b>strong</b>"])
    model.script[:] = [asks, says(WEST), asks, says(WEST)]
    page = watched.go()
    watched.ask(LAVENDER)
    expect(page.get_by_role("textbox", name="Your reply")).to_be_visible()
    expect(page.get_by_text("onerror=alert(1)")).to_be_visible()
    assert page.locator("main img").count() == 0
    watched.looks("ask-back")
    page.get_by_role("button", name="<b>strong</b>").click()
    expect(page.get_by_text("1 row", exact=True)).to_be_visible()
    page.get_by_role("link", name="New conversation").click()
    watched.ask(LAVENDER)
    page.get_by_role("textbox", name="Your reply").fill("the strong one")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 row", exact=True)).to_be_visible()
    assert "the strong one" in json.dumps(model.requests[-1])


def test_a_follow_up_is_asked_in_the_same_conversation(watched: Watched, model: MessagesApi) -> None:
    model.script[:] = [says(WEST), says(ALL)]
    page = watched.go()
    watched.ask(LAVENDER)
    expect(page.get_by_text("1 row", exact=True)).to_be_visible()
    expect(page.get_by_placeholder("Ask a follow-up question")).to_be_visible()
    watched.ask("and those that smell of roses?")
    expect(page.get_by_text("3 rows, cut off here")).to_be_visible()
    assert LAVENDER in json.dumps(model.requests[-1])
    expect(page.get_by_role("article")).to_have_count(2)


def test_what_the_model_says_stays_text(watched: Watched, model: MessagesApi) -> None:
    sql = f"SELECT '{SCRIPT}' AS \"<b>x</b>\", '=cmd|x' AS formula FROM shop.orders"
    model.script[:] = [says(sql, reading=HOSTILE, assumptions=[HOSTILE])]
    page = watched.go()
    watched.ask(HOSTILE)
    expect(page.get_by_text("3 rows, cut off here")).to_be_visible()
    page.get_by_text("How this was made").click()
    expect(page.get_by_role("heading", name="Assumed")).to_be_visible()
    expect(page.get_by_role("grid")).to_contain_text("onerror=alert(1)")
    assert page.locator("main img, main script, main iframe").count() == 0
    links = page.locator("main a").evaluate_all("all => all.map(one => one.href)")
    assert [link for link in links if not link.startswith(watched.url)] == []
    watched.looks("ask-hostile")


def test_a_question_is_stopped_while_the_model_thinks(watched: Watched, model: MessagesApi) -> None:
    go, asked = Event(), Event()

    def slow(_body: dict[str, Any]) -> Reply:
        asked.set()
        assert go.wait(120)
        return says(WEST)

    model.script[:] = [slow]
    page = watched.go()
    watched.ask(LAVENDER)
    expect(page.get_by_text("Writing SQL")).to_be_visible()
    assert asked.wait(120)
    watched.keep("ask-working")
    page.get_by_role("article").get_by_role("button", name="Stop").click()
    go.set()
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()


def test_what_is_cut_off_says_so_and_a_file_has_the_rest(watched: Watched, model: MessagesApi) -> None:
    model.script[:] = [says(ALL)]
    page = watched.go()
    watched.ask(LAVENDER)
    expect(page.get_by_text("3 rows, cut off here: a file has all of them")).to_be_visible()
    watched.looks("ask-cut-off")
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as begun:
        page.get_by_role("link", name="CSV").click()
    lines = begun.value.path().read_text(encoding="utf-8").split()
    assert re.sub(r"\W", "", lines[0]) == "order_idregion"
    assert len(lines) == 1 + 5
    page.get_by_text("How this was made").click()
    page.get_by_role("button", name="Edit and run").click()
    page.get_by_role("button", name="Run as yourself").click()
    expect(
        page.get_by_label("Your SQL").get_by_text("3 rows, cut off here: a file has all of them", exact=True)
    ).to_be_visible()


def test_a_wrong_statement_is_given_to_the_model_to_mend(watched: Watched, model: MessagesApi) -> None:
    model.script[:] = [says(WEST), says(WEST)]
    page = watched.go()
    watched.ask(LAVENDER)
    expect(page.get_by_text("1 row", exact=True)).to_be_visible()
    page.get_by_text("How this was made").click()
    page.get_by_role("button", name="Edit and run").click()
    page.get_by_role("textbox", name="SQL, editable").fill("SELECT hush FROM lake.shop.orders")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Have Skipper fix this SQL").click()
    expect(page.get_by_role("heading", name="Fix this SQL.")).to_be_visible()
    expect(page.get_by_role("article").last.get_by_text("1 row", exact=True)).to_be_visible()
    assert "SELECT hush FROM lake.shop.orders" in json.dumps(model.requests[-1])
    watched.forget("422")


def test_a_statement_over_a_limit_is_approved_and_then_run(watched: Watched, served: Served) -> None:
    served.home.ok("limit", "add", "user:ada", "--day-scan-mb", "0", "--as", "rob")
    page = watched.go()
    watched.ask("order value by region")
    expect(page.get_by_text("A reviewer must allow this statement")).to_be_visible()
    watched.looks("ask-approval")
    served.home.ok("approve", "add", "1", "--as", "rob")
    expect(page.get_by_role("img", name="Chart: order value by region")).to_be_visible()


def test_a_model_that_does_not_answer_is_told(watched: Watched, model: MessagesApi) -> None:
    model.script[:] = [Reply(status=401, kind="authentication_error")]
    page = watched.go()
    watched.ask(LAVENDER)
    expect(page.get_by_text("This cannot be answered now")).to_be_visible()
    watched.must_be_accessible()
