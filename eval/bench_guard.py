"""How long the guard takes to check a statement, types and traps included.

    python -m eval.bench_guard [--rounds N]

Statements: the harmless ones that lie beside the tests of the guard, and the verified queries of the open
benchmark where it is beside the project. Catalog and policy answer from memory, so the figures are the guard's own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from eval.open_bench import ROOT, bench_path, questions
from townlake.domain.decision import ColumnAccess, Decision, Effect, TableAccess
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.governance.guard.check import check

HARMLESS: Final = ROOT / "tests" / "fixtures" / "guard" / "harmless"
AIM_P50: Final = 2.0
AIM_P95: Final = 20.0

_EVALUATOR: Final = Principal(subject="evaluator")
_OPEN: Final = Decision(effect=Effect.ALLOW, reason="Everything is open here.", rule="bench")


class Case(NamedTuple):
    """A statement and the schema that its tables lie in."""

    sql: str
    namespace: str | None


class OpenLake:
    """Tables that are open to everybody, as the guard's catalog and as its policy."""

    def __init__(self, tables: Iterable[TableInfo]) -> None:
        self._tables = {table.ref: table for table in tables}
        self._accesses = {table.ref: _opened(table) for table in self._tables.values()}

    def table(self, ref: TableRef) -> TableInfo | None:
        """The table of that name."""
        return self._tables.get(ref)

    def tables(self) -> Sequence[TableInfo]:
        """All tables."""
        return list(self._tables.values())

    def access(self, principal: Principal, table: TableInfo) -> TableAccess:
        """Everything."""
        return self._accesses[table.ref]

    def version(self) -> str:
        """It never changes."""
        return "open"


class Figures(NamedTuple):
    """Milliseconds of one set of statements."""

    statements: int
    refused: int
    p50: float
    p95: float
    longest: float


def measure(lake: OpenLake, cases: Sequence[Case], rounds: int) -> Figures:
    """Check every statement `rounds` times after a warm-up; the best round of each statement counts."""
    times: list[float] = []
    refused = 0
    for case in cases:
        best = float("inf")
        for _ in range(rounds + 1):
            started = time.perf_counter()
            verdict = check(case.sql, _EVALUATOR, lake, lake, namespace=case.namespace)
            best = min(best, (time.perf_counter() - started) * 1000)
        times.append(best)
        refused += not verdict.passed
    p95 = statistics.quantiles(times, n=20)[-1]
    return Figures(len(cases), refused, statistics.median(times), p95, max(times))


def harmless(folder: Path) -> Iterator[Case]:
    """The statements beside the tests that are plain queries."""
    for path in sorted(folder.glob("*.sql")):
        found = re.findall(r"^-- expect: pass\n(.*?)(?=^-- expect: |\Z)", path.read_text(encoding="utf-8"), re.M | re.S)
        yield from (Case(sql.rstrip(), None) for sql in found)


def shop() -> list[TableInfo]:
    """The tables of the harmless statements."""
    return [
        _table("shop", "orders", "id bigint; customer_id bigint; total decimal(12,2); placed date; note varchar; "
               "tags array(varchar); region varchar"),
        _table("shop", "customers", "id bigint; name varchar; email varchar; region varchar; born date; "
               "address row(city varchar, zip varchar)"),
        _table("shop", "payments", "id bigint; order_id bigint; amount double; paid_at timestamp(6); "
               "attrs map(varchar, varchar)"),
        _table("crm", "contacts", "id bigint; customer_id bigint; phone varchar; region varchar"),
    ]  # fmt: skip


def benchmark(path: Path) -> tuple[list[TableInfo], list[Case]]:
    """The open benchmark's tables and verified queries."""
    tables = []
    for file in sorted((path / "databases").glob("*/schema.json")):
        schema = json.loads(file.read_text(encoding="utf-8"))
        for each in schema["tables"]:
            columns = "; ".join(f"{column['name']} {column['type']}" for column in each["columns"])
            tables.append(_table(schema["db"], each["name"], columns))
    cases = [Case(line["gold_sql_trino"], line["db"]) for line in questions(path) if line["gold_sql_trino"]]
    return tables, cases


def _table(namespace: str, name: str, columns: str) -> TableInfo:
    ref = TableRef(catalog="lake", namespace=namespace, name=name)
    parts = [column.split(" ", 1) for column in columns.split("; ")]
    infos = tuple(ColumnInfo(name=part[0], type=part[1], field_id=at) for at, part in enumerate(parts, 1))
    return TableInfo(ref=ref, uuid=str(ref), columns=infos, metadata_location="", snapshot_id=1)


def _opened(table: TableInfo) -> TableAccess:
    columns = tuple(
        ColumnAccess(column=ColumnRef(table=table.ref, column=column.name), decision=_OPEN) for column in table.columns
    )
    return TableAccess(table=table.ref, decision=_OPEN, columns=columns)


def main() -> None:
    """Print the figures with the machine and the versions."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often each statement is checked")
    arguments = parser.parse_args()
    say = sys.stdout.write
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    say(f"{machine}, sqlglot {version('sqlglot')}\n")
    say(f"{'milliseconds a statement':<36} {'number':>7} {'refused':>8} {'p50':>7} {'p95':>7} {'longest':>8}\n")
    tables, cases = shop(), list(harmless(HARMLESS))
    sets = [("harmless statements", OpenLake(tables), cases)]
    if (path := bench_path()) is not None:
        tables, golds = benchmark(path)
        sets.append(("verified queries of the benchmark", OpenLake(tables), golds))
    for name, lake, some in sets:
        got = measure(lake, some, arguments.rounds)
        say(f"{name:<36} {got.statements:>7} {got.refused:>8} {got.p50:>7.2f} {got.p95:>7.2f} {got.longest:>8.2f}\n")
    say(f"{'aim':<36} {'':>7} {'':>8} {AIM_P50:>7.2f} {AIM_P95:>7.2f}\n")


if __name__ == "__main__":
    main()
