"""`skipper sql`: one statement, and a batch of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.app.shop import SECRET_COLUMN, SECRET_VALUE, Home

LINE = {"id", "decision", "stage", "columns", "rows", "truncated", "error", "findings", "seconds"}


def batch(shop: Home, tmp_path: Path, *lines: object, **environment: str) -> list[dict[str, object]]:
    file = tmp_path / "in.jsonl"
    file.write_bytes(b"\n".join(x if isinstance(x, bytes) else json.dumps(x).encode() for x in lines))
    done = shop.run("sql", "--as", "eve", "--batch", str(file), **environment)
    assert done.code == 0
    assert done.err.startswith(f"{len(done.lines)} line")
    return done.lines


def test_rows_with_their_types_and_masks(shop: Home) -> None:
    done = shop.ok("sql", "--as", "eve", "--json", "SELECT name, email FROM shop.customers ORDER BY customer_id")
    record = done.json
    assert (record["decision"], record["stage"], record["error"]) == ("allow", "engine", None)
    assert record["columns"] == [
        {"name": "name", "type": "varchar", "masked": False},
        {"name": "email", "type": "varchar", "masked": True},
    ]
    assert record["rows"] == [["Ann", "[redacted]"], ["Bob", "[redacted]"], [None, "[redacted]"]]


def test_groups_open_what_is_granted_to_them(shop: Home) -> None:
    shop.ok("review", "approve", "lake.shop.payslips", "--unscanned", "--to", "personnel")
    statement = ("sql", "--as", "eve", "--json", "SELECT payee FROM shop.payslips")
    assert shop.run(*statement).code == 4
    assert shop.run(*statement, "--groups", "sales, personnel").json["rows"] == [[SECRET_VALUE]]


@pytest.mark.parametrize(
    ("statement", "decision", "stage", "code", "exit_code"),
    [
        ("SELECT count(*) FROM shop.orders", "allow", "engine", None, 0),
        ("DELETE FROM shop.orders", "deny", "guard", "SQL012", 4),
        (f"SELECT {SECRET_COLUMN} FROM shop.payslips", "deny", "guard", "NAM001", 4),
        ("SELECT CAST(name AS bigint) FROM shop.customers", "error", "engine", "INVALID_CAST_ARGUMENT", 1),
    ],
)
def test_each_decision(shop: Home, statement: str, decision: str, stage: str, code: str | None, exit_code: int) -> None:
    done = shop.run("sql", "--as", "eve", "--json", statement)
    record = done.json
    assert (record["decision"], record["stage"], done.code) == (decision, stage, exit_code)
    assert (record["error"] or {}).get("code") == code
    assert SECRET_VALUE not in done.said


@pytest.mark.parametrize(
    ("value", "written"), [("North", "'North'"), ("a@shop.example", "'a@shop.example'"), ("Zürich", "'Zürich'")]
)
def test_a_text_in_double_quotes_is_told_how_to_be_one(shop: Home, value: str, written: str) -> None:
    done = shop.run("sql", f'SELECT count(*) FROM shop.orders WHERE region = "{value}"', "--json")
    (finding,) = done.json["findings"]
    assert (done.code, finding["hint"].endswith(f"a text stands in single quotes: {written}.")) == (4, True)
    unquoted = shop.run("sql", "SELECT count(*) FROM shop.orders WHERE region = North", "--json").json
    assert "single quotes" not in unquoted["findings"][0]["hint"]


def test_a_limit_ends_a_statement(shop: Home) -> None:
    endless = "SELECT count(*) FROM " + ", ".join(f"UNNEST(sequence(1, 10000)) AS t{n}(x)" for n in range(4))
    done = shop.run("sql", "--json", endless, SKIPPER_MAX_SECONDS="0.5")
    assert (done.code, done.json["decision"], done.json["error"]["code"]) == (6, "limit", "LIMIT_SECONDS")


def test_a_batch_keeps_the_order_and_outlives_a_broken_line(shop: Home, tmp_path: Path) -> None:
    lines = batch(
        shop,
        tmp_path,
        {"id": "a", "sql": "SELECT count(*) AS n FROM shop.orders"},
        b"{not json",
        {"id": "b", "sql": "DROP TABLE shop.orders"},
        {"id": 7, "sql": None},
        b'{"id": 8, "sql": "SELECT \xff"}',
        b"",
        {"id": "c", "sql": "SELECT CAST(name AS bigint) FROM shop.customers"},
        {"id": "d", "sql": "SELECT region FROM orders ORDER BY 1 LIMIT 1", "schema": "shop"},
    )
    assert [set(line) for line in lines] == [LINE] * 7
    assert [line["id"] for line in lines] == ["a", None, "b", 7, None, "c", "d"]
    assert [line["decision"] for line in lines] == ["allow", "error", "deny", "error", "error", "error", "allow"]
    assert [line["stage"] for line in lines] == ["engine", "guard", "guard", "guard", "guard", "engine", "engine"]
    assert lines[0]["columns"] == [{"name": "n", "type": "bigint", "masked": False}]
    assert (lines[0]["rows"], lines[6]["rows"]) == ([[5]], [["North"]])
    assert "Line 2" in str(lines[1]["error"])
    assert all(isinstance(line["seconds"], float) for line in lines)


def test_a_batch_counts_its_decisions_on_standard_error(shop: Home, tmp_path: Path) -> None:
    statements = ["SELECT 1", "DROP TABLE shop.orders", "SELECT 2", "SELECT CAST('x' AS bigint)"]
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join(json.dumps({"id": n, "sql": sql}) for n, sql in enumerate(statements)))
    done = shop.run("sql", "--batch", str(file))
    assert (done.code, done.err) == (0, "4 lines: 2 allow, 1 deny, 1 error\n")
    file.write_text("")
    assert shop.run("sql", "--batch", str(file)).err == "0 lines\n"


def test_a_batch_gives_twenty_thousand_rows_and_says_when_there_are_more(shop: Home, tmp_path: Path) -> None:
    (some, more) = batch(
        shop,
        tmp_path,
        {"id": 1, "sql": "SELECT x FROM UNNEST(sequence(1, 10000)) AS t(x)"},
        {"id": 2, "sql": "SELECT x + 3 * y FROM UNNEST(sequence(1, 10000)) AS t(x), UNNEST(sequence(1, 3)) AS u(y)"},
    )
    assert (len(some["rows"]), some["truncated"]) == (10_000, False)
    assert (len(more["rows"]), more["truncated"], more["decision"]) == (20_000, True, "allow")


def test_a_batch_that_is_not_there(shop: Home, tmp_path: Path) -> None:
    done = shop.run("sql", "--batch", str(tmp_path / "none.jsonl"))
    assert done.code == 2
    assert "none.jsonl" in done.err


def test_a_statement_on_standard_input(shop: Home) -> None:
    assert shop.run("sql", "-", "--json", stdin="SELECT 'Grüße'").json["rows"] == [["Grüße"]]
    broken = shop.run("sql", "-", stdin=b"SELECT '\xff'")
    assert (broken.code, broken.err.splitlines()[0]) == (2, "Standard input is not UTF-8 text.")
    assert shop.run("sql").code == 2


def test_a_check_runs_nothing(shop: Home) -> None:
    done = shop.ok("sql", "--check", "--json", "SELECT email FROM shop.customers")
    assert (done.json["rows"], done.json["decision"]) == (None, "allow")
    assert done.json["columns"] == [{"name": "email", "type": "varchar", "masked": True}]
    assert "[redacted]" in shop.ok("sql", "--check", "SELECT email FROM shop.customers").out


def test_a_table_for_people(shop: Home) -> None:
    done = shop.ok("sql", "SELECT name, customer_id > 1 AS late FROM shop.customers ORDER BY customer_id")
    assert [line.split() for line in done.out.splitlines() if line.strip()][2:5] == [
        ["Ann", "false"],
        ["Bob", "true"],
        ["NULL", "true"],
    ]
    assert "3 rows" in done.out


def test_what_went_wrong_is_said_on_standard_error(shop: Home) -> None:
    done = shop.run("sql", "SELECT * FROM shop.payslips")
    assert (done.code, done.out) == (4, "")
    assert "NAM001" in done.err
    assert SECRET_COLUMN not in done.err
