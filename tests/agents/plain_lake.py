"""A lake of three small tables in memory, as one caller sees it: enough for the graph, without guard and engine."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp, parse_one
from sqlglot.errors import ParseError

from memory.document import Kind
from memory.found import Found, FoundColumn, FoundNote, FoundTable
from memory.sight import Sight
from memory.values import ValueMatch
from townlake.domain.decision import ColumnAccess, Decision, Effect, TableAccess
from townlake.domain.errors import AccessDenied, EngineError, SkipperError
from townlake.domain.finding import Finding, Severity
from townlake.domain.limits import Limits
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.rows import Rows
from townlake.domain.table import ColumnInfo, ForeignKey, TableInfo, Tier
from townlake.domain.verdict import OutputColumn, Scan, Verdict
from townlake.governance.table_view import TableView

TRINO = {"int64": "bigint", "string": "varchar", "double": "double", "date32[day]": "date"}
CITIES = pa.table({"id": [1, 2, 3], "name": ["Bern", "Oslo", "Rome"], "country": ["CH", "NO", "IT"]})
VISITS = pa.table({"city_id": [1, 1, 2], "guests": [10, 30, None], "note": ["ok", None, None]})
SALARIES = pa.table({"payee": ["x"], "wage": [1]})
COMMENTS = {"geo.cities": "Towns that we visit", "geo.visits": "One row a visit"}
OPEN = {"geo.cities": CITIES, "geo.visits": VISITS}
CLOSED = {"hr.salaries": SALARIES}


def ref(name: str) -> TableRef:
    return TableRef.parse(name)


def info(name: str, data: pa.Table) -> TableInfo:
    keys = (
        (ForeignKey(columns=("city_id",), ref_table=ref("geo.cities"), ref_columns=("id",)),)
        if name == "geo.visits"
        else ()
    )
    return TableInfo(
        ref=ref(name),
        uuid=f"uuid-{name}",
        columns=tuple(
            ColumnInfo(name=f.name, type=TRINO[str(f.type)], field_id=n, comment=f"the {f.name}")
            for n, f in enumerate(data.schema, 1)
        ),
        metadata_location="",
        snapshot_id=1,
        comment=COMMENTS.get(name, ""),
        owner="geo-team",
        tier=Tier.CURATED,
        fresh_at=datetime(2026, 3, 1, tzinfo=UTC),
        row_count=data.num_rows,
        primary_key=("id",) if name == "geo.cities" else (),
        foreign_keys=keys,
    )


def view(name: str, data: pa.Table, effect: Effect) -> TableView:
    decision = Decision(effect=effect, reason="test", rule="test")
    table = info(name, data)
    closed = effect is Effect.DENY
    columns = tuple(
        ColumnAccess(column=ColumnRef(table=table.ref, column=c.name), decision=decision) for c in table.columns
    )
    return TableView(
        info=table.model_copy(update={"columns": () if closed else table.columns}),
        access=TableAccess(
            table=table.ref,
            decision=decision,
            columns=() if closed else columns,
            ask=f"Ask its owner: `skipper review request {table.ref}`." if closed else "",
        ),
    )


@dataclass
class PlainLake:
    """Checks names, runs on DuckDB, and keeps what it was asked."""

    warnings: dict[str, str] = field(default_factory=dict)
    """Findings by a part of the statement that brings them: code and message."""
    over: tuple[str, ...] = ()
    """Parts of statements that are over a limit."""
    asked: list[str] = field(default_factory=list)
    """Statements that a reviewer was asked to approve."""
    faults: list[SkipperError] = field(default_factory=list)
    """Raised by the next runs."""
    row_filtered: tuple[TableRef, ...] = ()
    checked: list[tuple[str, Mapping[TableRef, int] | None]] = field(default_factory=list)
    ran: list[tuple[str, str]] = field(default_factory=list)
    moved: int = 0
    limits: list[Limits | None] = field(default_factory=list)

    def version(self) -> str:
        return str(self.moved)

    def tables(self, principal: Principal) -> tuple[TableView, ...]:
        opened = (view(name, data, Effect.ALLOW) for name, data in OPEN.items())
        return (*opened, *(view(name, data, Effect.DENY) for name, data in CLOSED.items()))

    def check(
        self,
        sql: str,
        principal: Principal,
        *,
        namespace: str | None = None,
        snapshots: Any = None,
        may_ask: bool = True,
        runs_next: bool = False,
    ) -> Verdict:
        self.checked.append((sql, snapshots))
        try:
            tree = parse_one(sql, read="trino")
        except ParseError:
            return self._refused(sql, principal, "SQL001", "This is not SQL.")
        if not isinstance(tree, exp.Query):
            return self._refused(sql, principal, "SQL003", "Only queries run.")
        names = [f"{table.db}.{table.name}" for table in tree.find_all(exp.Table)]
        for name in names:
            if name not in OPEN:
                return self._refused(sql, principal, "NAM001", f'There is no table "{name}" that you may read.')
        known = {column for name in names for column in OPEN[name].column_names} | {
            a.alias for a in tree.find_all(exp.Alias)
        }
        for column in tree.find_all(exp.Column):
            if column.name not in known:
                return self._refused(sql, principal, "NAM002", f'Column "{column.name}" cannot be resolved.')
        findings = tuple(
            Finding(code=code, severity=Severity.WARNING, message="It loses digits.", hint="Write 100.0E0.")
            for part, code in self.warnings.items()
            if part in sql
        )
        if any(part in sql for part in self.over):
            if may_ask:
                self.asked.append(sql)
            return self._refused(sql, principal, "LIM001", "It would read too much.")
        scans = tuple(
            Scan(table=ref(name), table_uuid="u", metadata_location="", snapshot_id=1, columns=())
            for name in dict.fromkeys(names)
        )
        return Verdict(
            asked=sql,
            principal=principal,
            findings=findings,
            sql=sql,
            scans=scans,
            row_filtered=self.row_filtered,
            columns=tuple(OutputColumn(name=name, type="varchar") for name in tree.named_selects),
        )

    def run(
        self, verdict: Verdict, limits: Limits | None = None, cancelled: Event | None = None, *, run_id: str = ""
    ) -> Rows:
        self.limits.append(limits)
        self.ran.append((verdict.asked, run_id))
        if not verdict.passed:
            raise AccessDenied("It did not pass.")
        if self.faults:
            raise self.faults.pop(0)
        tree = parse_one(verdict.asked, read="trino")
        for table in tree.find_all(exp.Table):
            table.replace(exp.to_table(table.name, alias=table.alias or None))
        with duckdb.connect() as connection:
            for name, data in OPEN.items():
                connection.register(name.split(".")[1], data)
            try:
                found = connection.execute(tree.sql("duckdb")).to_arrow_table()
            except duckdb.Error as error:
                raise EngineError("It failed.", code="TYPE_MISMATCH") from error
        most = limits.rows if limits else 1000
        return Rows(
            table=found.slice(0, most),
            columns=tuple(OutputColumn(name=f.name, type=str(f.type)) for f in found.schema),
            truncated=found.num_rows > most,
            query_id=f"q{next(_IDS)}",
            snapshots={scan.table: scan.snapshot_id for scan in verdict.scans},
        )

    def _refused(self, sql: str, principal: Principal, code: str, message: str) -> Verdict:
        finding = Finding(code=code, severity=Severity.ERROR, message=message, hint="Look at the tables.")
        return Verdict(asked=sql, principal=principal, findings=(finding,))


_IDS = itertools.count(1)


@dataclass
class PlainMemory:
    """Finds every table, the ones whose name stands in the question first."""

    asked: list[str] = field(default_factory=list)
    metrics: tuple[str, ...] = ()
    closed: bool = False

    def search(self, question: str, sight: Sight, *, limit: int = 20, values: Any = ()) -> Found:
        self.asked.append(question)
        names = sorted((*OPEN, *CLOSED), key=lambda name: name.split(".")[1][:5] not in question.lower())
        tables = tuple(
            FoundTable(
                table=ref(name),
                score=1 / (place + 1),
                why="Its name is in the question.",
                columns=tuple(
                    FoundColumn(column=ColumnRef(table=ref(name), column=column), score=0.5)
                    for column in sorted(sight.columns.get(ref(name), ()))
                ),
            )
            for place, name in enumerate(names)
            if sight.finds(ref(name))
        )
        notes = tuple(FoundNote(kind=Kind.METRIC, name=name, score=1.0) for name in self.metrics)
        return Found(preferred=tables[0], alternatives=tables[1:limit], metrics=notes)

    def close(self) -> None:
        self.closed = True


class PlainValues:
    """The text columns of the open tables."""

    def lookup(self, text: str, sight: Sight) -> tuple[ValueMatch, ...]:
        return tuple(
            ValueMatch(column=column, value=value, score=1.0, words=value)
            for column, stored in _stored(sight)
            for value in stored
            if value.lower() in text.lower().split()
        )

    def nearest(self, column: ColumnRef, text: str, sight: Sight) -> tuple[str, ...]:
        stored = dict(_stored(sight)).get(column, ())
        return tuple(sorted(stored, key=lambda value: (value != text, value.lower() != text.lower(), value)))

    def samples(self, column: ColumnRef, sight: Sight, limit: int) -> tuple[str, ...]:
        return dict(_stored(sight)).get(column, ())[:limit]


def _stored(sight: Sight) -> list[tuple[ColumnRef, tuple[str, ...]]]:
    return [
        (column, tuple(dict.fromkeys(value for value in data[field.name].to_pylist() if value is not None)))
        for name, data in OPEN.items()
        for field in data.schema
        if str(field.type) == "string" and sight.opens(column := ColumnRef(table=ref(name), column=field.name))
    ]
