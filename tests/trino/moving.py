"""A home to be moved, what its commands list, and moves that stop or die where a test wants."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.app.shop import METRIC, Done, Home, write_sources
from tests.support.shared import ROOT

MOVE = ("migrate", "--to", "stack")
EMBEDDED = (*MOVE, "--engine", "duckdb")
"""What needs no Trino."""
_LISTINGS = (
    ("tables",),
    ("tables", "shop.orders"),
    ("tables", "shop.customers"),
    ("review", "list"),
    ("review", "show", "shop.orders"),
    ("review", "show", "shop.payslips"),
    ("review", "history", "shop.customers"),
    ("grant", "list"),
    ("filter", "list"),
    ("metrics",),
    ("audit", "verify"),
    ("audit", "list", "-n", "10000"),
)
SQL = "SELECT region, sum(amount) AS total FROM shop.orders GROUP BY region ORDER BY region"
_MASKED = "SELECT customer_id, email FROM shop.customers ORDER BY customer_id"
_SCRIPT = """
import os, signal, sys, time
from contextlib import contextmanager
from pathlib import Path
from app.cli import migrate
from app.cli.main import main

what, point, flag = sys.argv[1:4]
del sys.argv[1:4]

@contextmanager
def progress(title, *, quiet=False):
    def report(done, total, said):
        if said != point:
            return
        if what == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "interrupt":
            os.kill(os.getpid(), signal.SIGINT)
            return
        if what == "fail":
            raise RuntimeError("a fault")
        Path(flag).write_text("here", encoding="utf-8")
        end = time.monotonic() + 90
        while Path(flag).exists() and time.monotonic() < end:
            time.sleep(0.02)
    yield report

migrate.progress = progress
main()
"""


def build(home: Home, sources: Path) -> None:
    """A small lake with something in nearly every table: words of many alphabets, a filter, an expiry, runs."""
    if not sources.exists():
        write_sources(sources)
    files = [str(sources / name) for name in ("orders.csv", "customers.parquet", "payslips.csv")]
    home.ok("ingest", "files", "--as", "lou", *files, "--schema", "shop", "--describe", str(sources / "schema.json"))
    note = "geprüft ✓ 検査 \U0001f600 'quoted' \\N \t"
    home.ok("review", "approve", "shop.orders", "--unscanned", "--to", "everyone", "--note", note)
    home.ok("review", "mask", "shop.customers.email", "--with", "redact")
    home.ok("review", "approve", "shop.customers", "--unscanned", "--to", "everyone")
    home.ok("review", "request", "shop.payslips", "--reason", "the year's end")
    home.ok("grant", "add", "shop.customers", "support", "--until", "2030-01-31")
    home.ok("grant", "add", "shop.orders", "sales")
    home.ok("grant", "remove", "shop.orders", "sales")
    home.ok("filter", "add", "shop.orders", "support", "--where", "region = 'North'")
    metric = home.path / "knowledge" / "metrics" / "order_value.yaml"
    metric.parent.mkdir(parents=True, exist_ok=True)
    metric.write_text(METRIC, encoding="utf-8")
    home.ok("sql", SQL)
    home.run("sql", "SELECT * FROM shop.payslips")


def listings(home: Home) -> dict[str, Any]:
    """What every command that lists or shows gives to programs."""
    return {" ".join(command): home.ok(*command, "--json").json for command in _LISTINGS}


def answers(home: Home) -> dict[str, Any]:
    """The same statements as several people: rows, columns and decisions."""
    found: dict[str, Any] = {}
    for user in ((), ("--as", "bob", "--groups", "support"), ("--as", "eve", "--groups", "none")):
        for sql in (SQL, _MASKED, "SELECT * FROM shop.payslips"):
            told = home.run("sql", sql, *user, "--json").json
            found[f"{sql} {user}"] = {name: told[name] for name in ("decision", "rows", "columns", "tables")}
    return found


def rows(home: Home) -> list[list[Any]]:
    """The rows of one statement that must be answered."""
    found: list[list[Any]] = home.ok("sql", SQL, "--json").json["rows"]
    return found


def groups(home: Home) -> set[str]:
    """Who was granted anything."""
    return {grant["group"] for grant in home.ok("grant", "list", "--json").json}


def start(home: Home, what: str, point: str, flag: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the program; a move dies, fails, is interrupted or waits where it tells that it has come to this point."""
    command = [sys.executable, "-c", _SCRIPT, what, point, str(flag), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, env=home.variables(), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
    )


def stopped(home: Home, what: str, point: str, flag: Path, *arguments: str) -> Done:
    """The same, to its end."""
    child = start(home, what, point, flag, *arguments)
    out, err = child.communicate(timeout=120)
    return Done(child.returncode, out, err)


def wait_for(flag: Path, child: subprocess.Popen[str]) -> None:
    """Wait until a started move has come to its point."""
    end = time.monotonic() + 90
    while not flag.exists():
        assert time.monotonic() < end, "it did not come there"
        assert child.poll() is None, child.communicate()
        time.sleep(0.02)
