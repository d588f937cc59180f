"""A reviewer before what waits, in a real browser before a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.settings import Settings
from app.tables import find_table
from app.workspace import Workspace
from tests.app.cli.test_review_found import CODE, HEALTH, PHONE, found
from tests.app.http.governance.people import RIA
from tests.app.http.governance.test_reviews import described
from tests.app.http.served import Served, serving
from tests.app.shop import Home
from tests.app.web.watched import Watched, watching
from townlake.domain.review import Classification, ReviewState

PAYSLIPS = "lake.shop.payslips"
HOSTILE = '<img src=x onerror=alert(1)> =HYPERLINK("http://evil.example") \u202eabc'
"""What somebody could write who wants to harm whoever reviews."""
MASKED = PHONE.model_copy(update={"evidence": (HOSTILE,)})
Open = Callable[..., tuple[Served, Watched]]


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    with serving(changing_shop) as running:
        yield running


@pytest.fixture
def begin(browser: Browser, served: Served) -> Iterator[Open]:
    """Has payslips wait that nobody may read, and opens a page that must have been quiet in the end."""
    with ExitStack() as stack:

        def start(payee: Classification = MASKED) -> tuple[Served, Watched]:
            wait_again(served.home, payee)
            return served, stack.enter_context(watching(browser, served.url))

        yield start


def wait_again(home: Home, payee: Classification) -> None:
    """As if nobody had decided yet."""
    home.run("grant", "remove", PAYSLIPS, "support")
    with Workspace(Settings(home=home.path)) as workspace:
        workspace.reviews.decide(RIA, find_table(workspace, PAYSLIPS), None, ReviewState.PENDING)
    found(home, "shop.payslips", payee=payee, hush_amount=CODE)


def row(page: Page, column: str) -> None:
    """Focus a column as Tab would."""
    page.get_by_role("row").filter(has_text=column).first.focus()


def states(served: Served) -> dict[str, str]:
    told = served.http.get(f"/v1/reviews/{PAYSLIPS}").json()
    return {column["column"]: column["state"] for column in told["columns"]}


def test_a_reviewer_clears_a_table_by_keyboard(begin: Open) -> None:
    served, watched = begin()
    page = watched.go("review")
    row(page, "payee")
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    expect(page.get_by_text("A9+.9")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_text("Then masked, as [redacted]")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("d")
    page.keyboard.press("u")
    page.keyboard.press("o")
    expect(page.get_by_text("1 open, 1 masked")).to_be_visible()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="What opens for whom")
    expect(dialog.get_by_text("it opens for nobody")).to_be_visible()
    dialog.get_by_label("Let a group read it as well").fill("support")
    expect(dialog.get_by_text("support: masked columns as masked.")).to_be_visible()
    watched.must_be_accessible()
    dialog.get_by_role("button", name="Send 2 choices").click()
    expect(page.get_by_text(f"Sent: {PAYSLIPS}, 1 masked, 1 open.")).to_be_visible()
    expect(page.get_by_text("Nothing waits")).to_be_visible()
    assert states(served) == {"payee": "masked", "hush_amount": "open"}
    assert [grant["group"] for grant in served.http.get("/v1/grants?table=shop.payslips").json()["grants"]] == [
        "support"
    ]
    page.goto(f"{served.url}/review/{PAYSLIPS}")
    page.get_by_role("button", name="History").click()
    expect(page.get_by_text("proposed → masked, as [redacted]")).to_be_visible()


def test_what_changed_meanwhile_is_told_and_other_choices_stay(begin: Open) -> None:
    served, watched = begin()
    page = watched.go("review")
    row(page, "payee")
    page.keyboard.press("Shift+A")
    expect(page.get_by_text("1 open, 1 masked")).to_be_visible()
    seen = served.http.get(f"/v1/reviews/{PAYSLIPS}").json()["seen"]
    choice = {"column": "payee", "action": "deny"}
    served.http.post(f"/v1/reviews/{PAYSLIPS}/decisions", json={"seen": seen, "columns": [choice]}).raise_for_status()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Changed: payee. Look at these again")).to_be_visible()
    expect(page.get_by_text("1 open", exact=True)).to_be_visible()
    assert states(served)["hush_amount"] == "proposed"
    row(page, "hush_amount")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(f"Sent: {PAYSLIPS}, 1 open.")).to_be_visible()
    watched.faults = [fault for fault in watched.faults if "409" not in fault]


def test_letters_choose_nothing_while_the_list_has_no_focus(begin: Open) -> None:
    served, watched = begin()
    page = watched.go("review")
    expect(page.get_by_role("row").first).to_be_visible()
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Label").press_sequentially("adm")
    page.get_by_label("Label").fill("")
    page.get_by_role("link", name="payslips").focus()
    for key in "adom":
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Review and apply")).to_be_disabled()
    row(page, "payee")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Review and apply")).to_be_enabled()
    assert states(served)["payee"] == "proposed"


def test_what_is_gravest_says_that_it_takes_two_people_and_why_it_opens(begin: Open) -> None:
    served, watched = begin(HEALTH)
    page = watched.go("review")
    row(page, "payee")
    page.keyboard.press("o")
    expect(page.get_by_text("A second person must choose the same")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Say why, for payee")).to_be_visible()
    page.get_by_label("Why (kept with the decision)").fill("They are made up.")
    page.get_by_role("button", name="Send 1 choice").click()
    expect(page.get_by_text("1 column waiting for a second person")).to_be_visible()
    row(page, "payee")
    expect(page.get_by_text("That was you: somebody else must choose the same.")).to_be_visible()
    assert states(served)["payee"] == "proposed"


def test_requests_are_met_and_answered(begin: Open) -> None:
    served, watched = begin()
    served.home.ok("review", "request", "shop.payslips", "--as", "eve", "--reason", HOSTILE)
    page = watched.go("review/requests")
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    page.get_by_role("button", name="Let a group read it").click()
    page.get_by_label("Group").fill("support")
    page.get_by_role("button", name="Let them read").click()
    expect(page.get_by_text(f"support may read {PAYSLIPS}")).to_be_visible()
    page.get_by_role("button", name="Answer in words").click()
    page.get_by_label("Your answer").fill("Ask ria.")
    page.get_by_role("button", name="Answer and close").click()
    expect(page.get_by_text("No request waits")).to_be_visible()
    assert served.http.get("/v1/access-requests?mine=false").json()["requests"] == []


def test_a_grant_answers_a_request_for_a_table_of_which_nothing_waits(begin: Open) -> None:
    served, watched = begin()
    served.home.ok("review", "approve", "shop.payslips", "--unscanned", "--note", "made up", "--as", "grace")
    for column in served.home.ok("review", "list", "--json").json["queue"]:
        assert column["table"]["name"] != "payslips"
    served.home.ok("review", "request", "shop.payslips", "--as", "eve")
    page = watched.go("review/requests")
    page.get_by_role("button", name="Let a group read it").click()
    page.get_by_label("Group").fill("support")
    page.get_by_role("button", name="Let them read").click()
    expect(page.get_by_text(f"support may read {PAYSLIPS} now.")).to_be_visible()
    expect(page.get_by_text("No request waits")).to_be_visible()
    assert served.http.get("/v1/access-requests?mine=false").json()["requests"] == []


def test_what_is_clear_is_seen_and_then_opened(begin: Open) -> None:
    served, watched = begin()
    page = watched.go("review/clear")
    expect(page.get_by_text("opens for nobody yet")).to_be_visible()
    page.get_by_label("Let a group read them as well").fill("support")
    page.get_by_role("button", name="Open 1 column in 1 table").click()
    expect(page.get_by_text("1 column opened in 1 table.")).to_be_visible()
    expect(page.get_by_text("No column is safe enough")).to_be_visible()
    assert states(served) == {"payee": "proposed", "hush_amount": "open"}


def test_ones_own_table_is_for_somebody_else_to_open(begin: Open, tmp_path: Path) -> None:
    served, watched = begin()
    described(served.home, tmp_path, payslips="ada")
    page = watched.go("review")
    expect(page.get_by_text("You own this table, so somebody else must open it.")).to_be_visible()
    first = page.get_by_role("row").first
    expect(first.get_by_role("button", name="Approve")).to_be_disabled()
    row(page, "payee")
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Review and apply")).to_be_disabled()
    page.keyboard.press("d")
    expect(page.get_by_text("1 closed")).to_be_visible()


def test_whoever_has_nothing_to_review_is_told_so_and_an_owner_looks_on(
    begin: Open, browser: Browser, tmp_path: Path
) -> None:
    home = begin()[0].home
    others = {"SKIPPER_USER": "eve", "SKIPPER_REVIEWERS": "user:ria"}
    with serving(home, **others) as of_eve, watching(browser, of_eve.url) as watched:
        page = watched.go("review")
        expect(page.get_by_role("heading", name="There is nothing for you to review")).to_be_visible()
        watched.must_be_accessible()
        # Whoever owns a table gives it to nobody else.
        described(home, tmp_path, by="rob", payslips="eve")
        page.reload()
        expect(page.get_by_text("somebody else must open it")).to_be_visible()
        expect(page.get_by_role("button", name="Review and apply")).to_have_count(0)
        expect(page.get_by_role("link", name="Open safe columns")).to_have_count(0)
