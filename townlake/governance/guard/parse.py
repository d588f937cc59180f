"""From text to one tree, or a finding."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from townlake.domain.finding import Finding, Span
from townlake.governance.guard.depth import measure
from townlake.governance.guard.findings import Refusal, error
from townlake.governance.guard.rehearsal import REHEARSAL
from townlake.sql import text


def tokenize(sql: str) -> list[Token]:
    """The tokens of a text, as the parser will see them.

    Raises:
        Refusal: SQL004, when it ends within a quoted text or a comment.
    """
    try:
        return text.tokenize(sql)
    except SqlglotError as fault:
        message = "The statement cannot be read: a quote or a comment is not closed."
        raise Refusal(error("SQL004", message, "Close every ' and every \".")) from fault


def parse(sql: str, tokens: list[Token]) -> exp.Expr:
    """The tree of exactly one statement.

    Raises:
        Refusal: SQL003 (takes too long), SQL004 (not readable), SQL005 (several statements).
    """
    if not measure(sql, tokens).ordinary and not REHEARSAL.survives(sql):
        raise Refusal(error("SQL003", "The statement takes too long to read.", "Write it shorter and less nested."))
    try:
        trees = text.read(sql, tokens)
    except RecursionError as fault:
        raise Refusal(error("SQL003", "The statement is nested too deeply.", "Write it less nested.")) from fault
    except SqlglotError as fault:
        raise Refusal(_unreadable(fault)) from fault
    if len(trees) != 1:
        raise Refusal(several())
    return trees[0]


def statements(tokens: list[Token]) -> int:
    """How many statements the text holds; a final semicolon is none.

    >>> statements(tokenize("SELECT 1; ;")), statements(tokenize("SELECT 1; SELECT 2"))
    (1, 2)
    """
    count, inside = 0, False
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            inside = False
        elif not inside:
            count, inside = count + 1, True
    return count


def several() -> Finding:
    """The finding for a text of more than one statement."""
    return error("SQL005", "Only one statement is run at a time.", "Send the statements one by one.")


def _unreadable(fault: SqlglotError) -> Finding:
    first = (getattr(fault, "errors", None) or [{}])[0]
    line, column = first.get("line"), first.get("col")
    where = f" near line {line}, column {column}" if line else ""
    message = f"The statement is not Trino SQL that can be read{where}."
    at = Span(line=line, column=max(column, 1)) if line and column is not None else None
    return error("SQL004", message, "Check commas, brackets, keywords used as names, and the order of clauses.", at=at)
