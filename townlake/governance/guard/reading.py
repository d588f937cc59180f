"""What the types of a statement say: the result's columns, type errors and traps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from townlake.domain.finding import Finding
from townlake.governance.guard.relation import Leaf


@dataclass(frozen=True, slots=True)
class Reading:
    """The columns of the result with their types, and what was found on the way."""

    columns: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()


def read_types(tree: exp.Expr, leaves: Sequence[Leaf]) -> Reading:
    """Type a resolved tree."""
    return Reading()
