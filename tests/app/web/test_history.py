"""Past conversations: found again by any of their words, and read again where the server had too much to do."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.app.http.served import QUESTION, Served
from tests.app.web.watched import Watched


def test_a_conversation_is_found_by_the_words_of_any_of_its_questions(watched: Watched, served: Served) -> None:
    for number in range(6):
        served.ask(thread=f"history-{number}")
    served.ask("and the penguins of the harbour?", thread="history-2")
    page = watched.go()
    kept = page.get_by_role("list", name="Conversations").get_by_role("link")
    expect(kept).to_have_count(6)
    search = page.get_by_role("searchbox", name="Search conversations")
    search.fill("PENGUINS of")
    expect(kept).to_have_count(1)
    kept.click()
    expect(page.get_by_role("heading", name="and the penguins of the harbour?")).to_be_visible()
    search.fill("no such words")
    expect(page.get_by_text("None has these words.")).to_be_visible()
    search.fill("")
    expect(kept).to_have_count(6)


def test_what_the_server_had_no_time_for_is_read_again(watched: Watched, served: Served) -> None:
    served.ask(thread="busy")
    refused: list[str] = []

    def busy(route: Route) -> None:
        if len(refused) < 2:
            refused.append(route.request.url)
            route.fulfill(status=429, headers={"retry-after": "0"}, body="{}")
        else:
            route.continue_()

    watched.page.route("**/v1/threads?*", busy)
    page = watched.go()
    expect(page.get_by_role("list", name="Conversations").get_by_role("link", name=QUESTION).first).to_be_visible()
    assert len(refused) == 2
    watched.forget("429")
