"""Whatever is given to it, a command says what happened and what to do, in words, and ends with its exit code."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.app.processes import Terminal
from tests.app.shop import ORDERS, SECRET_COLUMN, SECRET_VALUE, Done, Home

EVERY_KIND = (
    ("ask", "sales by region"),
    ("ask", "sales by region", "--json"),
    ("sql", "SELECT count(*) FROM shop.orders"),
    ("sql", "SELECT count(*) FROM shop.orders", "--json"),
    ("tables",),
    ("review", "list"),
    ("grant", "list"),
    ("index",),
    ("audit", "verify"),
)


def is_clear(done: Done, code: int) -> None:
    """What happened, what to do, the right code, and nothing that only a programmer reads."""
    assert done.code == code, done.said
    assert "Traceback" not in done.said
    assert "nobody foresaw" not in done.said, done.said
    told = done.json["error"]["message"] + done.json["error"]["hint"] if done.out.startswith('{"error') else done.said
    assert len(re.findall(r"[.:?]", told)) >= 2, told


# Questions that are none


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "?!", "x" * 100_000, "ab\x00cd", "\x01\x02\x03\x04"])
def test_a_question_that_is_none(shop: Home, question: str) -> None:
    is_clear(shop.run("ask", question), 2)
    done = shop.run("ask", question, "--json")
    assert (done.code, set(done.json["error"])) == (2, {"kind", "message", "hint"})


@pytest.mark.parametrize("text", [b"\xff\xfe\x00\x80\n", b"\x00\x00\x00\n", b"x" * 100_000 + b"\n"])
def test_bytes_on_standard_input_that_are_no_question(shop: Home, text: bytes) -> None:
    is_clear(shop.run("ask", stdin=text), 2)


@pytest.mark.parametrize(
    "question",
    ["Umsatz nach Region im letzten Quartal?", "上个季度各地区的收入是多少", "ما هي الإيرادات حسب المنطقة؟"],
)
def test_another_language_is_not_guessed_at(shop: Home, question: str) -> None:
    done = shop.run("ask", question, "--json")
    assert (done.code, done.json["status"], done.json["rows"]) == (3, "needs_model", None)


def test_what_the_lake_does_not_have_is_said(shop: Home) -> None:
    done = shop.run("ask", "rainfall by satellite")
    is_clear(done, 3)
    assert "rainfall" in done.out


def test_a_statement_as_long_as_a_book(shop: Home) -> None:
    is_clear(shop.run("sql", "SELECT '" + "x" * 2_000_000 + "'"), 4)
    is_clear(shop.run("sql", ""), 4)
    is_clear(shop.run("sql", "SELECT " + "(" * 20_000 + "1" + ")" * 20_000), 4)


# Homes that are none


@pytest.mark.parametrize("command", EVERY_KIND, ids=" ".join)
def test_a_lake_that_does_not_exist(nowhere: Home, command: tuple[str, ...]) -> None:
    done = nowhere.run(*command)
    is_clear(done, 7)
    assert "skipper demo" in done.said
    assert not nowhere.path.exists()


def garbage(name: str) -> Callable[[Path], None]:
    def damage(home: Path) -> None:
        (home / name).write_bytes(b"\x93garbage" * 1000)
        for suffix in ("-wal", "-shm"):
            (home / f"{name}{suffix}").unlink(missing_ok=True)

    return damage


def cut_short(name: str) -> Callable[[Path], None]:
    def damage(home: Path) -> None:
        with closing(sqlite3.connect(home / name)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole = (home / name).read_bytes()
        (home / name).write_bytes(whole[: len(whole) // 2])

    return damage


@pytest.mark.parametrize(
    ("damage", "part"),
    [
        (garbage("state.db"), "state database"),
        (cut_short("state.db"), "state database"),
        (garbage("catalog.db"), "catalog"),
        (cut_short("catalog.db"), "catalog"),
    ],
    ids=["state garbage", "state cut", "catalog garbage", "catalog cut"],
)
def test_a_damaged_database_stops_every_command_and_is_named(
    shop: Home, damage: Callable[[Path], None], part: str
) -> None:
    damage(shop.path)
    before = (shop.path / "state.db").read_bytes()
    for command in (("ask", "sales by region"), ("sql", "SELECT count(*) FROM shop.orders"), ("demo",), ("tables",)):
        is_clear(shop.run(*command), 7)
    done = shop.run("doctor", "--json")
    (fault,) = [check for check in done.json if check["level"] == "fail"]
    assert (done.code, fault["part"]) == (1, part)
    assert "newest copy" in fault["advice"]
    if part == "state database":
        assert (shop.path / "state.db").read_bytes() == before


def test_a_lost_state_closes_everything_and_the_audit_notices(shop: Home) -> None:
    for file in shop.path.glob("state.db*"):
        file.unlink()
    assert shop.run("audit", "verify").code == 1
    assert shop.run("sql", "SELECT count(*) FROM shop.orders").code == 4


def test_a_lost_catalog_costs_no_rows(shop: Home) -> None:
    for file in shop.path.glob("catalog.db*"):
        file.unlink()
    found = {check["part"]: check for check in shop.run("doctor", "--tidy", "--json").json}
    assert "put back your newest copy" in found["leftovers"]["advice"]
    assert len(list((shop.path / "warehouse" / "shop").glob("*/data/*.parquet"))) == 3


@pytest.mark.parametrize("part", ["index", "values"])
@pytest.mark.parametrize("how", ["gone", "garbage", "a file"])
def test_a_damaged_index_is_made_anew(shop: Home, part: str, how: str) -> None:
    root = shop.path / part
    for file in root.rglob("*.db"):
        file.write_bytes(b"\x93" * file.stat().st_size)
    if how != "garbage":
        shutil.rmtree(root)
    if how == "a file":
        root.write_bytes(b"x")
        shop.ok("index")
    assert shop.ok("ask", "sales by region", "--json").json["rows"][0] == ["South", "105.25"]
    assert shop.run("ask", "which orders smell of lavender?").code == 3
    assert {c["part"]: c["level"] for c in shop.run("doctor", "--json").json}["index"] == "ok"


def test_a_table_without_its_metadata_stops_no_other(shop: Home) -> None:
    for file in (shop.path / "warehouse" / "shop").glob("orders-*/metadata/*.metadata.json"):
        file.unlink()
    is_clear(shop.run("sql", "SELECT count(*) FROM shop.orders"), 7)
    shop.ok("sql", "SELECT count(*) FROM shop.customers")
    assert "lake.shop.orders" in shop.run("doctor").out
    shop.ok("drop", "shop.orders", "--yes")
    # What was written down about it stays to be mended.
    (fault,) = [check for check in shop.run("doctor", "--json").json if check["level"] == "fail"]
    assert (fault["part"], len(fault["details"])) == ("knowledge", 2)


@pytest.mark.parametrize("how", ["cut", "gone"])
def test_a_table_with_a_damaged_file_gives_no_wrong_rows(shop: Home, how: str) -> None:
    (file,) = (shop.path / "warehouse" / "shop").glob("orders-*/data/*.parquet")
    whole = file.read_bytes()
    file.unlink()
    if how == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    done = shop.run("sql", "SELECT count(*), sum(amount) FROM shop.orders")
    assert done.code == 1
    assert str(shop.path) not in done.said
    (fault,) = [check for check in shop.run("doctor", "--json").json if check["level"] == "fail"]
    assert fault["part"] == "table files"
    assert file.name in fault["state"]


def test_an_empty_table_is_whole(shop: Home, tmp_path: Path) -> None:
    (tmp_path / "hollow.csv").write_text("id,name\n", encoding="utf-8")
    shop.ok("ingest", "files", str(tmp_path / "hollow.csv"), "--schema", "shop")
    assert {c["part"]: c["level"] for c in shop.run("doctor", "--json").json}["table files"] == "ok"


def test_knowledge_that_is_wrong_is_named_with_its_place(shop: Home) -> None:
    (shop.path / "knowledge" / "metrics" / "bad.yaml").write_text("name: [", encoding="utf-8")
    done = shop.run("ask", "sales by region")
    is_clear(done, done.code)
    assert done.code in {1, 2, 7}
    assert "bad.yaml" in done.said
    shop.ok("sql", "SELECT 1")


# What nobody may see


def test_nothing_of_a_closed_table_is_in_any_word_or_log(shop: Home, tmp_path: Path) -> None:
    statements = (
        "SELECT * FROM shop.payslips",
        f"SELECT {SECRET_COLUMN} FROM shop.payslips",
        "SELECT o.order_id, p.payee FROM shop.orders o JOIN shop.payslips p ON p.payee = o.region",
        "SELECT CAST(email AS bigint) FROM shop.customers",
        "SELECT CAST(name || email AS date) FROM shop.customers",
        "DESCRIBE shop.payslips",
        "SELECT 1 / (SELECT hush FROM shop.payslips)",
    )
    said = ""
    for statement in statements:
        for more in ((), ("--json",)):
            said += shop.run("sql", "--as", "eve", statement, *more).said
    for question in ("hush amount by payee", f"what did {SECRET_VALUE} get?", "payslips"):
        said += shop.run("ask", "--as", "eve", question).said
    said += shop.run("tables", "--as", "eve", "--json").said
    logs = "".join(file.read_text(encoding="utf-8") for file in (shop.path / "logs").glob("*"))
    asked = {SECRET_COLUMN, SECRET_VALUE}
    for text in (said, logs):
        assert "@shop.example" not in text
        assert "payslips-" not in text
    # Only what the caller wrote comes back.
    told = said.replace("what did", "")
    assert asked.isdisjoint(re.findall(r"[\w-]+", re.sub(r"`[^`]*`|\"[^\"]*\"", "", told)))


# The lake moves


def test_a_table_that_is_dropped_or_altered_is_noticed_by_the_next_statement(shop: Home, tmp_path: Path) -> None:
    talk = "sales by region\n"
    assert shop.run("ask", "--json", stdin=talk).lines[0]["status"] == "answered"
    wider = tmp_path / "orders.csv"
    head, *rows = ORDERS.splitlines()
    wider.write_text("\n".join([f"{head},channel", *(f"{row},web" for row in rows)]) + "\n", encoding="utf-8")
    shop.ok("ingest", "files", str(wider), "--schema", "shop", "--replace")
    closed = shop.run("sql", "--json", "SELECT channel FROM shop.orders")
    assert (closed.code, closed.json["decision"]) == (4, "deny")
    assert shop.ok("sql", "--json", "SELECT count(*) FROM shop.orders").json["rows"] == [[5]]
    shop.ok("drop", "shop.orders", "--yes")
    gone = shop.run("sql", "SELECT count(*) FROM shop.orders")
    is_clear(gone, 4)
    assert shop.run("ask", "sales by region").code in {1, 3, 4}


# Surroundings


def test_a_narrow_terminal_breaks_no_number(shop: Home) -> None:
    done = shop.run("sql", "SELECT * FROM shop.orders ORDER BY order_id", COLUMNS="40")
    assert done.code == 0
    assert "2026-01-05" in done.out
    assert max(map(len, done.out.splitlines())) <= 40


def test_a_cell_cannot_steer_the_terminal(shop: Home, tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text('id,note\n1,"a\x1b[31mred\u202e\nb"\n', encoding="utf-8")
    shop.ok("ingest", "files", "--as", "lou", str(tmp_path / "notes.csv"), "--schema", "shop")
    shop.ok("review", "approve", "shop.notes", "--unscanned", "--to", "everyone")
    done = shop.ok("sql", "SELECT * FROM shop.notes")
    assert "a[31mred b" in done.out
    assert "\x1b" not in done.out


def test_an_error_keeps_its_words_whole_on_a_terminal(shop: Home) -> None:
    with Terminal(shop, "tables", "nope", columns=30) as terminal:
        assert terminal.end() == 1
    wanted = ["There is no schema nope.", "  `skipper tables` lists what", "  is there.", ""]
    assert terminal.shown.split("\r\n") == wanted
