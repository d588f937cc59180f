"""Trino's own answers against an engine, by topic.

    python -m eval.conformance [FILE] [--dialect | --trino URL] [--topic NAME] [--show KIND]

Statements come with the rows, or the error, that a real Trino gave. A statement is *right*,
*silently wrong* (the one that matters), *refused* by name before it ran, *failed* while it
ran, or *lenient*: it gave rows where Trino gives an error.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from eval.open_lake import OpenLake
from eval.trino_values import same_rows, same_type
from townlake.domain.errors import SkipperError
from townlake.domain.finding import Finding, Severity
from townlake.domain.limits import Limits
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.rows import Rows
from townlake.domain.verdict import OutputColumn, Scan, ScanColumn
from townlake.engines.dialect.translate import translate
from townlake.engines.duckdb.engine import DuckDBEngine
from townlake.engines.duckdb.job import Job, Setup
from townlake.engines.duckdb.pool import Pool
from townlake.engines.duckdb.views import views_of
from townlake.engines.protocol import Engine
from townlake.engines.trino.coordinator import Coordinator
from townlake.engines.trino.engine import TrinoEngine
from townlake.engines.values import json_rows
from townlake.governance.guard.check import check

RIGHT: Final = "right"
WRONG: Final = "silently wrong"
REFUSED: Final = "refused"
FAILED: Final = "failed"
LENIENT: Final = "lenient"
KINDS: Final = (RIGHT, WRONG, REFUSED, FAILED, LENIENT)
LIMITS: Final = Limits(rows=100_000, seconds=20.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one statement."""

    id: str
    topic: str
    kind: str
    sql: str
    approximate: bool
    types_right: bool | None = None
    """Whether every column has Trino's type; None unless the rows are right."""
    note: str = ""


@dataclass(slots=True)
class Report:
    """All outcomes."""

    outcomes: list[Outcome] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """How many statements came out so."""
        return sum(outcome.kind == kind for outcome in self.outcomes)

    def lines(self) -> Iterator[str]:
        """A table by topic, with a last line for all."""
        yield f"{'topic':<18}{'all':>5}" + "".join(f"{kind:>16}" for kind in KINDS)
        topics = sorted({outcome.topic for outcome in self.outcomes})
        for topic in (*topics, "total"):
            some = [outcome for outcome in self.outcomes if topic in (outcome.topic, "total")]
            counts = Counter(outcome.kind for outcome in some)
            yield f"{topic:<18}{len(some):>5}" + "".join(f"{counts[kind]:>16}" for kind in KINDS)
        typed = [outcome.types_right for outcome in self.outcomes if outcome.types_right is not None]
        yield f"right types among right rows: {sum(typed)} of {len(typed)}"
        approximate = sum(outcome.approximate for outcome in self.outcomes)
        yield f"(of which {approximate} ask an approximate aggregate)"


class Answer(Protocol):
    """Runs a statement; raises `Declined` when it is refused before it runs."""

    def __call__(self, sql: str) -> Rows:
        """The rows of a statement."""
        ...


class Declined(Exception):
    """The statement was refused before it ran."""


class Product:
    """A statement's way through the product: the guard, then the engine."""

    def __init__(self, scans: Sequence[Scan], engine: Engine) -> None:
        self._lake = OpenLake(scans)
        self._engine = engine

    def __call__(self, sql: str) -> Rows:
        """The rows of a statement, checked and run."""
        verdict = check(sql, Principal(subject="conformance"), self._lake, self._lake)
        findings = verdict.findings
        if verdict.passed:
            findings = self._engine.explain(verdict).findings
        if not verdict.passed or any(finding.severity is Severity.ERROR for finding in findings):
            raise Declined(_told(findings))
        return self._engine.run(verdict, LIMITS, "conformance")


class Dialect:
    """A statement's way through the dialect alone, without the guard."""

    def __init__(self, scans: Sequence[Scan], warehouse: Path) -> None:
        self._scans = tuple(scans)
        self.pool = Pool(Setup(str(warehouse), LIMITS.memory_bytes), 1)

    def __call__(self, sql: str) -> Rows:
        """The rows of a statement, translated and run."""
        translation = translate(sql, self._scans)
        if translation.refused or translation.sql is None:
            raise Declined(_told(translation.findings))
        job = Job(translation.sql, views_of(self._scans), LIMITS.rows, LIMITS.result_bytes)
        result = self.pool.run(job, memory_bytes=LIMITS.memory_bytes, seconds=LIMITS.seconds)
        columns = tuple(OutputColumn(name=name, type=type_) for name, type_ in translation.columns)
        return Rows(table=result.table, columns=columns, truncated=result.truncated, query_id="")


def _told(findings: Sequence[Finding]) -> str:
    return "; ".join(f"{finding.code} {finding.error} {finding.message}" for finding in findings)


