"""What a verdict says of the tables that a statement reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from townlake.domain.finding import Finding
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.verdict import MaskUse, OutputColumn, Scan, ScanColumn, Verdict
from townlake.governance.guard.relation import Leaf
from townlake.governance.guard.rewrite import filter_columns, needed

MAX_FINDINGS: Final = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """What the steps made of a statement."""

    findings: tuple[Finding, ...]
    sql: str | None = None
    leaves: tuple[Leaf, ...] = ()
    columns: tuple[OutputColumn, ...] = ()
    ordered: bool = False


def readable_columns(leaves: Sequence[Leaf]) -> dict[TableRef, set[str]]:
    """The tables that the text may read, each with the columns that its scans name."""
    names: dict[TableRef, set[str]] = {}
    for leaf in leaves:
        names.setdefault(leaf.info.ref, set()).update(needed(leaf), filter_columns(leaf))
    return names


def build_verdict(
    checked: Checked,
    *,
    asked: str,
    principal: Principal,
    policy_version: str,
    namespace: str | None,
    snapshots: Mapping[TableRef, int],
) -> Verdict:
    """The verdict on a checked statement; of a table that is read twice it speaks once."""
    by_table: dict[TableRef, list[Leaf]] = {}
    for leaf in sorted(checked.leaves, key=lambda leaf: str(leaf.info.ref)):
        by_table.setdefault(leaf.info.ref, []).append(leaf)
    readable = readable_columns(checked.leaves)
    used = {ref: set().union(*(leaf.used for leaf in leaves)) for ref, leaves in by_table.items()}
    first = {ref: leaves[0] for ref, leaves in by_table.items()}
    return Verdict(
        asked=asked,
        principal=principal,
        findings=checked.findings[:MAX_FINDINGS],
        sql=checked.sql,
        scans=tuple(_scan(leaf, readable[ref], snapshots) for ref, leaf in first.items()),
        columns_read=tuple(
            ColumnRef(table=ref, column=c.name)
            for ref, leaf in first.items()
            for c in leaf.columns
            if c.name in used[ref]
        ),
        masks=tuple(
            MaskUse(column=ColumnRef(table=ref, column=c.name), method=leaf.masks[c.name])
            for ref, leaf in first.items()
            for c in leaf.columns
            if c.name in used[ref] and c.name in leaf.masks
        ),
        row_filtered=tuple(ref for ref, leaf in first.items() if leaf.filters),
        hidden_columns=sum(len(leaf.info.columns) - len(leaf.columns) for leaf in first.values()),
        columns=checked.columns,
        ordered=checked.ordered,
        policy_version=policy_version,
        namespace=namespace,
        pinned=tuple(ref for ref in first if ref in snapshots),
    )


def _scan(leaf: Leaf, columns: Collection[str], snapshots: Mapping[TableRef, int]) -> Scan:
    info = leaf.info
    return Scan(
        table=info.ref,
        table_uuid=info.uuid,
        metadata_location=info.metadata_location,
        snapshot_id=snapshots.get(info.ref, info.snapshot_id),
        columns=tuple(
            ScanColumn(name=column.name, type=column.type, field_id=column.field_id)
            for column in info.columns
            if column.name in columns
        ),
        schema_is_newer=info.schema_is_newer and info.ref not in snapshots,
    )
