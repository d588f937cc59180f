"""Statements as the guard hands them to the type checker, and the tables of the open data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlglot import exp

from tests.support.shared import shared_path
from townlake.domain.names import DEFAULT_CATALOG, TableRef
from townlake.domain.table import ColumnInfo, ForeignKey, TableInfo
from townlake.domain.verdict import ScanColumn
from townlake.sql.text import read
from townlake.sql.typing import Typed, annotate


def parse(sql: str) -> exp.Expr:
    """The tree of a statement."""
    return read(sql)[0]


def typed(sql: str, tables: Mapping[str, Mapping[str, str]] | None = None) -> Typed:
    """Read a statement over tables `{name: {column: type}}` of one schema."""
    known = {
        TableRef(catalog=DEFAULT_CATALOG, namespace="s", name=name): [
            ScanColumn(name=column, type=kind, field_id=at) for at, (column, kind) in enumerate(columns.items())
        ]
        for name, columns in (tables or {}).items()
    }
    return annotate(parse(sql), known.get, namespace="s", sql=sql)


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON lines file."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


@lru_cache(maxsize=1)
def tpch_tables() -> dict[TableRef, Sequence[ScanColumn]]:
    """The tables of tpch.tiny with the types that Trino gives them."""
    found: dict[TableRef, Sequence[ScanColumn]] = {}
    for path in shared_path("conformance", "tpch_tiny").glob("*.parquet"):
        schema = pq.read_schema(path)
        found[TableRef(catalog="tpch", namespace="tiny", name=path.stem)] = [
            ScanColumn(name=field.name, type=field.metadata[b"trino.type"].decode(), field_id=at)
            for at, field in enumerate(schema)
        ]
    return found


@lru_cache(maxsize=1)
def bench_tables() -> dict[TableRef, TableInfo]:
    """The tables of the open benchmark, with their keys."""
    found = {}
    for path in shared_path("bench", "databases").glob("*/schema.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        namespace = schema["db"].lower()
        for table in schema["tables"]:
            ref = TableRef(catalog=DEFAULT_CATALOG, namespace=namespace, name=table["name"])
            keys = [key for key in schema["foreign_keys"] if key["table"] == table["name"]]
            found[ref] = TableInfo(
                ref=ref,
                uuid=str(ref),
                metadata_location="",
                columns=tuple(
                    ColumnInfo(name=column["name"], type=column["type"], field_id=at)
                    for at, column in enumerate(table["columns"], 1)
                ),
                primary_key=tuple(table["primary_key"] or ()),
                foreign_keys=tuple(
                    ForeignKey(
                        columns=(key["column"],),
                        ref_table=TableRef(catalog=DEFAULT_CATALOG, namespace=namespace, name=key["ref_table"]),
                        ref_columns=(key["ref_column"],),
                    )
                    for key in keys
                ),
            )
    return found


def read_bench(db: str, sql: str) -> Typed:
    """Read a statement over a database of the open benchmark."""
    tables = bench_tables()

    def columns(ref: TableRef) -> Sequence[ScanColumn] | None:
        info = tables.get(ref)
        if info is None:
            return None
        return [ScanColumn(name=c.name, type=c.type, field_id=c.field_id) for c in info.columns]

    return annotate(parse(sql), columns, namespace=db.lower(), sql=sql)
