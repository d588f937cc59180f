"""What is carried along while the names of one statement are resolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from townlake.domain.finding import Finding
from townlake.governance.guard.findings import error, place_of
from townlake.governance.guard.relation import Columns, Leaf, Origins, Scope
from townlake.governance.guard.sight import Sight

Named = Mapping[str, Columns]
"""The named queries of WITH that are visible at a place, by folded name."""


@dataclass(slots=True)
class Resolution:
    """One walk over one tree; it collects every finding instead of stopping at the first."""

    sql: str
    sight: Sight
    query: Callable[[Resolution, exp.Expr, Scope | None, Named], Columns]
    """Resolves a query within an expression or a relation; injected, since the three call each other."""
    findings: list[Finding] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    columns: dict[int, tuple[exp.Expr, Origins]] = field(default_factory=dict)
    """What names of columns of tables mean, by node; the node is held so that no other takes its place."""

    def refuse(self, code: str, message: str, hint: str, node: exp.Expr) -> None:
        """Note a fault at a node."""
        finding = error(code, message, hint, at=place_of(self.sql, node))
        if finding not in self.findings:
            self.findings.append(finding)
