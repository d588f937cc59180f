"""Asking for a table, disputing a column, and what becomes of it."""

from __future__ import annotations

import pytest

from tests.app.cli.test_review_found import CODE, found
from tests.app.http.governance.people import Lake, ok, refused
from tests.app.http.governance.test_reviews import PAYSLIPS
from tests.app.shop import Home

REQUESTS = "/v1/access-requests"


def test_whoever_asks_is_told_what_became_of_it(lake: Lake, shop: Home) -> None:
    found(shop, "shop.payslips", payee=CODE, hush_amount=CODE)
    made = ok(lake.post("ann", REQUESTS, {"table": PAYSLIPS, "reason": "audit in May"}), 201)
    assert (made["table"], made["asked_by"], made["answer"]) == (PAYSLIPS, "ann", "")
    (waiting,) = ok(lake.get("ria", REQUESTS, mine=False))["requests"]
    assert (waiting["id"], waiting["reason"]) == (made["id"], "audit in May")
    assert ok(lake.get("ria", f"/v1/reviews/{PAYSLIPS}"))["asked"] == ["ann"]
    body = {"seen": lake.seen(PAYSLIPS), "whole": "approve", "grant_to": "support"}
    ok(lake.post("ria", f"/v1/reviews/{PAYSLIPS}/decisions", body))
    (mine,) = ok(lake.get("ann", REQUESTS))["requests"]
    assert mine["is_new"]
    assert "2 of 2 columns are open to you" in mine["answer"]
    (told,) = ok(lake.post("ann", f"{REQUESTS}/seen", {"ids": [made["id"], 999]}))["requests"]
    assert (told["id"], told["is_new"]) == (made["id"], False)
    assert ok(lake.get("ria", REQUESTS, mine=False))["requests"] == []


def test_a_person_answers_with_a_word(lake: Lake) -> None:
    made = ok(lake.post("ann", REQUESTS, {"table": PAYSLIPS}), 201)
    for who in ("ann", "bot", "bot for ria"):
        assert refused(lake.post(who, f"{REQUESTS}/{made['id']}/answer", {"word": "yes"}), 403)
    assert refused(lake.post("ria", f"{REQUESTS}/{made['id']}/answer", {"word": " "}), 400)
    ok(lake.post("ria", f"{REQUESTS}/{made['id']}/answer", {"word": "personnel only"}))
    (mine,) = ok(lake.get("ann", REQUESTS))["requests"]
    assert "ria says: personnel only" in mine["answer"]
    assert refused(lake.post("ria", f"{REQUESTS}/{made['id']}/answer", {"word": "again"}), 404)
    kinds = [e["kind"] for e in ok(lake.get("ria", "/v1/audit", kind="review"))["entries"]]
    assert kinds[:2] == ["review.answered", "review.requested"]


def test_what_one_asked_for_nobody_else_sees(lake: Lake) -> None:
    made = ok(lake.post("ann", REQUESTS, {"table": PAYSLIPS, "reason": "private"}), 201)
    ok(lake.post("bot for ann", REQUESTS, {"table": PAYSLIPS, "reason": "for ann"}), 201)
    for who in ("bob", "namesake", "bot", "plain bot"):
        assert ok(lake.get(who, REQUESTS))["requests"] == []
        assert ok(lake.post(who, f"{REQUESTS}/seen", {"ids": [made["id"]]}))["requests"] == []
    assert [r["reason"] for r in ok(lake.get("ann", REQUESTS))["requests"]] == ["private"]
    assert [r["reason"] for r in ok(lake.get("bot for ann", REQUESTS))["requests"]] == ["for ann"]
    assert {r["asked_by"] for r in ok(lake.get("ria", REQUESTS, mine=False))["requests"]} == {"ann", "bot for ann"}
    assert refused(lake.get("bob", REQUESTS, mine=False), 403)
    assert "scope `review`" in refused(lake.get("plain bot", REQUESTS, mine=False), 403)["detail"]


