"""Every screen in both themes, wide and narrow: no rule of access is broken, nothing is too wide, nothing complains.

One server and one page for a reviewer, and one for somebody with few rights. `SKIPPER_PICTURES` names a directory for
a picture of each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from app.settings import load_settings
from app.workspace import Workspace
from tests.app.cli.test_review_found import CODE, HEALTH, found
from tests.app.http.served import QUESTION, Served, serving
from tests.app.http.test_dashboards import make
from tests.app.http.test_saved import BARS, EVERYBODY, bearer, save
from tests.app.shop import Home
from tests.app.web.test_tables import HOSTILE, LONG
from tests.app.web.watched import Watched, watching
from townlake.catalog.lineage import LineageEdge
from townlake.domain.names import ColumnRef

THREAD = "page-walk"
WIDE = "Umsatz-" + "sehr" * 45


class Screen(NamedTuple):
    """A screen, as somebody comes to it."""

    name: str
    path: str
    sign: str
    """What it shows once it is there."""
    act: Callable[[Page], None] | None = None
    """What somebody does there."""


def how(page: Page) -> None:
    page.get_by_text("How this was made").click()
    expect(page.get_by_role("textbox", name="SQL")).to_contain_text("lake.shop.orders")


def rows(page: Page) -> None:
    page.get_by_role("button", name="Table", exact=True).click()
    expect(page.get_by_role("grid")).to_contain_text("South")


def press(name: str, role: str = "button") -> Callable[[Page], None]:
    return lambda page: page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


def write(*words: tuple[str, str]) -> Callable[[Page], None]:
    def fill(page: Page) -> None:
        for label, text in words:
            page.get_by_label(label).first.fill(text)

    return fill


def look(page: Page) -> None:
    page.get_by_role("button", name="Approve all proposed").click()
    page.get_by_role("button", name="Review and apply").click()
    expect(page.get_by_role("dialog", name="What opens for whom")).to_be_visible()


def wrong(page: Page) -> None:
    page.get_by_role("button", name="The answer is wrong").click()
    page.get_by_label("What is wrong with it?").focus()


def save_or_share(page: Page) -> None:
    page.get_by_role("button", name="Save or share").click()
    page.get_by_label("Groups", exact=True).check()


MINE = (
    Screen("ask", "", "What would you like to know?"),
    Screen("ask-answer", f"ask/{THREAD}", "How this was made", how),
    Screen("ask-rows", f"ask/{THREAD}", "How this was made", rows),
    Screen("ask-share", f"ask/{THREAD}", "Save or share", save_or_share),
    Screen("ask-wrong", f"ask/{THREAD}", "Save or share", wrong),
    Screen("ask-uncovered", "ask/page-uncovered", "This cannot be answered now"),
    Screen("tables", "tables", "shop.orders"),
    Screen("tables-found", "tables?q=order", "Its name has 'order'"),
    Screen("tables-none", "tables?q=zzzz", "No table has “zzzz” in its name or description"),
    Screen("table-masked", "tables/lake.shop.customers", "Where to write to.", press("email is masked: hidden · why?")),
    Screen("table-closed", "tables/lake.shop.payslips", "This table is closed to you", press("Ask for access")),
    Screen("table-long", f"tables/lake.shop.{LONG}", "שלום"),
    Screen("table-sample", "tables/lake.shop.totals/sample", "One row in no certain order"),
    Screen(
        "table-lineage",
        "tables/lake.shop.totals/lineage",
        "As a list",
        lambda page: page.get_by_text("As a list").first.click(),
    ),
    Screen("table-uses", "tables/lake.shop.orders/uses", "Who ordered the most?"),
    Screen("table-missing", "tables/lake.shop.nothing", "There is no such table, or it is not for you"),
    Screen("dashboards", "dashboards", "Saved questions"),
    Screen("dashboard", "dashboards/{board}", "Refresh"),
    Screen("dashboard-edit", "dashboards/{board}/edit", "Add a saved question"),
    Screen("dashboard-missing", "dashboards/0000000000000000", "Nothing of that name"),
    Screen("saved", "dashboards/saved/{saved}", "3 rows"),
    Screen("saved-edit", "dashboards/saved/{saved}", "3 rows", press("Edit")),
    Screen("saved-pin", "dashboards/saved/{saved}", "3 rows", press("Pin to a dashboard")),
    Screen("embed", "embed/dashboards/{board}", "Open in Skipper"),
    Screen("review", "review", "Values look like"),
    Screen("review-send", "review/lake.shop.payslips", "Values look like", look),
    Screen("review-keys", "review/lake.shop.payslips", "Values look like", press("Keys")),
    Screen("review-history", "review/lake.shop.customers", "History", press("History")),
    Screen("review-requests", "review/requests", "asks for a table", press("Let a group read it")),
    Screen("review-clear", "review/clear", "opens for nobody yet"),
    Screen("access", "access", "Granted to everyone."),
    Screen("access-requests", "access/requests", "My requests"),
    Screen("access-grants", "access/grants", "every person", press("Let a group read")),
    Screen(
        "audit",
        "audit",
        "reads lake.shop.orders",
        lambda page: page.get_by_text("reads lake.shop.orders").first.click(),
    ),
    Screen("audit-none", "audit?table=lake.no.such", "No entry is like that"),
    Screen("audit-statement", "audit/statement/{statement}", "Why it was allowed"),
    Screen("usage", "usage", "Left for today"),
    Screen("usage-all", "usage", "Left for today", press("Everybody")),
)
"""As a reviewer sees them."""
OTHERS = (
    Screen("other-audit", "audit", "Nothing was written down yet"),
    Screen("other-ask", "", "What would you like to know?"),
    Screen("other-dashboards", "dashboards", "Dashboards", press("New dashboard")),
    Screen("other-saved-closed", "dashboards/saved/{closed}", "You may not read all of it"),
    Screen("other-review", "review", "There is nothing for you to review"),
    Screen("other-requests", "access/requests", "You have asked for nothing yet"),
    Screen("other-grants", "access/grants", "You own no table"),
    Screen("other-usage", "usage", "No question in these days."),
)
"""As somebody sees them who has no rights but everybody's, and has done nothing yet."""


