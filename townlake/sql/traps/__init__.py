"""Statements that run and give other rows than was meant: one rule a file, each with the rewrite in its hint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from townlake.domain.finding import Finding
from townlake.sql.traps import (
    counted_stars,
    decimal_average,
    decimal_division,
    fan_out,
    integer_division,
    last_day,
    limit_ties,
    mixed_logic,
    not_in_null,
    null_comparison,
    outer_join,
    text_order,
    time_zone,
    unordered_limit,
)
from townlake.sql.traps.view import TableLookup, View
from townlake.sql.typing.typed import Typed

RULES: Final[tuple[Callable[[View], Iterator[Finding]], ...]] = (
    decimal_division.find,
    decimal_average.find,
    integer_division.find,
    not_in_null.find,
    null_comparison.find,
    text_order.find,
    last_day.find,
    time_zone.find,
    unordered_limit.find,
    limit_ties.find,
    outer_join.find,
    counted_stars.find,
    mixed_logic.find,
    fan_out.find,
)
"""All rules, in the order of their codes."""


def find_traps(typed: Typed, table: TableLookup | None = None) -> tuple[Finding, ...]:
    """The quiet traps of a statement.

    Args:
        typed: the statement as `annotate` read it; its tree must not have been changed since.
        table: what the catalog knows of a table. Rules about keys and NULLs need it and are silent without.

    >>> from sqlglot import parse_one
    >>> from townlake.sql.typing import annotate
    >>> typed = annotate(parse_one("SELECT 1.0 * count(*) / 3", read="trino"), lambda ref: None)
    >>> [finding.hint for finding in find_traps(typed)]
    ['Write 1.0E0 * COUNT(*) / 3.']
    """
    view = View.of(typed, table)
    return tuple(dict.fromkeys(finding for rule in RULES for finding in rule(view)))
