"""Everything that benchmark authors and Trino itself call right must pass when everything is open."""

import json
from pathlib import Path

import pytest

from tests.support.shared import shared_path
from tests.townlake.governance.guard.lakes import ALICE, FakeLake, table
from townlake.domain.names import TableRef
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.governance.guard.check import check

TPCH = {
    "nation": "nationkey bigint; name varchar(25); regionkey bigint; comment varchar(152)",
    "region": "regionkey bigint; name varchar(25); comment varchar(152)",
    "supplier": "suppkey bigint; name varchar(25); address varchar(40); nationkey bigint; phone varchar(15); "
    "acctbal double; comment varchar(101)",
    "customer": "custkey bigint; name varchar(25); address varchar(40); nationkey bigint; phone varchar(15); "
    "acctbal double; mktsegment varchar(10); comment varchar(117)",
    "orders": "orderkey bigint; custkey bigint; orderstatus varchar(1); totalprice double; orderdate date; "
    "orderpriority varchar(15); clerk varchar(15); shippriority integer; comment varchar(79)",
}
REFUSED_BY_NAME = {"SQL023", "SQL024"}
"""MATCH_RECOGNIZE and JSON_TABLE."""
NOT_READ = {"cast-033", "json-004"}
"""`uuid()`, which never gives the same again; a clause of JSON_TABLE that sqlglot does not read."""


def _lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def benchmark_lake() -> FakeLake:
    schemas = sorted(shared_path("bench", "databases").glob("*/schema.json"))
    return FakeLake([info for path in schemas for info in _tables(json.loads(path.read_text(encoding="utf-8")))])


def _tables(schema: dict[str, list[dict[str, list[dict[str, str]]]]]) -> list[TableInfo]:
    return [
        TableInfo(
            ref=TableRef(catalog="lake", namespace=str(schema["db"]), name=str(each["name"])),
            uuid=f"{schema['db']}.{each['name']}",
            metadata_location="",
            columns=tuple(
                ColumnInfo(name=column["name"], type=column["type"], field_id=at)
                for at, column in enumerate(each["columns"], 1)
            ),
        )
        for each in schema["tables"]
    ]


@pytest.mark.parametrize("file", ["questions.jsonl", "questions_extra.jsonl"])
def test_every_gold_statement_passes(benchmark_lake: FakeLake, file: str) -> None:
    refused = []
    for line in _lines(shared_path("bench", file)):
        if line["gold_sql_trino"]:
            db = str(line["db"])
            verdict = check(str(line["gold_sql_trino"]), ALICE, benchmark_lake, benchmark_lake, namespace=db)
            if not verdict.passed:
                refused.append((line["id"], verdict.findings[0]))
    assert refused == []


def test_what_trino_answers_passes_but_for_what_is_refused_by_name() -> None:
    lake = FakeLake([table(f"tpch.tiny.{name}", columns) for name, columns in TPCH.items()])
    refused = {}
    for line in _lines(shared_path("conformance", "trino_statements.jsonl")):
        if line["error"] is None:
            verdict = check(str(line["sql"]), ALICE, lake, lake)
            if not verdict.passed and verdict.findings[0].code not in REFUSED_BY_NAME:
                refused[line["id"]] = verdict.findings[0]
    assert set(refused) <= NOT_READ, refused
