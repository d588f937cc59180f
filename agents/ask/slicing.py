"""Cut the part of the catalog that a writer is shown: one or two schemas, never more than a prompt holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from agents.ask.notes import notes_on
from agents.ask.rendering import table_text
from agents.ask.schema_slice import SchemaSlice, SliceColumn, SliceTable
from townlake.domain.decision import Effect
from townlake.domain.names import ColumnRef, TableRef

if TYPE_CHECKING:
    from agents.ask.outlook import Outlook
    from memory.found import Found, FoundTable
    from memory.values import ValueMatch
    from tools.hands import Values
    from townlake.catalog.knowledge.model import Knowledge
    from townlake.domain.table import TableInfo
    from townlake.governance.table_view import TableView

TABLES_BYTES: Final = 5_200
"""What all tables together may take of the prompt."""
_MOST_COLUMNS: Final = 30
_MATCHED: Final = 3
_SAMPLES: Final = 4
_OTHERS: Final = 8
_SECOND_SCHEMA: Final = 0.5
"""A second schema is shown when its best tables weigh at least this share of the first's."""


def take_slice(
    found: Found,
    matches: Sequence[ValueMatch],
    outlook: Outlook,
    values: Values,
    knowledge: Knowledge,
) -> SchemaSlice:
    """What a writer is shown of what was found.

    Whole schemas come first where they are small, since the tables of one question nearly always join within one
    schema and a join table is seldom named in the question. What does not fit is named without its columns.
    """
    open_ = [table for table in found.tables if outlook.sight.reads(table.table)]
    closed = [table for table in found.tables if not outlook.sight.reads(table.table)]
    by_table = _by_table(matches)
    reasons = {table.table: table for table in open_}
    tables: list[SliceTable] = []
    room = TABLES_BYTES
    left: list[TableRef] = []
    for ref in _in_order(open_, outlook):
        table = _slice_table(outlook.tables[ref], reasons.get(ref), by_table.get(ref, ()), outlook, values)
        size = len(table_text(table).encode())
        if size > room and tables:
            left.append(ref)
            continue
        tables.append(table)
        room -= size
    return SchemaSlice(
        tables=tuple(tables),
        others=tuple(f"{ref.namespace}.{ref.name}" for ref in left[:_OTHERS]),
        closed=tuple(f"{t.table.namespace}.{t.table.name}" for t in closed[:2]),
        **notes_on(found, knowledge, outlook),
    )


def _in_order(found: Sequence[FoundTable], outlook: Outlook) -> list[TableRef]:
    """All tables worth showing, the most likely first.

    Those found in the likeliest schema, what joins them, the rest of that schema, then the same of the second schema,
    then what else was found.
    """
    schemas = _schemas(found)
    order: dict[TableRef, None] = {}
    if found:
        order[found[0].table] = None
    for schema in schemas:
        hits = [table.table for table in found if table.table.namespace == schema]
        order |= dict.fromkeys(hits[:4])
        order |= dict.fromkeys(_joining(hits[:4], outlook))
        order |= dict.fromkeys(hits)
        order |= dict.fromkeys(ref for ref in outlook.sight.columns if ref.namespace == schema)
    order |= dict.fromkeys(table.table for table in found)
    return [ref for ref in order if outlook.sight.reads(ref)]


def _schemas(found: Sequence[FoundTable]) -> list[str]:
    """One schema, or two when the second is nearly as likely: by their best three tables."""
    scores: dict[str, list[float]] = defaultdict(list)
    for table in found:
        scores[table.table.namespace].append(table.score)
    weights = {schema: sum(sorted(found, reverse=True)[:3]) for schema, found in scores.items()}
    ranked = sorted(weights, key=lambda schema: -weights[schema])
    return [schema for schema in ranked[:2] if weights[schema] >= _SECOND_SCHEMA * weights[ranked[0]]]


def _joining(hits: Sequence[TableRef], outlook: Outlook) -> Iterable[TableRef]:
    """Tables that the hits point to, and tables that point to two of them."""
    wanted = set(hits)
    for ref in hits:
        yield from (key.ref_table for key in outlook.tables[ref].info.foreign_keys)
    for ref, view in outlook.tables.items():
        if ref not in wanted and len({key.ref_table for key in view.info.foreign_keys} & wanted) > 1:
            yield ref


def _slice_table(
    view: TableView, found: FoundTable | None, matches: Sequence[ValueMatch], outlook: Outlook, values: Values
) -> SliceTable:
    info = view.info
    masked = {c.column.column for c in view.access.columns if c.decision.effect is Effect.MASK}
    pointing = {key.columns[0]: key for key in info.foreign_keys if len(key.columns) == 1}
    rank = {c.column.column: place for place, c in enumerate(found.columns)} if found else {}
    keys = {*info.primary_key, *pointing}
    ordered = sorted(info.columns, key=lambda c: (c.name not in keys, rank.get(c.name, len(rank))))
    kept = {column.name for column in ordered[:_MOST_COLUMNS]}
    by_column = _by_column(matches)
    columns = []
    for column in info.columns:
        if column.name not in kept:
            continue
        ref = ColumnRef(table=info.ref, column=column.name)
        named = tuple(dict.fromkeys(by_column.get(column.name, ())))[:_MATCHED]
        key = pointing.get(column.name)
        columns.append(
            SliceColumn(
                name=column.name,
                type=column.type,
                comment=column.comment,
                is_key=info.primary_key == (column.name,),
                references=f"{key.ref_table.namespace}.{key.ref_table.name}.{key.ref_columns[0]}" if key else "",
                masked=column.name in masked,
                matches=named,
                values=_samples(ref, named, outlook, values),
            )
        )
    return SliceTable(
        table=info.ref,
        columns=tuple(columns),
        comment=info.comment,
        tier=info.tier,
        row_count=info.row_count,
        replaced_by=str(info.replaced_by or ""),
        sampling=_sampling(info),
        left_out=len(info.columns) - len(columns),
        why=found.why if found else "",
    )


def _samples(ref: ColumnRef, named: tuple[str, ...], outlook: Outlook, values: Values) -> tuple[str, ...]:
    if not outlook.sight.opens(ref):
        return ()
    stored = values.samples(ref, outlook.sight, _SAMPLES + len(named))
    return tuple(value for value in stored if value not in named)[:_SAMPLES]


def _sampling(info: TableInfo) -> str:
    if info.sampling is None:
        return ""
    if info.sampling.interval_column:
        return f"a sample: one row stands for {info.sampling.interval_column} events"
    return f"a sample: one row stands for {info.sampling.interval} events" if info.sampling.interval else "a sample"


def _by_table(matches: Iterable[ValueMatch]) -> Mapping[TableRef, tuple[ValueMatch, ...]]:
    grouped: dict[TableRef, tuple[ValueMatch, ...]] = {}
    for match in matches:
        grouped[match.column.table] = (*grouped.get(match.column.table, ()), match)
    return grouped


def _by_column(matches: Iterable[ValueMatch]) -> Mapping[str, tuple[str, ...]]:
    grouped: dict[str, tuple[str, ...]] = {}
    for match in sorted(matches, key=lambda match: -match.score):
        grouped[match.column.column] = (*grouped.get(match.column.column, ()), match.value)
    return grouped
