"""Grants, row filters, limits, approvals and rights over HTTP."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.app.http.governance.people import ANN, FOR_ANN, Lake, lake_of, ok, refused
from tests.app.http.governance.test_reviews import PAYSLIPS, owned
from tests.app.shop import Home
from townlake.domain.principal import Principal

assert owned
ORDERS = "lake.shop.orders"
STATEMENT = "SELECT sum(amount) FROM shop.orders WHERE region = 'North'"
ELSE = ["ann", "bob", "bot", "bot for ria", "namesake", "plain bot"]


def test_a_grant_lets_in_and_is_taken_back(lake: Lake) -> None:
    wish = {"tables": PAYSLIPS, "group": "support", "until": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
    made = ok(lake.post("ria", "/v1/grants", wish), 201)
    assert (made["grant"]["tables"], made["grant"]["holds"], made["before"], made["note"]) == (PAYSLIPS, True, None, "")
    again = ok(lake.post("rex", "/v1/grants", wish | {"until": None}), 201)
    assert (again["before"]["id"], again["grant"]["granted_by"]) == (made["grant"]["id"], "rex")
    found = ok(lake.get("ria", "/v1/grants", table=PAYSLIPS))["grants"]
    assert [g["id"] for g in found] == [again["grant"]["id"]]
    ok(lake.delete("ria", f"/v1/grants/{again['grant']['id']}"))
    assert ok(lake.get("ria", "/v1/grants", table=PAYSLIPS))["grants"] == []
    assert refused(lake.delete("ria", f"/v1/grants/{again['grant']['id']}"), 404)
    assert "no table" in ok(lake.post("ria", "/v1/grants", {"tables": "shop.ordrs", "group": "x"}), 201)["note"]


def test_sent_again_it_is_done_once(lake: Lake) -> None:
    wish, key = {"tables": PAYSLIPS, "group": "support"}, {"idempotency-key": "g-1"}
    first = lake.post("ria", "/v1/grants", wish, key)
    ok(lake.delete("rex", f"/v1/grants/{ok(first, 201)['grant']['id']}"))
    again = lake.post("ria", "/v1/grants", wish, key)
    assert ok(again, 201) == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert ok(lake.get("ria", "/v1/grants", table=PAYSLIPS))["grants"] == []
    other = refused(lake.post("ria", "/v1/grants", wish | {"group": "sales"}, key), 422)
    assert other["type"].endswith("key-used-before")
    # Another caller's key is another one, and what failed can be sent again.
    assert "idempotent-replayed" not in lake.post("rex", "/v1/grants", wish, key).headers
    wrong = {"tables": "a.b.c.d", "group": "x"}
    for _ in range(2):
        assert refused(lake.post("ria", "/v1/grants", wrong, {"idempotency-key": "g-2"}), 400)


def test_sent_at_once_with_one_key_it_is_done_once(lake: Lake) -> None:
    wish, key = {"tables": PAYSLIPS, "group": "support"}, {"idempotency-key": "g-1"}
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: lake.post("ria", "/v1/grants", wish, key).status_code, range(8)))
    assert set(codes) <= {201, 409}
    assert ok(lake.post("ria", "/v1/grants", wish, key), 201)["before"] is None
    made = ok(lake.get("ria", "/v1/audit", kind="grant", table=PAYSLIPS))["entries"]
    assert [entry["kind"] for entry in made] == ["grant.added"]


def test_what_a_dead_server_left_open_is_not_done_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise MemoryError

    wish, key = {"tables": PAYSLIPS, "group": "support"}, {"idempotency-key": "g-1"}
    with monkeypatch.context() as patch:
        patch.setattr(lake.workspace.grants, "add", die)
        assert lake.post("ria", "/v1/grants", wish, key).status_code == 500
    assert refused(lake.post("ria", "/v1/grants", wish, key), 409)["type"].endswith("conflict")
    assert ok(lake.get("ria", "/v1/grants", table=PAYSLIPS))["grants"] == []


@pytest.mark.usefixtures("owned")
def test_an_owner_sees_grants_of_their_own_tables(lake: Lake) -> None:
    ok(lake.post("ria", "/v1/grants", {"tables": PAYSLIPS, "group": "audit"}), 201)
    ok(lake.post("ria", "/v1/row-filters", {"table": PAYSLIPS, "group": "x", "where": "hush_amount > 1"}), 201)
    assert [g["tables"] for g in ok(lake.get("ann", "/v1/grants"))["grants"]] == [PAYSLIPS]
    assert [f["table"] for f in ok(lake.get("ann", "/v1/row-filters"))["row_filters"]] == [PAYSLIPS]
    assert len(ok(lake.get("ria", "/v1/grants"))["grants"]) == 3
    assert ok(lake.get("ria", "/v1/grants", mine=True))["grants"] == []
    foreign = refused(lake.get("ann", "/v1/grants", table="shop.orders"), 403)
    assert foreign == refused(lake.get("ann", "/v1/grants", table="shop.nothing"), 403)
    assert refused(lake.get("bot for ann", "/v1/grants"), 403)


def test_who_shows_masked_columns_of_their_own_is_refused(shop: Home, lake: Lake, owned: None) -> None:
    wish = {"tables": PAYSLIPS, "group": "audit", "unmask": True}
    with lake_of(shop, reviewers=frozenset({"support", "stewards"})) as own:
        assert "owns" in refused(own.post("ann", "/v1/grants", wish), 403)["detail"]
        assert ok(own.post("ria", "/v1/grants", wish), 201)["grant"]["unmask"]


def test_a_filter_narrows_until_it_is_taken_away(lake: Lake) -> None:
    wish = {"table": ORDERS, "group": "everyone", "where": "region = 'North'"}
    made = ok(lake.post("ria", "/v1/row-filters", wish), 201)
    assert ok(lake.post("ann", "/v1/sql", {"sql": "SELECT count(*) FROM shop.orders"}))["rows"] == [[2]]
    assert refused(lake.post("ria", "/v1/row-filters", wish | {"where": "nothing = 1"}), 400)
    ok(lake.delete("ria", f"/v1/row-filters/{made['id']}"))
    assert ok(lake.post("ann", "/v1/sql", {"sql": "SELECT count(*) FROM shop.orders"}))["rows"] == [[5]]


def test_limits_are_given_to_others(lake: Lake) -> None:
    wish = {"who": "user:ann", "limits": {"seconds": 5.0}}
    assert ok(lake.post("ria", "/v1/limits", wish), 201)["set_by"] == "ria"
    assert [g["who"] for g in ok(lake.get("bot", "/v1/limits"))["given"]] == ["user:ann"]
    for own in ("user:ria", "group:stewards", "group:everyone"):
        assert refused(lake.post("ria", "/v1/limits", wish | {"who": own}), 403)
    for figures in ({}, {"seconds": -1}, {"day_bytes": 10**400}, {"day_bytes": 2**61}):
        assert lake.post("ria", "/v1/limits", wish | {"limits": figures}).status_code in (400, 422)
    ok(lake.http.delete("/v1/limits", params={"who": "user:ann"}, headers={"x-verified-as": "rex"}))
    assert ok(lake.get("ria", "/v1/limits"))["given"] == []


@pytest.mark.parametrize("who", ELSE)
def test_nobody_else_changes_anything(lake: Lake, who: str) -> None:
    filters = {"table": ORDERS, "group": "x", "where": "amount > 1"}
    before = lake.workspace.policy.version()
    assert refused(lake.post(who, "/v1/grants", {"tables": "*", "group": "everyone"}), 403)
    assert refused(lake.delete(who, "/v1/grants/1"), 403) == refused(lake.delete(who, "/v1/grants/999"), 403)
    assert refused(lake.post(who, "/v1/row-filters", filters), 403)
    assert refused(lake.post(who, "/v1/row-filters", filters | {"table": "shop.nothing"}), 403)
    assert refused(lake.delete(who, "/v1/row-filters/1"), 403)
    assert refused(lake.post(who, "/v1/limits", {"who": "user:x", "limits": {"seconds": 1}}), 403)
    assert refused(lake.http.delete("/v1/limits?who=user:x", headers={"x-verified-as": who}), 403)
    assert refused(lake.post(who, "/v1/approvals/1/decision", {"verdict": "approve"}), 403)
    assert refused(lake.post(who, "/v1/incidents/1/close", {"word": "x"}), 403)
    assert lake.workspace.policy.version() == before


def waiting(lake: Lake, caller: Principal = ANN) -> int:
    """A statement that is over a limit, and waits."""
    verdict = lake.workspace.lake.check(STATEMENT, caller)
    asked = lake.workspace.approvals.ask(verdict, ["LIM001"], 1000)
    assert asked is not None
    return asked.id


def test_a_statement_waits_for_another_person(lake: Lake) -> None:
    number = waiting(lake)
    page = ok(lake.get("ann", f"/v1/approvals/{number}"))
    assert (page["statement"], page["state"], page["asked_by"]) == (STATEMENT, "asked", "ann")
    assert (page["reviewers"], page["yours"]) == (["stewards"], "")
    assert [a["id"] for a in ok(lake.get("ria", "/v1/approvals"))["approvals"]] == [number]
    # A reviewer's bot that has no scope of reviews is shown nothing of others, either.
    for who in ("bob", "namesake", "bot for ann", "plain bot"):
        assert ok(lake.get(who, "/v1/approvals"))["approvals"] == []
        missing = refused(lake.get(who, "/v1/approvals/999"), 404)
        told = refused(lake.get(who, f"/v1/approvals/{number}"), 404)
        assert {**told, "detail": told["detail"].replace(str(number), "999")} == missing
    decision = {"verdict": "approve", "runs": 2, "seconds": 5}
    given = ok(lake.post("ria", f"/v1/approvals/{number}/decision", decision))
    assert (given["state"], given["runs_left"], given["limits"]["seconds"]) == ("approved", 2, 5)
    assert "decided already" in refused(lake.post("rex", f"/v1/approvals/{number}/decision", decision), 400)["detail"]
    assert ok(lake.post("rex", f"/v1/approvals/{number}/decision", {"verdict": "deny"}))["state"] == "denied"


def test_nobody_approves_what_they_or_their_bot_asked_for(lake: Lake) -> None:
    by_ria = FOR_ANN.model_copy(update={"on_behalf_of": "ria"})
    number = waiting(lake, by_ria)
    seen = {who: ok(lake.get(who, f"/v1/approvals/{number}"))["yours"] for who in ("ria", "rex")}
    assert seen == {"ria": "asked", "rex": ""}
    told = refused(lake.post("ria", f"/v1/approvals/{number}/decision", {"verdict": "approve"}), 403)
    assert "asked for themselves" in told["detail"]
    assert ok(lake.post("rex", f"/v1/approvals/{number}/decision", {"verdict": "approve"}))["state"] == "approved"


def test_everybody_knows_what_they_may_read_and_why(lake: Lake) -> None:
    told = ok(lake.get("ann", "/v1/access"))
    assert (told["subject"], told["groups"], told["reviews"], told["decides"]) == ("ann", ["support"], False, False)
    by_name = {t["table"]: t for t in told["tables"]}
    assert by_name["lake.shop.customers"]["masked"] == {"email": "redact"}
    assert by_name["lake.shop.customers"]["open"] == 2
    assert by_name[ORDERS]["why"] == "Granted to everyone."
    assert (by_name[PAYSLIPS]["readable"], by_name[PAYSLIPS]["open"]) == (False, 0)
    assert "review request" in by_name[PAYSLIPS]["ask"]
    assert [t["table"] for t in ok(lake.get("ann", "/v1/access", readable=False))["tables"]] == [PAYSLIPS]
    page = ok(lake.get("ann", "/v1/access", limit=2))
    assert len(ok(lake.get("ann", "/v1/access", cursor=page["next_cursor"]))["tables"]) == 1
    assert not told["owns"]
    for who, reviews, decides in (("ria", True, True), ("bot", True, False), ("bot for ria", True, False)):
        told = ok(lake.get(who, "/v1/access"))
        assert (told["reviews"], told["decides"]) == (reviews, decides)


def test_a_right_tells_when_it_ends(lake: Lake) -> None:
    def until(who: str, table: str) -> str | None:
        return next(t["until"] for t in ok(lake.get(who, "/v1/access"))["tables"] if t["table"] == table)

    ends = ("2099-01-01T00:00:00Z", "2099-02-01T00:00:00Z")
    assert until("ann", ORDERS) is None
    (all_of_it,) = ok(lake.get("ria", "/v1/grants", table=ORDERS))["grants"]
    ok(lake.delete("ria", f"/v1/grants/{all_of_it['id']}"))
    assert until("ann", ORDERS) is None
    ok(lake.post("ria", "/v1/grants", {"tables": ORDERS, "group": "support", "until": ends[1]}), 201)
    ok(lake.post("ria", "/v1/grants", {"tables": "lake.shop.*", "group": "support", "until": ends[0]}), 201)
    assert (until("ann", ORDERS), until("bob", ORDERS)) == (ends[1], None)
    ok(lake.post("ria", "/v1/grants", {"tables": "*", "group": "stewards", "until": ends[0]}), 201)
    assert until("bot for ann", ORDERS) == ends[0]


def test_an_owner_is_told_that_they_own_a_table(shop: Home, lake: Lake, owned: None) -> None:
    told = {who: ok(lake.get(who, "/v1/access"))["owns"] for who in ("ann", "bob", "ria")}
    assert told == {"ann": True, "bob": False, "ria": False}


def test_figures_are_for_reviewers(lake: Lake) -> None:
    told = ok(lake.get("ria", "/v1/review-stats"))
    assert (told["waiting"], told["stats"]["decisions"]) == (2, 8)
    assert refused(lake.get("ann", "/v1/review-stats"), 403)


def test_what_is_taken_away_twice_hits_nothing_else(lake: Lake) -> None:
    wish = {"table": ORDERS, "group": "x", "where": "amount > 1"}
    for path, first, second in (
        ("/v1/grants", {"tables": PAYSLIPS, "group": "a"}, {"tables": PAYSLIPS, "group": "b"}),
        ("/v1/row-filters", wish, wish | {"group": "y"}),
    ):
        made = ok(lake.post("ria", path, first), 201)
        number = made["grant"]["id"] if "grant" in made else made["id"]
        ok(lake.delete("ria", f"{path}/{number}"))
        ok(lake.post("rex", path, second), 201)
        assert refused(lake.delete("ria", f"{path}/{number}"), 404)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_what_no_database_keeps_is_refused(lake: Lake, text: str) -> None:
    grant = {"tables": PAYSLIPS, "group": text}
    filters = {"table": ORDERS, "group": "x", "where": f"region = '{text}'"}
    asked = {"table": PAYSLIPS, "reason": text}
    for path, body in (("/v1/grants", grant), ("/v1/row-filters", filters), ("/v1/access-requests", asked)):
        answer = lake.http.post(path, content=json.dumps(body), headers={"x-verified-as": "ria"})
        assert answer.status_code in (400, 422), answer.text
