"""Trino's SQL in, DuckDB's SQL out, with the same rows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp
from sqlglot.errors import SqlglotError

from townlake.domain.errors import EngineError, SkipperError
from townlake.domain.finding import Finding, Severity
from townlake.domain.names import TableRef
from townlake.domain.verdict import Scan, ScanColumn
from townlake.engines.dialect import refusal
from townlake.engines.dialect.barrier import bar_filtered
from townlake.engines.dialect.build import Node, cast
from townlake.engines.dialect.functions.registry import AGGREGATES, FUNCTIONS
from townlake.engines.dialect.growth import MAX_GROWTH, TooLarge, growth
from townlake.engines.dialect.lower import Lowering
from townlake.engines.dialect.rules.registry import RULES
from townlake.engines.dialect.translation import Translation
from townlake.engines.dialect.types import duckdb_type
from townlake.engines.dialect.writing import write
from townlake.engines.dialect.zones import common_zone
from townlake.sql.text import read
from townlake.sql.typing import annotate

_LOG: Final = logging.getLogger(__name__)


def translate(sql: str, scans: Sequence[Scan]) -> Translation:
    """Turn a checked statement into DuckDB's dialect.

    What has no exact counterpart is refused by a finding; a wrong value is worse.

    Args:
        sql: one query in Trino's dialect.
        scans: the tables that it reads.

    Returns:
        The statement with its output columns named `c0`, `c1`, ... and cast to Trino's types,
        or the findings that say why there is none.
    """
    try:
        return _translated(sql, scans)
    except SkipperError:
        raise
    except TooLarge:
        return Translation(None, findings=(refusal.too_large().finding,))
    except Exception as fault:  # a number of ten thousand digits, say; the text may quote the statement
        _LOG.error("a statement could not be translated: %s", type(fault).__name__)
        return Translation(None, findings=(refusal.form("this statement").finding,))


def _translated(sql: str, scans: Sequence[Scan]) -> Translation:
    for scan in scans:
        if scan.table.is_federated and not scan.metadata_location:
            return Translation(None, findings=(refusal.behind_trino(scan.table).finding,))
    tree = _read(sql)
    if tree is None:
        return Translation(None, findings=(refusal.form("this statement").finding,))
    typed = annotate(tree, _columns_of(scans), sql=sql)
    columns = tuple((name, str(type_)) for name, type_ in typed.columns)
    if any(finding.severity is Severity.ERROR for finding in typed.findings):
        return Translation(None, columns, tuple(typed.findings))
    barred = bar_filtered(tree)
    lower = Lowering(RULES, FUNCTIONS, AGGREGATES, common_zone(tree), typed)
    lowered = lower(tree)
    findings = (*typed.findings, *lower.findings)
    if lower.findings or not columns:
        unknown = () if lower.findings else (refusal.form("a statement whose columns are not known").finding,)
        return Translation(None, columns, (*findings, *unknown))
    return replace(_generated(lowered, columns, findings), barred=barred)


def _read(sql: str) -> Node | None:
    """The tree of one query, or None when the text is none."""
    try:
        trees = read(sql)
    except (SqlglotError, RecursionError):
        return None
    tree = trees[0] if len(trees) == 1 else None
    return tree if isinstance(tree, exp.Query | exp.Values) else None


def _columns_of(scans: Sequence[Scan]) -> Callable[[TableRef], Sequence[ScanColumn] | None]:
    tables = {scan.table: scan.columns for scan in scans}
    return tables.get


def _generated(tree: Node, columns: tuple[tuple[str, str], ...], findings: tuple[Finding, ...]) -> Translation:
    try:
        whole = _cast_outputs(tree, [type_ for _, type_ in columns])
        if growth(whole) > MAX_GROWTH:
            raise TooLarge
        text = write(whole)
    except refusal.Refused as refused:
        return Translation(None, columns, (*findings, refused.finding))
    except EngineError as error:
        return Translation(None, columns, (*findings, refusal.Refused("DIA004", error.message).finding))
    except SqlglotError:
        return Translation(None, columns, (*findings, refusal.form("this statement").finding))
    return Translation(text, columns, findings)


def _cast_outputs(tree: Node, types: list[str]) -> Node:
    """The statement inside a SELECT that gives every column its name and its type.

    DuckDB keeps the order of a subquery that nothing but a projection stands on.
    """
    names = [f"c{place}" for place in range(len(types))]
    inner = tree if isinstance(tree, exp.Subquery) and not tree.alias else exp.Subquery(this=tree)
    if isinstance(tree, exp.Subquery) and any(tree.args.get(key) for key in ("order", "limit", "offset", "with_")):
        inner = exp.Subquery(this=exp.select("*").from_(tree))
    inner.set(
        "alias", exp.TableAlias(this=exp.to_identifier("result"), columns=[exp.to_identifier(name) for name in names])
    )
    outputs = [exp.alias_(_output(exp.column(name), type_), name) for name, type_ in zip(names, types, strict=True)]
    return exp.select(*outputs).from_(inner)


def _output(column: Node, type_: str) -> Node:
    if type_ == "unknown":
        return column
    if type_ == "json":
        return cast(column, "VARCHAR")
    if "unknown" in type_ or "row(" in type_:
        # DuckDB casts rows by the names of their fields, which Trino's may lack.
        return column
    return cast(column, duckdb_type(type_))
