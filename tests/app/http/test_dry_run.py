"""A dry run: the statement and what it would take, and nothing of it runs."""

from __future__ import annotations

from typing import Any

from tests.app.http.served import serving
from tests.app.shop import Home


def test_a_dry_run_plans_and_reads_nothing(shop: Home) -> None:
    with serving(shop) as served:
        found = served.ask(mode="dry_run")
        run, answer = found["run"], found["answer"]
        assert (run["status"], answer["rows"]) == ("drafted", None)
        plan = run["plan"]
        assert answer["plan"] == plan
        assert (plan["may_run"], plan["needs_approval"], plan["approval"]) == (True, False, None)
        assert [read["table"]["name"] for read in plan["reads"]] == ["orders"]
        assert plan["bytes"] == plan["reads"][0]["bytes"] > 0
        assert served.http.get(f"/v1/runs/{run['run_id']}").json()["plan"] == plan
        assert served.ask(mode="sql_only")["run"]["plan"] is None
    assert run["run_id"] not in shop.ok("audit", "list", "--kind", "intent", "--json").out


def test_over_a_limit_the_approval_that_would_be_needed_is_told_and_not_asked_for(shop: Home) -> None:
    shop.ok("limit", "add", "user:eve", "--day-scan-mb", "0")
    with serving(shop, SKIPPER_USER="eve") as served:
        found = served.ask(mode="dry_run")
        run: dict[str, Any] = found["run"]
        assert (run["status"], run["approval"]) == ("drafted", None)
        assert (run["plan"]["may_run"], run["plan"]["needs_approval"]) == (False, True)
        assert [each["code"] for each in found["answer"]["findings"]] == ["LIM002"]
        assert shop.ok("approve", "list", "--as", "rob", "--json").json == []
        waits = served.ask()["run"]
        assert (waits["status"], waits["approval"]) == ("needs_approval", 1)
        # Also with a request that waits, a dry run waits for nothing.
        assert served.ask(mode="dry_run")["run"]["status"] == "drafted"
