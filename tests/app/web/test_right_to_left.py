"""Words that are written from right to left: each stands as it is read, and nothing of the page gives way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.app.http.served import Served, serving
from tests.app.http.test_dashboards import make
from tests.app.http.test_saved import save
from tests.app.shop import Home
from tests.app.web.test_ask_model import says
from tests.app.web.watched import Watched
from tests.support.messages_api import MessagesApi, messages_api

ARABIC = "ما هي قيمة الطلبات حسب المنطقة في العام الماضي؟"
HEBREW = "מכירות לפי אזור (2026)"
COMMENT = "שורה אחת לכל משלוח; נטענת בכל לילה."
PARCELS = "المدينة,weight\nالقاهرة,3\nתל אביב,4\n"  # noqa: RUF001
SQL = 'SELECT region AS "אזור", \'مرحبا (1)\' AS "التحية", sum(amount) AS "סכום" FROM shop.orders GROUP BY region'


@pytest.fixture(scope="module")
def model() -> Iterator[MessagesApi]:
    with messages_api() as api:
        yield api


@pytest.fixture(scope="module")
def served(changing_shop: Home, model: MessagesApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """With a table that is described in Hebrew, and whose source has Arabic names."""
    folder = tmp_path_factory.mktemp("hebrew")
    write_table(folder)
    files = [str(folder / "parcels.csv"), "--schema", "shop", "--describe", str(folder / "schema.json")]
    changing_shop.ok("ingest", "files", "--as", "lou", *files)
    changing_shop.ok("review", "approve", "lake.shop.parcels", "--unscanned", "--to", "everyone")
    with serving(changing_shop, ANTHROPIC_API_KEY="sk-none", ANTHROPIC_BASE_URL=model.url) as running:
        yield running


def write_table(folder: Path) -> None:
    (folder / "parcels.csv").write_text(PARCELS, encoding="utf-8")
    columns = [{"name": "weight", "type": "bigint", "comment": 'משקל בק"ג'}]
    told = {"tables": [{"name": "parcels", "comment": COMMENT, "columns": columns}]}
    (folder / "schema.json").write_text(json.dumps(told), encoding="utf-8")


def must_read_from_the_right(found: Locator) -> None:
    expect(found).to_be_visible()
    assert found.evaluate("one => getComputedStyle(one).direction") == "rtl"


def must_hold_when_turned(watched: Watched, name: str) -> None:
    """As a browser shows it to whom everything is read from the right."""
    watched.looks(name)
    watched.page.evaluate("document.documentElement.dir = 'rtl'")
    for width in (1280, 390):
        watched.dress("light", width)
        watched.must_fit()
        watched.keep(f"{name}-turned-{width}")


def test_a_question_and_its_answer(watched: Watched, model: MessagesApi) -> None:
    model.script[:] = [says(SQL, reading=ARABIC, assumptions=[HEBREW])]
    page = watched.go()
    watched.ask(ARABIC)
    expect(page.get_by_text("3 rows", exact=True)).to_be_visible()
    must_read_from_the_right(page.get_by_role("heading", name=ARABIC))
    page.get_by_role("button", name="Table", exact=True).click()
    must_read_from_the_right(page.get_by_role("grid").get_by_text("مرحبا (1)").first)
    page.get_by_text("How this was made").click()
    must_read_from_the_right(page.get_by_text(HEBREW, exact=True))
    must_hold_when_turned(watched, "right-to-left-answer")


def test_a_saved_question_and_a_dashboard(watched: Watched, served: Served) -> None:
    kept = save(served, sql=SQL, name=HEBREW, description=ARABIC * 5)
    made = make(served, None, {"question_id": kept["id"]}, name=ARABIC, description=HEBREW)
    page = watched.go(f"dashboards/saved/{kept['id']}")
    must_read_from_the_right(page.get_by_role("heading", name=HEBREW))
    expect(page.get_by_role("img", name=f"Chart: {HEBREW}").or_(page.get_by_role("grid"))).to_be_visible()
    watched.looks("right-to-left-saved")
    page = watched.go(f"dashboards/{made['id']}")
    must_read_from_the_right(page.get_by_role("heading", name=ARABIC))
    expect(page.get_by_role("table", name=HEBREW)).to_contain_text("North")
    must_hold_when_turned(watched, "right-to-left-dashboard")


def test_a_table(watched: Watched) -> None:
    page = watched.go("tables?q=parcels")
    must_read_from_the_right(page.get_by_text(COMMENT).first)
    watched.looks("right-to-left-tables")
    page = watched.go("tables/lake.shop.parcels")
    must_read_from_the_right(page.get_by_text(COMMENT))
    must_hold_when_turned(watched, "right-to-left-table")
    page = watched.go("tables/lake.shop.parcels/sample")
    must_read_from_the_right(page.get_by_role("grid").get_by_text("القاهرة"))
    watched.looks("right-to-left-sample")
