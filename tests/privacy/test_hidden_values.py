"""No value of a masked or closed column of the demo lake is in any output, nor at rest outside the tables."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.app.shop import Home

MASKED = (
    ("crm.accounts", "billing_email", "tax_number"),
    ("crm.contacts", "full_name", "email", "phone"),
    ("crm.support_tickets", "requester_email", "body"),
    ("billing.invoices", "billing_email", "iban"),
)
CLOSED = (
    ("crm.leads", "full_name", "email"),
    ("security.api_tokens", "secret"),
    ("hr.employees", "full_name", "work_email"),
    ("hr.payroll", "bank_account"),
)
COMMANDS = (
    ("ask", "monthly recurring revenue by region last quarter", "--json"),
    ("ask", "top 5 customers by invoiced revenue this year"),
    ("ask", "which contacts wrote the most support tickets, with their e-mail and telephone number?"),
    ("tables",),
    ("metrics",),
    ("metrics", "--json"),
    *(("tables", table, "--json") for table, *_ in (*MASKED, *CLOSED)),
    *(("review", "show", table) for table, *_ in (*MASKED, *CLOSED)),
    ("review", "list", "--json"),
    ("grant", "list"),
    ("doctor", "--json"),
    ("config", "show"),
    ("audit", "verify"),
)
ASKED = ("ask", "tables", "metrics")
"""What is answered as a caller."""
FORMS = (
    "SELECT {column} FROM {table}",
    "SELECT max({column}), min({column}), array_agg({column}) FROM {table}",
    "SELECT CAST({column} AS integer) FROM {table}",
    "SELECT date_parse({column}, '%Y') FROM {table}",
    "SELECT CAST(upper({column}) AS timestamp) FROM {table} WHERE length({column}) > 3",
    "SELECT reverse(reverse({column})), split({column}, '@'), from_hex({column}) FROM {table}",
    "SELECT json_extract({column}, '$.a'), CAST(row({column}, 1) AS json) FROM {table}",
    "SELECT * FROM {table} WHERE {column}x = 1",
)
"""Rows, aggregates, casts that fail on a value, and names that do not exist."""


def _values(home: Path, table: str, columns: tuple[str, ...]) -> set[str]:
    """The values of some columns, straight from the files."""
    from pyiceberg.catalog.sql import SqlCatalog

    catalog = SqlCatalog("lake", uri=f"sqlite:///{home / 'catalog.db'}")
    data = catalog.load_table(table).scan(selected_fields=columns).to_arrow()
    catalog.engine.dispose()
    return {value for column in columns for value in data.column(column).unique().to_pylist() if value}


@pytest.fixture(scope="module")
def patterns(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hidden values, one a line."""
    values = {value for table, *columns in (*MASKED, *CLOSED) for value in _values(demo_home, table, tuple(columns))}
    lines = {line.strip() for value in values for line in value.splitlines() if len(line.strip()) > 7}
    assert len(lines) > 10_000
    path = tmp_path_factory.mktemp("hidden") / "values.txt"
    path.write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")
    return path


def _found(patterns: Path, *paths: Path) -> list[str]:
    """The hidden values that stand in these files, and where: a tool that looks for many texts at once does it."""
    grep = shutil.which("grep")
    assert grep is not None
    command = [grep, "-raoFf", str(patterns), *map(str, paths)]
    return subprocess.run(command, env={"LC_ALL": "C"}, capture_output=True, check=False).stdout.decode().splitlines()


def test_the_search_finds_what_is_there(patterns: Path, tmp_path: Path) -> None:
    first = patterns.read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "leak.bin").write_bytes(b"\x00\xff" + first.encode() + b"\x00")
    assert _found(patterns, tmp_path)


@pytest.mark.slow
def test_no_hidden_value_is_in_any_output_or_at_rest(
    demo_home: Path, patterns: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    batch = [
        {"id": f"{table}.{column} {number}", "sql": form.format(table=table, column=column)}
        for table, *columns in (*MASKED, *CLOSED)
        for column in columns
        for number, form in enumerate(FORMS)
    ]
    given = "\n".join(map(json.dumps, batch)) + "\n"
    home = Home(demo_home)
    runs = [home.run(*command, "--as", "eve") for command in COMMANDS if command[0] in ASKED]
    runs += [home.run(*command) for command in COMMANDS if command[0] not in ASKED]
    runs.append(home.run("sql", "--as", "eve", "--batch", "-", stdin=given))
    told = tmp_path / "told.txt"
    # What a library writes past Python is said, too.
    told.write_text("\n".join([run.said for run in runs] + list(capfd.readouterr())), encoding="utf-8")
    records = runs[-1].lines
    assert {record["decision"] for record in records} >= {"allow", "deny", "error"}
    assert len(records) == len(batch)
    assert _found(patterns, told) == []
    at_rest = [path for path in demo_home.iterdir() if path.name != "warehouse"]
    assert {"index", "values", "state.db"} <= {path.name for path in at_rest}
    assert _found(patterns, *at_rest) == []
