"""The outcome of a check, and the only thing that an engine runs."""

from __future__ import annotations

from collections.abc import Sequence

from townlake.domain.errors import BadInput
from townlake.domain.finding import Finding, Severity
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import MaskMethod
from townlake.domain.value import Value


class ScanColumn(Value):
    """A column that a scan provides to the statement."""

    name: str
    type: str
    field_id: int


class Scan(Value):
    """A table that the statement reads, pinned to one snapshot.

    `columns` holds exactly the columns that the text names, those of a row filter included, which the caller need
    not see. An engine that builds its own view of the table must offer these and no others.
    """

    table: TableRef
    table_uuid: str
    metadata_location: str
    snapshot_id: int | None
    columns: tuple[ScanColumn, ...]
    schema_is_newer: bool = False
    """True when the snapshot is the newest and has another schema than the one that the names belong to."""


class MaskUse(Value):
    """A column that the statement reads masked."""

    column: ColumnRef
    method: MaskMethod


class OutputColumn(Value):
    """A column of the result."""

    name: str
    type: str
    """Trino's name of the type; `unknown` when only the engine can tell."""
    masked: bool = False
    """True when any value in it comes from a masked column."""


def output_columns(typed: Sequence[tuple[str, str]], masked: Sequence[bool], doubt: bool) -> tuple[OutputColumn, ...]:
    """The columns of a result with their masks.

    Args:
        typed: names and types.
        masked: which are masked, one by one.
        doubt: whether any may be masked: what all are taken for where the two do not pair up.

    >>> [column.masked for column in output_columns([("a", "date"), ("b", "date")], [True], doubt=True)]
    [True, True]
    """
    sure = masked if len(masked) == len(typed) else [doubt] * len(typed)
    return tuple(OutputColumn(name=n, type=t, masked=hides) for (n, t), hides in zip(typed, sure, strict=True))


class Verdict(Value):
    """What was asked, what will run, what it reads, and what was found.

    Only `townlake.governance.guard` makes one (a test in `tests/architecture` holds
    this). `sql` is regenerated from the checked tree in Trino's dialect, without
    comments, masks and row filters in it.
    """

    asked: str
    principal: Principal
    findings: tuple[Finding, ...] = ()
    sql: str | None = None
    """None when the statement was refused."""
    scans: tuple[Scan, ...] = ()
    columns_read: tuple[ColumnRef, ...] = ()
    masks: tuple[MaskUse, ...] = ()
    row_filtered: tuple[TableRef, ...] = ()
    """Tables of which this caller sees only some rows."""
    hidden_columns: int = 0
    """How many columns of the tables read do not exist for this caller."""
    columns: tuple[OutputColumn, ...] = ()
    ordered: bool = False
    """True when an outermost ORDER BY fixes the order."""
    policy_version: str = ""
    namespace: str | None = None
    """The schema of tables that were named without one."""
    pinned: tuple[TableRef, ...] = ()
    """Tables that are read at the snapshot that the caller asked for, not at the newest."""

    def output(self, found: Sequence[tuple[str, str]]) -> tuple[OutputColumn, ...]:
        """The columns that an engine found, by name and type, with the masks of this verdict; in doubt masked."""
        masked = [column.masked for column in self.columns]
        return output_columns(found, masked, doubt=any(masked) or bool(self.masks))

    def text(self) -> str:
        """The text that an engine runs.

        Raises:
            BadInput: the statement was refused.
        """
        if not self.passed or self.sql is None:
            raise BadInput("The statement was refused by the check.", hint="Repair its findings first.")
        return self.sql

    @property
    def passed(self) -> bool:
        """True when the statement may run."""
        return self.sql is not None and all(f.severity is not Severity.ERROR for f in self.findings)
