"""Cut the part of the catalog that a writer is shown: one or two schemas, never more than a prompt holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from agents.ask.fitting import fit
from agents.ask.notes import notes_on, size_of
from agents.ask.schema_ranking import rank_schemas
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

SLICE_BYTES: Final = 5_500
"""What tables and notes together may take of the prompt, however large the catalog is."""
_MOST_SCHEMAS: Final = 5
_CORE: Final = 8
"""So many tables of each further schema are shown before any of those is shown whole."""
_WHOLE: Final = 20
"""So many of the likeliest schema."""
_MOST_TABLES: Final = 60
_MOST_COLUMNS: Final = 30
_MATCHED: Final = 3
_SAMPLES: Final = 2
"""Values shown of a column that has many, for their form."""
_FEW: Final = 6
"""Columns of no more values show all of them: a writer then knows every spelling."""
_OTHERS: Final = 8
_BEST_HITS: Final = 4


def take_slice(
    question: str,
    found: Found,
    matches: Sequence[ValueMatch],
    outlook: Outlook,
    values: Values,
    knowledge: Knowledge,
) -> SchemaSlice:
    """What a writer is shown of what was found.

    Schemas are shown whole where they are small, since the tables of one question nearly always join within one
    schema, and a table that only joins is seldom named in the question. The likeliest schema comes first and in full,
    the next ones on a line a table, so that the writer can still tell that another one is meant. What does not fit is
    named without its columns.
    """
    open_ = [table for table in found.tables if outlook.sight.reads(table.table)]
    closed = [table for table in found.tables if not outlook.sight.reads(table.table)]
    by_table, reasons = _by_table(matches), {table.table: table for table in open_}

    def show(ref: TableRef) -> SliceTable:
        return _slice_table(outlook.tables[ref], reasons.get(ref), by_table.get(ref, ()), outlook, values)

    orders = [_in_order(schema, open_, outlook) for schema in rank_schemas(question, open_, matches, outlook)]
    likely = orders[:_MOST_SCHEMAS]
    cores = [ref for order in likely for ref in order[: _WHOLE if order is likely[0] else _CORE]]
    others = [ref for order in orders for ref in order]
    slices = {ref: show(ref) for ref in dict.fromkeys((*cores, *others[:_MOST_TABLES]))}
    notes = notes_on(found, knowledge, outlook)
    depth = [slices[ref] for order in orders for ref in order if ref in slices]
    tables = fit(list(slices.values()), depth, SLICE_BYTES - size_of(notes))
    shown = {table.table for table in tables}
    left = [ref for ref in (table.table for table in open_) if ref not in shown]
    return SchemaSlice(
        tables=tables,
        others=tuple(f"{ref.namespace}.{ref.name}" for ref in left[:_OTHERS]),
        closed=tuple(f"{t.table.namespace}.{t.table.name}" for t in closed[:2]),
        **notes,
    )


def _in_order(schema: str, found: Sequence[FoundTable], outlook: Outlook) -> list[TableRef]:
    """The tables of a schema, the likeliest first: the best hits, what joins them, other hits, and the rest."""
    hits = [table.table for table in found if table.table.namespace == schema]
    order = dict.fromkeys(hits[:_BEST_HITS])
    order |= dict.fromkeys(_joining(hits[:_BEST_HITS], outlook))
    order |= dict.fromkeys(hits)
    order |= dict.fromkeys(ref for ref in outlook.sight.columns if ref.namespace == schema)
    return [ref for ref in order if outlook.sight.reads(ref)][:_MOST_TABLES]


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
        shown, whole = _samples(ref, named, outlook, values)
        columns.append(
            SliceColumn(
                name=column.name,
                type=column.type,
                comment=column.comment,
                is_key=info.primary_key == (column.name,),
                references=f"{key.ref_table.namespace}.{key.ref_table.name}.{key.ref_columns[0]}" if key else "",
                masked=column.name in masked,
                matches=named,
                values=shown,
                whole=whole,
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


def _samples(ref: ColumnRef, named: tuple[str, ...], outlook: Outlook, values: Values) -> tuple[tuple[str, ...], bool]:
    """Further values of a column, and whether these are all."""
    stored = values.samples(ref, outlook.sight, _FEW + 1) if outlook.sight.opens(ref) else ()
    others = tuple(value for value in stored if value not in named)
    whole = 0 < len(stored) <= _FEW
    return (others if whole else others[:_SAMPLES]), whole


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
