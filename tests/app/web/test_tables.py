"""Tables on the page: found, looked at, asked for; and whatever their texts hold stays text."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route, expect

from app.settings import load_settings
from app.workspace import Workspace
from tests.app.http.served import Served, serving
from tests.app.shop import Home
from tests.app.web.watched import Watched
from townlake.catalog.lineage import LineageEdge
from townlake.domain.names import ColumnRef

HOSTILE = '<img src="https://evil.example/x.png" onerror="document.title=\'owned\'"> =HYPERLINK("https://evil.example")'
LONG = "a_table_with_a_name_that_is_much_longer_than_any_screen_is_wide_and_still_has_to_be_read_by_somebody"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, pristine: tuple[Path, Path]) -> Iterator[Served]:
    """The shop with a hostile table and a lineage, before somebody who does not review."""
    home, folder = Home(pristine[0]), tmp_path_factory.mktemp("more")
    quoted = HOSTILE.replace('"', '""')
    (folder / "totals.csv").write_text(f'region,total\n"{quoted}",30\n', encoding="utf-8")
    (folder / f"{LONG}.csv").write_text("a\n1\n", encoding="utf-8")
    columns = [{"name": "region", "type": "varchar", "comment": HOSTILE}]
    told = {"tables": [{"name": "totals", "comment": HOSTILE, "columns": columns}, {"name": LONG, "comment": "שלום"}]}
    (folder / "schema.json").write_text(json.dumps(told), encoding="utf-8")
    files = [str(folder / f"{name}.csv") for name in ("totals", LONG)]
    home.ok("ingest", "files", "--as", "lou", *files, "--schema", "shop", "--describe", str(folder / "schema.json"))
    home.ok("review", "approve", "lake.shop.totals", "--unscanned", "--to", "everyone")
    with Workspace(load_settings(home=home.path)) as workspace:
        pairs = (
            ("orders.region", "totals.region"),
            ("orders.amount", "totals.total"),
            ("payslips.payee", "customers.name"),
        )
        workspace.catalog.add_lineage(
            LineageEdge(source=ColumnRef.parse(f"shop.{a}"), target=ColumnRef.parse(f"shop.{b}"), kind="copy")
            for a, b in pairs
        )
    with serving(home, SKIPPER_USER="eve", SKIPPER_REVIEWERS="user:ria") as running:
        yield running
    shutil.rmtree(home.path, ignore_errors=True)
    shutil.copytree(pristine[1], home.path)


def test_a_table_is_found_by_name_by_meaning_and_by_schema(watched: Watched) -> None:
    page = watched.go("tables")
    expect(page.get_by_role("link", name="shop.payslips")).to_be_visible()
    expect(page.get_by_text("5 tables in one schema")).to_be_visible()
    page.get_by_role("searchbox", name="Search tables").fill("order")
    listed = page.get_by_role("region", name="By name and description")
    expect(listed.get_by_role("link")).to_have_count(1)
    expect(page.get_by_role("region", name="By what they are about").get_by_role("link").first).to_be_visible()
    page.reload()
    expect(page.get_by_role("searchbox", name="Search tables")).to_have_value("order")
    listed.get_by_role("link", name="shop.orders").click()
    expect(page.get_by_role("heading", name="orders", exact=True)).to_be_visible()
    page.go_back()
    page.get_by_role("searchbox", name="Search tables").fill("no such thing")
    expect(listed).to_contain_text("No table has “no such thing” in its name or description")


def test_somebody_finds_out_why_a_column_is_masked_and_asks_for_it(watched: Watched, served: Served) -> None:
    page = watched.go("tables/lake.shop.customers")
    page.get_by_role("button", name="email is masked: hidden · why?").click()
    expect(page.get_by_text("Text reads as [redacted]")).to_be_visible()
    page.get_by_role("button", name="Ask for the clear text").click()
    page.get_by_label("What do you need it for?").fill("letters in May")
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("status").filter(has_text="You asked just now")).to_be_visible()
    watched.keep("tables-masked")
    (kept,) = served.http.get("/v1/access-requests").json()["requests"]
    assert (kept["table"], kept["column"]) == ("lake.shop.customers", "email")
    assert kept["reason"] == "Asks for it in the clear: letters in May"
    page.reload()
    page.get_by_role("button", name="email is masked: hidden · why?").click()
    expect(page.get_by_text("You asked")).to_be_visible()
    expect(page.get_by_role("button", name="Ask for the clear text")).to_have_count(0)


def test_somebody_asks_for_a_closed_table_by_keyboard(watched: Watched, served: Served) -> None:
    page = watched.go("tables/lake.shop.payslips")
    expect(page.get_by_role("heading", name="This table is closed to you")).to_be_visible()
    # The page names no command of a terminal.
    expect(page.locator("main")).not_to_contain_text("skipper review")
    expect(page.get_by_role("link", name="Ask about this table")).to_have_count(0)
    page.get_by_role("button", name="Ask for access").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("the audit")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="You asked just now")).to_be_focused()
    kept = served.http.get("/v1/access-requests").json()["requests"]
    assert [one["reason"] for one in kept if one["table"] == "lake.shop.payslips"] == ["the audit"]
    page.get_by_role("link", name="your requests").click()
    expect(page.get_by_role("link", name="shop.payslips")).to_be_visible()


def test_a_sample_is_masked_and_a_question_begins_at_the_table(watched: Watched) -> None:
    page = watched.go("tables/lake.shop.customers/sample")
    expect(page.get_by_role("grid")).to_contain_text("[redacted]")
    expect(page.get_by_role("grid")).not_to_contain_text("shop.example")
    page.get_by_role("link", name="Ask about this table").click()
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("About shop.customers: ")
    expect(page.get_by_role("textbox", name="Your question")).to_be_focused()


def test_joins_metrics_and_questions_lead_on(watched: Watched) -> None:
    page = watched.go("tables/lake.shop.orders/uses")
    expect(page.get_by_text("customer_id = customer_id")).to_be_visible()
    expect(page.get_by_role("link", name="Who ordered the most?")).to_be_visible()
    page.get_by_role("link", name="order value").click()
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("order value")


def test_lineage_is_drawn_followed_down_to_columns_and_told_as_a_list(watched: Watched) -> None:
    page = watched.go("tables/lake.shop.totals/lineage")
    drawing = page.get_by_role("region", name="Drawing of the lineage")
    expect(drawing.get_by_role("link", name="shop.orders, open")).to_be_visible()
    page.get_by_label("Follow").select_option("total")
    expect(drawing.get_by_role("link", name="shop.orders, open")).to_contain_text("amount")
    expect(drawing.get_by_role("link", name="shop.orders, open")).not_to_contain_text("region")
    page.get_by_text("As a list, down to columns (1 link)").click()
    expect(page.get_by_text("amount → total")).to_be_visible()
    watched.keep("tables-lineage")
    drawing.get_by_role("link", name="shop.orders, open").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="orders", exact=True)).to_be_visible()
    expect(drawing.get_by_role("link", name="shop.totals, open")).to_be_visible()
    watched.go("tables/lake.shop.customers/lineage")
    # What it feeds is closed, so nothing of that is told.
    expect(page.get_by_text("Tables that you may not know of are left out")).to_be_visible()
    watched.go(f"tables/lake.shop.{LONG}/lineage")
    expect(page.get_by_text("Nothing is known of where this table comes from")).to_be_visible()


def test_hostile_texts_stay_text(watched: Watched) -> None:
    for path in ("tables", "tables/lake.shop.totals", "tables/lake.shop.totals/sample"):
        page = watched.go(path)
        expect(page.get_by_text("evil.example").first).to_be_visible()
        assert page.locator("main img").count() == 0
        assert "owned" not in page.title()


def test_a_table_that_is_not_there_and_a_lost_network_are_told(watched: Watched) -> None:
    page = watched.go("tables/lake.shop.nothing")
    expect(page.get_by_role("heading", name="There is no such table, or it is not for you")).to_be_visible()
    watched.faults = [fault for fault in watched.faults if "404" not in fault]
    page.get_by_role("link", name="All tables").click()
    expect(page.get_by_role("link", name="shop.orders")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("link", name="shop.orders").click()
    expect(page.get_by_text("Skipper does not answer")).to_be_visible()
    # Nobody has to press anything once the network is back.
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="orders", exact=True)).to_be_visible()
    watched.faults = [fault for fault in watched.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


def test_ten_thousand_tables_are_loaded_as_they_are_scrolled_to(watched: Watched) -> None:
    """The server's answer is made up, since loading so many takes too long here."""
    blank = {"tier": "raw", "readable": False, "owner": "", "columns": [], "comment": "One of many."}

    def names(start: int) -> list[dict[str, object]]:
        return [{**blank, "table": f"lake.many.t{number:05}"} for number in range(start, start + 100)]

    def answer(route: Route) -> None:
        start = int(parse_qs(urlsplit(route.request.url).query).get("cursor", ["0"])[0])
        following = str(start + 100) if start < 9_900 else None
        route.fulfill(json={"tables": names(start), "next_cursor": following})

    watched.page.route("**/v1/catalog/tables?*", answer)
    page = watched.go("tables")
    expect(page.get_by_role("link", name="many.t00000")).to_be_visible()
    assert page.locator("main li").count() <= 200
    for _ in range(5):
        before = page.locator("main li").count()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_function("before => document.querySelectorAll('main li').length > before", arg=before)
    assert page.locator("main li").count() >= 600
