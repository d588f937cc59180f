"""Past conversations are renamed in their place and deleted: by keyboard, by touch, and where the network fails."""

from __future__ import annotations

import re
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.app.http.served import QUESTION, Served, serving
from tests.app.shop import Home
from tests.app.web.test_ask_model import LAVENDER, WEST, says
from tests.app.web.watched import Watched, watching
from tests.support.messages_api import Reply, messages_api

LONG = "Quartalsabschlussvorbereitungsbesprechung " * 4


@pytest.fixture(autouse=True)
def kept(served: Served) -> None:
    """The same four conversations before each test; the last is the newest."""
    for one in served.http.get("/v1/threads").json()["threads"]:
        served.http.delete(f"/v1/threads/{one['name']}").raise_for_status()
    for number in range(4):
        served.ask(thread=f"talk-{number}")
        served.http.patch(f"/v1/threads/talk-{number}", json={"title": f"Talk {number}"}).raise_for_status()


def links(page: Page) -> Locator:
    return page.get_by_role("list", name="Conversations").get_by_role("link")


def choose(page: Page, title: str, entry: str) -> None:
    page.get_by_role("link", name=title).hover()
    page.get_by_role("button", name=f"More: {title}").click()
    page.get_by_role("menuitem", name=entry).click()


def both(watched: Watched, name: str, width: int = 1280) -> None:
    """Hold what is open against the rules in both themes."""
    for theme in ("light", "dark"):
        watched.page.emulate_media(color_scheme=theme)
        watched.must_be_accessible()
        watched.must_fit()
        watched.keep(f"{name}-{theme}-{width}")


def titles(served: Served) -> list[str]:
    return [one["title"] for one in served.http.get("/v1/threads").json()["threads"]]


def test_a_conversation_is_renamed_by_keyboard(watched: Watched, served: Served) -> None:
    page = watched.go()
    links(page).nth(1).focus()
    page.keyboard.press("Tab")
    more = page.get_by_role("button", name="More: Talk 2")
    expect(more).to_be_focused()
    expect(more).to_be_visible()
    assert more.evaluate("node => getComputedStyle(node).opacity") == "1"
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Delete")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="Title of the conversation")
    expect(field).to_be_focused()
    expect(field).to_have_value("Talk 2")
    page.keyboard.type("Board meeting")
    both(watched, "conversation-rename")
    page.keyboard.press("Enter")
    renamed = page.get_by_role("button", name="More: Board meeting")
    expect(renamed).to_be_focused()
    assert titles(served) == ["Talk 3", "Board meeting", "Talk 1", "Talk 0"]
    # Escape leaves it as it was, and nothing brings the first question back.
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("Something else")
    page.keyboard.press("Escape")
    expect(renamed).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"More: {QUESTION}")).to_be_focused()
    assert titles(served) == ["Talk 3", QUESTION, "Talk 1", "Talk 0"]
    # The menu itself is left by Escape, too.
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(page.get_by_role("button", name=f"More: {QUESTION}")).to_be_focused()


def test_a_title_names_the_window_and_is_found(watched: Watched, served: Served) -> None:
    for number in range(4, 7):
        served.ask(thread=f"talk-{number}")
    page = watched.go("ask/talk-1")
    expect(page).to_have_title("Talk 1 · Skipper")
    choose(page, "Talk 1", "Rename")
    page.keyboard.type("<b>أرباح</b>")
    page.keyboard.press("Enter")
    expect(page).to_have_title("<b>أرباح</b> · Skipper")
    page.get_by_role("searchbox", name="Search conversations").fill("أرباح")
    expect(links(page)).to_have_count(1)
    expect(links(page)).to_have_text("<b>أرباح</b>")


def test_the_open_one_is_deleted_and_a_new_question_is_there(watched: Watched, served: Served) -> None:
    page = watched.go("ask/talk-2")
    expect(page.get_by_role("article")).to_have_count(1)
    choose(page, "Talk 2", "Delete")
    dialog = page.get_by_role("dialog", name="Delete this conversation?")
    expect(dialog.get_by_text("gone for good")).to_be_visible()
    expect(dialog.get_by_text("What you saved or pinned stays")).to_be_visible()
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    both(watched, "conversation-delete")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    assert len(titles(served)) == 4
    choose(page, "Talk 2", "Delete")
    dialog.get_by_role("button", name="Delete it").click()
    expect(dialog).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/$"))
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.get_by_role("textbox", name="Your question")).to_be_focused()
    expect(links(page)).to_have_text(["Talk 3", "Talk 1", "Talk 0"])
    assert titles(served) == ["Talk 3", "Talk 1", "Talk 0"]


