"""Spellings of Trino's that sqlglot does not read, or reads as something else, put into words that it knows.

This works on tokens, before the parser; places in the text stay those of the statement as asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

_BASES: Final = {"0x": 16, "0b": 2, "0o": 8}
_UNUSUAL: Final = re.compile(r"\d_\d|0[xbo]|decimal", re.IGNORECASE)
"""Nothing is to be done for a text without it."""
_BASED: Final = re.compile(r"0(x[0-9a-f]+(_[0-9a-f]+)*|b[01]+(_[01]+)*|o[0-7]+(_[0-7]+)*)", re.IGNORECASE)
_GROUPED: Final = re.compile(r"[0-9]+(_[0-9]+)+")
_DECIMAL: Final = re.compile(r"[+-]?(?P<whole>[0-9]*)(\.(?P<part>[0-9]*))?")


def respell(sql: str, tokens: Sequence[Token]) -> list[Token]:
    """The same tokens with `1_000` and `0x1F` as plain numbers and `DECIMAL '1.50'` as a cast to its exact type.

    sqlglot reads `DECIMAL '1.50'` as a cast to `decimal`, which has no digits after the point.
    """
    if not _UNUSUAL.search(sql):
        return list(tokens)
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        number = _number(sql, token) if token.token_type in _NUMERIC else None
        if number is not None:
            made.append(_like(token, TokenType.NUMBER, _plain(number[0])))
            at += 1
            while at < len(tokens) and tokens[at].start < number.end():
                at += 1
            continue
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        if token.token_type is TokenType.DECIMAL and following is not None and following.token_type is TokenType.STRING:
            made += _cast(token, following)
            at += 2
            continue
        made.append(token)
        at += 1
    return made


_NUMERIC: Final = frozenset({TokenType.NUMBER, TokenType.HEX_STRING, TokenType.BIT_STRING})


def _number(sql: str, token: Token) -> re.Match[str] | None:
    return _BASED.match(sql, token.start) or _GROUPED.match(sql, token.start)


def _plain(number: str) -> str:
    """The digits of a number.

    >>> _plain("1_000"), _plain("0x1F")
    ('1000', '31')
    """
    digits = number.replace("_", "").lower()
    base = _BASES.get(digits[:2])
    return digits if base is None else str(int(digits[2:], base))


def _cast(word: Token, text: Token) -> list[Token]:
    """`DECIMAL 'text'` as `CAST('text' AS DECIMAL(p, s))`."""
    found = _DECIMAL.fullmatch(text.text.strip())
    if found is None:
        return [word, text]
    part = found["part"] or ""
    digits = (found["whole"].lstrip("0") + part) or "0"
    kinds = [
        (TokenType.VAR, "CAST"),
        (TokenType.L_PAREN, "("),
        (TokenType.STRING, text.text),
        (TokenType.ALIAS, "AS"),
        (TokenType.DECIMAL, "DECIMAL"),
        (TokenType.L_PAREN, "("),
        (TokenType.NUMBER, str(len(digits))),
        (TokenType.COMMA, ","),
        (TokenType.NUMBER, str(len(part))),
        (TokenType.R_PAREN, ")"),
        (TokenType.R_PAREN, ")"),
    ]
    return [_like(word, kind, spelled) for kind, spelled in kinds]


def _like(token: Token, kind: TokenType, text: str) -> Token:
    return Token(kind, text, token.line, token.col, token.start, token.end)
