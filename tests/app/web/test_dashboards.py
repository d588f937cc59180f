"""Saved questions and dashboards on the page: kept from an answer, shared, arranged, looked at as whoever looks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.http.served import QUESTION, Served, serving
from tests.app.http.test_dashboards import PAYSLIPS, make
from tests.app.http.test_saved import BARS, EVERYBODY, Key, bearer, save
from tests.app.shop import SECRET_VALUE, Home
from tests.app.web.watched import Watched

HOSTILE = "SELECT '<img src=x onerror=alert(1)>' AS \"<b>x</b>\", '=cmd|x' AS y"
LONG = "Umsatz-" + "sehr" * 45


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    """The payslips are open to `payroll` alone."""
    home = changing_shop
    home.ok("review", "approve", "shop.payslips", "--unscanned", "--to", "payroll")
    with serving(home) as running:
        yield running


@pytest.fixture(scope="module")
def clerk(served: Served) -> Key:
    return bearer(served.home, "pay-clerk", "--member-of", "payroll")


def board(served: Served, *titles: str, **more: Any) -> dict[str, Any]:
    saved = save(served, chart=BARS)
    tiles = [{"question_id": saved["id"], "title": title} for title in titles]
    return make(served, None, *tiles, **more)


def titles(watched: Watched) -> list[str]:
    return watched.page.get_by_role("heading", level=2).all_inner_texts()


def arrange(page: Page, tile: str, *entries: str) -> None:
    """Choose entries of a tile's menu by the keyboard alone."""
    page.get_by_role("button", name=f"Arrange {tile}").press("Enter")
    menu = page.get_by_role("menu", name=f"Arrange {tile}")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    for entry in entries:
        wanted = menu.get_by_role("menuitem", name=entry, exact=True)
        for _ in range(10):
            if wanted.evaluate("node => node === document.activeElement"):
                break
            page.keyboard.press("ArrowDown")
        expect(wanted).to_be_focused()
        page.keyboard.press("Enter")
    if entries[-1] not in ("Rename", "Take off"):
        page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)


def test_an_answer_is_saved_and_pinned_as_it_is_drawn(watched: Watched, served: Served) -> None:
    page = watched.go()
    watched.ask(QUESTION)
    expect(page.get_by_role("img", name=f"Chart: {QUESTION}")).to_be_visible()
    page.get_by_text("Another chart").click()
    page.get_by_label("Kind").select_option("Ring")
    page.get_by_role("button", name="Save or share").click()
    page.get_by_label("Name", exact=True).fill("Rings")
    page.get_by_label("Everybody").check()
    watched.must_be_accessible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Copy link")).to_be_visible()
    kept = served.http.get("/v1/saved").json()["saved"][0]
    assert (kept["name"], kept["sharing"]["reach"]) == ("Rings", "everybody")
    assert served.http.get(f"/v1/saved/{kept['id']}").json()["chart"]["mark"] == "arc"
    page.get_by_role("button", name="Pin to a dashboard").click()
    if page.get_by_label("Dashboard", exact=True).count():
        page.get_by_label("Dashboard", exact=True).select_option("A new dashboard")
    page.get_by_label("Name of the new dashboard").fill("Mondays")
    page.get_by_role("button", name="Pin it").click()
    page.get_by_role("link", name="Mondays").click()
    expect(page.get_by_role("heading", name="Mondays")).to_be_visible()
    expect(page.get_by_role("img", name="Chart: Rings")).to_be_visible()


def test_a_figure_leads_to_its_sql_and_an_assumption_to_another_question(watched: Watched) -> None:
    page = watched.go()
    watched.ask("order value")
    page.get_by_role("button", name="SQL", exact=True).click()
    expect(page.get_by_role("textbox", name="SQL")).to_contain_text("lake.shop.orders")
    page.get_by_role("group", name="Ask next").get_by_role("button", name="order value by region").click()
    expect(page.get_by_role("img", name="Chart: order value by region")).to_be_visible()


def test_a_saved_question_is_renamed_unless_it_was_changed_meanwhile(watched: Watched, served: Served) -> None:
    kept = save(served, name="Old name", chart=BARS)
    page = watched.go(f"dashboards/saved/{kept['id']}")
    expect(page.get_by_role("img", name="Chart: Old name")).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Name", exact=True).fill("New name")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", name="New name")).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    draft = {"name": "Theirs", "sql": kept["sql"]}
    assert served.http.put(f"/v1/saved/{kept['id']}", json=draft, headers={"if-match": "*"}).status_code == 200
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("alert").get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Theirs")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog", name="Delete it for everybody?").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Dashboards")).to_be_visible()
    assert served.http.get(f"/v1/saved/{kept['id']}").status_code == 404
    watched.faults = [fault for fault in watched.faults if "412" not in fault]