def test_another_one_is_deleted_and_the_open_one_stays(watched: Watched, served: Served) -> None:
    page = watched.go("ask/talk-0")
    expect(page.get_by_role("article")).to_have_count(1)
    for title, following in (("Talk 2", "Talk 1"), ("Talk 3", "Talk 1"), ("Talk 1", "Talk 0")):
        choose(page, title, "Delete")
        page.get_by_role("button", name="Delete it").click()
        expect(page.get_by_role("button", name=f"More: {following}")).to_be_focused()
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page).to_have_url(re.compile("/ask/talk-0$"))
    assert titles(served) == ["Talk 0"]
    # One that somebody deleted elsewhere is gone here as well.
    served.http.delete("/v1/threads/talk-0").raise_for_status()
    choose(page, "Talk 0", "Delete")
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("Your questions will be kept here for 30 days.")).to_be_visible()
    watched.forget("404")


def test_without_a_network_it_says_so_and_all_is_as_it_was(watched: Watched, served: Served) -> None:
    page = watched.go("ask/talk-3")
    expect(page.get_by_role("article")).to_have_count(1)
    cut: list[str] = []

    def cut_off(route: Route) -> None:
        if route.request.method in ("PATCH", "DELETE"):
            cut.append(route.request.method)
            route.abort()
        else:
            route.continue_()

    page.route("**/v1/threads/*", cut_off)
    choose(page, "Talk 3", "Rename")
    page.keyboard.type("Lost on its way")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("It is not renamed. The server cannot be reached.")
    expect(page.get_by_role("textbox", name="Title of the conversation")).to_be_focused()
    both(watched, "conversation-not-renamed")
    page.keyboard.press("Escape")
    expect(links(page).first).to_have_text("Talk 3")
    choose(page, "Talk 3", "Delete")
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Skipper does not answer")
    page.get_by_role("button", name="Keep it").click()
    expect(links(page)).to_have_count(4)
    expect(page).to_have_url(re.compile("/ask/talk-3$"))
    assert cut == ["PATCH", "DELETE"]
    page.unroute("**/v1/threads/*")
    choose(page, "Talk 3", "Rename")
    page.keyboard.type("Found again")
    page.keyboard.press("Enter")
    expect(links(page).first).to_have_text("Found again")
    watched.forget("ERR_FAILED")


def test_by_touch_on_a_phone(browser: Browser, served: Served) -> None:
    served.http.patch("/v1/threads/talk-3", json={"title": LONG.strip()}).raise_for_status()
    phone: dict[str, Any] = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    with watching(browser, served.url, **phone) as watched:
        page = watched.go()
        page.get_by_role("button", name="Menu").tap()
        more = page.get_by_role("button", name="More: Quartals")
        box = more.bounding_box()
        assert box is not None
        assert (box["width"] >= 44, box["height"] >= 44) == (True, True)
        watched.must_fit()
        more.tap()
        both(watched, "conversation-menu", 390)
        page.get_by_role("menuitem", name="Rename").tap()
        field = page.get_by_role("textbox", name="Title of the conversation")
        field.fill("Short")
        both(watched, "conversation-rename", 390)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="More: Short").tap()
        page.get_by_role("menuitem", name="Delete").tap()
        both(watched, "conversation-delete", 390)
        page.get_by_role("button", name="Delete it").tap()
        expect(page.get_by_role("button", name="More: Talk 2")).to_be_focused()
        assert titles(served) == ["Talk 2", "Talk 1", "Talk 0"]


def test_one_that_is_being_answered_says_what_to_do(browser: Browser, changing_shop: Home) -> None:
    go = Event()

    def slow(_body: dict[str, Any]) -> Reply:
        assert go.wait(120)
        return says(WEST)

    with messages_api(slow) as model:
        known = {"ANTHROPIC_API_KEY": "sk-none", "ANTHROPIC_BASE_URL": model.url}
        with serving(changing_shop, **known) as served, watching(browser, served.url) as watched:
            run = served.http.post("/v1/runs", params={"wait": 0}, json={"question": LAVENDER, "thread": "busy"}).json()
            page = watched.go("ask/busy")
            choose(page, LAVENDER, "Delete")
            page.get_by_role("button", name="Delete it").click()
            expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Stop it, or wait for its end")
            page.get_by_role("button", name="Keep it").click()
            page.get_by_role("article").get_by_role("button", name="Stop").click()
            go.set()
            served.until_over(run["run"]["run_id"])
            choose(page, LAVENDER, "Delete")
            page.get_by_role("button", name="Delete it").click()
            expect(page).to_have_url(re.compile(r"/$"))
            assert LAVENDER not in titles(served)
            watched.forget("409")
