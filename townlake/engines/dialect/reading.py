"""Trino's text into a tree that keeps what the parser would otherwise turn into another dialect's form."""

from __future__ import annotations

from typing import Final

from sqlglot import ErrorLevel, exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import SqlglotError

from townlake.engines.dialect.build import Node


class TrinoText(Trino):
    """Trino's dialect with subscripts and JSON paths left as they are written.

    sqlglot counts some subscripts from zero, by the types that it guesses; and it reads a path
    into a tree and drops what it does not know, such as `[*]`.
    """

    INDEX_OFFSET = 0

    def to_json_path(self, path: exp.Expr | None) -> exp.Expr | None:
        """The path as it stands."""
        return path


DIALECT: Final = TrinoText()


def read(sql: str) -> Node | None:
    """The tree of one query, or None when the text is none."""
    try:
        trees = DIALECT.parser(error_level=ErrorLevel.IMMEDIATE).parse(DIALECT.tokenize(sql), sql)
    except (SqlglotError, RecursionError):
        return None
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, exp.Query | exp.Values):
        return None
    for bracket in tree.find_all(exp.Bracket):
        # What tells the analyzer that this one counts from one.
        bracket.set("offset", 1)
    return tree
