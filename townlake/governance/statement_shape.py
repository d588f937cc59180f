"""The shape of a statement for the audit: what was done to what, without the values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

MAX_CHARACTERS: Final = 20_000

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SIGN: Final = re.compile(r"[^\w\s'\"`]+", re.ASCII)
_KEYWORDS: Final = {"GROUP_BY": "GROUP BY", "ORDER_BY": "ORDER BY", "PARTITION_BY": "PARTITION BY"}
"""Tokens of two words."""
_QUOTED_NAME: Final = re.compile(r'"[a-z_][a-z0-9_]*"')


def statement_shape(sql: str, token: Callable[[str], str]) -> str:
    """The statement with every literal, comment and odd name replaced.

    Words, plain quoted names and signs stay. A text that does not fall into tokens is replaced as a whole.

    >>> statement_shape("SELECT a FROM t WHERE mail = 'ann@example.org' -- Ann", lambda literal: "~1")
    'SELECT a FROM t WHERE mail = ~1'
    """
    from sqlglot.errors import SqlglotError

    from townlake.sql.text import tokenize

    if len(sql) > MAX_CHARACTERS:
        return _whole(sql, token)
    try:
        tokens = tokenize(sql)
    except SqlglotError:
        return _whole(sql, token)
    return " ".join(_KEYWORDS.get(t.token_type.name) or _part(sql[t.start : t.end + 1], token) for t in tokens)


def _part(text: str, token: Callable[[str], str]) -> str:
    if text.isascii() and (_WORD.fullmatch(text) or _SIGN.fullmatch(text) or _QUOTED_NAME.fullmatch(text)):
        return text
    return token(text)


def _whole(sql: str, token: Callable[[str], str]) -> str:
    return f"{token(sql)} ({len(sql)} characters)"
