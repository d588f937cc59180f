"""What a new file goes through, from its load to the first question that uses it: the same on every engine."""

from __future__ import annotations

import json
import os
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq

from tests.app.shop import Home

PHONES = [f"+49 30 {9_000_000 + number * 37}" for number in range(200)]
HEADER = "zq_kanal_7"
"""What nobody ever called a phone number."""


def drop_in(home: Home, folder: Path, schema: str) -> str:
    """Load a file with phone numbers under that header; gives the name of its table."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "dropped.parquet"
    pq.write_table(pa.table({"pk": range(len(PHONES)), HEADER: PHONES}), path)
    home.ok("ingest", "files", str(path), "--schema", schema)
    return f"{schema}.dropped"


def columns_of(home: Home, table: str) -> list[str]:
    """The columns that everybody may see."""
    found = home.ok("tables", table, "--json").json
    return [column["name"] for column in found["columns"]]


def selected(home: Home, sql: str) -> list[list[object]] | None:
    """The rows of a statement; None when it is refused."""
    done = home.run("sql", sql, "--json")
    return done.json["rows"] if done.code == 0 else None


def live(home: Home, folder: Path, schema: str) -> None:
    """The whole story; each step must hold."""
    table = drop_in(home, folder, schema)
    home.ok("grant", "add", table, "everyone")
    asked = f"SELECT {HEADER} FROM {table} LIMIT 1"
    assert selected(home, asked) is None

    found = home.ok("scan", "--json").json
    told = next(each for each in found["tables"] if each["table"] == f"lake.{table}")
    column = next(each for each in told["columns"] if each["column"] == HEADER)
    assert (column["label"], column["subject"], column["state"]) == ("phone", "person", "proposed")
    assert column["evidence"]
    assert not any(phone in json.dumps(found) for phone in PHONES)
    assert selected(home, asked) is None, "a proposal opens nothing"
    queue = home.ok("review", "list", "--json").json["queue"]
    waiting = next(each for each in queue if f"{each['table']['namespace']}.{each['table']['name']}" == table)
    assert HEADER in waiting["columns"]

    home.ok("review", "mask", f"lake.{table}.{HEADER}", "--as", "rita")
    assert selected(home, asked) == [["[redacted]"]]

    _add_column(home, table)
    assert selected(home, asked) == [["[redacted]"]], "a column that came later breaks nobody's query"
    assert selected(home, f"SELECT * FROM {table} LIMIT 1") == [["[redacted]"]]
    assert selected(home, f"SELECT late FROM {table}") is None
    home.ok("scan")
    assert selected(home, f"SELECT late FROM {table}") is None
    home.ok("review", "approve", f"lake.{table}.late", "--as", "rita")
    assert selected(home, f"SELECT late FROM {table} LIMIT 1") == [[None]]


def _add_column(home: Home, table: str) -> None:
    from app.settings import load_settings
    from app.workspace import Workspace
    from townlake.domain.names import TableRef

    with (
        patch.dict(os.environ, dict(getattr(home, "settings", ()))),
        Workspace(load_settings(home=home.path)) as workspace,
    ):
        workspace.catalog.add_column(TableRef.parse(table), "late", pa.string())
