"""Links that somebody sends: whatever stands in them, they lead to a screen of the page and nowhere else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Dialog, expect

from tests.app.web.watched import Watched

EVIL = ("javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "//evil.example/x", "https:evil.example")
SCRIPT = "<img src=https://evil.example/x.png onerror=alert(1)>"


@pytest.mark.parametrize(
    "path",
    [
        *(f"tables/{each}" for each in ("javascript:alert(1)", "..%2f..%2fetc", "%3Cimg src=x onerror=alert(1)%3E")),
        "tables?q=" + SCRIPT,
        "tables?schema=" + SCRIPT,
        "tables/lake.shop.orders/javascript:alert(1)",
        "ask/javascript:alert(1)",
        "ask//evil.example",
        "ask/%00%0d%0a",
        "ask/%E0%A4%A",
        "dashboards/javascript:alert(1)",
        "dashboards/saved/..%2f..%2fauth%2flogout",
        "dashboards/saved//evil.example",
        "review/javascript:alert(1)",
        "review/" + SCRIPT,
        "access/javascript:alert(1)",
        "audit?table=" + SCRIPT + "&kind=" + SCRIPT,
        "audit/statement/..%2f..%2fauth%2fme",
        "usage?who=" + SCRIPT,
        "no-such-screen",
    ],
)
def test_a_link_runs_nothing_and_leads_nowhere_else(watched: Watched, path: str) -> None:
    asked: list[str] = []

    def note(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    watched.page.on("dialog", note)
    page = watched.go(path)
    page.wait_for_load_state("networkidle")
    assert page.url.startswith(f"{watched.url}/")
    assert page.locator("main img").count() == 0
    links = page.locator("a").evaluate_all("all => all.map(one => one.href)")
    assert [link for link in links if not link.startswith(f"{watched.url}/")] == []
    assert asked == []
    # That nothing of that name is there is told by the server, too.
    watched.forget("404", "400", "422")


@pytest.mark.parametrize("words", [*EVIL, SCRIPT])
def test_a_question_in_a_link_stands_in_the_box_and_is_not_sent(watched: Watched, words: str) -> None:
    sent: list[str] = []
    watched.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page = watched.page
    page.goto(f"{watched.url}/?" + f"q={words}".replace("+", "%2B").replace("<", "%3C"))
    expect(page.get_by_role("textbox", name="Your question")).to_have_value(words)
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    assert page.url == f"{watched.url}/"
    assert sent == []
