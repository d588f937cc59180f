"""What is said of a table that holds a sample: the caution, or that its figures were scaled up already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from townlake.catalog.cautions import cautions
from townlake.domain.finding import Finding, Severity

if TYPE_CHECKING:
    from sqlglot import exp

    from townlake.domain.table import Sampling, TableInfo

CODE = "CAT002"


def say_samples(findings: Iterable[Finding], tables: Iterable[TableInfo], sql: str) -> tuple[Finding, ...]:
    """The findings, where those on samples tell what the statement has made of them.

    Args:
        findings: of a check of the statement.
        tables: what it reads, as the caller may see it.
        sql: the statement.
    """
    others = tuple(finding for finding in findings if finding.code != CODE)
    sampled = [info for info in tables if info.sampling is not None]
    if not sampled:
        return others
    from sqlglot import parse_one

    tree = parse_one(sql, read="trino")
    return (*others, *(finding for info in sampled for finding in _told(info, tree)))


def _told(info: TableInfo, tree: exp.Expr) -> Iterable[Finding]:
    if info.sampling is None or not _weighs(info.sampling, tree):
        return (finding for finding in cautions(info) if finding.code == CODE)
    by = info.sampling.interval_column or f"{info.sampling.interval}"
    message = f"{info.ref} holds a sample of the events: the figures are estimates, scaled up by {by}."
    return (Finding(code=CODE, severity=Severity.NOTE, message=message),)


def _weighs(sampling: Sampling, tree: exp.Expr) -> bool:
    """Whether the statement sums the interval or multiplies with it."""
    from sqlglot import exp

    column = (sampling.interval_column or "").lower()
    for node in tree.find_all(exp.Sum, exp.Mul):
        if column and any(each.name.lower() == column for each in node.find_all(exp.Column)):
            return True
        if not column and isinstance(node, exp.Mul):
            factors = (factor for factor in (node.left, node.right) if isinstance(factor, exp.Literal))
            if any(float(factor.name) == sampling.interval for factor in factors if factor.is_number):
                return True
    return False
