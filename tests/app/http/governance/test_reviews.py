"""What waits, what is known of it, and who decided what: for a reviewer, an owner, a bot and everybody else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.tables import find_table
from tests.app.cli.test_review_found import CODE, HEALTH, PHONE, found
from tests.app.http.governance.people import RIA, Lake, lake_of, ok, refused
from tests.app.shop import SECRET_VALUE, Home
from townlake.domain.review import ReviewState

PAYSLIPS = "lake.shop.payslips"


def described(shop: Home, tmp_path: Path, by: str = "ada", **owners: str) -> None:
    tables = [{"name": name, "owner": owner} for name, owner in owners.items()]
    path = tmp_path / "owners.json"
    path.write_text(json.dumps({"tables": tables}), encoding="utf-8")
    shop.ok("ingest", "files", "--schema", "shop", "--describe", str(path), "--as", by)


@pytest.fixture
def owned(shop: Home, tmp_path: Path) -> None:
    described(shop, tmp_path, payslips="support")


def test_the_queue_tells_a_reviewer_what_waits_and_counts_it(lake: Lake, shop: Home) -> None:
    found(shop, "shop.payslips", payee=PHONE, hush_amount=CODE)
    told = ok(lake.get("ria", "/v1/reviews"))
    assert [(t["table"], t["columns"], t["loaded_by"]) for t in told["tables"]] == [(PAYSLIPS, 2, [])]
    assert told["counts"]["columns"] == 2
    assert told["counts"]["by_state"] == {"proposed": 2}
    assert [c["label"] for c in told["tables"][0]["waiting"]] == ["phone", "none.code"]
    for wish, columns in (({"label": "phone"}, 1), ({"tier": 4}, 0), ({"state": "proposed"}, 2), ({"schema": "x"}, 0)):
        assert ok(lake.get("ria", "/v1/reviews", **wish))["counts"]["columns"] == columns


def test_the_queue_goes_on_after_a_cursor(lake: Lake) -> None:
    for table in ("orders", "customers"):
        info = find_table(lake.workspace, f"shop.{table}")
        lake.workspace.reviews.decide(RIA, info, None, ReviewState.PENDING)
    names, cursor = [], None
    for _ in range(4):
        page = ok(lake.get("ria", "/v1/reviews", limit=1, **({"cursor": cursor} if cursor else {})))
        names += [t["table"] for t in page["tables"]]
        assert page["counts"]["tables"] == 3
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(names) == ["lake.shop.customers", "lake.shop.orders", PAYSLIPS]
    assert refused(lake.get("ria", "/v1/reviews", cursor="W10"), 400)["type"].endswith("bad-input")


def test_a_table_shows_evidence_and_no_value(lake: Lake, shop: Home) -> None:
    found(shop, "shop.payslips", payee=HEALTH, hush_amount=CODE)
    answer = lake.get("ria", f"/v1/reviews/{PAYSLIPS}")
    told = ok(answer)
    assert SECRET_VALUE not in answer.text
    assert [c["column"] for c in told["columns"]] == ["payee", "hush_amount"]
    assert told["columns"][0]["needs_two_people"]
    assert told["columns"][0]["evidence"]
    page = ok(lake.get("ria", f"/v1/reviews/{PAYSLIPS}", limit=1))
    assert ([c["column"] for c in page["columns"]], page["seen"], page["next_cursor"]) == (
        ["payee"],
        told["seen"],
        "payee",
    )
    rest = ok(lake.get("ria", f"/v1/reviews/{PAYSLIPS}", limit=1, cursor="payee"))
    assert ([c["column"] for c in rest["columns"]], rest["next_cursor"]) == (["hush_amount"], None)


@pytest.mark.parametrize("path", ["", "/history"])
@pytest.mark.parametrize("who", ["ann", "bob", "namesake", "bot for ann"])
def test_what_is_not_theirs_reads_as_what_is_not_there(lake: Lake, who: str, path: str) -> None:
    there = refused(lake.get(who, f"/v1/reviews/{PAYSLIPS}{path}"), 403)
    assert there == refused(lake.get(who, f"/v1/reviews/lake.shop.nothing{path}"), 403)
    assert refused(lake.get(who, "/v1/reviews"), 403) == there


@pytest.mark.usefixtures("owned")
def test_an_owner_sees_their_own_and_opens_nothing_of_it(lake: Lake) -> None:
    told = ok(lake.get("ann", "/v1/reviews"))
    assert [(t["table"], t["yours"]) for t in told["tables"]] == [(PAYSLIPS, "owns")]
    assert ok(lake.get("ann", f"/v1/reviews/{PAYSLIPS}"))["yours"] == "owns"
    assert refused(lake.get("ann", "/v1/reviews/shop.orders"), 403)
    # A bot of theirs sees it only if it owns it as well.
    assert refused(lake.get("bot for ann", "/v1/reviews"), 403)
    body = {"seen": lake.seen(PAYSLIPS), "whole": "approve"}
    assert refused(lake.post("ann", f"/v1/reviews/{PAYSLIPS}/decisions", body), 403)


def test_a_bot_with_the_scope_reads_and_one_without_does_not(lake: Lake) -> None:
    for who in ("bot", "bot for ria"):
        assert ok(lake.get(who, "/v1/reviews"))["counts"]["tables"] == 1
        assert ok(lake.get(who, f"/v1/reviews/{PAYSLIPS}"))["table"] == PAYSLIPS
        assert ok(lake.get(who, "/v1/bulk-reviews"))["own"] == []
    assert "scope `review`" in refused(lake.get("plain bot", "/v1/reviews"), 403)["detail"]


def test_the_history_tells_who_decided_newest_first(lake: Lake) -> None:
    first = ok(lake.get("ria", "/v1/reviews/shop.orders/history", limit=2))
    assert [c["reviewer"] for c in first["changes"]] == ["ada", "ada"]
    rest = ok(lake.get("ria", "/v1/reviews/shop.orders/history", cursor=first["next_cursor"]))
    assert len(first["changes"]) + len(rest["changes"]) == 5
    of_one = ok(lake.get("ria", "/v1/reviews/shop.orders/history", column="amount"))["changes"]
    assert [(c["column"], c["after"]) for c in of_one] == [("amount", "open")]
    assert refused(lake.get("ria", "/v1/reviews/shop.orders/history", column="nothing"), 404)


def test_where_nobody_is_named_nobody_reviews_over_http(shop: Home) -> None:
    with lake_of(shop, reviewers=frozenset()) as lake:
        told = refused(lake.get("ria", "/v1/reviews"), 403)
        assert "`reviewers`" in told["next"]
        body = {"seen": "f" * 24, "whole": "approve"}
        assert refused(lake.post("ria", f"/v1/reviews/{PAYSLIPS}/decisions", body), 403) == told
        lake.workspace.verified = False
        assert ok(lake.get("ria", "/v1/reviews"))["counts"]["tables"] == 1


def test_a_name_that_can_be_none_is_told(lake: Lake) -> None:
    assert refused(lake.get("ria", "/v1/reviews/x"), 400)
    assert refused(lake.get("ria", f"/v1/reviews/{'x' * 500}"), 422)
