"""`skipper sql --out`: rows in a file, all of them or no file."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.app.shop import Home

KINDS = """
SELECT n, name, share, price, born, tags, name AS n FROM (VALUES
  (1, 'Ann, "A"', 0.5E0, DECIMAL '1.50', DATE '2024-02-29', ARRAY['x', NULL]),
  (2, '', nan(), NULL, NULL, NULL),
  (3, '=HYPERLINK("x")', NULL, DECIMAL '-0.01', DATE '0001-01-01', ARRAY[]),
  (4, NULL, -1E0, NULL, NULL, NULL)) AS v(n, name, share, price, born, tags) ORDER BY v.n
"""


def test_csv_keeps_null_apart_from_empty_and_computes_nothing(shop: Home, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    done = shop.ok("sql", "--out", str(file), KINDS)
    assert done.out.startswith("4 rows in")
    text = file.read_bytes().decode()
    assert text.splitlines()[2].startswith('2,"",')
    rows = list(csv.reader(text.splitlines()))
    assert rows == [
        ["n", "name", "share", "price", "born", "tags", "n_2"],
        ["1", 'Ann, "A"', "0.5", "1.50", "2024-02-29", '["x", null]', 'Ann, "A"'],
        ["2", "", "NaN", "", "", "", ""],
        ["3", '\'=HYPERLINK("x")', "", "-0.01", "0001-01-01", "[]", '\'=HYPERLINK("x")'],
        ["4", "", "-1.0", "", "", "", ""],
    ]


def read(file: Path) -> pa.Table:
    return pq.read_table(file) if file.suffix == ".parquet" else pa.ipc.open_file(str(file)).read_all()


@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
def test_types_and_origin_are_kept(shop: Home, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"out{suffix}"
    record = shop.ok("sql", "--json", "--as", "eve", "--out", str(file), "SELECT * FROM shop.customers").json
    assert (record["decision"], record["rows"], record["written"]) == ("allow", None, 3)
    table = read(file)
    assert table["email"].to_pylist() == ["[redacted]"] * 3
    fields = {f.name: f.metadata for f in table.schema}
    assert fields["email"] == {b"trino_type": b"varchar", b"masked": b"true"}
    assert table.schema.metadata[b"sql"] == b"SELECT * FROM shop.customers"
    assert list(json.loads(table.schema.metadata[b"snapshots"])) == ["lake.shop.customers"]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".arrow"])
def test_no_rows_are_a_file_with_columns(shop: Home, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"out{suffix}"
    shop.ok("sql", "--out", str(file), "SELECT order_id, region FROM shop.orders WHERE false")
    if suffix == ".csv":
        assert file.read_bytes() == b"order_id,region\r\n"
    elif suffix == ".jsonl":
        assert file.read_bytes() == b""
    else:
        assert read(file).to_pydict() == {"order_id": [], "region": []}


def test_json_lines_are_objects(shop: Home, tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    shop.ok("sql", "--out", str(file), KINDS)
    rows: list[dict[str, Any]] = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert rows[2] == {
        "n": 3,
        "name": '=HYPERLINK("x")',
        "share": None,
        "price": "-0.01",
        "born": "0001-01-01",
        "tags": [],
        "n_2": '=HYPERLINK("x")',
    }


def test_more_rows_than_are_shown_go_into_a_file(shop: Home, tmp_path: Path) -> None:
    file = tmp_path / "out.parquet"
    many = "SELECT x, y FROM UNNEST(sequence(1, 1000)) a(x) CROSS JOIN UNNEST(sequence(1, 700)) b(y)"
    record = shop.ok("sql", "--json", "--out", str(file), many).json
    assert (record["written"], record["truncated"], pq.read_metadata(file).num_rows) == (700_000, False, 700_000)
    cut = shop.run("sql", "--json", "--out", str(file), many, SKIPPER_MAX_EXPORT_ROWS="10000")
    assert (cut.code, cut.json["decision"], cut.json["error"]["code"]) == (6, "limit", "LIMIT_ROWS")
    assert pq.read_metadata(file).num_rows == 700_000


def test_intervals_are_texts_in_parquet(shop: Home, tmp_path: Path) -> None:
    file = tmp_path / "out.parquet"
    shop.ok("sql", "--out", str(file), "SELECT INTERVAL '1' DAY AS d, ARRAY[INTERVAL '2' MONTH] AS m")
    assert read(file).to_pydict() == {"d": ["1 00:00:00.000"], "m": ['["0-2"]']}


def test_only_the_owner_reads_the_file_and_no_link_is_followed(shop: Home, tmp_path: Path) -> None:
    victim, file = tmp_path / "victim", tmp_path / "out.csv"
    victim.write_text("precious", encoding="utf-8")
    file.symlink_to(victim)
    shop.ok("sql", "--out", str(file), "SELECT 1 AS a")
    assert (victim.read_text(encoding="utf-8"), file.read_text(encoding="utf-8")) == ("precious", "a\n1\n")
    assert (file.is_symlink(), file.stat().st_mode & 0o777) == (False, 0o600)


def test_a_statement_that_fails_late_leaves_what_was_there(shop: Home, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_text("before", encoding="utf-8")
    failing = (
        "SELECT 1 / (x - 99999) FROM UNNEST(sequence(1, 10000)) a(x) UNION ALL SELECT 1 / (CAST(random(1) AS bigint))"
    )
    for statement in (failing, "SELECT nothing FROM shop.orders"):
        assert shop.run("sql", "--out", str(file), statement).code != 0
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]
    assert file.read_text(encoding="utf-8") == "before"


def test_what_cannot_be_written_is_told(shop: Home, tmp_path: Path) -> None:
    for place, words in (
        (tmp_path / "out.xls", "no known kind"),
        (tmp_path / "nowhere" / "out.csv", "cannot be written"),
    ):
        done = shop.run("sql", "--out", str(place), "SELECT 1")
        assert done.code == 1
        assert words in done.err
    done = shop.run("sql", "--check", "--out", str(tmp_path / "a.csv"), "SELECT 1")
    assert "--out takes the rows of one statement" in done.err