def test_a_dashboard_is_arranged_by_keyboard_and_by_pointer(watched: Watched, served: Served) -> None:
    made = board(served, "One", "Two", "Three")
    page = watched.go(f"dashboards/{made['id']}/edit")
    expect(page.get_by_role("img", name="Chart: One")).to_be_visible()
    arrange(page, "One", "Move down")
    arrange(page, "Two", *["Wider"] * 6, "Shorter")
    watched.must_be_accessible()
    arrange(page, "Three", "Take off")
    expect(page.get_by_role("region", name="Three")).to_have_count(0)
    page.get_by_text("Name, sharing and frames").click()
    page.get_by_label("Name", exact=True).fill("Arranged")
    page.get_by_label("Other pages may show it in a frame").check()
    expect(page.get_by_text("<iframe src=")).to_be_visible()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", name="Arranged")).to_be_visible()
    expect(page.get_by_role("link", name="Edit")).to_be_visible()
    kept = served.http.get(f"/v1/dashboards/{made['id']}").json()
    assert kept["embeddable"] is True
    assert {tile["title"]: (tile["place"]["w"], tile["place"]["h"]) for tile in kept["tiles"]} == {
        "One": (6, 4),
        "Two": (12, 3),
    }
    page.get_by_role("link", name="Edit").click()
    grip = page.get_by_role("region", name="One").locator("[data-grip=move]")
    grip.hover()
    page.mouse.down()
    box = page.get_by_role("region", name="Two").bounding_box()
    other = grip.bounding_box()
    assert box
    assert other
    wanted = box["y"] + box["height"] + 60 if box["y"] < other["y"] else box["y"]
    page.mouse.move(other["x"] + 330, other["y"] if box["y"] < other["y"] else wanted, steps=6)
    page.mouse.up()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("link", name="Edit")).to_be_visible()
    moved = served.http.get(f"/v1/dashboards/{made['id']}").json()["tiles"]
    assert next(tile["place"]["x"] for tile in moved if tile["title"] == "One") > 0


def test_a_move_aside_changes_places_and_leaves_no_hole(watched: Watched, served: Served) -> None:
    made = board(served, "One", "Two", "Three")
    page = watched.go(f"dashboards/{made['id']}/edit")
    before = {tile["title"]: tile["place"] for tile in made["tiles"]}
    assert [before[name]["x"] for name in ("One", "Two", "Three")] == [0, 6, 0]
    arrange(page, "One", "Move right")
    expect(page.get_by_text("One: column 7, row 1, 6 wide, 4 high.")).to_be_attached()
    arrange(page, "Two", "Narrower", "Move right")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("link", name="Edit")).to_be_visible()
    places = {tile["title"]: tile["place"] for tile in served.http.get(f"/v1/dashboards/{made['id']}").json()["tiles"]}
    assert places["One"] == before["Two"]
    assert places["Two"] == {"x": 1, "y": 0, "w": 5, "h": 4}
    assert places["Three"] == before["Three"]


def test_the_menu_of_a_tile_is_left_by_escape_and_renames_it(watched: Watched, served: Served) -> None:
    made = board(served, "One", "Two")
    page = watched.go(f"dashboards/{made['id']}/edit")
    button = page.get_by_role("button", name="Arrange One")
    button.click()
    expect(page.get_by_role("menu", name="Arrange One")).to_be_visible()
    watched.must_be_accessible()
    watched.keep("dashboard-menu")
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(button).to_be_focused()
    button.click()
    button.click()
    expect(page.get_by_role("menu")).to_have_count(0)
    arrange(page, "One", "Rename")
    page.get_by_label("Title of the tile").fill("Uno")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Uno")).to_be_visible()
    expect(page.get_by_label("Title of the tile")).to_have_count(0)


