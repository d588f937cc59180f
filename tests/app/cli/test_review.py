"""`skipper review`, `grant` and `filter`: whoever decides, by command."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.app.shop import SECRET_VALUE, Home

READ = ("sql", "--as", "eve", "--json", "SELECT payee FROM shop.payslips")


def rows(shop: Home, statement: str, *groups: str) -> list[list[object]] | None:
    given = ("--groups", ",".join(groups)) if groups else ()
    found: list[list[object]] | None = shop.run("sql", "--as", "eve", *given, "--json", statement).json["rows"]
    return found


def test_list_tells_what_waits_and_what_was_asked_for(shop: Home) -> None:
    shop.ok("review", "request", "lake.shop.payslips", "--reason", "year end", "--as", "eve")
    found = shop.ok("review", "list", "--json").json
    assert [(entry["table"]["name"], len(entry["columns"])) for entry in found["queue"]] == [("payslips", 2)]
    assert [(r["table"]["name"], r["subject"], r["reason"]) for r in found["requests"]] == [
        ("payslips", "eve", "year end")
    ]
    words = shop.ok("review", "list").out
    assert "lake.shop.payslips" in words
    assert "year end" in words


def test_show_tells_the_state_of_each_column(shop: Home) -> None:
    found = shop.ok("review", "show", "lake.shop.customers", "--json").json
    assert [(c["column"], c["state"], c["mask"]) for c in found["columns"]] == [
        ("customer_id", "open", None),
        ("name", "open", None),
        ("email", "masked", "redact"),
    ]


def test_approve_opens_to_a_group_only(shop: Home) -> None:
    shop.ok("review", "approve", "lake.shop.payslips", "--unscanned", "--to", "personnel")
    assert rows(shop, "SELECT payee FROM shop.payslips") is None
    assert rows(shop, "SELECT payee FROM shop.payslips", "personnel") == [[SECRET_VALUE]]


def test_approve_to_everyone(shop: Home) -> None:
    made = shop.ok("review", "approve", "lake.shop.payslips", "--unscanned", "--to", "everyone", "--json").json
    assert made == [
        {
            "table": "lake.shop.payslips",
            "columns": ["payee", "hush_amount"],
            "state": "open",
            "states": {"payee": "open", "hush_amount": "open"},
            "waits_for_second": [],
            "granted_to": "everyone",
            "look_personal": [],
        }
    ]
    assert rows(shop, "SELECT payee FROM shop.payslips") == [[SECRET_VALUE]]


def test_approve_warns_of_what_looks_personal_and_still_opens_it(shop: Home) -> None:
    shop.ok("review", "mask", "lake.shop.customers.email")
    assert "personal" not in shop.ok("review", "approve", "lake.shop.orders.region", "--unscanned").out
    words = shop.ok("review", "approve", "lake.shop.customers.email", "--unscanned").out.splitlines()
    assert words == [
        "lake.shop.customers: email now open.",
        "These look personal and are open now. To mask them:",
        "  skipper review mask lake.shop.customers.email",
        "Nobody has scanned these, so nobody knows what they hold. To find out:",
        "  skipper scan lake.shop.customers",
    ]
    assert rows(shop, "SELECT email FROM shop.customers WHERE customer_id = 1") == [["a@shop.example"]]
    made = shop.ok("review", "approve", "lake.shop.customers.email", "--unscanned", "--json").json
    assert made[0]["look_personal"] == ["email"]
    shop.ok(*words[2].split()[1:])
    assert rows(shop, "SELECT email FROM shop.customers WHERE customer_id = 1") == [["[redacted]"]]


def test_mask_and_deny_close_what_was_open(shop: Home) -> None:
    shop.ok("review", "mask", "lake.shop.customers.name", "--with", "redact")
    assert rows(shop, "SELECT DISTINCT name FROM shop.customers") == [["[redacted]"]]
    shop.ok("review", "deny", "lake.shop.customers.name", "--note", "nobody needs it")
    assert rows(shop, "SELECT name FROM shop.customers") is None
    shop.ok("review", "deny", "lake.shop.orders")
    assert rows(shop, "SELECT count(*) FROM shop.orders") is None


def test_history_tells_who_decided_and_why(shop: Home) -> None:
    shop.ok("review", "deny", "lake.shop.customers.name", "--note", "nobody needs it", "--as", "rob")
    last = shop.ok("review", "history", "lake.shop.customers", "--json").json[-1]
    assert (last["column"], last["before"], last["after"], last["reviewer"], last["note"]) == (
        "name",
        "open",
        "denied",
        "rob",
        "nobody needs it",
    )
    assert "nobody needs it" in shop.ok("review", "history", "lake.shop.customers").out


def test_whoever_misses_access_is_told_the_command_that_asks_for_it(shop: Home) -> None:
    shown = shop.ok("tables", "shop.payslips", "--as", "eve").out
    assert "skipper review request" in shown
    assert shop.ok("review", "request", "lake.shop.payslips", "--as", "eve", "--json").json["subject"] == "eve"


def test_reviewers_can_be_named(shop: Home) -> None:
    approve = ("review", "approve", "lake.shop.payslips", "--unscanned", "--to", "everyone")
    for command in (
        approve,
        ("review", "mask", "lake.shop.customers.name"),
        ("review", "deny", "lake.shop.orders"),
        ("grant", "add", "shop", "everyone"),
        ("grant", "remove", "shop.orders", "everyone"),
        ("filter", "add", "shop.orders", "everyone", "--where", "order_id = 1"),
        ("filter", "remove", "1"),
        ("limit", "add", "user:eve", "--day-scan-mb", "1"),
        ("limit", "remove", "user:eve"),
        ("drop", "shop.orders", "--yes"),
    ):
        done = shop.run(*command, "--as", "eve", SKIPPER_REVIEWERS="rob,stewards")
        assert (done.code, done.err.splitlines()[0]) == (4, "eve may not decide who sees what."), command
        assert "Ask one of rob, stewards" in done.err
    assert shop.run(*approve, "--as", "rob", SKIPPER_REVIEWERS="rob,stewards").code == 0
    assert shop.run(*approve, "--as", "eve", "--groups", "stewards", SKIPPER_REVIEWERS="rob,stewards").code == 0


def test_where_reviewers_are_named_nobody_else_sees_what_they_see(shop: Home) -> None:
    shop.ok("review", "request", "shop.payslips", "--reason", "year end", "--as", "eve")
    shop.ok("filter", "add", "shop.payslips", "temps", "--where", "payee = 'x'")
    shop.ok("grant", "add", "shop.payslips", "personnel")
    for command in (
        ("review", "list"),
        ("review", "show", "shop"),
        ("review", "show", "shop.payslips"),
        ("review", "show", "shop.nothing"),
        ("review", "show", "nothing"),
        ("review", "history", "shop.payslips"),
        ("review", "history", "shop.nothing"),
        ("review", "stats"),
        ("review", "incidents"),
        ("review", "incidents", "--all"),
        ("review", "requests"),
        ("grant", "list"),
        ("filter", "list"),
        ("filter", "add", "shop.nothing", "everyone", "--where", "a = 1"),
    ):
        for form in ((), ("--json",)):
            done = shop.run(*command, *form, "--as", "eve", SKIPPER_REVIEWERS="rob,stewards")
            assert done.code == 4, command
            assert "eve may not decide who sees what." in done.said
            assert form or not done.out
            assert "payslips" not in done.said
    assert shop.run("review", "requests", "--mine", "--as", "eve", SKIPPER_REVIEWERS="rob").out.count("year end") == 1
    for who in (("--as", "rob"), ("--as", "eve", "--groups", "stewards")):
        assert "payslips" in shop.run("review", "list", *who, SKIPPER_REVIEWERS="rob,stewards").out
        assert shop.run("review", "show", "shop.nothing", *who, SKIPPER_REVIEWERS="rob,stewards").code == 1
    assert "payslips" in shop.ok("review", "list", "--as", "eve").out


def test_an_owner_sees_what_concerns_their_own_tables(shop: Home, tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    key = {"table": "payslips", "column": "payee", "ref_table": "customers", "ref_column": "email"}
    described = {"tables": [{"name": "payslips", "owner": "eve"}], "foreign_keys": [key]}
    file.write_text(json.dumps(described), encoding="utf-8")
    shop.ok("ingest", "files", "--schema", "shop", "--describe", str(file))
    shop.ok("review", "deny", "shop.orders")
    shop.ok("review", "request", "shop.orders", "--as", "bob")
    shop.ok("review", "request", "shop.payslips", "--as", "bob")
    shop.ok("grant", "add", "shop.payslips", "personnel")
    shop.ok("filter", "add", "shop.orders", "temps", "--where", "order_id = 1")

    def told(*command: str) -> str:
        done = shop.run(*command, "--as", "eve", SKIPPER_REVIEWERS="rob")
        assert done.code == 0, command
        return done.out

    for command in (("review", "list"), ("review", "requests")):
        assert "payslips" in told(*command)
        assert "orders" not in told(*command)
    assert "payee" in told("review", "show", "shop.payslips")
    assert "Comes from" in shop.ok("review", "show", "shop.payslips.payee").out
    assert "Comes from" not in told("review", "show", "shop.payslips.payee"), "it may be anybody's"
    told("review", "history", "shop.payslips")
    told("review", "incidents")
    assert "orders" not in told("filter", "list")
    assert {one["pattern"] for one in json.loads(told("grant", "list", "--json"))} <= {
        "lake.shop.payslips",
        "lake.shop.*",
        "*",
    }
    for command in (("review", "show", "shop.orders"), ("review", "show", "shop"), ("review", "stats")):
        assert shop.run(*command, "--as", "eve", SKIPPER_REVIEWERS="rob").code == 4


def test_a_description_takes_no_table_from_its_owner(shop: Home, tmp_path: Path) -> None:
    def describe(**told: object) -> tuple[str, ...]:
        file = tmp_path / "schema.json"
        file.write_text(json.dumps({"tables": [{"name": "payslips"} | told]}), encoding="utf-8")
        return ("ingest", "files", "--schema", "shop", "--describe", str(file))

    shop.ok(*describe(owner="rob", restricted=True))
    approve = ("review", "approve", "lake.shop.payslips", "--unscanned", "--as", "rob")
    assert shop.run(*approve).code == 4
    for told in ({"owner": "nobody"}, {"restricted": False}):
        done = shop.run(*describe(**told), SKIPPER_USER="rob")
        assert (done.code, done.err.splitlines()[0]) == (4, "rob owns lake.shop.payslips and may not open it.")
        assert shop.run(*describe(**told), SKIPPER_USER="eve", SKIPPER_REVIEWERS="ann").code == 4
    assert shop.run(*describe(comment="Pay."), SKIPPER_USER="rob").code == 0
    assert shop.run(*approve).code == 4
    shop.ok(*describe(owner="ann", restricted=False))
    assert shop.ok("audit", "verify", "--json").json["sound"]
    with closing(sqlite3.connect(shop.path / "state.db")) as state:
        kept = [json.loads(text) for (text,) in state.execute("SELECT entry FROM audit ORDER BY seq")]
    told = next(entry for entry in kept if entry["kind"] == "table.described")
    assert (told["owner"], told["restricted"]) == (["rob", "ann"], [True, False])


def test_a_grant_that_replaces_another_says_so(shop: Home) -> None:
    assert "Before" not in shop.ok("grant", "add", "shop.payslips", "finance", "--unmask").out
    again = shop.ok("grant", "add", "shop.payslips", "finance", "--until", "2099-01-31")
    assert again.out.splitlines() == [
        "finance may read lake.shop.payslips, until 2099-01-31.",
        "Before, it could read lake.shop.payslips, masked columns in the clear.",
    ]
    shop.ok("review", "approve", "lake.shop.payslips", "--unscanned", "--to", "finance")
    kept = next(g for g in shop.ok("grant", "list", "--json").json if g["group"] == "finance")
    assert kept["until"].startswith("2099-02-01")


def test_a_grant_that_has_ended_is_given_again(shop: Home) -> None:
    shop.ok("grant", "add", "shop.payslips", "temps", "--until", "2099-01-31")
    with closing(sqlite3.connect(shop.path / "state.db")) as state, state:
        state.execute("UPDATE grants SET until = replace(until, '2099', '2020') WHERE group_name = 'temps'")
    shop.ok("review", "approve", "lake.shop.payslips", "--unscanned", "--to", "temps")
    assert rows(shop, "SELECT payee FROM shop.payslips", "temps") == [[SECRET_VALUE]]


def test_everything_is_granted_by_a_star_only(shop: Home) -> None:
    done = shop.run("grant", "add", "lake", "finance")
    assert (done.code, "* for all" in done.err) == (2, True)


def test_names_that_are_not_there(shop: Home) -> None:
    for command in (("show",), ("approve",), ("deny",), ("mask",), ("request",), ("history",)):
        done = shop.run("review", *command, "lake.shop.none")
        assert (done.code, done.err.splitlines()[0]) == (1, "There is no table lake.shop.none.")
    assert shop.run("review", "approve", "none", "--unscanned").code == 1
    assert shop.run("review", "mask", "lake.shop.customers.none").code == 1
    assert shop.run("review", "mask", "lake.shop.customers.email", "--with", "paint").code == 2


def test_grants_come_and_go(shop: Home) -> None:
    shop.ok("review", "approve", "lake.shop.payslips", "--unscanned")
    assert rows(shop, "SELECT payee FROM shop.payslips", "personnel") is None
    made = shop.ok("grant", "add", "shop.payslips", "personnel", "--until", "2999-12-31", "--json").json
    assert (made["pattern"], made["group"], made["granted_by"]) == ("lake.shop.payslips", "personnel", "ada")
    assert made["until"].startswith("3000-01-01")
    assert rows(shop, "SELECT payee FROM shop.payslips", "personnel") == [[SECRET_VALUE]]
    assert "personnel" in [grant["group"] for grant in shop.ok("grant", "list", "--json").json]
    shop.ok("grant", "remove", "shop.payslips", "personnel")
    assert rows(shop, "SELECT payee FROM shop.payslips", "personnel") is None
    assert shop.run("grant", "remove", "shop.payslips", "personnel").code == 1


def test_a_grant_that_unmasks(shop: Home) -> None:
    shop.ok("grant", "add", "shop.customers", "support", "--unmask")
    assert rows(shop, "SELECT email FROM shop.customers WHERE customer_id = 1", "support") == [["a@shop.example"]]
    assert rows(shop, "SELECT email FROM shop.customers WHERE customer_id = 1") == [["[redacted]"]]


def test_a_grant_must_end_in_the_future(shop: Home) -> None:
    done = shop.run("grant", "add", "shop.payslips", "personnel", "--until", "2020-01-31")
    assert (done.code, done.err.splitlines()[0]) == (2, "A grant must end in the future.")


def test_filters_come_and_go(shop: Home) -> None:
    count = "SELECT count(*) FROM shop.orders"
    made = shop.ok("filter", "add", "shop.orders", "north", "--where", "region = 'North'", "--json").json
    assert rows(shop, count, "north") == [[2]]
    assert rows(shop, count) == [[5]]
    assert [f["predicate"] for f in shop.ok("filter", "list", "--json").json] == [made["predicate"]]
    assert "some rows" in shop.ok("tables", "--as", "eve", "--groups", "north").out
    shop.ok("filter", "remove", str(made["id"]))
    assert rows(shop, count, "north") == [[5]]
    assert shop.run("filter", "remove", str(made["id"])).code == 1
    assert shop.run("filter", "add", "shop.orders", "north", "--where", "1 = (SELECT 1)").code == 2


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        (
            "shop.custmers",
            "There is no table shop.custmers yet; the grant holds once there is. Did you mean shop.customers",
        ),
        ("shp", "There is no schema shp yet; the grant holds once there is. Did you mean shop?"),
        ("shop", ""),
        ("shop.orders", ""),
    ],
)
def test_a_grant_of_what_is_not_there_says_so(shop: Home, pattern: str, told: str) -> None:
    said = " ".join(shop.ok("grant", "add", pattern, "finance", "--until", "2099-01-31").out.split())
    assert told in said
    assert ("yet" in said) is bool(told)
    assert "until 2099-01-31" in said
    assert "2099-02-01" not in said