def test_a_column_that_one_sees_can_be_disputed_and_no_other(lake: Lake) -> None:
    wish = {"table": "shop.orders", "column": "region", "reason": "names in it"}
    assert ok(lake.post("bot", REQUESTS, wish), 201)["column"] == "region"
    hidden = refused(lake.post("ann", REQUESTS, wish | {"table": PAYSLIPS, "column": "payee"}), 404)
    missing = refused(lake.post("ann", REQUESTS, wish | {"table": PAYSLIPS, "column": "nothing"}), 404)
    assert {**hidden, "detail": hidden["detail"].replace("payee", "nothing")} == missing
    assert refused(lake.post("ann", REQUESTS, wish | {"reason": ""}), 400)
    top = ok(lake.get("ria", "/v1/reviews"))["tables"][0]
    assert (top["table"], top["waiting"][0]["disputed_by"]) == ("lake.shop.orders", ["bot"])


def test_a_service_of_reviewers_knows_of_a_closed_column_by_its_scope_alone(lake: Lake) -> None:
    wish = {"table": PAYSLIPS, "column": "payee", "reason": "It holds codes"}
    refused(lake.post("plain bot", REQUESTS, wish), 404)
    ok(lake.post("bot", REQUESTS, wish), 201)


@pytest.mark.parametrize("table", ["shop.nothing", "nowhere.orders"])
def test_what_is_not_there_cannot_be_asked_for(lake: Lake, table: str) -> None:
    assert refused(lake.post("ann", REQUESTS, {"table": table}), 404)


def test_a_list_goes_on(lake: Lake) -> None:
    for table in ("shop.orders", "shop.customers", PAYSLIPS):
        ok(lake.post("ann", REQUESTS, {"table": table}), 201)
    page = ok(lake.get("ann", REQUESTS, limit=2))
    rest = ok(lake.get("ann", REQUESTS, limit=2, cursor=page["next_cursor"]))
    assert [len(page["requests"]), len(rest["requests"]), rest["next_cursor"]] == [2, 1, None]


def test_what_one_asked_for_one_takes_back(lake: Lake) -> None:
    made = ok(lake.post("ann", REQUESTS, {"table": PAYSLIPS, "reason": "audit in May"}), 201)
    here = f"{REQUESTS}/{made['id']}"
    missing = refused(lake.delete("ann", f"{REQUESTS}/{made['id'] + 1}"), 404)
    for who in ("bob", "ria", "namesake", "bot for ann"):
        hidden = refused(lake.delete(who, here), 404)
        assert str(hidden).replace(str(made["id"]), "N") == str(missing).replace(str(made["id"] + 1), "N")
    gone = ok(lake.delete("ann", here))
    assert (gone["withdrawn"], gone["is_new"]) == (True, False)
    assert ok(lake.delete("ann", here)) == gone
    assert ok(lake.get("ria", REQUESTS, mine=False))["requests"] == []
    assert refused(lake.post("ria", f"{here}/answer", {"word": "no"}), 404)
    kinds = [e["kind"] for e in ok(lake.get("ria", "/v1/audit", kind="review"))["entries"]]
    assert kinds[:2] == ["review.withdrawn", "review.requested"]
    again = ok(lake.post("ann", REQUESTS, {"table": PAYSLIPS}), 201)
    assert [each["withdrawn"] for each in ok(lake.get("ann", REQUESTS))["requests"]] == [True, False]
    ok(lake.post("ria", f"{REQUESTS}/{again['id']}/answer", {"word": "personnel only"}))
    answered = ok(lake.delete("ann", f"{REQUESTS}/{again['id']}"))
    assert (answered["withdrawn"], "personnel only" in answered["answer"]) == (False, True)


def test_what_waits_is_counted_for_whom_it_waits(lake: Lake) -> None:
    nothing = {"tables": 0, "requests": 0, "statements": 0, "answers": 0}
    before = ok(lake.get("ria", "/v1/inbox"))
    assert before["tables"] == len(ok(lake.get("ria", "/v1/reviews"))["tables"]) > 0
    number = ok(lake.post("ann", REQUESTS, {"table": PAYSLIPS}), 201)["id"]
    assert ok(lake.get("ria", "/v1/inbox")) == before | {"requests": before["requests"] + 1}
    for who in ("ann", "bob", "bot", "bot for ria", "plain bot"):
        assert ok(lake.get(who, "/v1/inbox")) == nothing, who
    ok(lake.post("ria", f"{REQUESTS}/{number}/answer", {"word": "Ask payroll."}))
    assert ok(lake.get("ria", "/v1/inbox")) == before
    assert ok(lake.get("ann", "/v1/inbox")) == nothing | {"answers": 1}
    ok(lake.post("ann", f"{REQUESTS}/seen", {"ids": [number]}))
    assert ok(lake.get("ann", "/v1/inbox")) == nothing
