"""The functions that a statement may call: those whose signature is known, and no others.

They are looked for three times: by the name that was written, by the node that sqlglot made of it, and
by the name in the text that will run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from townlake.domain.finding import Finding, Span
from townlake.governance.guard.findings import error, place, place_of, quoted
from townlake.sql.functions import function_name, is_known, suggestions

UNKNOWN_FUNCTION: Final = "FUN001"
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_GRAMMAR_WORDS: Final = """
    ALL AND ANY AS BERNOULLI BETWEEN BY CASE CAST CUBE DISTINCT ELSE EXCEPT EXISTS EXTRACT FILTER FROM GROUP HAVING IN
    INTERSECT IS JOIN LATERAL LIKE NOT ON OR OVER ROLLUP SELECT SETS SOME SYSTEM THEN TRY_CAST UNION UNNEST USING VALUES
    WHEN WHERE WITH ESCAPE INTERVAL LIMIT OFFSET ZONE
"""
_GRAMMAR: Final = frozenset(_GRAMMAR_WORDS.split())
"""Words of the grammar that stand before a bracket."""
_TYPES: Final = frozenset({"ARRAY", "CHAR", "DECIMAL", "MAP", "ROW", "TIME", "TIMESTAMP", "VARCHAR"})
"""Types with parameters."""
_BEFORE_ALIAS: Final = frozenset(
    {TokenType.ALIAS, TokenType.R_PAREN, TokenType.VAR, TokenType.IDENTIFIER, TokenType.WITH}
)


def function_finding(sql: str, node: exp.Expr) -> Finding | None:
    """What is wrong with a call; None when the function is known."""
    name = function_name(node)
    return (
        None
        if name is not None and is_known(name)
        else unknown(name or type(node).__name__.lower(), place_of(sql, node))
    )


def unknown_calls(sql: str, tokens: Sequence[Token]) -> Iterator[Finding]:
    """Findings for names before a bracket that are no function, as they are written.

    A name is not a call where it renames a relation: `AS t(a, b)`, `WITH t(a) AS (...)`.
    """
    for at, token in enumerate(tokens[:-1]):
        if tokens[at + 1].token_type is not TokenType.L_PAREN or not _WORD.fullmatch(token.text):
            continue
        if token.token_type is TokenType.IDENTIFIER or token.text.upper() in _GRAMMAR | _TYPES:
            continue
        if not is_known(token.text.lower()) and not _is_alias(tokens, at):
            yield unknown(token.text.lower(), place(sql, token.start))


def unknown(name: str, at: Span | None) -> Finding:
    """The finding for a function that is not on the list."""
    near = suggestions(name)
    hint = f"Use {' or '.join(near)}." if near else "Only Trino's own functions are known."
    return error(UNKNOWN_FUNCTION, f"There is no function {quoted(name)}.", hint, at=at)


def _is_alias(tokens: Sequence[Token], at: int) -> bool:
    before = tokens[at - 1] if at else None
    if before is not None and (
        before.token_type in _BEFORE_ALIAS or before.text.upper() in ("RECURSIVE", "ORDINALITY")
    ):
        return True
    depth = 0
    for index in range(at + 1, len(tokens) - 1):
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(tokens[index].token_type, 0)
        if depth == 0:
            return tokens[index + 1].token_type is TokenType.ALIAS and before is not None and _is_comma(before)
    return False


def _is_comma(token: Token) -> bool:
    return token.token_type is TokenType.COMMA
