"""A dashboard in a frame of another page: only there, only where its owner allows it, only for who is signed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.app.http.served import Served, serving
from tests.app.http.test_dashboards import make
from tests.app.http.test_saved import BARS, save
from tests.app.shop import Home
from tests.app.web.watched import Watched


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Nothing on the terminal of the tests."""


@contextmanager
def portal(folder: Path) -> Iterator[int]:
    """A server of other people's pages; gives its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pages of others lie."""
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(scope="module")
def port(pages: Path) -> Iterator[int]:
    with portal(pages) as found:
        yield found


@pytest.fixture(scope="module")
def served(changing_shop: Home, port: int) -> Iterator[Served]:
    """By one of its two names the portal is allowed, by the other it is not."""
    with serving(changing_shop, SKIPPER_HTTP_EMBEDDERS=f"http://localhost:{port}") as running:
        yield running


def framed(page: Page, origin: str, pages: Path, address: str) -> Frame:
    """The frame in a page of the portal."""
    (pages / "index.html").write_text(
        f'<!doctype html><title>Portal</title><iframe src="{address}" width="1000" height="600"></iframe>'
    )
    page.goto(f"{origin}/index.html")
    handle = page.locator("iframe").element_handle()
    assert handle is not None
    found = handle.content_frame()
    assert found is not None
    return found


def board(served: Served, **more: Any) -> dict[str, Any]:
    return make(served, None, {"question_id": save(served, None, chart=BARS)["id"]}, **more)


def test_a_named_page_shows_what_its_owner_lets_be_embedded(
    browser: Browser, served: Served, pages: Path, port: int
) -> None:
    made = board(served, name="<b>Sales</b>", embeddable=True)
    context = browser.new_context()
    page = context.new_page()
    frame = framed(page, f"http://localhost:{port}", pages, f"{served.url}/embed/dashboards/{made['id']}")
    expect(frame.get_by_role("heading", name="<b>Sales</b>")).to_be_visible()
    expect(frame.get_by_role("img", name="Chart: By region")).to_be_visible()
    expect(frame.get_by_role("navigation")).to_have_count(0)
    context.close()


@pytest.mark.parametrize(("host", "more"), [("127.0.0.1", {"embeddable": True}), ("localhost", {})])
def test_nothing_is_shown_in_other_frames(
    browser: Browser, served: Served, pages: Path, port: int, host: str, more: dict[str, Any]
) -> None:
    made = board(served, **more)
    context = browser.new_context()
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    with page.expect_console_message(lambda message: "frame" in message.text.lower()):
        frame = framed(page, f"http://{host}:{port}", pages, f"{served.url}/embed/dashboards/{made['id']}")
    expect(frame.get_by_role("heading", name="Board")).to_have_count(0)
    assert any("ancestor" in text or "X-Frame-Options" in text for text in refused)
    context.close()


def test_a_dashboard_that_may_not_be_embedded_says_so(watched: Watched, served: Served) -> None:
    page = watched.go(f"embed/dashboards/{board(served)['id']}")
    expect(page.get_by_role("heading", name="It may not be shown in a frame")).to_be_visible()
    watched.must_be_accessible()
    watched.faults = [fault for fault in watched.faults if "404" not in fault]


def test_who_is_not_signed_in_is_told_to_sign_in(browser: Browser, pristine: tuple[Path, Path], served: Served) -> None:
    made = board(served, embeddable=True)
    with serving(Home(pristine[0]), SKIPPER_HTTP_IDENTITY="verified") as closed:
        context = browser.new_context()
        watched = Watched(context, closed.url)
        page = watched.go(f"embed/dashboards/{made['id']}")
        expect(page.get_by_role("heading", name="Sign in to see this dashboard")).to_be_visible()
        expect(page.get_by_role("link", name="Open Skipper in a tab")).to_have_attribute("target", "_blank")
        watched.must_be_accessible()
        context.close()
        watched.faults = [fault for fault in watched.faults if "401" not in fault]
        watched.must_be_quiet()
