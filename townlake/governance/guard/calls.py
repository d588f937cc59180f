"""The functions that a statement may call: those whose signature is known, and no others."""

from __future__ import annotations

from sqlglot import exp

from townlake.domain.finding import Finding
from townlake.governance.guard.findings import error, place_of, quoted


def is_function(node: exp.Expression) -> bool:
    return isinstance(node, exp.Func)


def function_finding(sql: str, node: exp.Expression) -> Finding | None:
    return None
