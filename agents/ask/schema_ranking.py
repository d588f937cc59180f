"""Which schemas a question is about: by what memory found in each, and by how much of the question each covers.

Memory ranks tables. A question is asked of one schema nearly always, and the right one is where *all* its words lie,
though none of its tables may be the best for any single word.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from agents.ask.schema_words import INSIDE_NAME, SchemaWords, read_words
from memory.folding import singular
from memory.words import content_words

if TYPE_CHECKING:
    from agents.ask.outlook import Outlook
    from memory.found import FoundTable
    from memory.values import ValueMatch
    from townlake.domain.names import TableRef

_BEST_TABLES: Final = 3
_WHOLE_SCHEMA: Final = 20
"""Of larger schemas only the tables that were found count: a large one holds nearly every word somewhere."""
_COVERAGE: Final = 2.0
"""How much a covered question weighs beside the best rank. Between 1 and 4 it hardly matters which."""


def rank_schemas(
    question: str, found: Sequence[FoundTable], matches: Sequence[ValueMatch], outlook: Outlook
) -> list[str]:
    """The schemas of the tables that were found, the likeliest first.

    Args:
        question: in plain words.
        found: tables that the caller reads, from memory.
        matches: stored values that the question names.
        outlook: the lake as the caller sees it.
    """
    by_schema: dict[str, list[FoundTable]] = defaultdict(list)
    for table in found:
        by_schema[table.table.namespace].append(table)
    if len(by_schema) < 2:
        return list(by_schema)
    ranks = {
        schema: sum(sorted((t.score for t in of), reverse=True)[:_BEST_TABLES]) for schema, of in by_schema.items()
    }
    words = {schema: words_of(schema, (table.table for table in of), outlook) for schema, of in by_schema.items()}
    covered = _coverage(question, words, matches)
    best = max(ranks.values()) or 1.0
    return sorted(ranks, key=lambda schema: -(ranks[schema] / best + _COVERAGE * covered[schema]))


def _coverage(question: str, words: Mapping[str, SchemaWords], matches: Sequence[ValueMatch]) -> dict[str, float]:
    """The share of the question's words that each schema has, each weighing the more the fewer schemas have it."""
    valued: dict[str, set[str]] = defaultdict(set)
    for match in matches:
        for word in match.words.split():
            valued[singular(word)].add(match.column.table.namespace)
    total, covered = 0.0, dict.fromkeys(words, 0.0)
    for word in dict.fromkeys(singular(word) for word in content_words(question)):
        fits = {
            schema: max(of.fit(word), INSIDE_NAME if schema in valued[word] else 0.0) for schema, of in words.items()
        }
        having = sum(fit > 0 for fit in fits.values())
        if having:
            weight = math.log(1 + len(words) / having)
            total += weight
            for schema, fit in fits.items():
                covered[schema] += weight * fit
    return {schema: share / total if total else 0.0 for schema, share in covered.items()}


def words_of(schema: str, found: Iterable[TableRef], outlook: Outlook) -> SchemaWords:
    """The words of a schema; of a large one only those of the tables that were found."""
    if schema not in outlook.schema_words:
        refs = outlook.by_schema[schema]
        if len(refs) > _WHOLE_SCHEMA:
            return read_words(outlook.tables[ref].info for ref in found)
        outlook.schema_words[schema] = read_words(outlook.tables[ref].info for ref in refs)
    return outlook.schema_words[schema]
