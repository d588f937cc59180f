"""Saved questions that move with the date: made anew from their words by what answered them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from app.settings import load_settings
from app.workspace import Workspace
from tests.app.http.served import Served, serving
from tests.app.http.test_saved import EVERYBODY, Key, bearer, result, save
from tests.app.shop import METRIC, Home

FEBRUARY, MARCH = [["25.25"]], [["107.00"]]


@pytest.fixture(scope="module")
def served(changing_shop: Home) -> Iterator[Served]:
    with serving(changing_shop) as running:
        yield running


@pytest.fixture(autouse=True)
def in_march(served: Served) -> None:
    today(served.home, date(2026, 3, 10))


@pytest.fixture(scope="module")
def guest(served: Served) -> Key:
    return bearer(served.home, "moving-guest")


def today(home: Home, day: date) -> None:
    """Change what `today` means in the lake."""
    with Workspace(load_settings(home=home.path)) as workspace:
        workspace.catalog.set_as_of(day)


def asked(served: Served, question: str, **more: Any) -> str:
    found: str = served.ask(question, **more)["run"]["run_id"]
    return found


def rows(served: Served, saved: dict[str, Any], who: Key | None = None) -> Any:
    return result(served, saved, who).json()["result"]["rows"]


def test_what_a_metric_answered_moves_with_the_date(served: Served, guest: Key) -> None:
    run = asked(served, "order value last month")
    saved = save(served, sql=None, run_id=run, sharing=EVERYBODY)
    assert saved["moves"] is True
    assert rows(served, saved) == FEBRUARY
    today(served.home, date(2026, 4, 10))
    assert rows(served, saved) == rows(served, saved, guest) == MARCH
    shown = served.http.get(f"/v1/saved/{saved['id']}").json()
    assert "2026-03-01" in shown["sql"]
    assert "2026-02-01" in saved["sql"]


def test_a_statement_stays_as_it_was_written(served: Served) -> None:
    sql = served.ask("order value last month")["run"]["sql"]
    saved = save(served, sql=sql)
    assert saved["moves"] is False
    today(served.home, date(2026, 4, 10))
    assert rows(served, saved) == FEBRUARY


def test_a_question_that_went_on_moves_too(served: Served) -> None:
    asked(served, "order value by region", thread="moving")
    run = asked(served, "only last month", thread="moving")
    saved = save(served, sql=None, run_id=run)
    assert saved["moves"] is True
    assert rows(served, saved) == [["North", "20.00"], ["South", "5.25"]]
    today(served.home, date(2026, 4, 10))
    assert rows(served, saved) == [["South", "100.00"], ["West", "7.00"]]


def test_a_change_of_the_name_leaves_it_moving(served: Served, guest: Key) -> None:
    saved = save(served, sql=None, run_id=asked(served, "order value last month"), sharing=EVERYBODY)
    path, draft = f"/v1/saved/{saved['id']}", {"name": "Sales", "saved_id": saved["id"], "sharing": EVERYBODY}
    changed = served.http.put(path, json=draft, headers={"if-match": '"1"'}).json()
    assert (changed["name"], changed["moves"], changed["question"]) == ("Sales", True, "order value last month")
    today(served.home, date(2026, 4, 10))
    assert rows(served, changed) == MARCH
    foreign = served.http.post("/v1/saved", json={"name": "x", "saved_id": saved["id"]}, headers=guest)
    assert foreign.status_code == 403
    both = served.http.post("/v1/saved", json={"name": "x", "saved_id": saved["id"], "sql": "SELECT 1"})
    assert both.status_code == 422


def test_a_metric_that_is_gone_is_told_and_nothing_else_read(changing_shop: Home, served: Served, guest: Key) -> None:
    saved = save(served, sql=None, run_id=asked(served, "order value last month"), sharing=EVERYBODY)
    written = changing_shop.path / "knowledge" / "metrics" / "order_value.yaml"
    named = METRIC.replace("order_value", "turnover").replace("order value", "turnover").replace("[sales]", "[]")
    written.write_text(named, encoding="utf-8")
    try:
        with serving(changing_shop) as later:
            told, theirs = result(later, saved), result(later, saved, guest)
            assert (told.status_code, theirs.status_code) == (409, 409), told.text
            assert '"order"' in told.json()["detail"]
            assert '"order"' not in theirs.json()["detail"]
            assert "ada" in theirs.json()["next"]
            shown = later.http.get(f"/v1/saved/{saved['id']}").json()
            assert (shown["moves"], shown["sql"]) == (True, saved["sql"])
            # It can be hidden again all the same.
            draft = {"name": "Mine", "saved_id": saved["id"]}
            assert later.http.put(f"/v1/saved/{saved['id']}", json=draft, headers={"if-match": "*"}).is_success
    finally:
        written.write_text(METRIC, encoding="utf-8")


def test_who_may_not_read_it_is_told_whom_to_ask(changing_shop: Home, served: Served, guest: Key) -> None:
    saved = save(served, sql=None, run_id=asked(served, "order value last month"), sharing=EVERYBODY)
    changing_shop.ok("review", "deny", "lake.shop.orders")
    refused = result(served, saved, guest)
    assert refused.status_code == 403
    assert "lake.shop.orders" in refused.json()["next"]
    by = changing_shop.ok("audit", "list", "--kind", "refusal", "--json").json[-1]["by"]["subject"]
    assert by == "moving-guest"
