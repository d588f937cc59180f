"""`skipper scan` over the lake: new files, worse files, kills, watching, and no value left behind."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.app import scan_story
from tests.app.shop import SECRET_VALUE, Home

PLANTED = ("ann.planted@shop.example", "+49 30 7654321", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "Zw9-private-value")


def put(home: Home, folder: Path, name: str, **columns: list[object]) -> None:
    path = folder / f"{name}.parquet"
    pq.write_table(pa.table(columns), path)
    home.ok("ingest", "files", "--as", "lou", str(path), "--schema", "shop")


def append(home: Home, table: str, **columns: list[object]) -> None:
    from app.settings import load_settings
    from app.workspace import Workspace
    from townlake.domain.names import TableRef

    with Workspace(load_settings(home=home.path)) as workspace:
        workspace.catalog.append(TableRef.parse(table), pa.table(columns))


def state_of(home: Home, table: str, column: str) -> str:
    found = home.ok("review", "show", table, "--json").json["columns"]
    return next(each["state"] for each in found if each["column"] == column)


def told(home: Home, *arguments: str) -> dict[str, dict[str, object]]:
    return {each["table"]: each for each in home.ok("scan", *arguments, "--json").json["tables"]}


def queried(home: Home, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home.path / "state.db")) as state:
        return state.execute(sql).fetchall()


@pytest.mark.slow
def test_a_new_file_in_the_demo_lake_from_its_load_to_the_first_question(tmp_path: Path) -> None:
    from app.settings import load_settings
    from app.workspace import Workspace
    from ingestion.demo.build import build_demo

    home = Home(tmp_path / "home")
    with Workspace(load_settings(home=home.path)) as workspace:
        # Without the search index, which takes longest and is not asked here.
        workspace.make_home()
        knowledge = workspace.settings.knowledge_path
        build_demo(workspace.catalog, workspace.reviews, workspace.grants, knowledge)
    scan_story.live(home, tmp_path / "in", "support")


def test_a_second_scan_has_nothing_to_do(shop: Home) -> None:
    assert len(told(shop)) == 3
    assert "Nothing is new" in shop.ok("scan").out
    assert set(told(shop, "shop.orders")) == {"lake.shop.orders"}
    assert len(told(shop, "--all")) == 3


def test_a_scan_opens_nothing_and_undoes_no_decision(shop: Home) -> None:
    before = {name: state_of(shop, "shop.customers", name) for name in ("customer_id", "name", "email")}
    told(shop)
    assert {name: state_of(shop, "shop.customers", name) for name in before} == before
    assert state_of(shop, "shop.payslips", "payee") == "proposed"


def test_a_checked_hit_in_an_open_column_closes_it_first(shop: Home, tmp_path: Path) -> None:
    put(shop, tmp_path, "notes", ref=[f"ticket {n}" for n in range(100)])
    shop.ok("review", "approve", "lake.shop.notes", "--unscanned", "--to", "everyone")
    shop.ok("scan")
    assert state_of(shop, "shop.notes", "ref") == "open"
    append(shop, "shop.notes", ref=[f"person{n}@mail.example" for n in range(100)])
    done = told(shop)["lake.shop.notes"]
    assert (done["closed"], done["reasons"]) == (["ref"], ["new files", "values drifted"])
    assert state_of(shop, "shop.notes", "ref") == "stale"
    assert scan_story.selected(shop, "SELECT ref FROM shop.notes") is None
    shop.ok("review", "override", "lake.shop.notes.ref", "--state", "open", "--reason", "they are of the desk")
    append(shop, "shop.notes", ref=[f"person{n}@mail.example" for n in range(100, 150)])
    shop.ok("scan")
    assert state_of(shop, "shop.notes", "ref") == "open", "its reviewer knows by now"


def test_only_new_files_are_read_again(shop: Home, tmp_path: Path) -> None:
    put(shop, tmp_path, "codes", code=[f"A-{n:04d}" for n in range(300)])
    shop.ok("scan")
    append(shop, "shop.codes", code=[f"A-{n:04d}" for n in range(300, 350)])
    done = told(shop)["lake.shop.codes"]
    assert (done["reasons"], done["rows_read"], done["columns"]) == (["new files"], 50, [])
    assert "Nothing is new" in shop.ok("scan").out


def test_live_credentials_are_an_incident(shop: Home, tmp_path: Path) -> None:
    keys = [f"ghp_{n:036d}".replace("0", "a") for n in range(10, 60)]
    put(shop, tmp_path, "hooks", title=[f"h{n}" for n in range(50)], api_token=keys)
    column = next(c for c in told(shop)["lake.shop.hooks"]["columns"] if c["column"] == "api_token")  # type: ignore[attr-defined]
    assert (column["label"].partition(".")[0], column["recommendation"]) == ("credential", "deny")
    found = shop.ok("audit", "list", "--kind", "incident", "--json").json
    assert [(each["kind"], each["column"]) for each in found] == [("incident.secret", "api_token")]
    shop.ok("scan", "shop.hooks")
    assert len(shop.ok("audit", "list", "--kind", "incident", "--json").json) == 1


def test_no_value_is_left_behind(shop: Home, tmp_path: Path) -> None:
    mail, phone, key, _ = PLANTED
    rows = {
        "c1": [mail, *(f"p{n}@shop.example" for n in range(50))],
        "c2": [phone, *(f"+49 30 {7_000_000 + n}" for n in range(50))],
        "c3": [key, *(f"sk_live_4eC39HqLyjWDarjtT1zd{n:04d}" for n in range(50))],
        "c4": [{"deep": [mail]}] * 51,
        "c5": [f"{mail} called from {phone} about the key {key}"] * 51,
    }
    put(shop, tmp_path, "planted", **rows)  # type: ignore[arg-type]
    done = shop.ok("scan", "--json")
    shown = shop.ok("scan", "--all")
    said = done.said + shown.said + shop.ok("audit", "list", "--json").out
    kept = [path for path in shop.path.rglob("*") if path.is_file() and "warehouse" not in path.parts]
    assert any(path.name == "state.db" for path in kept)
    for value in (*PLANTED, SECRET_VALUE):
        assert value not in said
        assert [path.name for path in kept if value.encode() in path.read_bytes()] == []


def test_a_scan_that_is_killed_goes_on_with_the_rest(shop: Home, tmp_path: Path) -> None:
    for number in range(6):
        put(shop, tmp_path, f"t{number}", code=[f"{number}-{n}" for n in range(20)])
    child = shop.start("scan", "--all", "--json")
    until = time.monotonic() + 90
    while not queried(shop, "SELECT id FROM scans") and child.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    before = {row[0] for row in queried(shop, "SELECT table_name FROM scans")}
    assert before
    assert not before & set(told(shop, "--all")) or len(before) == 9
    names = [row[0] for row in queried(shop, "SELECT table_name FROM scans")]
    assert sorted(names) == sorted(set(names))
    assert len(names) == 9


def test_a_table_that_cannot_be_scanned_stops_no_other(shop: Home, tmp_path: Path) -> None:
    put(shop, tmp_path, "lost", code=["x"])
    for path in (shop.path / "warehouse" / "shop").glob("lost-*/data/*.parquet"):
        path.unlink()
    done = shop.run("scan", "--json")
    assert done.code == 1
    assert set(done.json["failed"]) == {"lake.shop.lost"}
    assert len(done.json["tables"]) == 3
    assert "lake.shop.lost was not scanned" in shop.run("scan").err


def test_labels_rise_with_their_source(shop: Home, tmp_path: Path) -> None:
    from app.settings import load_settings
    from app.workspace import Workspace
    from townlake.catalog.lineage import LineageEdge
    from townlake.domain.names import ColumnRef

    put(shop, tmp_path, "derived", c1=[f"h{n}" for n in range(50)])
    shop.ok("scan")
    copied = LineageEdge(
        source=ColumnRef.parse("shop.customers.email"), target=ColumnRef.parse("shop.derived.c1"), kind="expression"
    )
    with Workspace(load_settings(home=shop.path)) as workspace:
        workspace.catalog.add_lineage([copied])
    done = told(shop, "shop.customers")["lake.shop.derived"]
    assert done["reasons"] == ["an upstream label was raised"]
    column = done["columns"][0]  # type: ignore[index]
    assert (column["label"], column["state"]) == ("email", "proposed")


def test_a_name_in_a_table_of_ones_own_closes_nobody_elses_column(shop: Home, tmp_path: Path) -> None:
    numbers = [f"Q{100_003 + n * 7919}X" for n in range(200)]
    put(shop, tmp_path, "parcels", ref=numbers)
    shop.ok("scan")
    shop.ok("review", "approve", "shop.parcels.ref", "--unscanned")
    put(shop, tmp_path, "mine", user_id=numbers)
    shop.ok("scan")
    found = told(shop, "shop.parcels")["lake.shop.parcels"]["columns"][0]  # type: ignore[index]
    assert (found["label"], state_of(shop, "lake.shop.parcels", "ref")) == ("person_id", "open")
    assert "has the values of a known key of persons" in found["evidence"]
    assert "mine" not in " ".join(found["evidence"])
    shop.ok("review", "mask", "shop.mine.user_id")
    shop.ok("scan", "shop.parcels")
    assert state_of(shop, "lake.shop.parcels", "ref") == "stale", "a person agreed that it is one"


def test_no_column_is_compared_with_a_key_of_a_restricted_table(shop: Home, tmp_path: Path) -> None:
    numbers = [f"EMP{100_003 + n * 7919}" for n in range(200)]
    put(shop, tmp_path, "layoffs", employee_id=numbers)
    file = tmp_path / "schema.json"
    file.write_text(json.dumps({"tables": [{"name": "layoffs", "restricted": True}]}), encoding="utf-8")
    shop.ok("ingest", "files", "--schema", "shop", "--describe", str(file))
    put(shop, tmp_path, "probe", c1=numbers)
    for again in ((), ("shop.layoffs", "shop.probe")):
        found = told(shop, *again)["lake.shop.probe"]["columns"][0]  # type: ignore[index]
        assert found["label"].startswith("none")


def test_what_goes_together(shop: Home, tmp_path: Path) -> None:
    assert shop.run("scan", "--watch", "--all").code == 2
    assert shop.run("scan", "shop.orders", "--all").code == 2
    assert shop.run("scan", "--out", str(tmp_path / "out.jsonl")).code == 2
    assert shop.run("scan", "shop.orders", "--columns", str(tmp_path / "none")).code == 2
    assert shop.run("scan", "shop.none").code == 1


def test_reviewers_alone_scan_where_the_settings_name_them(shop: Home) -> None:
    assert shop.run("scan", SKIPPER_REVIEWERS="rita").code != 0
    assert shop.run("scan", "--as", "rita", SKIPPER_REVIEWERS="rita").code == 0


@pytest.mark.slow
def test_watching_sees_a_new_file_costs_next_to_nothing_and_ends_with_ctrl_c(shop: Home, tmp_path: Path) -> None:
    child = shop.start("scan", "--watch", "--json")
    assert child.stdout is not None
    try:
        first = {json.loads(child.stdout.readline())["table"] for _ in range(3)}
        assert first == {"lake.shop.customers", "lake.shop.orders", "lake.shop.payslips"}
        spent, began = _cpu_seconds(child.pid), time.monotonic()
        time.sleep(6)
        idle = (_cpu_seconds(child.pid) - spent) / (time.monotonic() - began)
        assert idle < 0.01
        began = time.monotonic()
        put(shop, tmp_path, "fresh", zz=[f"+49 30 {9_000_000 + n * 37}" for n in range(100)])
        found = json.loads(child.stdout.readline())
        assert (found["table"], found["proposed"]) == ("lake.shop.fresh", ["zz"])
        assert time.monotonic() - began < 60
    finally:
        os.kill(child.pid, signal.SIGINT)
        child.communicate(timeout=60)
    assert child.returncode == 0


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_what_was_proven_once_is_not_lowered_by_a_later_sample(shop: Home, tmp_path: Path) -> None:
    put(shop, tmp_path, "mixed", c1=[f"p{n}@mail.example" for n in range(20)])
    assert told(shop)["lake.shop.mixed"]["columns"][0]["label"] == "email"  # type: ignore[index]
    append(shop, "shop.mixed", c1=[f"ticket {n}" for n in range(5000)])
    assert told(shop, "shop.mixed")["lake.shop.mixed"]["columns"][0]["label"] == "email"  # type: ignore[index]
