"""What kind of statement a text is, by its first words; everything but a query is refused by name.

sqlglot reads many of these as an opaque `Command` without any table in its tree, so
they must not come as far as a tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from townlake.domain.finding import Finding
from townlake.governance.guard.findings import error

QUERIES: Final = frozenset({"SELECT", "WITH", "VALUES", "TABLE", "("})
METADATA: Final = frozenset({"SHOW", "DESCRIBE", "DESC"})

_ONLY_QUERIES: Final = "Only queries are run: write a SELECT statement."
_WRITES: Final = "The lake is read-only here. " + _ONLY_QUERIES

_REFUSED: Final = {
    "EXPLAIN": (
        "SQL010",
        "EXPLAIN is not run, since plans show filters, masks and statistics.",
        "Send the query itself: a check tells its tables, columns and types without running it.",
    ),
    "ANALYZE": ("SQL011", "ANALYZE is not run, since statistics show values.", _ONLY_QUERIES),
    "USE": ("SQL013", "The session cannot be changed by a statement.", "Name tables as schema.table."),
    **dict.fromkeys(
        ["SET", "RESET", "PRAGMA", "BEGIN", "START", "COMMIT", "ROLLBACK"],
        ("SQL013", "The session cannot be changed by a statement.", _ONLY_QUERIES),
    ),
    **dict.fromkeys(
        ["CALL", "PREPARE", "EXECUTE", "DEALLOCATE"],
        (
            "SQL014",
            "Procedures and prepared statements are not run.",
            "Write the query out, with its values in place of parameters.",
        ),
    ),
    **dict.fromkeys(
        ["GRANT", "REVOKE", "DENY"],
        (
            "SQL015",
            "Rights are not given by a statement.",
            "Ask with `skipper review request`, or have a steward run `skipper grant add`.",
        ),
    ),
    **dict.fromkeys(
        ["INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "CREATE", "ALTER", "DROP", "COMMENT", "REFRESH", "COPY"],
        ("SQL012", "Data and tables are not changed by a statement.", _WRITES),
    ),
    **dict.fromkeys(
        ["ATTACH", "DETACH", "INSTALL", "LOAD", "EXPORT", "IMPORT", "CHECKPOINT", "VACUUM", "REPLACE", "UPSERT"],
        ("SQL012", "Data and tables are not changed by a statement.", _WRITES),
    ),
}


_WITH: Final = {
    "SESSION": (
        "SQL013",
        "The session cannot be changed by a statement.",
        "Leave WITH SESSION out; limits are set by the lake.",
    ),
    "FUNCTION": ("SQL022", "Inline functions are not run.", "Write the expression where it is used."),
}


def _word(tokens: Sequence[Token], at: int) -> str:
    """A word in upper case; the tokenizer joins some, as in `RESET SESSION`."""
    words = tokens[at].text.upper().split(maxsplit=1) if at < len(tokens) else []
    return words[0] if words else ""


def first_word(tokens: Sequence[Token]) -> str:
    """The first word of a statement, in upper case.

    >>> from townlake.governance.guard.parse import tokenize
    >>> first_word(tokenize("/* note */ select 1"))
    'SELECT'
    """
    return _word(tokens, 0)


def refusal(tokens: Sequence[Token]) -> Finding | None:
    """Why a statement is refused for its kind; None for a query."""
    word = first_word(tokens)
    if word == "WITH" and _word(tokens, 2) not in ("AS", "("):
        special = _WITH.get(_word(tokens, 1))
        if special is not None:
            return error(*special)
    if word in QUERIES and tokens[0].token_type is not TokenType.IDENTIFIER:
        return None
    code, message, hint = _REFUSED.get(word, ("SQL016", "This is not a query in Trino SQL.", _ONLY_QUERIES))
    return error(code, message, hint)
