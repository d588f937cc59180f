"""A browser's page that tells everything which a page of ours must not do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.support.shared import ROOT

AXE = ROOT / "app" / "web" / "ui" / "node_modules" / "axe-core" / "axe.min.js"
SECONDS = 120.0
"""A net for what hangs: no test is over sooner or later by it, since each waits for what the page shows."""
LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (
    ("light", 1280),
    ("dark", 1280),
    ("light", 390),
    ("dark", 390),
)
"""As people look at the page."""
_PLAIN = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
_DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(null))))"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@contextmanager
def open_browser() -> Iterator[Browser]:
    """The system's Chromium; skips where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    expect.set_options(timeout=SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_PLAIN))
        yield browser
        browser.close()


@contextmanager
def watching(browser: Browser, url: str, **options: Any) -> Iterator[Watched]:
    """A page of its own, which must have been quiet in the end.

    Args:
        browser: where it opens.
        url: of the server.
        options: of the browser's context.
    """
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}} | options)
    try:
        found = Watched(context, url)
        yield found
    finally:
        context.close()
    found.must_be_quiet()


class Watched:
    """A page with what it complained of and whom it called."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        context.set_default_timeout(SECONDS * 1000)
        self.url = url
        self.faults: list[str] = []
        self.foreign: list[str] = []
        self.page = self.watch(context.new_page())

    def watch(self, page: Page) -> Page:
        """Have another page of the same browser looked at, too."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._called)
        return page

    def go(self, path: str = "") -> Page:
        """Open a screen."""
        self.page.goto(f"{self.url}/{path}")
        return self.page

    def ask(self, question: str) -> None:
        """Write a question and send it."""
        self.page.get_by_role("textbox", name="Your question").fill(question)
        self.page.keyboard.press("Enter")

    def keep(self, name: str) -> None:
        """A picture for people, where `SKIPPER_PICTURES` names a directory."""
        kept = os.environ.get("SKIPPER_PICTURES")
        if kept:
            # On a picture of all of it, what sticks to the end of the window would hide what lies behind.
            style = ".composer, .bar, .send, .top { position: static !important }"
            Path(kept).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(kept) / f"{name}.png", full_page=True, style=style)

    def must_be_accessible(self) -> None:
        """Hold the screen against the rules of WCAG 2.2, levels A and AA."""
        if not AXE.exists():
            pytest.skip("axe-core is not here: make web")
        # By evaluation: the page's own policy lets no other script in.
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[dict[str, Any]] = self.page.evaluate(
            "rules => axe.run({runOnly: rules}).then(found => found.violations)", _RULES
        )
        told = [f"{fault['id']}: {node['html'][:200]}" for fault in found for node in fault["nodes"]]
        assert told == [], told

    def must_fit(self) -> None:
        """Nothing is wider than the screen."""
        overflow = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{overflow} px too wide"

    def looks(self, name: str) -> None:
        """Hold the screen against the rules in both themes, wide and narrow, with a picture of each."""
        for theme, width in LOOKS:
            self.dress(theme, width)
            self.must_be_accessible()
            self.must_fit()
            self.keep(f"{name}-{theme}-{width}")
        self.dress("light", 1280)

    def dress(self, theme: Literal["light", "dark"], width: int) -> None:
        """Change the theme and the width, and wait until the page has followed."""
        self.page.emulate_media(color_scheme=theme)
        self.page.set_viewport_size({"width": width, "height": 860})
        # What somebody is at stands free of what sticks to the end of the window.
        self.page.evaluate("document.activeElement.scrollIntoView({block: 'center'})")
        self.page.evaluate(_DRAWN)

    def forget(self, *known: str) -> None:
        """Take away complaints that a test brings about itself."""
        self.faults = [fault for fault in self.faults if not any(one in fault for one in known)]

    def must_be_quiet(self) -> None:
        """Nothing was complained of, and nothing went elsewhere."""
        assert self.faults == [], self.faults
        assert self.foreign == [], self.foreign

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.text} ({message.location.get('url', '')})")

    def _called(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:", "blob:")):
            self.foreign.append(request.url)
