"""Trino's text into a tree and back, with the meaning that Trino gives it.

Whoever reads or writes a statement does it here: the guard checks the very tree that the engine's dialect translates.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token

from townlake.sql.text.dialect import TRINO
from townlake.sql.text.restore import restore
from townlake.sql.text.spelling import respell

# It writes the text of statements that it cannot read to the log.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

__all__ = ["TRINO", "generate", "read", "tokenize"]


def tokenize(sql: str) -> list[Token]:
    """The tokens of a text, as the parser will see them.

    Raises:
        SqlglotError: it ends within a quoted text or a comment.
    """
    return list(TRINO.tokenize(sql))


def read(sql: str, tokens: Sequence[Token] | None = None) -> list[exp.Expr]:
    """The trees of a text, one a statement.

    >>> [tree.sql("trino") for tree in read("SELECT 1_000; SELECT json_query(x, '$.a[*]')")]
    ['SELECT 1000', "SELECT JSON_QUERY(x, '$.a[*]')"]

    Raises:
        SqlglotError: it cannot be read.
    """
    spelled = respell(sql, tokenize(sql) if tokens is None else tokens)
    return [restore(sql, tree) for tree in TRINO.parser().parse(spelled, sql) if tree is not None]


def generate(tree: exp.Expr) -> str:
    """The text of a tree, every name quoted, without comments; the tree is used up."""
    for node in tree.find_all(exp.DateAdd):
        # The count of whose type sqlglot knows nothing would be cast to bigint.
        node.expression.type = exp.DType.BIGINT
    return TRINO.generate(tree, copy=False, identify=True, comments=False)
