"""Decisions over HTTP: a person's, on what they saw, all of them or none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.app.cli.test_review_found import CODE, HEALTH, PHONE, found
from tests.app.http.governance.people import Lake, ok, refused
from tests.app.http.governance.test_reviews import PAYSLIPS
from tests.app.shop import Home

DECISIONS = f"/v1/reviews/{PAYSLIPS}/decisions"


def states(lake: Lake) -> dict[str, str]:
    return {c["column"]: c["state"] for c in ok(lake.get("ria", f"/v1/reviews/{PAYSLIPS}"))["columns"]}


def on(lake: Lake, **columns: Any) -> dict[str, Any]:
    choices = [
        {"column": name, **(what if isinstance(what, dict) else {"action": what})} for name, what in columns.items()
    ]
    return {"seen": lake.seen(PAYSLIPS), "columns": choices}


def test_what_nobody_scanned_has_no_proposal_and_is_not_opened_in_passing(lake: Lake) -> None:
    told = ok(lake.get("ria", f"/v1/reviews/{PAYSLIPS}"))["columns"]
    assert [(c["proposal"], c["unscanned"], c["looks_personal"]) for c in told] == [(None, True, False)] * 2
    for body in (on(lake, payee="approve"), {"seen": lake.seen(PAYSLIPS), "whole": "approve"}):
        problem = refused(lake.post("ria", DECISIONS, body), 400)
        assert "Nobody knows what" in problem["detail"]
        assert "skipper scan" in str(problem)
    choice = {"action": "override", "state": "open"}
    assert "reason" in refused(lake.post("ria", DECISIONS, on(lake, payee=choice)), 400)["detail"]
    assert set(states(lake).values()) == {"pending"}
    made = ok(lake.post("ria", DECISIONS, on(lake, payee=choice | {"note": "codes, says their owner"})))
    assert (made["columns"][0]["state"], made["unscanned"]) == ("open", True)


def test_what_a_scan_left_out_is_left_by_approving_the_whole(lake: Lake, shop: Home) -> None:
    found(shop, "shop.payslips", hush_amount=CODE)
    told = ok(lake.post("ria", DECISIONS, {"seen": lake.seen(PAYSLIPS), "whole": "approve"}))
    assert ([c["column"] for c in told["columns"]], told["left"], told["unscanned"]) == (["hush_amount"], True, False)
    assert states(lake) == {"payee": "pending", "hush_amount": "open"}


def test_many_columns_are_decided_each_in_its_way(lake: Lake, shop: Home) -> None:
    found(shop, "shop.payslips", payee=PHONE, hush_amount=CODE)
    body = on(lake, payee={"action": "mask", "mask": "last4", "note": "as agreed"}, hush_amount="approve")
    told = ok(lake.post("ria", DECISIONS, body | {"grant_to": "support"}))
    assert [(c["column"], c["state"], c["mask"]) for c in told["columns"]] == [
        ("payee", "masked", "last4"),
        ("hush_amount", "open", None),
    ]
    assert told["granted_to"] == "support"
    table = ok(lake.get("ann", f"/v1/catalog/tables/{PAYSLIPS}"))
    assert [(c["name"], c["mask"]) for c in table["columns"]] == [("payee", "last4"), ("hush_amount", None)]
    newest = ok(lake.get("ria", f"/v1/reviews/{PAYSLIPS}/history", column="payee"))["changes"][0]
    assert (newest["note"], newest["how"]) == ("as agreed", "")


def test_one_that_cannot_be_leaves_all_as_they_were(lake: Lake) -> None:
    body = on(lake, hush_amount="deny", payee={"action": "mask", "mask": "band"})
    assert "means nothing" in refused(lake.post("ria", DECISIONS, body), 400)["detail"]
    assert refused(lake.post("ria", DECISIONS, on(lake, payee="mask", nothing="deny")), 404)
    assert set(states(lake).values()) == {"pending"}


def test_what_changed_since_is_not_decided(lake: Lake, shop: Home) -> None:
    body = on(lake, payee="approve")
    found(shop, "shop.payslips", payee=HEALTH)
    assert refused(lake.post("ria", DECISIONS, body), 409)["type"].endswith("outdated")
    assert states(lake)["payee"] == "proposed"
    assert refused(lake.post("ria", DECISIONS, {"whole": "approve"}), 422)
    for wrong in ({"whole": "approve", **on(lake, payee="deny")}, {"seen": "x"}, on(lake, payee="open")):
        assert refused(lake.post("ria", DECISIONS, wrong), 422)


def test_of_two_who_decide_at_once_one_is_told(lake: Lake) -> None:
    bodies = [("ria", on(lake, payee="mask")), ("rex", on(lake, payee="deny"))] * 4
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda one: lake.post(one[0], DECISIONS, one[1]).status_code, bodies))
    assert sorted(codes) == [200] + [409] * 7
    assert len(ok(lake.get("ria", f"/v1/reviews/{PAYSLIPS}/history"))["changes"]) == 1


def test_the_gravest_takes_two_people(lake: Lake, shop: Home) -> None:
    found(shop, "shop.payslips", payee=HEALTH)
    first = ok(lake.post("ria", DECISIONS, on(lake, payee={"action": "mask", "mask": "last4"})))
    assert first["columns"][0]["waits_for_second"]
    again = ok(lake.post("ria", DECISIONS, on(lake, payee="approve")))
    assert again["columns"][0]["waits_for_second"]
    assert states(lake)["payee"] == "proposed"
    second = ok(lake.post("rex", DECISIONS, on(lake, payee="approve")))
    assert (second["columns"][0]["state"], second["columns"][0]["mask"]) == ("masked", "last4")


@pytest.mark.parametrize("who", ["bot", "bot for ria", "plain bot", "ann", "bob", "namesake"])
def test_nobody_else_decides(lake: Lake, who: str) -> None:
    body = on(lake, payee="deny")
    there = refused(lake.post(who, DECISIONS, body), 403)
    assert refused(lake.post(who, "/v1/reviews/shop.nothing/decisions", body), 403) == there
    bulk = {"tables": [{"table": PAYSLIPS, "seen": body["seen"]}]}
    assert refused(lake.post(who, "/v1/bulk-reviews", bulk), 403)
    assert set(states(lake).values()) == {"pending"}


def test_every_label_is_told_with_what_follows_from_it(lake: Lake, shop: Home) -> None:
    told = {label["name"]: label for label in ok(lake.get("bot", "/v1/review-labels"))["labels"]}
    assert told["email"] == {"name": "email", "tier": 3, "mask": "redact", "needs_two_people": False}
    assert (told["health"]["mask"], told["health"]["needs_two_people"]) == ("null", True)
    assert told["none.code"] == {"name": "none.code", "tier": 1, "mask": None, "needs_two_people": False}
    assert refused(lake.get("plain bot", "/v1/review-labels"), 403)
    found(shop, "shop.payslips", payee=PHONE, hush_amount=CODE)
    for name in ("age", "none.code"):
        choice = {"action": "override", "label": name, "note": "looked at"}
        (made,) = ok(lake.post("ria", DECISIONS, on(lake, payee=choice)))["columns"]
        assert made["mask"] == told[name]["mask"]


def test_an_override_says_why(lake: Lake, shop: Home) -> None:
    found(shop, "shop.payslips", payee=PHONE)
    choice = {"action": "override", "label": "none.code"}
    assert "reason" in refused(lake.post("ria", DECISIONS, on(lake, payee=choice)), 400)["detail"]
    told = ok(lake.post("ria", DECISIONS, on(lake, payee=choice | {"note": "numbers of parcels"})))
    assert told["columns"][0]["state"] == "open"
    change = ok(lake.get("ria", f"/v1/reviews/{PAYSLIPS}/history"))["changes"][0]
    assert (change["how"], change["label"], change["note"]) == ("override", "none.code", "numbers of parcels")
    wrong = {"action": "override", "label": "parcel", "note": "x"}
    assert "no label" in refused(lake.post("ria", DECISIONS, on(lake, payee=wrong)), 400)["detail"]


def test_a_group_that_cannot_be_is_told_before_anything_is_decided(lake: Lake) -> None:
    body = on(lake, payee="approve") | {"grant_to": "no such\ngroup"}
    assert refused(lake.post("ria", DECISIONS, body), 400)
    assert set(states(lake).values()) == {"pending"}


def test_what_is_clear_is_opened_as_the_preview_showed_it(lake: Lake, shop: Home) -> None:
    found(shop, "shop.payslips", payee=PHONE, hush_amount=CODE)
    preview = ok(lake.get("ria", "/v1/bulk-reviews"))
    shown = {t["table"]: [c["column"] for c in t["columns"]] for t in preview["tables"]}
    assert shown == {PAYSLIPS: ["hush_amount"]}
    body = {"tables": [{"table": t["table"], "seen": t["seen"]} for t in preview["tables"]]}
    told = ok(lake.post("rex", "/v1/bulk-reviews", body))
    assert {t["table"]: t["opened"] for t in told["tables"] if t["opened"]} == shown
    # Sent again it opens nothing: the tables are not as they were seen.
    again = ok(lake.post("rex", "/v1/bulk-reviews", body))
    assert again["columns"] == 0
    assert all(t["refused"] for t in again["tables"])
    assert states(lake) == {"payee": "proposed", "hush_amount": "open"}


def test_of_two_second_people_at_once_one_counts(lake: Lake, shop: Home) -> None:
    found(shop, "shop.payslips", payee=HEALTH)
    ok(lake.post("ria", DECISIONS, on(lake, payee={"action": "mask", "mask": "last4"})))
    body = on(lake, payee="approve")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda who: lake.post(who, DECISIONS, body), ["ria", "ria", "ria", "ria"]))
    # The same person, however often, is no second one.
    assert states(lake)["payee"] == "proposed"
    assert {answer.status_code for answer in answers} <= {200, 409}


def test_what_is_too_much_is_refused(lake: Lake) -> None:
    many = {f"c{number}": "deny" for number in range(1001)}
    assert refused(lake.post("ria", DECISIONS, on(lake, **many)), 422)
    assert refused(lake.post("ria", DECISIONS, on(lake, **{"c" * 129: "deny"})), 422)
    assert refused(lake.post("ria", DECISIONS, on(lake, payee={"action": "deny", "note": "x" * 2001})), 422)
    assert refused(lake.post("ria", DECISIONS, {"seen": "x", "whole": "deny", "note": "x" * 1_100_000}), 413)
    twice = on(lake, payee="deny")
    twice["columns"] *= 2
    assert "named twice" in refused(lake.post("ria", DECISIONS, twice), 400)["detail"]
    assert set(states(lake).values()) == {"pending"}
