"""What the types of a statement say: the columns of its result, what Trino would refuse, and traps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from townlake.domain.decision import TableAccess
from townlake.domain.finding import Finding
from townlake.domain.names import TableRef
from townlake.domain.table import TableInfo
from townlake.domain.verdict import ScanColumn
from townlake.governance.guard.relation import Leaf
from townlake.governance.guard.sight import Sight
from townlake.governance.table_view import view_table
from townlake.sql.traps import find_traps
from townlake.sql.typing import annotate


@dataclass(frozen=True, slots=True)
class Reading:
    """The columns of the result with their types, and what was found on the way."""

    columns: tuple[tuple[str, str], ...] = ()
    """Name and type as Trino writes it; empty when they are not known one by one."""
    findings: tuple[Finding, ...] = ()


def read_types(sql: str, tree: exp.Expr, leaves: Sequence[Leaf], sight: Sight) -> Reading:
    """Type a resolved tree and look for traps, knowing of each table no more than the caller may.

    Args:
        sql: the statement as asked, for the places in findings.
        tree: the tree with every name resolved, before tables are replaced by scans.
        leaves: its tables.
        sight: the catalog as the caller may see it.
    """
    tables: dict[TableRef, Sequence[ScanColumn]] = {leaf.info.ref: leaf.scan_columns for leaf in leaves}
    typed = annotate(tree, tables.get, sql=sql)
    traps = () if typed.findings else find_traps(typed, _Views(leaves, sight).table)
    columns = tuple((name, str(kind)) for name, kind in typed.columns)
    return Reading(columns, (*typed.findings, *traps))


class _Views:
    """The tables of a statement narrowed to what the caller may know, made when a rule asks."""

    def __init__(self, leaves: Sequence[Leaf], sight: Sight) -> None:
        self._leaves = {leaf.info.ref: leaf for leaf in leaves}
        self._sight = sight
        self._made: dict[TableRef, TableInfo | None] = {}

    def table(self, ref: TableRef) -> TableInfo | None:
        """The table as the caller may know it: no key over a hidden column, no key to a closed table."""
        if ref not in self._made:
            leaf = self._leaves.get(ref)
            view = view_table(leaf.info, leaf.access, self._access) if leaf is not None else None
            self._made[ref] = view.info if view is not None else None
        return self._made[ref]

    def _access(self, ref: TableRef) -> TableAccess | None:
        found = self._sight.table(ref)
        return found[1] if found is not None else None
