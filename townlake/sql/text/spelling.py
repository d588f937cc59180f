"""Spellings of Trino's that sqlglot does not read, or reads as something else, put into words that it knows.

This works on tokens, before the parser; places in the text stay those of the statement as asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

CLAUSES: Final = frozenset({"NULL ON NULL", "ABSENT ON NULL", "EMPTY ARRAY", "EMPTY OBJECT"})
"""Clauses of JSON functions that the parser is given as names; `restore` makes them clauses again."""

_BASES: Final = {"0x": 16, "0b": 2, "0o": 8}
_UNUSUAL: Final = re.compile(r"\d_\d|0[xbo]|decimal|interval\s*-|json_array|empty\s", re.IGNORECASE)
"""Nothing is to be done for a text without it."""
_BASED: Final = re.compile(r"0(x[0-9a-f]+(_[0-9a-f]+)*|b[01]+(_[01]+)*|o[0-7]+(_[0-7]+)*)", re.IGNORECASE)
_GROUPED: Final = re.compile(r"[0-9]+(_[0-9]+)+")
_DECIMAL: Final = re.compile(r"[+-]?(?P<whole>[0-9]*)(\.(?P<part>[0-9]*))?")
_NUMERIC: Final = frozenset({TokenType.NUMBER, TokenType.HEX_STRING, TokenType.BIT_STRING})


def respell(sql: str, tokens: Sequence[Token]) -> list[Token]:
    """The same tokens with the spellings that the parser knows.

    - `1_000` and `0x1F` are plain numbers.
    - `DECIMAL '1.50'` is a cast to its exact type; sqlglot would take a type without digits after the point.
    - `INTERVAL -'1' DAY` has its sign in the text.
    - `json_array(x NULL ON NULL)` and `EMPTY ARRAY ON EMPTY` have their clauses as names.
    """
    if not _UNUSUAL.search(sql):
        return list(tokens)
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        some, at = _next(sql, tokens, at, made)
        made += some
    return made


def _next(sql: str, tokens: Sequence[Token], at: int, before: Sequence[Token]) -> tuple[list[Token], int]:
    """What stands for the tokens from a place on, and the place after them."""
    token = tokens[at]
    number = unusual_number(sql, token) if token.token_type in _NUMERIC else None
    if number is not None:
        at += 1
        while at < len(tokens) and tokens[at].start < number.end():
            at += 1
        return [_like(token, TokenType.NUMBER, _plain(number[0]))], at
    kinds = [each.token_type for each in tokens[at : at + 3]]
    if kinds[:2] == [TokenType.DECIMAL, TokenType.STRING]:
        return _cast(token, tokens[at + 1]), at + 2
    if kinds == [TokenType.INTERVAL, TokenType.DASH, TokenType.STRING] and tokens[at + 2].text[:1] not in ("-", "+"):
        return [token, _like(tokens[at + 2], TokenType.STRING, f"-{tokens[at + 2].text}")], at + 3
    words = [each.text.upper() for each in tokens[at : at + 4]]
    if words[0] == "EMPTY" and words[1:3] in (["ARRAY", "ON"], ["OBJECT", "ON"]):
        name = _like(token, TokenType.IDENTIFIER, " ".join(words[:2]))
        return [_like(token, TokenType.DEFAULT, "DEFAULT"), name], at + 2
    if words[1:] == ["ON", "NULL", ")"] and words[0] in ("NULL", "ABSENT") and _called(tokens, at) == "JSON_ARRAY":
        name = _like(token, TokenType.IDENTIFIER, " ".join(words[:3]))
        is_first = before[-1].token_type is TokenType.L_PAREN
        return [name] if is_first else [_like(token, TokenType.COMMA, ","), name], at + 3
    return [token], at + 1


def _called(tokens: Sequence[Token], at: int) -> str:
    """The word before the bracket that a token stands in, in upper case."""
    depth = 0
    for index in range(at - 1, 0, -1):
        kind = tokens[index].token_type
        if kind is TokenType.R_PAREN:
            depth += 1
        elif kind is TokenType.L_PAREN and depth == 0:
            return tokens[index - 1].text.upper()
        elif kind is TokenType.L_PAREN:
            depth -= 1
    return ""


def unusual_number(sql: str, token: Token) -> re.Match[str] | None:
    """A number with `_` between its digits, or to another base, that begins with a token."""
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