def widen(home: Home, folder: Path) -> None:
    """Tables with hostile, long and foreign words, a lineage, and payslips that wait."""
    quoted = HOSTILE.replace('"', '""')
    (folder / "totals.csv").write_text(f'region,total\n"{quoted}",30\n', encoding="utf-8")
    (folder / f"{LONG}.csv").write_text("a\n1\n", encoding="utf-8")
    columns = [{"name": "region", "type": "varchar", "comment": HOSTILE}]
    told = {"tables": [{"name": "totals", "comment": HOSTILE, "columns": columns}, {"name": LONG, "comment": "שלום"}]}
    (folder / "schema.json").write_text(json.dumps(told), encoding="utf-8")
    files = [str(folder / f"{name}.csv") for name in ("totals", LONG)]
    home.ok("ingest", "files", "--as", "lou", *files, "--schema", "shop", "--describe", str(folder / "schema.json"))
    home.ok("review", "approve", "lake.shop.totals", "--unscanned", "--to", "everyone")
    home.ok("review", "approve", f"lake.shop.{LONG}", "--unscanned", "--to", "payroll")
    home.ok("review", "request", "shop.payslips", "--as", "eve", "--reason", HOSTILE)
    found(home, "shop.payslips", payee=HEALTH, hush_amount=CODE)
    with Workspace(load_settings(home=home.path)) as workspace:
        pairs = (("orders.region", "totals.region"), ("payslips.payee", "totals.total"))
        workspace.catalog.add_lineage(
            LineageEdge(source=ColumnRef.parse(f"shop.{a}"), target=ColumnRef.parse(f"shop.{b}"), kind="copy")
            for a, b in pairs
        )


@pytest.fixture(scope="module")
def served(changing_shop: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    widen(changing_shop, tmp_path_factory.mktemp("more"))
    with serving(changing_shop) as running:
        yield running


@pytest.fixture(scope="module")
def names(served: Served) -> dict[str, str]:
    """What stands in addresses, once there is something to see on each screen."""
    served.ask(QUESTION, thread=THREAD)
    served.ask("how many penguins live in the harbour", thread="page-uncovered")
    kept = save(served, name=WIDE, description=HOSTILE, chart=BARS, question="ما هي قيمة الطلبات حسب المنطقة؟")
    figure = save(served, name="Orders", sql="SELECT count(*) AS orders FROM shop.orders")
    table = save(served, name=HOSTILE, sql="SELECT * FROM shop.customers")
    clerk = bearer(served.home, "walk-clerk", "--member-of", "payroll")
    tiles = [{"question_id": each["id"]} for each in (kept, figure, table)]
    board = make(served, None, *tiles, name="Monday", description=WIDE, embeddable=True, sharing=EVERYBODY)
    closed = save(served, clerk, sql=f"SELECT a FROM shop.{LONG}", name="Letters", sharing=EVERYBODY)
    statement = served.http.post("/v1/sql", json={"sql": "SELECT count(*) FROM shop.orders"}).json()["query_id"]
    return {"board": board["id"], "saved": kept["id"], "closed": closed["id"], "statement": statement}


@pytest.fixture(scope="module")
def mine(browser: Browser, served: Served) -> Iterator[Watched]:
    with watching(browser, served.url) as found_:
        yield found_


@pytest.fixture(scope="module")
def others(browser: Browser, served: Served) -> Iterator[Watched]:
    few = {"SKIPPER_USER": "eva", "SKIPPER_REVIEWERS": "user:ria"}
    with serving(served.home, **few) as running, watching(browser, running.url) as found_:
        yield found_


def visit(watched: Watched, screen: Screen, names: dict[str, str]) -> None:
    """Come to a screen, do what is done there, and hold it against the rules."""
    watched.faults.clear()
    page = watched.go(screen.path.format(**names))
    expect(page.get_by_text(screen.sign).first).to_be_visible()
    if screen.act:
        screen.act(page)
    page.wait_for_load_state("networkidle")
    watched.looks(f"screen-{screen.name}")
    if "missing" in screen.name:
        watched.forget("404")
    watched.must_be_quiet()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("screen", MINE, ids=lambda screen: screen.name)
def test_a_screen(mine: Watched, names: dict[str, str], screen: Screen) -> None:
    visit(mine, screen, names)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("screen", OTHERS, ids=lambda screen: screen.name)
def test_a_screen_of_somebody_with_few_rights(others: Watched, names: dict[str, str], screen: Screen) -> None:
    visit(others, screen, names)


@pytest.mark.timeout(900)
def test_the_menu_of_a_narrow_screen(mine: Watched, names: dict[str, str]) -> None:
    page = mine.go()
    mine.dress("light", 390)
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("navigation", name="Skipper")).to_be_visible()
    for theme in ("light", "dark"):
        mine.dress(theme, 390)  # type: ignore[arg-type]
        mine.must_be_accessible()
        mine.must_fit()
        mine.keep(f"screen-menu-{theme}-390")
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation", name="Skipper")).to_be_hidden()
    mine.dress("light", 1280)
