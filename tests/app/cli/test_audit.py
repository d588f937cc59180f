"""`skipper audit`: the record can be read, and by whom."""

from __future__ import annotations

import sqlite3

from tests.app.shop import Home


def kinds(home: Home, *arguments: str) -> list[str]:
    return [entry["kind"] for entry in home.ok("audit", "list", "--json", *arguments).json]


def test_the_newest_entries_are_listed_oldest_first(shop: Home) -> None:
    shop.ok("sql", "SELECT amount FROM shop.orders WHERE region = 'North'", "--as", "eve")
    found = shop.ok("audit", "list", "-n", "2", "--json").json
    assert [(entry["kind"], entry["by"]["subject"]) for entry in found] == [("intent", "eve"), ("outcome", "eve")]
    assert found[0]["query_id"] == found[1]["query_id"]
    said = shop.ok("audit", "list", "-n", "2").out
    assert "reads lake.shop.orders" in said
    assert "status ok, rows 2" in said
    whole = shop.ok("audit", "show", str(found[0]["seq"]))
    assert "WHERE region = ~" in whole.out
    assert "North" not in whole.out + said


def test_entries_are_found_by_person_table_kind_and_statement(shop: Home) -> None:
    shop.ok("sql", "SELECT amount FROM shop.orders", "--as", "eve")
    assert shop.run("sql", "SELECT * FROM shop.payslips", "--as", "kim").code == 4
    shop.ok("grant", "add", "shop", "sales")
    assert kinds(shop, "--user", "kim") == ["refusal"]
    of_orders = kinds(shop, "--about", "shop.orders")
    assert of_orders[-2:] == ["intent", "grant.added"]
    assert "refusal" not in of_orders
    assert "refusal" in kinds(shop, "--about", "shop.payslips", "--user", "kim")
    assert {"review.decided", "grant.added"} <= set(kinds(shop, "--about", "shop.customers"))
    assert set(kinds(shop, "--kind", "grant")) == {"grant.added"}
    query_id = shop.ok("audit", "list", "--user", "eve", "-n", "1", "--json").json[0]["query_id"]
    assert kinds(shop, "--query", query_id) == ["intent", "outcome"]
    assert "No entry is such." in shop.ok("audit", "list", "--user", "nobody").out


def test_a_number_that_no_entry_has(shop: Home) -> None:
    done = shop.run("audit", "show", "99999")
    assert (done.code, "There is no entry 99999." in done.err) == (1, True)


def test_only_reviewers_read_it_where_they_are_named(shop: Home) -> None:
    for arguments in (("list",), ("show", "1")):
        assert shop.run("audit", *arguments, "--as", "eve", SKIPPER_REVIEWERS="ann").code == 4
        assert shop.run("audit", *arguments, "--as", "ann", SKIPPER_REVIEWERS="ann").code == 0


def test_an_entry_that_somebody_changed_is_shown_as_unreadable(shop: Home) -> None:
    entries = (
        '{"seq":1,"by":{}}',
        "[" * 100_000,
        '{"seq":3,"kind":"intent","by":{"subject":[1]}}',
        '{"seq":7,"by":{}}',
    )
    with sqlite3.connect(shop.path / "state.db") as state:
        for seq, entry in enumerate(entries, 1):
            state.execute("UPDATE audit SET entry = ? WHERE seq = ?", (entry, seq))
    found = shop.ok("audit", "list", "-n", "10000", "--json").json
    assert [(each["seq"], each["kind"]) for each in found[:4]] == [(n, "unreadable") for n in range(1, 5)]
    assert "unreadable" in shop.ok("audit", "list", "-n", "10000").out
    for option in (("--about", "shop.orders"), ("--user", "ada"), ("--query", "x")):
        shop.ok("audit", "list", *option)
    assert shop.run("audit", "show", "9" * 20).code == 2
    assert shop.run("audit", "list", "-n", "9" * 20).code == 2
