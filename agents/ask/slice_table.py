"""One table as a writer sees it: on a line, or in full with stored values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from agents.ask.schema_slice import SliceColumn, SliceTable
from townlake.domain.decision import Effect
from townlake.domain.names import ColumnRef

if TYPE_CHECKING:
    from agents.ask.outlook import Outlook
    from memory.found import FoundTable
    from memory.values import ValueMatch
    from tools.hands import Values
    from townlake.domain.table import ColumnInfo, TableInfo
    from townlake.governance.table_view import TableView

_MOST_COLUMNS: Final = 30
_MATCHED: Final = 3
_SAMPLES: Final = 2
"""Values shown of a column that has many, for their form."""
_FEW: Final = 6
"""Columns of no more values show all of them: a writer then knows every spelling."""


def brief_table(
    view: TableView, found: FoundTable | None, place: int | None, matches: Sequence[ValueMatch]
) -> SliceTable:
    """A table on one line: names, types, keys, and the values that the question names."""
    info = view.info
    masked = {c.column.column for c in view.access.columns if c.decision.effect is Effect.MASK}
    targets = _targets(info)
    named = _by_column(matches)
    columns = tuple(
        SliceColumn(
            name=column.name,
            type=column.type,
            comment=column.comment,
            source_name=column.source_name,
            is_key=column.name in info.primary_key,
            references=targets.get(column.name, ""),
            masked=column.name in masked,
            matches=named.get(column.name, ()),
        )
        for column in _kept(info, found, targets)
    )
    return SliceTable(
        table=info.ref,
        columns=columns,
        brief=True,
        comment=info.comment,
        tier=info.tier,
        row_count=info.row_count,
        replaced_by=str(info.replaced_by or ""),
        sampling=_sampling(info),
        parts=_parts(info),
        left_out=len(info.columns) - len(columns),
        place=place,
        why=found.why if found else "",
    )


def full_table(brief: SliceTable, outlook: Outlook, values: Values) -> SliceTable:
    """The same table with comments, and with stored values of the columns whose values are open to the caller."""
    columns = tuple(_with_values(column, brief, outlook, values) for column in brief.columns)
    return brief.model_copy(update={"brief": False, "columns": columns})


def _with_values(column: SliceColumn, table: SliceTable, outlook: Outlook, values: Values) -> SliceColumn:
    ref = ColumnRef(table=table.table, column=column.name)
    stored = values.samples(ref, outlook.sight, _FEW + 1) if outlook.sight.opens(ref) else ()
    others = tuple(value for value in stored if value not in column.matches)
    whole = 0 < len(stored) <= _FEW
    return column.model_copy(update={"values": others if whole else others[:_SAMPLES], "whole": whole})


def _kept(info: TableInfo, found: FoundTable | None, targets: Mapping[str, str]) -> list[ColumnInfo]:
    """The columns that are shown, in their order: of a wide table the keys, and those nearest to the question."""
    rank = {c.column.column: place for place, c in enumerate(found.columns)} if found else {}
    keys = {*info.primary_key, *targets}
    nearest = sorted(info.columns, key=lambda c: (c.name not in keys, rank.get(c.name, len(rank))))
    names = {column.name for column in nearest[:_MOST_COLUMNS]}
    return [column for column in info.columns if column.name in names]


def _targets(info: TableInfo) -> dict[str, str]:
    """What each column points to, as `schema.table.column`."""
    return {
        column: f"{key.ref_table.short}.{target}"
        for key in info.foreign_keys
        for column, target in zip(key.columns, key.ref_columns, strict=True)
    }


def _sampling(info: TableInfo) -> str:
    if info.sampling is None:
        return ""
    if info.sampling.interval_column:
        return f"a sample: one row stands for {info.sampling.interval_column} events"
    return f"a sample: one row stands for {info.sampling.interval} events" if info.sampling.interval else "a sample"


def _parts(info: TableInfo) -> str:
    return f"always filter {' or '.join(info.partition_filter)} with constants" if info.partition_filter else ""


def _by_column(matches: Sequence[ValueMatch]) -> dict[str, tuple[str, ...]]:
    """The values that the question names, the surest first, each once."""
    found: dict[str, dict[str, None]] = {}
    for match in sorted(matches, key=lambda match: -match.score):
        found.setdefault(match.column.column, {})[match.value] = None
    return {column: tuple(values)[:_MATCHED] for column, values in found.items()}
