"""The types of casts, as they are written: sqlglot takes those of many dialects, and not always for the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from townlake.domain.finding import Finding
from townlake.governance.guard.findings import error, place
from townlake.sql.types import TYPE_WORDS
from townlake.sql.typing.casts import FOREIGN_TYPES

_CASTS: Final = frozenset({"CAST", "TRY_CAST"})


def foreign_types(sql: str, tokens: Sequence[Token]) -> Iterator[Finding]:
    """Findings for types that Trino does not have; `int8` would become `tinyint`.

    >>> from townlake.governance.guard.parse import tokenize
    >>> sql = "SELECT CAST(a AS int8), TRY_CAST(b AS bigint), (SELECT 1 AS text)"
    >>> [(finding.message, finding.hint) for finding in foreign_types(sql, tokenize(sql))]
    [('Trino has no type int8.', 'Write bigint.')]
    """
    is_cast: list[bool] = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        kind = token.token_type
        if kind is TokenType.L_PAREN:
            is_cast.append(before is not None and before.text.upper() in _CASTS)
        elif kind is TokenType.R_PAREN and is_cast:
            is_cast.pop()
        elif is_cast and is_cast[-1] and before is not None and before.token_type is TokenType.ALIAS:
            word = token.text.lower().partition(" ")[0]
            if word not in TYPE_WORDS:
                meant = FOREIGN_TYPES.get(word, "varchar, bigint, double, decimal(p, s), date, timestamp or another")
                yield error("SQL029", f"Trino has no type {word}.", f"Write {meant}.", at=place(sql, token.start))
