"""Signing in and out on the page at a real OpenID provider, and a session that ends while somebody works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from app.http.identity.tables import SESSIONS
from app.settings import load_settings
from app.workspace import Workspace
from tests.app.http.identity.test_sign_in import Site
from tests.app.http.served import QUESTION
from tests.app.shop import Home
from tests.app.web.watched import Watched, watching
from tests.support.openid.provider import openid_provider

FONTS = "https://fonts.googleapis.com/"
ANSWER = f"Chart: {QUESTION}"
HELLO = "Ask about your data in plain words"


@pytest.fixture(scope="module")
def site(pristine: tuple[Path, Path]) -> Iterator[Site]:
    """A server where people sign in, below a path of its own, as behind a proxy."""
    with openid_provider() as openid:
        running = Site(Home(pristine[0]), openid)
        yield running
        running.kill()


@pytest.fixture
def tab(browser: Browser, site: Site) -> Iterator[Watched]:
    """A page on which nobody is signed in."""
    with watching(browser, f"{site.origin}/agent") as watched:
        # The provider's own pages have a font from elsewhere.
        watched.page.context.route(f"{FONTS}**", lambda route: route.fulfill(body=""))
        yield watched
        # The provider is another server, and its own pages are none of ours.
        theirs = (site.openid.issuer, FONTS)
        watched.foreign = [url for url in watched.foreign if not url.startswith(theirs)]
        watched.forget(site.openid.issuer)


def sign_in(page: Page, person: str) -> None:
    """Follow the page's link, and log in at the provider."""
    page.get_by_role("link", name="Sign in").click()
    page.locator("input[name=login]").fill(person)
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()
    page.locator("form button[type=submit], form input[type=submit]").first.click()


def end_sessions(site: Site) -> None:
    """As time would."""
    with Workspace(load_settings(home=site.home.path)) as workspace, workspace.state.begin() as connection:
        connection.execute(sa.delete(SESSIONS))


def test_somebody_signs_in_asks_and_signs_out(tab: Watched) -> None:
    page = tab.go("tables?q=order")
    expect(page.get_by_text(HELLO)).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    tab.looks("sign-in")
    sign_in(page, "ann")
    # Back where they wanted to go.
    expect(page.get_by_role("searchbox", name="Search tables")).to_have_value("order")
    expect(page.get_by_role("navigation", name="Skipper")).to_contain_text("dpo, sales")
    page.get_by_role("link", name="New conversation").click()
    tab.ask(QUESTION)
    expect(page.get_by_role("img", name=ANSWER)).to_be_visible()
    page.get_by_text("How this was made").click()
    page.get_by_role("button", name="Edit and run").click()
    page.get_by_role("textbox", name="SQL, editable").fill("SELECT 'of ann alone'")
    assert "of ann alone" in page.evaluate("JSON.stringify(sessionStorage)")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text(HELLO)).to_be_visible()
    assert "of ann alone" not in page.evaluate("JSON.stringify(sessionStorage)")
    page.go_back()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    expect(page.get_by_text(QUESTION)).to_have_count(0)


def test_a_session_that_ends_is_told_and_what_was_asked_stands_in_the_box_again(tab: Watched, site: Site) -> None:
    page = tab.go()
    sign_in(page, "bob")
    tab.ask(QUESTION)
    expect(page.get_by_role("img", name=ANSWER)).to_be_visible()
    thread = page.url
    end_sessions(site)
    tab.ask("order value by month")
    expect(page.get_by_text("Your session is over.")).to_be_visible()
    tab.looks("session-over")
    tab.forget("401")
    # The provider still knows them, and has them confirm it.
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
    assert page.url == thread
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("order value by month")


def test_what_one_person_was_about_to_ask_is_not_shown_to_another(tab: Watched, site: Site) -> None:
    page = tab.go()
    sign_in(page, "bob")
    page.get_by_role("textbox", name="Your question").fill("what does ann earn")
    end_sessions(site)
    page.get_by_role("link", name="Tables").click()
    expect(page.get_by_text("Your session is over.")).to_be_visible()
    page.context.clear_cookies()
    sign_in(page, "ann")
    page.get_by_role("link", name="New conversation").click()
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("")
    # Each request of before was refused.
    tab.forget("401")


def test_a_link_that_is_too_long_to_come_back_to_leads_to_its_screen(tab: Watched) -> None:
    page = tab.go("tables?q=" + "x" * 3000)
    sign_in(page, "cy")
    expect(page.get_by_role("searchbox", name="Search tables")).to_have_value("")
