"""What the types of a statement say: the columns of its result, what Trino would refuse, and traps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from townlake.domain.finding import Finding
from townlake.domain.names import TableRef
from townlake.domain.verdict import ScanColumn
from townlake.governance.guard.relation import Leaf
from townlake.sql.typing import annotate


@dataclass(frozen=True, slots=True)
class Reading:
    """The columns of the result with their types, and what was found on the way."""

    columns: tuple[tuple[str, str], ...] = ()
    """Name and type as Trino writes it; empty when they are not known one by one."""
    findings: tuple[Finding, ...] = ()


def read_types(sql: str, tree: exp.Expr, leaves: Sequence[Leaf]) -> Reading:
    """Type a resolved tree, over nothing but the columns that the caller may see.

    Args:
        sql: the statement as asked, for the places in findings.
        tree: the tree with every name resolved, before tables are replaced by scans.
        leaves: its tables.
    """
    tables: dict[TableRef, Sequence[ScanColumn]] = {
        leaf.info.ref: [ScanColumn(name=c.name, type=c.type, field_id=c.field_id) for c in leaf.columns]
        for leaf in leaves
    }
    typed = annotate(tree, tables.get, sql=sql)
    return Reading(tuple((name, str(kind)) for name, kind in typed.columns), typed.findings)
