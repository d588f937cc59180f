"""What nobody scanned is never opened in passing, and who wants a mask off accuses nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, Page, expect

from app.settings import Settings
from app.tables import find_table
from app.workspace import Workspace
from tests.app.http.governance.people import RIA
from tests.app.http.served import Served, serving
from tests.app.shop import Home
from tests.app.web.test_review import row
from tests.app.web.watched import Watched, watching
from townlake.domain.review import ReviewState

PEOPLE = "lake.shop.people"


@pytest.fixture(scope="module")
def served(changing_shop: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A table that was loaded and never scanned."""
    path: Path = tmp_path_factory.mktemp("files") / "people.parquet"
    table = pa.table({"region": ["North"], "email": ["a@shop.example"], "user_password": ["x"]})
    pq.write_table(table, path)
    changing_shop.ok("ingest", "files", "--as", "lou", str(path), "--schema", "shop")
    with serving(changing_shop) as running:
        yield running


@pytest.fixture
def watched(browser: Browser, served: Served) -> Iterator[Watched]:
    with Workspace(Settings(home=served.home.path)) as workspace:
        workspace.reviews.decide(RIA, find_table(workspace, PEOPLE), None, ReviewState.PENDING)
    with watching(browser, served.url) as page:
        yield page


def states(served: Served) -> dict[str, str]:
    told = served.http.get(f"/v1/reviews/{PEOPLE}").json()
    return {column["column"]: column["state"] for column in told["columns"]}


def focused(page: Page, column: str) -> None:
    expect(page.get_by_role("row").filter(has_text=column).first).to_be_focused()


def test_nothing_is_proposed_and_nothing_opens_by_keys_alone(served: Served, watched: Watched) -> None:
    page = watched.go(f"review/{PEOPLE}")
    # The keys are heard at once.
    focused(page, "region")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Nobody knows what 3 columns of it hold")).to_be_visible()
    expect(page.get_by_role("button", name="Approve all proposed")).to_have_count(0)
    expect(page.get_by_role("button", name="Approve", exact=True).first).to_be_disabled()
    expect(page.get_by_text("looks personal").first).to_be_visible()
    for keys in ("Shift+A", "a", "Control+Enter"):
        page.keyboard.press(keys)
    expect(page.get_by_role("button", name="Review and apply")).to_be_disabled()
    watched.must_be_accessible()
    assert set(states(served).values()) == {"pending"}


def test_opening_it_takes_the_dialog_and_a_reason_and_is_told_afterwards(served: Served, watched: Watched) -> None:
    page = watched.go(f"review/{PEOPLE}")
    row(page, "region")
    page.keyboard.press("o")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog", name="What opens for whom")
    expect(dialog.get_by_text("Nobody scanned region, email")).to_be_visible()
    expect(dialog.get_by_text("Looks personal, and would be read in the clear: email.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Send 2 choices")).to_be_disabled()
    dialog.get_by_label("Let a group read it as well").fill("evryone")
    expect(dialog.get_by_text("No grant names this group yet.")).to_be_visible()
    watched.must_be_accessible()
    dialog.get_by_role("button", name="everyone?").click()
    expect(dialog.get_by_text("No grant names this group yet.")).to_have_count(0)
    dialog.get_by_label("Let a group read it as well").fill("")
    dialog.get_by_label("Why (kept with the decision)").fill("Made up.")
    # Also with a reason it is sent from the dialog alone.
    page.keyboard.press("Escape")
    row(page, "region")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_be_visible()
    assert set(states(served).values()) == {"pending"}
    dialog.get_by_role("button", name="Send 2 choices").click()
    expect(page.get_by_text(f"Sent: {PEOPLE}, 2 open.")).to_be_visible()
    expect(page.get_by_text("Looks personal, and is open now: email.")).to_be_visible()
    expect(page.get_by_text("Nobody had scanned some of it")).to_be_visible()
    assert states(served) == {"region": "open", "email": "open", "user_password": "pending"}
    page.get_by_role("link", name="Requests").click()
    expect(page.get_by_text("No request waits")).to_be_visible()
    expect(page.get_by_text(f"Sent: {PEOPLE}")).to_have_count(0)


def test_the_focus_stays_after_all_is_undone(watched: Watched) -> None:
    page = watched.go(f"review/{PEOPLE}")
    row(page, "email")
    page.keyboard.press("m")
    page.get_by_role("button", name="Undo all").click()
    focused(page, "email")


def test_whoever_wants_a_mask_off_accuses_nobody_and_is_let_in_from_the_card(served: Served, watched: Watched) -> None:
    served.home.ok("grant", "add", "shop.customers", "support")
    wish = {"table": "shop.customers", "column": "email", "reason": "letters in May", "in_clear": True}
    asked = served.http.post("/v1/access-requests", json=wish).json()
    assert (asked["in_clear"], asked["column"]) == (True, "email")
    assert served.http.get("/v1/reviews").json()["counts"]["disputed"] == 0
    page = watched.go("review/requests")
    expect(page.get_by_text("wants to read a masked column in the clear")).to_be_visible()
    expect(page.get_by_text("letters in May", exact=True)).to_be_visible()
    expect(page.get_by_text("dispute")).to_have_count(0)
    page.get_by_role("button", name="Let a group read it unmasked").click()
    expect(page.get_by_label("Group")).to_have_value("support")
    watched.must_be_accessible()
    page.get_by_role("button", name="Let them read unmasked").click()
    expect(page.get_by_text("support may read lake.shop.customers unmasked now.")).to_be_focused()
    grants = served.http.get("/v1/grants?table=shop.customers").json()["grants"]
    assert [grant["unmask"] for grant in grants if grant["group"] == "support"] == [True]
    (mine,) = served.http.get("/v1/access-requests").json()["requests"]
    assert "support may read lake.shop.customers unmasked now." in mine["answer"]
