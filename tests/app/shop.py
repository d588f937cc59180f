"""A small lake, made by the commands that a person would run, and those commands as functions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import typer.testing

from app.cli.main import skipper
from tests.support.shared import ROOT

# It puts all commands together anew for each call, which takes longer than most of them run.
typer.testing._get_command = cache(typer.testing._get_command)  # type: ignore[attr-defined]
SECRET_VALUE = "Zw9-private-value"
SECRET_COLUMN = "hush_amount"
LOADER = "lou"
"""Who brings tables in; nobody opens what they loaded."""
ORDERS = """order_id,customer_id,region,amount,ordered_on
1,1,North,10.50,2026-01-05
2,1,North,20.00,2026-02-05
3,2,South,5.25,2026-02-07
4,3,South,100.00,2026-03-01
5,3,West,7.00,2026-03-02
"""
SCHEMA = {
    "tables": [
        {
            "name": "orders",
            "comment": "One row an order.",
            "primary_key": ["order_id"],
            "columns": [
                {"name": "order_id", "type": "bigint", "comment": "Number of the order."},
                {"name": "customer_id", "type": "bigint", "comment": "Who ordered."},
                {"name": "region", "type": "varchar", "comment": "Where to."},
                {"name": "amount", "type": "decimal(10,2)", "comment": "What it cost, in euro."},
                {"name": "ordered_on", "type": "date", "comment": "When."},
            ],
        },
        {
            "name": "customers",
            "comment": "One row a customer.",
            "primary_key": ["customer_id"],
            "columns": [
                {"name": "customer_id", "type": "bigint"},
                {"name": "name", "type": "varchar"},
                {"name": "email", "type": "varchar", "comment": "Where to write to."},
            ],
        },
    ],
    "foreign_keys": [
        {"table": "orders", "column": "customer_id", "ref_table": "customers", "ref_column": "customer_id"}
    ],
}
METRIC = """name: order_value
title: order value
synonyms: [sales]
description: What was ordered, in euro.
owner: ada
expression: sum(o.amount)
table: shop.orders
alias: o
dimensions:
  - {name: region, expression: o.region}
time: {column: o.ordered_on}
unit: EUR
"""
QUERY = """/*---
question: Who ordered the most?
owner: ada
verified_on: 2026-03-01
---*/
SELECT customer_id FROM shop.orders GROUP BY customer_id ORDER BY sum(amount) DESC, customer_id LIMIT 1
"""


@dataclass(frozen=True)
class Done:
    """What a command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """A JSON value a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def said(self) -> str:
        """All that anybody could read."""
        return self.out + self.err


@dataclass(frozen=True)
class Home:
    """A home, and the program run on it."""

    path: Path

    def run(self, *arguments: str, stdin: str | bytes | None = None, **environment: str | None) -> Done:
        """Run a command in this process, as the entry point would."""
        done = typer.testing.CliRunner().invoke(skipper, arguments, input=stdin, env=self._variables(environment))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    def ok(self, *arguments: str, stdin: str | None = None) -> Done:
        """Run a command that must succeed."""
        done = self.run(*arguments, stdin=stdin)
        assert done.code == 0, done.said
        return done

    def start(self, *arguments: str | bytes, **options: Any) -> subprocess.Popen[str]:
        """Start the program in a process and session of its own."""
        environment = options.pop("environment", {})
        prepare = options.pop("preexec_fn", None)

        def first() -> None:
            # Whoever runs tests in the background ignores Ctrl-C, and so would their children.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if prepare is not None:
                prepare()

        given: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
            "errors": "replace",
            "cwd": ROOT,
            "start_new_session": True,
            "preexec_fn": first,
        }
        command = [sys.executable, "-m", "app.cli.main", *arguments]
        return subprocess.Popen(command, env=self.variables(environment), **given | options)

    def variables(self, more: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """The whole environment of a process; None takes a variable out."""
        wanted = dict(os.environ) | self._variables(more or {})
        return {name: value for name, value in wanted.items() if value is not None}

    def process(self, *arguments: str | bytes, **options: Any) -> Done:
        """Run the program in a process of its own to its end."""
        child = self.start(*arguments, **options)
        out, err = child.communicate(timeout=120)
        return Done(child.returncode, out or "", err or "")

    def _variables(self, more: Mapping[str, str | None]) -> dict[str, str | None]:
        none = dict.fromkeys(("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "SKIPPER_MODEL_API_KEY", "SKIPPER_GROUPS"))
        return none | {"SKIPPER_HOME": str(self.path), "SKIPPER_USER": "ada", "COLUMNS": "100"} | more


def write_sources(folder: Path) -> None:
    """The files that the shop is loaded from."""
    folder.mkdir(parents=True)
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    customers = {"customer_id": [1, 2, 3], "name": ["Ann", "Bob", None], "email": [f"{n}@shop.example" for n in "abc"]}
    pq.write_table(pa.table(customers), folder / "customers.parquet")
    (folder / "payslips.csv").write_text(f"payee,{SECRET_COLUMN}\n{SECRET_VALUE},17\n", encoding="utf-8")
    (folder / "schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")


def open_shop(home: Home, sources: Path) -> None:
    """Load the shop, open it but for the payslips, mask the addresses, write down a metric, and index it all."""
    files = [str(sources / name) for name in ("orders.csv", "customers.parquet", "payslips.csv")]
    home.ok("ingest", "files", "--as", LOADER, *files, "--schema", "shop", "--describe", str(sources / "schema.json"))
    home.ok("review", "approve", "lake.shop.orders", "--unscanned", "--to", "everyone")
    home.ok("review", "mask", "lake.shop.customers.email", "--with", "redact")
    home.ok("review", "approve", "lake.shop.customers", "--unscanned", "--to", "everyone")
    for name, text in (("metrics/order_value.yaml", METRIC), ("queries/best_customer.sql", QUERY)):
        path = home.path / "knowledge" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    home.ok("index")
