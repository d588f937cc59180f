"""Holds the knowledge files against the lake: does what they name exist, and would the guard let their SQL run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.any_values import with_any_values
from app.repeats_check import check_repeats
from app.tables import did_you_mean, nearest_tables
from townlake.catalog.knowledge.expressions import columns, view_expression
from townlake.catalog.knowledge.faults import Fault, Report
from townlake.catalog.knowledge.loader import read_knowledge
from townlake.catalog.knowledge.metric_file import read_metric
from townlake.catalog.knowledge.model import Knowledge, Metric, TimeKind, VerifiedQuery
from townlake.catalog.knowledge.prose_files import read_page
from townlake.catalog.knowledge.query_file import read_query
from townlake.domain.decision import ColumnAccess, Decision, Effect, TableAccess
from townlake.domain.errors import HomeError
from townlake.domain.finding import Finding, Severity
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal, PrincipalKind
from townlake.sql.keys import keys_of

if TYPE_CHECKING:
    from townlake.catalog.catalog import Catalog
    from townlake.catalog.knowledge.repeats import KeysOf
    from townlake.domain.table import TableInfo

_CHECKER: Final = Principal(subject="doctor", kind=PrincipalKind.SYSTEM)
_ALLOWED: Final = Decision(effect=Effect.ALLOW, reason="Nothing is run.", rule="doctor")


def check_knowledge(folder: Path, catalog: Catalog, today: date) -> tuple[Knowledge, tuple[Fault, ...]]:
    """The knowledge and everything that is wrong with it, be it the form of a file or what it says of the lake.

    Whether somebody may read a table is no matter here: only what nobody could ever compute is a fault. Nothing is run.
    """
    knowledge, faults = read_knowledge(folder)
    reports = [Report(fault.file, [fault]) for fault in faults]
    lake = _Lake(catalog, today, keys_of(catalog.tables()))
    for path in sorted(folder.glob("*/*")):
        report = Report(path.relative_to(folder).as_posix())
        _check_file(path, report, lake)
        reports.append(report)
    glossary = Report("glossary.yaml")
    for term in knowledge.terms:
        lake.check_tables(f"{term.term}: tables", term.tables, glossary)
    return knowledge, tuple(fault for report in (*reports, glossary) for fault in report.faults)


def _check_file(path: Path, report: Report, lake: _Lake) -> None:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return  # the loader tells it
    form = Report(report.file)
    match path.parent.name, path.suffix:
        case "metrics", ".yaml" if (metric := read_metric(text, form)) is not None:
            _name(report, path.stem, metric.name)
            _check_metric(metric, report, lake)
        case "queries", ".sql" if (query := read_query(text, path.stem, form)) is not None:
            _name(report, path.stem, query.name)
            _check_query(query, report, lake)
        case "pages", ".md" if path.name.lower() != "readme.md" and (page := read_page(text, path.stem, form)):
            lake.check_tables("tables", page.tables, report)


def _name(report: Report, stem: str, name: str) -> None:
    """Say what the file holds, where its own name does not."""
    if stem != name:
        report.file = f"{report.file} ({name})"


@dataclass(frozen=True, slots=True)
class _Lake:
    """The catalog, seen by one for whom nothing is closed."""

    catalog: Catalog
    today: date
    keys: KeysOf

    def access(self, principal: Principal, table: TableInfo) -> TableAccess:
        """Every column in the clear: a review may come, a missing column will not."""
        every = (
            ColumnAccess(column=ColumnRef(table=table.ref, column=c.name), decision=_ALLOWED) for c in table.columns
        )
        return TableAccess(table=table.ref, decision=_ALLOWED, columns=tuple(every))

    def version(self) -> str:
        """It never changes."""
        return ""

    def table(self, at: str, ref: TableRef, report: Report) -> TableInfo | None:
        """The table of that name; None, and a fault with the nearest names, where there is none."""
        try:
            info = self.catalog.table(ref)
        except HomeError:
            report.add(at, f"{ref} is damaged.")
            return None
        if info is None:
            near = nearest_tables(str(ref), (table.ref for table in self.catalog.tables()))
            report.add(at, f"there is no table {ref}.", did_you_mean(near))
        return info

    def check_tables(self, at: str, refs: Iterable[TableRef], report: Report) -> None:
        """Note the tables that are missing."""
        for ref in refs:
            self.table(at, ref, report)

    def check_column(self, at: str, info: TableInfo, name: str, report: Report) -> None:
        """Note a column that is missing."""
        if info.column(name) is None:
            near = get_close_matches(name, [column.name for column in info.columns], n=2, cutoff=0.6)
            hint = did_you_mean(near) or f"`skipper tables {info.ref}` lists its columns."
            report.add(at, f"{info.ref} has no column {name}.", hint)

    def faults_of(self, sql: str) -> tuple[Finding, ...]:
        """Why the guard would refuse a statement to somebody who may see everything."""
        from townlake.governance.guard.check import check

        verdict = check(sql, _CHECKER, self.catalog, self)
        return tuple(finding for finding in verdict.findings if finding.severity is Severity.ERROR)


def _check_metric(metric: Metric, report: Report, lake: _Lake) -> None:
    infos = {metric.alias: lake.table("table", metric.table, report)}
    infos |= {j.alias: lake.table(f"joins[{i}].table", j.table, report) for i, j in enumerate(metric.joins)}
    for at, text in _expressions(metric):
        for alias, column in sorted(set(columns(view_expression(text)))):
            info = infos.get(alias)
            if info is not None:
                lake.check_column(at, info, column, report)
    if not report.clean:
        return
    if _refused(metric, tuple(d.name for d in metric.dimensions), lake, by_time=True):
        _find_refused_part(metric, report, lake)
    else:
        check_repeats(metric, lake.keys, report)


def _expressions(metric: Metric) -> Iterator[tuple[str, str]]:
    """(place in the file, Trino SQL) of all that a metric computes with."""
    yield "expression", metric.expression
    yield from ((f"filters[{i}]", text) for i, text in enumerate(metric.filters))
    yield from ((f"joins[{i}].on", join.on) for i, join in enumerate(metric.joins))
    yield from ((f"dimensions[{i}].expression", d.expression) for i, d in enumerate(metric.dimensions))
    for name in ("column", "valid_from", "valid_to"):
        text = getattr(metric.time, name, None)
        if text is not None:
            yield f"time.{name}", text


def _find_refused_part(metric: Metric, report: Report, lake: _Lake) -> None:
    # A stock is measured on a day whatever is asked of it.
    base = "expression" if metric.time is None or metric.time.kind is TimeKind.FLOW else "expression or time"
    parts: list[tuple[str, tuple[str, ...], bool]] = [(base, (), False)]
    parts += [(f"dimensions[{i}].expression", (d.name,), False) for i, d in enumerate(metric.dimensions)]
    parts += [("time", (), True)]
    for at, names, by_time in parts:
        found = _refused(metric, names, lake, by_time=by_time)
        for finding in found[:1]:
            report.add(at, finding.message, finding.hint)
        if found and at == base:
            return  # the others stand on it


def _refused(metric: Metric, dimensions: tuple[str, ...], lake: _Lake, *, by_time: bool) -> tuple[Finding, ...]:
    """What the guard has against the statement that a question for this metric would become."""
    from agents.ask.cover.calendar import Grain
    from agents.ask.cover.compose.statement import compose
    from agents.ask.cover.settle import settled
    from agents.ask.cover.slots import Slots

    grain = Grain.MONTH if by_time and metric.time is not None else None
    slots = settled(Slots(metrics=(metric.name,), dimensions=dimensions, grain=grain), (metric,), lake.today)
    return lake.faults_of(compose(slots, {metric.name: metric}, lake.today).sql)


def _check_query(query: VerifiedQuery, report: Report, lake: _Lake) -> None:
    lake.check_tables("sql", query.tables, report)
    for i, parameter in enumerate(query.parameters):
        if parameter.dimension is not None:
            column, at = ColumnRef.parse(parameter.dimension), f"parameters[{i}].dimension"
            info = lake.table(at, column.table, report)
            if info is not None:
                lake.check_column(at, info, column.column, report)
    if not report.clean:
        return
    for finding in lake.faults_of(with_any_values(query, lake.today)):
        report.add("sql", finding.message, finding.hint)
