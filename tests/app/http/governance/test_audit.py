"""Who asked what, what was read, and why it was allowed: for a reviewer all of it, for others their own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.app.http.governance.people import Lake, ok, refused
from townlake.governance.audit_entries import Wanted, older_entries
from townlake.governance.tables import AUDIT

SQL = "SELECT count(*) FROM shop.orders WHERE region = 'North'"


def run(lake: Lake, who: str) -> str:
    return str(ok(lake.post(who, "/v1/sql", {"sql": SQL}))["query_id"])


def entries(lake: Lake, who: str, **wish: Any) -> list[dict[str, Any]]:
    """All of them, page by page."""
    found, cursor = [], None
    while True:
        page = ok(lake.get(who, "/v1/audit", **wish, **({"cursor": cursor} if cursor else {})))
        found += page["entries"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_the_words_of_a_question_are_told_to_whoever_asked_it(lake: Lake) -> None:
    # Within it the server works on runs.
    with lake.http:
        ok(lake.post("ann", "/v1/runs", {"question": "order value by region"}), 201)
    assert {e["question"] for e in entries(lake, "ann") if e["run_id"]} == {"order value by region"}
    assert {e["question"] for e in entries(lake, "ria") if e["run_id"]} == {""}


def test_everybody_sees_what_they_did_and_had_done(lake: Lake) -> None:
    mine, bots, others = run(lake, "ann"), run(lake, "bot for ann"), run(lake, "bob")
    run(lake, "namesake")
    assert {e["query_id"] for e in entries(lake, "ann")} == {mine, bots}
    assert {e["query_id"] for e in entries(lake, "bot for ann")} == {bots}
    assert entries(lake, "bot for ria") != []  # both review
    assert entries(lake, "ann", user="bob") == entries(lake, "ann", query_id=others) == []
    assert all(not e["details"] for e in entries(lake, "ann"))
    by = {e["query_id"]: e["subject"] for e in entries(lake, "ria", kind="intent")}
    assert by[others] == "bob"


def test_a_statement_tells_what_was_read_and_why(lake: Lake) -> None:
    query = run(lake, "ann")
    told = ok(lake.get("ann", f"/v1/audit/statements/{query}"))
    assert [e["kind"] for e in told["entries"]] == ["intent", "outcome"]
    assert told["entries"][0]["reads"] == ["lake.shop.orders"]
    assert told["entries"][1]["status"] == "ok"
    assert told["because"] == []
    assert told["now"] == [{"table": "lake.shop.orders", "readable": True, "why": "Granted to everyone."}]
    assert "North" not in str(told)
    full = ok(lake.get("ria", f"/v1/audit/statements/{query}"))
    assert {e["kind"] for e in full["because"]} == {"review.decided", "grant.added"}
    assert full["entries"][0]["details"]["policy"]
    foreign = refused(lake.get("bob", f"/v1/audit/statements/{query}"), 404)
    assert foreign == refused(lake.get("bob", "/v1/audit/statements/0123456789abcdef"), 404)


def test_pages_go_on_to_the_beginning(lake: Lake) -> None:
    run(lake, "ann")
    every = entries(lake, "ria", limit=500)
    assert [e["seq"] for e in every] == list(range(len(every), 0, -1))
    assert entries(lake, "ria", limit=3) == every
    of_orders = entries(lake, "ria", table="shop.orders", kind="grant")
    assert [(e["kind"], e["table"]) for e in of_orders] == [("grant.added", "lake.shop.orders")]


def test_a_time_narrows_and_what_is_older_is_not_looked_through(lake: Lake) -> None:
    first, second = run(lake, "ann"), run(lake, "ann")
    at = {e["query_id"]: e["at"] for e in entries(lake, "ria", kind="intent", user="ann")}
    assert {e["query_id"] for e in entries(lake, "ria", kind="intent", since=at[second])} == {second}
    assert {e["query_id"] for e in entries(lake, "ria", user="ann", kind="intent", until=at[second])} == {first}
    tomorrow = datetime.fromisoformat(at[second]) + timedelta(days=2)
    assert entries(lake, "ria", since=tomorrow.isoformat()) == []
    assert older_entries(lake.workspace.state, Wanted(since=tomorrow), None, 10, reads=2).before is None
    assert older_entries(lake.workspace.state, Wanted(until=tomorrow, kind="none"), None, 10, reads=2).before
    refused(lake.get("ria", "/v1/audit", since="2026-01-01T00:00:00"), 422)


def test_a_look_goes_through_a_bounded_part(lake: Lake) -> None:
    for wanted in (Wanted(user="nobody"), Wanted(user="ada"), Wanted(kind="grant")):
        page = older_entries(lake.workspace.state, wanted, None, 500, reads=2)
        assert page.before is not None
        found, before = list(page.entries), page.before
        while before is not None:
            page = older_entries(lake.workspace.state, wanted, before, 500, reads=2)
            found, before = [*found, *page.entries], page.before
        assert tuple(found[::-1]) == lake.workspace.audit.entries(wanted, 500)


def test_the_chain_is_proved_or_its_break_told(lake: Lake) -> None:
    assert ok(lake.get("bot", "/v1/audit/chain"))["last"] is None
    report = ok(lake.post("ria", "/v1/audit/chain", {}))
    assert (report["sound"], report["unfinished"]) == (True, 0)
    state = ok(lake.get("ria", "/v1/audit/chain"))
    assert (state["head"], state["last"]) == (report["head"], report)
    assert ok(lake.post("ria", "/v1/audit/chain", {"head": report["head"]}))["sound"]
    assert refused(lake.post("ria", "/v1/audit/chain", {"head": "x"}), 400)
    with lake.workspace.state.begin() as connection:
        connection.execute(sa.update(AUDIT).where(AUDIT.c.seq == 2).values(entry='{"seq": 2}'))
    assert not ok(lake.post("ria", "/v1/audit/chain", {}))["sound"]
    # What cannot be read is told as such, and nothing fails.
    assert entries(lake, "ria")[-2]["kind"] == "unreadable"
    for who in ("ann", "bob", "namesake"):
        assert refused(lake.get(who, "/v1/audit/chain"), 403)
        assert refused(lake.post(who, "/v1/audit/chain", {}), 403)


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIl0", "WzFdXQ", "!" * 900])
def test_what_is_no_cursor_is_told(lake: Lake, cursor: str) -> None:
    assert refused(lake.get("ria", "/v1/audit", cursor=cursor), 400)