def test_a_link_says_who_can_open_it_and_is_shared_beside_it(watched: Watched, served: Served) -> None:
    page = watched.go()
    watched.ask("order value in 2026")
    page.get_by_role("button", name="Pin to a dashboard").click()
    form = page.get_by_role("form", name="Pin to a dashboard")
    expect(form).to_be_visible()
    # Where there is no dashboard yet, there is nothing to choose from.
    if form.get_by_role("combobox").count():
        form.get_by_role("combobox").select_option("A new dashboard")
    page.get_by_label("Name of the new dashboard").fill("Months")
    page.get_by_role("button", name="Pin it").click()
    expect(page.get_by_role("link", name="Months")).to_be_visible()
    page.get_by_role("button", name="Save or share").click()
    expect(page.get_by_role("button", name="Copy link")).to_be_visible()
    expect(page.get_by_text("Only you can open this link.")).to_be_visible()
    expect(page.get_by_text("Moves with the date")).to_be_visible()
    watched.looks("ask-shared")
    page.get_by_label("Everybody").check()
    page.get_by_role("button", name="Save sharing").click()
    expect(page.get_by_text("Whoever signs in can open this link.")).to_be_visible()
    kept = served.http.get("/v1/saved").json()["saved"][0]
    assert (kept["name"], kept["sharing"]["reach"], kept["version"]) == ("order value in 2026", "everybody", 2)
    page.get_by_role("main").get_by_role("link", name="order value in 2026").click()
    expect(page.get_by_text("Moves with the date")).to_be_visible()
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_label("Only me").check()
    page.get_by_role("button", name="Save sharing").click()
    expect(page.get_by_text("Only you can open this link.")).to_be_visible()
    assert served.http.get(f"/v1/saved/{kept['id']}").json()["moves"] is True
    made = board(served, "One", name="Alone")
    watched.go(f"dashboards/{made['id']}")
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_label("Everybody").check()
    page.get_by_role("button", name="Save sharing").click()
    expect(page.get_by_text("Whoever signs in can open this link.")).to_be_visible()
    now = served.http.get(f"/v1/dashboards/{made['id']}").json()
    assert (now["sharing"]["reach"], [tile["title"] for tile in now["tiles"]]) == ("everybody", ["One"])


def test_no_button_is_lost_below_the_bar_of_a_narrow_screen(watched: Watched, served: Served) -> None:
    made = board(served, "One", "Two", "Three")
    page = watched.go(f"dashboards/{made['id']}")
    expect(page.get_by_role("img", name="Chart: Three")).to_be_visible()
    watched.dress("light", 390)
    top = page.get_by_role("button", name="Refresh").evaluate("node => node.getBoundingClientRect().top + scrollY")
    for hidden in (12, 24):
        page.evaluate("y => scrollTo(0, y)", top - 51 + hidden)
        watched.must_be_accessible()


def test_what_was_written_by_hand_says_that_its_dates_are_fixed(watched: Watched, served: Served) -> None:
    kept = save(served, name="By hand")
    page = watched.go(f"dashboards/saved/{kept['id']}")
    expect(page.get_by_text("These dates are fixed")).to_be_visible()
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text("3 rows")).to_be_visible()


def test_who_may_not_read_it_is_told_whom_to_ask(browser: Browser, served: Served, clerk: Key) -> None:
    kept = save(served, clerk, sql=PAYSLIPS, name="Pay", sharing=EVERYBODY)
    made = make(served, clerk, {"question_id": kept["id"]}, sharing=EVERYBODY)
    context = browser.new_context(extra_http_headers=bearer(served.home, "gast"))
    watched = Watched(context, served.url)
    page = watched.go(f"dashboards/saved/{kept['id']}")
    expect(page.get_by_text("You may not read all of it")).to_be_visible()
    expect(page.get_by_text("payroll")).to_be_visible()
    page.get_by_role("button", name="Ask for access").click()
    expect(page.get_by_text("Asked for.")).to_be_visible()
    watched.must_be_accessible()
    watched.go(f"dashboards/{made['id']}")
    expect(page.get_by_text("You may not read all of it")).to_be_visible()
    assert SECRET_VALUE not in page.content()
    watched.must_be_accessible()
    context.close()
    watched.must_be_quiet()


def test_a_dashboard_that_is_not_there_says_so(watched: Watched) -> None:
    page = watched.go("dashboards/0000000000000000")
    expect(page.get_by_role("alert")).to_be_visible()
    watched.must_be_accessible()
    watched.faults = [fault for fault in watched.faults if "404" not in fault]


def test_values_and_names_stay_text(watched: Watched, served: Served) -> None:
    kept = save(served, sql=HOSTILE, name="<script>alert(1)</script>", description="<img src=//evil.example/x>")
    made = make(served, None, {"question_id": kept["id"]}, name="javascript:alert(1)")
    page = watched.go(f"dashboards/{made['id']}")
    expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    expect(page.get_by_role("heading", name="<script>alert(1)</script>")).to_be_visible()
    page.get_by_role("link", name="<script>alert(1)</script>").click()
    expect(page.get_by_text("<img src=//evil.example/x>")).to_be_visible()
    expect(page.get_by_role("grid")).to_contain_text("=cmd|x")


def test_an_empty_shelf_says_what_to_do(browser: Browser, served: Served) -> None:
    context = browser.new_context(extra_http_headers=bearer(served.home, "nobody-yet"))
    watched = Watched(context, served.url)
    page = watched.go("dashboards")
    expect(page.get_by_role("heading", name="Dashboards", level=1)).to_be_visible()
    page.get_by_role("button", name="New dashboard").click()
    page.get_by_label("Name", exact=True).fill("לוח מכירות")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="לוח מכירות")).to_be_visible()
    expect(page.get_by_text("Add saved questions above.")).to_be_visible()
    watched.must_be_accessible()
    context.close()
    watched.must_be_quiet()