def judge(case: dict[str, Any], answer: Answer) -> Outcome:
    """One statement, compared with Trino's answer."""

    def outcome(kind: str, note: str = "", types_right: bool | None = None) -> Outcome:
        approximate = bool(case.get("approx"))
        return Outcome(case["id"], case["topic"], kind, case["sql"], approximate, types_right, note)

    try:
        rows = answer(case["sql"])
    except Declined as declined:
        return outcome(RIGHT if case["error"] else REFUSED, str(declined))
    except SkipperError as error:
        note = f"{getattr(error, 'code', type(error).__name__)} {getattr(error, 'detail', '')}".partition("\n")[0]
        return outcome(RIGHT if case["error"] else FAILED, note)
    found = json_rows(rows)
    if case["error"]:
        return outcome(LENIENT, f"{case['error']} but {str(found)[:200]}")
    mine = [column.type for column in rows.columns]
    theirs = [column["type"] for column in case["columns"]]
    if not same_rows(found, mine, case["rows"], theirs, ordered=case["ordered"]):
        return outcome(WRONG, f"{str(found)[:300]} instead of {str(case['rows'])[:300]}")
    right = all(map(same_type, mine, theirs))
    return outcome(RIGHT, "" if right else f"{mine} instead of {theirs}", right)


def load_tables(folder: Path, warehouse: Path) -> Iterator[Scan]:
    """Write the Parquet tables of a folder as Iceberg tables `tpch.tiny`."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyiceberg.catalog.sql import SqlCatalog

    catalog = SqlCatalog("tpch", uri=f"sqlite:///{warehouse}/catalog.db", warehouse=f"file://{warehouse}")
    catalog.create_namespace("tiny")
    for path in sorted(folder.glob("*.parquet")):
        data = pq.read_table(path)
        types = [(item.metadata or {}).get(b"trino.type", b"").decode() for item in data.schema]
        plain = pa.table(data.columns, names=data.column_names)
        table = catalog.create_table(f"tiny.{path.stem}", schema=plain.schema, properties={"format-version": "2"})
        table.append(plain)
        columns = (
            ScanColumn(name=name, type=type_, field_id=place)
            for place, (name, type_) in enumerate(zip(data.column_names, types, strict=True), 1)
        )
        snapshot = table.current_snapshot()
        yield Scan(
            table=TableRef(catalog="tpch", namespace="tiny", name=path.stem),
            table_uuid=str(table.metadata.table_uuid),
            metadata_location=table.metadata_location,
            snapshot_id=snapshot.snapshot_id if snapshot else None,
            columns=tuple(columns),
        )
    catalog.engine.dispose()


def read_cases(path: Path) -> list[dict[str, Any]]:
    """The statements with Trino's answers."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def run_all(
    shared: Path, cases: Sequence[dict[str, Any]], *, dialect_only: bool = False, trino: Engine | None = None
) -> Report:
    """Every statement, over fresh tables, or over those that a Trino with the connector `tpch` makes."""
    with tempfile.TemporaryDirectory() as directory:
        warehouse = Path(directory)
        scans = tuple(load_tables(shared / "tpch_tiny", warehouse))
        if trino is not None:
            # Those of the connector hold the same rows, and have no snapshots.
            made = [scan.model_copy(update={"schema_is_newer": True}) for scan in scans]
            return Report([judge(case, Product(made, trino)) for case in cases])
        if dialect_only:
            dialect = Dialect(scans, warehouse)
            try:
                return Report([judge(case, dialect) for case in cases])
            finally:
                dialect.pool.close()
        engine = DuckDBEngine(warehouse, 1)
        try:
            product = Product(scans, engine)
            return Report([judge(case, product) for case in cases])
        finally:
            engine.close()


def main() -> None:
    """Print the table, and on request the statements of one kind."""
    beside = Path(os.environ.get("SKIPPER_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    parser = argparse.ArgumentParser(description="Trino's own answers against an engine.")
    parser.add_argument("file", nargs="?", type=Path, default=beside / "conformance" / "trino_statements.jsonl")
    parser.add_argument("--dialect", action="store_true", help="go round the guard")
    parser.add_argument("--trino", metavar="URL", help="ask this server, which has no access control")
    parser.add_argument("--topic", help="only statements of this topic")
    parser.add_argument(
        "--show", choices=[*KINDS, "types"], action="append", default=[], help="print statements of this kind"
    )
    options = parser.parse_args()
    cases = [case for case in read_cases(options.file) if options.topic in (None, case["topic"])]
    server = Coordinator(url=options.trino, user="conformance") if options.trino else None
    engine = None if server is None else TrinoEngine(server, lambda principal: principal.subject)
    report = run_all(options.file.parent, cases, dialect_only=options.dialect, trino=engine)
    for outcome in report.outcomes:
        if outcome.kind in options.show or ("types" in options.show and outcome.types_right is False):
            print(f"{outcome.id}  {outcome.kind}\n    {outcome.sql}\n    {outcome.note}")  # noqa: T201
    print("\n".join(report.lines()))  # noqa: T201


if __name__ == "__main__":
    main()
