"""What the dialect made of a statement."""

from __future__ import annotations

from dataclasses import dataclass, field

from townlake.domain.finding import Finding, Severity
from townlake.domain.names import TableRef


@dataclass(frozen=True, slots=True)
class Translation:
    """A statement in DuckDB's dialect, or the reasons why there is none."""

    sql: str | None
    """None when the statement was refused. Its output columns are named `c0`, `c1`, ..."""
    columns: tuple[tuple[str, str], ...] = ()
    """Name and Trino type of each output column, as Trino's analyzer gives them."""
    findings: tuple[Finding, ...] = field(default=())
    barred: frozenset[TableRef] = frozenset()
    """The tables whose row filters hold before anything of the caller's is computed."""

    @property
    def refused(self) -> bool:
        """True when the statement must not run."""
        return self.sql is None or any(finding.severity is Severity.ERROR for finding in self.findings)
