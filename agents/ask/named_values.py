"""Which stored values a question really names: most that are written like one of its words are not meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from agents.ask.schema_ranking import words_of
from memory.folding import singular

if TYPE_CHECKING:
    from agents.ask.outlook import Outlook
    from memory.values import ValueMatch

_EXACT: Final = 1.0
_SLIP: Final = 0.8
"""A match of a lower score rests on a slip of the keyboard."""
_SHORT: Final = 3
_AMOUNT: Final = re.compile(r"\d{1,4}")


def named_values(question: str, matches: Sequence[ValueMatch], outlook: Outlook) -> tuple[ValueMatch, ...]:
    """The matches that are worth telling a writer, in their order."""
    return tuple(match for match in matches if _is_meant(question, match, outlook))


def _is_meant(question: str, match: ValueMatch, outlook: Outlook) -> bool:
    """Whether the words name the value rather than an amount, a table or a column."""
    value = match.value.strip()
    if _AMOUNT.fullmatch(value):
        return False  # an amount or a year, which a writer needs no help to spell
    if match.score == _EXACT:  # but `F` is also written in `First`
        return len(value) >= _SHORT or re.search(rf"(?<!\w){re.escape(value)}(?!\w)", question) is not None
    words = words_of(match.column.table.namespace, (match.column.table,), outlook)
    spoken = {singular(word) for word in match.words.split()}
    return not spoken <= (words.names if match.score > _SLIP else words.names | words.comments)
