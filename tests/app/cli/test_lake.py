"""`skipper tables`, `ingest`, `drop`, `index`, `audit`, `config` and `doctor`."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.app.shop import METRIC, SECRET_COLUMN, Home


def levels(shop: Home) -> dict[str, tuple[str, str]]:
    """(level, advice) by part, and the whole must end as its worst part says."""
    done = shop.run("doctor", "--json")
    found = {c["part"]: (c["level"], " ".join([c["state"], c["advice"], *c["details"]])) for c in done.json}
    assert done.code == (1 if "fail" in [level for level, _ in found.values()] else 0)
    return found


# tables


def test_tables_as_each_may_see_them(shop: Home) -> None:
    found = {table["table"]: table for table in shop.ok("tables", "--as", "eve", "--json").json}
    assert {name: table["readable"] for name, table in found.items()} == {
        "lake.shop.customers": True,
        "lake.shop.orders": True,
        "lake.shop.payslips": False,
    }
    assert found["lake.shop.orders"]["rows"] == 5
    closed = found["lake.shop.payslips"]
    assert (closed["rows"], closed["columns"]) == (None, [])
    assert "One row an order" in shop.ok("tables", "shop").out


def test_one_table_with_columns_and_keys(shop: Home) -> None:
    record = shop.ok("tables", "shop.orders", "--json").json
    assert record["primary_key"] == ["order_id"]
    assert record["foreign_keys"] == [
        {"columns": ["customer_id"], "table": "lake.shop.customers", "ref_columns": ["customer_id"]}
    ]
    amount = {"name": "amount", "type": "decimal(10,2)", "comment": "What it cost, in euro.", "mask": None}
    (found,) = [column for column in record["columns"] if column["name"] == "amount"]
    assert found == {**amount, "label": found["label"], "source_name": ""}
    words = shop.ok("tables", "shop.orders").out
    assert "customer_id -> lake.shop.customers (customer_id)" in words


def test_a_closed_table_shows_nothing_but_whom_to_ask(shop: Home) -> None:
    said = shop.ok("tables", "shop.payslips", "--as", "eve").said
    said += shop.ok("tables", "shop.payslips", "--as", "eve", "--json").said
    assert SECRET_COLUMN not in said
    assert "skipper review request" in said
    assert shop.run("tables", "shop.none").code == 1


@pytest.mark.parametrize(
    ("name", "says", "meant"),
    [
        ("nope", "no schema nope", "skipper tables"),
        ("shopp", "no schema shopp", "Did you mean shop?"),
        ("orders", "no schema orders", "shop.orders"),
        ("shop.ordrs", "no table shop.ordrs", "shop.orders"),
        ("stock.orders", "no table stock.orders", "shop.orders"),
        ("lake.shop.order", "no table lake.shop.order", "shop.orders"),
        ("shop.orders.amount", "no table shop.orders.amount", "`skipper tables shop.orders` shows its columns"),
    ],
)
def test_a_name_that_nothing_has_fails_and_tells_the_nearest(shop: Home, name: str, says: str, meant: str) -> None:
    done = shop.run("tables", name, "--as", "eve")
    assert (done.code, done.out) == (1, "")
    assert says in done.err
    assert meant in done.err
    assert shop.run("tables", name, "--json").json["error"]["kind"] == "NotFound"


def test_a_restricted_table_is_near_to_nothing_for_whom_it_is_closed(shop: Home, tmp_path: Path) -> None:
    describe = tmp_path / "schema.json"
    describe.write_text(json.dumps({"tables": [{"name": "payslips", "restricted": True}]}), encoding="utf-8")
    shop.ok("ingest", "files", "--schema", "shop", "--describe", str(describe))
    for name in ("shop.payslip", "shop.payslips", "payslips"):
        done = shop.run("tables", name, "--as", "eve")
        assert (done.code, done.err.count("payslip")) == (1, 1), done.err


# ingest


def test_ingest_of_csv_and_parquet_with_a_description(shop: Home, sources: Path) -> None:
    done = shop.ok(
        "ingest",
        "files",
        str(sources / "orders.csv"),
        str(sources / "customers.parquet"),
        *("--schema", "shop2", "--describe", str(sources / "schema.json"), "--json"),
    )
    assert [(t["table"]["name"], t["rows"], t["columns"], t["skipped"]) for t in done.json] == [
        ("orders", 5, 5, False),
        ("customers", 3, 3, False),
    ]
    again = shop.ok("ingest", "files", str(sources / "orders.csv"), "--schema", "shop2", "--json").json
    assert again[0]["skipped"] is True
    shown = shop.ok("review", "show", "shop2.orders", "--json").json
    assert {c["state"] for c in shown["columns"]} == {"pending"}
    assert [c["type"] for c in shown["columns"]] == ["bigint", "bigint", "varchar", "decimal(10,2)", "date"]


def test_ingest_of_folders_and_a_replacement(shop: Home, sources: Path, tmp_path: Path) -> None:
    folder = tmp_path / "visits"
    folder.mkdir()
    for part in (1, 2):
        (folder / f"part{part}.csv").write_text(f"day,guests\n2026-01-0{part},{part}\n", encoding="utf-8")
    assert shop.ok("ingest", "files", "--as", "lou", str(folder), "--schema", "shop", "--json").json[0]["rows"] == 2
    shop.ok("review", "approve", "shop.visits", "--unscanned", "--to", "everyone")
    one = tmp_path / "one" / "visits.csv"
    one.parent.mkdir()
    one.write_text("day,guests\n2026-02-01,9\n", encoding="utf-8")
    shop.ok("ingest", "files", str(one), "--schema", "shop", "--replace")
    assert shop.ok("sql", "--json", "SELECT * FROM shop.visits").json["rows"] == [["2026-02-01", 9]]


def test_ingest_says_what_of_a_table_can_be_read_now(shop: Home, sources: Path) -> None:
    new = shop.ok("ingest", "files", str(sources / "orders.csv"), "--schema", "shop3").out
    assert ("5 waiting" in new, "exists for nobody yet" in new) == (True, True)
    again = shop.ok("ingest", "files", str(sources / "orders.csv"), "--schema", "shop").out
    assert ("unchanged; 5 open" in again, "for nobody" in again) == (True, False)
    masked = ("ingest", "files", str(sources / "customers.parquet"), "--schema", "shop")
    assert "2 open, 1 masked" in shop.ok(*masked).out
    assert shop.ok(*masked, "--json").json[0]["review"] == {"open": 2, "masked": 1, "closed": 0, "waiting": 0}


def test_a_description_alone_changes_words_and_no_rows(shop: Home, tmp_path: Path) -> None:
    told = {"name": "orders", "owner": "sales", "tier": "curated"}
    describe = tmp_path / "schema.json"
    command = ("ingest", "files", "--schema", "shop", "--describe", str(describe))
    describe.write_text(json.dumps({"tables": [told]}), encoding="utf-8")
    assert "described anew; 5 open" in shop.ok(*command).out
    record = shop.ok("tables", "shop.orders", "--json").json
    assert (record["owner"], record["tier"], record["rows"]) == ("sales", "curated", 5)
    assert record["comment"] == "One row an order."
    describe.write_text(json.dumps({"tables": [told | {"name": "ordrs"}]}), encoding="utf-8")
    refused = shop.run(*command)
    assert (refused.code, "Did you mean `orders`?" in refused.err) == (2, True)
    assert shop.run("ingest", "files", "--schema", "shop").code == 2
    assert shop.run(*command, "--replace").code == 2


def test_the_first_load_makes_a_place_for_knowledge(nowhere: Home, sources: Path) -> None:
    command = ("ingest", "files", str(sources / "orders.csv"), "--schema", "shop")
    assert "knowledge" in nowhere.ok(*command).out
    assert "metrics/" in (nowhere.path / "knowledge" / "README.md").read_text(encoding="utf-8")
    assert "knowledge" not in nowhere.ok(*command).out
    assert levels(nowhere)["knowledge"][0] == "ok"


def test_ingest_of_what_cannot_be_loaded(shop: Home, tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no")
    (tmp_path / "note.txt").write_text("hello", encoding="utf-8")
    for name in ("none.csv", "broken.parquet", "note.txt"):
        done = shop.run("ingest", "files", str(tmp_path / name), "--schema", "shop")
        assert done.code == 2, done.said
        assert name in done.err
    assert shop.run("ingest", "files", str(tmp_path), "--schema", "No Schema!").code == 2
    assert len(shop.ok("tables", "--json").json) == 3


# drop


def test_drop_needs_a_yes_and_is_in_the_audit(shop: Home) -> None:
    refused = shop.run("drop", "shop.orders")
    assert (refused.code, "--yes" in refused.err) == (2, True)
    shop.ok("drop", "shop.orders", "--yes")
    assert shop.run("sql", "SELECT count(*) FROM shop.orders").code == 4
    assert shop.run("drop", "shop.orders", "--yes").code == 1
    with sqlite3.connect(shop.path / "state.db") as state:
        ((entry,),) = state.execute("SELECT entry FROM audit WHERE entry LIKE '%table.dropped%'").fetchall()
    state.close()
    assert json.loads(entry)["table"] == "lake.shop.orders"


# index


def test_index_is_brought_up_to_date_only_when_the_lake_moved(shop: Home) -> None:
    assert shop.ok("index", "--json").json["fresh"] is True
    shop.ok("review", "approve", "lake.shop.payslips", "--unscanned", "--to", "everyone")
    assert shop.ok("index", "--json").json["fresh"] is False
    assert shop.ok("index").out.strip() == "The search index is up to date."
    assert shop.ok("index", "--rebuild", "--json").json["documents"] > 0


# audit


def test_an_untouched_audit_verifies_against_a_noted_head(shop: Home) -> None:
    shop.ok("sql", "SELECT 1")
    first = shop.ok("audit", "verify", "--json").json
    assert first["sound"] is True
    shop.ok("sql", "SELECT 2")
    assert shop.ok("audit", "verify", "--head", first["head"]).out.endswith("\n")
    assert shop.run("audit", "verify", "--head", "nonsense").code == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE audit SET entry = replace(entry, 'ada', 'eve') WHERE seq = 3", "AUD001"),
        ("DELETE FROM audit WHERE seq = 2", "AUD002"),
        ("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)", "AUD004"),
    ],
)
def test_a_changed_audit_is_noticed_and_the_place_told(shop: Home, change: str, code: str) -> None:
    shop.ok("sql", "SELECT 1")
    with sqlite3.connect(shop.path / "state.db") as state:
        state.execute(change)
    state.close()
    done = shop.run("audit", "verify")
    assert done.code == 1
    assert "The audit was changed." in done.err
    assert code in done.err
    assert shop.run("audit", "verify", "--json").json["sound"] is False
    assert levels(shop)["audit"][0] == "fail"


# config


def test_config_prints_no_secret(shop: Home, tmp_path: Path) -> None:
    secret = "sk-very-secret"
    file = tmp_path / "key"
    file.write_text(secret, encoding="utf-8")
    for environment in (
        {"ANTHROPIC_API_KEY": secret, "ANTHROPIC_BASE_URL": f"http://ann:{secret}@127.0.0.1:1/v1"},
        {"SKIPPER_MODEL_API_KEY_FILE": str(file)},
    ):
        for form in ((), ("--json",)):
            done = shop.run("config", "show", *form, **environment)
            assert done.code == 0
            assert secret not in done.said
    assert done.json["model_api_key"] == "set"
    assert done.json["home"] == str(shop.path)


def test_a_setting_that_cannot_be_is_named_without_its_value(shop: Home) -> None:
    done = shop.run("config", "show", SKIPPER_WORKERS="sk-many")
    assert (done.code, "workers" in done.err, "sk-many" in done.said) == (2, True, False)
    (shop.path / "config.toml").write_text("no such setting", encoding="utf-8")
    assert shop.run("sql", "SELECT 1").code == 2
    (shop.path / "config.toml").write_text("max_rows = 2\n", encoding="utf-8")
    assert shop.ok("sql", "--json", "SELECT order_id FROM shop.orders").json["truncated"] is True


# doctor


def test_a_healthy_home(shop: Home) -> None:
    found = levels(shop)
    assert {part for part, (level, _) in found.items() if level == "warn"} == {"reviews", "model"}
    assert "fail" not in [level for level, _ in found.values()]
    assert "payslips" not in json.dumps(found["index"])


def test_a_home_that_is_not_there(nowhere: Home) -> None:
    found = levels(nowhere)
    assert found["home"][0] == "fail"
    assert "skipper demo" in found["home"][1]
    assert not nowhere.path.exists()


def test_each_thing_that_can_be_wrong_is_named(shop: Home) -> None:
    metadata = next((shop.path / "warehouse" / "shop").glob("orders-*/metadata/*.metadata.json"))
    for file in metadata.parent.glob("*.metadata.json"):
        file.unlink()
    (shop.path / "warehouse" / "shop" / "left-0123").mkdir()
    (shop.path / "knowledge" / "metrics" / "bad.yaml").write_text("name: 1\n", encoding="utf-8")
    shutil.rmtree(shop.path / "index")
    (shop.path / "audit.key").unlink()
    found = levels(shop)
    failed = {part for part, (level, _) in found.items() if level == "fail"}
    assert failed >= {"table files", "knowledge", "audit"}
    assert "shop.orders" in found["table files"][1]
    assert "bad.yaml" in found["knowledge"][1]
    assert found["index"][0] in {"warn", "fail"}
    assert "--tidy" in found["leftovers"][1]


def test_knowledge_that_names_what_is_not_there_is_told_by_its_place(shop: Home) -> None:
    (shop.path / "knowledge" / "metrics" / "order_value.yaml").write_text(
        METRIC.replace("o.amount", "o.amuont"), encoding="utf-8"
    )
    done = shop.run("doctor")
    assert done.code == 1
    fault = "metrics/order_value.yaml: expression: lake.shop.orders has no column amuont. Did you mean amount?"
    assert fault in done.out
    shop.ok("drop", "shop.orders", "--yes")
    level, found = levels(shop)["knowledge"]
    assert (level, found.count("there is no table lake.shop.orders")) == ("fail", 2)


def test_leftovers_of_a_killed_load_are_tidied_away(shop: Home) -> None:
    left = shop.path / "warehouse" / "shop" / "left-0123"
    (left / "metadata").mkdir(parents=True)
    (left / "metadata" / "0.metadata.json").write_text('{"current-snapshot-id": -1}', encoding="utf-8")
    assert levels(shop)["leftovers"][0] == "warn"
    done = shop.ok("doctor", "--tidy")
    assert not left.exists()
    assert "1" in done.out
    assert levels(shop)["leftovers"][0] == "ok"
    assert shop.ok("sql", "--json", "SELECT count(*) FROM shop.orders").json["rows"] == [[5]]
