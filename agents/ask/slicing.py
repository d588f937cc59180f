"""Cut the part of the catalog that a writer is shown: a few schemas, never more than a prompt holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from agents.ask.fitting import fit
from agents.ask.notes import notes_on, size_of
from agents.ask.schema_ranking import rank_schemas
from agents.ask.schema_slice import SchemaSlice
from agents.ask.slice_table import brief_table, full_table
from memory.folding import singular
from memory.words import content_words
from townlake.domain.names import TableRef

if TYPE_CHECKING:
    from agents.ask.outlook import Outlook
    from memory.found import Found, FoundTable
    from memory.values import ValueMatch
    from tools.hands import Values
    from townlake.catalog.knowledge.model import Knowledge

SLICE_BYTES: Final = 5_500
"""What tables and notes together may take of the prompt, however large the catalog is."""
_MOST_SCHEMAS: Final = 5
_CORE: Final = 8
"""So many tables of each further schema are shown before any of those is shown whole."""
_WHOLE: Final = 20
"""So many of the likeliest schema."""
_MOST_TABLES: Final = 60
_OTHERS: Final = 8
_BEST_HITS: Final = 4
_LIKELY: Final = 3
"""A closed table so far in front is likely meant; no more are named."""


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
    hits = {table.table: table for table in found.tables if outlook.sight.reads(table.table)}
    places = {ref: place for place, ref in enumerate(hits)}
    closed = [table.table for table in found.tables[:_LIKELY] if table.table not in hits]
    closed += _closed_by_name(question, outlook)
    by_table: dict[TableRef, list[ValueMatch]] = defaultdict(list)
    for match in matches:
        by_table[match.column.table].append(match)
    ranked = rank_schemas(question, tuple(hits.values()), matches, outlook)
    likely = [_in_order(schema, hits.values(), outlook) for schema in ranked[:_MOST_SCHEMAS]]
    beyond = [ref for ref in hits if ref.namespace in ranked[_MOST_SCHEMAS:]]
    cores = [ref for order in likely for ref in order[: _WHOLE if order is likely[0] else _CORE]]
    likeliest = list(dict.fromkeys([*(ref for order in likely for ref in order), *beyond]))
    by_need = dict.fromkeys([*cores, *likeliest[:_MOST_TABLES]])
    brief = {ref: brief_table(outlook.tables[ref], hits.get(ref), places.get(ref), by_table[ref]) for ref in by_need}
    needed = {ref: brief[ref] for ref in cores}
    welcome = {ref: table for ref, table in brief.items() if ref not in needed}
    notes = notes_on(found, knowledge, outlook)
    room = SLICE_BYTES - size_of(notes)
    tables = fit(needed, welcome, likeliest, lambda ref: full_table(brief[ref], outlook, values), room)
    shown = {table.table for table in tables}
    return SchemaSlice(
        tables=tables,
        others=tuple(_label(ref) for ref in hits if ref not in shown)[:_OTHERS],
        closed=tuple(dict.fromkeys(closed))[:_LIKELY],
        **notes,
    )


def _closed_by_name(question: str, outlook: Outlook) -> Iterable[TableRef]:
    """Closed tables of whose name every word stands in the question: search knows little else of them."""
    asked = set(map(singular, content_words(question)))
    return (ref for words, refs in outlook.closed_names.items() if words and words <= asked for ref in refs)


def _in_order(schema: str, found: Iterable[FoundTable], outlook: Outlook) -> list[TableRef]:
    """The tables of a schema, the likeliest first: the best hits, what joins them, other hits, and the rest."""
    hits = [table.table for table in found if table.table.namespace == schema]
    order = dict.fromkeys(hits[:_BEST_HITS])
    order |= dict.fromkeys(_joining(hits[:_BEST_HITS], outlook))
    order |= dict.fromkeys(hits)
    order |= dict.fromkeys(outlook.by_schema.get(schema, ())[:_MOST_TABLES])
    return [ref for ref in order if outlook.sight.reads(ref)][:_MOST_TABLES]


def _joining(hits: Sequence[TableRef], outlook: Outlook) -> Iterable[TableRef]:
    """Tables that the hits point to, and tables that point to two of them."""
    pointing: dict[TableRef, int] = defaultdict(int)
    for ref in hits:
        yield from (key.ref_table for key in outlook.tables[ref].info.foreign_keys)
        for source in outlook.pointing_to.get(ref, ()):
            pointing[source] += 1
    yield from (source for source, count in pointing.items() if count > 1)


def _label(ref: TableRef) -> str:
    return ref.short
