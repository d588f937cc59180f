"""`skipper ask`: what it prints and how it ends, for each way in which a question can end."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.shop import ORDERS, Done, Home
from tests.support.messages_api import Reply, messages_api

KEYS = {
    "status",
    "path",
    "sql",
    "columns",
    "rows",
    "truncated",
    "summary",
    "tables",
    "findings",
    "assumptions",
    "model_calls",
    "tokens",
    "cost_usd",
    "seconds",
    "run_id",
}


def test_an_answer_holds_every_promised_key(shop: Home) -> None:
    done = shop.run("ask", "sales by region", "--json")
    answer = done.json
    assert done.code == 0
    assert set(answer) >= KEYS
    assert (answer["status"], answer["path"], answer["model_calls"]) == ("answered", "metric", 0)
    assert [set(column) for column in answer["columns"]] == [{"name", "type", "masked"}] * 2
    assert answer["columns"][1]["type"].startswith("decimal(")
    assert answer["rows"] == [["South", "105.25"], ["North", "30.50"], ["West", "7.00"]]
    assert answer["truncated"] is False
    (table,) = answer["tables"]
    assert set(table) == {"table", "snapshot_id", "fresh_at", "owner", "tier", "why"}
    assert table["table"] == "lake.shop.orders"
    assert isinstance(table["snapshot_id"], int)


def test_a_verified_query_answers(shop: Home) -> None:
    answer = shop.ok("ask", "Who ordered the most?", "--json").json
    assert (answer["status"], answer["path"], answer["rows"]) == ("answered", "verified_query", [[3]])


def test_no_rows_are_an_answer(shop: Home) -> None:
    done = shop.run("ask", "sales by region in West in January 2026", "--json")
    assert (done.code, done.json["status"], done.json["rows"]) == (0, "no_rows", [])
    assert done.json["summary"]


def test_a_question_that_nothing_covers_needs_a_model(shop: Home) -> None:
    done = shop.run("ask", "which orders smell of lavender?", "--json")
    assert (done.code, done.json["status"], done.json["rows"]) == (3, "needs_model", None)
    assert "lake.shop.orders" in [table["table"] for table in done.json["tables"]]
    assert "ANTHROPIC_API_KEY" in done.json["summary"]


def test_what_a_word_means_is_asked_back_and_the_reply_is_understood(shop: Home) -> None:
    metric = (shop.path / "knowledge" / "metrics" / "order_value.yaml").read_text(encoding="utf-8")
    other = metric.replace("order_value", "orders").replace("order value", "order count")
    other = other.replace("sum(o.amount)", "count(*)").replace("unit: EUR\n", "")
    (shop.path / "knowledge" / "metrics" / "orders.yaml").write_text(other, encoding="utf-8")
    done = shop.run("ask", "sales by region", "--conversation", "c", "--json")
    assert (done.code, done.json["status"]) == (5, "needs_clarification")
    assert len(done.json["options"]) == 2
    number = 1 + next(n for n, option in enumerate(done.json["options"]) if "count" in option)
    reply = shop.run("ask", str(number), "--conversation", "c", "--json")
    assert (reply.code, reply.json["rows"]) == (0, [["North", 2], ["South", 2], ["West", 1]])


def test_a_closed_table_refuses_and_says_whom_to_ask(shop: Home) -> None:
    shop.ok("review", "deny", "lake.shop.orders")
    done = shop.run("ask", "sales by region", "--json")
    assert (done.code, done.json["status"], done.json["rows"]) == (4, "refused", None)
    assert "skipper review request" in done.out


def test_below_a_row_filter_a_metric_counts_the_rows_that_are_seen_and_says_so(shop: Home) -> None:
    shop.ok("filter", "add", "shop.orders", "everyone", "--where", "region = 'North'")
    answer = shop.ok("ask", "sales by region", "--json").json
    assert answer["rows"] == [["North", "30.50"]]
    assert answer["row_filtered"] == ["lake.shop.orders"]
    assert "You see only some rows" in answer["summary"]


def with_model(shop: Home, *script: Reply, **variables: str) -> Done:
    with messages_api(*script) as api:
        model = {"ANTHROPIC_API_KEY": "sk-none", "ANTHROPIC_BASE_URL": api.url}
        return shop.run("ask", "which orders smell of lavender?", "--json", **(model | variables))


def test_a_model_writes_what_nothing_covers(shop: Home) -> None:
    empty = {"reading": "", "status": "sql", "assumptions": [], "question": "", "options": []}
    draft = empty | {"sql": "SELECT order_id FROM shop.orders WHERE region = 'West'"}
    done = with_model(shop, Reply(text=json.dumps(draft)))
    assert done.code == 0, done.said
    assert (done.json["path"], done.json["rows"], done.json["model_calls"]) == ("model", [[5]], 1)
    assert done.json["tokens"]["output"] > 0
    assert done.json["cost_usd"] > 0


def test_a_key_that_is_not_accepted_is_named(shop: Home) -> None:
    done = with_model(shop, Reply(status=401, kind="authentication_error"))
    assert (done.code, done.json["status"]) == (3, "needs_model")
    assert "does not accept the key. Check ANTHROPIC_API_KEY" in done.json["summary"]
    assert "sk-none" not in done.said


def test_a_budget_that_ran_out_is_a_limit(shop: Home) -> None:
    empty = {"reading": "", "status": "sql", "assumptions": [], "question": "", "options": []}
    wrong = Reply(text=json.dumps(empty | {"sql": "SELECT scent FROM shop.orders"}))
    done = with_model(shop, wrong, SKIPPER_BUDGET_CALLS="1")
    assert (done.code, done.json["status"], done.json["limit"]) == (6, "failed", "calls")
    assert "SKIPPER_BUDGET_CALLS" in done.json["summary"]


@pytest.mark.parametrize("key", [None, "sk-anthropic"])
def test_a_model_of_another_provider_names_its_own_package_and_key(shop: Home, key: str | None) -> None:
    lavender = "which orders smell of lavender?"
    done = shop.run("ask", lavender, "--model", "gpt-4o", "--json", ANTHROPIC_API_KEY=key, OPENAI_API_KEY=None)
    assert (done.code, done.json["status"]) == (3, "needs_model")
    assert "Install langchain-openai and set OPENAI_API_KEY" in done.json["summary"]
    assert "ANTHROPIC" not in done.said


def test_a_package_that_is_missing_is_named(shop: Home) -> None:
    done = shop.run("ask", "sales by region", "--model", "gpt-4o", OPENAI_API_KEY="sk-none", ANTHROPIC_API_KEY=None)
    assert done.code == 2
    assert "needs the package langchain-openai, which is not installed" in done.err


def test_a_conversation_on_standard_input(shop: Home) -> None:
    done = shop.run("ask", "--json", stdin="sales by region\nonly North\n\n")
    first, second = done.lines
    assert done.code == 0
    assert first["conversation"] == second["conversation"]
    assert second["rows"] == [["North", "30.50"]]


def test_in_a_conversation_a_failure_is_not_the_end(shop: Home) -> None:
    done = shop.run("ask", "--json", stdin=b"\xff\xfe\x00\nsales by region\n")
    first, second = done.lines
    assert first["error"]["message"] == "This is not text."
    assert (done.code, second["status"]) == (0, "answered")


def test_a_name_of_ones_own_begins_a_conversation_and_says_so(shop: Home) -> None:
    first = shop.ok("ask", "sales by region", "--conversation", "sales")
    assert "There was no conversation 'sales' of yours yet" in first.err
    second = shop.ok("ask", "only North", "--conversation", "sales")
    assert second.err == ""
    assert "There was no conversation 'sales'" in shop.run("ask", "sales", "--conversation", "sales", "--as", "eve").err


def test_an_id_that_does_not_exist_is_a_mistake(shop: Home) -> None:
    done = shop.run("ask", "only North", "--conversation", "0123456789ab", "--json")
    assert (done.code, done.json["error"]["kind"]) == (1, "NotFound")
    begun = shop.run("ask", "--json", stdin="sales by region\n").lines[0]["conversation"]
    assert shop.ok("ask", "only North", "--conversation", begun, "--json").json["rows"] == [["North", "30.50"]]


def test_a_name_that_cannot_be_one_begins_nothing(shop: Home) -> None:
    done = shop.run("ask", "sales", "--conversation", "a name")
    assert (done.code, done.err.count("\n")) == (2, 2)
    assert "cannot be the name of a conversation" in done.err


def test_a_day_is_told_in_the_form_that_is_read(shop: Home) -> None:
    done = shop.run("ask", "sales", "--as-of", "yesterday")
    assert done.code == 2
    assert "'yesterday' is no day. Write it as 2026-03-31." in " ".join(done.err.replace("│", " ").split())
    assert shop.ok("ask", "sales this month", "--as-of", "2026-02-20", "--json").json["rows"] == [["25.25"]]


def test_a_rerun_gives_the_same_rows_after_the_table_moved_on(shop: Home, tmp_path: Path) -> None:
    before = shop.ok("ask", "sales by region", "--json").json
    more = tmp_path / "orders.csv"
    more.write_text(ORDERS.splitlines()[0] + "\n6,1,North,1000.00,2026-03-03\n", encoding="utf-8")
    shop.ok("ingest", "files", str(more), "--schema", "shop")
    now = shop.ok("ask", "sales by region", "--json").json
    again = shop.ok("ask", "--rerun", before["run_id"], "--json").json
    assert now["rows"] != before["rows"]
    assert (again["rows"], again["columns"], again["sql"]) == (before["rows"], before["columns"], before["sql"])
    assert again["tables"][0]["snapshot_id"] == before["tables"][0]["snapshot_id"]


def test_a_run_of_somebody_else_is_not_there(shop: Home) -> None:
    run_id = shop.ok("ask", "sales by region", "--json").json["run_id"]
    done = shop.run("ask", "--rerun", run_id, "--as", "eve")
    assert done.code == 1
    assert "There is no run" in done.err


def test_tidying_forgets_what_nobody_went_on_with(shop: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with_model(shop, Reply(status=401, kind="authentication_error"))
    assert "Unfinished questions forgotten: 0" in shop.ok("doctor", "--tidy").out
    monkeypatch.setattr("agents.ask.checkpoints.KEPT", timedelta(0))
    assert "Unfinished questions forgotten: 1" in shop.ok("doctor", "--tidy").out
    assert "Unfinished questions forgotten: 0" in shop.ok("doctor", "--tidy").out


def test_a_damaged_file_of_unfinished_questions_may_be_deleted(shop: Home) -> None:
    path = shop.path / "checkpoints.db"
    path.write_bytes(b"this is no database" * 100)
    done = shop.run("doctor", "--json")
    (fault,) = [check for check in done.json if check["level"] == "fail"]
    assert (done.code, fault["part"], fault["state"]) == (1, "unfinished questions", "checkpoints.db is damaged")
    assert f"delete {path}" in fault["advice"]


def test_what_has_nothing_to_do_with_the_lake_is_said_so(shop: Home) -> None:
    done = shop.run("ask", "recipe for pancakes")
    said = " ".join(done.said.split())
    assert (done.code, "Nothing in the lake seems to be about it." in said) == (3, True)
    assert "It seems to be about" not in said
