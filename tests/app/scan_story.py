"""What a new file goes through, from its load to the first question that uses it: the same on every engine."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq

from tests.app.shop import Home
from tests.support.messages_api import Reply, messages_api

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


def selected(home: Home, sql: str) -> list[list[object]] | None:
    """The rows of a statement; None when it is refused."""
    done = home.run("sql", sql, "--json")
    return done.json["rows"] if done.code == 0 else None


def asked(home: Home, question: str, sql: str) -> list[list[object]]:
    """The rows of the answer to a question in words, for which a model wrote that statement."""
    reply = {"reading": "", "status": "sql", "sql": sql, "assumptions": [], "question": "", "options": []}
    with messages_api(Reply(json.dumps(reply))) as api:
        done = home.run("ask", question, "--json", ANTHROPIC_API_KEY="sk-none", ANTHROPIC_BASE_URL=api.url)
        assert done.json["path"] == "model"
        assert sql.split()[1] in json.dumps(api.requests), "the model was told of the column"
    rows: list[list[object]] = done.json["rows"]
    return rows


def waiting(home: Home, table: str) -> list[str]:
    """The columns of a table that the queue holds."""
    queue = home.ok("review", "list", "--json").json["queue"]
    return next(
        (each["columns"] for each in queue if f"{each['table']['namespace']}.{each['table']['name']}" == table), []
    )


def dropped_while_watching(home: Home, folder: Path, schema: str) -> tuple[str, dict[str, Any]]:
    """Drop the file in while `skipper scan --watch` runs; gives the table, and what the watch told of it."""
    watch = home.start("scan", "--watch", "--json")
    assert watch.stdout is not None
    try:
        table = drop_in(home, folder, schema)
        began = time.monotonic()
        told = next(found for line in watch.stdout if (found := json.loads(line))["table"] == f"lake.{table}")
        assert HEADER in waiting(home, table)
        assert time.monotonic() - began < 60
    finally:
        os.kill(watch.pid, signal.SIGINT)
        rest, faults = watch.communicate(timeout=60)
    assert watch.returncode == 0, (watch.returncode, rest, faults)
    return table, told


def live(home: Home, folder: Path, schema: str) -> None:
    """The whole story; each step must hold."""
    table, told = dropped_while_watching(home, folder, schema)
    home.ok("grant", "add", table, "everyone")
    statement = f"SELECT {HEADER} FROM {table} LIMIT 1"
    assert selected(home, statement) is None, "a proposal opens nothing"
    assert HEADER not in home.ok("tables", table, "--json").out
    column = next(each for each in told["columns"] if each["column"] == HEADER)
    assert (column["label"], column["subject"], column["state"]) == ("phone", "person", "proposed")
    assert column["evidence"]
    assert not any(phone in json.dumps(told) for phone in PHONES)

    home.ok("review", "mask", f"lake.{table}.{HEADER}", "--as", "rita")
    assert asked(home, f"which {HEADER} was dropped first?", statement) == [["[redacted]"]]

    _add_column(home, table)
    assert selected(home, statement) == [["[redacted]"]], "a column that came later breaks nobody's query"
    assert selected(home, f"SELECT * FROM {table} LIMIT 1") == [["[redacted]"]]
    assert selected(home, f"SELECT late FROM {table}") is None
    home.ok("scan")
    assert selected(home, f"SELECT late FROM {table}") is None
    home.ok("review", "approve", f"lake.{table}.late", "--unscanned", "--as", "rita")
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
