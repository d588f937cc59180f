"""Tokens that Trino's grammar never has side by side, and that sqlglot reads as something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from sqlglot.tokenizer_core import Token, TokenType

from townlake.domain.finding import Finding
from townlake.governance.guard.findings import error, place
from townlake.sql.text.spelling import unusual_number

Fault: TypeAlias = tuple[str, str]
"""Message and hint."""

_ENDS: Final = frozenset(
    {TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.ORDER_BY, TokenType.LIMIT}
    | {TokenType.UNION, TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.SEMICOLON}
)
_BEFORE_VALUE: Final = frozenset({TokenType.SELECT, TokenType.COMMA, TokenType.L_BRACKET})
_TEXTS: Final = frozenset({TokenType.STRING, TokenType.UNICODE_STRING})
_LONGEST_INTERVAL: Final = 100
"""The parser takes time that grows with the square of it."""
_NUMBER: Final = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)


def misplaced_neighbours(sql: str, tokens: Sequence[Token]) -> Iterator[Finding]:
    """Findings for pairs of tokens that other dialects have.

    >>> from townlake.governance.guard.parse import tokenize
    >>> sql = "SELECT a, FROM t LIMIT 5, 2"
    >>> [finding.message for finding in misplaced_neighbours(sql, tokenize(sql))]
    ['A comma is followed by nothing.', 'LIMIT takes one number.']
    """
    for at, (token, after) in enumerate(pairwise([*tokens, None])):
        rule = _RULES.get(token.token_type) if token is not None else None
        if token is None or rule is None:
            continue
        fault = rule(sql, token, after)
        if fault is None and token.token_type is TokenType.LIMIT and _kind(tokens, at + 2) is TokenType.COMMA:
            fault = ("LIMIT takes one number.", "Write OFFSET n LIMIT m.")
        if token.token_type is TokenType.INTERVAL and any(map(_is_long, tokens[at + 1 : at + 3])):
            fault = ("The text of an INTERVAL is too long.", "Write INTERVAL '1' DAY or INTERVAL '1-6' YEAR TO MONTH.")
        if fault is not None:
            yield error("SQL029", *fault, at=place(sql, token.start))


def _kind(tokens: Sequence[Token], at: int) -> TokenType | None:
    return tokens[at].token_type if at < len(tokens) else None


def _is_long(token: Token) -> bool:
    return len(token.text) > _LONGEST_INTERVAL


def _comma(sql: str, token: Token, after: Token | None) -> Fault | None:
    if after is None or after.token_type in _ENDS:
        return "A comma is followed by nothing.", "Leave it out."
    return _value(sql, token, after)


def _value(sql: str, token: Token, after: Token | None) -> Fault | None:
    if after is not None and after.token_type is TokenType.L_BRACKET:
        return "A square bracket has nothing before it.", 'Write ARRAY[...]; a name stands in ".'
    return None


def _alias(sql: str, token: Token, after: Token | None) -> Fault | None:
    if after is not None and after.token_type in _TEXTS:
        return "A text in ' is no name.", 'An alias stands in ": AS "my name".'
    return None


def _interval(sql: str, token: Token, after: Token | None) -> Fault | None:
    if after is not None and after.token_type is TokenType.NUMBER:
        return "The number of an INTERVAL is a text.", "Write INTERVAL '1' DAY, with quotes."
    return None


def _text(sql: str, token: Token, after: Token | None) -> Fault | None:
    if after is not None and after.token_type is TokenType.STRING:
        return "Two texts stand side by side.", "Write a || b."
    return None


def _number(sql: str, token: Token, after: Token | None) -> Fault | None:
    is_whole = _NUMBER.fullmatch(token.text) is not None
    follows = sql[token.end + 1 : token.end + 2]
    if is_whole and not (follows.isalnum() or follows == "_"):
        return None
    if unusual_number(sql, token) is not None:
        return None
    return "A number is followed by a letter.", "Write 1, 1.5 or 1E0, and a space before a word."


def _foreign_test(sql: str, token: Token, after: Token | None) -> Fault | None:
    if after is not None and after.token_type is TokenType.L_PAREN:
        return None
    return f"{token.text.upper()} is not Trino SQL.", "Write IS NULL, IS NOT NULL or regexp_like(x, 'pattern')."


_RULES: Final[dict[TokenType, Callable[[str, Token, Token | None], Fault | None]]] = {
    **dict.fromkeys(_BEFORE_VALUE, _value),
    TokenType.COMMA: _comma,
    TokenType.ALIAS: _alias,
    TokenType.INTERVAL: _interval,
    TokenType.STRING: _text,
    TokenType.NUMBER: _number,
    TokenType.LIMIT: lambda sql, token, after: None,
    **dict.fromkeys((TokenType.RLIKE, TokenType.ISNULL, TokenType.NOTNULL), _foreign_test),
}
