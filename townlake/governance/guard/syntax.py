"""Is it Trino's SQL at all? Judged on the tokens, where a parser of many dialects has not yet helped.

sqlglot reads `x::int`, `"a" == 1`, `LIMIT 5 OFFSET 2` or `nvl(a, b)` and writes something else in their place. What was
checked would then not be what was asked, so a text that Trino itself cannot read is refused, with the Trino form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from townlake.domain.finding import Finding
from townlake.governance.guard.findings import error, place, quoted
from townlake.governance.guard.neighbours import misplaced_neighbours
from townlake.governance.guard.written_types import foreign_types

_MARKS: Final = "( ) [ ] , . ; + - * / % = <> != < <= > >= || -> => :"
_PUNCTUATION: Final = frozenset(_MARKS.split())
_TEXTS: Final = frozenset({TokenType.STRING, TokenType.UNICODE_STRING, TokenType.HEX_STRING})
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\s+[A-Za-z_]+)*")
_PLACED: Final = frozenset({TokenType.L_PAREN, TokenType.R_PAREN, TokenType.LIMIT, TokenType.OFFSET})
"""Tokens of which it matters where they stand."""
_NO_CONDITION: Final = frozenset({TokenType.CROSS, TokenType.NATURAL})
_BETWEEN: Final = re.compile(r"(?:\s|--[^\r\n]*(?:[\r\n]|\Z)|/\*.*?\*/)*", re.DOTALL)
"""What may stand between two tokens."""
_FOREIGN: Final = {
    "::": "Write CAST(x AS type).",
    "==": "Write =.",
    "<=>": "Write IS NOT DISTINCT FROM.",
    "?": "Write the value in its place.",
    "@": "Branches (@name) and variables cannot be read.",
    "`": 'Quote names with ".',
    "&&": "Write AND.",
    "~": "Write regexp_like(x, 'pattern').",
    "&": "Write bitwise_and(a, b).",
    "|": "Write bitwise_or(a, b).",
    "^": "Write power(a, b), or bitwise_xor(a, b).",
    "->>": "Write json_extract_scalar(x, '$.name').",
    "#>": "Write json_extract(x, '$.name').",
    "//": "Write a / b, which is whole for whole numbers.",
    "**": "Write power(a, b).",
    "{": "Templates are not run.",
    "}": "Templates are not run.",
}

_RESERVED_WORDS: Final = """
    ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG CURRENT_DATE CURRENT_PATH
    CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE DELETE DESCRIBE DISTINCT DROP
    ELSE END ESCAPE EXCEPT EXECUTE EXISTS EXTRACT FALSE FOR FROM FULL GROUP GROUPING HAVING IN INNER INSERT INTERSECT
    INTO IS JOIN JSON_ARRAY JSON_EXISTS JSON_OBJECT JSON_QUERY JSON_TABLE JSON_VALUE LEFT LIKE LISTAGG LOCALTIME
    LOCALTIMESTAMP NATURAL NORMALIZE NOT NULL ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT SKIP TABLE THEN
    TRIM TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH
"""
RESERVED: Final = frozenset(_RESERVED_WORDS.split())
"""Words that Trino never takes as a name without quotes."""


def read_strictly(sql: str, tokens: Sequence[Token]) -> tuple[Finding, ...]:
    """What Trino's grammar would not read, each thing once."""
    checks = (foreign_tokens, misplaced_tokens, misplaced_neighbours, foreign_types)
    return tuple(dict.fromkeys(finding for check in checks for finding in check(sql, tokens)))


def foreign_tokens(sql: str, tokens: Sequence[Token]) -> Iterator[Finding]:
    """Findings for tokens that Trino's grammar does not have.

    >>> from townlake.governance.guard.parse import tokenize
    >>> [finding.hint for finding in foreign_tokens("SELECT 1::int", tokenize("SELECT 1::int"))]
    ['Write CAST(x AS type).']
    """
    end = 0
    for token in tokens:
        if not (token.start == end or sql[end : token.start] == " " or _BETWEEN.fullmatch(sql, end, token.start)):
            hint = "Comments are written -- to the end of the line, or between /* and */."
            yield error(
                "SQL029", "Something stands between the words that Trino does not read.", hint, at=place(sql, end)
            )
        end = token.end + 1
        if not _is_trino(sql, token):
            shown = sql[token.start : token.end + 1]
            hint = next((text for mark, text in _FOREIGN.items() if shown.startswith(mark)), "Write it as Trino does.")
            if not shown.isascii():
                hint = 'Only letters of a to z stand outside of quotes; an alias may have others, in ".'
            yield error("SQL029", f"{quoted(shown)} is not Trino SQL.", hint, at=place(sql, token.start))


def misplaced_tokens(sql: str, tokens: Sequence[Token]) -> Iterator[Finding]:
    """Findings for orders of clauses that other dialects have."""
    depth = 0
    limits: set[int] = set()
    for token in tokens:
        kind = token.token_type
        if kind not in _PLACED:
            continue
        if kind is TokenType.L_PAREN:
            depth += 1
        elif kind is TokenType.R_PAREN:
            limits.discard(depth)
            depth -= 1
        elif kind is TokenType.LIMIT:
            limits.add(depth)
        elif kind is TokenType.OFFSET and depth in limits:
            yield error("SQL029", "OFFSET stands before LIMIT.", "Write OFFSET n LIMIT m.", at=place(sql, token.start))


def missing_conditions(sql: str, tokens: Sequence[Token], tree: exp.Expr) -> Iterator[Finding]:
    """A finding when a JOIN has no ON and no USING; sqlglot reads it as a comma, and gives its ON to a CROSS JOIN."""
    written = [
        token
        for before, token in zip([None, *tokens], tokens, strict=False)
        if token.token_type is TokenType.JOIN and (before is None or before.token_type not in _NO_CONDITION)
    ]
    if not written:
        return
    if len(written) > sum(
        1
        for join in tree.find_all(exp.Join)
        if (join.args.get("on") or join.args.get("using")) and join.args.get("kind") != "CROSS"
    ):
        hint = "Write JOIN ... ON condition, or CROSS JOIN; put nested joins into brackets."
        yield error("SQL029", "A JOIN has no condition.", hint, at=place(sql, written[0].start))


def _is_trino(sql: str, token: Token) -> bool:
    kind = token.token_type
    if kind is TokenType.IDENTIFIER:
        return sql[token.start] == '"'
    if kind in _TEXTS:
        return sql[token.start].upper() in ("'", "U", "X", "0")
    if kind is TokenType.NUMBER:
        return True
    if kind is TokenType.VAR:
        return token.text.isascii() and token.text.isidentifier()
    return sql[token.start : token.end + 1] in _PUNCTUATION or _WORD.fullmatch(token.text) is not None
