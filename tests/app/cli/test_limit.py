"""`skipper limit`: what a caller may take of a day, by command and by settings."""

from __future__ import annotations

import pytest

from tests.app.shop import Home

STATEMENT = ("sql", "--as", "eve", "--json", "SELECT count(DISTINCT name) FROM shop.customers")
ONE_MB = 1024**2


def test_limits_come_and_go(shop: Home) -> None:
    made = shop.ok("limit", "add", "user:eve", "--day-scan-mb", "5", "--max-seconds", "9", "--json").json
    assert (made["kind"], made["name"]) == ("user", "eve")
    assert made["allowance"]["day_bytes"] == 5 * ONE_MB
    shop.ok("limit", "add", "group:sales", "--day-seconds", "60")
    listed = shop.run("limit", "list", "--json", SKIPPER_SERVICE_DAY_SECONDS="7").json
    dollars = {"day_usd": 20.0}
    assert listed["settings"] == {"user": dollars, "service": dollars | {"day_seconds": 7.0}}
    assert [(each["kind"], each["name"]) for each in listed["own"]] == [("group", "sales"), ("user", "eve")]
    assert "5 MB a day" in shop.ok("limit", "add", "user:eve", "--day-scan-mb", "5").out
    assert "60" in shop.ok("limit", "list").out
    shop.ok("limit", "remove", "user:eve")
    assert shop.run("limit", "remove", "user:eve").code == 1
    assert shop.run("limit", "add", "eve", "--day-seconds", "1").code == 2
    assert shop.run("limit", "add", "user:eve").code == 2
    assert shop.run("limit", "add", "user:eve", "--day-seconds", "-1").code == 2


def test_whoever_has_used_up_a_day_is_told_so(shop: Home) -> None:
    assert shop.run(*STATEMENT, SKIPPER_USER_DAY_SCAN_MB="1").json["decision"] == "allow"
    told = shop.run("limit", "show", "--as", "eve", "--json", SKIPPER_USER_DAY_SCAN_MB="1").json
    assert told == {
        "limits": {"day_bytes": ONE_MB, "day_usd": 20.0},
        "used_percent": {"bytes": 0, "seconds": None, "tokens": None, "dollars": 0},
    }
    shop.ok("limit", "add", "user:eve", "--day-scan-mb", "0")
    done = shop.run(*STATEMENT)
    record = done.json
    assert (done.code, record["decision"], record["error"]["code"]) == (4, "deny", "LIM002")
    assert record["error"]["message"].startswith("eve has used 100 % of the 0 bytes that may be read a day")
    assert "00:00 UTC" in record["error"]["hint"]
    assert "used" in shop.ok("limit", "show", "--as", "eve").out
    shop.ok("limit", "add", "user:eve", "--day-seconds", "0")
    assert shop.run(*STATEMENT).json["error"]["code"] == "LIM003"
    # Whoever the limit is not for is not held by it.
    assert shop.ok("sql", "--as", "ben", "SELECT count(*) FROM shop.customers")


def test_four_eyes_hold_for_limits_unless_the_settings_say_otherwise(shop: Home) -> None:
    for command in (("limit", "add", "user:rob", "--day-seconds", "60"), ("limit", "remove", "user:rob")):
        assert shop.run(*command, "--as", "rob").code == 4
        assert shop.run(*command, "--as", "rob", SKIPPER_FOUR_EYES="false").code == 0


@pytest.mark.parametrize("name", ["SKIPPER_USER_DAY_SCAN_MB", "SKIPPER_SERVICE_DAY_SECONDS"])
def test_a_setting_cannot_be_below_nothing(shop: Home, name: str) -> None:
    assert shop.run("limit", "list", **{name: "-1"}).code != 0


def test_what_models_may_cost_is_limited_for_everybody(shop: Home) -> None:
    assert "20" in shop.ok("limit", "list").out
    assert "0 % of the 20 US dollars" in shop.ok("limit", "show", "--as", "eve").out
    made = shop.ok("limit", "add", "user:eve", "--day-usd", "0.5", "--day-tokens", "90000")
    assert "have models take 90,000 tokens a day, have models cost 0.5 US dollars a day" in made.out
    shown = shop.ok("limit", "show", "--as", "eve").out
    assert "0 % of the 90,000 tokens" in shown
    assert "0 % of the 0.5 US dollars" in shown


def test_whose_budget_is_used_up_asks_no_model(shop: Home) -> None:
    shop.ok("limit", "add", "user:eve", "--day-usd", "0")
    done = shop.run("ask", "who is late with paying?", "--as", "eve", "--json", SKIPPER_MODEL_API_KEY="none")
    told = done.json
    assert (done.code, told["status"], told["limit"], told["model_calls"]) == (6, "failed", "budget", 0)
    assert "eve has used 100 % of the 0 US dollars that models may take a day" in told["summary"]
    assert "00:00 UTC. Ask a reviewer for more" in told["summary"]
    # What needs no model is answered all the same.
    free = shop.run("ask", "order value by region", "--as", "eve", "--json", SKIPPER_MODEL_API_KEY="none")
    assert free.json["status"] == "answered"


def test_a_reviewer_lets_a_statement_run_once(shop: Home) -> None:
    shop.ok("limit", "add", "user:eve", "--day-scan-mb", "0")
    hint = shop.run(*STATEMENT).json["error"]["hint"]
    assert "`skipper approve show 1`" in hint
    assert shop.run("approve", "add", "1", "--as", "eve").code == 4
    assert shop.run("approve", "list", "--as", "eve", SKIPPER_REVIEWERS="rob").code == 4
    assert [each["id"] for each in shop.ok("approve", "list", "--json").json] == [1]
    assert "eve" in shop.ok("approve", "list").out
    shown = shop.ok("approve", "show", "1")
    assert STATEMENT[-1] in shown.out + shown.err
    assert "eve may run it once" in shop.ok("approve", "add", "1", "--as", "rob").out
    done = shop.ok(*STATEMENT).json
    assert [finding["code"] for finding in done["findings"]] == ["LIM004"]
    assert shop.run(*STATEMENT).json["error"]["code"] == "LIM002"
    assert shop.ok("approve", "deny", "2", "--json").json["state"] == "denied"
    assert shop.run("approve", "show", "9").code == 1
    shop.ok("approve", "deny", "1")
    assert "Nothing waits" in shop.ok("approve", "list").err + shop.ok("approve", "list").out


def test_a_question_is_held_by_the_day_and_runs_by_an_approval(shop: Home) -> None:
    question = ("ask", "--as", "eve", "--json", "order value by region")
    assert shop.ok(*question).json["status"] == "answered"
    shop.ok("limit", "add", "user:eve", "--day-scan-mb", "0")
    held = shop.run(*question)
    assert held.code != 0
    assert "eve has used 100 %" in held.said
    assert "skipper approve show 1" in held.said
    assert [each["id"] for each in shop.ok("approve", "list", "--json").json] == [1]
    shop.ok("approve", "add", "1", "--as", "rob")
    assert shop.ok(*question).json["status"] == "answered"
    assert shop.run(*question).code != 0
